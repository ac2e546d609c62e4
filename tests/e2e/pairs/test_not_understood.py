"""Statements of the log that are not understood, or not in full, between servers of two kinds, and statements among the rows of a
transaction: nothing is passed over, and what the operator says is done in the session that the source had."""

import pytest
from harness.compare import assert_alike
from harness.godwit import DONE, FAILED

T = ["CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, v INT, w VARCHAR(40))", "INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'b')"]
DUALITY_VIEW = "CREATE JSON RELATIONAL DUALITY VIEW d AS SELECT JSON_DUALITY_OBJECT('_id': id, 'v': v) FROM t"
# As MySQL's log has it: none of the task's tables is defined by it, but that is not known.
NOT_UNDERSTOOD = "JSON RELATIONAL DUALITY VIEW"


def rows(server):
    return server.execute("SELECT * FROM shop.t ORDER BY id")


@pytest.fixture
def migrated(source, target, godwit):
    source.execute(*T)
    task = godwit(source, target)
    task.run().expect(DONE)
    return task


@pytest.mark.parametrize("kinds", [("mysql", "mariadb"), ("mysql", "mysql")], ids="-".join)
@pytest.mark.parametrize("verb", ["skip", "replace"])
def test_one_that_is_not_understood(source, target, migrated, verb):
    source.execute("USE shop", "INSERT INTO t VALUES (3, 3, 'before')", "SET timestamp = 1500000000", DUALITY_VIEW,
                   "INSERT INTO t VALUES (4, 4, 'after')")
    for _ in range(2):  # and it stays so
        waiting = migrated.run().expect(FAILED).text
        assert "not understood" in waiting and NOT_UNDERSTOOD in waiting
        assert rows(target) == ((1, 1, "a"), (2, 2, "b"), (3, 3, "before"))
    assert NOT_UNDERSTOOD in migrated.ddl().expect(DONE).text
    if verb == "replace":
        # In the session's database, and at its moment; its zone is not in the log, as the statement did not ask for it.
        migrated.ddl("replace", "--sql", "CREATE TABLE noted SELECT CURRENT_TIMESTAMP AS at").expect(DONE)
    else:
        migrated.ddl("skip").expect(DONE)
    migrated.run().expect(DONE)
    assert rows(target) == rows(source)
    if verb == "replace":
        assert str(target.value("SELECT at FROM shop.noted")) == "2017-07-14 02:40:00"


def test_bytes_of_another_charset(source, target, migrated):
    """In a client's latin1, a literal that says to be in another charset."""
    source.execute("USE shop", "ALTER TABLE t ADD b VARCHAR(9) CHARACTER SET utf8mb4 DEFAULT _utf8mb4'Ã©'", "INSERT INTO t (id) VALUES (3)", charset="latin1")
    assert "literals beyond ASCII in another charset" in migrated.run().expect(FAILED).text
    migrated.ddl("replace", "--sql", "ALTER TABLE shop.t ADD b VARCHAR(9) CHARACTER SET utf8mb4 DEFAULT 'é'").expect(DONE)
    migrated.run().expect(DONE)
    assert_alike(source, target)
    assert target.value("SELECT b FROM shop.t WHERE id = 3") == "é"


@pytest.mark.parametrize("kinds", [("mysql", "mariadb"), ("mariadb", "mysql"), ("mysql", "mysql"), ("mariadb", "mariadb")], ids="-".join)
def test_among_the_rows_of_a_transaction(source, target, migrated):
    """Which the server logs as rows where the statement would not do the same twice, and else as it stands."""
    source.execute("USE shop", "INSERT INTO t VALUES (3, 3, 'before')", "SET SESSION binlog_format = 'MIXED'", "BEGIN",
                   "INSERT INTO t VALUES (4, 4, UUID())", "UPDATE t SET v = v + 1", "INSERT INTO t VALUES (5, 5, UUID())", "COMMIT")
    for _ in range(2):
        refused = migrated.run().expect(FAILED).text
        assert "shop.t" in refused and "binlog_format=ROW" in refused and "--restart" in refused
        assert rows(target)[:2] == ((1, 1, "a"), (2, 2, "b")) and all(row[0] <= 3 for row in rows(target))
    migrated.run("--restart").expect(DONE)
    assert rows(target) == rows(source)


@pytest.mark.parametrize("kinds", [("mysql", "mariadb"), ("mariadb", "mysql")], ids="-".join)
def test_temporary_tables_and_savepoints_among_the_rows_of_a_transaction(source, target, migrated):
    source.execute("USE shop", "SET SESSION binlog_format = 'MIXED'", "BEGIN", "INSERT INTO t VALUES (4, 4, UUID())",
                   "CREATE TEMPORARY TABLE tmp (id INT, v INT)" if source.value("SELECT VERSION()").startswith("10") else "SAVEPOINT s0",
                   "SAVEPOINT s1", "UPDATE t SET w = UUID() WHERE id = 1", "RELEASE SAVEPOINT s1", "UPDATE t SET w = UUID() WHERE id = 2", "COMMIT")
    migrated.run().expect(DONE)
    assert rows(target) == rows(source)
    assert migrated.ddl("--json").expect(DONE).json()["not_executed"] == []
