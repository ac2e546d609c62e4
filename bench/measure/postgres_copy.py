"""The ways to copy a database of PostgreSQL, each to a fresh target."""

import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor

from harness.godwit import Godwit
from harness.postgres import program
from measure import report
from measure.engines import Postgres
from measure.postgres import (SCALE, WIDE_ROWS, checksums, data_bytes, forget, keys, load_pgbench, load_wide,
                              log_in, new_server, settle, tables, warm, work_folder)
from measure.processes import install, measure, run
from measure.servers import SCHEMA, connections

PAGE = 8192
PART = 128 << 20  # bytes of a table that the limit has one pair of connections copy
SPLIT = 200  # MB, above which pgcopydb is told to cut tables, at scale 1


class Copy:
    """The source, filled, and the ways to copy it."""

    def __init__(self, folder, source, cleanup, options):
        self._folder, self._source, self._cleanup, self._options = folder, source, cleanup, options
        self._files = folder / "files"  # of a contender that puts them somewhere
        self._checksums = checksums(source)
        self._task = 0

    def godwit(self, mode="copy", ssl="disabled", vacuum=False):
        def work(target):
            used = self._run_godwit(target, mode, ssl)
            return _together(used, self._vacuum(target)) if vacuum else used
        return lambda: self._measured(work)

    def pgcopydb(self, jobs, split=False):
        return lambda: self._measured(lambda target: self._run_pgcopydb(target, jobs, split))

    def pg_dump(self, jobs):
        return lambda: self._measured(lambda target: self._run_pg_dump(target, jobs))

    def limit(self):
        return self._measured(self._copy_binary)

    def _measured(self, work):
        target = new_server(self._folder, "target", self._cleanup)
        try:
            taken = measure(lambda: work(target), self._source, target)
            if checksums(target) != self._checksums:
                sys.exit("the target is not equal to the source")
            return taken
        finally:
            target.remove()
            shutil.rmtree(self._files, ignore_errors=True)
            forget(self._source)

    def _run_godwit(self, target, mode, ssl):
        self._task += 1
        task = Godwit(self._folder / f"task-{self._task}", self._source, target, name="bench", mode=mode,
                      tables={"include": [f"{SCHEMA}.*"]}, copy={"threads": self._options.threads},
                      **connections(ssl))
        until = ["--until", "caught-up"] if mode == "migrate" else []
        return run([report.GODWIT, "run", task.task_file, "--state-dir", task.state, *until],
                   environment=task.environment)

    def _vacuum(self, target):
        return run([program("vacuumdb"), "--analyze", f"--jobs={self._options.threads}", f"--dbname={target.url}"],
                   environment=log_in())

    def _run_pgcopydb(self, target, jobs, split):
        split = ["--split-tables-larger-than", f"{max(1, int(SPLIT * self._options.scale))} MB"] if split else []
        return run(["pgcopydb", "clone", "--source", self._source.url, "--target", target.url, "--dir", self._files,
                    "--table-jobs", jobs, "--index-jobs", jobs, *split], environment=log_in())

    def _run_pg_dump(self, target, jobs):
        """Neither compressed, nor made sure to be on disk."""
        used = run([program("pg_dump"), "--format=directory", "--compress=0", "--no-sync", f"--jobs={jobs}",
                    f"--file={self._files}", self._source.url], environment=log_in())
        return _together(used, run([program("pg_restore"), f"--jobs={jobs}", f"--dbname={target.url}", self._files],
                                   environment=log_in()))

    def _copy_binary(self, target):
        """Parts of tables without keys, the largest table first, over as many pairs of connections as there are
        cores; then the keys, as many at once."""
        used = run([program("pg_dump"), "--section=pre-data", self._source.url],
                   [program("psql"), "--quiet", "--set=ON_ERROR_STOP=1", target.url], environment=log_in())
        with ThreadPoolExecutor(max(2, os.cpu_count())) as pool:
            for more in pool.map(lambda part: self._copy_part(target, *part), self._parts()):
                used = _together(used, more)
            list(pool.map(target.execute, keys(self._source)))
        return used

    def _parts(self):
        """Tables with ranges of their pages."""
        for table in tables(self._source):
            size = self._source.value(f"SELECT pg_relation_size('{SCHEMA}.{table}')")
            for start in range(0, size, PART):
                yield table, start // PAGE, (start + PART) // PAGE

    def _copy_part(self, target, table, first, end):
        rows = f"SELECT * FROM ONLY {SCHEMA}.{table} WHERE ctid >= '({first},0)' AND ctid < '({end},0)'"
        psql = [program("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
        return run([*psql, f"--command=COPY ({rows}) TO STDOUT (FORMAT binary)", self._source.url],
                   [*psql, f"--command=COPY {SCHEMA}.{table} FROM STDIN (FORMAT binary)", target.url],
                   environment=log_in())


def _together(used, more):
    """CPU seconds are added, memory is that of the larger."""
    return used[0] + more[0], max(used[1], more[1])


def compare(options):
    """A whole benchmark."""
    install("pgcopydb")
    with work_folder(options) as (folder, cleanup):
        source = new_server(folder, "source", cleanup)
        load_pgbench(source, max(1, int(SCALE * options.scale)))
        load_wide(source, int(WIDE_ROWS * options.scale))
        settle(source)
        warm(source)
        copy = Copy(folder, source, cleanup, options)
        contenders = {
            "godwit": copy.godwit(),
            "godwit, encrypted": copy.godwit(ssl="required"),
            "godwit, mode migrate": copy.godwit(mode="migrate"),
            "godwit, then vacuumdb": copy.godwit(vacuum=True),
            "limit": copy.limit,
        }
        for jobs in (2, 4):
            contenders[f"pgcopydb, {jobs} jobs"] = copy.pgcopydb(jobs)
            contenders[f"pgcopydb, {jobs} jobs, large tables split"] = copy.pgcopydb(jobs, split=True)
        for jobs in (2, 4):
            contenders[f"pg_dump, then pg_restore, {jobs} jobs"] = copy.pg_dump(jobs)
        medians = report.rounds(options, contenders)
        report.table(medians)
        _judge(medians)
        report.memory_goal(medians)
        report.settings(Postgres, source, godwit=report.version(), threads=options.threads, rounds=options.rounds,
                        tables=len(tables(source)), data=f"{data_bytes(source) / 1e6:.0f} MB in the server's pages")


def _judge(medians):
    ours = medians["godwit"].seconds
    if limit := medians.get("limit"):
        report.goal("copy, times the limit", ours / limit.seconds, at_most=1.1)
    theirs = [taken.seconds for name, taken in medians.items() if "pgcopydb" in name]
    if not theirs:
        return
    report.goal("best pgcopydb, times ours", min(theirs) / ours, at_least=1)
    # pgcopydb ends with VACUUM ANALYZE of all tables.
    if vacuumed := medians.get("godwit, then vacuumdb"):
        report.goal("best pgcopydb, times ours and vacuumdb's", min(theirs) / vacuumed.seconds, at_least=1)
