"""Statements of MariaDB and MySQL that define tables, as PostgreSQL does them."""

import pytest
from harness.godwit import DONE, FAILED, FOUND


def columns(target, table):
    return target.execute("SELECT column_name, data_type, is_nullable FROM information_schema.columns "
                          f"WHERE table_schema = 'shop' AND table_name = '{table}' ORDER BY ordinal_position")


def test_statements_in_the_log(follow, target):
    follow(["CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(20), b INT, c TEXT, KEY by_b (b))",
            "INSERT INTO t VALUES (1, 'one', 1, 'c'), (2, 'two', 2, NULL)",
            "CREATE TABLE old (id INT PRIMARY KEY)", "INSERT INTO old VALUES (1)",
            "CREATE TABLE gone (id INT PRIMARY KEY)", "INSERT INTO gone VALUES (1)",
            "CREATE TABLE emptied (id INT PRIMARY KEY, v INT)", "INSERT INTO emptied VALUES (1, 1), (2, 2)"],
           ["ALTER TABLE t ADD COLUMN d INT NOT NULL, ADD COLUMN e VARCHAR(10) DEFAULT 'it''s', ADD COLUMN f DATETIME AFTER id",
            "INSERT INTO t (id, a, b, d, e) VALUES (3, 'three', 3, 33, 'x')",
            "ALTER TABLE t CHANGE COLUMN a name VARCHAR(200), DROP COLUMN c, MODIFY b BIGINT NOT NULL",
            "UPDATE t SET name = CONCAT(name, '!'), b = 5000000000 + id",
            "CREATE UNIQUE INDEX one_b ON t (b)", "DROP INDEX by_b ON t",
            "ALTER TABLE t ALTER COLUMN e SET DEFAULT 'other', COMMENT = 'a table'",
            "RENAME TABLE old TO young", "INSERT INTO young VALUES (2)", "DROP TABLE gone", "TRUNCATE TABLE emptied",
            "INSERT INTO emptied VALUES (3, 3)",
            "CREATE TABLE made (id INT AUTO_INCREMENT PRIMARY KEY, v DECIMAL(10,2) UNSIGNED, w SET('a', 'b'), UNIQUE (v))",
            "INSERT INTO made (v, w) VALUES (1.5, 'a,b')", "CREATE TABLE copied AS SELECT id, name FROM t",
            "CREATE TABLE alike LIKE made", "INSERT INTO alike (v) VALUES (7)"])
    assert columns(target, "t") == [
        ("id", "integer", "NO"), ("name", "character varying", "YES"), ("b", "bigint", "NO"),
        ("f", "timestamp without time zone", "YES"), ("d", "integer", "NO"), ("e", "character varying", "YES")]


@pytest.mark.parametrize("kinds", [("mariadb", "postgres")], ids=["from_mariadb"])
def test_rows_that_are_others_by_now_are_copied_anew(follow, target):
    """The log does not hold what a statement makes of rows."""
    follow(["CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))", "INSERT INTO t VALUES (1, '17'), (2, '18')"],
           ["ALTER TABLE t MODIFY v INT", "INSERT INTO t VALUES (3, 19)",
            "ALTER TABLE t ADD COLUMN made DATETIME DEFAULT CURRENT_TIMESTAMP", "INSERT INTO t (id, v) VALUES (4, 20)"])
    assert columns(target, "t")[1] == ("v", "integer", "YES")


