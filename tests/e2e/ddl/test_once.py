"""Statements after which the catalogue looks as before, or that are done by halves when the target's server goes: done once, and whole."""

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED, KILLED

EXCHANGE = ["CREATE DATABASE `sh-op`", "USE `sh-op`",
            "CREATE TABLE t (id INT PRIMARY KEY, v INT) PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN (20))",
            "INSERT INTO t VALUES (1, 1), (11, 1)", "CREATE TABLE `out+` (id INT PRIMARY KEY, v INT)", "INSERT INTO `out+` VALUES (12, 2), (13, 3)"]


def swap(source):
    source.execute("USE `sh-op`", "ALTER TABLE t EXCHANGE PARTITION b WITH TABLE `out+`", "INSERT INTO t VALUES (14, 4)", "INSERT INTO `out+` VALUES (15, 5)")


@pytest.mark.parametrize("kills", [1, 2])
@pytest.mark.parametrize("failpoint", ["ddl.after_pending", "ddl.after_execute", "ddl.before_done"])
def test_a_partition_is_exchanged_once(source, target, godwit, failpoint, kills):
    source.execute(*EXCHANGE)
    task = godwit(source, target, tables={"include": ["sh-op.*"]})
    task.run().expect(DONE)
    swap(source)
    for _ in range(kills):
        assert task.run(failpoints=failpoint).code == KILLED
    task.run().expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("failpoint, verb", [("ddl.after_pending", "retry"), ("ddl.after_execute", "skip")])
def test_whether_it_was_exchanged_cannot_be_seen(source, target, godwit, failpoint, verb):
    """Without the privilege that it takes the operator is asked."""
    source.execute(*EXCHANGE)
    task = godwit(source, target, tables={"include": ["sh-op.*"]})
    task.run().expect(DONE)
    target.execute("REVOKE PROCESS ON *.* FROM godwit@'%'")
    swap(source)
    assert task.run(failpoints=failpoint).code == KILLED
    result = task.run().expect(FAILED)
    assert "lacks the privilege PROCESS" in result.text and "EXCHANGE PARTITION b" in result.text
    assert "lacks the privilege PROCESS" in task.run().expect(FAILED).text
    task.ddl(verb).expect(DONE)
    task.run().expect(DONE)
    assert_equal(source, target)


def test_without_the_privilege_one_that_is_not_interrupted_is_done(source, target, godwit):
    source.execute(*EXCHANGE)
    task = godwit(source, target, tables={"include": ["sh-op.*"]})
    task.run().expect(DONE)
    target.execute("REVOKE PROCESS ON *.* FROM godwit@'%'")
    swap(source)
    task.run().expect(DONE)
    assert_equal(source, target)


def test_rows_exchanged_with_a_table_outside_of_the_task(source, target, godwit):
    source.execute(*EXCHANGE)
    task = godwit(source, target, tables={"include": ["sh-op.*"], "exclude": ["sh-op.out*"]})
    task.run().expect(DONE)
    swap(source)
    assert "copied by itself" in task.run().expect(DONE).text
    assert source.execute("SELECT * FROM `sh-op`.t ORDER BY id") == target.execute("SELECT * FROM `sh-op`.t ORDER BY id")


TABLES = ["CREATE DATABASE shop", "USE shop", *[f"CREATE TABLE {name} (id INT PRIMARY KEY)" for name in "abcd"],
          "CREATE VIEW v AS SELECT 1 AS x", "CREATE VIEW w AS SELECT 2 AS x"]


@pytest.mark.parametrize("statement, half", [
    ("DROP TABLE a, b, c", "DROP TABLE a"), ("DROP VIEW v, w", "DROP VIEW v"), ("DROP TABLE a", "SELECT 1"), ("DROP TABLE a, b", "DROP TABLE a, b")])
def test_a_drop_that_was_done_by_halves_is_finished(source, target, godwit, statement, half):
    """As MariaDB leaves it when it is killed between two of the tables."""
    source.execute(*TABLES)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", statement, "INSERT INTO d VALUES (1)")
    assert task.run(failpoints="ddl.after_pending").code == KILLED
    target.execute("USE shop", half)
    task.run().expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("large", ["t", "x"])
@pytest.mark.parametrize("chunks", [1, 2, 3, 4])
def test_rows_that_change_places_while_they_are_copied(source, target, godwit, large, chunks):
    """One table's chunks were read before and after it, the other's on one side alone: both are copied again."""
    rows = {"t": 1000, "x": 1000, large: 1500}
    source.execute(
        "CREATE DATABASE shop", "USE shop",
        "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(300)) PARTITION BY RANGE (id) "
        "(PARTITION a VALUES LESS THAN (10000), PARTITION b VALUES LESS THAN (20000))",
        "CREATE TABLE x (id INT PRIMARY KEY, v VARCHAR(300))",
        f"INSERT INTO t SELECT seq * 10, REPEAT('t', 300) FROM seq_1_to_{rows['t']}",
        f"INSERT INTO x SELECT 10001 + seq, REPEAT('x', 300) FROM seq_1_to_{rows['x']}")
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 1})
    # How many chunks there are is for the server's figures to say: the copy may have ended before.
    task.run(failpoints=f"copy.after_chunk_commit:{chunks}").expect(*([KILLED] if chunks == 1 else [KILLED, DONE]))
    source.execute("USE shop", "ALTER TABLE t EXCHANGE PARTITION b WITH TABLE x", "UPDATE t SET v = 'u' WHERE id % 7 = 0",
                   "DELETE FROM x WHERE id % 5 = 0")
    task.run().expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("half", ["DROP TABLE a", "SELECT 1"])
def test_a_replaced_table_of_which_half_was_done(source, target, godwit, half):
    """OR REPLACE is a DROP and then a CREATE to MariaDB, which may be killed between them."""
    source.execute(*TABLES)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", "CREATE OR REPLACE TABLE a (other INT PRIMARY KEY)", "INSERT INTO a VALUES (7)")
    assert task.run(failpoints="ddl.after_pending").code == KILLED
    target.execute("USE shop", half)
    task.run().expect(DONE)
    assert_equal(source, target)
