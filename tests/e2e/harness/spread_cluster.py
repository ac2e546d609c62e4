"""A cluster whose masters, workers, etcd members and databases are each on a host of their own, as far as the machine allows."""

from pathlib import Path

from harness.cluster import Cluster
from harness.etcd_members import EtcdMembers
from harness.hosts import network, with_clock
from harness.kinds import ALL_KINDS, options


class SpreadCluster(Cluster):
    """Three etcd members, and the masters and workers that are started. Use as a context manager."""

    def __init__(self, folder):
        super().__init__(Path(folder) / "cluster", None)
        self._network = network()
        self.apart = self._network.is_real
        self.etcd = EtcdMembers(Path(folder) / "etcd", [self.host(f"e{number}") for number in (1, 2, 3)])
        self.databases = []

    def host(self, name):
        return self._network.host(name)

    def __enter__(self):
        self.etcd.__enter__()
        return self

    def __exit__(self, *error):
        self.close()
        for one in self.databases:
            one.remove()
        self.etcd.__exit__(*error)
        self._network.__exit__(*error)

    def start_master(self, name="m1", *arguments, clock=0):
        """`clock`: how far its clocks are ahead."""
        host = self.host(name)
        self.prefix = with_clock(clock)
        with host.inside():
            return super().start_master(name, "--insecure", *arguments, etcd=self.etcd.urls_from(host), listen=f"{host.address}:0")

    def start_worker(self, name="w1", *arguments, slots=1, clock=0):
        host = self.host(name)
        self.prefix = with_clock(clock)
        with host.inside():
            return super().start_worker(name, "--listen", f"{host.address}:0", "--insecure", *arguments, slots=slots,
                                        etcd=self.etcd.urls_from(host))

    def run(self, *arguments):
        try:
            return super().run(*arguments)
        finally:
            self.prefix = []

    def start_database(self, kind, role):
        """A server of that kind, on a host of its own; `role` is "source" or "target"."""
        one = ALL_KINDS[kind](self.folder.parent / f"{role}-{kind}", **options(kind, role))
        one.be_on(self.host(f"{kind[:2]}-{role}"))
        self.databases.append(one)
        return one.start()
