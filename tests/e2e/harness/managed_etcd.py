"""A cluster whose masters run their etcd themselves, on loopback."""

import os
import re
import signal
from pathlib import Path
from types import SimpleNamespace

from harness.cluster import Cluster, etcd_program, wait_for
from harness.godwit import DONE
from harness.server import free_port

# Elections within a moment, and no waiting for the disk.
QUICK = {"ETCD_HEARTBEAT_INTERVAL": "50", "ETCD_ELECTION_TIMEOUT": "500", "ETCD_UNSAFE_NO_FSYNC": "true"}


def lives(pid):
    """Whether there is such a process, dead ones that nobody has asked for aside."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except FileNotFoundError:
        return False


class ManagedCluster(Cluster):
    """Masters `names`, each with an etcd of its own. `scheme`: of etcd's urls; `options`: of all masters and workers."""

    def __init__(self, folder, names, scheme="http", options=()):
        self.ports = {name: (free_port(), free_port()) for name in names}
        self.peers = ",".join(f"{name}=127.0.0.1:{peer}:{client}" for name, (peer, client) in self.ports.items())
        urls = ",".join(f"{scheme}://127.0.0.1:{client}" for _, client in self.ports.values())
        super().__init__(folder, SimpleNamespace(url=urls))
        self.options = [str(word) for word in options]
        self.environment.update(QUICK)

    def data_dir(self, name):
        return self.folder / f"data-{name}"

    def _start(self, kind, name, arguments, etcd=None):
        if kind != "master":
            return super()._start(kind, name, [*self.options, *arguments], etcd)
        return self.run("master", "--name", name, "--managed-etcd", "--peers", self.peers, "--data-dir", str(self.data_dir(name)),
                        "--etcd-binary", etcd_program(), *self.options, *arguments)

    def log(self, name):
        return self.masters[name].result().err

    def wait_for_log(self, name, words, times=1, timeout=20):
        wait_for(lambda: self.log(name).count(words) >= times, timeout, lambda: f"{name} does not say: {words}\n{self.logs()}")

    def etcd_of(self, name):
        """The process of the etcd that the master has started last."""
        return int(re.findall(r"etcd is started as process (\d+)", self.log(name))[-1])

    def kill_with_etcd(self, name):
        """SIGKILL for the master, and its etcd has to go with it."""
        etcd = self.etcd_of(name)
        self.masters[name].kill()
        del self.urls[name]
        wait_for(lambda: not lives(etcd), 5, "etcd has survived its master")

    def end(self, *names):
        """SIGTERM: they end in order, and leave nothing behind."""
        for name in names:
            self.masters[name].interrupt(signal.SIGTERM)
        for name in names:
            self.masters[name].wait(30).expect(DONE)
            assert not lives(self.etcd_of(name)), self.log(name)
            self.urls.pop(name, None)

    def kill_etcd(self, name):
        os.kill(self.etcd_of(name), signal.SIGKILL)
