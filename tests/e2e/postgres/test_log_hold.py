"""What the source keeps of its log for a task: it is shown, bounded where the task says so, and no more than is needed."""

import contextlib
import json
import time
from types import SimpleNamespace

import pytest
from harness.background import Background
from harness.godwit import DONE, FAILED, FOUND, KILLED
from harness.postgres_compare import assert_equal

SLOT = "godwit_shop"
MIB = 1 << 20
LIMIT = {"max_slot_wal": "8MiB"}


def slots(source):
    return sorted(name for (name,) in source.execute("SELECT slot_name FROM pg_replication_slots"))


def nothing_is_left(source):
    return slots(source) == [] and source.execute("SELECT pubname FROM pg_publication WHERE pubname LIKE 'godwit%'") == []


def grow(source, mebibytes):
    """The log, by so much, in another database."""
    source.execute(*["SELECT pg_logical_emit_message(false, 'test', repeat('x', 262144))"] * int(mebibytes * 4), "CHECKPOINT",
                   database="postgres")


def told(run):
    """The objects that a run has printed up to now."""
    return [json.loads(line) for line in run.result().out.splitlines() if line.endswith("}")]


def has_noted(run, *texts):
    return any(all(text in one["last_note"] for text in texts) for one in told(run))


def is_at(run, phase):
    objects = told(run)
    return bool(objects) and objects[-1]["phase"] == phase


@contextlib.contextmanager
def locked(target):
    """Whoever writes to the table waits."""
    with contextlib.closing(target.connect(autocommit=False)) as other:
        other.cursor().execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        yield


@contextlib.contextmanager
def paused(target):
    target.pause()
    yield
    target.unpause()


@contextlib.contextmanager
def stopped(target):
    target.stop()
    yield
    target.start()


@pytest.fixture
def small(source):
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, v int)", "INSERT INTO t VALUES (1, 1), (2, 2)")
    return source


@pytest.fixture
def copying(small, target, godwit):
    """copying(**source): a task, and a run of it whose copy does not get on, in a block."""

    @contextlib.contextmanager
    def begin(**source):
        task = godwit(small, target, source=source)
        assert task.run(failpoints="copy.before_chunk_commit").code == KILLED
        with locked(target):
            run = task.start()
            run.wait_until(lambda: is_at(run, "copying"))
            yield task, run

    return begin


@pytest.fixture
def streaming(small, target, godwit):
    """streaming(away, **source): the same of a run whose target takes no changes."""

    @contextlib.contextmanager
    def begin(away, **source):
        task = godwit(small, target, source=source)
        task.run().expect(DONE)
        run = task.start()
        run.wait_until(lambda: is_at(run, "streaming"))
        run.wait_until(lambda: small.value("SELECT active FROM pg_replication_slots"))
        with away(target):
            small.execute("INSERT INTO t VALUES (3, 3)")
            yield task, run

    return begin


def test_status_shows_it(small, target, godwit):
    task = godwit(small, target)
    assert task.status("--json").expect(DONE).json()["log_hold"] is None
    task.run().expect(DONE)
    grow(small, 3)
    hold = task.status("--json").expect(DONE).json()["log_hold"]
    assert 3 * MIB <= hold.pop("retained_bytes") < 16 * MIB
    assert hold == {"name": SLOT, "bytes_left": None, "in_use": False, "lost": False}
    text = task.status().expect(DONE).out
    assert f"source keeps {3}" in text and f"(replication slot {SLOT}); nothing reads it now" in text, text

    run = task.start()
    run.wait_until(lambda: is_at(run, "streaming") and (told(run)[-1]["log_hold"] or {}).get("in_use"))
    run.wait_until(lambda: (task.status("--json").json()["run"]["log_hold"] or {}).get("in_use"), 10)
    assert task.status("--json").json()["log_hold"]["in_use"]

    target.pause()
    try:
        small.execute("INSERT INTO t VALUES (3, 3)")
        grow(small, 3)
        run.wait_until(lambda: told(run)[-1]["log_hold"]["retained_bytes"] >= 3 * MIB)
    finally:
        target.unpause()
    run.interrupt()
    run.wait()
    target.stop()
    assert task.status("--json").expect(DONE).json()["log_hold"]["retained_bytes"] >= 3 * MIB
    target.start()


