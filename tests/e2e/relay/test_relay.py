"""A source's log on this machine's disk is the server's, byte for byte, and what tasks read."""

import subprocess
import time

import pytest
from harness import mysql, shop
from harness.godwit import DONE
from harness.writer import Writer

IN_USE = 4 + 17  # where a file says that its server has it open, as the server itself says of it

READERS = {
    "mariadb": lambda: ["mariadb-binlog", "--no-defaults", "--verify-binlog-checksum"],
    "mysql": lambda: [mysql._folder() / "lib64/ld-linux-x86-64.so.2", "--library-path",
                      mysql._folder() / "usr/lib/x86_64-linux-gnu", mysql._folder() / "usr/bin/mysqlbinlog",
                      "--no-defaults", "--verify-binlog-checksum"],
}


@pytest.fixture
def source_options():
    return {"max_binlog_size": 256 * 1024}


def kept(relay):
    """The relay's files of the one server that it has been of, by name."""
    (folder,) = relay.iterdir()
    return {file.name: file.read_bytes() for file in sorted(folder.glob("binlog.*"))}


def closed(data):
    return data[:IN_USE] + bytes([data[IN_USE] & 0xFE]) + data[IN_USE + 1:]


def logged(source):
    """The server's, as it has them when it has closed them."""
    names = [row[0] for row in source.execute("SHOW BINARY LOGS")]
    return {name: closed((source.folder / "data" / name).read_bytes()) for name in names}


def dumps(source):
    return source.value("SELECT COUNT(*) FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'")


def until(condition, timeout=30):
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"waited {timeout} s in vain"
        time.sleep(0.05)


def rows(server):
    return server.value("SELECT COUNT(*) FROM shop.big")


@pytest.mark.parametrize("kinds", [("mariadb", "mariadb"), ("mysql", "mysql")])
def test_the_files_are_the_servers(kinds, source, target, godwit, assert_same, tmp_path):
    shop.load(source, 0.02)
    relay = tmp_path / "relay"
    task = godwit(source, target, source={"relay": {"dir": str(relay)}})
    with Writer(source) as writer:
        task.run().expect(DONE)
        run = task.start()
        writer.wait_for(20)
        source.execute("USE shop", "CREATE TABLE big (id INT PRIMARY KEY AUTO_INCREMENT, body LONGBLOB)",
                       "FLUSH BINARY LOGS", "START TRANSACTION",
                       "INSERT INTO big (body) SELECT REPEAT('x', 400000) FROM customer LIMIT 30",
                       "INSERT INTO big (body) VALUES (REPEAT('y', 8000000))", "COMMIT", "FLUSH BINARY LOGS")
        writer.wait_for(20)
        run.wait_until(lambda: target.has_table("big") and rows(target) == rows(source))
        run.wait_until(lambda: dumps(source) == 1)  # the stream has left the server
        source.kill()  # its file ends without a word of the next
        source.start()
        writer.wait_for(20)
        run.wait_until(lambda: max(kept(relay)) == max(logged(source)))
        run.kill()
        # What a machine that goes down leaves of the last file.
        (folder,) = relay.iterdir()
        last = max(folder.glob("binlog.*"))
        last.write_bytes(last.read_bytes()[:-7])
        writer.wait_for(20)
        run = task.start()
        source.execute("FLUSH BINARY LOGS")
        writer.wait_for(20)
    run.wait_until(lambda: logged(source).items() >= kept(relay).items() and kept(relay).keys() >= {max(logged(source))})
    run.interrupt()
    run.wait()
    task.run().expect(DONE)
    assert_same()

    mine, theirs = kept(relay), logged(source)
    last = max(mine)
    assert theirs[last].startswith(mine.pop(last))  # the server may write a checkpoint of its own there at any time
    assert mine.items() <= theirs.items()
    assert last == max(theirs) and len(mine) >= 3
    for name in [*mine, last]:
        read = subprocess.run([*READERS[kinds[0]](), folder / name], capture_output=True, check=True)
        assert read.stdout.count(b"end_log_pos") > 2


def test_what_the_server_has_purged_is_read_from_the_relay(source, target, godwit, assert_same, tmp_path):
    shop.load(source, 0.02)
    relay = tmp_path / "relay"
    task = godwit(source, target, source={"relay": {"dir": str(relay), "max_size": "1MiB"}})
    task.run().expect(DONE)
    with Writer(source) as writer:
        run = task.start()
        writer.wait_for(20)
        run.wait_until(lambda: dumps(source) == 1)
        target.pause()
        source.execute("USE shop", "CREATE TABLE big (id INT PRIMARY KEY AUTO_INCREMENT, body LONGBLOB)",
                       *["INSERT INTO big (body) SELECT REPEAT('x', 30000) FROM customer LIMIT 10"] * 8)
        writer.wait_for(20)
    source.execute("FLUSH BINARY LOGS")
    run.wait_until(lambda: logged(source).items() >= kept(relay).items() and max(kept(relay)) == max(logged(source)))
    run.kill()
    target.unpause()
    run_has = kept(relay)
    until(lambda: dumps(source) == 0)  # which keep the files that they are in
    source.execute(f"PURGE BINARY LOGS TO '{max(run_has)}'")
    assert len(logged(source)) == 1 < len(run_has)
    task.run().expect(DONE)
    assert_same()
    task.run().expect(DONE)
    assert len(kept(relay)) < len(run_has), "what is no longer needed goes by size"

    # Without a folder to write to, the task goes on from the server.
    (tmp_path / "file").write_text("")
    task.configure(source={"relay": {"dir": str(tmp_path / "file")}})
    source.execute("USE shop", "INSERT INTO big (body) VALUES ('more')")
    notes = {one["last_note"] for one in task.run().expect(DONE).progress()}
    assert any("the log is read from the source" in note for note in notes), notes
    assert_same()


