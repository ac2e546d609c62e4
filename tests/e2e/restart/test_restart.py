"""Servers that go away and come back cost a delay and nothing else."""

import time

import pytest
from harness import shop
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED
from harness.writer import Writer


def wait_for_a_visit(source, target, number, run):
    """Waits until a row that is written now has arrived."""
    source.execute(f"INSERT INTO shop.visit (page) VALUES ('/cut/{number}')")
    run.wait_until(lambda: target.execute("SHOW TABLES IN shop LIKE 'visit'") and
                   target.value(f"SELECT COUNT(*) FROM shop.visit WHERE page = '/cut/{number}'"))


@pytest.mark.parametrize("side", ["source", "target"])
@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_server_restarts_in_the_copy(source, target, godwit, side, how):
    shop.load(source, 0.5)
    task = godwit(source, target, copy={"chunk_bytes": "128KiB", "threads": 2})
    run = task.start("--until", "caught-up")
    run.wait_until(target.has_tables)
    server = {"source": source, "target": target}[side]
    getattr(server, how)()
    time.sleep(0.5)
    assert not run.ended, run.result().text
    server.start()
    run.wait().expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_server_restarts_in_the_stream(source, target, godwit, side):
    shop.load(source, 0.02)
    task = godwit(source, target)
    task.run().expect(DONE)
    run = task.start()
    server = {"source": source, "target": target}[side]
    with Writer(source) as writer:
        writer.wait_for(50)
        server.kill()
        time.sleep(0.5)
        server.start()
        writer.wait_for(50)
        assert not run.ended, run.result().text
    run.interrupt()
    run.wait()
    task.run().expect(DONE)
    assert_equal(source, target)


def test_connections_are_cut_again_and_again(source, target, godwit):
    shop.load(source, 0.2)
    task = godwit(source, target, copy={"chunk_bytes": "128KiB", "threads": 2})
    run = task.start()
    run.wait_until(target.has_tables)
    with Writer(source) as writer:
        for number in range(10):
            assert source.cut_connections() + target.cut_connections() > 0
            writer.wait_for(20)
            wait_for_a_visit(source, target, number, run)
    run.interrupt()
    run.wait()
    task.run().expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_server_stops_answering_for_a_while(source, target, godwit, side):
    shop.load(source, 0.1)
    task = godwit(source, target, copy={"chunk_bytes": "128KiB"})
    run = task.start("--until", "caught-up")
    run.wait_until(target.has_tables)
    server = {"source": source, "target": target}[side]
    server.pause()
    time.sleep(3)
    server.unpause()
    run.wait().expect(DONE)
    assert_equal(source, target)


def test_it_gives_up_after_retry_for_and_goes_on_when_asked(source, target, godwit):
    shop.load(source, 0.02)
    task = godwit(source, target, retry_for="2s")
    task.run().expect(DONE)
    run = task.start()
    time.sleep(0.5)
    target.kill()
    with Writer(source) as writer:
        writer.wait_for(50)
    result = run.wait(30).expect(FAILED)
    assert "target" in result.text
    target.start()
    task.run().expect(DONE)
    assert_equal(source, target)


def test_the_log_rotates_and_old_files_go(source, target, godwit):
    shop.load(source, 0.02)
    task = godwit(source, target)
    run = task.start()
    with Writer(source) as writer:
        for _ in range(10):
            writer.wait_for(20)
            source.execute("FLUSH BINARY LOGS")
    run.interrupt()
    run.wait()
    task.run().expect(DONE)
    last = source.execute("SHOW BINARY LOGS")[-1][0]
    source.execute(f"PURGE BINARY LOGS TO '{last}'")
    source.restart()
    task.run().expect(DONE)
    assert_equal(source, target)
