"""Transactions that the source sends while they are in progress: they wait in files without names until they are committed."""

import contextlib
import os

import pytest
from harness.godwit import DONE, FAILED, FOUND, KILLED
from harness.memory import memory_peak
from harness.postgres_compare import assert_equal

MIB = 1 << 20
ROWS = "INSERT INTO t SELECT i, {0}, repeat(md5(i::text), 60) FROM generate_series({0} * 100000, {0} * 100000 + {1}) i"


@pytest.fixture
def source_options():
    return {"logical_decoding_work_mem": "64kB", "max_prepared_transactions": 5}


@pytest.fixture
def shop(source):
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, n int, v text)", "ALTER TABLE t ALTER v SET STORAGE EXTERNAL",
                   "CREATE TABLE k (n int, v text)", "ALTER TABLE k REPLICA IDENTITY FULL", "CREATE TABLE note (id serial PRIMARY KEY, v text)", "CREATE TABLE gone (id int PRIMARY KEY)", "INSERT INTO gone VALUES (1), (2)",
                   "INSERT INTO t SELECT i, i, repeat('x', 300) FROM generate_series(1, 20000) i",
                   "INSERT INTO t SELECT -i, i, repeat('y', 20000) FROM generate_series(1, 100) i", "INSERT INTO k SELECT i % 50, 'k' FROM generate_series(1, 500) i")
    return source


@pytest.fixture
def spill(tmp_path):
    folder = tmp_path / "spill"
    folder.mkdir()
    return folder


@pytest.fixture
def task(shop, target, godwit, spill):
    return godwit(shop, target, source={"spill_dir": str(spill)}, memory_limit="128MiB", copy={"chunk_bytes": "64KiB", "threads": 1})


@pytest.fixture
def sessions(shop):
    """sessions(n): so many connections, each in a transaction."""
    with contextlib.ExitStack() as stack:
        yield lambda count: [stack.enter_context(contextlib.closing(shop.connect(autocommit=False))) for _ in range(count)]


def do(session, *statements):
    with session.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def waiting(run, spill):
    """The bytes in the run's files without names."""
    total = 0
    for file in os.scandir(f"/proc/{run.process.pid}/fd"):
        with contextlib.suppress(OSError):
            if os.readlink(file.path).startswith(str(spill)):
                total += os.stat(file.path).st_size
    assert os.listdir(spill) == []
    return total


def streamed(source):
    return source.value("SELECT sum(stream_count) FROM pg_stat_replication_slots")


def work(session, number, step):
    """Changes that touch no row of another number, 1 to 8; much of it is taken back, a value larger than all that the server holds too."""
    first = number * 10 + step
    do(session, ROWS.format(first, 1000), f"UPDATE t SET n = n + 1 WHERE id % 10 = {number}", "SAVEPOINT a",
       f"DELETE FROM t WHERE id % 10 = {number}", f"INSERT INTO t VALUES (-1000000 - {first}, 0, repeat('no', 5000000))", "SAVEPOINT b",
       ROWS.format(first + 100, 2000), "RELEASE SAVEPOINT b", "INSERT INTO note (v) VALUES ('no')", "ROLLBACK TO SAVEPOINT a", "SAVEPOINT c",
       ROWS.format(first + 200, 300), "SAVEPOINT d", f"UPDATE t SET v = 'no' WHERE n = {first} AND id > 100000", "ROLLBACK TO SAVEPOINT d",
       f"UPDATE t SET id = id + 5000000 WHERE id = {first} * 100000 + 7", f"UPDATE t SET n = -n WHERE id = -{number}", "RELEASE SAVEPOINT c",
       f"DELETE FROM t WHERE id % 100 = {number + 50}", f"UPDATE k SET v = v || {step} WHERE n = {number}",
       "SELECT pg_logical_emit_message(true, 'other', repeat('x', 10000))", f"INSERT INTO note (v) VALUES ('of {number}')")