@pytest.mark.parametrize("kinds", [("mariadb", "mariadb"), ("mysql", "mysql")])
def test_a_log_begun_anew_is_not_read_from_the_old_files(kinds, source, target, godwit, assert_same, tmp_path):
    begin_anew = "RESET BINARY LOGS AND GTIDS" if source.is_mysql else "RESET MASTER"
    shop.load(source, 0.02)
    source.execute(begin_anew)
    relay = tmp_path / "relay"
    task = godwit(source, target, source={"relay": {"dir": str(relay)}})
    task.run().expect(DONE)
    run = task.start()
    source.execute("USE shop", "CREATE TABLE big (id INT PRIMARY KEY AUTO_INCREMENT, body LONGBLOB)",
                   "INSERT INTO big (body) SELECT REPEAT('x', 10000) FROM customer LIMIT 10", "UPDATE big SET id = id + 100")
    run.wait_until(lambda: target.has_table("big") and rows(target) == rows(source))
    run.wait_until(lambda: len(kept(relay)["binlog.000001"]) > 100_000)
    run.kill()
    until(lambda: dumps(source) == 0)
    before = kept(relay)

    source.execute(begin_anew)
    task.run("--restart").expect(DONE)
    source.execute("USE shop", "INSERT INTO big (body) VALUES ('more')")
    notes = {one["last_note"] for one in task.run().expect(DONE).progress()}
    assert any("does not reach as far as" in note for note in notes), notes
    assert_same()
    assert kept(relay) == before


def test_a_file_that_the_source_has_purged_before_it_was_known_to_have_ended_is_read(source, target, godwit, assert_same, tmp_path):
    """The source is killed, so that its file ends without a word of the next, and purges it while nobody listens."""
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.big (id INT PRIMARY KEY AUTO_INCREMENT, body LONGBLOB)")
    relay = tmp_path / "relay"
    task = godwit(source, target, source={"relay": {"dir": str(relay)}})
    task.run().expect(DONE)
    run = task.start()
    source.execute("INSERT INTO shop.big (body) VALUES ('read by both')")
    run.wait_until(lambda: rows(target) == 1 and dumps(source) == 1 and len(kept(relay)) > 0)
    target.pause()
    source.execute("INSERT INTO shop.big (body) VALUES ('read from the relay alone')")
    run.wait_until(lambda: kept(relay).items() <= logged(source).items())
    run.kill()
    last = max(kept(relay))
    until(lambda: dumps(source) == 0)
    source.kill()
    source.start()
    source.execute("FLUSH BINARY LOGS")
    source.execute(f"PURGE BINARY LOGS TO '{max(logged(source))}'", "INSERT INTO shop.big (body) VALUES ('and from the source')")
    target.unpause()
    task.run().expect(DONE)
    assert_same()
    assert last in kept(relay) and any(file.name == f"{last}.ends-early" for file in next(relay.iterdir()).iterdir())


@pytest.mark.parametrize("kinds", [("mysql", "mariadb")])
def test_a_log_that_comes_to_be_encrypted_is_not_kept_from_there_on(server, target, godwit, tmp_path):
    def goes_through(text):
        source.execute(f"INSERT INTO shop.big (body) VALUES ('{text}')")
        run.wait_until(lambda: target.has_table("big") and rows(target) == rows(source))

    source = server("source", kind=mysql.MySqlWithKeyring, **mysql.SOURCE_OPTIONS)
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.big (id INT PRIMARY KEY AUTO_INCREMENT, body LONGBLOB)")
    relay = tmp_path / "relay"
    task = godwit(source, target, source={"relay": {"dir": str(relay)}})
    run = task.start()
    goes_through("all may read it")
    run.wait_until(lambda: dumps(source) == 1 and any(b"all may read it" in data for data in kept(relay).values()))
    source.execute("SET GLOBAL binlog_encryption = ON")
    goes_through("a secret")
    run.interrupt()
    run.wait()
    assert not any(b"a secret" in data for data in kept(relay).values())
    assert {one["last_note"] for one in run.result().progress() if "is encrypted, and sent in clear text" in one["last_note"]}
