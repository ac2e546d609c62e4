"""Servers that go away and come back cost a delay and nothing else."""

import time

import pytest
from harness import compare, postgres_compare, postgres_shop, shop
from harness.godwit import DONE, FAILED
from harness.postgres import Postgres
from harness.postgres_writer import PostgresWriter
from harness.writer import Writer


class MariaDbs:
    load, writer, assert_equal = shop.load, Writer, compare.assert_equal


class PostgresServers:
    load, writer, assert_equal = postgres_shop.load, PostgresWriter, postgres_compare.assert_equal


@pytest.fixture(params=["mariadb", "postgres"])
def family(request):
    return request.param


@pytest.fixture
def both(family):
    return {"mariadb": MariaDbs, "postgres": PostgresServers}[family]


@pytest.fixture
def servers(server, start, family):
    """{"source": a server, "target": another} of the family."""
    def make(role):
        return server(role, kind=Postgres) if family == "postgres" else start(family, role)

    return {role: make(role) for role in ("source", "target")}


@pytest.fixture
def source(servers):
    return servers["source"]


@pytest.fixture
def target(servers):
    return servers["target"]


def ends_equal(run, task, source, target, both):
    """Once it has been interrupted and has caught up."""
    run.interrupt()
    run.wait()
    task.run().expect(DONE)
    both.assert_equal(source, target)


@pytest.mark.parametrize("family, side, how", [("mariadb", "source", "kill"), ("mariadb", "target", "kill"), ("mariadb", "target", "stop"),
                                               ("postgres", "source", "kill"), ("postgres", "source", "stop"), ("postgres", "target", "kill")])
def test_a_server_restarts_in_the_copy(servers, source, target, both, godwit, side, how):
    both.load(source, 0.5)
    run = godwit(source, target, copy={"chunk_bytes": "128KiB", "threads": 2}).start("--until", "caught-up")
    run.wait_until(target.has_tables)
    getattr(servers[side], how)()
    time.sleep(0.5)
    assert not run.ended, run.result().text
    servers[side].start()
    run.wait().expect(DONE)
    both.assert_equal(source, target)


@pytest.mark.parametrize("side", ["source", "target"])
@pytest.mark.parametrize("family, how", [("mariadb", "kill"), ("postgres", "kill"), ("postgres", "stop")])
def test_a_server_restarts_in_the_stream(servers, source, target, both, godwit, side, how):
    both.load(source, 0.02)
    task = godwit(source, target)
    task.run().expect(DONE)
    run = task.start()
    run.wait_until(lambda: run.result().progress())  # its checks are over
    with both.writer(source) as writer:
        writer.wait_for(50)
        getattr(servers[side], how)()
        time.sleep(0.5)
        servers[side].start()
        writer.wait_for(50)
        assert not run.ended, run.result().text
    ends_equal(run, task, source, target, both)


def test_connections_are_cut_again_and_again(source, target, both, godwit):
    both.load(source, 0.2)
    task = godwit(source, target, copy={"chunk_bytes": "128KiB", "threads": 2})
    run = task.start()
    run.wait_until(lambda: target.has_tables() and target.has_table("visit"))
    with both.writer(source) as writer:
        for number in range(10):
            assert source.cut_connections() + target.cut_connections() > 0
            writer.wait_for(20)
            source.execute(f"INSERT INTO shop.visit (page) VALUES ('/cut/{number}')")
            run.wait_until(lambda: target.value(f"SELECT COUNT(*) FROM shop.visit WHERE page = '/cut/{number}'"))
    ends_equal(run, task, source, target, both)


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_server_stops_answering_for_a_while(servers, source, target, both, godwit, side):
    both.load(source, 0.1)
    run = godwit(source, target, copy={"chunk_bytes": "128KiB"}).start("--until", "caught-up")
    run.wait_until(target.has_tables)
    servers[side].pause()
    time.sleep(3)
    servers[side].unpause()
    run.wait().expect(DONE)
    both.assert_equal(source, target)


def test_it_gives_up_after_retry_for_and_goes_on_when_asked(source, target, both, godwit):
    both.load(source, 0.02)
    task = godwit(source, target, retry_for="2s")
    task.run().expect(DONE)
    run = task.start()
    time.sleep(0.5)
    target.kill()
    with both.writer(source) as writer:
        writer.wait_for(50)
    result = run.wait(30).expect(FAILED)
    assert "target" in result.text
    target.start()
    task.run().expect(DONE)
    both.assert_equal(source, target)


@pytest.mark.parametrize("family", ["mariadb"])
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
    compare.assert_equal(source, target)
