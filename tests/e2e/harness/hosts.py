"""Several hosts on this machine: network namespaces behind a switch, where the machine allows them; else processes on loopback.

A host has an `address` to listen at, and what is started `inside()` of it is there. It may be cut off from some others, one way too, and
unplugged altogether. On loopback the only way that can be cut is the one from a host to what it reaches by `way_to`."""

import atexit
import contextlib
import ctypes
import functools
import os
import random
import re
import shutil
import subprocess
from pathlib import Path

from harness.proxy import Proxy

NOWHERE = "02:00:00:00:00:01"  # a hardware address that nobody has
IP = shutil.which("ip", path=f"{os.environ['PATH']}:/usr/sbin:/sbin") or "ip"


def _ip(*arguments, batch=None):
    done = subprocess.run([IP, *arguments], input=batch, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise OSError(f"ip {' '.join(arguments)}: {done.stdout.strip()}")
    return done.stdout


def _enter(namespace):
    """This thread goes there, with what it starts from now on."""
    if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), 0x40000000) != 0:  # CLONE_NEWNET
        raise OSError(ctypes.get_errno(), "setns")


def _remove(prefix):
    """All namespaces that are called so; a link whose other end is in one goes with it."""
    for line in _ip("netns", "list").splitlines():
        if line.startswith(prefix):
            with contextlib.suppress(OSError):
                _ip("netns", "del", line.split()[0])


class Host:
    """In a namespace of its own."""

    def __init__(self, network, name, number):
        self.name, self.address = name, f"{network.subnet}.{number}"
        self._network, self._namespace, self._port = network, f"{network.prefix}{name}", f"p{number}"
        self._unheard_by = set()
        _ip("netns", "add", self._namespace)
        _ip("-n", network.switch, "-batch", "-", batch=f"link add {self._port} type veth peer name eth0 netns {self._namespace}\n"
                                                       f"link set {self._port} master switch up\n")
        _ip("-n", self._namespace, "-batch", "-", batch=f"addr add {self.address}/24 dev eth0\nlink set lo up\nlink set eth0 up\n")

    @contextlib.contextmanager
    def inside(self):
        """What is started within the block is on this host, and so is this thread."""
        with open("/proc/thread-self/ns/net") as here, open(f"/run/netns/{self._namespace}") as there:
            _enter(there)
            try:
                yield self
            finally:
                _enter(here)

    def way_to(self, host, port):
        return f"http://{host.address}:{port}"

    def silence_to(self, hosts):
        """Nothing that it sends to them arrives; they are told nothing of it, and what they send does arrive."""
        for host in hosts:
            _ip("-n", self._namespace, "neigh", "replace", host.address, "lladdr", NOWHERE, "nud", "permanent", "dev", "eth0")
            self._unheard_by.add(host.address)

    def cut_off_from(self, hosts):
        """Nothing passes between it and them."""
        self.silence_to(hosts)
        for host in hosts:
            host.silence_to([self])

    def heal(self, hosts=()):
        """All that it sends arrives, and what `hosts` send."""
        for address in self._unheard_by:
            _ip("-n", self._namespace, "neigh", "del", address, "dev", "eth0")
        self._unheard_by.clear()
        for host in hosts:
            host.heal()

    def unplug(self):
        _ip("-n", self._network.switch, "link", "set", self._port, "down")

    def plug(self):
        _ip("-n", self._network.switch, "link", "set", self._port, "up")


class Network:
    """Hosts in namespaces, and this process on the same switch. Use as a context manager: the namespaces go in the end, and those that
    an earlier process has left, too."""

    is_real = True

    def __init__(self):
        for line in _ip("netns", "list").splitlines():
            left = re.match(r"godwit-test-(\d+)-", line)
            if left and not Path(f"/proc/{left[1]}").exists():
                _remove(left[0])  # its link goes with them
        self.prefix = f"godwit-test-{os.getpid()}-"
        self.switch, self.link = f"{self.prefix}switch", f"gw{os.getpid()}"
        taken = _ip("-o", "-4", "addr")
        # For tests of networks (RFC 2544): nobody else has these addresses.
        self.subnet = random.choice([subnet for number in range(256) if f"{(subnet := f'198.18.{number}')}." not in taken])
        self._hosts = {}
        atexit.register(self.close)
        try:
            _ip("netns", "add", self.switch)
            _ip("-n", self.switch, "-batch", "-", batch="link add switch type bridge\nlink set switch up\n")
            _ip("-batch", "-", batch=f"link add {self.link} type veth peer name test netns {self.switch}\n"
                                     f"addr add {self.subnet}.1/24 dev {self.link}\nlink set {self.link} up\n")
            _ip("-n", self.switch, "link", "set", "test", "master", "switch", "up")
            with self.host("try").inside():
                pass
        except OSError:
            self.close()
            raise

    def host(self, name):
        if name not in self._hosts:
            self._hosts[name] = Host(self, name, 10 + len(self._hosts))
        return self._hosts[name]

    def close(self):
        atexit.unregister(self.close)
        with contextlib.suppress(OSError):
            _ip("link", "del", self.link)  # it would go with the other end, but later
        _remove(self.prefix)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class LoopbackHost:
    """No host of its own."""

    address = "127.0.0.1"

    def __init__(self, name):
        self.name = name
        self._ways = {}

    @contextlib.contextmanager
    def inside(self):
        yield self

    def way_to(self, host, port):
        """May be cut."""
        if port not in self._ways:
            self._ways[port] = Proxy(type("Port", (), {"port": port}))
        return f"http://127.0.0.1:{self._ways[port].port}"

    def cut_off_from(self, _):
        for way in self._ways.values():
            way.hold()

    def heal(self, _=()):
        for way in self._ways.values():
            way.release()

    def close(self):
        for way in self._ways.values():
            way.close()


class Loopback:
    """What stands in for a Network where there can be no namespaces."""

    is_real = False

    def __init__(self):
        self._hosts = {}

    def host(self, name):
        return self._hosts.setdefault(name, LoopbackHost(name))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for host in self._hosts.values():
            host.close()


def network():
    """The best that this machine allows; says so where that is none. GODWIT_ONE_HOST=1 asks for none."""
    try:
        if os.environ.get("GODWIT_ONE_HOST"):
            raise OSError("GODWIT_ONE_HOST is set")
        return Network()
    except OSError as refused:
        print(f"hosts are processes on loopback, not apart, and only the ways to etcd are cut: {refused}")
        return Loopback()


@functools.cache
def has_clocks():
    """Whether a process can be given clocks of its own (a time namespace), in the process that is started."""
    try:
        tried = subprocess.Popen(["unshare", "--time", "--boottime", "100000", "--", "sh", "-c", "echo $$; cat /proc/uptime"],
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    except OSError:
        return False
    said = tried.communicate()[0].split()
    return tried.returncode == 0 and int(said[0]) == tried.pid and float(said[1]) > 100000


def with_clock(seconds):
    """Before a command: the clocks that count from the machine's start (CLOCK_BOOTTIME, CLOCK_MONOTONIC) are so far ahead for it; 0: they
    are not. The time of day is the machine's."""
    return ["unshare", "--time", "--boottime", str(seconds), "--monotonic", str(seconds), "--"] if seconds else []
