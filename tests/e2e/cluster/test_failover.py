"""Workers that die, freeze or lose the store in the middle of a migration: another one goes on, under writers, and both ends end equal."""

import random
import signal
import threading
import time

import pytest
from harness import audit
from harness.cluster import wait_for
from harness.cluster_migration import FAMILIES, Migration
from harness.proxy import Proxy
from harness.statement_log import is_in_transaction, statement_log

LEASE = 3  # seconds, of the harness's masters and workers
SLACK = 1  # of a busy machine: by its clock a worker stops after four fifths of its lease


@pytest.fixture(params=["mariadb", "postgres"])
def kinds(request):
    return request.param, request.param


@pytest.fixture
def family(kinds):
    return FAMILIES[kinds[0]]


@pytest.fixture
def migration(cluster, source, target, family):
    return Migration(cluster, source, target, family)


def test_killed_in_the_copy_and_in_the_stream(cluster, migration, family, source):
    """The leader goes too, at the same moment as a worker."""
    cluster.start(masters=2, workers=3)
    migration.add(0.3)
    with family.writer(source) as load:
        migration.wait_for_phase("copying")
        worker, first = migration.bound()
        cluster.workers[worker].kill()
        worker, second = migration.wait_for_other(worker)
        migration.wait_for_phase("streaming", "catching-up")
        leader = cluster.get("members")["leader"]["name"]
        cluster.workers[worker].kill()
        cluster.masters[leader].kill()
        del cluster.urls[leader]
        third = migration.wait_for_other(worker)[1]
        assert first < second < third
        load.wait_for(50)
    migration.finish()


def freeze_in_transaction(running, log):
    """A worker that writes is stopped where it has a transaction open."""
    def is_frozen():
        running.interrupt(signal.SIGSTOP)
        if is_in_transaction(log):
            return True
        running.interrupt(signal.SIGCONT)
        time.sleep(random.uniform(0.02, 0.2))  # it has a lease to keep
        return False

    wait_for(is_frozen, 120, "no transaction is ever open")


def test_frozen_past_its_lease(cluster, migration, family, source, target):
    """In the copy and in the stream, in mid-transaction; thawed, it writes nothing, and may take a source again. That it writes nothing
    the target says: none of its sessions has executed anything more, and no epoch has written after a later one."""
    cluster.start(workers=2)
    log = statement_log(target)
    migration.add(0.3)
    with family.writer(source, rate=1000) as load:
        for phases in (("copying",), ("streaming", "catching-up")):
            migration.wait_for_phase(*phases)
            audit.begin(target)
            worker, epoch = migration.bound()
            freeze_in_transaction(cluster.workers[worker], log)
            frozen, earlier = log.sessions(), migration.state("epoch")
            assert migration.wait_for_other(worker)[1] > epoch
            cluster.wait_until(lambda: migration.state("epoch") > earlier)
            moved = log.now()
            assert not frozen & log.sessions(), "sessions of the frozen worker are left"
            load.wait_for(100)
            cluster.workers[worker].interrupt(signal.SIGCONT)
            cluster.wait_until(lambda: [one["state"] for one in cluster.get("members")["workers"] if one["name"] == worker] == ["free"])
            load.wait_for(100)
            assert log.said(frozen, moved) == []
            assert log.said(log.sessions(), moved), "the successor's statements are not in the log"
            assert audit.check(target, migration.name)[0] > 0
        assert not any(running.ended for running in cluster.workers.values()), cluster.logs()
    migration.finish()


def test_stops_by_its_own_clock(cluster, migration, family, source, target):
    """Cut off from the store alone, with nobody there who could take its place: the worker itself stops, within its lease, and goes on when the
    store is back."""
    cluster.start(workers=0)
    log = statement_log(target)
    with Proxy(cluster.etcd) as proxy:
        cluster.start_worker("w1", etcd=f"http://127.0.0.1:{proxy.port}")
        migration.add(0.02)
        with family.writer(source) as load:
            migration.wait_for_phase("streaming", "catching-up")
            address = cluster.get("members")["workers"][0]["address"]
            assert cluster.running_at(address) and log.sessions()
            epoch = migration.state("epoch")
            proxy.hold()
            began = time.monotonic()
            wait_for(lambda: not cluster.running_at(address), what=cluster.logs)
            wait_for(lambda: not log.sessions(), what="the sessions of a worker that has stopped are left")
            took = time.monotonic() - began
            print(f"the worker had stopped after {took:.2f} s")
            assert took <= LEASE + SLACK
            applied = migration.state("applied")
            load.wait_for(50)
            assert (migration.state("epoch"), migration.state("applied")) == (epoch, applied)
            proxy.release()
            load.wait_for(50)
    migration.finish()


def test_cut_off_from_the_store_but_not_from_the_servers(cluster, migration, family, source):
    """It stops by its own clock, before another one begins; and is free when the store is back."""
    cluster.start(workers=1)
    with Proxy(cluster.etcd) as proxy:
        cluster.start_worker("w2", etcd=f"http://127.0.0.1:{proxy.port}")
        cluster.wait_until(lambda: len(cluster.get("members")["workers"]) == 2)
        migration.add(0.3)
        if migration.bound()[0] != "w2":
            cluster.post("sources/shop-db/transfer", {"worker": "w2"})
            cluster.wait_until(lambda: migration.bound() and migration.bound()[0] == "w2")
        with family.writer(source) as load:
            migration.wait_for_phase("streaming", "catching-up")
            cut = threading.Thread(target=proxy.stall, args=(2.5 * LEASE,))
            cut.start()
            migration.wait_for_other("w2")
            load.wait_for(50)
            cut.join()
            cluster.wait_until(lambda: {one["name"]: one["state"] for one in cluster.get("members")["workers"]} == {"w1": "bound", "w2": "free"})
    migration.finish()
