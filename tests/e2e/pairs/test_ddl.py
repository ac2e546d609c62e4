"""Statements that define tables, in the stream from one kind of server to the other."""

import pytest
from harness.compare import assert_alike
from harness.godwit import DONE, FAILED, KILLED


def test_statements_that_both_have(follow):
    follow(["CREATE TABLE p (id INT PRIMARY KEY)", "INSERT INTO p VALUES (1), (2)",
            "CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(20), n INT CHECK (n < 1000))",
            "INSERT INTO t (v, n) VALUES ('a', 1), ('b', 2)"],
           ["ALTER TABLE t ADD COLUMN extra INT DEFAULT 7, ADD KEY (v)", "INSERT INTO t (v) VALUES ('c')",
            "ALTER TABLE t MODIFY extra BIGINT NOT NULL FIRST, CHANGE v w VARCHAR(30) AFTER n",
            "INSERT INTO t (w, extra) VALUES ('d', 1)",
            "ALTER TABLE t DROP COLUMN extra, ADD COLUMN extra VARCHAR(5) DEFAULT 'x' FIRST", "UPDATE t SET extra = w",
            "ALTER TABLE t RENAME COLUMN extra TO more, ALTER COLUMN w SET DEFAULT 'it''s'", "INSERT INTO t (n) VALUES (9)",
            "ALTER TABLE t ADD COLUMN parent INT, ADD CONSTRAINT fk FOREIGN KEY (parent) REFERENCES p (id) ON DELETE SET NULL",
            "UPDATE t SET parent = 1", "DELETE FROM p WHERE id = 1", "ALTER TABLE t DROP FOREIGN KEY fk, DROP KEY fk",
            "CREATE UNIQUE INDEX u ON t (w, n)", "ALTER TABLE t RENAME INDEX u TO uu", "DROP INDEX uu ON t",
            "ALTER TABLE t ADD CONSTRAINT c CHECK (n < 2000)", "ALTER TABLE t DROP CONSTRAINT c",
            "ALTER TABLE t COMMENT = 'changed', DEFAULT CHARACTER SET latin1", "ALTER TABLE t ADD COLUMN l VARCHAR(9)",
            "UPDATE t SET l = 'é'", "ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4",
            "ALTER TABLE t ADD COLUMN g INT AS (n * 2) STORED", "CREATE TABLE copied AS SELECT * FROM t",
            "UPDATE copied SET w = 'd'", "CREATE TABLE named LIKE t", "INSERT INTO named (w, n) SELECT w, n FROM t",
            "RENAME TABLE named TO renamed, t TO named", "RENAME TABLE named TO t", "TRUNCATE TABLE p",
            "INSERT INTO p VALUES (5)", "CREATE TABLE gone (id INT PRIMARY KEY)", "DROP TABLE gone",
            "CREATE VIEW seen AS SELECT * FROM renamed", "ALTER TABLE t RENAME TO last", "INSERT INTO last (n) VALUES (10)",
            "ALTER TABLE last MODIFY n INT, ADD COLUMN z INT CHECK (z > 0)", "ALTER TABLE last ENGINE=InnoDB"])


def test_partitions(follow):
    follow(["CREATE TABLE t (id INT PRIMARY KEY, v INT) PARTITION BY RANGE (id) "
            "(PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN (20))",
            "INSERT INTO t VALUES (1, 1), (11, 1)", "CREATE TABLE out_ (id INT PRIMARY KEY, v INT)"],
           ["ALTER TABLE t ADD PARTITION (PARTITION c VALUES LESS THAN (30))", "INSERT INTO t VALUES (21, 1)",
            "ALTER TABLE t TRUNCATE PARTITION a", "ALTER TABLE t EXCHANGE PARTITION b WITH TABLE out_",
            "ALTER TABLE t REORGANIZE PARTITION a INTO (PARTITION a1 VALUES LESS THAN (5), PARTITION a2 VALUES LESS THAN (10))",
            "INSERT INTO t VALUES (2, 2), (7, 7)", "ALTER TABLE t DROP PARTITION c", "ALTER TABLE t REMOVE PARTITIONING",
            "INSERT INTO t VALUES (100, 1)", "ALTER TABLE t PARTITION BY HASH (id) PARTITIONS 3", "INSERT INTO t VALUES (101, 1)"])


