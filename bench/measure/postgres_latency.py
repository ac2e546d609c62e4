"""Targets that follow a source, where one of the two, or both, are PostgreSQL."""

import sys
import time

from harness.godwit import INTERRUPTED
from measure import data, mixed, postgres, report
from measure.engines import Postgres
from measure.processes import Background
from measure.servers import SCHEMA


class Copies:
    """The ways to let a target follow that was empty and has been filled for it: each gives it, and what ends it."""

    def __init__(self, pair, folder, source, cleanup, rows):
        self._pair, self._folder, self._source, self._cleanup = pair, folder, source, cleanup
        self._tasks = mixed.Tasks(folder, source)
        (postgres if pair.source is Postgres else data).load_sysbench(source, rows)
        source.execute(f"CREATE TABLE {SCHEMA}.tick (seq bigint PRIMARY KEY)", f"INSERT INTO {SCHEMA}.tick VALUES (0)")
        if pair.source is Postgres:
            postgres.settle(source)
        mixed.of(pair.source).warm(source)

    def ways(self):
        native = {"replication": self._replication} if self._pair.source is self._pair.target else {}
        return {"godwit": self._godwit} | native

    def _godwit(self):
        target = mixed.new_target(self._pair, self._folder, self._cleanup)
        task = self._tasks.new(target, mode="migrate")
        running = Background([report.GODWIT, "run", task.task_file, "--state-dir", task.state],
                             environment=task.environment)
        deadline = time.monotonic() + 60
        while not target.has_table("tick", SCHEMA):
            if time.monotonic() > deadline:
                sys.exit("godwit does not begin")
            time.sleep(0.05)
        return target, lambda: self._end(target, running.stop(INTERRUPTED))

    def _replication(self):
        target = mixed.new_target(self._pair, self._folder, self._cleanup)
        postgres.subscribe(self._source, target)

        def stop():
            target.execute("ALTER SUBSCRIPTION native DISABLE")
            return self._end(target)
        return target, stop

    def _end(self, target, used=None):
        target.remove()
        if self._pair.source is Postgres:
            postgres.forget(self._source)
        return used
