"""The replication slot on the source: it is there as long as it is needed, and keeps no more of the log than is needed."""

import contextlib
import time

import pytest
from harness import postgres_shop as shop
from harness.godwit import DONE, FAILED, FOUND, KILLED
from harness.postgres_compare import assert_equal
from harness.postgres_writer import PostgresWriter

SLOT = "godwit_shop"


def slots(source):
    return sorted(name for (name,) in source.execute("SELECT slot_name FROM pg_replication_slots"))


def end_of_log(source):
    """Where what is committed now has ended; it is written."""
    return source.value("SELECT pg_current_wal_flush_lsn()")


def has_confirmed(source, lsn):
    return source.value(f"SELECT confirmed_flush_lsn >= '{lsn}' FROM pg_replication_slots WHERE slot_name = '{SLOT}'")


def nothing_is_left(source):
    assert slots(source) == []
    assert source.execute("SELECT pubname FROM pg_publication WHERE pubname LIKE 'godwit%'") == []


@pytest.fixture
def small(source):
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, v int)", "INSERT INTO t VALUES (1, 1), (2, 2)")
    return source


def test_it_is_there_before_the_first_row_is_read(small, target, godwit):
    task = godwit(small, target)
    assert task.run(failpoints="task.before_schema").code == KILLED
    assert slots(small) == [SLOT]
    assert small.execute("SELECT slot_type, plugin, database, temporary FROM pg_replication_slots") == [
        ("logical", "pgoutput", "shop", False)]
    begun = small.value("SELECT confirmed_flush_lsn FROM pg_replication_slots")
    small.execute("INSERT INTO t VALUES (3, 3)", "UPDATE t SET v = 7 WHERE id = 1")
    assert task.run(failpoints="copy.before_chunk_commit").code == KILLED
    small.execute("INSERT INTO t VALUES (4, 4)", "DELETE FROM t WHERE id = 2")
    assert task.run(failpoints="task.before_catching_up").code == KILLED
    assert slots(small) == [SLOT]
    assert small.value("SELECT confirmed_flush_lsn FROM pg_replication_slots") == begun, "let go before anything was applied"
    task.run().expect(DONE)
    assert_equal(small, target)
    assert slots(small) == [SLOT]


@pytest.mark.parametrize("failpoint", [None, "task.before_prepared", "copy.before_chunk_commit", "task.before_catching_up", "task.before_streaming"])
def test_it_is_gone_when_a_copy_has_ended(small, target, godwit, failpoint):
    task = godwit(small, target, mode="copy")
    if failpoint:
        assert task.run(failpoints=failpoint).code == KILLED
    task.start().wait().expect(DONE)
    nothing_is_left(small)
    assert_equal(small, target)
    task.start().wait().expect(DONE)  # which is over
    nothing_is_left(small)


def test_it_advances_as_changes_are_applied(source, target, godwit):
    shop.load(source, 0.02)
    task = godwit(source, target)
    task.run().expect(DONE)
    run = task.start()
    with PostgresWriter(source) as writer:
        for _ in range(3):
            writer.wait_for(50)
            lsn = end_of_log(source)
            run.wait_until(lambda: has_confirmed(source, lsn))
    # What the source may forget, the target has.
    task_row = "SELECT count(*) FROM visit WHERE page = '/slow'"
    target.pause()
    source.execute("INSERT INTO visit (page) VALUES ('/slow')")
    lsn = end_of_log(source)
    time.sleep(5)
    assert not has_confirmed(source, lsn), "confirmed what the target cannot have yet"
    target.unpause()
    run.wait_until(lambda: has_confirmed(source, lsn))
    assert target.value(task_row) == 1
    run.interrupt()
    run.wait()
    task.run().expect(DONE)
    assert_equal(source, target)


def test_it_does_not_hold_back_the_log_of_a_quiet_database(small, target, godwit):
    """Others write to the same server."""
    task = godwit(small, target)
    task.run().expect(DONE)
    run = task.start()
    small.execute("CREATE TABLE busy (v text)", database="postgres")

    def work():
        small.execute("INSERT INTO busy SELECT repeat(md5(i::text), 30) FROM generate_series(1, 5000) i", "TRUNCATE busy", "CHECKPOINT",
                      database="postgres")

    for _ in range(5):
        work()
    lsn = end_of_log(small)

    def is_free():
        work()
        time.sleep(0.5)  # while there is something to read, the server does not say how far it is
        return small.value(f"SELECT restart_lsn >= '{lsn}' FROM pg_replication_slots WHERE slot_name = '{SLOT}'")

    run.wait_until(is_free)
    small.execute("INSERT INTO t VALUES (3, 3)")
    run.wait_until(lambda: target.value("SELECT count(*) FROM t") == 3)


def test_it_does_not_hold_back_the_log_of_tables_outside_of_the_task(small, target, godwit):
    small.execute("CREATE TABLE public.busy (v text)")
    task = godwit(small, target)
    task.run().expect(DONE)
    run = task.start()
    for _ in range(3):
        small.execute("INSERT INTO public.busy SELECT repeat(md5(i::text), 30) FROM generate_series(1, 5000) i")
        lsn = end_of_log(small)
        run.wait_until(lambda: has_confirmed(small, lsn))


