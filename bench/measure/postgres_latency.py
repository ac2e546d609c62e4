"""Targets that follow a source of PostgreSQL."""

from harness.godwit import INTERRUPTED, Godwit
from measure import report
from measure.data import SYSBENCH_TABLES
from measure.postgres import forget, new_server, settle, subscribe, wait_for, warm
from measure.processes import Background
from measure.servers import SCHEMA


class Copies:
    """The ways to let a target follow that was empty and has been filled for it: each gives it, and what ends it."""

    def __init__(self, folder, source, cleanup, rows):
        self._folder, self._source, self._cleanup = folder, source, cleanup
        source.execute(f"CREATE SCHEMA {SCHEMA}", f"SET search_path = {SCHEMA}",
                       "CREATE TABLE tick (seq bigint PRIMARY KEY)", "INSERT INTO tick VALUES (0)",
                       *(statement.format(table=f"sbtest{number}", rows=rows)
                         for number in range(1, SYSBENCH_TABLES + 1) for statement in TABLE))
        settle(source)
        warm(source)
        self._task = 0

    def ways(self):
        return {"godwit": self._godwit, "replication": self._replication}

    def _godwit(self):
        target = new_server(self._folder, "target", self._cleanup)
        self._task += 1
        task = Godwit(self._folder / f"task-{self._task}", self._source, target, name="bench",
                      tables={"include": [f"{SCHEMA}.*"]})
        running = Background([report.GODWIT, "run", task.task_file, "--state-dir", task.state],
                             environment=task.environment)
        wait_for(target, f"SELECT to_regclass('{SCHEMA}.tick') IS NOT NULL", "godwit does not begin", seconds=60)
        return target, lambda: self._end(target, running.stop(INTERRUPTED))

    def _replication(self):
        target = new_server(self._folder, "target", self._cleanup)
        subscribe(self._source, target)

        def stop():
            target.execute("ALTER SUBSCRIPTION native DISABLE")
            return self._end(target)
        return target, stop

    def _end(self, target, used=None):
        target.remove()
        forget(self._source)
        return used


# Those of sysbench.
TABLE = ("CREATE TABLE {table} (id int PRIMARY KEY, k int NOT NULL, c char(120) NOT NULL, pad char(60) NOT NULL)",
         "INSERT INTO {table} SELECT i, i % 1000, repeat(md5(i::text), 3), md5(i::text) "
         "FROM generate_series(1, {rows}) AS i",
         "CREATE INDEX ON {table} (k)")
