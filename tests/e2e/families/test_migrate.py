"""From MariaDB and MySQL to PostgreSQL, whole: tables, rows, then every change while writers run."""

import pytest
from harness import shop
from harness.godwit import DONE, INTERRUPTED, KILLED
from harness.memory import peak_of_catching_up
from harness.writer import SHOP_FOR_POSTGRES, Writer


def test_a_live_migration(source, target, godwit, assert_same):
    shop.load(source, 0.1)
    task = godwit(source, target)
    run = task.start()
    with Writer(source, SHOP_FOR_POSTGRES, rate=400) as clients:
        run.wait_until(lambda: target.has_table("visit"))
        clients.wait_for(500)
        source.execute("ALTER TABLE shop.customer ADD COLUMN seen DATETIME, ADD COLUMN visits INT NOT NULL DEFAULT 7",
                       "CREATE TABLE shop.made (id INT PRIMARY KEY, j JSON, note TEXT)",
                       "INSERT INTO shop.made VALUES (1, '{\"a\": [1, 2.5]}', 'x')",
                       "CREATE INDEX placed ON shop.orders (placed_at, paid)")
        clients.wait_for(500)
        assert not run.ended, run.result().text
    run.interrupt()
    run.wait().expect(INTERRUPTED)
    task.run().expect(DONE)
    assert_same()
    # What comes next on the target has a number that nothing has had.
    target.execute("INSERT INTO shop.customer (email, name, token) VALUES ('last', 'last', 'x')")
    number = target.value("SELECT id FROM shop.customer WHERE email = 'last'")
    assert number > source.value("SELECT MAX(id) FROM shop.customer")
    target.execute("DELETE FROM shop.customer WHERE email = 'last'")
    task.verify().expect(DONE)


@pytest.mark.parametrize("kinds", [("mariadb", "postgres")], ids=["from_mariadb"])
def test_killed_at_random_moments(source, target, godwit, assert_same):
    shop.load(source, 0.1)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB"})
    with Writer(source, SHOP_FOR_POSTGRES, rate=300) as clients:
        task.kill_at_random_moments(6, seed=7)
        assert clients.commits
    task.run().expect(DONE)
    assert_same()


@pytest.mark.parametrize("kinds", [("mariadb", "postgres")], ids=["from_mariadb"])
def test_rows_of_a_new_table_come_in_frozen(source, target, godwit, assert_same):
    """In binary and then, from a large row on, as text."""
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, v LONGTEXT)",
                   "INSERT INTO t SELECT seq, REPEAT(MD5(seq), 10) FROM seq_1_to_9000", "INSERT INTO t VALUES (20000, REPEAT('x', 5 << 20)), (20001, 'y')",
                   "ANALYZE TABLE t")
    task = godwit(source, target)
    task.run(failpoints="copy.before_chunk_commit").expect(KILLED)
    target.wait_until_left()
    task.run().expect(DONE)
    assert_same()
    frozen, pages = target.frozen_pages("t")
    assert frozen == pages > 300


@pytest.mark.parametrize("kinds", [("mariadb", "postgres")], ids=["from_mariadb"])
def test_large_rows_within_the_memory_limit(source, target, godwit, assert_same):
    rows = "INSERT INTO b SELECT seq, 0, REPEAT(UNHEX(MD5(seq)), 5 << 18) FROM seq_{}_to_{}"
    source.execute("SET GLOBAL max_allowed_packet = 1 << 28")
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE b (id INT PRIMARY KEY, n INT, v LONGBLOB)", rows.format(1, 4))
    task = godwit(source, target, memory_limit="192MiB", copy={"chunk_bytes": "64KiB"})
    peaks = [peak_of_catching_up(task)]
    assert_same()
    source.execute("USE shop", rows.format(11, 12), "UPDATE b SET n = 1, v = CONCAT(v, 'x') WHERE id < 3")
    peaks.append(peak_of_catching_up(task))
    assert_same()
    assert 0 < max(peaks) < 192, f"{peaks} MiB"
