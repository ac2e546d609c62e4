"""Unique keys that come and go while their table is copied: its rows, read at several moments, may have the same value twice at
the statement's place in the log."""

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, KILLED

KINDS = [pytest.param((kind, kind), id=kind) for kind in ("mariadb", "mysql")]
ROWS = 40000
# name: (keys of the table, what makes the key and drops it again)
CASES = {
    "the_first": ("", "ADD UNIQUE KEY u (u)", "DROP KEY u"),
    "another": (", UNIQUE KEY u (u)", "ADD UNIQUE KEY w (w)", "DROP KEY w"),
    "another_of_the_same": (", UNIQUE KEY u (u)", "ADD UNIQUE KEY w (u)", "DROP KEY w"),
    "the_same_made_anew": (", UNIQUE KEY u (u)", "DROP KEY u", "ADD UNIQUE KEY u (u)"),
    "by_an_expression_of_a_column": (", x INT AS (u + 1) STORED", "ADD UNIQUE KEY x (x)", "DROP KEY x"),
    "none": (", UNIQUE KEY u (u)", "ADD KEY w (w)", "DROP KEY w"),
}


@pytest.mark.parametrize("failpoint", [None, "ddl.after_pending", "ddl.before_copy"])
@pytest.mark.parametrize("image", ["FULL", "MINIMAL"])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kinds", KINDS)
def test_case(source, target, godwit, case, image, failpoint):
    keys, first, second = CASES[case]
    source.execute(f"SET GLOBAL binlog_row_image = {image}")
    source.execute(f"SET {'cte_max_recursion_depth' if source.is_mysql else 'max_recursive_iterations'} = {ROWS}",
                   "CREATE DATABASE shop", f"CREATE TABLE shop.t (id INT PRIMARY KEY, u INT, w INT, v CHAR(200){keys})",
                   f"INSERT INTO shop.t (id, u, w, v) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS}) SELECT i, i, i, REPEAT('x', 150) FROM n")
    task = godwit(source, target, copy={"threads": 1, "chunk_bytes": "64KiB"})
    assert task.run(failpoints="copy.after_chunk_commit:5").code == KILLED
    # The first row is on the target as it is now, the last ones as they will be.
    source.execute("USE shop", f"ALTER TABLE t {first}", "UPDATE t SET u = -1, w = -1 WHERE id = 1", f"UPDATE t SET u = 1 WHERE id = {ROWS}",
                   f"UPDATE t SET u = -2 WHERE id = {ROWS}", "UPDATE t SET u = 1 WHERE id = 39999", f"ALTER TABLE t {second}")
    if failpoint:
        assert task.run(failpoints=failpoint).code in (KILLED, DONE)
    task.run().expect(DONE)
    assert_equal(source, target, ["shop"])
    source.execute("UPDATE shop.t SET v = 'y' WHERE id IN (1, 39999, 40000)")
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    assert_equal(source, target, ["shop"])
