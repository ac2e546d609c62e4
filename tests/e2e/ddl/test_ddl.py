"""Definitions that change in the stream: rows are read as the table was when they were written."""

import pytest
from harness import shop
from harness.compare import assert_equal, user_schemas
from harness.godwit import DONE, KILLED
from harness.writer import Writer

T = ["CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(20))", "INSERT INTO t VALUES (1, 1, 'one'), (2, 2, 'two')"]

# name: (set-up, changes); rows stand before, between and after the definitions.
CASES = {
    "add_columns": (T, ["INSERT INTO t VALUES (3, 3, 'x')", "ALTER TABLE t ADD COLUMN c INT DEFAULT 7, ADD d DATE FIRST",
                        "INSERT INTO t (id, c) VALUES (4, 4)", "ALTER TABLE t ADD e JSON AFTER id", "UPDATE t SET e = '{}'"]),
    "drop_column": (T, ["UPDATE t SET a = 5", "ALTER TABLE t DROP COLUMN a", "INSERT INTO t VALUES (3, 'x')"]),
    "modify_type": (T, ["UPDATE t SET a = 300", "ALTER TABLE t MODIFY a BIGINT UNSIGNED NOT NULL, MODIFY b TEXT CHARACTER SET latin1",
                        "INSERT INTO t VALUES (3, 18446744073709551615, 'é')"]),
    "change_and_rename_column": (T, ["ALTER TABLE t CHANGE a aa INT COMMENT 'x'", "UPDATE t SET aa = 9",
                                     "ALTER TABLE t RENAME COLUMN b TO bb", "UPDATE t SET bb = 'bb'"]),
    "swap_column_order": (T, ["ALTER TABLE t MODIFY b VARCHAR(20) FIRST", "INSERT INTO t VALUES ('x', 3, 3)",
                              "ALTER TABLE t MODIFY a INT AFTER b", "INSERT INTO t VALUES ('y', 4, 4)"]),
    "keys": (T, ["ALTER TABLE t ADD INDEX (a), ADD UNIQUE u (b)", "CREATE INDEX i2 ON t (b, a)", "INSERT INTO t VALUES (3, 3, 'k')",
                 "DROP INDEX i2 ON t", "ALTER TABLE t DROP KEY u", "INSERT INTO t VALUES (4, 4, 'k')"]),
    "primary_key_changes": (T, ["ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (b)", "INSERT INTO t VALUES (1, 1, 'three')",
                                "UPDATE t SET a = 9 WHERE b = 'one'", "ALTER TABLE t DROP PRIMARY KEY", "DELETE FROM t WHERE b = 'two'",
                                "INSERT INTO t VALUES (1, 1, 'three')", "DELETE FROM t WHERE b = 'three' LIMIT 1"]),
    "enum_grows": (["CREATE TABLE t (id INT PRIMARY KEY, e ENUM('a', 'b'), s SET('x'))", "INSERT INTO t VALUES (1, 'b', 'x')"],
                   ["ALTER TABLE t MODIFY e ENUM('z', 'a', 'b'), MODIFY s SET('w', 'x')", "INSERT INTO t VALUES (2, 'z', 'w,x')",
                    "UPDATE t SET e = 'a' WHERE id = 1"]),
    "charset_converted": (T, ["UPDATE t SET b = 'ü'", "ALTER TABLE t CONVERT TO CHARACTER SET latin1", "UPDATE t SET b = 'é'",
                              "ALTER TABLE t DEFAULT CHARACTER SET utf8mb4", "ALTER TABLE t ADD c VARCHAR(9)", "UPDATE t SET c = '🦆'"]),
    "create_and_drop": (T, ["CREATE TABLE n (id INT PRIMARY KEY AUTO_INCREMENT, v INT)", "INSERT INTO n (v) VALUES (1), (2)",
                            "CREATE TABLE l LIKE n", "INSERT INTO l VALUES (9, 9)", "CREATE TABLE s AS SELECT * FROM t",
                            "CREATE OR REPLACE TABLE n (x TEXT)", "INSERT INTO n VALUES ('x')", "DROP TABLE l, t",
                            "CREATE TABLE IF NOT EXISTS n (y INT)", "DROP TABLE IF EXISTS l, nothing",
                            "CREATE TABLE t (other INT)", "INSERT INTO t VALUES (1)"]),
    "rename": (T, ["CREATE TABLE u (x INT PRIMARY KEY)", "INSERT INTO u VALUES (1)", "RENAME TABLE t TO tmp, u TO t, tmp TO u",
                   "INSERT INTO t VALUES (2)", "INSERT INTO u VALUES (3, 3, 'u')", "ALTER TABLE u RENAME TO v", "INSERT INTO v VALUES (4, 4, 'v')"]),
    "truncate": (T, ["TRUNCATE t", "INSERT INTO t VALUES (1, 10, 'new')", "TRUNCATE TABLE t", "INSERT INTO t VALUES (2, 20, 'newer')"]),
    "foreign_keys": (T, ["CREATE TABLE c (id INT PRIMARY KEY, t INT, CONSTRAINT fk FOREIGN KEY (t) REFERENCES t (id) ON DELETE CASCADE)",
                         "INSERT INTO c VALUES (1, 1), (2, 2)", "DELETE FROM t WHERE id = 1", "ALTER TABLE c DROP FOREIGN KEY fk",
                         "DELETE FROM t WHERE id = 2", "ALTER TABLE c ADD d INT"]),
    "foreign_key_added": ([*T, "CREATE TABLE c (id INT PRIMARY KEY, t INT)", "INSERT INTO c VALUES (1, 1), (2, 2)"],
                          ["ALTER TABLE c ADD FOREIGN KEY (t) REFERENCES t (id) ON DELETE SET NULL", "DELETE FROM t WHERE id = 1"]),
    "foreign_keys_that_the_engine_does_not_keep": (
        T, ["CREATE TABLE c (id INT PRIMARY KEY, t INT, FOREIGN KEY (t) REFERENCES t (id) ON DELETE CASCADE) ENGINE=MyISAM",
            "INSERT INTO c VALUES (1, 1), (2, 2)", "ALTER TABLE c ADD FOREIGN KEY (id) REFERENCES t (id) ON DELETE CASCADE",
            "DELETE FROM t WHERE id = 1"]),
    "generated": (T, ["ALTER TABLE t ADD g INT AS (a + 1) STORED, ADD CHECK (a < 100)", "INSERT INTO t (id, a) VALUES (3, 3)",
                      "ALTER TABLE t DROP COLUMN g", "UPDATE t SET b = 'q'"]),
    "partitions": (["CREATE TABLE t (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (10))",
                    "INSERT INTO t VALUES (1)"],
                   ["ALTER TABLE t ADD PARTITION (PARTITION b VALUES LESS THAN (20))", "INSERT INTO t VALUES (15)",
                    "ALTER TABLE t DROP PARTITION a", "INSERT INTO t VALUES (16)", "ALTER TABLE t TRUNCATE PARTITION b", "INSERT INTO t VALUES (17)"]),
    "views": (T, ["CREATE VIEW v AS SELECT id, a FROM t", "CREATE OR REPLACE VIEW v AS SELECT id FROM t", "ALTER VIEW v AS SELECT b FROM t",
                  "CREATE VIEW w AS SELECT 1 AS x", "DROP VIEW w", "INSERT INTO t VALUES (3, 3, 'x')"]),
    "quoted_names_and_comments": (
        T, ["/* a */ ALTER /*b*/ TABLE `shop` . `t` -- c\n ADD COLUMN `od``d; name` INT COMMENT 'x;y'", "INSERT INTO t VALUES (3, 3, 'x', 3)",
            "CREATE TABLE `ü ber` (`select` INT PRIMARY KEY)", "INSERT INTO `ü ber` VALUES (1)", "/*!50000 ALTER TABLE t */ DROP COLUMN a",
            "INSERT INTO t VALUES (4, 'y', 4)"]),
    "sql_modes": (T, ["SET sql_mode = 'ANSI_QUOTES'", 'ALTER TABLE "t" ADD "z" INT DEFAULT 1', "SET sql_mode = 'NO_BACKSLASH_ESCAPES'",
                      "ALTER TABLE t ADD y VARCHAR(9) DEFAULT '\\\\', COMMENT 'c:\\'", "INSERT INTO t (id) VALUES (3)"]),
    "session_settings": (T, ["SET NAMES latin1", "SET time_zone = '-05:00'", "ALTER TABLE t ADD ts TIMESTAMP NOT NULL DEFAULT '2000-01-01 00:00:00'",
                             "INSERT INTO t (id) VALUES (3)"]),
    "nothing_that_counts": (T, ["ANALYZE TABLE t", "OPTIMIZE TABLE t", "FLUSH TABLES", "CREATE TEMPORARY TABLE x (i INT)",
                                "INSERT INTO x VALUES (1)", "DROP TEMPORARY TABLE x", "CREATE USER u@localhost", "DROP USER u@localhost",
                                "GRANT SELECT ON shop.* TO godwit@'%'", "INSERT INTO t VALUES (3, 3, 'x')"]),
    "auto_increment": (T, ["ALTER TABLE t MODIFY id INT AUTO_INCREMENT", "INSERT INTO t (a) VALUES (7)", "ALTER TABLE t AUTO_INCREMENT = 500",
                           "INSERT INTO t (a) VALUES (8)"]),
    "engine_and_options": (T, ["ALTER TABLE t ROW_FORMAT=DYNAMIC COMMENT='hello'", "ALTER TABLE t FORCE", "INSERT INTO t VALUES (3, 3, 'x')"]),
    "several_in_a_row": (T, [statement for i in range(30) for statement in (
        f"ALTER TABLE t ADD c{i} INT DEFAULT {i}", f"INSERT INTO t (id, c{i}) VALUES ({100 + i}, {i * 2})")]),
}


