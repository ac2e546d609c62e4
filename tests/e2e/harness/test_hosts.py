"""Hosts apart are apart when they are to be, and leave nothing behind."""

import socket
import subprocess

import pytest
from harness.cluster import wait_for
from harness.hosts import IP, has_clocks, network, with_clock


def arrives(sender, receiver):
    """Whether a packet does."""
    with receiver.inside():
        listener = socket.socket(type=socket.SOCK_DGRAM)
        listener.bind((receiver.address, 0))
    with sender.inside():
        packets = socket.socket(type=socket.SOCK_DGRAM)
    with listener, packets:
        listener.settimeout(0.02)
        for _ in range(5):  # the first ones may ask for the way
            try:
                packets.sendto(b"x", listener.getsockname())
                return listener.recv(1) == b"x"
            except OSError:
                continue
        return False


def test_what_is_cut_and_what_is_healed():
    with network() as net:
        if not net.is_real:
            pytest.skip("no namespaces here")
        a, b, c = (net.host(name) for name in "abc")

        def ways():
            return arrives(a, b), arrives(b, a), arrives(a, c), arrives(c, a)

        wait_for(lambda: all(ways()))
        a.silence_to([b])
        wait_for(lambda: ways() == (False, True, True, True))
        a.heal()
        a.cut_off_from([b])
        wait_for(lambda: ways() == (False, False, True, True))
        a.heal([b])
        wait_for(lambda: all(ways()))
        b.unplug()
        wait_for(lambda: ways() == (False, False, True, True))
        b.plug()
        wait_for(lambda: all(ways()))
        prefix, link = net.prefix, net.link
    assert prefix not in subprocess.run([IP, "netns", "list"], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert link not in subprocess.run([IP, "link"], stdout=subprocess.PIPE, text=True, check=True).stdout


@pytest.mark.skipif(not has_clocks(), reason="no time namespaces here")
def test_a_clock_that_is_ahead():
    uptime = float(subprocess.run([*with_clock(86400), "cat", "/proc/uptime"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()[0])
    assert uptime > 86400