def test_the_source_shuts_down_with_it(source, target, godwit):
    """A server waits until readers of its log have confirmed all of it."""
    shop.load(source, 0.02)
    task = godwit(source, target)
    task.run().expect(DONE)
    run = task.start()
    with PostgresWriter(source) as writer:
        writer.wait_for(50)
        run.wait_until(lambda: source.value("SELECT active FROM pg_replication_slots"))
        started = time.monotonic()
        source.stop()
        assert time.monotonic() - started < 20
    source.start()
    run.wait_until(lambda: has_confirmed(source, end_of_log(source)))
    run.interrupt()
    run.wait()
    task.run().expect(DONE)
    assert_equal(source, target)


def test_it_waits_for_transactions_that_are_open(small, target, godwit):
    """What they have written is in no snapshot yet, and before the slot in the log."""
    task = godwit(small, target)
    with contextlib.closing(small.connect(autocommit=False)) as early:
        early.cursor().execute("INSERT INTO t VALUES (3, 3); UPDATE t SET v = 9 WHERE id = 1")
        run = task.start("--until", "caught-up")
        time.sleep(2)
        assert not run.ended, run.result().text
        early.cursor().execute("DELETE FROM t WHERE id = 2")
        early.commit()
    run.wait().expect(DONE)
    assert_equal(small, target)


def test_interrupted_while_it_waits_for_transactions_that_are_open(small, target, godwit):
    task = godwit(small, target)
    with contextlib.closing(small.connect(autocommit=False)) as early:
        early.cursor().execute("INSERT INTO t VALUES (3, 3)")
        for end in ("interrupt", "kill"):
            run = task.start()
            time.sleep(2)
            assert not run.ended, run.result().text
            getattr(run, end)()
            run.wait(20)
        early.commit()
    task.run().expect(DONE)
    assert slots(small) == [SLOT]
    assert_equal(small, target)


def test_it_has_been_dropped(small, target, godwit):
    task = godwit(small, target)
    task.run().expect(DONE)
    small.execute("INSERT INTO t VALUES (3, 3)", f"SELECT pg_drop_replication_slot('{SLOT}')", "INSERT INTO t VALUES (4, 4)")
    result = task.run(timeout=30).expect(FAILED, FOUND)
    assert SLOT in result.text and "--restart" in result.text, result.text
    assert slots(small) == [], "one was made that misses changes"
    task.run("--restart").expect(DONE)
    assert_equal(small, target)


@pytest.mark.parametrize("statement", [f"DROP PUBLICATION {SLOT}", f"ALTER PUBLICATION {SLOT} DROP TABLE shop.t"], ids=["all", "a_table"])
def test_its_publication_has_been_dropped(small, target, godwit, statement):
    """While a run goes on, and between two."""
    task = godwit(small, target)
    run = task.start()
    run.wait_until(lambda: '"phase":"streaming"' in run.result().out)
    small.execute(statement, "INSERT INTO t VALUES (3, 3)")
    for said in (run.wait, task.run):
        text = said(timeout=30).expect(FAILED).text
        assert f"publication {SLOT}" in text and "shop.t" in text and "--restart" in text, text
    task.run("--restart").expect(DONE)
    small.execute("INSERT INTO t SELECT max(id) + 1, 3 FROM t")
    task.run().expect(DONE)
    assert_equal(small, target)


def test_its_log_has_been_taken_away(small, target, godwit):
    """The server lets go of a slot that holds back too much (max_slot_wal_keep_size)."""
    task = godwit(small, target)
    task.run().expect(DONE)
    small.restart(max_slot_wal_keep_size="2MB", max_wal_size="4MB", min_wal_size="2MB")
    deadline = time.monotonic() + 60
    while small.value("SELECT wal_status FROM pg_replication_slots") != "lost":
        assert time.monotonic() < deadline
        small.execute("INSERT INTO t SELECT i, i FROM generate_series(10, 20000) i", "DELETE FROM t WHERE id > 9", "CHECKPOINT")
    result = task.run(timeout=30).expect(FAILED, FOUND)
    assert SLOT in result.text and "--restart" in result.text, result.text
    task.run("--restart").expect(DONE)
    assert_equal(small, target)


def test_to_begin_anew_makes_it_anew(small, target, godwit):
    task = godwit(small, target)
    task.run().expect(DONE)
    small.execute("INSERT INTO t VALUES (3, 3)")
    task.run("--restart").expect(DONE)
    assert slots(small) == [SLOT]
    small.execute("INSERT INTO t VALUES (4, 4)")
    task.run().expect(DONE)
    assert_equal(small, target)


LONG = "n" * 63


@pytest.mark.parametrize("names", [("a-b", "a_b"), (LONG + "1", LONG + "2")])
def test_two_tasks_have_two(small, server, target, godwit, names):
    """Names of slots are shorter than those of tasks, and have fewer letters."""
    small.execute("CREATE SCHEMA aside", "CREATE TABLE aside.t (id int PRIMARY KEY)", "INSERT INTO aside.t VALUES (1)")
    tasks = [godwit(small, target, name=name, tables={"include": [tables]}) for name, tables in zip(names, ("shop.*", "aside.*"))]
    for task in tasks:
        task.run().expect(DONE)
    assert len(slots(small)) == 2
    small.execute("INSERT INTO t VALUES (3, 3)", "INSERT INTO aside.t VALUES (2)")
    for task in tasks:
        task.run().expect(DONE)
    assert_equal(small, target)
