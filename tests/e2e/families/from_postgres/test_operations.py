"""What an operator does with a task from PostgreSQL to MySQL and MariaDB: its modes, a DDL that waits, `status` and `remove`."""

import pytest
from harness.godwit import DONE, FAILED, FOUND

TABLES = ["CREATE SCHEMA shop", "CREATE TABLE a (id serial PRIMARY KEY, v text)", "CREATE TABLE b (id int PRIMARY KEY REFERENCES a, v int)",
          "INSERT INTO a (v) SELECT i::text FROM generate_series(1, 50) i", "INSERT INTO b SELECT id, id FROM a"]
# In one transaction, of which the target does each statement by itself.
BOTH = ["BEGIN", "ALTER TABLE a ADD seen date DEFAULT '2020-02-02'", "ALTER TABLE b ADD extra int NOT NULL DEFAULT 7", "INSERT INTO a (v) VALUES ('x')",
        "COMMIT"]


@pytest.fixture(params=["mariadb"], ids=["to_mariadb"])
def kinds(request):
    return "postgres", request.param


def test_copy_then_stream_then_nothing_left(source, target, godwit, assert_same):
    source.execute(*TABLES)
    copy = godwit(source, target, name="first", mode="copy")
    copy.start().wait().expect(DONE)
    assert_same()
    assert source.value("SELECT count(*) FROM pg_replication_slots") == 0, "mode copy needs no log"
    # Nobody writes: the tables are as they are where the log begins.
    stream = godwit(source, target, name="second", mode="stream")
    stream.run().expect(DONE)
    source.execute("UPDATE a SET v = 'y' WHERE id < 9", "DELETE FROM b WHERE id > 40", "INSERT INTO a (v) VALUES ('z')")
    stream.run().expect(DONE)
    assert_same()
    stream.verify().expect(DONE)
    assert "streaming" in stream.status().expect(DONE).text
    for task in (copy, stream):
        assert "removed" in task.remove("--yes").expect(DONE).text
    assert source.value("SELECT count(*) FROM pg_replication_slots") == 0
    assert target.value("SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = 'godwit'") == 0
    assert_same()


def test_a_transaction_that_fails_in_its_midst_goes_on_from_there(source, target, godwit, assert_same):
    source.execute(*TABLES)
    task = godwit(source, target, ddl={"capture": "trigger"})
    task.run().expect(DONE)
    target.execute("ALTER TABLE shop.b ADD COLUMN extra INT")
    source.execute(*BOTH)
    said = task.run().expect(FAILED).text
    assert "statement 2 of 2 of the DDL" in said and "extra" in said and "godwit ddl retry" in said, said
    shown = task.ddl().expect(DONE, FOUND).text
    assert "ADD COLUMN `seen`" in shown, shown
    assert target.value("SELECT COUNT(*) FROM shop.a WHERE seen = '2020-02-02'") == 50, "the first is done"
    target.execute("ALTER TABLE shop.b DROP COLUMN extra")
    task.ddl("retry").expect(DONE)
    task.run().expect(DONE)
    assert_same()
    # Others in the place of what is left.
    target.execute("ALTER TABLE shop.b ADD COLUMN more INT")
    source.execute("BEGIN", "ALTER TABLE a ADD more int", "ALTER TABLE b ADD more int", "COMMIT", "UPDATE b SET more = 5 WHERE id = 1")
    assert "statement 2 of 2 of the DDL" in task.run().expect(FAILED).text
    task.ddl("replace", "--sql", "ALTER TABLE shop.b DROP COLUMN more", "--sql", "ALTER TABLE shop.b ADD COLUMN more INT").expect(DONE)
    task.run().expect(DONE)
    assert_same()
    task.verify().expect(DONE)
