"""Servers of two kinds, PostgreSQL and one of the others: how they are made, and what has to be equal on both."""

import sys

from harness.godwit import Godwit
from measure import postgres, report, servers
from measure.engines import Postgres
from measure.processes import run
from measure.servers import SCHEMA, certificate, connections


def new_source(pair, folder, cleanup):
    """A running source that logs what is written to it."""
    if pair.source is Postgres:
        return postgres.new_server(folder, "source", cleanup)
    source = servers.new_source(pair.source, folder, **certificate(folder))
    cleanup.callback(source.remove)
    return source


def new_target(pair, folder, cleanup, **options):
    """A running, empty target; `options` are its own."""
    if pair.target is Postgres:
        return postgres.new_server(folder, "target", cleanup, **options)
    target = servers.new_target(pair.target, folder, **certificate(folder), **options)
    cleanup.callback(target.remove)
    return target


def of(engine):
    """The module that has `tables` and `warm` for the servers of a kind."""
    return postgres if engine is Postgres else servers


def number(name):
    return f"SUM({name})", f"sum({name})"


def text(name):
    return _hashes(f"CAST({name} AS CHAR)", f"convert_to({name}::text, 'UTF8')")


def octets(name):
    return _hashes(name, name)


def _hashes(here, there):
    """The sum of the first 32 bits of each value's hash."""
    return (f"SUM(CAST(CONV(LEFT(SHA2({here}, 256), 8), 16, 10) AS UNSIGNED))",
            f"sum(('x' || left(encode(sha256({there}), 'hex'), 8))::bit(32)::bigint)")


# What of each table has to be equal, as MariaDB and MySQL say it and as PostgreSQL does. Not all: tools make different types of
# some columns.
SYSBENCH = [number("id"), number("k"), text("c"), text("pad")]
WIDE = [
    *map(number, ("id", "customer", "amount", "level")), *map(text, ("status", "code", "name", "email", "note")),
    octets("picture"), ("SUM(CAST(ratio AS DECIMAL(30, 4)))", "sum(ratio::numeric(30, 4))"),
    ("SUM(UNIX_TIMESTAMP(created))", "sum(extract(epoch FROM created))"),
    ("SUM(UNIX_TIMESTAMP(changed))", "sum(extract(epoch FROM changed))"),
    ("SUM(JSON_VALUE(document, '$.n'))", "sum((document::jsonb ->> 'n')::numeric)"),
    ("SUM(flag = 1)", "count(*) FILTER (WHERE flag::text IN ('1', 'true'))"),
]
WIDE_OF_OTHERS = [octets("token")]
WIDE_OF_POSTGRES = [text("token"), text("took"), ("SUM(JSON_LENGTH(marks))", "sum(cardinality(marks))")]
SESSION = ("SET time_zone = '+00:00'", "SET timezone = 'UTC'")
KEYS = (f"SELECT COUNT(DISTINCT index_name) FROM information_schema.statistics WHERE table_schema = '{SCHEMA}' "
        "AND table_name = '{}'",
        "SELECT count(*) FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE c.relnamespace = "
        f"'{SCHEMA}'::regnamespace AND relname = '{{}}'")


def facts(engine, server, figures):
    """The number of rows and of indexes of every table, and what `figures` has for it."""
    side = int(engine is Postgres)
    found = {}
    for table in of(engine).tables(server):
        columns = ", ".join(["count(*)", *(pair[side] for pair in figures(table))])
        (row,) = server.execute(SESSION[side], f"SELECT {columns} FROM {SCHEMA}.{table}")
        found[table] = [*row, server.value(KEYS[side].format(table))]
    return found


def compare(wanted, found):
    """Ends the benchmark where they differ."""
    if wanted != found:
        sys.exit("the target is not equal to the source:\n" + "\n".join(
            f"{table}: {wanted.get(table)} {found.get(table)}" for table in sorted({*wanted, *found})))


class Tasks:
    """godwit's, each with a folder of its own."""

    def __init__(self, folder, source):
        self._folder, self._source, self._count = folder, source, 0

    def new(self, target, /, ssl="disabled", **task):
        self._count += 1
        return Godwit(self._folder / f"task-{self._count}", self._source, target, name="bench",
                      tables={"include": [f"{SCHEMA}.*"]}, **connections(ssl), **task)


def run_godwit(task):
    """Until all is done that the task has to do."""
    until = [] if task.task["mode"] == "copy" else ["--until", "caught-up"]
    return run([report.GODWIT, "run", task.task_file, "--state-dir", task.state, *until], environment=task.environment)
