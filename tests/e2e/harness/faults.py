"""What can happen to the parts of a cluster. Each fault leaves all as it was, after a while; which part, when and for how long follows from
a random generator. What has to hold while it lasts is asserted."""

import signal
import time

from harness.cluster import wait_for

LEASE = 3  # seconds, of the harness's masters and workers
CLOCKS = (3600, 86400, 30 * 86400)  # seconds ahead of the machine's; back to that go those that are killed


class Faults:
    """In `cluster`, a SpreadCluster."""

    def __init__(self, cluster, sources, targets, has_clocks, rng):
        self.cluster, self.sources, self.targets, self._rng = cluster, sources, targets, rng
        self.stopped = []  # after how many seconds without the store the last worker had stopped, by its own clock
        self.kinds = [kind for kind in KINDS if (cluster.apart or kind not in BETWEEN_HOSTS) and (has_clocks or kind not in OF_CLOCKS)]

    def make(self, kind):
        KINDS[kind](self)

    def _wait(self, shortest, longest):
        time.sleep(self._rng.uniform(shortest * LEASE, longest * LEASE))

    def _worker(self):
        return self._rng.choice(sorted(self.cluster.workers))

    def _master(self):
        return self._rng.choice(sorted(self.cluster.masters))

    def _member(self):
        return self._rng.choice(self.cluster.etcd.members)

    def _freeze(self, running, shortest=0.2, longest=2):
        running.interrupt(signal.SIGSTOP)
        self._wait(shortest, longest)
        running.interrupt(signal.SIGCONT)

    def _unplug(self, host):
        host.unplug()
        self._wait(0.2, 2)
        host.plug()

    # Workers.

    def _kill_worker(self, clock=0):
        name = self._worker()
        self.cluster.workers[name].kill()
        self._wait(0, 1.5)
        self.cluster.start_worker(name, clock=clock)

    def _freeze_worker(self):
        self._freeze(self.cluster.workers[self._worker()])

    def _step_clock_of_worker(self):
        self._kill_worker(clock=self._rng.choice(CLOCKS))

    def _etcd_hosts(self):
        return [one.host for one in self.cluster.etcd.members]

    def _cut_worker_off(self):
        host = self.cluster.host(self._worker())
        host.cut_off_from(self._etcd_hosts())
        self._wait(0.2, 2)
        host.heal(self._etcd_hosts())

    def _silence_worker(self):
        host = self.cluster.host(self._worker())
        host.silence_to(self._etcd_hosts())
        self._wait(0.2, 2)
        host.heal()

    def _unplug_worker(self):
        self._unplug(self.cluster.host(self._worker()))

    # Masters.

    def _kill_master(self, clock=0):
        name = self._master()
        self.cluster.masters[name].kill()
        del self.cluster.urls[name]
        self._wait(0, 1.5)
        self.cluster.start_master(name, clock=clock)

    def _step_clock_of_master(self):
        self._kill_master(clock=self._rng.choice(CLOCKS))

    def _freeze_master(self):
        self._freeze(self.cluster.masters[self._master()])

    def _unplug_master(self):
        self._unplug(self.cluster.host(self._master()))

    # Members of etcd: one of three is not missed; without two nothing can be decided.

    def _kill_member(self, clock=0):
        one = self._member()
        one.kill()
        self._wait(0, 1.5)
        one.clock = clock
        self.cluster.etcd.start(one)
        wait_for(one.is_healthy)

    def _step_clock_of_member(self):
        self._kill_member(clock=self._rng.choice(CLOCKS))

    def _freeze_member(self):
        self._freeze(self._member())

    def _unplug_member(self):
        self._unplug(self._member().host)

    def _lose_two_members(self):
        workers = self.cluster.wait_until(self._addresses)
        lost = self._rng.sample(self.cluster.etcd.members, 2)
        how = self._rng.choice(["kill", "freeze", "unplug"] if self.cluster.apart else ["kill", "freeze"])
        for one in lost:
            {"kill": one.kill, "freeze": lambda: one.interrupt(signal.SIGSTOP), "unplug": lambda: one.host.unplug()}[how]()
        began = time.monotonic()
        wait_for(lambda: not any(map(self.cluster.running_at, workers)), what=lambda: f"a worker goes on without etcd\n{self.cluster.logs()}")
        self.stopped.append(time.monotonic() - began)
        self._wait(0, 1)
        for one in lost:
            {"kill": lambda: self.cluster.etcd.start(one), "freeze": lambda: one.interrupt(signal.SIGCONT), "unplug": lambda: one.host.plug()}[how]()
        wait_for(lambda: all(one.is_healthy() for one in self.cluster.etcd.members), 60, "etcd does not come back")

    def _addresses(self):
        found = {one["name"]: one["address"] for one in self.cluster.get("members")["workers"] if one["state"] != "offline"}
        return list(found.values()) if found.keys() == self.cluster.workers.keys() else None

    # Databases.

    def _database(self):
        return self._rng.choice([*self.sources, *self.targets])

    def _restart_database(self):
        self._database().restart()

    def _freeze_target(self):
        target = self._rng.choice(self.targets)
        target.pause()
        self._wait(0.2, 1)
        target.unpause()

    def _slow_database(self):
        one = self._database()
        for _ in range(self._rng.randrange(5, 20)):
            one.pause()
            time.sleep(self._rng.uniform(0.05, 0.2))
            one.unpause()
            time.sleep(0.05)

    def _unplug_database(self):
        self._unplug(self._database().host)


KINDS = {
    "a worker killed": Faults._kill_worker, "a worker frozen": Faults._freeze_worker, "a worker cut off from etcd": Faults._cut_worker_off,
    "a worker's words to etcd lost": Faults._silence_worker, "a worker unplugged": Faults._unplug_worker,
    "a worker's clock stepped": Faults._step_clock_of_worker,
    "a master killed": Faults._kill_master, "a master frozen": Faults._freeze_master, "a master unplugged": Faults._unplug_master,
    "a master's clock stepped": Faults._step_clock_of_master,
    "a member of etcd killed": Faults._kill_member, "a member of etcd frozen": Faults._freeze_member,
    "a member of etcd unplugged": Faults._unplug_member, "a member of etcd's clock stepped": Faults._step_clock_of_member,
    "two members of etcd lost": Faults._lose_two_members,
    "a database restarted": Faults._restart_database, "a target frozen": Faults._freeze_target, "a database slow": Faults._slow_database,
    "a database unplugged": Faults._unplug_database,
}
BETWEEN_HOSTS = {"a worker's words to etcd lost", "a worker unplugged", "a master unplugged", "a member of etcd unplugged", "a database unplugged"}
OF_CLOCKS = {"a worker's clock stepped", "a master's clock stepped", "a member of etcd's clock stepped"}
