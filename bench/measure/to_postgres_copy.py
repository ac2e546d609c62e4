"""The ways to copy a database of MariaDB or MySQL into PostgreSQL, each to a fresh target."""

import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.godwit import Godwit
from harness.postgres import DATABASE, program
from harness.server import PASSWORD, USER
from measure import postgres, report
from measure.data import load_sysbench, load_wide
from measure.engines import MariaDb
from measure.processes import Taken, install, measure, run
from measure.servers import SCHEMA, certificate, connections, new_source, read_to_nowhere, tables, warm

SYSBENCH_TABLES = 4
ROWS = 500_000  # of each table, at scale 1

# Two of the settings that were tried, which differ little: docs/performance.md has the others. With as many rows read ahead
# as by default it runs out of memory at full size.
PGLOADER = {
    "pgloader, workers 8, concurrency 2": "workers = 8, concurrency = 2, prefetch rows = 10000",
    "pgloader, workers 4, concurrency 1": "workers = 4, concurrency = 1, prefetch rows = 10000",
}


def _number(name):
    return f"SUM({name})", f"sum({name})"


def _text(name):
    return _hashes(name, f"convert_to({name}::text, 'UTF8')")


def _bytes(name):
    return _hashes(name, name)


def _hashes(name, there):
    """The sum of the first 32 bits of each value's hash."""
    return (f"SUM(CAST(CONV(LEFT(SHA2({name}, 256), 8), 16, 10) AS UNSIGNED))",
            f"sum(('x' || left(encode(sha256({there}), 'hex'), 8))::bit(32)::bigint)")


ROW_COUNT = ("COUNT(*)", "count(*)")

# What of each table has to be equal, as the two servers say it. Not all: tools make different types of some columns.
SYSBENCH_FIGURES = [ROW_COUNT, _number("id"), _number("k"), _text("c"), _text("pad")]
WIDE_FIGURES = [
    ROW_COUNT, *map(_number, ("id", "customer", "amount", "level")),
    *map(_text, ("status", "code", "name", "email", "note")), *map(_bytes, ("token", "picture")),
    ("SUM(CAST(ratio AS DECIMAL(30, 4)))", "sum(ratio::numeric(30, 4))"),
    ("SUM(UNIX_TIMESTAMP(created))", "sum(extract(epoch FROM created))"),
    ("SUM(UNIX_TIMESTAMP(changed))", "sum(extract(epoch FROM changed))"),
    ("SUM(JSON_VALUE(document, '$.n'))", "sum((document::jsonb ->> 'n')::numeric)"),
    ("SUM(flag = 1)", "count(*) FILTER (WHERE flag::text IN ('1', 'true'))"),
]
SESSION = ("SET time_zone = '+00:00'", "SET timezone = 'UTC'")
KEYS = (f"SELECT COUNT(DISTINCT index_name) FROM information_schema.statistics WHERE table_schema = '{SCHEMA}'",
        "SELECT count(*) FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE c.relnamespace = "
        f"'{SCHEMA}'::regnamespace")


def _facts(server, side):
    """Rows, checksums and the number of indexes of every table; `side`: 0 of MariaDB and MySQL, 1 of PostgreSQL."""
    facts = {}
    for table in tables(server) if side == 0 else postgres.tables(server):
        columns = WIDE_FIGURES if table == "wide" else SYSBENCH_FIGURES
        figures = server.execute(
            SESSION[side], f"SELECT {', '.join(pair[side] for pair in columns)} FROM {SCHEMA}.{table}")[0]
        index_of = ("table_name", "relname")[side]
        facts[table] = [*figures, server.value(f"{KEYS[side]} AND {index_of} = '{table}'")]
    return facts


