"""Statements of PostgreSQL that define tables, as MariaDB and MySQL do them: with event triggers on the source, and as far as
rows show them."""

import re

import pytest
from harness.background import Background
from harness.godwit import DONE, FAILED, KILLED
from harness.postgres_ddl import KINDS

TO_MARIADB = pytest.mark.parametrize("kinds", [("postgres", "mariadb")], ids=["to_mariadb"])
CAPTURE = {"capture": "trigger"}
FAILPOINTS = ["ddl.after_pending", "ddl.after_execute", "ddl.before_done", "ddl.after_done", "ddl.before_copy"]

# Where the target has other tables than the source, as its tables are not in parts.
PARTS = {"table_attached", "table_altered_and_attached", "partition_detached"}
# And what is said in the words of the target alone.
BESIDES = {
    "an_expression": (KINDS["columns_added"][0], ["CREATE INDEX by_length ON t (length(v))", "INSERT INTO t VALUES (1001, 'x')", "ALTER TABLE t ADD g int "
                                                  "GENERATED ALWAYS AS (id * 2) STORED", "UPDATE t SET v = 'y' WHERE id < 9"]),
    "names_apart": ([*KINDS["columns_added"][0], "CREATE TABLE up (id int PRIMARY KEY)", "INSERT INTO up VALUES (1)", "ALTER TABLE t ADD up_id int REFERENCES up"],
                    ["CREATE TABLE t_up (id int PRIMARY KEY CONSTRAINT t_up_id_fkey REFERENCES up)", "INSERT INTO t_up VALUES (1)", "ALTER TABLE t_up ADD c int", "DROP TABLE t",
                     "ALTER TABLE t_up DROP CONSTRAINT t_up_id_fkey", "ALTER TABLE t_up ADD CONSTRAINT t_up_id_fkey FOREIGN KEY (id) REFERENCES up ON DELETE CASCADE"]),
    "name_given_away": (KINDS["columns_added"][0], ["BEGIN", "ALTER TABLE t SET SCHEMA public", "CREATE TABLE t (id int PRIMARY KEY, w int)",
                                                    "INSERT INTO t VALUES (1, 2)", "COMMIT", "DROP TABLE public.t", "INSERT INTO t VALUES (3, 4)"]),
    "truncated": (KINDS["table_dropped"][0], ["INSERT INTO t VALUES (1001, 'x')", "TRUNCATE t, child", "INSERT INTO t VALUES (1, 'y')",
                                              "BEGIN", "TRUNCATE child", "INSERT INTO child VALUES (1, 1)", "ALTER TABLE child ADD c int DEFAULT 3", "COMMIT"]),
}
# Where the two servers do not do the same, or do not say it in the same words.
TO_MYSQL = {"columns_swapped", "type_widened", "type_changed", "another_default_for_each_row", "identity", "indexes", "constraints", "another_key",
            "table_renamed", "tables_swapped", "table_moved", "table_dropped", "rows_before_and_after", "rows_set_right", *BESIDES}
EVERYWHERE = {"include": ["*.*"], "exclude": ["public.*"]}


def in_schema(schema, statements):
    """In place of the schema shop, and each case with another one of its own."""
    names = {"shop": schema, "other": f"{schema}_too", "apart": f"{schema}_apart"}
    found = [re.sub(r"\b(shop|other|apart)\.", lambda match: f"{names[match[1]]}.", one) for one in statements]
    found = [re.sub(r"SCHEMA (IF NOT EXISTS )?(other|apart)\b", lambda match: f"SCHEMA {names[match[2]]}", one) for one in found]
    return [f"SET search_path = {schema}", *(one.replace("search_path = shop", f"search_path = {schema}") for one in found)]


class Beat(Background):
    """Goes on in a table of its own: a server to which nothing is written sends the end of its log late."""

    def change(self, cursor):
        cursor.execute("INSERT INTO beat DEFAULT VALUES")


def columns(target, schema, table):
    return target.execute("SELECT column_name, data_type, is_nullable FROM information_schema.columns "
                          f"WHERE table_schema = '{schema}' AND table_name = '{table}' ORDER BY ordinal_position")


def test_captured_statements(source, target, godwit, kinds, assert_same):
    """Of all kinds, in one log; to MariaDB killed in the midst of them again and again."""
    cases = {name: case for name, case in {**KINDS, **BESIDES}.items() if name in TO_MYSQL or kinds[1] == "mariadb" and name not in PARTS}
    for name, (tables, _) in cases.items():
        source.execute(f"CREATE SCHEMA {name}", *in_schema(name, tables))
    source.execute("CREATE SCHEMA shop", "CREATE TABLE beat (id bigserial PRIMARY KEY)")
    task = godwit(source, target, tables=EVERYWHERE, ddl=CAPTURE)
    task.run().expect(DONE)
    assert_same()
    for name, (_, changes) in cases.items():
        source.execute(*in_schema(name, changes), "RESET ALL")
    with Beat(source, "SET search_path = shop", 0.05):
        if kinds[1] == "mariadb":
            codes = [task.run(failpoints=f"{name}:{passage}").expect(KILLED, DONE).code for passage in (1, 4) for name in FAILPOINTS]
            assert codes.count(KILLED) >= 6
        assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    assert_same()
    task.verify().expect(DONE)
    assert columns(target, "type_widened", "t")[1][1] == "longtext" and columns(target, "type_changed", "t")[1][1] == "bigint"
    assert columns(target, "another_key", "t") == (("id", "int", "NO"), ("v", "varchar", "NO"))
    assert target.value("SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = 'indexes' AND index_name LIKE '%gone%'") == 0
    assert not target.has_table("t", "table_dropped") and not target.has_table("t", "table_renamed")


