"""An independent comparison of a MySQL or MariaDB database with the PostgreSQL database that it was migrated to: row
for row, by values in a form that both have (docs/mysql-to-postgres.md says which type becomes which)."""

import json
from collections import Counter
from contextlib import closing
from decimal import Decimal

from harness.compare import Comparison, quoted

COLUMNS = """
    SELECT column_name, data_type, column_type, datetime_precision, character_set_name FROM information_schema.columns
    WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position"""
TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s AND table_type = 'BASE TABLE'"
BYTES = {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "vector"}
SHAPES = {"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
          "geometrycollection", "geomcollection"}
TIMES = {"time", "datetime", "timestamp"}
SESSION = "-ctimezone=UTC -cdatestyle=ISO -cintervalstyle=postgres -cextra_float_digits=1 -cbytea_output=hex"


def assert_migrated(source, target, schema="shop", boolean=()):
    """All tables of the schema; `boolean`: columns ("table.column") that a cast has made so."""
    result = Comparison()
    with closing(source.connect(charset="utf8mb4", init_command="SET time_zone = '+00:00', sql_mode = ''")) as ours, \
            closing(target.connect(options=SESSION)) as theirs:
        names = sorted(name for (name,) in _rows(ours, TABLES, schema))
        there = sorted(name for (name,) in _rows(theirs, TABLES, schema))
        assert names == there, f"the source has {names}, the target {there}"
        for name in names:
            _compare(name, schema, ours, theirs, boolean, result)
    assert result.equal, "\n".join(result.faults[:30])
    return result


def _rows(connection, query, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(query, parameters or None)
        return cursor.fetchall()


def _compare(table, schema, ours, theirs, boolean, result):
    columns = _rows(ours, COLUMNS, schema, table)
    here = ", ".join(_of_mysql(name, kind, ours.get_server_info()) for name, kind, *_ in columns)
    there = ", ".join(f"{_quoted(name)}::text" for name, *_ in columns)
    normal = [_normal(kind, column, f"{table}.{name}" in boolean) for name, kind, column, *_ in columns]
    mine = Counter(_line(row, normal) for row in _rows(ours, f"SELECT {here} FROM {quoted(schema)}.{quoted(table)}"))
    yours = Counter(_line(row, normal) for row in _rows(theirs, f"SELECT {there} FROM {_quoted(schema)}.{_quoted(table)}"))
    result.tables += 1
    result.rows += mine.total()
    for side, only in (("source", mine - yours), ("target", yours - mine)):
        result.faults += [f"{table}, on the {side} alone: {str(line)[:300]}" for line in sorted(only, key=str)[:3]]
        if only:
            result.faults.append(f"{table}: {only.total()} rows are on the {side} alone")


def _quoted(name):
    """For PostgreSQL."""
    return '"' + name.replace('"', '""') + '"'


def _of_mysql(name, kind, version):
    """The value as text, or as what the driver makes of it."""
    name = quoted(name)
    if kind in BYTES:
        return f"CONCAT('\\\\x', LOWER(HEX({name})))"
    if kind in SHAPES:
        # MySQL gives latitude first of places on earth, and keeps it last.
        order = "" if "MariaDB" in version else ", 'axis-order=long-lat'"
        return f"CONCAT('\\\\x', LOWER(HEX(ST_AsWKB({name}{order}))))"
    if kind == "bit":
        return f"BIN({name} + 0)"
    if kind in ("float", "double"):
        return f"{name} + 0e0" if kind == "double" else f"CAST({name} AS DOUBLE)"
    return f"CAST({name} AS CHAR CHARACTER SET utf8mb4)"


def _normal(kind, column, boolean):
    if boolean:
        return lambda value: {"true": "1", "false": "0"}.get(value, value)
    if kind == "bit":
        return lambda value: value.lstrip("0") or "0"
    if kind == "float":
        import struct
        return lambda value: struct.unpack("f", struct.pack("f", float(value)))[0]
    if kind == "double":
        return float
    if kind in ("decimal", "tinyint", "smallint", "mediumint", "int", "bigint", "year"):
        return lambda value: str(Decimal(value).normalize() + 0)
    if kind in TIMES:
        return lambda value: _without_zeros(value.removesuffix("+00"))
    if kind == "json":
        return _document
    if kind in ("inet4", "inet6"):
        return lambda value: value.split("/")[0]
    return str


def _document(value):
    return json.dumps(json.loads(value), sort_keys=True)


def _without_zeros(value):
    return value.rstrip("0").rstrip(".") if "." in value else value


def _line(row, normal):
    return tuple(None if value is None else form(value) for value, form in zip(row, normal))
