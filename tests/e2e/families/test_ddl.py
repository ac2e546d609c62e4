"""Statements of MariaDB and MySQL that define tables, as PostgreSQL does them."""

import pytest
from harness.godwit import DONE, FAILED, FOUND, KILLED


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
            "ALTER TABLE t ADD COLUMN made DATETIME DEFAULT CURRENT_TIMESTAMP", "INSERT INTO t (id, v) VALUES (4, 20)",
            "ALTER TABLE t ADD COLUMN again DATETIME DEFAULT CURRENT_TIMESTAMP, RENAME TO u", "INSERT INTO u (id, v) VALUES (5, 21)",
            "ALTER TABLE u MODIFY v VARCHAR(9), RENAME TO w", "INSERT INTO w (id, v) VALUES (6, 'x')"])
    assert columns(target, "w")[1] == ("v", "character varying", "YES")


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
            "ALTER TABLE child ADD COLUMN x INT", "SET foreign_key_checks = 0",
            "ALTER TABLE parent ADD COLUMN t DATETIME DEFAULT CURRENT_TIMESTAMP", "TRUNCATE TABLE parent", "SET foreign_key_checks = 1",
            "INSERT INTO parent (id) VALUES (1), (2)", "DROP TABLE child, parent"])


def keys(target):
    return target.execute("SELECT conrelid::regclass::text, conname, split_part(pg_get_constraintdef(oid), ' ON ', 1), convalidated FROM pg_constraint "
                          "WHERE contype IN ('p', 'u', 'f') AND connamespace = 'shop'::regnamespace ORDER BY 1, 2")


def test_names_go_round(follow, target):
    """With the keys that are called after their tables, and those that refer to them."""
    follow(["CREATE TABLE one (id INT AUTO_INCREMENT PRIMARY KEY, a VARCHAR(20), UNIQUE (a), KEY other (a, id))", "INSERT INTO one (a) VALUES ('x'), ('y')",
            "CREATE TABLE two (id BIGINT PRIMARY KEY, a INT, UNIQUE (a), KEY other (a, id))", "INSERT INTO two VALUES (1, 1), (2, 2), (3, 3)",
            "CREATE TABLE parent (id INT PRIMARY KEY, v INT)", "INSERT INTO parent VALUES (1, 1), (2, 2)",
            "CREATE TABLE child (id INT PRIMARY KEY, p INT NOT NULL DEFAULT 2, w VARCHAR(9), FOREIGN KEY (p) REFERENCES parent (id))",
            "INSERT INTO child VALUES (1, 1, 'a'), (2, 2, 'b')",
            "CREATE TABLE old (id INT PRIMARY KEY, v INT, KEY (v))", "INSERT INTO old VALUES (1, 1)",
            "CREATE TABLE fresh (id INT PRIMARY KEY, v INT, w INT, KEY (v))", "INSERT INTO fresh VALUES (1, 2, 3), (2, 3, 4)"],
           ["RENAME TABLE one TO aside, two TO one, aside TO two", "INSERT INTO one VALUES (4, 4)", "INSERT INTO two (a) VALUES ('z')", "DELETE FROM one WHERE id = 2",
            "ALTER TABLE one ADD COLUMN c INT DEFAULT 7", "RENAME TABLE two TO three, one TO two", "UPDATE two SET a = a + 10", "UPDATE three SET a = CONCAT(a, a)",
            "ALTER TABLE parent CHANGE id number INT", "INSERT INTO parent VALUES (3, 3)", "INSERT INTO child VALUES (3, 3, 'c')",
            "RENAME TABLE parent TO elder, old TO parent", "INSERT INTO child VALUES (4, 2, 'd')", "RENAME TABLE parent TO old",
            "CREATE DATABASE elsewhere", "RENAME TABLE old TO elsewhere.old, fresh TO old", "INSERT INTO old VALUES (3, 4, 5)"])
    assert keys(target) == [
        ("child", "child_ibfk_1", "FOREIGN KEY (p) REFERENCES elder(number)", True), ("child", "child_pkey", "PRIMARY KEY (id)", True),
        ("elder", "elder_pkey", "PRIMARY KEY (number)", True), ("old", "old_pkey", "PRIMARY KEY (id)", True),
        ("three", "three__a_key", "UNIQUE (a)", True), ("three", "three_pkey", "PRIMARY KEY (id)", True),
        ("two", "two__a_key", "UNIQUE (a)", True), ("two", "two_pkey", "PRIMARY KEY (id)", True)]
    assert {row[0] for row in target.execute("SELECT indexname FROM pg_indexes WHERE schemaname = 'shop'")} >= {
        "old__v_idx", "two__other_idx", "three__other_idx"}


