"""An etcd cluster of three members, each on a host of its own, that can be lost one by one."""

import json
import signal
import subprocess
import urllib.request
from pathlib import Path

from harness.cluster import etcd_program, wait_for
from harness.hosts import with_clock
from harness.server import DIES_WITH_PARENT, free_port


class Member:
    """`clock`: how far its clocks are ahead from the next start on."""

    def __init__(self, folder, host):
        self.folder, self.host, self.name, self.clock = Path(folder), host, host.name, 0
        self.folder.mkdir(parents=True)
        self.port, self._peer_port = free_port(), free_port()
        self.peer = f"http://{host.address}:{self._peer_port}"
        self.url = f"http://{host.address}:{self.port}"

    def start(self, peers):
        """`peers`: of all members, as name=url with commas."""
        with open(self.folder / "log", "ab") as log, self.host.inside():
            self.process = subprocess.Popen(
                [*DIES_WITH_PARENT, *with_clock(self.clock), etcd_program(), f"--name={self.name}", f"--data-dir={self.folder}/data",
                 f"--listen-client-urls={self.url}", f"--advertise-client-urls={self.url}", f"--listen-peer-urls={self.peer}",
                 f"--initial-advertise-peer-urls={self.peer}", f"--initial-cluster={peers}", "--heartbeat-interval=50",
                 "--election-timeout=500", "--unsafe-no-fsync", "--logger=zap", "--log-level=error"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def is_healthy(self):
        """It has a leader, and writes come through."""
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=1) as answer:
                return json.load(answer)["health"] == "true"
        except OSError:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def interrupt(self, which):
        self.process.send_signal(which)


class EtcdMembers:
    """All of them. Use as a context manager."""

    def __init__(self, folder, hosts):
        self.members = [Member(Path(folder) / host.name, host) for host in hosts]
        self._peers = ",".join(f"{one.name}={one.peer}" for one in self.members)

    def __enter__(self):
        for one in self.members:
            self.start(one)
        for one in self.members:
            wait_for(one.is_healthy, what=lambda: (one.folder / "log").read_text()[-3000:])
        return self

    def __exit__(self, *_):
        for one in self.members:
            one.interrupt(signal.SIGCONT)
            one.kill()

    def start(self, member):
        member.start(self._peers)

    def urls_from(self, host):
        """Where a process on `host` finds them."""
        return ",".join(host.way_to(one.host, one.port) for one in self.members)
