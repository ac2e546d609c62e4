"""More warnings with one statement than a server counts with its answer, or tells: each is for a value that is as it should be,
or something is wrong."""

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED

LABELS = ", ".join(f"e{i} ENUM('x') NOT NULL" for i in range(6))
TABLE = f"CREATE TABLE t (id INT PRIMARY KEY, {LABELS}, v VARCHAR(9))"
ROWS = 15000  # with a warning for each of their labels


def rows_without_labels(begin, last):
    """The last has this value of v."""
    return ("INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) "
            "SELECT i + {begin}, 0, 0, 0, 0, 0, 0, IF(i = {rows}, {last}, 'a') FROM n").format(rows=ROWS, begin=begin, last=last)


@pytest.mark.parametrize("kinds", [pytest.param((kind, kind), id=kind) for kind in ("mariadb", "mysql")])
def test_values_that_no_label_stands_for_and_one_that_is_cut(source, target, godwit):
    session = ["USE shop", "SET sql_mode = ''", f"SET {'cte_max_recursion_depth' if source.is_mysql else 'max_recursive_iterations'} = {ROWS}"]
    source.execute("CREATE DATABASE shop", *session, TABLE, rows_without_labels(0, "'a'"))
    task = godwit(source, target, ddl={"policy": "ignore"})
    task.run().expect(DONE)
    assert_equal(source, target)
    source.execute(*session, rows_without_labels(100_000, "'b'"))
    task.run().expect(DONE)
    assert_equal(source, target)
    source.execute(*session, "ALTER TABLE t MODIFY v VARCHAR(40)", rows_without_labels(200_000, "REPEAT('x', 30)"))
    result = task.run().expect(FAILED)
    assert "shop.t" in result.text and "would not store" in result.text
    assert target.value("SELECT COUNT(*) FROM shop.t") == 2 * ROWS
    target.execute("ALTER TABLE shop.t MODIFY v VARCHAR(40)")
    task.run().expect(DONE)
    assert_equal(source, target)
