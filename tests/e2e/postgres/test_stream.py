"""Changes of PostgreSQL's log whose order, size or form makes them hard."""

import contextlib
import os
import signal
import time

import pytest
from harness import postgres_shop as shop
from harness.godwit import DONE, KILLED
from harness.memory import peak_of_catching_up
from harness.postgres_changes import CASES
from harness.postgres_compare import assert_equal
from harness.postgres_writer import PostgresWriter


@pytest.fixture
def source_options():
    return {"max_prepared_transactions": 5}


@pytest.mark.parametrize("consistency", ["prefix", "row"])
@pytest.mark.parametrize("case", CASES)
def test_case(follow, case, consistency):
    setup, changes = CASES[case]
    follow(setup, changes, stream={"consistency": consistency, "lanes": 2, "group_ms": 1000})


def test_what_the_server_has_not_written_out_is_not_waited_for(source, target, godwit):
    """What is no commit is in no hurry: readers leave such records when they tidy a page. Streams end before them."""
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)")
    writers = [pid for (pid,) in source.execute("SELECT pid FROM pg_stat_activity "
                                                 "WHERE backend_type IN ('background writer', 'checkpointer', 'walwriter', 'autovacuum launcher')")]
    task = godwit(source, target)
    task.run(failpoints="copy.before_chunk_commit").expect(KILLED)
    for writer in writers:
        os.kill(writer, signal.SIGSTOP)
    try:
        source.execute("SELECT pg_logical_emit_message(false, 'others', 'x')")
        assert source.value("SELECT pg_current_wal_insert_lsn() > pg_current_wal_flush_lsn()")
        task.run().expect(DONE)
    finally:
        for writer in writers:
            os.kill(writer, signal.SIGCONT)
    assert_equal(source, target)


def test_a_transaction_that_is_open_while_its_tables_are_copied(source, target, godwit):
    """It commits when the copy is over, or does not; others have committed in between."""
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, v text)",
                   "INSERT INTO t SELECT i, repeat('x', 300) FROM generate_series(1, 20000) i")
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 1})
    run = task.start("--until", "caught-up")
    run.wait_until(target.has_tables)
    with contextlib.closing(source.connect(autocommit=False)) as kept, contextlib.closing(source.connect(autocommit=False)) as undone:
        for connection, sign in ((kept, 1), (undone, -1)):
            connection.cursor().execute(f"UPDATE t SET v = 'open' WHERE id % 100 = {10 + sign}; "
                                        f"INSERT INTO t VALUES ({sign * 100000}, 'open'); DELETE FROM t WHERE id % 100 = {50 + sign}")
        source.execute("UPDATE t SET v = 'between' WHERE id % 100 = 30")
        run.wait().expect(DONE)
        kept.commit()
        undone.rollback()
    task.run().expect(DONE)
    assert_equal(source, target)


def test_a_reader_of_the_target_sees_only_states_of_the_source(source, target, godwit):
    """Money moves between accounts: the sum is the same at every commit of the source."""
    source.execute("CREATE SCHEMA shop", "CREATE TABLE account (id int PRIMARY KEY, money int)",
                   "INSERT INTO account SELECT i, 100 FROM generate_series(1, 100) i")

    def move(cursor, rng):
        a, b = rng.sample(range(1, 101), 2)
        cursor.execute("UPDATE account SET money = money - 7 WHERE id = %s", (a,))
        cursor.execute("UPDATE account SET money = money + 7 WHERE id = %s", (b,))

    task = godwit(source, target)
    task.run().expect(DONE)
    run = task.start()
    sums, states = set(), set()
    with PostgresWriter(source, [move], rate=1000) as writer:
        for _ in range(100):
            writer.wait_for(3)
            total, state = target.execute("SELECT sum(money), sum(money * id) FROM account")[0]
            sums.add(total)
            states.add(state)
    run.interrupt()
    run.wait()
    assert sums == {10000}
    assert len(states) > 10, "the target hardly changed: this tests nothing"
    task.run().expect(DONE)
    assert_equal(source, target)


# GODWIT_TRANSACTION_MIB=2048 with 256 MiB of memory is the full size; it takes minutes.
TRANSACTION_MIB = int(os.environ.get("GODWIT_TRANSACTION_MIB", 300))
LIMIT_MIB = 128 if TRANSACTION_MIB < 1024 else 256


@pytest.mark.parametrize("row_kib", [1, 1024])
def test_a_transaction_larger_than_the_memory_limit(row_kib, source, target, godwit):
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, v text)", "ALTER TABLE t ALTER v SET STORAGE EXTERNAL")
    task = godwit(source, target, memory_limit=f"{LIMIT_MIB}MiB")
    task.run().expect(DONE)
    source.execute(f"INSERT INTO t SELECT i, repeat(md5(i::text), {row_kib} * 32) FROM generate_series(1, {TRANSACTION_MIB << 10} / {row_kib}) i")
    peak = peak_of_catching_up(task)
    assert_equal(source, target)
    assert 0 < peak < LIMIT_MIB * 1.1, f"{peak} MiB"


