"""From PostgreSQL to MariaDB and MySQL, whole: tables, rows, then every change while writers run; and killed at any moment (at each failpoint:
kill_and_resume/test_directions.py)."""

import re
from pathlib import Path

import pytest
from harness import postgres_shop as shop
from harness.godwit import DONE, INTERRUPTED
from harness.memory import peak_of_catching_up
from harness.postgres_writer import SHOP_FOR_MYSQL, PostgresWriter

TO_MARIADB = pytest.mark.parametrize("kinds", [("postgres", "mariadb")], ids=["to_mariadb"])
CAPTURE = {"capture": "trigger"}


@pytest.fixture
def loaded(source):
    """load(scale): the shop, and tables in parts."""

    def load(scale):
        shop.load(source, scale)
        source.execute(shop.FOR_MYSQL,
                       "CREATE TABLE season (id int, name text, PRIMARY KEY (id)) PARTITION BY RANGE (id)",
                       "CREATE TABLE season_1 PARTITION OF season FOR VALUES FROM (0) TO (1000)",
                       "CREATE TABLE season_2 PARTITION OF season FOR VALUES FROM (1000) TO (10000)",
                       "INSERT INTO season SELECT i, 'x' FROM generate_series(1, 2000) i")

    return load


def test_a_live_migration(loaded, source, target, godwit, assert_same):
    loaded(0.1)
    task = godwit(source, target, ddl=CAPTURE)
    run = task.start()
    with PostgresWriter(source, SHOP_FOR_MYSQL, rate=400) as clients:
        run.wait_until(lambda: target.has_table("visit"))
        clients.wait_for(300)
        source.execute("ALTER TABLE customer ADD seen timestamptz, ADD visits int NOT NULL DEFAULT 7",
                       "CREATE TABLE made (id int PRIMARY KEY, j jsonb, note text)",
                       "INSERT INTO made VALUES (1, '{\"a\": [1, 2.5]}', 'x')", "CREATE INDEX placed ON orders (placed_at, paid)")
        clients.wait_for(300)
        assert not run.ended, run.result().text
    run.interrupt()
    run.wait().expect(INTERRUPTED)
    task.run().expect(DONE)
    assert_same()
    task.verify().expect(DONE)
    # What comes next on the target has a number that nothing has had; and the keys of the target act from then on.
    target.execute("INSERT INTO shop.customer (email, name, token) VALUES ('last', 'last', 'x')",
                   "INSERT INTO shop.orders (customer_id, placed_at) SELECT id, NOW() FROM shop.customer WHERE email = 'last'")
    for table, last in (("customer", "email = 'last'"), ("orders", "customer_id = (SELECT MAX(id) FROM shop.customer)")):
        number = target.value(f"SELECT id FROM shop.{table} WHERE {last}")
        assert number >= source.value(f"SELECT nextval('{table}_id_seq')"), table
    target.execute("DELETE FROM shop.customer WHERE email = 'last'")
    assert_same()


@TO_MARIADB
def test_killed_at_random_moments(loaded, source, target, godwit, assert_same):
    loaded(0.1)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB"})
    with PostgresWriter(source, SHOP_FOR_MYSQL, rate=300) as clients:
        task.kill_at_random_moments(6, seed=7)
        assert clients.commits
    task.run().expect(DONE)
    assert_same()


@TO_MARIADB
def test_large_rows_within_the_memory_limit(source, target, godwit, assert_same):
    rows = "INSERT INTO b SELECT i, 0, decode(repeat(md5(i::text), 5 << 18), 'hex') FROM generate_series({}, {}) i"
    source.execute("CREATE SCHEMA shop", "CREATE TABLE b (id int PRIMARY KEY, n int, v bytea)", "ALTER TABLE b ALTER v SET STORAGE EXTERNAL", rows.format(1, 4))
    before = target.value("SELECT @@GLOBAL.max_allowed_packet")
    target.execute("SET GLOBAL max_allowed_packet = 1 << 28")
    try:
        task = godwit(source, target, memory_limit="192MiB", copy={"chunk_bytes": "64KiB"})
        peaks = [peak_of_catching_up(task)]
        assert_same()
        source.execute(rows.format(11, 12), "UPDATE b SET n = 1, v = v || '\\x00' WHERE id < 3")
        peaks.append(peak_of_catching_up(task))
        assert_same()
    finally:
        target.execute(f"SET GLOBAL max_allowed_packet = {before}")
    assert 0 < max(peaks) < 192, f"{peaks} MiB"