def test_status_once_nothing_is_kept_any_more(small, target, godwit):
    task = godwit(small, target, mode="copy")
    task.start().wait().expect(DONE)
    assert task.status("--json").expect(DONE).json()["log_hold"] is None
    assert "source keeps" not in task.status().out


@pytest.mark.parametrize("limit", [None, "64MB"])
def test_check_tells_the_servers_limit(small, target, godwit, limit):
    small.restart(max_slot_wal_keep_size=limit)
    items = {item["name"]: item for item in godwit(small, target).check("--json").expect(DONE).json()["items"]}
    item = items["source: log limit"]
    assert item["result"] == "pass"
    assert (limit or "source.max_slot_wal") in item["finding"], item


def test_in_the_copy_it_may_only_warn(small, target, copying):
    with copying(**LIMIT, on_max_slot_wal="warn") as (task, run):
        grow(small, 7)
        run.wait_until(lambda: has_noted(run, "at most 8MiB", SLOT, "copy is going on"))
        assert not has_noted(run, "more than source.max_slot_wal")
        grow(small, 5)
        run.wait_until(lambda: has_noted(run, "more than source.max_slot_wal", SLOT))
        grow(small, 5)
        time.sleep(5)
        assert not run.ended
        assert task.status("--json").json()["run"]["log_hold"]["retained_bytes"] > 16 * MIB
        assert len({one["last_note"] for one in told(run) if SLOT in one["last_note"]}) == 2
    run.wait_until(lambda: is_at(run, "streaming"))
    run.interrupt()
    run.wait()
    task.run().expect(DONE)
    assert_equal(small, target)


def test_in_the_copy_it_stops(small, target, copying):
    with copying(**LIMIT) as (task, run):
        grow(small, 12)
        result = run.wait(15).expect(FAILED)
    for part in ("source.max_slot_wal (8MiB)", SLOT, "copy is going on", "run again", "release"):
        assert part in result.err, result.text
    assert slots(small) == [SLOT]
    small.execute("INSERT INTO t VALUES (3, 3)")
    task.configure(source={"max_slot_wal": "1GiB"})
    task.run().expect(DONE)
    assert_equal(small, target)


def test_to_begin_anew_is_not_kept_from_by_what_is_there(small, target, copying):
    with copying(**LIMIT) as (task, run):
        grow(small, 12)
        run.wait(15).expect(FAILED)
    run = task.start("--restart")
    run.wait_until(lambda: is_at(run, "streaming"))
    time.sleep(5)
    assert not run.ended, run.result().text
    run.interrupt()
    run.wait()
    assert_equal(small, target)


def test_in_the_copy_it_releases(small, target, copying):
    with copying(**LIMIT, on_max_slot_wal="release") as (task, run):
        grow(small, 12)
        result = run.wait(15).expect(FAILED)
    for part in ("source.max_slot_wal (8MiB)", SLOT, "copy is going on", "has been dropped", "--restart"):
        assert part in result.err, result.text
    assert nothing_is_left(small)
    again = task.run(timeout=30).expect(FAILED, FOUND)
    assert SLOT in again.text and "has gone" in again.text and "--restart" in again.text, again.text
    assert nothing_is_left(small)
    task.run("--restart").expect(DONE)
    assert_equal(small, target)


def test_in_the_stream_it_may_only_warn(small, target, streaming):
    with streaming(locked, **LIMIT, on_max_slot_wal="warn") as (task, run):
        grow(small, 12)
        run.wait_until(lambda: has_noted(run, "more than source.max_slot_wal", "target has the changes up to"))
    run.wait_until(lambda: target.value("SELECT count(*) FROM t") == 3)
    grow(small, 1)
    run.wait_until(lambda: task.status("--json").json()["log_hold"]["retained_bytes"] < 8 * MIB)
    assert not run.ended


@pytest.mark.parametrize("away", [stopped])
def test_in_the_stream_it_stops(small, target, streaming, away):
    with streaming(away, **LIMIT) as (task, run):
        grow(small, 12)
        result = run.wait(60).expect(FAILED)
        assert slots(small) == [SLOT]
    for part in ("source.max_slot_wal (8MiB)", SLOT, "target has the changes up to", "run again"):
        assert part in result.err, result.text
    task.configure(source={"max_slot_wal": "1GiB"})
    task.run().expect(DONE)
    assert_equal(small, target)


