"""XA transactions: prepared at one place of the log, and committed or rolled back at a later one, from either kind of
server to either."""

import random
import threading
import time

import pymysql
import pytest
from harness.godwit import DONE, FAILED, FOUND, INTERRUPTED, KILLED
from harness.proxy import Proxy

WITHOUT_GTIDS = {"gtid_mode": "OFF", "enforce_gtid_consistency": "OFF", "binlog_transaction_compression": "ON"}
PAIRS = {"mariadb": ("mariadb", "mariadb", {}), "mysql": ("mysql", "mysql", {}), "mysql without GTIDs": ("mysql", "mysql", WITHOUT_GTIDS),
         "from_mysql": ("mysql", "mariadb", {}), "from_mariadb": ("mariadb", "mysql", {})}
XAER_NOTA = 1397
TABLE = ("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v INT, b LONGBLOB)",
         "INSERT INTO shop.t VALUES (1, 10, NULL), (2, 20, NULL), (3, 30, NULL)")


@pytest.fixture(params=PAIRS)
def pair(request):
    return PAIRS[request.param]


@pytest.fixture
def kinds(pair):
    return pair[:2]


@pytest.fixture
def source_options(pair):
    return pair[2]


class Session:
    """One session of a server, which goes through XA transactions."""

    def __init__(self, server):
        self.server = server
        self.connection = server.connect(autocommit=True)

    def execute(self, *statements):
        with self.connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def prepare(self, name, *statements):
        self.execute(f"XA START {name}", *statements, f"XA END {name}", f"XA PREPARE {name}")

    def end(self, statement):
        """The server may be about to let go of the transaction for some time after its session has gone."""
        for tries in range(100):
            try:
                return self.execute(statement)
            except pymysql.MySQLError as error:
                if error.args[0] != XAER_NOTA or tries == 99:
                    raise
                time.sleep(0.01)

    def close(self):
        self.connection.close()

    def give_way(self):
        """Another session, in place of this one, once the server has let go of it: MariaDB says of what it is about to take from a session that it
        has committed it, writes that to its log, and leaves it prepared, where nobody can end it any more."""
        number = self.connection.thread_id()
        self.close()
        other = Session(self.server)
        with other.connection.cursor() as cursor:
            while cursor.execute(f"SELECT 1 FROM information_schema.processlist WHERE id = {number}"):
                time.sleep(0.001)
        time.sleep(0.02)  # it is not listed to the very end
        return other


def test_the_end_comes_in_a_later_run(source, target, assert_same, godwit):
    """What was prepared is read again from the log."""
    source.execute(*TABLE)
    task = godwit(source, target)
    task.run().expect(DONE)
    one, other, third = Session(source), Session(source), Session(source)
    one.prepare("'one','q\\'', 7", "UPDATE shop.t SET v = 11 WHERE id = 1", "INSERT INTO shop.t VALUES (4, 40, 'x')")
    other.prepare("X'00ff'", "DELETE FROM shop.t WHERE id = 2")
    third.prepare("'third'", "UPDATE shop.t SET v = 33 WHERE id = 3")
    source.execute("INSERT INTO shop.t VALUES (5, 50, NULL)")
    task.run().expect(DONE)
    assert_same()
    assert target.value("SELECT COUNT(*) FROM shop.t WHERE id = 4 OR v = 11") == 0
    one.execute("XA COMMIT 'one','q\\'', 7")
    source.execute("FLUSH BINARY LOGS", "UPDATE shop.t SET v = 12 WHERE id = 1")
    task.run().expect(DONE)
    assert_same()
    other.execute("XA ROLLBACK X'00ff'")
    third.execute("XA COMMIT 'third'")
    source.execute("DELETE FROM shop.t WHERE id = 2")
    task.run().expect(DONE)
    assert_same()
    task.verify().expect(DONE)