def test_a_large_transaction_that_is_rolled_back(source, target, godwit):
    """And one of which large parts are; small ones commit meanwhile."""
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, v text)", "CREATE TABLE n (id serial PRIMARY KEY)")
    task = godwit(source, target, memory_limit="128MiB")
    task.run().expect(DONE)
    run = task.start()
    rows = "INSERT INTO t SELECT i, repeat(md5(i::text), 20) FROM generate_series({}, {}) i"
    with contextlib.closing(source.connect(autocommit=False)) as large, large.cursor() as cursor:
        for end in (large.rollback, large.commit):
            cursor.execute(rows.format(1, 60000))
            source.execute("INSERT INTO n DEFAULT VALUES")
            cursor.execute("SAVEPOINT a")
            cursor.execute(rows.format(60001, 120000))
            cursor.execute("UPDATE t SET v = 'gone' WHERE id < 30000")
            cursor.execute("ROLLBACK TO SAVEPOINT a")
            source.execute("INSERT INTO n DEFAULT VALUES")
            cursor.execute(rows.format(200001, 200010))
            end()
    run.wait_until(lambda: target.value("SELECT count(*) FROM t") == 60010)
    run.interrupt()
    run.wait()
    task.run().expect(DONE)
    assert_equal(source, target)


def test_updates_of_large_rows_within_the_memory_limit(source, target, godwit):
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, n int, v text)", "ALTER TABLE t ALTER v SET STORAGE EXTERNAL",
                   "CREATE TABLE f (n int, v text)", "ALTER TABLE f REPLICA IDENTITY FULL", "ALTER TABLE f ALTER v SET STORAGE EXTERNAL")
    task = godwit(source, target, memory_limit="256MiB")
    task.run().expect(DONE)
    source.execute("INSERT INTO t SELECT i, 0, repeat(md5(i::text), 16 << 15) FROM generate_series(1, 6) i", "UPDATE t SET n = n + 1",
                   "UPDATE t SET v = v || n", "INSERT INTO f SELECT n, v FROM t", "UPDATE f SET n = n + 1")
    peak = peak_of_catching_up(task)
    assert_equal(source, target)
    assert 0 < peak < 1.1 * 256, f"{peak} MiB"


def test_large_rows_within_the_memory_limit(source, target, godwit):
    """Each takes a tenth of it, and bytes a fifth as text: copied, changed while they are copied, and then again."""
    bytes_of = "decode(repeat(md5(({})::text), 5 << 18), 'hex')"
    source.execute("CREATE SCHEMA shop", "CREATE TABLE b (id int PRIMARY KEY, n int UNIQUE, v bytea)", "ALTER TABLE b ALTER v SET STORAGE EXTERNAL",
                   "CREATE TYPE pair AS (a int, b int)", "CREATE TABLE as_text (id int PRIMARY KEY, p pair, v text)",
                   f"INSERT INTO b SELECT i, i, {bytes_of.format('i')} FROM generate_series(1, 4) i",
                   "INSERT INTO as_text SELECT i, ROW(i, 1)::pair, repeat(md5(i::text), 5 << 17) FROM generate_series(1, 2) i")
    task = godwit(source, target, memory_limit="192MiB", copy={"chunk_bytes": "64KiB"})
    task.run(failpoints="copy.after_chunk_commit:2").expect(KILLED)
    source.execute("UPDATE b SET n = 15 - n, v = v || '\\x00'", "UPDATE b SET n = n - 10 WHERE id > 1", "UPDATE as_text SET v = v || E'\\\\\\n\\t'",
                   "INSERT INTO b SELECT 7, 7, v FROM b WHERE id = 1")
    peaks = [peak_of_catching_up(task)]
    assert_equal(source, target)
    source.execute(f"INSERT INTO b SELECT i, i, {bytes_of.format('i')} FROM generate_series(21, 22) i",
                   f"UPDATE b SET n = n + 100, v = {bytes_of.format('id + 1')} WHERE id < 3", "UPDATE as_text SET v = repeat(v, 2) WHERE id = 1")
    peaks.append(peak_of_catching_up(task))
    assert_equal(source, target)
    assert 0 < max(peaks) < 192, f"{peaks} MiB"


@pytest.mark.parametrize("lanes", [2, 8])
def test_the_whole_shop_with_lanes_that_conflict(lanes, source, target, godwit):
    shop.load(source, 0.02)
    task = godwit(source, target, stream={"consistency": "row", "lanes": lanes})
    task.run().expect(DONE)
    run = task.start()
    with PostgresWriter(source, threads=4, rate=2000) as writer:
        writer.wait_for(1500, timeout=90)
        assert not run.ended, run.result().text
    run.interrupt()
    run.wait()
    task.run().expect(DONE)
    assert_equal(source, target)


def test_changes_arrive_soon(source, target, godwit):
    """Without more changes after them to push them out."""
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY)")
    task = godwit(source, target)
    task.run().expect(DONE)
    run = task.start()
    for number in range(5):
        source.execute(f"INSERT INTO t VALUES ({number})")
        started = time.monotonic()
        run.wait_until(lambda: target.value("SELECT count(*) FROM t") == number + 1)
        if number:  # by then it has begun
            assert time.monotonic() - started < 3
