"""An independent comparison of a PostgreSQL database with the MariaDB or MySQL server that it was migrated to: row for row, by
values in a form that both have (docs/postgres-to-mysql.md says which type becomes which)."""

import json
import struct
from collections import Counter
from contextlib import closing
from decimal import Context, Decimal

from harness.compare import Comparison, quoted

SESSION = ("-ctimezone=UTC -cdatestyle=ISO -cintervalstyle=postgres -cextra_float_digits=1 -cbytea_output=hex "
           "-cclient_encoding=UTF8")
# Of a partitioned table all rows are in the parent.
TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^(pg_|godwit)' AND n.nspname <> 'information_schema'"""
# Of a domain the type below it.
COLUMNS = """
    SELECT column_name, CASE WHEN udt_name ~ 'vector$' THEN udt_name ELSE data_type END, udt_name FROM information_schema.columns
    WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position"""
HERE = "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = %s AND table_name = %s"
EXACT = Context(prec=1000)
DOCUMENTS = {"_json", "_jsonb"}  # arrays of them
WHOLE_NUMBERS = {"smallint", "integer", "bigint", "numeric", "oid"}


def assert_migrated(source, target, without=()):
    """All tables of the database but those of `without` ("schema.table")."""
    result = Comparison()
    with closing(source.connect(options=SESSION)) as ours, \
            closing(target.connect(charset="utf8mb4", init_command="SET time_zone = '+00:00'")) as theirs:
        names = {name for name in _rows(ours, TABLES) if ".".join(name) not in without}
        for schema in sorted({schema for schema, _ in names}):
            here = {name for (name,) in _rows(theirs, "SELECT table_name FROM information_schema.tables WHERE table_schema = %s "
                                              "AND table_type LIKE '%%TABLE%%'", schema)}
            there = {name for one, name in names if one == schema}
            here -= {name for name in here if f"{schema}.{name}" in without}
            assert there == here, f"schema {schema} has {sorted(there)} on the source and {sorted(here)} on the target"
        for schema, table in sorted(names):
            _compare(schema, table, ours, theirs, result)
    assert result.equal, "\n".join(result.faults[:30])
    return result


def _rows(connection, query, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(query, parameters or None)
        return cursor.fetchall()


def _compare(schema, table, ours, theirs, result):
    name = f"{schema}.{table}"
    columns = _rows(ours, COLUMNS, schema, table)
    here = dict(_rows(theirs, HERE, schema, table))
    result.tables += 1
    if sorted(here) != sorted(column for column, *_ in columns):
        result.faults.append(f"{name} has the columns {[column for column, *_ in columns]} and {list(here)}")
        return
    if not columns:
        return
    mine = ", ".join(_of_postgres(*column) for column in columns)
    yours = ", ".join(_of_mysql(column, here[column]) for column, *_ in columns)
    forms = [(_source_form(kind, udt), _target_form(kind, udt, here[column])) for column, kind, udt in columns]
    source = Counter(_line(row, [form for form, _ in forms]) for row in _rows(ours, f'SELECT {mine} FROM {_name(schema)}.{_name(table)}'))
    target = Counter(_line(row, [form for _, form in forms]) for row in _rows(theirs, f"SELECT {yours} FROM {quoted(schema)}.{quoted(table)}"))
    result.rows += source.total()
    for side, only in (("source", source - target), ("target", target - source)):
        result.faults += [f"{name}, on the {side} alone: {str(line)[:300]}" for line in sorted(only, key=str)[:3]]
        if only:
            result.faults.append(f"{name}: {only.total()} rows are on the {side} alone")


def _line(row, forms):
    return tuple(None if value is None else form(value) for value, form in zip(row, forms))


def _name(name):
    return '"' + name.replace('"', '""') + '"'


def _of_postgres(name, kind, udt):
    """The value as the server writes it; of an array, JSON of its elements as text."""
    return f"to_json({_name(name)}::text[])::text" if kind == "ARRAY" else f"CASE num_nulls({_name(name)}) WHEN 0 THEN format('%s', {_name(name)}) END"


def _of_mysql(name, data_type):
    column = quoted(name)
    if data_type in ("float", "double"):
        return f"CAST({column} AS DOUBLE)"
    if data_type == "bit":
        return f"BIN({column} + 0)"
    if data_type.endswith(("binary", "blob")):
        return f"CONCAT('\\\\x', LOWER(HEX({column})))"
    return f"CAST({column} AS CHAR CHARACTER SET utf8mb4)"


def _source_form(kind, udt):
    """What makes a value that both servers have of PostgreSQL's text."""
    if kind in WHOLE_NUMBERS:
        return _number
    if kind == "boolean":
        return {"t": "1", "f": "0"}.get
    if kind == "real":
        return lambda value: struct.unpack("f", struct.pack("f", float(value)))[0]
    if kind == "double precision":
        return float
    if kind == "character":
        return lambda value: value.rstrip(" ")
    if kind == "bit":
        return lambda value: value.lstrip("0") or "0"
    if kind == "date" or kind.startswith("time") and kind != "time with time zone":
        return lambda value: _without_zeros(value.removesuffix("+00"))
    if kind in ("json", "jsonb"):
        return _document
    if kind == "ARRAY" and udt in DOCUMENTS:
        return _documents
    if kind == "ARRAY":
        return lambda value: _array(value, udt)
    return str


def _target_form(kind, udt, data_type):
    form = _source_form(kind, udt)
    if kind == "boolean":
        return lambda value: str(int(value))
    if kind == "ARRAY" and udt in DOCUMENTS:
        return _document
    if kind == "money" and data_type == "decimal":
        return lambda value: f"{'-' * value.startswith('-')}${abs(Decimal(value)):,}"
    return form


def _number(value):
    if value.lstrip("-") in ("NaN", "Infinity"):
        return value
    return f"{EXACT.normalize(Decimal(value)):f}" if Decimal(value) else "0"


def _document(value):
    """The document with its keys in one order, and numbers by their value."""
    return json.dumps(_parsed(value), sort_keys=True)


def _parsed(value):
    return json.loads(value, parse_float=_marked, parse_int=_marked)


def _documents(value):
    """An array of documents as text, as one document."""
    def walk(part):
        return [walk(one) for one in part] if isinstance(part, list) else part and _parsed(part)

    return json.dumps(walk(json.loads(value)), sort_keys=True)


def _marked(number):
    """Other than the same as text."""
    return ["number", _number(number)]


def _array(value, udt):
    """Elements as text; of documents, what is in them."""
    leaf = {"_bool": {"t": "true", "f": "false", "1": "true", "0": "false"}.get}.get(
        udt, _number if udt in ("_int2", "_int4", "_int8", "_numeric", "_float4", "_float8") else str)

    def walk(part):
        if isinstance(part, list):
            return [walk(one) for one in part]
        if part is None:
            return None
        text = part if isinstance(part, str) else json.dumps(part)
        return leaf(text) or text

    return json.dumps(walk(json.loads(value, parse_float=str, parse_int=str)))


def _without_zeros(value):
    return value.rstrip("0").rstrip(".") if "." in value else value