def test_several_at_once(task, shop, target, sessions, spill):
    """One commits while tables are copied, one after others that began later, one as a prepared one, and two never; of
    all the memory limit holds, and nothing is told before its commit."""
    run = task.start()
    run.wait_until(target.has_tables)
    early, late, undone, prepared, unprepared = sessions(5)
    do(prepared, ROWS.format(45, 5000))
    do(unprepared, ROWS.format(55, 20000))
    for step in range(3):
        if step < 2:
            work(early, 1, step)
        work(late, 2, step)
        work(undone, 3, step)
        shop.execute("UPDATE t SET n = n + 1 WHERE id % 10 = 9", f"UPDATE k SET v = v || {step} WHERE n = 9")
        if step == 1:
            early.commit()
    run.wait_until(lambda: target.value("SELECT count(*) FROM note") == 2)
    run.wait_until(lambda: target.value("SELECT v FROM k WHERE n = 9 LIMIT 1") == "k012")
    do(prepared, "TRUNCATE gone", ROWS.format(46, 5000))  # in the copy it would have to wait for this
    run.wait_until(lambda: waiting(run, spill) > 30 * MIB)
    assert target.value("SELECT count(*) FROM t WHERE id BETWEEN 2000000 AND 5900000") == 0
    assert target.value("SELECT count(*) FROM gone") == 2
    do(prepared, "PREPARE TRANSACTION 'one'")
    do(unprepared, "PREPARE TRANSACTION 'two'")
    late.commit()
    undone.rollback()
    shop.execute("COMMIT PREPARED 'one'", "ROLLBACK PREPARED 'two'")
    run.wait_until(lambda: target.value("SELECT count(*) FROM gone") == 0)
    run.wait_until(lambda: waiting(run, spill) == 0)
    peak = memory_peak(run.process) / MIB
    run.interrupt()
    run.wait()
    task.run().expect(DONE)
    assert_equal(shop, target)
    assert 0 < peak < 128 * 1.1, f"{peak} MiB"
    assert streamed(shop) > 100


def test_definitions_that_change_meanwhile(task, shop, target, sessions, spill):
    """In the transaction itself, in a part of it that is taken back, and by others where that part had locked; later rows go by
    what was described last, whoever it was described for."""
    shop.execute("CREATE TABLE u (id int PRIMARY KEY, v text)", "INSERT INTO u VALUES (1, 'first')",
                 "CREATE TABLE p (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)", "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (5000)")
    task.run().expect(DONE)
    run = task.start()
    (large,) = sessions(1)
    fill = "INSERT INTO {} SELECT i, {} FROM generate_series({}, {}) i"
    do(large, fill.format("t", "1, repeat('a', 500)", 100001, 103000), fill.format("p", "repeat('p', 100)", 1, 4000), "SAVEPOINT a",
       fill.format("u", "repeat('no', 200)", 100, 3000), "ALTER TABLE t ADD nothing int DEFAULT 5", fill.format("t", "2, repeat('no', 200), 6", 200001, 203000))
    before = streamed(shop)
    run.wait_until(lambda: streamed(shop) == before)
    do(large, "ROLLBACK TO SAVEPOINT a")
    shop.execute("INSERT INTO u VALUES (2, 'old')", "ALTER TABLE u ADD w int DEFAULT 7", "INSERT INTO u SELECT i, 'between', i FROM generate_series(10, 20) i")
    run.wait_until(lambda: target.value("SELECT count(*) FROM u") == 13)
    do(large, fill.format("u", "repeat('w', 300), i", 4000, 7000), "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (5000) TO (90000)",
       fill.format("p", "repeat('q', 100)", 5000, 8000), "ALTER TABLE t ADD x text DEFAULT 'd'", fill.format("t", "3, repeat('x', 500), i", 300001, 303000),
       "UPDATE t SET x = 'e' WHERE id % 7 = 0", "DELETE FROM t WHERE id % 11 = 0")
    shop.execute("INSERT INTO u VALUES (30, 'ordinary', 30)", "INSERT INTO note (v) VALUES ('while it goes on')")
    run.wait_until(lambda: target.value("SELECT count(*) FROM note") == 1)
    run.wait_until(lambda: waiting(run, spill) > 4 * MIB)
    assert target.value("SELECT count(*) FROM u WHERE id > 3000") == 0
    large.commit()
    shop.execute("INSERT INTO u VALUES (31, 'after', 31)", "UPDATE u SET w = 9 WHERE id < 11", "INSERT INTO t VALUES (400000, 4, 'after', 'x')",
                 "UPDATE t SET n = 8 WHERE id IN (5, 300002)", "UPDATE p SET v = 'after' WHERE id % 1000 = 0", "DELETE FROM p WHERE id = 5001")
    run.wait_until(lambda: target.value("SELECT count(*) FROM u WHERE id = 31") == 1)
    run.interrupt()
    run.wait()
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    assert_equal(shop, target)