@pytest.mark.parametrize("case", CASES)
def test_case(follow, case):
    follow(*CASES[case])


VIEW_STATEMENTS = {
    "plain": ["CREATE VIEW v AS SELECT id FROM t"],
    "if_not_exists": ["CREATE VIEW IF NOT EXISTS v AS SELECT id FROM t", "CREATE VIEW IF NOT EXISTS kept AS SELECT 1 AS other"],
    "or_replace": ["CREATE OR REPLACE VIEW v AS SELECT id FROM t", "CREATE OR REPLACE VIEW kept AS SELECT a FROM t"],
    "algorithm": ["CREATE ALGORITHM=MERGE DEFINER=root@localhost SQL SECURITY INVOKER VIEW v AS SELECT id FROM t WITH CHECK OPTION"],
    "spelling": ["/* a */ create\n/* b */\tview `v` as select id from t"],
    "alter": ["ALTER VIEW kept AS SELECT b FROM t"],
    "drop": ["DROP VIEW kept", "DROP VIEW IF EXISTS kept, nowhere"],
    "come_and_gone": ["CREATE VIEW v AS SELECT id FROM t", "DROP VIEW v"],
    "over_a_new_column": ["ALTER TABLE t ADD fresh INT DEFAULT 5", "CREATE VIEW v AS SELECT fresh FROM t",
                          "ALTER VIEW kept AS SELECT fresh, id FROM t"],
    "on_one_another": ["CREATE VIEW v AS SELECT * FROM kept", "CREATE VIEW a AS SELECT * FROM v", "CREATE OR REPLACE VIEW v AS SELECT 1 AS id"],
}


