"""Unique keys that come and go while their table is copied: its rows, read at several moments, may have the same value twice at
the statement's place in the log."""

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED, KILLED

KINDS = [pytest.param((kind, kind), id=kind) for kind in ("mariadb", "mysql")]
ROWS = 10000
# name: (keys of the table, what makes the key, what drops it again, whether that finds the same value twice)
CASES = {
    "the_first": ("", "ADD UNIQUE KEY u (u)", "DROP KEY u", True),
    "another": (", UNIQUE KEY u (u)", "ADD UNIQUE KEY w (w)", "DROP KEY w", True),
    "another_of_the_same": (", UNIQUE KEY u (u)", "ADD UNIQUE KEY w (u)", "DROP KEY w", True),
    "the_same_made_anew": (", UNIQUE KEY u (u)", "DROP KEY u", "ADD UNIQUE KEY u (u)", True),
    "columns_change_places": (", UNIQUE KEY u (u)", "MODIFY u INT AFTER w, DROP KEY u", "MODIFY u INT AFTER id, ADD UNIQUE KEY u (u)", True),
    "by_a_computed_column": (", x INT AS (u + 1) STORED", "ADD UNIQUE KEY x (x)", "DROP KEY x", True),
    "of_values_that_none_share": ("", "ADD UNIQUE KEY k (id, u)", "DROP KEY k", False),
}


def copied_in_part(source, target, godwit, image="FULL", keys="", rows_there="error"):
    """A task, killed after a few chunks of shop.t."""
    source.execute(f"SET GLOBAL binlog_row_image = {image}")
    source.execute(f"SET {'cte_max_recursion_depth' if source.is_mysql else 'max_recursive_iterations'} = {ROWS}",
                   "CREATE DATABASE shop", f"CREATE TABLE shop.t (id INT PRIMARY KEY, u INT, w INT, v CHAR(200){keys})",
                   f"INSERT INTO shop.t (id, u, w, v) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS}) SELECT i, i, i, REPEAT('x', 150) FROM n")
    task = godwit(source, target, copy={"threads": 1, "chunk_bytes": "64KiB"}, target={"if_exists": rows_there})
    assert task.run(failpoints="copy.after_chunk_commit:5").code == KILLED
    return task


@pytest.mark.parametrize("image, failpoint", [("FULL", None), ("MINIMAL", "ddl.before_copy")])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kinds", KINDS)
def test_case(source, target, godwit, case, image, failpoint):
    keys, first, second, again = CASES[case]
    task = copied_in_part(source, target, godwit, image, keys)
    # The first row is on the target as it is now, the last ones as they will be.
    source.execute("USE shop", f"ALTER TABLE t {first}", "UPDATE t SET u = -1, w = -1 WHERE id = 1", f"UPDATE t SET u = 1 WHERE id = {ROWS}",
                   f"UPDATE t SET u = -2 WHERE id = {ROWS}", f"UPDATE t SET u = 1 WHERE id = {ROWS - 1}", f"ALTER TABLE t {second}")
    if failpoint and again:
        assert task.run(failpoints=failpoint).code == KILLED
    result = task.run().expect(DONE)
    if not failpoint:
        assert ("rows have shared a value of a unique key" in result.text) == again, result.text[-3000:]
    assert_equal(source, target, ["shop"])
    source.execute(f"UPDATE shop.t SET v = 'y' WHERE id IN (1, {ROWS - 1}, {ROWS})")
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    assert_equal(source, target, ["shop"])


def test_killed_where_the_statement_fails(source, target, godwit):
    task = copied_in_part(source, target, godwit)
    source.execute("USE shop", "ALTER TABLE t ADD UNIQUE KEY u (u)", "UPDATE t SET u = -1 WHERE id = 1", f"UPDATE t SET u = 1 WHERE id = {ROWS}", "ALTER TABLE t DROP KEY u")
    assert task.run(failpoints="ddl.after_pending").code == KILLED
    task.run().expect(DONE)
    assert_equal(source, target, ["shop"])


@pytest.fixture
def beside_an_own_row(source, target, godwit):
    """A task whose table the target had before, with a row that is in the way of a key that the source makes and drops."""
    target.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, u INT, w INT, v CHAR(200))", "INSERT INTO shop.t VALUES (1000000, 5, 5, 'own')")
    task = copied_in_part(source, target, godwit, rows_there="append")
    source.execute("USE shop", "ALTER TABLE t ADD UNIQUE KEY u (u)", "ALTER TABLE t DROP KEY u")
    return task


def test_a_row_of_the_targets_own_is_not_lost(source, target, beside_an_own_row):
    """Nothing is done to a table that the target had before the task, until the operator says what."""
    task = beside_an_own_row
    for _ in range(2):
        assert "waits for you" in task.run().expect(FAILED).text
        assert target.value("SELECT v FROM shop.t WHERE id = 1000000") == "own"
    target.execute("RENAME TABLE shop.t TO shop.aside")
    task.ddl("retry").expect(DONE)
    task.run().expect(DONE)
    target.execute("DROP TABLE shop.aside")
    assert_equal(source, target, ["shop"])


def test_the_operator_may_skip_it(target, beside_an_own_row):
    task = beside_an_own_row
    for _ in range(2):
        task.run().expect(FAILED)
        task.ddl("skip").expect(DONE)
    task.run().expect(DONE)
    assert target.value("SELECT COUNT(*) FROM shop.t") == ROWS + 1