def test_rows_that_a_statement_leaves_otherwise(follow):
    """What PostgreSQL would make of the same words is not always what the source has made of its rows."""
    follow(["CREATE TABLE again (id INT PRIMARY KEY, v INT)", "INSERT INTO again VALUES (1, 1), (2, 2)",
            "CREATE TABLE anew (id INT PRIMARY KEY, a INT, b INT)", "INSERT INTO anew VALUES (1, 10, 20), (2, 11, 21)",
            "CREATE TABLE cases (id INT PRIMARY KEY, `name` VARCHAR(20))", "INSERT INTO cases VALUES (1, 'one')",
            "CREATE TABLE padded (id INT PRIMARY KEY, b BINARY(4), v VARCHAR(9), s SET('a', 'b'), d DATETIME(6), e BIT(8))",
            "INSERT INTO padded VALUES (1, 'ab', 'x  ', 'a,b', '2024-01-01 10:00:00.7', b'101')",
            "CREATE TABLE zoned (id INT PRIMARY KEY)", "INSERT INTO zoned VALUES (1)",
            "CREATE TABLE computed (id INT PRIMARY KEY, v VARCHAR(20))", "INSERT INTO computed VALUES (1, 'a')",
            "CREATE TABLE parent (id INT PRIMARY KEY)", "CREATE TABLE child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES parent (id))",
            "INSERT INTO parent VALUES (1)", "INSERT INTO child VALUES (1, 1)"],
           ["DROP TABLE again", "CREATE TABLE again (id INT PRIMARY KEY, v INT)", "INSERT INTO again VALUES (1, 5)",
            "ALTER TABLE anew DROP COLUMN a, ADD COLUMN a INT NOT NULL DEFAULT 5",
            "ALTER TABLE anew CHANGE b c INT, ADD COLUMN b INT FIRST", "INSERT INTO anew (id, c) VALUES (3, 33)",
            "ALTER TABLE cases CHANGE NAME label VARCHAR(20)", "ALTER TABLE cases MODIFY LABEL VARCHAR(50)", "INSERT INTO cases VALUES (2, 'two')",
            "ALTER TABLE padded MODIFY b BINARY(8)", "ALTER TABLE padded MODIFY v CHAR(9)", "ALTER TABLE padded MODIFY s SET('b', 'a')",
            "ALTER TABLE padded MODIFY d DATETIME", "ALTER TABLE padded MODIFY e BIT(16)",
            "SET time_zone = '+02:00'", "ALTER TABLE zoned ADD COLUMN t TIMESTAMP NOT NULL DEFAULT '2020-01-01 00:00:00'", "SET time_zone = '+00:00'",
            "ALTER TABLE computed ADD COLUMN h CHAR(32) NOT NULL DEFAULT (REVERSE(v))", "INSERT INTO computed (id, v) VALUES (2, 'bc')",
            "ALTER TABLE child ADD COLUMN x INT", "SET foreign_key_checks = 0", "TRUNCATE TABLE parent", "SET foreign_key_checks = 1",
            "INSERT INTO parent VALUES (1), (2)", "DROP TABLE child, parent"])


@pytest.mark.parametrize("kinds", [("mariadb", "postgres")], ids=["from_mariadb"])
def test_tables_that_are_replaced(follow):
    follow(["CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 1), (2, 2)"],
           ["CREATE OR REPLACE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 5)",
            "CREATE OR REPLACE TABLE t (id INT PRIMARY KEY, w VARCHAR(9))", "INSERT INTO t VALUES (7, 'x')"])


@pytest.mark.parametrize("kinds", [("mariadb", "postgres")], ids=["from_mariadb"])
def test_a_column_that_postgresql_cannot_compute_waits_for_the_operator(source, target, godwit):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v VARCHAR(20))", "INSERT INTO shop.t VALUES (1, 'a')")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("ALTER TABLE shop.t ADD COLUMN g BIGINT AS (CRC32(v))")
    assert "crc32" in task.run().expect(FOUND).text  # the checks look at the tables as they are now
    refused = task.run("--skip-checks").expect(FAILED).err
    assert "`g`" in refused and "godwit ddl replace" in refused, refused


@pytest.mark.parametrize("kinds", [("mariadb", "postgres")], ids=["from_mariadb"])
def test_what_has_no_counterpart_waits_for_the_operator(source, target, godwit, assert_same):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v INT) PARTITION BY RANGE (id) "
                   "(PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN (20))",
                   "INSERT INTO shop.t VALUES (1, 17), (2, 18), (12, 19)")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("ALTER TABLE shop.t DROP PARTITION a", "INSERT INTO shop.t VALUES (13, 19)")
    refused = task.run().expect(FAILED)
    assert "ALTER TABLE shop.t DROP PARTITION a" in refused.err and "godwit ddl replace" in refused.err, refused.err
    task.ddl("replace", "--sql", "DELETE FROM shop.t WHERE id < 10").expect(DONE)
    task.run().expect(DONE)
    assert_same()