class Copy:
    """The source, filled, and the ways to copy it."""

    def __init__(self, folder, source, cleanup, options):
        self._folder, self._source, self._cleanup, self._options = folder, source, cleanup, options
        self._facts = _facts(source, 0)
        self._task = 0
        self._definitions, self._keys, self._files = None, None, None  # of write_files()
        self.target_version = None

    def godwit(self, mode="copy", ssl="disabled"):
        return lambda: self._measured(lambda target: self._run_godwit(target, mode, ssl))

    def pgloader(self, settings):
        return lambda: self._measured(lambda target: self._run_pgloader(target, settings))

    def server_bound(self):
        """What the two servers need, spread evenly over all cores, with a tool that costs nothing."""
        read = measure(lambda: read_to_nowhere(self._source), source=self._source)
        load = self._measured(self._load_files, logged=False)
        cpu = read.source_cpu + load.target_cpu
        return Taken(cpu / os.cpu_count(), source_cpu=read.source_cpu, target_cpu=load.target_cpu)

    def write_files(self):
        """The rows as the target's own text files, with the definitions that Godwit gives it; gives their bytes."""
        target = postgres.new_server(self._folder, "target", self._cleanup)
        try:
            self._run_godwit(target, "copy", "disabled")
            self._compare(target)
            owner = os.stat(target.data)
            self._files = Path(tempfile.mkdtemp(prefix="godwit-bench-"))  # where the server can enter
            self._cleanup.callback(shutil.rmtree, self._files)
            os.chown(self._files, owner.st_uid, owner.st_gid)
            self._definitions = self._folder / "definitions.sql"
            run([program("pg_dump"), "--section=pre-data", f"--schema={SCHEMA}", f"--file={self._definitions}",
                 target.url], environment=postgres.log_in())
            self._keys = postgres.keys(target)
            self.target_version = target.value("SELECT version()")
            for table in postgres.tables(target):
                target.execute(f"COPY {SCHEMA}.{table} TO '{self._files / table}'")
            return sum(file.stat().st_size for file in self._files.iterdir())
        finally:
            target.remove()

    def _measured(self, work, logged=True):
        target = postgres.new_server(self._folder, "target", self._cleanup)
        try:
            taken = measure(lambda: work(target), self._source if logged else None, target)
            self._compare(target)
            return taken
        finally:
            target.remove()

    def _compare(self, target):
        there = _facts(target, 1)
        if there != self._facts:
            sys.exit("the target is not equal to the source:\n" + "\n".join(
                f"{table}: {self._facts.get(table)} {there.get(table)}" for table in sorted({*self._facts, *there})))

    def _run_godwit(self, target, mode, ssl):
        self._task += 1
        task = Godwit(self._folder / f"task-{self._task}", self._source, target, name="bench", mode=mode,
                      tables={"include": [f"{SCHEMA}.*"]}, copy={"threads": self._options.threads},
                      **connections(ssl))
        until = ["--until", "caught-up"] if mode == "migrate" else []
        return run([report.GODWIT, "run", task.task_file, "--state-dir", task.state, *until],
                   environment=task.environment)

    def _run_pgloader(self, target, settings):
        command = self._folder / "pgloader.load"
        command.write_text(
            f"LOAD DATABASE FROM mysql://{USER}@127.0.0.1:{self._source.port}/{SCHEMA}\n"
            f"INTO postgresql://{USER}@127.0.0.1:{target.port}/{DATABASE}?sslmode=disable\n"
            f"WITH include drop, create tables, create indexes, reset sequences, {settings};\n", encoding="ascii")
        return run(["pgloader", f"--root-dir={self._folder / 'pgloader'}/", "--on-error-stop", command],
                   environment={"MYSQL_PWD": PASSWORD, "PGPASSWORD": PASSWORD, "TZ": "UTC"})

    def _load_files(self, target):
        """The files into tables without keys, as many at once as there are cores; then the keys."""
        run([program("psql"), "--quiet", "--set=ON_ERROR_STOP=1", f"--file={self._definitions}", target.url],
            environment=postgres.log_in())
        largest_first = sorted(self._files.iterdir(), key=lambda file: -file.stat().st_size)
        with ThreadPoolExecutor(max(2, os.cpu_count())) as pool:
            list(pool.map(lambda file: target.execute(f"COPY {SCHEMA}.{file.name} FROM '{file}'"), largest_first))
            list(pool.map(target.execute, self._keys))


def compare(options):
    """A whole benchmark."""
    engine = options.engine.source
    with postgres.work_folder(options) as (folder, cleanup):
        source = new_source(engine, folder, **certificate(folder))
        cleanup.callback(source.remove)
        rows = int(ROWS * options.scale)
        load_sysbench(source, rows, SYSBENCH_TABLES)
        load_wide(engine, source, rows)
        warm(source)
        for table in tables(source):  # else their sizes become known some time during the first runs
            source.execute(f"ANALYZE TABLE {SCHEMA}.{table}")
        copy = Copy(folder, source, cleanup, options)
        size = copy.write_files()
        contenders = {
            "godwit": copy.godwit(),
            "godwit, encrypted": copy.godwit(ssl="required"),
            "godwit, mode migrate": copy.godwit(mode="migrate"),
            "server bound": copy.server_bound,
        }
        if engine is MariaDb:  # pgloader cannot log in to MySQL 9
            install("pgloader")
            contenders |= {name: copy.pgloader(settings) for name, settings in PGLOADER.items()}
        medians = report.rounds(options, contenders)
        report.table(medians)
        _judge(medians)
        report.memory_goal(medians)
        report.settings(engine, source, godwit=report.version(), threads=options.threads, rounds=options.rounds,
                        tables=f"{len(tables(source))} of {rows:,} rows", data=f"{size / 1e6:.0f} MB as text",
                        target=copy.target_version, **options.engine.target.options)


def _judge(medians):
    ours = medians["godwit"]
    if bound := medians.get("server bound"):
        report.goal("copy, times the server bound", ours.seconds / bound.seconds, at_most=1.2)
        # What the ratio would be with all cores busy all the time; it suffers least from what else the machine does.
        print(f"CPU seconds of tool and servers, times the bound's: {_cpu(ours) / _cpu(bound):.2f}")
    if theirs := [taken.seconds for name, taken in medians.items() if "pgloader" in name]:
        report.goal("best pgloader, times ours", min(theirs) / ours.seconds, at_least=2.5)


def _cpu(taken):
    return taken.tool_cpu + taken.source_cpu + taken.target_cpu