@pytest.mark.parametrize("statements", [
    ["ALTER TABLE t ADD COLUMN u UUID, ADD COLUMN a INET6", "INSERT INTO t (id, u, a) VALUES (5, UUID(), '::1')"],
    ["CREATE OR REPLACE TABLE t (id INT PRIMARY KEY, u UUID)", "INSERT INTO t VALUES (1, UUID())"],
    ["ALTER TABLE t ADD COLUMN IF NOT EXISTS v INT, ADD COLUMN IF NOT EXISTS w INT", "UPDATE t SET w = 3"],
    ["SET sql_mode = 'ANSI_QUOTES'", 'ALTER TABLE "t" ADD COLUMN "x y" VARCHAR(9) DEFAULT \'q\'', "UPDATE t SET `x y` = 'z'"],
    ["CREATE DATABASE shop2 COLLATE utf8mb4_uca1400_ai_ci", "CREATE TABLE shop2.x (id INT PRIMARY KEY, v VARCHAR(9))",
     "INSERT INTO shop2.x VALUES (1, 'a')"],
], ids=lambda statements: statements[0].split(" ", 2)[1] if statements[0].startswith("SET") else statements[0][:30])
def test_statements_of_mariadb_alone(from_kind, statements):
    source, target, task = from_kind("mariadb")
    task.configure(tables={"include": ["shop.*", "shop2.*"]})
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 1)")
    task.run().expect(DONE)
    source.execute("USE shop", *statements)
    task.run().expect(DONE)
    assert_alike(source, target)


@pytest.mark.parametrize("kind", ["mariadb", "mysql"])
@pytest.mark.parametrize("alter, again", [("ADD COLUMN extra INT DEFAULT 7, MODIFY v VARCHAR(30), ADD KEY (v)", False),
                                          ("ADD COLUMN extra TIMESTAMP DEFAULT CURRENT_TIMESTAMP", True)])
def test_an_online_schema_change(from_kind, kind, alter, again):
    """One ALTER in the SQL of the target, where that gives the rows that the tool's copy has."""
    source, target, task = from_kind(kind)
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))", "INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    task.run().expect(DONE)
    source.execute("USE shop", "CREATE TABLE _t_gho LIKE t", f"ALTER TABLE _t_gho {alter}", "INSERT INTO _t_gho (id, v) SELECT id, v FROM t",
                   "RENAME TABLE t TO _t_del, _t_gho TO t", "INSERT INTO t (id, v) VALUES (9, 'x')", "UPDATE t SET v = 'c' WHERE id = 1", "DROP TABLE _t_del")
    assert ("copied by itself" in task.run().expect(DONE).text) == again
    assert_alike(source, target)


@pytest.mark.parametrize("kind", ["mariadb", "mysql"])
def test_a_partition_is_exchanged_once(from_kind, kind):
    source, target, task = from_kind(kind)
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (10))",
                   "CREATE TABLE x (id INT PRIMARY KEY)", "INSERT INTO x VALUES (1)")
    task.run().expect(DONE)
    source.execute("USE shop", "ALTER TABLE t EXCHANGE PARTITION a WITH TABLE x", "INSERT INTO x VALUES (2)")
    assert task.run(failpoints="ddl.after_execute").code == KILLED
    task.run().expect(DONE)
    assert_alike(source, target)
