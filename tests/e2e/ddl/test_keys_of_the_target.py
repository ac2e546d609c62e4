"""Unique keys that only the target has, since a DDL was not executed there: a row that they are in the way of is an error, and
never takes the place of another, nor is another changed for it."""

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED, KILLED

SETUP = ["CREATE DATABASE shop", "CREATE DATABASE attic", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, w INT, v INT, UNIQUE KEY w (w))",
         "INSERT INTO t VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3)", "CREATE TABLE attic.c (id INT PRIMARY KEY)"]
# The table that joins is copied after the changes that follow in the same run: until these are applied, the target may be ahead.
KEEP_THE_KEY = ["USE shop", "ALTER TABLE t DROP KEY w", "RENAME TABLE attic.c TO c"]

CONFLICTS = {
    "a_new_row": "INSERT INTO t VALUES (4, 1, 4)",
    "a_row_that_changes": "UPDATE t SET w = 1 WHERE id = 3",
    "another_key": "UPDATE t SET id = 9, w = 1 WHERE id = 3",
    "many_rows": "INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT i + 100, IF(i = 250, 1, i + 100), i FROM n",
}
KINDS = [pytest.param((kind, kind), id=kind) for kind in ("mariadb", "mysql")]


def rows(server):
    return server.execute("SELECT id, w, v FROM shop.t ORDER BY id")


@pytest.mark.parametrize("image", ["FULL", "MINIMAL"])
@pytest.mark.parametrize("conflict", CONFLICTS)
@pytest.mark.parametrize("kinds", KINDS)
def test_while_a_table_joins(source, target, godwit, conflict, image):
    source.execute(f"SET GLOBAL binlog_row_image = {image}")
    source.execute(*SETUP)
    task = godwit(source, target, ddl={"events": {"drop_index": "ignore"}})
    task.run().expect(DONE)
    source.execute(*KEEP_THE_KEY, CONFLICTS[conflict])
    result = task.run().expect(FAILED)
    assert "shop.t" in result.text and "drop that key on the target" in result.text
    assert rows(target) == ((1, 1, 1), (2, 2, 2), (3, 3, 3))
    target.execute("ALTER TABLE shop.t DROP KEY w")
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    assert_equal(source, target, ["shop"])


@pytest.mark.parametrize("kinds", KINDS)
@pytest.mark.parametrize("image", ["FULL", "MINIMAL"])
def test_rows_that_are_in_nobodys_way(source, target, godwit, image):
    """The same, and afterwards: values of the key change places within a group, are left and taken."""
    source.execute(f"SET GLOBAL binlog_row_image = {image}")
    source.execute(*SETUP)
    task = godwit(source, target, ddl={"events": {"drop_index": "ignore"}}, stream={"group_ms": 1000})
    task.run().expect(DONE)
    changes = ["INSERT INTO t VALUES (4, NULL, 4), (5, 5, 5)", "UPDATE t SET v = v + 10 WHERE id IN (1, 5)", "DELETE FROM t WHERE id = 2",
               "INSERT INTO t VALUES (6, 2, 6)", "UPDATE t SET w = 7 WHERE id = 3", "UPDATE t SET w = 3 WHERE id = 4", "UPDATE t SET id = 11 WHERE id = 1",
               "INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT i + 100, i + 100, i FROM n",
               "UPDATE t SET v = v + 1"]
    source.execute(*KEEP_THE_KEY, *changes)
    task.run().expect(DONE)
    assert rows(source) == rows(target)
    undone = ["DELETE FROM t", "INSERT INTO t VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3)"]
    source.execute("USE shop", *undone, *changes)
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    assert rows(source) == rows(target)


# Between the chunks of the copy, with row 1 in it and rows from 29999 on not yet. A CREATE TABLE ends a group.
PASSED_ON = ["ALTER TABLE t ADD UNIQUE KEY w (w)", "ALTER TABLE t DROP KEY w", "UPDATE t SET u = 999999 WHERE id = 1",
             "CREATE TABLE between_groups (id INT PRIMARY KEY)", "UPDATE t SET u = 777777 WHERE id = 1", "UPDATE t SET u = 999999 WHERE id = 30000"]
BACK_AGAIN = ["INSERT INTO t VALUES (40000, 888888, 40000, 'x')", "CREATE TABLE between_others (id INT PRIMARY KEY)",
              "DELETE FROM t WHERE id = 40000", "UPDATE t SET u = 888888 WHERE id = 29999"]


@pytest.mark.parametrize("kinds", KINDS)
def test_values_of_the_sources_own_keys_that_rows_get_later(source, target, godwit):
    """The copy has a row with a value that, at the place that the log has come to, is another's: it makes way, and comes back."""
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, u INT, w INT, v VARCHAR(200), UNIQUE KEY u (u))",
                   "INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
                   "SELECT a.i + 1000 * (b.i - 1), a.i + 1000 * (b.i - 1), a.i + 1000 * (b.i - 1), REPEAT('x', 150) FROM n a, n b WHERE b.i <= 30")
    task = godwit(source, target, copy={"threads": 1, "chunk_bytes": "64KiB"}, ddl={"events": {"drop_index": "ignore"}})
    assert task.run(failpoints="copy.after_chunk_commit:5").code == KILLED
    source.execute("USE shop", *PASSED_ON, *BACK_AGAIN)
    task.run().expect(DONE)
    assert target.value("SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = 'shop' AND index_name = 'w'") == 1, \
        "the target has no key of its own: this tests nothing"
    everything = "SELECT id, u, w, v FROM shop.t ORDER BY id"
    assert source.execute(everything) == target.execute(everything)


@pytest.mark.parametrize("kinds", [("mysql", "mysql")], ids=["mysql"])
def test_a_key_over_a_column_that_the_target_computes(source, target, godwit):
    """It stands before the one by which rows are known."""
    source.execute("CREATE DATABASE shop", "USE shop",
                   "CREATE TABLE t (id INT NOT NULL, w INT, v INT, g INT AS (w) STORED NOT NULL, UNIQUE KEY g (g), UNIQUE KEY id (id))",
                   "INSERT INTO t (id, w, v) VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3)")
    task = godwit(source, target, ddl={"events": {"drop_column": "ignore"}})
    task.run().expect(DONE)
    source.execute("USE shop", "ALTER TABLE t DROP COLUMN g", "UPDATE t SET v = 30 WHERE id = 3")
    task.run().expect(DONE)
    assert rows(source) == rows(target)
    source.execute("USE shop", "UPDATE t SET w = 2, v = 10 WHERE id = 1")
    assert "drop that key on the target" in task.run().expect(FAILED).text
    assert rows(target) == ((1, 1, 1), (2, 2, 2), (3, 3, 30))
    target.execute("ALTER TABLE shop.t DROP KEY g")
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    assert rows(source) == rows(target)