@TO_MARIADB
@pytest.mark.parametrize("name", ["table_attached", "table_altered_and_attached"])
def test_a_table_that_becomes_a_part(source, target, godwit, assert_same, name):
    """Its rows are in the one that has it; the target's table of its name stays as it was."""
    tables, changes = KINDS[name]
    source.execute("CREATE SCHEMA shop", "SET search_path = shop", *tables)
    task = godwit(source, target, ddl=CAPTURE)
    task.run().expect(DONE)
    source.execute("SET search_path = shop", *changes)
    task.run().expect(DONE)
    assert target.has_table("apart", "shop")
    target.execute("DROP TABLE shop.apart")
    task.run().expect(DONE)
    assert_same()
    task.verify().expect(DONE)


LABELS = ["CREATE TYPE mood AS ENUM ('a', 'c')", "CREATE TABLE feeling (id int PRIMARY KEY, m mood, all_of mood[])",
          "INSERT INTO feeling VALUES (1, 'a', '{a,c}'), (2, 'c', NULL)"]


@TO_MARIADB
def test_labels_that_are_added(source, target, godwit, assert_same):
    """Neither way of reading definitions tells of types: the row that needs the label waits until the target has it."""
    source.execute("CREATE SCHEMA shop", *LABELS)
    task = godwit(source, target, ddl=CAPTURE)
    task.run().expect(DONE)
    source.execute("ALTER TYPE mood ADD VALUE 'b' BEFORE 'c'", "INSERT INTO feeling VALUES (3, 'c', '{b}')", "INSERT INTO feeling VALUES (4, 'b', NULL)")
    result = task.run()
    if result.code != DONE:
        result.expect(FAILED)
        assert "shop.feeling" in result.err and "column m" in result.err and "'b'" in result.err, result.err
        target.execute("ALTER TABLE shop.feeling MODIFY m ENUM('a', 'b', 'c')")
        task.run().expect(DONE)
    assert_same()
    task.verify().expect(DONE)


@TO_MARIADB
def test_a_name_that_is_given_away(source, target, godwit, assert_same):
    """By a table that leaves the task: the target's goes for one that takes its name at once, unless it had it before; what comes later waits."""
    source.execute("CREATE SCHEMA shop", "CREATE TABLE own (id int PRIMARY KEY)", "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO own VALUES (1)")
    target.execute("CREATE DATABASE shop", "CREATE TABLE shop.own (id INT NOT NULL PRIMARY KEY)", "INSERT INTO shop.own VALUES (7)")
    task = godwit(source, target, tables=EVERYWHERE, ddl=CAPTURE, target={"if_exists": "append"})
    task.run().expect(DONE)
    source.execute("ALTER TABLE t SET SCHEMA public", "CREATE TABLE t (id int PRIMARY KEY, w int)", "INSERT INTO t VALUES (1, 2)")
    said = task.run().expect(FAILED).text
    assert "already exists" in said and "godwit ddl retry" in said, said
    target.execute("DROP TABLE shop.t")
    task.ddl("retry").expect(DONE)
    source.execute("BEGIN", "ALTER TABLE own SET SCHEMA public", "CREATE TABLE own (id int PRIMARY KEY, w int)", "INSERT INTO own VALUES (1, 2)", "COMMIT")
    said = task.run().expect(FAILED).text
    assert "table shop.own: another one takes its name, and the target had it before the task" in said, said
    assert target.execute("SELECT * FROM shop.own ORDER BY id") == ((1,), (7,))
    target.execute("DROP TABLE shop.own")
    task.ddl("retry").expect(DONE)
    task.run().expect(DONE)
    assert_same(without=("public.t", "public.own"))


@TO_MARIADB
def test_without_triggers_what_rows_show(source, target, godwit, assert_same):
    """New columns come by themselves; what else there is waits for the operator, with what to do."""
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t SELECT i, i::text FROM generate_series(1, 99) i",
                   "CREATE TABLE gone (id int PRIMARY KEY)")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("BEGIN", "INSERT INTO t VALUES (1001, 'before')", "ALTER TABLE t ADD a int DEFAULT 9, ADD b jsonb DEFAULT '{\"a\": \"b,c\"}'",
                   "ALTER TABLE t ALTER a SET DEFAULT 10", "INSERT INTO t (id) VALUES (1002)", "UPDATE t SET a = 3 WHERE id < 5", "COMMIT",
                   "ALTER TABLE t ADD c numeric(10,2) DEFAULT 1.5, ADD d text[] DEFAULT '{x}'", "INSERT INTO t (id) VALUES (1003)", "TRUNCATE gone")
    for failpoint in FAILPOINTS[:4]:
        task.run(failpoints=failpoint).expect(KILLED, DONE)
    task.run().expect(DONE)
    assert_same()
    source.execute("INSERT INTO t (id) VALUES (2000)", "ALTER TABLE t RENAME v TO w", "INSERT INTO t (id) VALUES (2001)")
    said = task.run().expect(FAILED).text
    assert "column v has gone, column w text is new" in said and "godwit ddl replace" in said, said
    assert target.execute("SELECT id FROM shop.t WHERE id >= 2000") == ((2000,),), "all before the change is there"
    task.ddl("replace", "--sql", "ALTER TABLE shop.t RENAME COLUMN v TO w").expect(DONE)
    task.run().expect(DONE)
    source.execute("UPDATE t SET w = 'w' WHERE id > 2000", "DELETE FROM t WHERE id < 10")
    task.run().expect(DONE)
    assert_same()
    task.verify().expect(DONE)