@pytest.mark.parametrize("kind, columns, row, change", [
    ("mysql", "j JSON, e ENUM('a', 'b') DEFAULT 'b', d DECIMAL(9,2) DEFAULT 1.5", """'{"a": [1, 2.50]}', 'a', 3.25""", "j = JSON_SET(j, '$.a', 5)"),
    ("mariadb", "u UUID, a INET6, j JSON, d DATETIME(3) DEFAULT current_timestamp(3)",
     """'123e4567-e89b-12d3-a456-426655440000', '::1', '{"a": 1}', '2024-01-02 03:04:05.678'""", "a = '::2'"),
])
def test_after_a_ddl_that_is_not_executed(from_kind, kind, columns, row, change):
    """The target's types are other than the source's, and still what they are to be."""
    source, target, task = from_kind(kind)
    task.configure(ddl={"events": {"add_column": "ignore"}})
    source.execute("CREATE DATABASE shop", "USE shop", f"CREATE TABLE t (id INT PRIMARY KEY, {columns})", f"INSERT INTO t VALUES (1, {row})")
    task.run().expect(DONE)
    source.execute("USE shop", "ALTER TABLE t ADD n INT", f"INSERT INTO t VALUES (2, {row}, 7)", f"UPDATE t SET {change}, n = 8 WHERE id = 1")
    task.run().expect(DONE)
    source.execute("USE shop", f"UPDATE t SET {change} WHERE id = 2")
    task.run().expect(DONE)
    target.execute("ALTER TABLE shop.t ADD n INT")
    source.execute("UPDATE shop.t SET n = id")
    task.run().expect(DONE)
    assert_alike(source, target)


def test_an_online_schema_change(follow):
    """The table is copied again: the one ALTER that it amounts to is told in the source's SQL."""
    follow(["CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))", "INSERT INTO t VALUES (1, 'a'), (2, 'b')"],
           ["CREATE TABLE _t_gho LIKE t", "ALTER TABLE _t_gho ADD COLUMN extra INT DEFAULT 7, MODIFY v VARCHAR(30)",
            "INSERT INTO _t_gho (id, v) SELECT id, v FROM t", "RENAME TABLE t TO _t_del, _t_gho TO t",
            "INSERT INTO t VALUES (9, 'x', 1)", "UPDATE t SET v = 'c' WHERE id = 1", "DROP TABLE _t_del"])


@pytest.mark.parametrize("statements", [
    ["ALTER TABLE t ADD COLUMN j JSON, ADD COLUMN ve VECTOR(2)", "UPDATE t SET j = '{\"a\": 1.50}', ve = TO_VECTOR('[1,2]')"],
    ["ALTER TABLE t ADD KEY f ((v + 1)), ADD KEY i (v) INVISIBLE", "ALTER TABLE t DROP KEY f", "INSERT INTO t VALUES (3, 3)"],
    ["ALTER TABLE t ALTER COLUMN v SET INVISIBLE", "INSERT INTO t (id, v) VALUES (4, 4)"],
    ["CREATE TABLE x (id INT PRIMARY KEY, j JSON DEFAULT (JSON_ARRAY()), s VARCHAR(9) COLLATE utf8mb4_0900_as_cs)",
     "INSERT INTO x (id, s) VALUES (1, 'a')", "ALTER TABLE x ADD COLUMN p VARCHAR(20) AS (j->>'$[0]')"],
    ["SET sql_generate_invisible_primary_key = ON", "CREATE TABLE x (v INT)", "INSERT INTO x VALUES (1), (2)"],
    ["CREATE DATABASE shop2", "CREATE TABLE shop2.x (id INT PRIMARY KEY, v VARCHAR(9))", "INSERT INTO shop2.x VALUES (1, 'a')",
     "ALTER DATABASE shop2 COLLATE utf8mb4_0900_as_cs"],
], ids=lambda statements: statements[0][:30])
def test_statements_of_mysql_alone(from_kind, statements):
    source, target, task = from_kind("mysql")
    task.configure(tables={"include": ["shop.*", "shop2.*"]})
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 1)")
    task.run().expect(DONE)
    source.execute("USE shop", *statements)
    task.run().expect(DONE)
    assert_alike(source, target)


def by_gh_ost(alter, columns):
    return ["CREATE TABLE _t_gho LIKE t", f"ALTER TABLE _t_gho {alter}", f"INSERT INTO _t_gho ({columns}) SELECT {columns} FROM t",
            "RENAME TABLE t TO _t_del, _t_gho TO t", "DROP TABLE _t_del"]


