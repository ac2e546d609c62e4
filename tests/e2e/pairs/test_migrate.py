"""With MySQL on one side or both: the main job, live, killed, and through statements that define tables."""

import pytest
from harness import shop
from harness.godwit import DONE, INTERRUPTED
from harness.writer import Writer

PAIRS = {"from_mysql_to_mysql": ("mysql", "mysql"), "from_mysql": ("mysql", "mariadb"), "from_mariadb": ("mariadb", "mysql")}
in_all_pairs = pytest.mark.parametrize("kinds", PAIRS.values(), ids=PAIRS)
WITHOUT_GTIDS = {"gtid_mode": "OFF", "enforce_gtid_consistency": "OFF", "binlog_transaction_compression": "ON", "binlog_row_metadata": "FULL"}


@pytest.mark.parametrize("kinds, source_options, consistency", [
    *(pytest.param(kinds, {}, consistency, id=f"{name}-{consistency}") for name, kinds in PAIRS.items() for consistency in ("prefix", "row")),
    pytest.param(("mysql", "mysql"), WITHOUT_GTIDS, "prefix", id="without_gtids_and_with_compressed_transactions")])
def test_a_live_migration(source, target, assert_same, godwit, consistency):
    shop.load(source, 0.1)
    task = godwit(source, target, stream={"consistency": consistency})
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
    assert_same()
    task.verify().expect(DONE)


@in_all_pairs
def test_killed_at_random_moments(source, target, assert_same, godwit):
    shop.load(source, 0.1)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB"})
    with Writer(source, threads=2, rate=300) as writer:
        task.kill_at_random_moments(6, seed=7)
        assert writer.commits
    task.run().expect(DONE)
    assert_same()


@in_all_pairs
def test_without_load_data(source, target, assert_same, godwit):
    target.execute("SET GLOBAL local_infile = OFF")
    shop.load(source, 0.02)
    godwit(source, target).run().expect(DONE)
    assert_same()


def test_views_triggers_and_routines(source, target, assert_same, godwit):
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))",
                   "INSERT INTO t VALUES (1, 'a')", "CREATE VIEW seen AS SELECT id, UPPER(v) AS u FROM t WHERE v > 'A'",
                   "CREATE TRIGGER before_t BEFORE INSERT ON t FOR EACH ROW SET NEW.v = CONCAT(NEW.v, '!')",
                   "CREATE FUNCTION twice(a INT) RETURNS INT DETERMINISTIC RETURN a * 2",
                   "CREATE PROCEDURE add_one(a INT) INSERT INTO t VALUES (a, 'p')")
    task = godwit(source, target, objects=["triggers", "routines"])
    task.run().expect(DONE)
    source.execute("INSERT INTO shop.t VALUES (2, 'b')")
    task.run().expect(DONE)
    assert_same()
