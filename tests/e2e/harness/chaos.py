"""Faults at random in a cluster that migrates, in rounds: what is hit, when and for how long follows from a seed."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import psycopg2
import pymysql
from harness import audit
from harness.cluster_migration import FAMILIES, Migration
from harness.faults import Faults
from harness.hosts import has_clocks

FAULTS = 10  # of a round, at random


@dataclass
class Figures:
    """What came of it."""

    faults: dict = field(default_factory=dict)  # how many, by kind
    recoveries: list = field(default_factory=list)  # (seconds from a fault until a row that is written then is on the target, kind)
    rounds: int = 0
    rows: int = 0  # compared
    commits: int = 0  # of which it is known who made them
    epochs: int = 0
    stopped: list = field(default_factory=list)  # seconds without etcd until no worker ran anything

    def text(self):
        times = sorted(self.recoveries) or [(0, "nothing has failed")]
        kinds = ", ".join(f"{count} x {kind}" for kind, count in sorted(self.faults.items()))
        stopped = f"; without etcd all workers had stopped after at most {max(self.stopped):.1f} s" if self.stopped else ""
        return (f"{sum(self.faults.values())} faults in {self.rounds} rounds ({kinds}); time to recover: median "
                f"{times[len(times) // 2][0]:.1f} s, worst {times[-1][0]:.1f} s ({times[-1][1]}); {self.rows} rows compared, none lost, "
                f"none doubled; {self.commits} commits of the state by {self.epochs} epochs, each of one client and none of an earlier "
                f"one{stopped}")


class Chaos:
    """Three masters and four workers in `cluster`, which has started, and a migration of each family."""

    def __init__(self, cluster, seed, scale=0.2):
        self.cluster = cluster
        self.figures = Figures()
        self._rng = random.Random(seed)
        self.migrations = [Migration(cluster, cluster.start_database(kind, "source"), cluster.start_database(kind, "target"), family, kind)
                           for kind, family in FAMILIES.items()]
        self._faults = Faults(cluster, [one.source for one in self.migrations], [one.target for one in self.migrations], has_clocks(), self._rng)
        cluster.start(masters=3, workers=4)
        for migration in self.migrations:
            migration.prepare(scale)

    def round(self, kinds=None):
        """Both migrations from their beginning, and the faults `kinds`, or some at random, from the copy on; then both ends are compared."""
        self.figures.rounds += 1
        for migration in self.migrations:
            migration.begin(f"{migration.source_name}-{self.figures.rounds}")
        writers = [one.family.writer(one.source, seed=self._rng.randrange(1 << 30)).start() for one in self.migrations]
        try:
            for migration in self.migrations:
                migration.wait_for_state()
                audit.begin(migration.target)
            for kind in kinds or [self._rng.choice(self._faults.kinds) for _ in range(FAULTS)]:
                if kind in self._faults.kinds:
                    self.fault(kind)
                else:
                    print(f"left out, as there is nothing here to make it with: {kind}")
        finally:
            for writer in writers:
                writer.stop()
        for migration in self.migrations:
            self._check(migration)

    def _check(self, migration):
        migration.wait_for_phase("streaming")
        migration.beat()  # all that was written before has come through
        self.figures.rows += migration.family.compare_live(migration.source, migration.target).rows
        commits, epochs = audit.check(migration.target, migration.name)
        assert commits > 0 and epochs > 0, "the target has noted nothing"
        self.figures.commits += commits
        self.figures.epochs += epochs
        self.figures.stopped = self._faults.stopped

    def end_round(self):
        """Nothing is left of the migrations on the targets."""
        for migration in self.migrations:
            migration.remove()

    def fault(self, kind):
        """Waits until rows come through again on all migrations, each source run by one worker."""
        self.figures.faults[kind] = self.figures.faults.get(kind, 0) + 1
        began = time.monotonic()
        with ThreadPoolExecutor() as beats:
            # Here, and not on a thread that ends: what it starts would end with that (PR_SET_PDEATHSIG).
            through = [beats.submit(_time_of_recovery, migration, began) for migration in self.migrations]
            self._faults.make(kind)
        self.figures.recoveries += [(one.result(), kind) for one in through]
        self.cluster.wait_until(lambda: self._runners() == sorted((one.source_name, one.name) for one in self.migrations), 60)

    def _runners(self):
        """What runs at any worker; what runs at two is there twice."""
        return sorted(what for one in self.cluster.get("members")["workers"] if one["state"] != "offline"
                      for what in self.cluster.running_at(one["address"]))

    def finish(self):
        """All that is under way comes through, and both ends are equal."""
        for migration in self.migrations:
            migration.finish()


def _time_of_recovery(migration, began):
    time.sleep(0.1)
    while True:
        try:
            migration.beat(timeout=120)
            return time.monotonic() - began
        except (pymysql.MySQLError, psycopg2.Error, OSError):  # the source cannot be written to yet
            time.sleep(0.05)