def test_a_part_that_is_rolled_back_without_a_word(task, shop, target, sessions, spill):
    """PostgreSQL 15 does not say so of one with values so large that it had them on its disk; later rows go by what was described in it."""
    shop.execute("CREATE TABLE u (id int PRIMARY KEY, v text)", "ALTER TABLE u ALTER v SET STORAGE EXTERNAL")
    task.run().expect(DONE)
    run = task.start("--log-level", "info")
    (large,) = sessions(1)
    do(large, "SAVEPOINT a", "INSERT INTO u SELECT -i, 'no' FROM generate_series(1, 10) i",
       *[f"INSERT INTO u VALUES ({i}, repeat('no', 6000000))" for i in range(3)])
    run.wait_until(lambda: waiting(run, spill) > 20 * MIB)
    do(large, "ROLLBACK TO SAVEPOINT a", ROWS.format(30, 1000), "INSERT INTO u SELECT i, repeat('yes', 200) FROM generate_series(100, 900) i")
    shop.execute("UPDATE k SET v = 'between' WHERE n = 3")
    run.wait_until(lambda: target.value("SELECT v FROM k WHERE n = 3 LIMIT 1") == "between")
    large.commit()
    shop.execute("INSERT INTO u VALUES (1000, 'after')", "UPDATE u SET v = 'changed' WHERE id % 7 = 0")
    run.wait_until(lambda: target.value("SELECT count(*) FROM u WHERE id = 1000") == 1)
    run.interrupt()
    text = run.wait().text
    task.run().expect(DONE)
    assert_equal(shop, target)
    if shop.value("SELECT current_setting('server_version_num')::int / 10000") == 15:
        assert "it did not say that 1 parts of transaction" in text, text


@pytest.mark.parametrize("failpoint", ["postgres.streamed_change:2000", "postgres.before_replay", "postgres.before_replay_end", "apply.before_commit:2"])
def test_killed(failpoint, task, shop, target, sessions, spill):
    """While it waits, and while it is told; all of it comes from the source again."""
    task.run().expect(DONE)
    run = task.start()
    one, two = sessions(2)
    work(one, 1, 0)
    run.wait_until(lambda: waiting(run, spill) > 4 * MIB)
    run.kill().expect(KILLED)
    assert os.listdir(spill) == []
    work(two, 2, 0)
    work(one, 1, 1)
    one.commit()
    work(two, 2, 1)
    two.commit()
    shop.execute("INSERT INTO note (v) VALUES ('after')")
    assert task.run(failpoints=failpoint).code == KILLED, f"nothing passes {failpoint}"
    assert os.listdir(spill) == []
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    assert_equal(shop, target)


def test_no_room_is_said_and_there_is_a_way_out(task, shop, target, spill):
    task.run().expect(DONE)
    assert f"pass  source: large transactions: wait for their commit in {spill}, with " in task.check().expect(DONE).out
    shop.execute(ROWS.format(5, 3000))
    spill.rmdir()
    assert f"fail  source: large transactions: no file can be made in {spill}" in task.check().expect(FOUND).out
    text = task.run("--skip-checks").expect(FAILED).text
    assert f"large transactions wait for their commit in files in {spill}" in text and "source.streaming: false" in text, text
    task.configure(source={"streaming": False})
    before = streamed(shop)
    task.run().expect(DONE)
    assert_equal(shop, target)
    assert streamed(shop) == before
