"""Workers that die, freeze or lose the store in the middle of a migration: another one goes on, under writers, and both ends end equal."""

import signal
import threading

import pytest
from harness.cluster_migration import FAMILIES, Migration
from harness.proxy import Proxy

LEASE = 3  # seconds, of the harness's masters and workers


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


@pytest.mark.parametrize("kinds", [("mariadb", "mariadb")], ids=["mariadb"])
def test_the_time_that_it_takes(cluster, migration):
    """From a worker's death to the first row that its successor has written: its lease and two seconds."""
    cluster.start(workers=2)
    migration.add(0.02)
    migration.wait_for_phase("streaming")
    migration.beat()
    worker, _ = migration.bound()
    cluster.workers[worker].kill()
    took = migration.beat()
    assert took <= LEASE + 2, f"{took:.2f} s\n{cluster.logs()}"
    migration.finish()


def test_frozen_past_its_lease(cluster, migration, family, source):
    """In the copy and in the stream, in mid-transaction; thawed, it writes nothing, and may take a source again."""
    cluster.start(workers=2)
    migration.add(0.3)
    with family.writer(source, rate=1000) as load:
        for phases in (("copying",), ("streaming", "catching-up")):
            migration.wait_for_phase(*phases)
            worker, epoch = migration.bound()
            cluster.workers[worker].interrupt(signal.SIGSTOP)
            assert migration.wait_for_other(worker)[1] > epoch
            load.wait_for(100)
            cluster.workers[worker].interrupt(signal.SIGCONT)
            cluster.wait_until(lambda: [one["state"] for one in cluster.get("members")["workers"] if one["name"] == worker] == ["free"])
        assert not any(running.ended for running in cluster.workers.values()), cluster.logs()
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
