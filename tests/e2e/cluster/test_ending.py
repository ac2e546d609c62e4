"""Workers and runs that are to end while what they need does not answer, and what an earlier worker that was frozen must not do."""

import json
import signal
from contextlib import closing

import psycopg2
import pytest
from harness.cluster_migration import FAMILIES, Migration
from harness.godwit import INTERRUPTED
from harness.proxy import Proxy


@pytest.fixture
def migration(cluster, source, target, kinds):
    return Migration(cluster, source, target, FAMILIES[kinds[0]])


@pytest.mark.parametrize("kinds", [("mariadb", "mariadb")], ids=["mariadb"])
def test_a_worker_ends_while_the_store_is_away(cluster, migration):
    """What it runs is stopped in order, though nothing that it says or reads comes through."""
    cluster.start(workers=0)
    with Proxy(cluster.etcd) as proxy:
        cluster.start_worker("w1", etcd=f"http://127.0.0.1:{proxy.port}")
        migration.add(0.02)
        migration.wait_for_phase("streaming")
        proxy.hold()
        cluster.workers["w1"].interrupt(signal.SIGTERM)
        cluster.workers["w1"].wait(timeout=15).expect(0)
    cluster.start_worker("w2")
    migration.wait_for_other("w1")
    migration.finish()


@pytest.mark.parametrize("kinds", [("mariadb", "mariadb")], ids=["mariadb"])
def test_a_stop_takes_no_longer_than_is_said_while_the_target_says_nothing(source, target, godwit, assert_same):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)")
    with Proxy(target) as proxy:
        task = godwit(source, target)
        task.configure(target={"url": proxy.url})
        run = task.start()
        run.wait_until(lambda: target.has_table("t"))
        source.execute("INSERT INTO shop.t VALUES (1)")
        run.wait_until(lambda: target.value("SELECT COUNT(*) FROM shop.t") == 1)
        proxy.hold()
        source.execute("INSERT INTO shop.t VALUES (2)")
        run.interrupt()
        run.wait(timeout=30).expect(INTERRUPTED)
    target.cut_connections()  # which it does not know to be gone
    task.configure(target={"url": target.url})
    task.run()
    assert_same()


def mark_of(schema, task):
    """What PostgreSQL shows for a session that writes for a task (FNV-1a)."""
    number = 14695981039346656037
    for part in ("godwit", schema, task):
        for byte in part.encode():
            number = (number ^ byte) * 1099511628211 % 2**64
        number = number * 1099511628211 % 2**64
    return f"godwit {number:016x}"


@pytest.mark.parametrize("kinds", [("postgres", "postgres")], ids=["postgres"])
def test_what_an_earlier_worker_has_left_is_in_nobodys_way(cluster, migration, source, target):
    """Frozen as it brought the tables of the state up to date; and its generation is known to the source."""
    def pause():
        cluster.post("tasks/shop/pause")
        cluster.wait_until(lambda: cluster.status("shop")["stage"] == "Paused")

    def held_for():
        note = source.value("SELECT obj_description(oid, 'pg_publication') FROM pg_publication WHERE pubname = 'godwit_shop'")
        return json.loads(note.removeprefix("Godwit: "))["generation"]

    def hold_for(generation):
        source.execute(f"COMMENT ON PUBLICATION godwit_shop IS 'Godwit: {json.dumps({'generation': generation})}'")

    cluster.start(workers=1)
    migration.add(0.01)
    migration.wait_for_phase("streaming")
    generation = migration.bound()[1]
    assert held_for() == generation
    pause()
    with closing(target.connect(autocommit=False)) as frozen, frozen.cursor() as cursor:
        cursor.execute(f"SET application_name = '{mark_of('godwit', 'shop')}'")
        frozen.commit()
        cursor.execute("LOCK TABLE godwit.task IN ACCESS EXCLUSIVE MODE")
        cluster.post("tasks/shop/resume")
        migration.beat()
        with pytest.raises(psycopg2.OperationalError, match="terminat"):
            cursor.execute("SELECT 1")
    pause()
    hold_for(generation + 1000)
    cluster.post("tasks/shop/resume")
    cluster.wait_until(lambda: "is held for a later worker" in (cluster.status("shop")["error"] or ""))
    hold_for(generation)
    cluster.post("tasks/shop/resume")
    migration.finish()
