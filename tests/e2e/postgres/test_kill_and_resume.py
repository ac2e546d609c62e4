"""Killed at any moment and run again, with PostgreSQL at both ends (at each failpoint: kill_and_resume/test_directions.py); and servers that
go away and come back."""

import random
import time

import pytest
from harness import postgres_shop as shop
from harness.godwit import DONE, FAILED, KILLED
from harness.postgres_compare import assert_equal
from harness.postgres_writer import PostgresWriter

# Of a group that one lane writes.
OF_GROUPS = ["apply.before_statement", "apply.before_commit", "apply.after_commit"]


@pytest.fixture
def loaded(source):
    shop.load(source, 0.05)
    source.execute("CREATE VIEW unpaid AS SELECT id FROM orders WHERE NOT paid",
                   "CREATE TABLE season (id int, name text, PRIMARY KEY (id)) PARTITION BY RANGE (id)",
                   "CREATE TABLE season_1 PARTITION OF season FOR VALUES FROM (0) TO (1000)",
                   "CREATE TABLE season_2 PARTITION OF season DEFAULT",
                   "INSERT INTO season SELECT i, 'x' FROM generate_series(1, 2000) i")
    return source


@pytest.mark.parametrize("failpoint", ["apply.before_part_commit", "apply.after_part_commit", "apply.before_commit"])
def test_killed_at_with_lanes(failpoint, loaded, target, godwit):
    """Some lanes have committed their part of a group, and some have not; the number of lanes may be another
    in the next run."""
    task = godwit(loaded, target, copy={"threads": 2}, stream={"consistency": "row", "lanes": 3})
    task.run().expect(DONE)
    kills = 0
    with PostgresWriter(loaded) as writer:
        for passage, lanes in [(1, 3), (1, 2), (2, 3), (1, 4), (3, 3), (1, 1), (5, 3), (1, 3)]:
            task.configure(stream={"lanes": lanes})
            writer.wait_for(40)
            kills += task.run(failpoints=f"{failpoint}:{passage}").code == KILLED
            loaded.execute("UPDATE customer SET balance = balance + 1 WHERE id < 200")
        task.run().expect(DONE)
    assert kills >= 3, f"{kills} kills at the failpoint {failpoint}"
    task.run().expect(DONE)
    assert_equal(loaded, target)


@pytest.mark.parametrize("failpoint", OF_GROUPS)
def test_killed_in_a_transaction_that_is_written_in_pieces(failpoint, loaded, target, godwit):
    task = godwit(loaded, target, memory_limit="64MiB")
    task.run().expect(DONE)
    loaded.execute("BEGIN", "INSERT INTO visit (page, cookie) SELECT i, repeat(md5(i::text), 20)::bytea FROM generate_series(1, 60000) i",
                   "UPDATE visit SET took = 7 WHERE page LIKE '77%'", "UPDATE customer SET balance = balance + 1", "COMMIT")
    for passage in (1, 2, 5):
        task.run(failpoints=f"{failpoint}:{passage}").expect(KILLED, DONE)
    task.run().expect(DONE)
    assert_equal(loaded, target)


@pytest.mark.parametrize("consistency", ["prefix", "row"])
def test_killed_at_random_moments(consistency, source, target, godwit):
    rng = random.Random(7)
    shop.load(source, 0.2)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 2},
                  stream={"consistency": consistency, "lanes": 3})
    kills = 0
    with PostgresWriter(source, rate=400) as writer:
        for _ in range(20):
            run = task.start()
            time.sleep(rng.uniform(0.05, 0.9))
            kills += run.kill().code == KILLED
            writer.wait_for(10)
    assert kills == 20
    task.run().expect(DONE)
    assert_equal(source, target)


def test_killed_and_run_again_without_a_break(loaded, target, godwit):
    """The connections of the one that was killed may still be there: its slot and its lock are taken over."""
    task = godwit(loaded, target)
    task.run().expect(DONE)
    with PostgresWriter(loaded) as writer:
        for _ in range(5):
            run = task.start()
            writer.wait_for(20)
            time.sleep(0.5)
            assert not run.ended, run.result().text
            run.kill()
    task.run().expect(DONE)
    assert_equal(loaded, target)


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
@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_server_restarts_in_the_stream(source, target, godwit, side, how):
    shop.load(source, 0.02)
    task = godwit(source, target)
    task.run().expect(DONE)
    run = task.start()
    server = {"source": source, "target": target}[side]
    with PostgresWriter(source) as writer:
        writer.wait_for(50)
        getattr(server, how)()
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
    run.wait_until(lambda: target.has_tables() and target.has_table("visit"))
    with PostgresWriter(source) as writer:
        for number in range(10):
            assert source.cut_connections() + target.cut_connections() > 0
            writer.wait_for(20)
            source.execute(f"INSERT INTO visit (page) VALUES ('/cut/{number}')")
            run.wait_until(lambda: target.value(f"SELECT count(*) FROM visit WHERE page = '/cut/{number}'"))
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
    with PostgresWriter(source) as writer:
        writer.wait_for(50)
    result = run.wait(30).expect(FAILED)
    assert "target" in result.text
    target.start()
    task.run().expect(DONE)
    assert_equal(source, target)
