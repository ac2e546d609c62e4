"""What foreign keys do to rows, in all four pairs: MySQL's log holds it, MariaDB's does not."""

import pytest
from harness.compare import assert_alike
from harness.godwit import DONE

SETUP = [
    "CREATE TABLE parent (id INT PRIMARY KEY, v INT)",
    "CREATE TABLE child (id INT PRIMARY KEY, parent INT, changed TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6), "
    "FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE CASCADE)",
    "CREATE TABLE grandchild (id INT PRIMARY KEY, child INT, note VARCHAR(9), "
    "FOREIGN KEY (child) REFERENCES child (id) ON DELETE CASCADE ON UPDATE CASCADE)",
    "CREATE TABLE loose (id INT PRIMARY KEY, child INT, changed TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6), "
    "FOREIGN KEY (child) REFERENCES child (id) ON DELETE SET NULL ON UPDATE SET NULL)",
    "CREATE TABLE tree (id INT PRIMARY KEY, up INT, FOREIGN KEY (up) REFERENCES tree (id) ON DELETE CASCADE)",
    "CREATE TABLE root (id INT PRIMARY KEY, up INT, FOREIGN KEY (up) REFERENCES root (id) ON DELETE CASCADE)",
    "INSERT INTO parent VALUES (1, 1), (2, 2), (3, 3), (4, 4)",
    "INSERT INTO child (id, parent) VALUES (10, 1), (11, 1), (20, 2), (30, 3), (40, NULL), (41, 4)",
    "INSERT INTO grandchild VALUES (100, 10, 'a'), (101, 11, 'b'), (200, 20, 'c'), (300, 30, 'd'), (400, 41, 'e')",
    "INSERT INTO loose (id, child) VALUES (1, 10), (2, 20), (3, 30), (4, NULL), (5, 41)",
    "INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2), (4, 3), (5, NULL), (6, 5)",
    "INSERT INTO root VALUES (1, 1), (2, 1), (3, 2), (4, 4)",
]
CHANGES = [
    "DELETE FROM parent WHERE id = 1",          # a chain, and SET NULL at its end
    "UPDATE parent SET id = 22 WHERE id = 2",
    "UPDATE child SET id = 33 WHERE id = 30",   # SET NULL and CASCADE by one change
    "DELETE FROM tree WHERE id = 1",            # a reference to the table itself, through generations
    "DELETE FROM root WHERE id = 1",            # that refers to itself: the log deletes it, the chain must not
    "START TRANSACTION", "INSERT INTO parent VALUES (9, 9)", "INSERT INTO child (id, parent) VALUES (90, 9)", "INSERT INTO loose (id, child) VALUES (9, 90)",
    "DELETE FROM parent WHERE id = 9", "COMMIT",
    "SET foreign_key_checks = 0", "DELETE FROM parent WHERE id = 4", "SET foreign_key_checks = 1",
]


@pytest.mark.parametrize("to", ["mysql", "mariadb"])
@pytest.mark.parametrize("of", ["mysql", "mariadb"])
def test_chains_circles_and_nulls(start, godwit, of, to):
    source, target = start(of, "source"), start(to, "target")
    source.execute("CREATE DATABASE shop", "USE shop", *SETUP)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", *CHANGES)
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    assert_alike(source, target)
    assert source.value("SELECT COUNT(*) FROM shop.child WHERE parent = 1") == 0
    task.verify().expect(DONE)


@pytest.mark.parametrize("to", ["mysql", "mariadb"])
@pytest.mark.parametrize("of", ["mysql", "mariadb"])
def test_children_outside_of_the_task_are_left_alone(start, godwit, of, to):
    """Those of the source are not on the target; of one that the target has by that name nothing is known."""
    source, target = start(of, "source"), start(to, "target")
    source.execute("CREATE DATABASE shop", "USE shop", *SETUP[:3], *SETUP[5:8])
    target.execute("CREATE DATABASE shop", "CREATE TABLE shop.grandchild (id INT PRIMARY KEY, child INT, KEY (child))",
                   "INSERT INTO shop.grandchild VALUES (1, 10), (2, 20)")
    task = godwit(source, target, tables={"include": ["shop.parent", "shop.child"]})
    task.run().expect(DONE)
    target.execute("SET foreign_key_checks = 0", "ALTER TABLE shop.grandchild ADD FOREIGN KEY (child) REFERENCES shop.child (id) ON DELETE CASCADE")
    source.execute("USE shop", "DELETE FROM parent WHERE id = 1", "UPDATE parent SET id = 22 WHERE id = 2", "DELETE FROM child WHERE id = 20")
    task.run().expect(DONE)
    for table in ("parent", "child"):
        rows = f"SELECT * FROM shop.{table} ORDER BY id"
        assert source.execute(rows) == target.execute(rows)
    assert target.execute("SELECT * FROM shop.grandchild ORDER BY id") == ((1, 10), (2, 20))
