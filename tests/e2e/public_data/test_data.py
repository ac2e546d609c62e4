"""Sample databases, data files and scripts of the server's own test suite: migrated with changes running on top, more scripts run
while the task follows, and compared."""

import random
import re
import time
from collections import Counter

import pymysql
import pytest
from harness.background import Background
from harness.compare import assert_alike, assert_equal, quoted
from harness.godwit import DONE, INTERRUPTED
from harness.mysql import MySql
from harness.server import SOURCE_OPTIONS, MariaDb
from public_data.scripts import DATABASES, Loader

NO_SHAPE = 1416  # ER_CANT_CREATE_GEOMETRY_OBJECT
NUMBERS = ("tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double")


class Changes(Background):
    """Changes rows of all transactional tables: numbers grow, rows go, rows come again."""

    def __init__(self, server, schemas):
        super().__init__(server, "SET SESSION sql_mode = '', foreign_key_checks = 0", pause=0.002)
        self._tables = {}
        for schema, table, column, kind, key in server.execute(
                "SELECT c.table_schema, c.table_name, column_name, data_type, column_key FROM information_schema.columns c "
                "JOIN information_schema.tables t USING (table_schema, table_name) WHERE t.engine = 'InnoDB' "
                f"AND c.table_schema IN ({', '.join(repr(schema) for schema in schemas)}) AND extra NOT LIKE '%GENERATED%'"):
            columns = self._tables.setdefault(f"{quoted(schema)}.{quoted(table)}", [])
            if kind in NUMBERS and not key:
                columns.append(quoted(column))
        self._rng = random.Random(3)
        self.counts = Counter()

    def change(self, cursor):
        table = self._rng.choice(list(self._tables))
        columns = self._tables[table]
        changes = [f"DELETE FROM {table} LIMIT 1", f"INSERT IGNORE INTO {table} SELECT * FROM {table} LIMIT 3"]
        if columns:
            column = self._rng.choice(columns)
            changes.append(f"UPDATE {table} SET {column} = {column} + 1 LIMIT 3")
        try:
            cursor.execute(self._rng.choice(changes))
            self.counts["rows changed"] += cursor.rowcount
        except pymysql.Error:  # checks, triggers and the like
            self.counts["changes refused"] += 1


# The items of `godwit check` by which it refuses tables, as docs/checks.md and docs/mysql-mariadb.md say.
REFUSED = ("source: system versioning", "source: sequence defaults", "target: translation")


# Tables of scripts that MySQL refuses to make, which only it can tell, as docs/mysql-mariadb.md says.
REFUSED_BY_MYSQL = {"partition_charset": "partitions whose names differ by accents alone"}


SHAPES = ("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection")


def tables_with_strange_shapes(source, target):
    """Tables with shapes that `target` does not take for any, by its own word (docs/mysql-mariadb.md)."""
    found = {}
    with target.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE scratch")
        for schema, table, column, kind in source.execute(
                "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns JOIN information_schema.tables "
                f"USING (table_schema, table_name) WHERE data_type IN {SHAPES} AND table_type <> 'VIEW'"):
            cursor.execute("DROP TABLE IF EXISTS scratch.shapes")
            cursor.execute(f"CREATE TABLE scratch.shapes (shape {'geometry' if kind == 'geometrycollection' else kind})")
            try:
                for (shape,) in source.execute(f"SELECT DISTINCT CAST({quoted(column)} AS BINARY) FROM {quoted(schema)}.{quoted(table)}"):
                    cursor.execute("INSERT INTO scratch.shapes VALUES (%s)", (shape,))
            except pymysql.MySQLError as error:
                if error.args[0] != NO_SHAPE:
                    raise
                found[f"{schema}.{table}"] = f"a shape in {column} that MySQL does not read"
        cursor.execute("DROP DATABASE scratch")
    return found


def leave_out_what_cannot_be_made(source, task, refused, strange):
    """Drops what `godwit check` and `godwit plan` say that the target cannot hold, and what those two name; gives the reasons by
    the tables' names."""
    left_out = {table["name"]: table["conflict"] for table in task.plan("--json").json()["tables"] if table["conflict"]}
    for item in task.check("--json").json()["items"]:
        if item["result"] != "fail":
            continue
        assert item["name"] in REFUSED, item
        for schema, name in source.execute("SELECT table_schema, table_name FROM information_schema.tables"):
            if re.search(rf"[ :]{re.escape(f'{schema}.{name}')}( |,|;|$)", item["finding"]):
                left_out.setdefault(f"{schema}.{name}", item["finding"].partition(": ")[0])
    for script, why in refused.items():
        for schema, name in source.execute(
                f"SELECT table_schema, table_name FROM information_schema.partitions WHERE partition_name IS NOT NULL AND table_schema LIKE '{script}%'"):
            left_out[f"{schema}.{name}"] = why
    left_out |= strange
    for table in left_out:
        schema, name = table.split(".", 1)
        source.execute("SET foreign_key_checks = 0", f"DROP TABLE {quoted(schema)}.{quoted(name)}")
    return left_out


@pytest.mark.parametrize("to", ["mariadb", "mysql"])
def test_what_the_suites_scripts_make(server, godwit, to):
    began = time.monotonic()
    source = server("source", **SOURCE_OPTIONS)
    target = server("target") if to == "mariadb" else server("target", kind=MySql, local_infile="ON")
    counts = Counter()
    loader = Loader(source, counts)
    loader.databases()
    loader.scripts(0)
    counts["seconds of loading"] = round(time.monotonic() - began)
    task = godwit(source, target, tables={"include": ["*.*"]})
    refused, strange = (REFUSED_BY_MYSQL, tables_with_strange_shapes(source, target)) if to == "mysql" else ({}, {})
    left_out = leave_out_what_cannot_be_made(source, task, refused, strange)
    with Changes(source, loader.schemas) as changes:
        run = task.start()
        run.wait_until(lambda: target.has_tables("world") and changes.counts["rows changed"] > 500, timeout=300)
        run.interrupt()
        run.wait().expect(INTERRUPTED)
    task.run(timeout=600).expect(DONE)
    if to == "mariadb":
        run = task.start()
        loader.scripts(1, followed=True)
        assert not run.ended, run.result().text[-6000:]
        run.interrupt()
        run.wait().expect(INTERRUPTED)
        task.run(timeout=600).expect(DONE)
    compared = assert_equal(source, target) if to == "mariadb" else assert_alike(source, target)
    task.verify().expect(DONE)
    counts |= changes.counts | Counter({"tables compared": compared.tables, "rows compared": compared.rows, "tables left out": len(left_out)})
    counts["seconds"] = round(time.monotonic() - began)
    print(", ".join(f"{what}: {count}" for what, count in counts.items()))
    print("not followed, as their clients use other charsets:", ", ".join(loader.not_followed))
    print(*(f"left out: {table}: {why}" for table, why in left_out.items()), sep="\n")
    assert {*DATABASES} <= {*loader.schemas} and compared.tables > 100 and compared.rows > 10000
    assert changes.counts["rows changed"] > 500