@pytest.mark.parametrize("failpoint", ["copy.after_chunk_commit", "task.before_catching_up", "task.before_streaming"])
@pytest.mark.parametrize("case", VIEW_STATEMENTS)
def test_views_that_change_before_the_stream(source, target, godwit, failpoint, case):
    """While rows are copied, and when the views have been made and the log tells of them afterwards."""
    source.execute("CREATE DATABASE shop", "USE shop", *T, "CREATE VIEW kept AS SELECT id FROM t")
    task = godwit(source, target)
    assert task.run(failpoints=failpoint).code == KILLED
    source.execute("USE shop", *VIEW_STATEMENTS[case], "INSERT INTO t (id) VALUES (9)")
    task.run().expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("kinds", [("mariadb", "mariadb"), ("mysql", "mysql"), ("mariadb", "mysql")])
@pytest.mark.parametrize("source_options", [{"default_storage_engine": "MyISAM"}])
def test_tables_made_with_the_sources_default_engine(follow):
    """The target's own default is InnoDB, where the foreign key would act."""
    follow(["CREATE TABLE t (id INT PRIMARY KEY) ENGINE=InnoDB", "INSERT INTO t VALUES (1), (2)"],
           ["CREATE TABLE c (id INT PRIMARY KEY, t INT, FOREIGN KEY (t) REFERENCES t (id) ON DELETE CASCADE)",
            "INSERT INTO c VALUES (1, 1), (2, 2)", "DELETE FROM t WHERE id = 1"])


def test_databases(source, target, godwit):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)")
    task = godwit(source, target, tables={"include": ["*.*"]})
    task.run().expect(DONE)
    source.execute("CREATE DATABASE second CHARACTER SET latin1", "CREATE TABLE second.t (v VARCHAR(9))",
                   "INSERT INTO second.t VALUES ('é')", "ALTER DATABASE second CHARACTER SET utf8mb4",
                   "CREATE TABLE second.u (v VARCHAR(9))", "INSERT INTO second.u VALUES ('🦆')",
                   "RENAME TABLE shop.t TO second.moved", "CREATE DATABASE third", "CREATE TABLE third.t (i INT)",
                   "INSERT INTO third.t VALUES (1)", "DROP DATABASE third")
    task.run().expect(DONE)
    assert_equal(source, target)
    assert user_schemas(target) == ["second", "shop"]


NAMES = ["CREATE DATABASE shop", "CREATE DATABASE second", "CREATE TABLE shop.m (of_shop INT PRIMARY KEY)",
         "CREATE TABLE second.m (of_second INT PRIMARY KEY, w INT)", "INSERT INTO shop.m VALUES (1)", "INSERT INTO second.m VALUES (2, 2)"]


