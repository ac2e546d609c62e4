"""A backlog of pgbench's transactions, and the ways to apply it to a target from before it."""

import shutil
import sys

from harness.godwit import Godwit
from measure import report
from measure.engines import Postgres
from measure.postgres import (SCALE, TRANSACTIONS, Twin, checksums, copy_slot, drop_slot, load_pgbench, new_server,
                              set_subscription, settle, subscribe, wait_for, wait_until_free, warm, work_folder,
                              write_backlog)
from measure.processes import measure, run
from measure.servers import SCHEMA, connections

GODWIT, NATIVE = "godwit_bench", "native"  # slots
LANES = 2


class CatchUp:
    """The source with its backlog; for godwit and for replication a target each, from before it, with a slot on the
    source that begins there; and the ways to bring these up to date."""

    def __init__(self, folder, source, cleanup, scale, transactions):
        self._folder, self._source, self._cleanup = folder, source, cleanup
        self.transactions = transactions
        self._task = 0
        load_pgbench(source, scale)
        source.execute(f"CREATE TABLE {SCHEMA}.ended (id int PRIMARY KEY)")  # gets a row as the last change
        settle(source)
        self._godwit = self._prepare("target-godwit", GODWIT, self._copy)
        self._native = self._prepare("target-native", NATIVE, self._subscribe)
        self.bytes = write_backlog(source, transactions)
        source.execute(f"INSERT INTO {SCHEMA}.ended VALUES (1)")
        warm(source)
        self._checksums = checksums(source)

    def godwit(self, ssl="disabled", **stream):
        def work(target):
            task = self._new_task(target, stream=stream, **connections(ssl))
            shutil.copytree(self._state, task.state)
            return lambda: self._run(task)
        return lambda: self._measured(self._godwit, GODWIT, work)

    def replication(self, **settings):
        def work(target):
            set_subscription(target, **settings)
            return lambda: self._replicate(target)
        return lambda: self._measured(self._native, NATIVE, work)

    def _prepare(self, name, slot, fill):
        """A target that `fill` has brought to where the source is, to be had again and again."""
        target = new_server(self._folder, name, self._cleanup, max_wal_size="1GB")  # all of it is copied each time
        fill(target)
        wait_until_free(self._source, slot)
        copy_slot(self._source, slot, _kept(slot))
        settle(target)
        return Twin(self._folder, target)

    def _copy(self, target):
        task = self._new_task(target)
        self._run(task)
        self._state = task.state

    def _subscribe(self, target):
        subscribe(self._source, target)
        target.execute(f"ALTER SUBSCRIPTION {NATIVE} DISABLE")

    def _new_task(self, target, /, **more):
        self._task += 1
        return Godwit(self._folder / f"task-{self._task}", self._source, target, name="bench", mode="migrate",
                      tables={"include": [f"{SCHEMA}.*"]}, **more)

    def _run(self, task):
        return run([report.GODWIT, "run", task.task_file, "--state-dir", task.state, "--until", "caught-up"],
                   environment=task.environment)

    def _replicate(self, target):
        target.execute(f"ALTER SUBSCRIPTION {NATIVE} ENABLE")
        wait_for(target, f"SELECT count(*) > 0 FROM {SCHEMA}.ended",
                 "replication did not reach the end of the backlog")

    def _measured(self, twin, slot, prepare):
        """`prepare` gives, for the target, the work to be measured."""
        target = twin.renew()
        try:
            # One that is read from is used up: it is a copy, and the next one begins at the same place.
            drop_slot(self._source, slot)
            copy_slot(self._source, _kept(slot), slot)
            taken = measure(prepare(target), self._source, target)
            if checksums(target) != self._checksums:
                sys.exit("the target is not equal to the source")
            return taken
        finally:
            twin.halt()


def _kept(slot):
    return f"{slot}_kept"


def compare(options):
    """A whole benchmark."""
    with work_folder(options) as (folder, cleanup):
        source = new_server(folder, "source", cleanup)
        scale = max(1, int(SCALE * options.scale))
        work = CatchUp(folder, source, cleanup, scale, int(TRANSACTIONS * options.scale))
        medians = report.rounds(options, {
            "godwit": work.godwit(),
            "godwit, consistency row": work.godwit(consistency="row", lanes=LANES),
            "godwit, encrypted": work.godwit(ssl="required"),
            "replication, streaming off": work.replication(streaming="off", binary="off"),
            "replication, streaming on": work.replication(streaming="on", binary="off"),
            "replication, streaming on, binary": work.replication(streaming="on", binary="on"),
        })
        report.table(medians)
        _judge(medians, work)
        report.memory_goal(medians)
        report.settings(Postgres, source, godwit=report.version(), rounds=options.rounds,
                        tables=f"pgbench's at scale {scale}", lanes=LANES,
                        backlog=f"{work.transactions:,} transactions, {work.bytes / 1e6:.0f} MB of log")


def _judge(medians, work):
    ours = {name: taken.seconds for name, taken in medians.items() if name in ("godwit", "godwit, consistency row")}
    theirs = [taken.seconds for name, taken in medians.items() if "replication" in name]
    for name, seconds in ours.items():
        print(f"{name}: {work.transactions / seconds:,.0f} transactions/s, "
              f"{work.bytes / 1e6 / seconds:.0f} MB/s of log")
    if not theirs:
        return
    print(f"best replication: {work.transactions / min(theirs):,.0f} transactions/s")
    report.goal("best replication, times ours by default", min(theirs) / ours["godwit"], at_least=1.2)
    report.goal("best replication, times our best", min(theirs) / min(ours.values()), at_least=1.2)
