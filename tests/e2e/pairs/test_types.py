"""Every type that both kinds of server have, at its edges: in the copy and in the stream, with a key and without."""

import pytest
from harness.godwit import DONE, FAILED
from harness.types import LAX, NOT_IN_MYSQL, TYPES, scenario


@pytest.mark.parametrize("part", range(3))
def test_types(follow, part):
    both_have = [name for name in TYPES if name not in NOT_IN_MYSQL]
    follow(*scenario(both_have[part::3]), sql_mode=LAX)


def test_keys_that_sort_otherwise_on_the_other_side(follow):
    """Their rows are compared all the same, and found by their keys."""
    follow(["CREATE TABLE t (k VARCHAR(40) PRIMARY KEY, v INT)",
            "INSERT INTO t VALUES ('a', 1), ('B', 2), ('á-', 3), ('ß', 4), ('z', 5), ('_', 6), ('😀', 7)"],
           ["UPDATE t SET k = 'A' WHERE k = 'a'", "UPDATE t SET v = v + 1", "DELETE FROM t WHERE k = 'ß'",
            "INSERT INTO t VALUES ('ä', 9) ON DUPLICATE KEY UPDATE v = 9"])


def test_times_that_mysql_has_not(from_kind):
    source, target, task = from_kind("mariadb")
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v TIME(6))",
                   "INSERT INTO shop.t VALUES (1, '838:59:59.5')")
    assert "shop.t: 1 rows were sent" in task.run().expect(FAILED).text
    assert target.value("SELECT COUNT(*) FROM shop.t") == 0


def test_shapes_that_mysql_has_not(from_kind):
    source, target, task = from_kind("mariadb")
    ring = "ST_GeomFromText('POLYGON((0 0, 1 1, 0 0))')"  # of three points
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v GEOMETRY)",
                   f"INSERT INTO shop.t VALUES (1, {ring})")

    def fails():
        text = task.run().expect(FAILED).text
        assert "shop.t" in text.replace("`", "") and "(error 1416); a row has a shape that this server does not take" in text

    fails()
    source.execute("UPDATE shop.t SET v = ST_GeomFromText('POLYGON((0 0, 1 1, 1 0, 0 0))')")
    task.run().expect(DONE)
    source.execute(f"INSERT INTO shop.t VALUES (2, {ring})")
    fails()
    assert target.value("SELECT COUNT(*) FROM shop.t") == 1