def test_a_parent_that_goes_while_keys_do_not_act(follow, target):
    """As a dump does it that is loaded: its children stay, and refer to the next table of its name."""
    follow(["CREATE TABLE parent (id INT PRIMARY KEY)", "INSERT INTO parent VALUES (1), (2)",
            "CREATE TABLE child (id INT PRIMARY KEY, p INT, CONSTRAINT own FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE)",
            "INSERT INTO child VALUES (1, 1), (2, 2)", "CREATE TABLE gone (id INT PRIMARY KEY)",
            "CREATE TABLE orphan (id INT PRIMARY KEY, CONSTRAINT lost FOREIGN KEY (id) REFERENCES gone (id))"],
           ["SET foreign_key_checks = 0", "DROP TABLE gone, parent", "INSERT INTO child VALUES (3, 3)", "INSERT INTO orphan VALUES (1)",
            "CREATE TABLE parent (id INT PRIMARY KEY, v INT)", "INSERT INTO parent VALUES (1, 1), (3, 3)", "SET foreign_key_checks = 1",
            "DELETE FROM parent WHERE id = 3"])
    assert [key for key in keys(target) if "FOREIGN" in key[2]] == [("child", "own", "FOREIGN KEY (p) REFERENCES parent(id)", False)]


@pytest.mark.parametrize("kinds", [("mariadb", "postgres")], ids=["from_mariadb"])
def test_while_it_catches_up(source, target, godwit, assert_same):
    """The target has by then what the source had after the statements, and some of it not yet."""
    source.execute("CREATE DATABASE shop", "CREATE DATABASE old", "USE shop", "CREATE TABLE a (id INT PRIMARY KEY, v INT UNIQUE, w INT, KEY (w))",
                   "INSERT INTO a VALUES (1, 1, 1)", "CREATE TABLE b (id INT PRIMARY KEY, v INT UNIQUE, w VARCHAR(9), KEY (w))",
                   "INSERT INTO b VALUES (1, 1, 'b'), (2, 2, 'b')",
                   "CREATE TABLE c (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES a (id))", "INSERT INTO c VALUES (1)",
                   "CREATE TABLE old.t (id INT PRIMARY KEY)", "INSERT INTO old.t VALUES (1)")
    task = godwit(source, target, tables={"include": ["shop.*", "old.*", "later.*", "last.*"]})
    task.run(failpoints="task.before_schema").expect(KILLED)
    source.execute("CREATE DATABASE later", "CREATE TABLE later.t (id INT PRIMARY KEY)", "INSERT INTO later.t VALUES (1)", "USE shop",
                   "RENAME TABLE a TO x, b TO a, x TO b", "INSERT INTO a VALUES (3, 3, 'x')", "INSERT INTO b VALUES (2, 2, 2)", "INSERT INTO c VALUES (2)",
                   "DROP DATABASE old", "CREATE DATABASE old", "CREATE TABLE old.t (v VARCHAR(9) PRIMARY KEY)", "INSERT INTO old.t VALUES ('new')")
    task.run(failpoints="task.before_catching_up").expect(KILLED)
    source.execute("CREATE DATABASE last", "CREATE TABLE last.t (id INT PRIMARY KEY)", "INSERT INTO last.t VALUES (1)",
                   "DROP DATABASE later", "CREATE DATABASE later", "USE shop",
                   "RENAME TABLE a TO x, b TO a, x TO b", "INSERT INTO a VALUES (3, 3, 3), (4, 4, 4)", "INSERT INTO c VALUES (3)",
                   "RENAME TABLE c TO d", "INSERT INTO d VALUES (4)",
                   "SET foreign_key_checks = 0", "INSERT INTO d VALUES (7)", "DELETE FROM d WHERE id IN (4, 7)")
    for failpoint in ("ddl.before_execute:2", "ddl.after_execute:3", "ddl.after_finish:4"):
        task.run(failpoints=failpoint).expect(KILLED)
    task.run().expect(DONE)
    for schema in ("shop", "old", "later", "last"):
        assert_same(schema=schema)
    assert {key[1] for key in keys(target)} == {"a_pkey", "a__v_key", "b_pkey", "b__v_key", "d_pkey", "d_ibfk_1"}


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
    source.execute("CREATE TABLE shop.part (id INT PRIMARY KEY, v INT)", "INSERT INTO shop.part VALUES (21, 1), (22, 2)",
                   "ALTER TABLE shop.t CONVERT TABLE shop.part TO PARTITION c VALUES LESS THAN (30)", "UPDATE shop.t SET v = 7 WHERE id = 22")
    assert "it moves the rows of table shop.part" in task.run().expect(FAILED).err
    task.ddl("replace", "--sql", "INSERT INTO shop.t SELECT * FROM shop.part; DROP TABLE shop.part").expect(DONE)
    task.run().expect(DONE)
    assert_same()
    source.execute("ALTER TABLE shop.t CONVERT PARTITION c TO TABLE shop.apart", "DELETE FROM shop.apart WHERE id = 21")
    assert "it moves rows to table shop.apart" in task.run().expect(FAILED).err
    task.ddl("replace", "--sql", "CREATE TABLE shop.apart (LIKE shop.t INCLUDING ALL); WITH gone AS (DELETE FROM shop.t WHERE id > 20 RETURNING *) "
             "INSERT INTO shop.apart SELECT * FROM gone").expect(DONE)
    task.run().expect(DONE)
    assert_same()
