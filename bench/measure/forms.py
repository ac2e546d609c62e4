"""The forms in which a change of many rows can be written, as statements for bench_statements."""

import random
import re
import subprocess

NUMBERS, TEXTS = 12, 12  # columns of the wide table

NARROW = {"name": "narrow", "columns": ["id", "a", "b", "c"], "changed": ["a", "b", "c"],
          "types": "id INT PRIMARY KEY, a INT NOT NULL, b INT NOT NULL, c VARCHAR(40) NOT NULL"}
WIDE = {"name": "wide",
        "columns": ["id", *(f"n{i}" for i in range(NUMBERS)), *(f"t{i}" for i in range(TEXTS))],
        "changed": ["n0", "t0"],
        "types": "id INT PRIMARY KEY, "
                 + ", ".join([*(f"n{i} INT NOT NULL" for i in range(NUMBERS)),
                              *(f"t{i} VARCHAR(60) NOT NULL" for i in range(TEXTS))])}


def row(table, number, version):
    """The row's values; those of changed columns depend on the version."""
    rng = random.Random(number)
    values = {}
    for column in table["columns"]:
        value = number if column == "id" else rng.randrange(1 << 30)
        if column in table["changed"]:
            value = (value + version) % (1 << 30)
        values[column] = f"text of {value:010d} 'as is'" if column[0] in "ct" else value
    return values


def literal(value):
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def _tuples(rows):
    return ",".join("(" + ",".join(map(literal, values.values())) + ")" for values in rows)


def _insert(verb, table, rows, tail=""):
    return {"sql": f"{verb} INTO {table['name']} ({','.join(table['columns'])}) VALUES {_tuples(rows)}{tail}"}


def _on_duplicate(columns):
    return " ON DUPLICATE KEY UPDATE " + ",".join(f"{name}=VALUES({name})" for name in columns)


def _load(table, rows):
    data = "".join("\t".join(map(str, values.values())) + "\n" for values in rows)
    return {"sql": f"LOAD DATA LOCAL INFILE 'rows' REPLACE INTO TABLE {table['name']} "
                   f"CHARACTER SET utf8mb4 ({','.join(table['columns'])})", "data": data}


def _bound(sql, rows, columns):
    return {"sql": sql, "rows": [[values[name] for name in columns] for values in rows]}


def _settings(values, columns):
    return ",".join(f"{name}={literal(values[name])}" for name in columns)


def _join(table, rows):
    columns = ["id", *table["changed"]]
    tuples = ",".join("(" + ",".join(literal(values[name]) for name in columns) + ")" for values in rows)
    return {"sql": f"UPDATE {table['name']} JOIN (WITH given ({','.join(columns)}) AS (VALUES {tuples}) "
                   "SELECT * FROM given) AS fresh USING (id) SET "
                   + ",".join(f"{table['name']}.{name}=fresh.{name}" for name in table["changed"])}


def inserts(table):
    names = ",".join(table["columns"])
    marks = ",".join("?" * len(table["columns"]))
    bulk = f"INSERT INTO {table['name']} ({names}) VALUES ({marks})"
    return {
        "INSERT of many rows": lambda rows: _insert("INSERT", table, rows),
        "REPLACE of many rows": lambda rows: _insert("REPLACE", table, rows),
        "INSERT ... ON DUPLICATE KEY UPDATE": lambda rows: _insert(
            "INSERT", table, rows, _on_duplicate(table["columns"][1:])),
        "INSERT, rows bound in bulk": lambda rows: _bound(bulk, rows, table["columns"]),
        "LOAD DATA ... REPLACE": lambda rows: _load(table, rows),
    }


def updates(table):
    bulk = (f"UPDATE {table['name']} SET " + ",".join(f"{name}=?" for name in table["changed"])
            + " WHERE id=?")
    tuples = (f"INTO {table['name']} ({','.join(table['columns'])}) "
              f"VALUES ({','.join('?' * len(table['columns']))})")
    return {
        "INSERT ... ON DUPLICATE KEY UPDATE, all columns": lambda rows: _insert(
            "INSERT", table, rows, _on_duplicate(table["columns"][1:])),
        "INSERT ... ON DUPLICATE KEY UPDATE, changed columns": lambda rows: _insert(
            "INSERT", table, rows, _on_duplicate(table["changed"])),
        "INSERT ... ON DUPLICATE KEY UPDATE, rows bound in bulk": lambda rows: _bound(
            f"INSERT {tuples}{_on_duplicate(table['columns'][1:])}", rows, table["columns"]),
        "REPLACE of many rows": lambda rows: _insert("REPLACE", table, rows),
        "REPLACE, rows bound in bulk": lambda rows: _bound(f"REPLACE {tuples}", rows, table["columns"]),
        "LOAD DATA ... REPLACE": lambda rows: _load(table, rows),
        "UPDATE ... JOIN (VALUES ...), changed columns": lambda rows: _join(table, rows),
        "UPDATEs in one packet, changed columns": lambda rows: {"sql": ";".join(
            f"UPDATE {table['name']} SET {_settings(values, table['changed'])} WHERE id={values['id']}"
            for values in rows)},
        "UPDATE, rows bound in bulk, changed columns": lambda rows: _bound(
            bulk, rows, [*table["changed"], "id"]),
    }


def deletes(table):
    return {
        "DELETE ... IN": lambda rows: delete_in(table, rows),
        "DELETEs in one packet": lambda rows: {"sql": ";".join(
            f"DELETE FROM {table['name']} WHERE id={values['id']}" for values in rows)},
        "DELETE, rows bound in bulk": lambda rows: _bound(
            f"DELETE FROM {table['name']} WHERE id=?", rows, ["id"]),
    }


def delete_in(table, rows):
    keys = ",".join(str(values["id"]) for values in rows)
    return {"sql": f"DELETE FROM {table['name']} WHERE id IN ({keys})"}


def binlog_statements(files):
    """The BINLOG statements that mariadb-binlog makes of log files: the first one, which says what the
    log's format is, and those that hold rows."""
    text = subprocess.run(["mariadb-binlog", "--no-defaults", *files],
                          check=True, capture_output=True, text=True).stdout
    statements = re.findall(r"^BINLOG '\n[^']*'", text, re.MULTILINE)
    return [{"sql": statement} for statement in statements]
