"""Killed at any moment and run again, the target ends equal: nothing applied twice, nothing lost."""

import random
import time

import pytest
from harness import shop
from harness.compare import assert_equal
from harness.failpoints import failpoints
from harness.godwit import DONE, KILLED
from harness.writer import SHOP, Writer, visit

FAILPOINTS = sorted(failpoints("pipeline", "server", "connectors/mysql"))

# Passed only where groups are divided among lanes.
IN_LANES = {"apply.before_part_commit", "apply.after_part_commit"}

# Passed only when a table is altered or dropped on the source before it has been copied.
IN_THE_COPY = {"copy.before_recreate_table", "copy.before_table_dropped"}

# Passed only where a DDL waits for the operator, or other statements stand in its place (ddl/test_policy.py).
OF_THE_OPERATOR = {"ddl.after_held", "ddl.after_step_begun", "ddl.after_step"}

# Passed only with a table that the target had before (restart/test_kept_tables.py).
OF_KEPT_TABLES = {"copy.after_kept_left"}

# Passed only by `godwit remove` (cli/test_remove.py).
OF_REMOVAL = {"remove.after_source", "remove.after_target", "state.before_drop"}

# Passed only in mode `copy`, where a source that keeps its log for the task lets go of it (test_directions.py).
OF_COPIES = {"task.before_release"}

# Passed only where the source comes to be another server (moved_source).
OF_MOVES = {"task.before_move"}
ELSEWHERE = IN_THE_COPY | IN_LANES | OF_THE_OPERATOR | OF_KEPT_TABLES | OF_REMOVAL | OF_COPIES | OF_MOVES

DDL_IN_THE_COPY = [
    "ALTER TABLE visit ADD COLUMN agent VARCHAR(40) DEFAULT 'none'",
    "ALTER TABLE product ADD COLUMN origin CHAR(2) DEFAULT 'xx' AFTER title",
    "DROP TABLE season",
]
DDL_IN_THE_STREAM = [
    "ALTER TABLE customer ADD COLUMN vip BOOLEAN DEFAULT FALSE",
    "CREATE TABLE term (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20))",
    "INSERT INTO term (name) VALUES ('spring'), ('summer')",
    "ALTER TABLE orders ADD INDEX paid (paid)",
    "RENAME TABLE term TO period",
    "INSERT INTO period (name) VALUES ('autumn')",
    "ALTER TABLE period ADD COLUMN token VARCHAR(40) DEFAULT (UUID())",
    "TRUNCATE TABLE period",
    "INSERT INTO period (name) VALUES ('winter')",
    "DROP TABLE period",
]


def write_a_visit(cursor, rng):
    """As the writer's, for a table that may have got a column."""
    cursor.execute("INSERT INTO visit (seen_at, page, took) VALUES (NOW(6), %s, %s)",
                   (f"/p/{rng.randrange(50)}", rng.random()))
    cursor.execute("DELETE FROM visit WHERE page = %s LIMIT 1", (f"/p/{rng.randrange(50)}",))


TRANSACTIONS = [t for t in SHOP if t is not visit] + [write_a_visit]


@pytest.fixture
def loaded(source):
    shop.load(source, 0.05)
    source.execute("USE shop", "CREATE VIEW unpaid AS SELECT id FROM orders WHERE NOT paid",
                   "CREATE TABLE season (id INT PRIMARY KEY)", "INSERT INTO season VALUES (1), (2)")
    return source


def test_the_code_has_failpoints():
    assert len(FAILPOINTS) >= 5
    assert set(FAILPOINTS) >= ELSEWHERE


