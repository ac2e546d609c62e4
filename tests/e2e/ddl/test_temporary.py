"""Temporary tables: nothing of them reaches the target, whatever name they have and whatever is made of them."""

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED

T = ["CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 1), (2, 2)",
     "CREATE TABLE other (id INT PRIMARY KEY, v INT)", "INSERT INTO other VALUES (1, 1)"]
# In place of the task's table `t`.
HIDING = ["CREATE TEMPORARY TABLE t (id INT PRIMARY KEY, v INT, w INT)", "ALTER TABLE t ADD COLUMN z INT", "CREATE INDEX k ON t (v)"]
# The format of a session that logs statements about temporary tables.
STATEMENTS = {"mariadb": "MIXED", "mysql": "STATEMENT"}


@pytest.fixture(params=["mariadb", "mysql"])
def kinds(request):
    return request.param, request.param


def test_one_with_the_name_of_a_table_of_the_task(follow, source):
    follow(T, [*HIDING, "INSERT INTO t VALUES (5, 5, 5, 5), (6, 6, 6, 6)", "UPDATE t SET v = 7", "DELETE FROM t WHERE id = 5",
               "INSERT INTO other SELECT id, w FROM t", "TRUNCATE TABLE t", "DROP INDEX k ON t", "INSERT INTO t (id) VALUES (1), (2)",
               "ALTER TABLE t RENAME TO w", "INSERT INTO t VALUES (3, 3)", "DROP TABLE w",
               "CREATE TEMPORARY TABLE other LIKE t", "INSERT INTO other VALUES (9, 9)", "DROP TEMPORARY TABLE other",
               "UPDATE other SET v = v + 1", "CREATE TEMPORARY TABLE left_over SELECT * FROM t", "DELETE FROM t WHERE id = 1"])


def test_what_is_made_of_one(follow, target):
    """Of a table made LIKE one the log does not say the charset."""
    follow([*T, "CREATE TABLE again (id INT PRIMARY KEY)"],
           ["CREATE TEMPORARY TABLE tmp (id INT PRIMARY KEY, c VARCHAR(9), d VARCHAR(9) CHARACTER SET cp1251) CHARACTER SET latin1",
            "INSERT INTO tmp VALUES (1, 'é', 'ж')", "CREATE TABLE made LIKE tmp", "INSERT INTO made SELECT * FROM tmp",
            "CREATE TABLE selected SELECT id, d FROM tmp", "INSERT INTO made VALUES (2, 'ü', 'щ')",
            "CREATE TABLE selected_too (KEY (id)) ENGINE=InnoDB SELECT id, d FROM tmp", "INSERT INTO selected_too VALUES (3, 'я')",
            "DROP TABLE again", "CREATE TABLE again LIKE tmp", "INSERT INTO again VALUES (4, 'é', NULL)",
            "CREATE TABLE IF NOT EXISTS made LIKE tmp", "DROP TABLE tmp", "UPDATE made SET c = 'É' WHERE id = 2"])
    assert target.value("SELECT c FROM shop.made WHERE id = 2") == "É"


def test_statements_about_one_in_the_log(source, target, godwit, kinds):
    source.execute("CREATE DATABASE shop", "USE shop", *T)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", f"SET SESSION binlog_format = '{STATEMENTS[kinds[0]]}'", *HIDING, "TRUNCATE TABLE t",
                   "CREATE TABLE made LIKE t", "DROP INDEX k ON t", "ALTER TABLE t RENAME TO w", "DROP TABLE w",
                   "SET SESSION binlog_format = 'ROW'", "INSERT INTO t VALUES (3, 3)", "INSERT INTO made (id, z) VALUES (1, 1)")
    task.run().expect(DONE)
    assert_equal(source, target)
    assert target.value("SELECT COUNT(*) FROM shop.t") == 3
    source.execute("USE shop", "ALTER TABLE t ADD COLUMN by_whom INT DEFAULT (CONNECTION_ID() * 0)", "INSERT INTO t (id) VALUES (7)")
    task.run().expect(DONE)
    assert_equal(source, target)
    source.execute("USE shop", f"SET SESSION binlog_format = '{STATEMENTS[kinds[0]]}'", *HIDING, "INSERT INTO t (id) VALUES (8)")
    refused = task.run().expect(FAILED).text
    assert "shop.t" in refused and "binlog_format=ROW" in refused
    assert target.value("SELECT COUNT(*) FROM shop.t") == 4


@pytest.mark.parametrize("kinds", [("mariadb", "mariadb")], ids=["mariadb"])
def test_new_names_of_them(follow):
    """MariaDB's log does not tell them from those of other tables."""
    follow(T, ["CREATE TEMPORARY TABLE tmp (i INT)", "RENAME TABLE tmp TO tmp2", "INSERT INTO t VALUES (3, 3)", "RENAME TABLE tmp2 TO t",
               "DROP TEMPORARY TABLE t", "INSERT INTO t VALUES (4, 4)"])
