"""An independent row-for-row comparison of two servers, through the servers' own client program.

Each row becomes one line of text that loses nothing: bytes as hexadecimal digits, enums and sets as
numbers, floats widened to double. Tables without a key, and those with history, are compared as
multisets: history with the times from when and to when each version held."""

import contextlib
import itertools
import re
import subprocess
import tempfile
from collections import Counter
from dataclasses import dataclass, field

SYSTEM_SCHEMAS = ("mysql", "information_schema", "performance_schema", "sys", "godwit")


@dataclass
class Comparison:
    tables: int = 0
    rows: int = 0
    bytes: int = 0
    faults: list = field(default_factory=list)

    @property
    def equal(self):
        return not self.faults


def compare(source, target, schemas=None, definitions=True, kinds=False):
    """Compares all tables and views of `schemas`, by default every schema of the source's user.
    `kinds`: the two are servers of two kinds, whose types differ; of columns the names have to be
    the same, and values are compared as the source's types are."""
    result = Comparison()
    schemas = schemas or user_schemas(source)
    names = [_tables(server, schemas) for server in (source, target)]
    for name in sorted(names[0] ^ names[1]):
        side = "the source" if name in names[0] else "the target"
        result.faults.append(f"{'.'.join(name[:2])} is on {side} alone")
    tables = []
    for schema, table, kind in sorted(names[0] & names[1]):
        if definitions:
            _compare_definitions(source, target, schema, table, kind, result)
        if kind != "VIEW":
            result.tables += 1
            columns = _columns_of_both(source, target, schema, table, result, kinds)
            if columns:
                tables.append((schema, table, columns))
    with contextlib.closing(_Rows(source, tables, kinds)) as ours, contextlib.closing(_Rows(target, tables, kinds)) as theirs:
        for schema, table, _ in tables:
            _compare_rows(f"{schema}.{table}", ours, theirs, result)
    return result


def assert_equal(source, target, schemas=None, definitions=True):
    result = compare(source, target, schemas, definitions)
    assert result.equal, "\n".join(result.faults[:30])
    return result


def assert_alike(source, target, schemas=None):
    """The same between a MySQL and a MariaDB server: what is in the rows, not how it is defined."""
    result = compare(source, target, schemas, definitions=False, kinds=True)
    assert result.equal, "\n".join(result.faults[:30])
    return result


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


def user_schemas(server):
    rows = server.execute("SELECT schema_name FROM information_schema.schemata")
    return sorted(name for (name,) in rows if name not in SYSTEM_SCHEMAS)


def _tables(server, schemas):
    system = ", ".join(f"'{name}'" for name in SYSTEM_SCHEMAS)  # which are not opened for being asked about
    rows = server.execute("SELECT table_schema, table_name, table_type FROM information_schema.tables "
                          f"WHERE table_schema NOT IN ({system})")
    return {row for row in rows if row[0] in schemas}


# The counter runs ahead of the rows by what was rolled back; where rows are stored is each server's own.
NOT_COMPARED = re.compile(r" AUTO_INCREMENT=\d+| /\*!50100 TABLESPACE [^*]*\*/| (DATA|INDEX) DIRECTORY ?= ?'[^']*'")


def _compare_definitions(source, target, schema, table, kind, result):
    what = "VIEW" if kind == "VIEW" else "TABLE"
    texts = []
    for server in (source, target):
        text = server.execute(f"SHOW CREATE {what} {quoted(schema)}.{quoted(table)}")[0][1]
        texts.append(NOT_COMPARED.sub("", text))
    if texts[0] != texts[1]:
        result.faults.append(f"{schema}.{table} is defined as\n{texts[0]}\nand\n{texts[1]}")


def _keeps_history(server, schema, table):
    return server.value("SELECT table_type = 'SYSTEM VERSIONED' FROM information_schema.tables "
                        f"WHERE table_schema = '{schema}' AND table_name = '{table}'") == 1


def _columns(server, schema, table):
    columns = server.execute(f"""
        SELECT column_name, data_type, character_set_name, column_key = 'PRI', generation_expression
        FROM information_schema.columns
        WHERE table_schema = '{schema}' AND table_name = '{table}'
        ORDER BY ordinal_position""")
    named = any(column[4] == "ROW START" for column in columns)
    columns = [column[:4] for column in columns]
    if _keeps_history(server, schema, table) and not named:
        columns += [(name, "timestamp", None, 0) for name in ("row_start", "row_end")]
    return columns


def _as_text(name, data_type, charset, kinds):
    column = quoted(name)
    if kinds and data_type in ("float", "double"):
        # MySQL has room for 22 characters where it casts a number to text; and zeros after the point, where MariaDB has an exponent.
        value = f"CAST({column} AS DOUBLE)"
        text = f"CONCAT({column} < 0, CAST(IF(ABS({value}) < 1e-3, ABS({value}) * 1e250, ABS({value})) AS CHAR))"
        return f"COALESCE({text}, 'NULL')"
    if data_type in TEXT_OF_ONE_KIND:
        text = f"HEX(CAST({column} AS CHAR CHARACTER SET utf8mb4))"
    elif data_type in ("enum", "set", "bit", "year"):
        text = f"CAST(CAST({column} AS UNSIGNED) AS CHAR)"
    elif data_type in ("float", "double"):
        text = f"CAST(CAST({column} AS DOUBLE) AS CHAR)"
    elif charset or data_type.endswith(("binary", "blob")) or data_type in BINARY:
        text = f"HEX({column})"
    else:
        text = f"CAST({column} AS CHAR)"
    return f"COALESCE({text}, 'NULL')"


