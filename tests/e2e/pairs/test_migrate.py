"""MySQL to MariaDB and back: the main job, live, killed, and through every statement that defines tables."""


from harness import shop
from harness.compare import assert_alike
from harness.godwit import DONE, INTERRUPTED
from harness.writer import Writer


def test_one_table(follow):
    follow(["CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(20))", "INSERT INTO t (v) VALUES ('a'), ('b')"],
           ["INSERT INTO t (v) VALUES ('c')", "UPDATE t SET v = 'd' WHERE id = 1", "DELETE FROM t WHERE id = 2"])


def test_a_live_migration(source, target, godwit):
    shop.load(source, 0.1)
    task = godwit(source, target)
    run = task.start()
    with Writer(source, threads=2, rate=500) as writer:
        run.wait_until(target.has_tables)
        writer.wait_for(500)
        source.execute("ALTER TABLE shop.customer ADD COLUMN seen DATETIME DEFAULT CURRENT_TIMESTAMP",
                       "CREATE TABLE shop.made (id INT PRIMARY KEY, j JSON, note TEXT)",
                       "INSERT INTO shop.made VALUES (1, '{\"a\": [1, 2.5]}', 'x')",
                       "CREATE INDEX placed ON shop.orders (placed_at, paid)")
        writer.wait_for(1000)
        assert not run.ended, run.result().text
    run.interrupt()
    run.wait().expect(INTERRUPTED)
    task.run().expect(DONE)
    assert_alike(source, target)
    task.verify().expect(DONE)


def test_killed_at_random_moments(source, target, godwit):
    shop.load(source, 0.1)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB"})
    with Writer(source, threads=2, rate=300) as writer:
        task.kill_at_random_moments(6, seed=7)
        assert writer.commits
    task.run().expect(DONE)
    assert_alike(source, target)


def test_without_load_data(source, target, godwit):
    target.execute("SET GLOBAL local_infile = OFF")
    shop.load(source, 0.02)
    godwit(source, target).run().expect(DONE)
    assert_alike(source, target)


def test_row_consistency(source, target, godwit):
    shop.load(source, 0.02)
    task = godwit(source, target, stream={"consistency": "row"})
    task.run().expect(DONE)
    with Writer(source, threads=2, rate=300) as writer:
        writer.wait_for(500)
    task.run().expect(DONE)
    assert_alike(source, target)


def test_views_triggers_and_routines(source, target, godwit):
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))",
                   "INSERT INTO t VALUES (1, 'a')", "CREATE VIEW seen AS SELECT id, UPPER(v) AS u FROM t WHERE v > 'A'",
                   "CREATE TRIGGER before_t BEFORE INSERT ON t FOR EACH ROW SET NEW.v = CONCAT(NEW.v, '!')",
                   "CREATE FUNCTION twice(a INT) RETURNS INT DETERMINISTIC RETURN a * 2",
                   "CREATE PROCEDURE add_one(a INT) INSERT INTO t VALUES (a, 'p')")
    task = godwit(source, target, objects=["triggers", "routines"])
    task.run().expect(DONE)
    source.execute("INSERT INTO shop.t VALUES (2, 'b')")
    task.run().expect(DONE)
    assert_alike(source, target)