@pytest.mark.parametrize("away", [locked, paused])
def test_in_the_stream_it_releases(small, target, streaming, away):
    with streaming(away, **LIMIT, on_max_slot_wal="release") as (task, run):
        grow(small, 12)
        result = run.wait(60).expect(FAILED)
        assert nothing_is_left(small)
    assert "has been dropped" in result.err and "--restart" in result.err, result.text
    again = task.run(timeout=30).expect(FAILED, FOUND)
    assert SLOT in again.text and "has gone" in again.text, again.text
    task.run("--restart").expect(DONE)
    assert_equal(small, target)


def test_while_it_waits_to_begin(small, target, godwit):
    """The slot is made once all transactions have ended, and keeps the log from when that was asked for."""
    task = godwit(small, target, source=LIMIT)
    with contextlib.closing(small.connect(autocommit=False)) as early:
        early.cursor().execute("INSERT INTO t VALUES (3, 3)")
        run = task.start()
        run.wait_until(lambda: slots(small) == [SLOT])
        grow(small, 12)
        result = run.wait(15).expect(FAILED)
        assert "open on the source" in result.err, result.text
        deadline = time.monotonic() + 20
        while slots(small):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        early.commit()
    task.run().expect(DONE)
    assert_equal(small, target)


def test_the_server_lets_go_of_it_in_the_copy(small, target, copying):
    small.restart(max_slot_wal_keep_size="8MB", max_wal_size="4MB", min_wal_size="2MB")

    def kept():
        """The share of what the server allows."""
        ((kept, left),) = small.execute("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), safe_wal_size FROM pg_replication_slots")
        return kept / (kept + left)

    with copying() as (task, run):
        while kept() < 0.82:
            grow(small, 0.25)
        run.wait_until(lambda: has_noted(run, "max_slot_wal_keep_size", SLOT, "copy is going on"))
        assert not run.ended
        deadline = time.monotonic() + 60
        while small.value("SELECT wal_status FROM pg_replication_slots") != "lost":
            assert time.monotonic() < deadline
            grow(small, 2)
        assert "has given up its log" in task.status().out
        result = run.wait(15).expect(FAILED)
    for part in ("max_slot_wal_keep_size", SLOT, "given up", "--restart"):
        assert part in result.err, result.text
    assert SLOT in task.run(timeout=30).expect(FAILED, FOUND).text
    small.restart(max_slot_wal_keep_size=None)
    task.run("--restart").expect(DONE)
    assert_equal(small, target)


def test_somebody_drops_it_in_the_copy(small, target, copying):
    with copying() as (task, run):
        time.sleep(5)  # until it has been looked at
        small.execute(f"SELECT pg_drop_replication_slot('{SLOT}')")
        result = run.wait(15).expect(FAILED)
    assert SLOT in result.err and "somebody has dropped it" in result.err and "--restart" in result.err, result.text
    task.run("--restart").expect(DONE)
    assert_equal(small, target)


class Busy(Background):
    """Small transactions in another database, one right after the other."""

    def __init__(self, server):
        # The connection itself would make one transaction of the block.
        connect = lambda: contextlib.closing(server.connect(database="postgres"))
        super().__init__(SimpleNamespace(connect=connect), "SELECT 1", 0.002)

    def change(self, cursor):
        cursor.execute("INSERT INTO busy VALUES (repeat('x', 2000))")


def test_a_quiet_database_keeps_nothing_while_others_write_all_the_time(small, target, godwit):
    small.execute("CREATE TABLE busy (v text)", database="postgres")
    task = godwit(small, target)
    task.run().expect(DONE)
    run = task.start()
    run.wait_until(lambda: is_at(run, "streaming"))

    def is_past(lsn):
        return small.value(f"SELECT confirmed_flush_lsn >= '{lsn}' AND restart_lsn >= '{lsn}' FROM pg_replication_slots")

    with Busy(small):
        for _ in range(3):
            lsn = small.value("SELECT pg_current_wal_flush_lsn()")
            deadline = time.monotonic() + 10
            while not is_past(lsn):
                assert time.monotonic() < deadline, "the slot stays behind"
                small.execute("CHECKPOINT")  # which says which transactions are running
                time.sleep(0.5)
    assert not run.ended
    small.execute("INSERT INTO t VALUES (3, 3)")
    run.wait_until(lambda: target.value("SELECT count(*) FROM t") == 3)
