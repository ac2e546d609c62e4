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
def slow_commits(source):
    """Commits stand in the log for that long before they are done: there is no replica to acknowledge them."""
    def turn(on):
        source.execute(*(f"SET GLOBAL rpl_semi_sync_master_{name} = {value}" for name, value in (
            ("wait_point", "AFTER_SYNC" if on else "AFTER_COMMIT"), ("timeout", 4000 if on else 10000), ("enabled", int(on)))))

    yield lambda: turn(True)
    turn(False)


@pytest.mark.parametrize("meanwhile", ["DO 1", "FLUSH BINARY LOGS"])
def test_a_commit_that_waits_for_a_replica(source, target, godwit, slow_commits, meanwhile):
    """The log has it before the task begins, and no snapshot until it is acknowledged."""
    source.execute(*TABLES, "INSERT INTO shop.keyed VALUES (1, 'a')", "INSERT INTO shop.without VALUES (1, 'a')")
    slow_commits()
    end = source.execute("SHOW MASTER STATUS")
    commit = threading.Thread(target=source.execute, args=("BEGIN", "INSERT INTO shop.keyed VALUES (2, 'b')", "INSERT INTO shop.without VALUES (2, 'b')", "COMMIT"))
    commit.start()
    wait_for(lambda: source.execute("SHOW MASTER STATUS") != end, 10)
    source.execute(meanwhile)
    assert source.value("SELECT COUNT(*) FROM shop.keyed") == 1
    godwit(source, target).run().expect(DONE)
    commit.join()
    assert assert_equal(source, target).rows == 4


@contextlib.contextmanager
def sessions(server, *actions):
    """Runs each action again and again, on a connection of its own."""
    stop = threading.Event()

    def run(action):
        with server.connect() as connection, connection.cursor() as cursor:
            connection.autocommit(True)
            while not stop.is_set():
                action(cursor)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for one in threads:
        one.start()
    try:
        yield
    finally:
        stop.set()
        for one in threads:
            one.join()


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
