"""Killed at any moment and run again, with PostgreSQL at both ends (at each failpoint: kill_and_resume/test_directions.py; servers that go away:
restart/test_restart.py)."""

import random
import time

import pytest
from harness import postgres_shop as shop
from harness.godwit import DONE, KILLED
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
        for passage, lanes in [(1, 3), (1, 2), (2, 4), (1, 1), (5, 3)]:
            task.configure(stream={"lanes": lanes})
            writer.wait_for(40)
            kills += task.run(failpoints=f"{failpoint}:{passage}").code == KILLED
            loaded.execute("UPDATE customer SET balance = balance + 1 WHERE id < 200")
        task.run().expect(DONE)
    assert kills >= 2, f"{kills} kills at the failpoint {failpoint}"
    task.run().expect(DONE)
    assert_equal(loaded, target)


def test_killed_in_a_transaction_that_is_written_in_pieces(loaded, target, godwit):
    task = godwit(loaded, target, memory_limit="64MiB")
    task.run().expect(DONE)
    for failpoint in OF_GROUPS:
        loaded.execute("BEGIN", "INSERT INTO visit (page, cookie) SELECT i, repeat(md5(i::text), 20)::bytea FROM generate_series(1, 25000) i",
                       "UPDATE visit SET took = 7 WHERE page LIKE '77%'", "UPDATE customer SET balance = balance + 1", "COMMIT")
        task.run(failpoints=failpoint).expect(KILLED)
        if failpoint == "apply.before_statement":
            task.run(failpoints=f"{failpoint}:2").expect(KILLED)
        task.run(failpoints=f"{failpoint}:5").expect(KILLED, DONE)
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


def test_the_state_of_an_earlier_version_is_brought_up_to_date(loaded, target, godwit):
    task = godwit(loaded, target)
    task.run().expect(DONE)
    target.execute("ALTER TABLE godwit.task DROP COLUMN generation, DROP COLUMN restarted, DROP COLUMN server", "UPDATE godwit.format SET version = 1")
    epoch = target.value("SELECT epoch FROM godwit.task")
    loaded.execute("UPDATE customer SET balance = balance + 1")
    task.status().expect(DONE)
    assert task.run(failpoints="state.before_format").code == KILLED
    task.run().expect(DONE)
    assert target.execute("SELECT version, epoch FROM godwit.format, godwit.task") == [(3, epoch + 2)]
    assert_equal(loaded, target)