@pytest.mark.parametrize("by", ["alter", "gh_ost"])
@pytest.mark.parametrize("kind, alter", [
    ("mariadb", "ADD SYSTEM VERSIONING"), ("mariadb", "ADD d DECIMAL(40,35)"), ("mysql", "ADD UNIQUE KEY f ((v + 1))")])
def test_what_cannot_be_said_stops_the_task_and_harms_nothing(from_kind, kind, alter, by):
    source, target, task = from_kind(kind)
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, v INT, s VARCHAR(40))")
    task.run().expect(DONE)
    before = target.execute("SHOW CREATE TABLE shop.t")
    run = task.start()
    source.execute("INSERT INTO shop.t VALUES (1, 1, NULL)")
    run.wait_until(lambda: target.value("SELECT COUNT(*) FROM shop.t") == 1)
    source.execute("USE shop", *(by_gh_ost(alter, "id, v, s") if by == "gh_ost" else [f"ALTER TABLE t {alter}"]))
    text = run.wait().expect(FAILED).text
    assert "cannot be said in the SQL of the target" in text and "godwit ddl skip" in text
    assert "godwit ddl retry" not in text
    assert target.execute("SHOW CREATE TABLE shop.t") == before
    assert target.value("SELECT COUNT(*) FROM shop.t") == 1


@pytest.mark.parametrize("by", ["alter", "gh_ost"])
@pytest.mark.parametrize("kind, first, then, value", [
    ("mariadb", "VARCHAR(40)", "UUID", "'123e4567-e89b-12d3-a456-426655440000'"),
    ("mariadb", "UUID", "BINARY(16)", "'123e4567-e89b-12d3-a456-426655440000'"),
    ("mariadb", "VARCHAR(40)", "INET6", "'::1'"), ("mariadb", "INET4", "VARCHAR(20)", "'10.0.0.1'"), ("mariadb", "INET6", "VARBINARY(16)", "'::2'"),
    ("mysql", "TEXT", "JSON", """'{"b": 1.50, "a": [1,2]}'"""), ("mysql", "JSON", "LONGTEXT", """'{"b": 1.50, "a": [1,2]}'"""),
    ("mysql", "VECTOR(2)", "VARBINARY(8)", "TO_VECTOR('[1,2]')"), ("mysql", "VARBINARY(8)", "VECTOR(2)", "TO_VECTOR('[1,2]')")])
def test_types_that_the_target_keeps_in_another_form(from_kind, kind, first, then, value, by):
    """The table is copied again, whoever changes the type."""
    source, target, task = from_kind(kind)
    source.execute("CREATE DATABASE shop", "USE shop", f"CREATE TABLE t (id INT PRIMARY KEY, s {first})", f"INSERT INTO t VALUES (1, {value}), (2, NULL)")
    task.run().expect(DONE)
    source.execute("USE shop", *(by_gh_ost(f"MODIFY s {then}", "id, s") if by == "gh_ost" else [f"ALTER TABLE t MODIFY s {then}"]),
                   "INSERT INTO t SELECT 3, s FROM t WHERE id = 1", "DELETE FROM t WHERE id = 2")
    text = task.run().expect(DONE).text
    assert "copied by itself" in text and "keeps in another form" in text
    assert_alike(source, target)


def test_children_follow_a_parent_that_is_copied_again(from_kind):
    source, target, task = from_kind("mysql")
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE p (id INT PRIMARY KEY, s TEXT)", "CREATE TABLE c (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES p (id))",
                   "INSERT INTO p VALUES (1, '[1]')", "INSERT INTO c VALUES (1)")
    task.run().expect(DONE)
    source.execute("USE shop", "ALTER TABLE p RENAME TO p2, MODIFY s JSON", "INSERT INTO p2 VALUES (2, '[2]')", "INSERT INTO c VALUES (2)")
    assert "copied by itself" in task.run().expect(DONE).text
    assert_alike(source, target)
    assert target.value("SELECT referenced_table_name FROM information_schema.referential_constraints WHERE constraint_schema = 'shop'") == "p2"


