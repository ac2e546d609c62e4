"""A network that loses answers, or stops: nothing is lost or doubled."""

import random

import pytest
from harness import shop
from harness.compare import assert_equal
from harness.godwit import DONE
from harness.proxy import Proxy
from harness.writer import Writer

KEYLESS = ["CREATE DATABASE shop", "USE shop", "CREATE TABLE seen (page VARCHAR(20), n INT)",
           "CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, v INT)"]


@pytest.fixture
def proxied():
    proxies = []

    def make(server):
        proxies.append(Proxy(server))
        return proxies[-1]

    yield make
    for proxy in proxies:
        proxy.close()


def test_answers_to_commits_are_lost_in_the_copy(source, target, godwit, proxied):
    shop.load(source, 0.1)
    proxy = proxied(target)
    task = godwit(source, proxy, copy={"chunk_bytes": "64KiB", "threads": 2})
    run = task.start("--until", "caught-up")
    run.wait_until(target.has_tables)
    proxy.commits_to_lose = 8
    run.wait().expect(DONE)
    assert proxy.commits_lost >= 4, "the copy met no trouble: this tests nothing"
    assert_equal(source, target)


def test_answers_to_commits_are_lost_in_the_stream(source, target, godwit, proxied):
    source.execute(*KEYLESS)
    proxy = proxied(target)
    task = godwit(source, proxy)
    task.run().expect(DONE)
    run = task.start()
    lost = 0
    with source.connect(database="shop") as connection, connection.cursor() as cursor:
        for number in range(6):
            # Equal rows without a key: what is applied twice is there twice.
            proxy.commits_to_lose = 1
            cursor.execute("BEGIN")
            cursor.execute("INSERT INTO seen SELECT 'same', seq FROM seq_1_to_50")
            cursor.execute("INSERT INTO t (v) SELECT seq FROM seq_1_to_50")
            cursor.execute("COMMIT")
            lost += 1
            run.wait_until(lambda: proxy.commits_lost == lost)
    run.interrupt()
    run.wait()
    task.run().expect(DONE)
    assert proxy.commits_lost == 6
    assert_equal(source, target)


@pytest.fixture(params=["source", "target"])
def copying(request, source, target, godwit, proxied):
    """A proxy before one end, and a task with a copy of many chunks to do through it."""
    shop.load(source, 0.1)
    proxy = proxied(source if request.param == "source" else target)
    ends = (proxy, target) if request.param == "source" else (source, proxy)
    return proxy, godwit(*ends, copy={"chunk_bytes": "64KiB", "threads": 2})


def test_the_network_stalls(source, target, copying):
    proxy, task = copying
    run = task.start()
    run.wait_until(target.has_tables)
    with Writer(source) as writer:
        for _ in range(3):
            proxy.stall(3)
            assert not run.ended, run.result().text
            writer.wait_for(20)
    run.interrupt()
    run.wait()
    task.run().expect(DONE)
    assert_equal(source, target)


def test_connections_are_cut_in_mid_packet(source, target, copying):
    rng = random.Random(3)
    proxy, task = copying
    run = task.start()
    run.wait_until(target.has_tables)
    with Writer(source) as writer:
        for _ in range(2):
            writer.wait_for(20)
            # The next bytes of three connections, whichever they are.
            proxy.cuts += [rng.randrange(1, 4000) for _ in range(3)]
            run.wait_until(lambda: not proxy.cuts)
    run.interrupt()
    run.wait()
    task.run().expect(DONE)
    assert_equal(source, target)
