"""The ways to copy a database of PostgreSQL to MariaDB or MySQL, or one of these to PostgreSQL, each to a fresh target."""

import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.postgres import DATABASE, program
from harness.server import PASSWORD, USER
from measure import data, mixed, postgres, report, servers
from measure.engines import MariaDb, Postgres
from measure.processes import Taken, install, measure, run
from measure.servers import SCHEMA

ROWS = 500_000  # of each table, at scale 1

# Two of the settings that were tried, which differ little: docs/performance.md has the others. With as many rows read ahead
# as by default it runs out of memory at full size.
PGLOADER = {
    "pgloader, workers 8, concurrency 2": "workers = 8, concurrency = 2, prefetch rows = 10000",
    "pgloader, workers 4, concurrency 1": "workers = 4, concurrency = 1, prefetch rows = 10000",
}


class PostgresFiles:
    """The rows of a target as its own text files, and its definitions."""

    def __init__(self, target, folder, cleanup):
        owner = os.stat(target.data)
        self._files = Path(tempfile.mkdtemp(prefix="godwit-bench-"))  # where the server can enter
        cleanup.callback(shutil.rmtree, self._files)
        os.chown(self._files, owner.st_uid, owner.st_gid)
        self._definitions = folder / "definitions.sql"
        run([program("pg_dump"), "--section=pre-data", f"--schema={SCHEMA}", f"--file={self._definitions}",
             target.url], environment=postgres.log_in())
        self._keys = postgres.keys(target)
        for table in postgres.tables(target):
            target.execute(f"COPY {SCHEMA}.{table} TO '{self._files / table}'")
        self.bytes = sum(file.stat().st_size for file in self._files.iterdir())

    def load(self, target):
        """The files into tables without keys, as many at once as there are cores; then the keys."""
        run([program("psql"), "--quiet", "--set=ON_ERROR_STOP=1", f"--file={self._definitions}", target.url],
            environment=postgres.log_in())
        largest_first = sorted(self._files.iterdir(), key=lambda file: -file.stat().st_size)
        with ThreadPoolExecutor(max(2, os.cpu_count())) as pool:
            list(pool.map(lambda file: target.execute(f"COPY {SCHEMA}.{file.name} FROM '{file}'"), largest_first))
            list(pool.map(target.execute, self._keys))


class Copy:
    """The source, filled, and the ways to copy it."""

    def __init__(self, pair, folder, source, figures, cleanup, options):
        self._pair, self._folder, self._source, self._cleanup, self._options = pair, folder, source, cleanup, options
        self._figures = figures
        self._facts = mixed.facts(pair.source, source, figures)
        self._tasks = mixed.Tasks(folder, source)
        target = self._new_target()
        try:
            self._run_godwit(target)
            self._compare(target)
            self.files = (PostgresFiles(target, folder, cleanup) if pair.target is Postgres
                          else servers.TextFiles(pair.target, target, folder))
            self.target_version = target.value("SELECT version()")
        finally:
            target.remove()

    def godwit(self, **task):
        return lambda: self._measured(lambda target: self._run_godwit(target, **task))

    def pgloader(self, settings):
        return lambda: self._measured(lambda target: self._run_pgloader(target, settings))

    def server_bound(self):
        """What the two servers need, spread evenly over all cores, with a tool that costs nothing."""
        read = measure(lambda: mixed.of(self._pair.source).read_to_nowhere(self._source), source=self._source)
        load = self._measured(self.files.load, logged=False)
        cpu = read.source_cpu + load.target_cpu
        return Taken(cpu / os.cpu_count(), source_cpu=read.source_cpu, target_cpu=load.target_cpu)

    def _new_target(self):
        options = {} if self._pair.target is Postgres else {"secure_file_priv": self._folder}
        return mixed.new_target(self._pair, self._folder, self._cleanup, **options)

    def _measured(self, work, logged=True):
        target = self._new_target()
        try:
            taken = measure(lambda: work(target), self._source if logged else None, target)
            self._compare(target)
            return taken
        finally:
            target.remove()
            if self._pair.source is Postgres:
                postgres.forget(self._source)

    def _compare(self, target):
        mixed.compare(self._facts, mixed.facts(self._pair.target, target, self._figures))

    def _run_godwit(self, target, mode="copy", **task):
        return mixed.run_godwit(self._tasks.new(target, mode=mode, copy={"threads": self._options.threads}, **task))

    def _run_pgloader(self, target, settings):
        command = self._folder / "pgloader.load"
        command.write_text(
            f"LOAD DATABASE FROM mysql://{USER}@127.0.0.1:{self._source.port}/{SCHEMA}\n"
            f"INTO postgresql://{USER}@127.0.0.1:{target.port}/{DATABASE}?sslmode=disable\n"
            f"WITH include drop, create tables, create indexes, reset sequences, {settings};\n", encoding="ascii")
        return run(["pgloader", f"--root-dir={self._folder / 'pgloader'}/", "--on-error-stop", command],
                   environment={"MYSQL_PWD": PASSWORD, "PGPASSWORD": PASSWORD, "TZ": "UTC"})


def _fill(engine, source, rows):
    """Sysbench's tables and the wide one, of as many rows each. Their sizes are known to the source; else they would become
    known some time during the first runs."""
    if engine is Postgres:
        postgres.load_sysbench(source, rows)
        postgres.load_wide(source, rows)
        postgres.settle(source)
    else:
        data.load_sysbench(source, rows)
        data.load_wide(engine, source, rows)
        for table in servers.tables(source):
            source.execute(f"ANALYZE TABLE {SCHEMA}.{table}")
    mixed.of(engine).warm(source)


def compare(options):
    """A whole benchmark."""
    pair = options.engine
    wide = [*mixed.WIDE, *(mixed.WIDE_OF_POSTGRES if pair.source is Postgres else mixed.WIDE_OF_OTHERS)]
    with postgres.work_folder(options) as (folder, cleanup):
        source = mixed.new_source(pair, folder, cleanup)
        rows = int(ROWS * options.scale)
        _fill(pair.source, source, rows)
        copy = Copy(pair, folder, source, lambda table: wide if table == "wide" else mixed.SYSBENCH, cleanup, options)
        contenders = {
            "godwit": copy.godwit(),
            "godwit, encrypted": copy.godwit(ssl="required"),
            "godwit, mode migrate": copy.godwit(mode="migrate"),
            "server bound": copy.server_bound,
        }
        if pair.source is MariaDb:  # pgloader cannot log in to MySQL 9, and nothing of Debian's goes the other way
            install("pgloader")
            contenders |= {name: copy.pgloader(settings) for name, settings in PGLOADER.items()}
        medians = report.rounds(options, contenders)
        report.table(medians)
        _judge(medians)
        report.memory_goal(medians)
        report.settings(pair.source, source, godwit=report.version(), threads=options.threads, rounds=options.rounds,
                        tables=f"{data.SYSBENCH_TABLES + 1} of {rows:,} rows",
                        data=f"{copy.files.bytes / 1e6:.0f} MB as text", target=copy.target_version,
                        **pair.target.options)


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