# Types that one kind of server has, and the other keeps as text.
TEXT_OF_ONE_KIND = ("json", "uuid", "inet4", "inet6")

BINARY = ("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring",
            "multipolygon", "geometrycollection", "geomcollection", "vector")


class _Rows:
    """The rows of tables of one server, read by one client one table after the other. `tables`: (schema, table, columns), these
    as _columns gives them."""

    END = b"--- end of table\n"  # no row is so: values are digits, numbers and times

    def __init__(self, server, tables, kinds):
        self._server, self._sorted, self._names = server, [], [f"{schema}.{table}" for schema, table, _ in tables]
        self._input = tempfile.TemporaryFile()
        for schema, table, columns in tables:
            statement, in_order = _reading(server, schema, table, columns, kinds)
            self._sorted.append(not in_order)
            self._input.write(f"{statement}\x01\nSELECT '{self.END.decode().strip()}'\x01\n".encode())
        self._input.seek(0)
        self._turn = 0
        self._client = None

    def lines(self):
        """The rows of the next table, as lines of bytes: in the order of the primary key if it has one and no history, else sorted."""
        self._client = self._client or self._start()
        name, has_to_be_sorted = self._names[self._turn], self._sorted[self._turn]
        self._turn += 1
        lines = self._until_the_end(name)
        return sorted(lines) if has_to_be_sorted else lines

    def close(self):
        self._input.close()
        if self._client:
            self._client.kill()
            self._client.communicate()

    def _start(self):
        return subprocess.Popen(
            ["mariadb", "--no-defaults", f"--socket={self._server.socket}", "--user=root", "--quick",
             "--batch", "--raw", "--skip-column-names", "--default-character-set=utf8mb4", "--binary-mode",
             "--max-allowed-packet=1G", "--init-command=SET time_zone = '+00:00'", "--delimiter=\x01"],
            stdout=subprocess.PIPE, stdin=self._input)

    def _until_the_end(self, name):
        for line in self._client.stdout:
            if line == self.END:
                return
            yield line
        raise RuntimeError(f"reading {name} failed")


def _reading(server, schema, table, columns, kinds):
    """The statement that reads a table, a line of text for each row, and whether they come in an order of their own."""
    line = ", ".join(_as_text(*column[:3], kinds) for column in columns)
    history = " FOR SYSTEM_TIME ALL" if _keeps_history(server, schema, table) else ""
    key = not history and server.execute(f"""
        SELECT column_name FROM information_schema.statistics
        WHERE table_schema = '{schema}' AND table_name = '{table}' AND index_name = 'PRIMARY'
        ORDER BY seq_in_index""")
    order = "ORDER BY " + ", ".join(quoted(name) for (name,) in key) if key else ""
    return f"SELECT CONCAT_WS('|', {line}) FROM {quoted(schema)}.{quoted(table)}{history} {order}", bool(key)


def _columns_of_both(source, target, schema, table, result, kinds):
    """How the table is read on both; none when they differ in it."""
    columns = [_columns(server, schema, table) for server in (source, target)]
    if kinds and [column[0] for column in columns[0]] == [column[0] for column in columns[1]]:
        return _of_either_kind(*columns)
    if columns[0] != columns[1]:
        result.faults.append(f"{schema}.{table} has the columns {columns[0]} and {columns[1]}")
        return None
    return columns[0]


def _compare_rows(name, ours_of, theirs_of, result):
    only = (Counter(), Counter())  # lines still without their like on the other side
    for ours, theirs in itertools.zip_longest(ours_of.lines(), theirs_of.lines()):
        if ours is not None:
            result.rows += 1
            result.bytes += len(ours)
        if ours != theirs:
            _put_aside(ours, *only)
            _put_aside(theirs, *reversed(only))
    for side, lines in zip(("source", "target"), only):
        result.faults += [f"{name}, on the {side} alone: {_shown(line)}" for line in sorted(lines)[:3]]
        if lines:
            result.faults.append(f"{name}: {lines.total()} rows are on the {side} alone")


def _of_either_kind(ours, theirs):
    """One way to read each column on both sides: by the type that only one kind has, if it is of one."""
    return [mine if mine[1] in TEXT_OF_ONE_KIND + BINARY or yours[1] not in TEXT_OF_ONE_KIND + BINARY else yours
            for mine, yours in zip(ours, theirs)]


def _put_aside(line, own, other):
    if line is None:
        return
    if other[line]:
        other.subtract([line])
    else:
        own[line] += 1
    if not other[line]:
        del other[line]


def _shown(line):
    return line.decode(errors="replace").rstrip()[:300]
