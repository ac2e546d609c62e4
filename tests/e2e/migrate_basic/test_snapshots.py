"""What a snapshot of MariaDB holds, where the server says another place in the log than it is at."""

import contextlib
import random
import threading
import time

import pymysql
import pytest
from harness.cluster import wait_for
from harness.compare import assert_equal
from harness.godwit import DONE

TABLES = ("CREATE DATABASE shop", "CREATE TABLE shop.keyed (id INT PRIMARY KEY, v VARBINARY(1000))", "CREATE TABLE shop.without (id INT, v VARBINARY(1000))")
SMALL_FILES = 8192  # bytes: the log goes on to the next file with every other commit


@pytest.fixture
def acknowledge(source):
    """Commits stand in the log and are not done until it is called, since there is no replica that acknowledges them."""
    def turn(on):
        source.execute(*(f"SET GLOBAL rpl_semi_sync_master_{name} = {value}" for name, value in (
            ("wait_point", "AFTER_SYNC" if on else "AFTER_COMMIT"), ("timeout", 100_000 if on else 10_000), ("enabled", int(on)))))

    def begin():
        turn(True)
        return lambda: turn(False)

    yield begin
    turn(False)


# Before the commit that waits, how many rows it writes, and whether the server notes something behind it.
BEFORE = {"in a file of its own": ((), 1, False),
          "as the last of a file": ((f"SET GLOBAL max_binlog_size = {SMALL_FILES}",), 20, False),
          # The server says once more which files it needs, a moment after it has begun a file, and thereby that all is committed.
          "before the server's own note": (("SET GLOBAL innodb_flush_log_at_trx_commit = 2", "INSERT INTO shop.keyed VALUES (100, 'c')", "FLUSH BINARY LOGS"), 1, True)}


def note_is_last(source):
    file = source.execute("SHOW MASTER STATUS")[0][0]
    kinds = [event[2] for event in source.execute(f"SHOW BINLOG EVENTS IN '{file}'")]
    return "Gtid" in kinds and kinds[-1] == "Binlog_checkpoint"


@pytest.mark.parametrize("before, rows, noted", BEFORE.values(), ids=BEFORE)
def test_a_commit_that_waits_for_a_replica(source, target, godwit, acknowledge, before, rows, noted):
    """The log has it before the task begins, and no snapshot until it is acknowledged."""
    source.execute(*TABLES, "INSERT INTO shop.keyed VALUES (0, 'a')", "INSERT INTO shop.without VALUES (0, 'a')", *before)
    done = acknowledge()
    end = source.execute("SHOW MASTER STATUS")
    values = ", ".join(f"({row}, REPEAT('b', 900))" for row in range(1, rows + 1))
    commit = threading.Thread(target=source.execute, args=("BEGIN", f"INSERT INTO shop.keyed VALUES {values}", f"INSERT INTO shop.without VALUES {values}", "COMMIT"))
    commit.start()
    try:
        wait_for(lambda: source.execute("SHOW MASTER STATUS") != end, 10)
        if noted:
            wait_for(lambda: note_is_last(source), 10)
        run = godwit(source, target).start("--until", "caught-up")
        time.sleep(1.5)
        assert source.value(f"SELECT COUNT(*) FROM shop.keyed WHERE id BETWEEN 1 AND {rows}") == 0
        assert not run.ended, run.result().text
    finally:
        done()
        commit.join()
    run.wait().expect(DONE)
    assert_equal(source, target)


@contextlib.contextmanager
def sessions(server, *actions):
    """Runs each action again and again, on a connection of its own."""
    stop = threading.Event()
    failures = []

    def run(action):
        try:
            with server.connect() as connection, connection.cursor() as cursor:
                while not stop.is_set():
                    action(cursor)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for one in threads:
        one.start()
    try:
        yield
    finally:
        stop.set()
        for one in threads:
            one.join()
    assert not failures, failures


def insert(cursor, rng):
    """Into all pieces of the copy."""
    rows = ", ".join(f"({rng.randrange(1 << 30)}, REPEAT('n', 50))" for _ in range(100))
    time.sleep(0.01)
    with contextlib.suppress(pymysql.IntegrityError):
        cursor.execute(f"INSERT INTO shop.keyed VALUES {rows}")
        cursor.execute(f"INSERT INTO shop.without VALUES {rows}")


def monitor(cursor):
    """What other sessions ask passes through the same variables of the server's."""
    cursor.execute("SHOW GLOBAL STATUS LIKE 'binlog_snapshot%'")


def test_a_log_that_goes_on_to_other_files_and_sessions_that_ask_where_it_is(source, target, godwit):
    rng = random.Random(5)
    source.execute(*TABLES)
    for _ in range(20):
        rows = ", ".join(f"({rng.randrange(1 << 30)}, REPEAT('o', 990))" for _ in range(500))
        source.execute(f"INSERT IGNORE INTO shop.keyed VALUES {rows}", f"INSERT INTO shop.without VALUES {rows}")
    source.execute(f"SET GLOBAL max_binlog_size = {SMALL_FILES}")
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 4})
    with sessions(source, *(lambda cursor, own=random.Random(seed): insert(cursor, own) for seed in range(3)), *[monitor] * 2):
        task.run().expect(DONE)
    task.run().expect(DONE)
    assert_equal(source, target)
    assert len(source.execute("SHOW BINARY LOGS")) > 100
    assert source.value("SELECT COUNT(*) FROM shop.keyed WHERE v LIKE 'n%'") > 1000
