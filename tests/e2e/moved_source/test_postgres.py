"""The same of PostgreSQL, where a standby that was promoted goes on with the log, but not with the slot."""

import pytest
from harness import replica
from harness.cluster import wait_for
from harness.godwit import DONE, FAILED, FOUND, KILLED
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