@pytest.mark.parametrize("phases", [1, 2])
def test_changes_too_large_to_hold(phases, source, target, assert_same, godwit):
    source.execute(*TABLE)
    task = godwit(source, target, memory_limit="64MiB")
    task.run().expect(DONE)
    session = Session(source)
    session.execute("XA START 'large'", *(f"INSERT INTO shop.t VALUES ({n}, {n}, REPEAT('{n}', 300000))"
                                          for n in range(100, 140)), "XA END 'large'")
    session.execute(*["XA COMMIT 'large' ONE PHASE"] if phases == 1 else ["XA PREPARE 'large'", "XA COMMIT 'large'"])
    source.execute("UPDATE shop.t SET v = v + 1")
    task.run().expect(DONE)
    assert_same()


def test_a_statement_in_place_of_rows_is_refused(source, target, godwit):
    source.execute(*TABLE)
    task = godwit(source, target)
    task.run().expect(DONE)
    session = Session(source)
    session.execute("SET SESSION binlog_format = STATEMENT")
    session.prepare("'words'", "UPDATE shop.t SET v = v + 1 WHERE id = 1")
    session.execute("XA COMMIT 'words'")
    assert "--restart" in task.run().expect(FAILED).text
    assert target.value("SELECT v FROM shop.t WHERE id = 1") == 10


@pytest.fixture
def proxy(source):
    with Proxy(source) as one:
        yield one


def test_a_stop_while_changes_are_read_again(source, target, proxy, assert_same, godwit):
    """Over a network that has stopped: it is not waited for until the server is given up."""
    source.execute(*TABLE)
    task = godwit(proxy, target)
    task.run().expect(DONE)
    run = task.start()
    run.wait_until(lambda: any(line["phase"] == "streaming" for line in run.result().progress()))
    session = Session(source)
    # What does not get small in a compressed log.
    rng = random.Random(5)
    session.prepare("'large'", *(f"INSERT INTO shop.t VALUES ({n}, {n}, '{rng.randbytes(150000).hex()}')" for n in range(100, 140)))
    proxy.hangs_after = 1_000_000  # in the midst of the rows
    session.execute("XA COMMIT 'large'")
    run.wait_until(proxy.hung.is_set)
    began = time.monotonic()
    run.interrupt()
    run.wait().expect(INTERRUPTED)
    # A transaction that is being read has five seconds to end.
    assert time.monotonic() - began < 15
    proxy.hangs_after = None
    task.run().expect(DONE)
    assert_same()


@pytest.mark.parametrize("pair", [PAIRS["mariadb"]], ids=["mariadb"])
def test_writers_are_held_off_by_one_reader_at_a_time(source, target, assert_same, godwit):
    """A session that waits for a prepared row keeps the lock from being had, and writers wait behind that."""
    source.execute(*TABLE, *(f"CREATE TABLE shop.more{n} (id INT PRIMARY KEY, v INT)" for n in range(12)),
                   *(f"INSERT INTO shop.more{n} VALUES (1, 1)" for n in range(12)))
    first = Session(source)
    first.prepare("'first'", "UPDATE shop.t SET v = 11 WHERE id = 1")
    first.execute("XA COMMIT 'first'")  # from here on snapshots need the lock
    task = godwit(source, target, copy={"threads": 4})
    assert task.run(failpoints="copy.after_chunk_commit:2").code == KILLED
    prepared, waiting = Session(source), Session(source)
    prepared.prepare("'held'", "UPDATE shop.t SET v = 22 WHERE id = 2")
    waiter = threading.Thread(target=lambda: waiting.execute("SET innodb_lock_wait_timeout = 100", "UPDATE shop.t SET v = 23 WHERE id = 2"))
    waiter.start()

    def asked():
        return int(source.execute("SHOW GLOBAL STATUS LIKE 'Com_flush'")[0][1])

    before = asked()
    run = task.start("--until", "caught-up")
    run.wait_until(lambda: asked() > before)
    time.sleep(12)
    # At 0, 4 (two seconds of waiting, two of pause) and 10 seconds.
    assert 2 <= asked() - before <= 4
    prepared.execute("XA COMMIT 'held'")
    waiter.join()
    run.wait().expect(DONE)
    assert_same()


