"""Foreign keys that act while their tables are being copied: the log does not hold what they do."""

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, KILLED
from harness.writer import Writer


def pass_on(cursor, rng):
    """Keys of parents move up by one place, the greatest first: each takes the value of the next."""
    cursor.execute("SELECT id FROM parent ORDER BY id")
    ids = [number for (number,) in cursor.fetchall()]
    free = next(number for number in range(1, 100) if number not in ids)
    from_below = max((number for number in ids if number < free), default=None)
    if from_below is None:
        cursor.execute("UPDATE parent SET id = 1 WHERE id = %s", (ids[-1],))
    else:
        cursor.execute("UPDATE parent SET id = %s WHERE id = %s", (free, from_below))


PARENTS = [
    "CREATE DATABASE shop", "USE shop", "CREATE TABLE parent (id INT PRIMARY KEY)", "INSERT INTO parent SELECT seq FROM seq_1_to_30",
    "CREATE TABLE child (id INT PRIMARY KEY, parent INT, pad CHAR(100), FOREIGN KEY (parent) REFERENCES parent (id) ON UPDATE {update} ON DELETE {delete})",
    "INSERT INTO child SELECT seq, 1 + seq % 30, '' FROM seq_1_to_6000",
    "CREATE TABLE grandchild (child INT, n INT, PRIMARY KEY (child, n), FOREIGN KEY (child) REFERENCES child (id) ON DELETE CASCADE)",
    "INSERT INTO grandchild SELECT seq, 1 FROM seq_1_to_3000",
]


def parents(update="CASCADE", delete="CASCADE"):
    return [statement.format(update=update, delete=delete) for statement in PARENTS]


@pytest.mark.parametrize("chunk", [1, 2, 3])
def test_values_are_passed_on_between_chunks(source, target, godwit, chunk):
    source.execute(*parents())
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 1})
    kills = task.run(failpoints=f"copy.after_chunk_commit:{chunk}").code == KILLED
    source.execute("USE shop", "UPDATE parent SET id = 40 WHERE id = 3", "UPDATE parent SET id = 3 WHERE id = 2",
                   "UPDATE parent SET id = 2 WHERE id = 1", "DELETE FROM parent WHERE id = 5", "UPDATE parent SET id = 5 WHERE id = 4")
    kills += task.run(failpoints="copy.after_chunk_commit:2").code == KILLED
    source.execute("USE shop", "UPDATE parent SET id = 41 WHERE id = 40", "UPDATE parent SET id = 40 WHERE id = 3")
    task.run().expect(DONE)
    assert kills
    assert_equal(source, target)


@pytest.mark.parametrize("update", ["CASCADE", "SET NULL"])
def test_values_are_passed_on_all_the_while(source, target, godwit, update):
    source.execute(*parents(update, "CASCADE"))
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 3}, stream={"group_ms": 20})
    with Writer(source, [pass_on], threads=1, rate=100) as writer:
        writer.wait_for(5)
        for chunk in (1, 2, 1):
            task.run(failpoints=f"copy.after_chunk_commit:{chunk}")
            writer.wait_for(15)
        task.run().expect(DONE)
        writer.wait_for(10)
    task.run().expect(DONE)
    assert_equal(source, target)


CIRCLE = [
    "CREATE DATABASE shop", "USE shop", "CREATE TABLE a (id INT PRIMARY KEY, b INT, KEY (b))", "CREATE TABLE b (id INT PRIMARY KEY, c INT, KEY (c))",
    "CREATE TABLE c (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES a (id) ON DELETE CASCADE)",
    "CREATE TABLE leaf (id INT PRIMARY KEY, b INT, FOREIGN KEY (b) REFERENCES b (id) ON DELETE SET NULL)",
    *[f"INSERT INTO {table} SELECT seq, IF(seq % 4 = 0, NULL, seq {step}) FROM seq_1_to_500"
      for table, step in (("a", "- 1"), ("b", ""), ("c", ""), ("leaf", ""))],
    "UPDATE a SET b = NULL WHERE b = 0",
    "ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b (id) ON DELETE CASCADE", "ALTER TABLE b ADD FOREIGN KEY (c) REFERENCES c (id) ON DELETE CASCADE",
]


@pytest.mark.parametrize("failpoint", ["copy.after_chunk_commit:1", "copy.after_chunk_commit:2", "copy.after_chunk_commit:3",
                                       "copy.after_chunk_commit:4", "copy.before_table_finished"])
def test_keys_act_in_a_circle(source, target, godwit, failpoint):
    """Row n of a has its row of b, that its row of c, that row n + 1 of a, and so on for three."""
    source.execute(*CIRCLE)
    task = godwit(source, target, copy={"threads": 2})
    assert task.run(failpoints=failpoint).code == KILLED
    source.execute("USE shop", "DELETE FROM a WHERE id = 13", "DELETE FROM b WHERE id = 25", "DELETE FROM c WHERE id = 37")
    task.run(failpoints=failpoint)
    source.execute("USE shop", "DELETE FROM a WHERE id = 53", "INSERT INTO a VALUES (53, NULL)", "DELETE FROM b WHERE id = 65")
    task.run().expect(DONE)
    source.execute("DELETE FROM shop.c WHERE id = 73")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_a_table_of_a_circle_changes_during_the_copy(source, target, godwit):
    source.execute(*CIRCLE)
    task = godwit(source, target)
    assert task.run(failpoints="schema.after_create_table:2").code == KILLED
    source.execute("USE shop", "ALTER TABLE b ADD n INT DEFAULT 3", "DELETE FROM a WHERE id = 13")
    assert task.run(failpoints="copy.after_chunk_commit:2").code == KILLED
    source.execute("USE shop", "ALTER TABLE c ADD n INT DEFAULT 3", "DELETE FROM a WHERE id = 53")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_the_log_begins_a_new_file_as_the_copy_ends(source, target, godwit):
    """The copy's last token lies in a file of which nothing but its beginning has been written."""
    source.execute(*parents())
    task = godwit(source, target)
    assert task.run(failpoints="copy.after_chunk_commit:1").code == KILLED
    source.execute("USE shop", "UPDATE parent SET id = 50 WHERE id = 2", "FLUSH BINARY LOGS")
    assert task.run(failpoints="task.before_catching_up").code == KILLED
    source.execute("USE shop", "UPDATE parent SET id = 40 WHERE id = 3", "UPDATE parent SET id = 3 WHERE id = 4")
    task.run().expect(DONE)
    assert_equal(source, target)