@pytest.mark.parametrize("failpoint", [name for name in FAILPOINTS if name not in ELSEWHERE])
def test_killed_at(failpoint, loaded, target, godwit):
    """Killed where a run passes it the first time, the second and the third."""
    task = godwit(loaded, target, copy={"chunk_bytes": "128KiB", "threads": 2})
    kills = 0
    with Writer(loaded, TRANSACTIONS) as writer:
        writer.wait_for(20)
        kills += task.run(failpoints=failpoint).code == KILLED
        writer.wait_for(30)
        kills += task.run(failpoints=f"{failpoint}:3").code == KILLED
        loaded.execute("USE shop", *DDL_IN_THE_STREAM)
        writer.wait_for(30)
        for passage in (1, 2, 3):
            kills += task.run(failpoints=f"{failpoint}:{passage}").code == KILLED
        task.run().expect(DONE)
    assert kills, f"nothing passes the failpoint {failpoint}"
    task.run().expect(DONE)
    assert_equal(loaded, target)


@pytest.mark.parametrize("failpoint", [name for name in FAILPOINTS if name.startswith(("copy.", "schema."))])
def test_killed_at_after_definitions_changed_in_the_copy(failpoint, loaded, target, godwit):
    task = godwit(loaded, target, copy={"chunk_bytes": "64KiB", "threads": 2})
    kills = 0
    with Writer(loaded, TRANSACTIONS) as writer:
        assert task.run(failpoints="copy.after_chunk_commit:2").code == KILLED
        loaded.execute("USE shop", *DDL_IN_THE_COPY)
        writer.wait_for(20)
        for passage in (1, 2):
            kills += task.run(failpoints=f"{failpoint}:{passage}").code == KILLED
        task.run().expect(DONE)
    assert kills or failpoint not in IN_THE_COPY, f"nothing passes the failpoint {failpoint}"
    task.run().expect(DONE)
    assert_equal(loaded, target)


@pytest.mark.parametrize("failpoint", [name for name in FAILPOINTS if name.startswith("apply.")])
def test_killed_at_with_lanes(failpoint, loaded, target, godwit):
    """Some lanes have committed their part of a group, and some have not; the number of lanes may be another
    in the next run."""
    task = godwit(loaded, target, copy={"threads": 2}, stream={"consistency": "row", "lanes": 3})
    task.run().expect(DONE)
    kills = 0
    with Writer(loaded, TRANSACTIONS) as writer:
        for passage, lanes in [(1, 3), (1, 2), (2, 3), (1, 4), (3, 3), (1, 1), (5, 3), (1, 3)]:
            task.configure(stream={"lanes": lanes})
            writer.wait_for(40)
            kills += task.run(failpoints=f"{failpoint}:{passage}").code == KILLED
            loaded.execute("USE shop", "UPDATE customer SET balance = balance + 1 ORDER BY id LIMIT 100")
        task.run().expect(DONE)
    assert kills >= 3, f"{kills} kills at the failpoint {failpoint}"
    task.run().expect(DONE)
    assert_equal(loaded, target)


@pytest.mark.parametrize("failpoint", ["apply.before_part_commit", "apply.after_part_commit"])
@pytest.mark.parametrize("passage", [1, 2, 3])
def test_killed_with_lanes_at_the_rows_of_a_table_made_of_a_query(failpoint, passage, loaded, target, godwit):
    """CREATE TABLE ... SELECT is no checkpoint of its own: its rows come after it, in a group in parts."""
    task = godwit(loaded, target, stream={"consistency": "row", "lanes": 3})
    task.run().expect(DONE)
    loaded.execute("USE shop", "CREATE TABLE made (PRIMARY KEY (id)) SELECT id, note FROM orders LIMIT 300")
    assert task.run(failpoints=f"{failpoint}:{passage}").code == KILLED
    loaded.execute("USE shop", "UPDATE made SET note = id ORDER BY id LIMIT 100")
    task.run().expect(DONE)
    assert_equal(loaded, target)


@pytest.mark.parametrize("consistency", ["prefix", "row"])
def test_killed_at_random_moments(consistency, source, target, godwit):
    rng = random.Random(7)
    shop.load(source, 0.2)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 2},
                  stream={"consistency": consistency, "lanes": 3})
    kills = 0
    with Writer(source, rate=400) as writer:
        for _ in range(20):
            run = task.start()
            time.sleep(rng.uniform(0.05, 0.9))
            kills += run.kill().code == KILLED
            writer.wait_for(10)
    assert kills == 20
    task.run().expect(DONE)
    assert_equal(source, target)
