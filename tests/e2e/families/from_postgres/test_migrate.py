"""From PostgreSQL to MariaDB and MySQL, whole: tables, rows, then every change while writers run; and killed at any moment."""

import functools
import re
from pathlib import Path

import pytest
from harness import postgres_shop as shop
from harness import postgres_writer as writer
from harness.godwit import DONE, INTERRUPTED, KILLED
from harness.postgres_writer import PostgresWriter

SRC = Path(__file__).resolve().parents[4] / "src"
TO_MARIADB = pytest.mark.parametrize("kinds", [("postgres", "mariadb")], ids=["to_mariadb"])
CAPTURE = {"capture": "trigger"}

# No number of MySQL's is NaN; what becomes of it is another test's.
visit = functools.partial(writer.visit, times=(0.5, 1e-30, "-0"))
SHOP = [visit if transaction is writer.visit else transaction for transaction in writer.SHOP]


@pytest.fixture
def loaded(source):
    """load(scale): the shop, and tables in parts."""

    def load(scale):
        shop.load(source, scale)
        source.execute("UPDATE visit SET took = 7 WHERE took = 'NaN'",
                       "CREATE TABLE season (id int, name text, PRIMARY KEY (id)) PARTITION BY RANGE (id)",
                       "CREATE TABLE season_1 PARTITION OF season FOR VALUES FROM (0) TO (1000)",
                       "CREATE TABLE season_2 PARTITION OF season FOR VALUES FROM (1000) TO (10000)",
                       "INSERT INTO season SELECT i, 'x' FROM generate_series(1, 2000) i")

    return load


def test_a_live_migration(loaded, source, target, godwit, assert_same):
    loaded(0.1)
    task = godwit(source, target, ddl=CAPTURE)
    run = task.start()
    with PostgresWriter(source, SHOP, rate=400) as clients:
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
    with PostgresWriter(source, SHOP, rate=300) as clients:
        task.kill_at_random_moments(6, seed=7)
        assert clients.commits
    task.run().expect(DONE)
    assert_same()


# In the order in which a task comes by them, so that it meets each in one run after another.
IN_THE_COPY = ["postgres.after_publication", "postgres.after_capture", "postgres.after_slot", "task.before_prepared",
               "task.before_schema", "schema.before_create_table", "schema.after_create_table", "copy.before_chunk_commit",
               "copy.after_chunk_commit", "copy.before_table_finished", "schema.before_add_keys", "task.before_catching_up",
               "schema.before_add_foreign_keys", "task.before_streaming"]
IN_THE_STREAM = ["apply.before_statement", "apply.before_commit", "apply.after_commit", "ddl.after_pending", "ddl.after_execute",
                 "ddl.before_done", "ddl.after_done", "ddl.before_copy"]
STATEMENTS = ["ALTER TABLE season ADD since{n} date DEFAULT '2020-02-02'", "TRUNCATE visit", "UPDATE season SET name = 'z' WHERE id % 9 = 0",
              "BEGIN", "ALTER TABLE letter RENAME body TO words{n}", "INSERT INTO season (id, name) SELECT max(id) + 1, '{n}' FROM season",
              "ALTER TABLE letter RENAME words{n} TO body", "COMMIT", "UPDATE season SET id = id + 5000 WHERE id < 20",
              "ALTER TABLE seat ALTER ticket TYPE text USING ticket || '{n}'"]


@TO_MARIADB
def test_killed_at_each_failpoint(loaded, source, target, godwit, assert_same):
    known = {name for folder in ("pipeline", "connectors/postgres", "connectors/mysql") for file in (SRC / folder).rglob("*.cc")
             for name in re.findall(r'Failpoint\("([^"]+)"', file.read_text())}
    assert set(IN_THE_COPY + IN_THE_STREAM) <= known
    loaded(0.05)
    task = godwit(source, target, ddl=CAPTURE, copy={"chunk_bytes": "64KiB", "threads": 2})
    passed = set()

    def meet(name, passage=""):
        if task.run(failpoints=name + passage).expect(DONE, KILLED).code == KILLED:
            passed.add(name)

    with PostgresWriter(source, SHOP, rate=100) as clients:
        for name in IN_THE_COPY:
            meet(name)
        meet("copy.after_chunk_commit", ":3")
        task.run().expect(DONE)
        for n, name in enumerate(IN_THE_STREAM):
            source.execute(*(statement.format(n=n) for statement in STATEMENTS))
            clients.wait_for(10)
            meet(name)
    task.run().expect(DONE)
    assert_same()
    task.verify().expect(DONE)
    assert passed == set(IN_THE_COPY + IN_THE_STREAM)
