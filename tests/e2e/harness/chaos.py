"""Faults at random in a cluster that migrates: what is hit, when and for how long follows from a seed."""

import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import psycopg2
import pymysql
from harness.proxy import Proxy

LEASE = 3  # seconds, of the harness's masters and workers


def _beat(migration):
    """A row goes all the way, once its source can be written to."""
    while True:
        try:
            return migration.beat(timeout=120)
        except (pymysql.MySQLError, psycopg2.Error, OSError):
            time.sleep(0.05)


@dataclass
class Figures:
    """What came of it."""

    faults: dict = field(default_factory=dict)  # how many, by kind
    recoveries: list = field(default_factory=list)  # seconds from a fault until a row that is written then is on the target

    def text(self):
        times = sorted(self.recoveries)
        kinds = ", ".join(f"{count} x {kind}" for kind, count in sorted(self.faults.items()))
        return (f"{sum(self.faults.values())} faults ({kinds}); time to recover: median {times[len(times) // 2]:.1f} s, "
                f"worst {times[-1]:.1f} s")


class Chaos:
    """`workers` workers, each of which has a network of its own to etcd, and two masters. Use as a context manager."""

    def __init__(self, cluster, migrations, workers, seed):
        self.cluster, self.migrations, self.seed = cluster, migrations, seed
        self.figures = Figures()
        self._rng = random.Random(seed)
        self._names = [f"w{number + 1}" for number in range(workers)]
        self._proxies = {}

    def __enter__(self):
        self._proxies = {name: Proxy(self.cluster.etcd) for name in self._names}
        self.cluster.start(masters=2, workers=0)
        for name in self._names:
            self._start_worker(name)
        self.cluster.wait_until(lambda: len(self.cluster.get("members")["workers"]) == len(self._names))
        return self

    def __exit__(self, *_):
        for proxy in self._proxies.values():
            proxy.close()

    def _start_worker(self, name):
        self.cluster.start_worker(name, etcd=f"http://127.0.0.1:{self._proxies[name].port}")

    # The faults. Each leaves all as it was, after a while.

    def _kill_worker(self):
        name = self._rng.choice(self._names)
        self.cluster.workers[name].kill()
        time.sleep(self._rng.uniform(0, 1.5 * LEASE))
        self._start_worker(name)

    def _freeze_worker(self):
        self._freeze(self.cluster.workers[self._rng.choice(self._names)])

    def _kill_master(self):
        name = self._rng.choice(sorted(self.cluster.masters))
        self.cluster.masters[name].kill()
        del self.cluster.urls[name]
        time.sleep(self._rng.uniform(0, 1.5 * LEASE))
        self.cluster.start_master(name)

    def _freeze_master(self):
        self._freeze(self.cluster.masters[self._rng.choice(sorted(self.cluster.masters))])

    def _freeze(self, running):
        running.interrupt(signal.SIGSTOP)
        time.sleep(self._rng.uniform(0.5, 2 * LEASE))
        running.interrupt(signal.SIGCONT)

    def _cut_worker_off_from_etcd(self):
        self._proxies[self._rng.choice(self._names)].stall(self._rng.uniform(0.5, 2 * LEASE))

    def _freeze_etcd(self):
        self.cluster.etcd.process.send_signal(signal.SIGSTOP)
        time.sleep(self._rng.uniform(0.5, 1.5 * LEASE))
        self.cluster.etcd.process.send_signal(signal.SIGCONT)

    def _restart_database(self):
        migration = self._rng.choice(self.migrations)
        self._rng.choice([migration.source, migration.target]).restart()

    def _freeze_target(self):
        target = self._rng.choice(self.migrations).target
        target.pause()
        time.sleep(self._rng.uniform(0.5, LEASE))
        target.unpause()

    KINDS = {"a worker killed": _kill_worker, "a worker frozen": _freeze_worker, "a master killed": _kill_master,
             "a master frozen": _freeze_master, "a worker cut off from etcd": _cut_worker_off_from_etcd, "etcd frozen": _freeze_etcd,
             "a database restarted": _restart_database, "a target frozen": _freeze_target}

    def fault(self, kind=None):
        """One fault, by its kind or at random; waits until rows come through again on all migrations."""
        kind = kind or self._rng.choice(sorted(self.KINDS))
        self.figures.faults[kind] = self.figures.faults.get(kind, 0) + 1
        began = time.monotonic()
        with ThreadPoolExecutor() as beats:
            # Here, and not on a thread that ends: what it starts would end with that (PR_SET_PDEATHSIG).
            through = [beats.submit(self._time_of_recovery, migration, began) for migration in self.migrations]
            self.KINDS[kind](self)
        self.figures.recoveries += [one.result() for one in through]

    @staticmethod
    def _time_of_recovery(migration, began):
        time.sleep(0.1)
        _beat(migration)
        return time.monotonic() - began

    def finish(self):
        """All that is under way comes through, and both ends are equal."""
        for migration in self.migrations:
            migration.finish()