class XaWriter:
    """Threads that write in XA transactions: some at once, some prepared for a while, some rolled back."""

    def __init__(self, server, threads=4):
        self.stopping = threading.Event()
        self.commits = 0
        self.failure = None
        self.threads = [threading.Thread(target=self._run, args=(server, number)) for number in range(threads)]
        # Before the rows of each, so that what one looks for and does not find locks no gap that another inserts into.
        server.execute(*(f"INSERT INTO shop.t VALUES ({(number + 1) * 1_000_000 - 100}, 0, 'guard')" for number in range(threads)))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        assert self.failure is None, self.failure

    def _run(self, server, number):
        rng = random.Random(number)
        session = Session(server)
        turn = 0
        try:
            while not self.stopping.wait(rng.choice([0.001, 0.002, 0.02])):
                turn += 1
                name, row = f"'w{number}','{turn}'", (number + 1) * 1_000_000 + turn
                # Rows of its own, so that nobody waits for what is prepared.
                session.execute(f"XA START {name}", f"INSERT INTO shop.t VALUES ({row}, {row}, 'new')",
                                f"UPDATE shop.t SET v = -v WHERE id = {row - 7}",
                                f"DELETE FROM shop.t WHERE id = {row - 20}",
                                f"INSERT INTO shop.keyless VALUES ({number}, {turn})", f"XA END {name}")
                way = rng.random()
                if way < 0.2:
                    session.execute(f"XA COMMIT {name} ONE PHASE")
                else:
                    session.execute(f"XA PREPARE {name}")
                    self.stopping.wait(rng.choice([0, 0, 0.003, 0.03]))
                    if way > 0.8:  # another session ends what this one has left behind
                        session = session.give_way()
                    session.end(f"XA {'ROLLBACK' if way < 0.3 else 'COMMIT'} {name}")
                self.commits += 1
        except Exception as error:
            self.failure = error
        session.close()


def test_killed_at_random_moments_while_all_write_so(source, target, assert_same, godwit):
    source.execute(*TABLE, "CREATE TABLE shop.keyless (n INT, turn INT)", "USE shop",
                   "INSERT INTO t SELECT 10000000 + a.id * 100 + b.id * 10 + c.id, 5, REPEAT('x', 9000) FROM t a, t b, t c")
    task = godwit(source, target, copy={"chunk_bytes": "64KiB"})
    with XaWriter(source) as writer:
        task.kill_at_random_moments(6, seed=3, longest=2.5)
        assert writer.commits > 50
    task.run().expect(DONE)
    assert_same()


def test_prepared_before_the_task_begins(source, target, assert_same, godwit):
    source.execute(*TABLE)
    session = Session(source)
    session.prepare("'early'", "UPDATE shop.t SET v = 11 WHERE id = 1")
    task = godwit(source, target)
    assert "1 prepared" in task.check().expect(DONE).text
    assert "XA RECOVER" in task.run().expect(FAILED).text
    run = task.start("--until", "caught-up")
    session.execute("XA COMMIT 'early'")
    run.wait().expect(DONE)
    assert_same()


def test_the_log_of_a_prepared_one_is_purged(source, target, assert_same, godwit):
    source.execute(*TABLE)
    task = godwit(source, target)
    task.run().expect(DONE)
    session = Session(source)
    session.prepare("'kept'", "UPDATE shop.t SET v = 11 WHERE id = 1")
    source.execute("FLUSH BINARY LOGS", "UPDATE shop.t SET v = 21 WHERE id = 2")
    task.run().expect(DONE)
    last = source.execute("SHOW BINARY LOGS")[-1][0]
    for _ in range(50):
        source.execute(f"PURGE BINARY LOGS TO '{last}'")
        if len(source.execute("SHOW BINARY LOGS")) == 1:
            break
        threading.Event().wait(0.1)
    found = task.run().expect(FOUND).text
    assert "XA transactions are prepared" in found and "--restart" in found
    session.execute("XA COMMIT 'kept'")
    task.run("--restart").expect(DONE)
    assert_same()