@pytest.mark.parametrize("statement", [
    "CREATE TABLE second.n LIKE m", "CREATE TABLE n LIKE second.m", "ALTER TABLE second.m RENAME moved", "RENAME TABLE second.m TO moved",
    "CREATE TABLE second.n (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES m (of_second) ON DELETE CASCADE)",
    "CREATE TABLE second.n SELECT * FROM m", "DROP TABLE m, second.m", "CREATE VIEW second.v AS SELECT * FROM m",
    "ALTER TABLE second.m ADD KEY (w), ADD COLUMN z INT DEFAULT 5"])
@pytest.mark.parametrize("include", [["*.*"], ["second.*"]], ids=["all", "one"])
def test_names_without_a_schema(source, target, godwit, statement, include):
    """They belong to the session's database, and it need not be one of the task's."""
    source.execute(*NAMES)
    task = godwit(source, target, tables={"include": include})
    task.run().expect(DONE)
    source.execute("USE shop", statement, "CREATE TABLE second.last (id INT PRIMARY KEY)", "INSERT INTO second.last VALUES (1)")
    if "DELETE CASCADE" in statement:
        source.execute("INSERT INTO second.n VALUES (2)", "DELETE FROM second.m")
    if "second.n LIKE" in statement:
        source.execute("INSERT INTO second.n VALUES (7)")
    if "VIEW" in statement and include == ["second.*"]:
        target.execute("CREATE DATABASE shop", "CREATE TABLE shop.m (of_shop INT PRIMARY KEY)")
    task.run().expect(DONE)
    if "moved" in statement and include == ["second.*"]:
        target.execute("DROP TABLE second.m")  # it has left the task
    assert_equal(source, target, ["shop", "second"] if include == ["*.*"] else ["second"])


def test_a_table_is_renamed_out_of_the_task_and_into_it(source, target, godwit):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.gone (id INT PRIMARY KEY)", "INSERT INTO shop.gone VALUES (1)",
                   "CREATE TABLE shop.stays (id INT PRIMARY KEY)", "CREATE DATABASE attic")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("RENAME TABLE shop.gone TO attic.gone", "INSERT INTO attic.gone VALUES (2)", "INSERT INTO shop.stays VALUES (1)")
    task.run().expect(DONE)
    assert target.execute("SELECT * FROM shop.stays") == ((1,),)


def test_definitions_change_while_rows_do(source, target, godwit):
    shop.load(source, 0.05)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 2})
    run = task.start()
    from harness.writer import SHOP, visit

    with Writer(source, [t for t in SHOP if t is not visit], rate=300) as writer:
        for i in range(6):
            writer.wait_for(40)
            assert not run.ended, run.result().text
            source.execute("USE shop", f"ALTER TABLE customer ADD COLUMN extra{i} INT DEFAULT {i}",
                           f"ALTER TABLE orders ADD INDEX extra{i} (paid, id)", f"UPDATE customer SET extra{i} = 5 LIMIT 50")
    run.interrupt()
    run.wait()
    task.run().expect(DONE)
    assert_equal(source, target)


def test_a_definition_changes_during_the_copy(source, target, godwit):
    shop.load(source, 0.4)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 1})
    run = task.start("--until", "caught-up")
    run.wait_until(target.has_tables)
    source.execute("USE shop", *[
        statement for table in ("customer", "order_item", "orders", "product", "visit")
        for statement in (f"ALTER TABLE {table} ADD COLUMN late INT NOT NULL DEFAULT 4", f"UPDATE {table} SET late = 5 LIMIT 10")])
    run.wait().expect(DONE)
    assert_equal(source, target)


def test_a_table_made_later_in_a_schema_with_a_charset_of_its_own(source, target, godwit):
    """Without a charset of its own it takes the schema's: rows without a key are found by their text in it."""
    source.execute("CREATE DATABASE shop CHARACTER SET latin1", "CREATE TABLE shop.first (id INT PRIMARY KEY)")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", "CREATE TABLE t (v VARCHAR(20), w VARCHAR(20), UNIQUE (w))",
                   "INSERT INTO t VALUES ('é', 'ü'), ('é', 'ö'), ('ß', NULL), ('ß', NULL)")
    task.run().expect(DONE)
    source.execute("USE shop", "UPDATE t SET v = 'à' WHERE v = 'é'", "DELETE FROM t WHERE w IS NULL LIMIT 1",
                   "ALTER DATABASE shop CHARACTER SET utf8mb4", "CREATE TABLE u (v VARCHAR(20))", "INSERT INTO u VALUES ('日')",
                   "UPDATE u SET v = '本'")
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    assert_equal(source, target)
