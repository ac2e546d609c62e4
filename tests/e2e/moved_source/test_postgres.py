"""The same of PostgreSQL, where a standby that was promoted goes on with the log, but not with the slot."""

import contextlib
import itertools
import threading

import psycopg2
import pytest
from harness import postgres, replica
from harness.cluster import wait_for
from harness.godwit import DONE, FAILED, FOUND, INTERRUPTED, KILLED
from harness.postgres import Postgres
from harness.postgres_compare import assert_equal

TABLES = ["CREATE SCHEMA shop", "CREATE TABLE shop.a (id int PRIMARY KEY)", "CREATE TABLE shop.b (id int PRIMARY KEY)",
          "INSERT INTO shop.a SELECT generate_series(1, 1000)", "INSERT INTO shop.b SELECT generate_series(1, 1000)"]


@pytest.fixture
def kinds():
    return "postgres", "postgres"


@pytest.fixture
def standby(source, tmp_path):
    one = replica.standby_of(source, tmp_path / "standby")
    yield one
    one.remove()


def caught_up(standby, source):
    written = source.value("SELECT pg_current_wal_flush_lsn()")
    return standby.value(f"SELECT pg_last_wal_replay_lsn() >= '{written}'")


def test_a_standby_that_was_promoted_has_no_slot(source, standby, target, godwit):
    source.execute(*TABLES)
    task = godwit(source, target)
    task.configure(source={"url": replica.hosts(standby, source)})
    task.run().expect(DONE)
    run = task.start()
    source.execute("INSERT INTO shop.a VALUES (0)")
    run.wait_until(lambda: target.value("SELECT count(*) FROM shop.a") == 1001)
    source.kill()
    run.wait_until(lambda: any("is a standby" in one["last_note"] for one in run.result().progress()))
    source.start()
    source.execute("INSERT INTO shop.a VALUES (-1)")
    run.wait_until(lambda: target.value("SELECT count(*) FROM shop.a") == 1002)

    run.wait_until(lambda: caught_up(standby, source))
    source.kill()
    assert standby.value("SELECT pg_promote()")
    standby.execute("INSERT INTO shop.a VALUES (-2)")
    # As long as the other one may come back, it is waited for.
    run.wait_until(lambda: any("promoted, without the replication slot godwit_shop" in one["last_note"] for one in run.result().progress()))
    run.kill()
    task.configure(source={"url": standby.url})
    refused = task.run().expect(FOUND).text
    assert "promoted, without the replication slot godwit_shop" in refused and "--restart" in refused
    # Made by hand, it does not say what came before.
    standby.execute("SELECT pg_create_logical_replication_slot('godwit_shop', 'pgoutput')")
    task.run("--skip-checks").expect(FAILED)
    assert target.value("SELECT count(*) FROM shop.a") == 1002
    task.run("--restart").expect(DONE)
    assert_equal(standby, target)


def test_a_copy_begins_anew_on_the_standby(source, standby, target, godwit):
    source.execute(*TABLES)
    task = godwit(source, target, copy={"threads": 1})
    task.configure(source={"url": replica.hosts(source, standby)})
    assert task.run(failpoints="copy.before_table_finished").code == KILLED
    wait_for(lambda: caught_up(standby, source))
    source.kill()
    assert standby.value("SELECT pg_promote()")
    standby.execute("DELETE FROM shop.a WHERE id < 10", "DELETE FROM shop.b WHERE id < 10")
    assert task.run(failpoints="task.before_move").code == KILLED
    done = task.run().expect(DONE)
    assert any("What was copied from that one is copied again" in one["last_note"] for one in done.progress())
    assert_equal(standby, target)


def write_until_killed(server):
    with contextlib.suppress(psycopg2.OperationalError), contextlib.closing(server.connect()) as connection, connection.cursor() as cursor:
        for number in itertools.count(1001):
            cursor.execute("INSERT INTO shop.b VALUES (%s)", (number,))


@pytest.mark.skipif(postgres.version() < 17, reason="a standby keeps no slots of the primary's")
def test_a_standby_with_its_slot_in_step_goes_on(source, target, godwit, tmp_path):
    """Without a word of ours: the run goes on at the new primary, with all that was written at either."""
    source.execute(*TABLES, "SELECT pg_create_physical_replication_slot('standby')")
    task = godwit(source, target)
    task.run().expect(DONE)
    standby = replica.standby_of(source, tmp_path / "standby", primary_slot_name="standby", sync_replication_slots="on", hot_standby_feedback="on")
    try:
        source.execute("ALTER SYSTEM SET synchronized_standby_slots = 'standby'", "SELECT pg_reload_conf()")
        task.configure(source={"url": replica.hosts(source, standby)})
        run, written = task.start(), iter(range(-1, -10_000, -1))

        def in_step():
            # The slot comes to be in step once the primary's has moved beyond where the standby's log began.
            source.execute(f"INSERT INTO shop.a VALUES ({next(written)})", "SELECT pg_log_standby_snapshot()")
            return standby.value("SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'godwit_shop' AND synced AND NOT temporary AND invalidation_reason IS NULL")

        run.wait_until(in_step)
        writer = threading.Thread(target=write_until_killed, args=(source,))
        writer.start()
        run.wait_until(lambda: target.value("SELECT count(*) FROM shop.b") > 1100)
        source.kill()
        writer.join()
        assert standby.value("SELECT pg_promote()")
        standby.execute("INSERT INTO shop.b VALUES (-1)", "DELETE FROM shop.a WHERE id = 2")
        run.wait_until(lambda: target.value("SELECT count(*) FROM shop.b WHERE id = -1") == 1)
        run.interrupt()
        run.wait().expect(INTERRUPTED)
        assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
        assert standby.value("SELECT count(*) FROM shop.b") > 1100
        assert_equal(standby, target)
    finally:
        standby.remove()


class MadeByAnotherInitdb(Postgres):
    wal_segment = 2  # the others are copies of one data folder


def test_another_cluster_is_refused(source, target, server, godwit):
    other = server("other", kind=MadeByAnotherInitdb)
    for one in (source, other):
        one.execute(*TABLES)
    task = godwit(source, target)
    task.run().expect(DONE)
    other.execute("DELETE FROM shop.a", "SELECT pg_create_logical_replication_slot('godwit_shop', 'pgoutput')",
                  "CREATE PUBLICATION godwit_shop FOR TABLE shop.a, shop.b")
    task.configure(source={"url": other.url})
    assert "it was made by another initdb" in task.run().expect(FOUND).text
    task.run("--skip-checks").expect(FAILED)
    assert target.value("SELECT count(*) FROM shop.a") == 1000
