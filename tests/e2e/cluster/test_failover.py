"""Workers that die, freeze or lose the store in the middle of a migration: another one goes on, under writers, and both ends end equal."""

import signal
import threading
import time

import pytest
from harness import compare, postgres_compare, postgres_shop, postgres_writer, shop, writer
from harness.cluster import wait_for
from harness.godwit import DONE
from harness.proxy import Proxy

LEASE = 3  # seconds, of the harness's masters and workers


class MySql:
    """The shop, on MariaDB."""

    qualified = "shop."
    writer = writer.Writer
    compare = staticmethod(compare.assert_equal)
    load = staticmethod(shop.load)


class Postgres:
    """The shop, on PostgreSQL."""

    qualified = ""
    writer = postgres_writer.PostgresWriter
    compare = staticmethod(postgres_compare.assert_equal)
    load = staticmethod(postgres_shop.load)


@pytest.fixture(params=["mariadb", "postgres"])
def kinds(request):
    return request.param, request.param


@pytest.fixture
def family(kinds):
    return Postgres if kinds[0] == "postgres" else MySql


class Migration:
    """The task `shop` of one source in `cluster`."""

    def __init__(self, cluster, source, target, family):
        self.cluster, self.source, self.target, self.family = cluster, source, target, family
        self.beats = 0

    def add(self, scale, **task):
        self.family.load(self.source, scale)
        self.source.execute(f"CREATE TABLE {self.family.qualified}beat (id INT PRIMARY KEY)")
        self.cluster.post("sources", self.cluster.source_file("a", self.source))
        self.cluster.post("tasks", self.cluster.task_file(
            "shop", ["a"], self.target, copy={"chunk_bytes": "64KiB", "threads": 2}, **task))

    def bound(self):
        """Which worker has the source, and under which epoch."""
        one = self.cluster.get("sources/a")
        return (one["worker"], one["epoch"]) if one["state"] == "bound" else None

    def wait_for_other(self, than, timeout=20):
        return self.cluster.wait_until(lambda: (now := self.bound()) and now[0] != than and now, timeout)

    def wait_for_phase(self, *phases, timeout=60):
        self.cluster.wait_until(lambda: self.cluster.phase("shop") in phases, timeout)

    def rows(self):
        return self.target.value(f"SELECT COUNT(*) FROM {self.family.qualified}order_item")

    def beat(self, timeout=60):
        """A row goes all the way; gives how long it took."""
        self.beats += 1
        self.source.execute(f"INSERT INTO {self.family.qualified}beat VALUES ({self.beats})")
        began = time.monotonic()
        wait_for(lambda: self.target.value(f"SELECT COUNT(*) FROM {self.family.qualified}beat WHERE id = {self.beats}") == 1,
                 timeout, self.cluster.logs)
        return time.monotonic() - began

    def finish(self):
        """All has come through: stops it, has `godwit run` carry it on to its end, and compares."""
        self.beat()
        self.cluster.post("tasks/shop/stop")
        self.cluster.wait_until(lambda: self.cluster.status("shop")["stage"] == "Stopped")
        file = self.cluster.folder / "shop.yaml"
        file.write_text(self.cluster.get("tasks/shop/export")["files"][0]["config"])
        run = self.cluster.run("run", str(file), "--until", "caught-up", "--state-dir", str(self.cluster.folder / "state"))
        run.wait().expect(DONE)
        self.family.compare(self.source, self.target)


@pytest.fixture
def migration(cluster, source, target, family):
    return Migration(cluster, source, target, family)


def freeze(running):
    running.interrupt(signal.SIGSTOP)


def thaw(running):
    running.interrupt(signal.SIGCONT)


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
            freeze(cluster.workers[worker])
            assert migration.wait_for_other(worker)[1] > epoch
            load.wait_for(100)
            thaw(cluster.workers[worker])
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
            cluster.post("sources/a/transfer", {"worker": "w2"})
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
