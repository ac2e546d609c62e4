"""MariaDB's CONVERT between a partition and a table, of which the task may have both, or one: the log holds no rows of it."""

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, KILLED

SETUP = ["CREATE DATABASE shop", "CREATE DATABASE attic", "CREATE TABLE shop.last (id INT PRIMARY KEY)",
         "CREATE TABLE {t} (id INT PRIMARY KEY, v INT) PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN (20))",
         "INSERT INTO {t} VALUES (1, 1), (2, 2), (11, 1), (12, 2)"]
WAYS = {
    "to_a_table": ([], ["UPDATE {t} SET v = 5 WHERE id = 12", "ALTER TABLE {t} CONVERT PARTITION b TO TABLE {x}",
                        "INSERT INTO {x} VALUES (13, 3)", "DELETE FROM {x} WHERE id = 11", "UPDATE {t} SET v = 9 WHERE id = 1"]),
    "to_a_partition": (["CREATE TABLE {x} (id INT PRIMARY KEY, v INT)", "INSERT INTO {x} VALUES (21, 1), (22, 2)"],
                       ["UPDATE {x} SET v = 5 WHERE id = 22", "ALTER TABLE {t} CONVERT TABLE {x} TO PARTITION c VALUES LESS THAN (30)",
                        "INSERT INTO {t} VALUES (23, 3)", "DELETE FROM {t} WHERE id = 21", "UPDATE {t} SET v = 9 WHERE id = 1"]),
}


def fill(statements, t, x):
    return [statement.format(t=t, x=x) for statement in statements]


@pytest.mark.parametrize("failpoint", [None, "ddl.after_pending", "ddl.after_execute", "ddl.after_done"])
@pytest.mark.parametrize("t, x", [("shop.t", "attic.x"), ("attic.t", "shop.x"), ("attic.t", "attic.x")])
@pytest.mark.parametrize("way", WAYS)
def test_in_the_stream(source, target, godwit, way, t, x, failpoint):
    before, after = WAYS[way]
    source.execute(*fill(SETUP + before, t, x))
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute(*fill(after, t, x), "INSERT INTO shop.last VALUES (1)")
    if failpoint:
        task.run(failpoints=failpoint).expect(KILLED, DONE)
    task.run().expect(DONE)
    assert_equal(source, target, ["shop"])
    assert not target.execute("SHOW DATABASES LIKE 'attic'")
    source.execute(*fill(["INSERT INTO {t} VALUES (5, 5)"], t, x), "INSERT INTO shop.last VALUES (2)")
    task.run().expect(DONE)
    assert_equal(source, target, ["shop"])


@pytest.mark.parametrize("t, x", [("shop.t", "shop.x"), ("shop.t", "attic.x"), ("attic.t", "shop.x")])
@pytest.mark.parametrize("chunks", [1, 2])
@pytest.mark.parametrize("way", WAYS)
def test_while_they_are_copied(source, target, godwit, way, t, x, chunks):
    before, after = WAYS[way]
    source.execute(*fill(SETUP + before, t, x), "USE shop", "INSERT INTO last SELECT seq FROM seq_1_to_20000")
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 1})
    assert task.run(failpoints=f"copy.after_chunk_commit:{chunks}").code == KILLED
    source.execute(*fill(after, t, x))
    task.run().expect(DONE)
    assert_equal(source, target, ["shop"])