@pytest.mark.parametrize("failpoint", ["ddl.after_pending", "ddl.after_replaced", "ddl.after_execute", "ddl.before_done"])
@pytest.mark.parametrize("columns", ["id INT PRIMARY KEY, v INT", "other INT PRIMARY KEY"])
def test_a_table_in_anothers_place_comes_there_once(from_kind, failpoint, columns):
    source, target, task = from_kind("mariadb")
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 1)")
    task.run().expect(DONE)
    source.execute("USE shop", f"CREATE OR REPLACE TABLE t ({columns})", "INSERT INTO t SELECT 5" + ", 5" * columns.count(","))
    for _ in range(2):
        assert task.run(failpoints=failpoint).code == KILLED
    task.run().expect(DONE)
    assert_alike(source, target)


@pytest.mark.parametrize("kind", ["mariadb", "mysql"])
def test_values_that_each_server_makes_for_itself(from_kind, kind):
    source, target, task = from_kind(kind)
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (v INT)", "INSERT INTO t VALUES (3), (1), (2)")
    task.run().expect(DONE)
    source.execute("USE shop", "ALTER TABLE t ADD COLUMN id INT AUTO_INCREMENT PRIMARY KEY FIRST", "INSERT INTO t (v) VALUES (4)")
    assert "copied by itself" in task.run().expect(DONE).text
    assert_alike(source, target)


@pytest.mark.parametrize("kind", ["mariadb", "mysql"])
def test_pipes_that_join(from_kind, kind):
    """What is written anew, for the other kind or for an online schema change, is read under another SQL mode."""
    source, target, task = from_kind(kind)
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(9), b VARCHAR(9))", "INSERT INTO t VALUES (1, 'x', 'y')")
    task.run().expect(DONE)
    source.execute("USE shop", "SET sql_mode = 'PIPES_AS_CONCAT'",
                   "CREATE TABLE n (id INT PRIMARY KEY, a VARCHAR(9), g VARCHAR(20) AS (a || '-' || id) STORED, CHECK (a || 'x' <> 'badx'))",
                   "INSERT INTO n (id, a) VALUES (1, 'one')", "CREATE TABLE _t_gho LIKE t",
                   "ALTER TABLE _t_gho ADD COLUMN g VARCHAR(30) AS (a || b || 'z') STORED", "INSERT INTO _t_gho (id, a, b) SELECT id, a, b FROM t",
                   "RENAME TABLE t TO _t_del, _t_gho TO t", "INSERT INTO t (id, a, b) VALUES (2, 'p', 'q')", "DROP TABLE _t_del",
                   "ALTER TABLE n ADD COLUMN h VARCHAR(20) AS (upper(a) || a) VIRTUAL")
    task.run().expect(DONE)
    assert_alike(source, target)
    assert target.value("SELECT g FROM shop.t WHERE id = 2") == "pqz"


@pytest.mark.parametrize("kind, column, value", [("mariadb", "UUID", "00000000-0000-0000-0000-000000000000"), ("mariadb", "INET4", "0.0.0.0"),
                                                 ("mariadb", "INET6", "::"), ("mysql", "JSON", "null")])
def test_defaults_that_a_type_has_of_itself(from_kind, kind, column, value):
    """Rows that are there get them, where a column comes to be NOT NULL."""
    source, target, task = from_kind(kind)
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1)",
                   f"CREATE TABLE n (id INT PRIMARY KEY, c {column})", "INSERT INTO n VALUES (1, NULL)")
    task.run().expect(DONE)
    source.execute("USE shop", "SET sql_mode = ''", f"ALTER TABLE t ADD COLUMN c {column} NOT NULL", f"ALTER TABLE n MODIFY c {column} NOT NULL",
                   "INSERT INTO t (id) VALUES (2)")
    assert "copied by itself" in task.run().expect(DONE).text
    assert_alike(source, target)
    assert set(target.execute("SELECT c FROM shop.t UNION SELECT c FROM shop.n")) == {(value,)}
