"""Killed at any moment and run again, the target ends equal: nothing applied twice, nothing lost."""

import random
import re
import time
from pathlib import Path

import pytest
from harness import shop
from harness.compare import assert_equal
from harness.godwit import DONE, KILLED
from harness.writer import SHOP, Writer, visit

SRC = Path(__file__).resolve().parents[3] / "src"
FAILPOINTS = sorted(
    {name for file in SRC.rglob("*.cc") for name in re.findall(r'Failpoint\("([^"]+)"', file.read_text())})

# Statements that pass the places where definitions change.
DDL = [
    "ALTER TABLE visit ADD COLUMN agent VARCHAR(40) DEFAULT 'none'",
    "CREATE TABLE season (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20))",
    "INSERT INTO season (name) VALUES ('spring'), ('summer')",
    "ALTER TABLE orders ADD INDEX paid (paid)",
    "RENAME TABLE season TO term",
    "INSERT INTO term (name) VALUES ('autumn')",
    "TRUNCATE TABLE term",
    "INSERT INTO term (name) VALUES ('winter')",
    "DROP TABLE term",
]


def write_a_visit(cursor, rng):
    """As the writer's, for a table that may have got a column."""
    cursor.execute("INSERT INTO visit (seen_at, page, took) VALUES (NOW(6), %s, %s)",
                   (f"/p/{rng.randrange(50)}", rng.random()))
    cursor.execute("DELETE FROM visit WHERE page = %s LIMIT 1", (f"/p/{rng.randrange(50)}",))


TRANSACTIONS = [t for t in SHOP if t is not visit] + [write_a_visit]


def test_the_code_has_failpoints():
    assert len(FAILPOINTS) >= 5


@pytest.mark.parametrize("consistency", ["prefix", "row"])
@pytest.mark.parametrize("failpoint", FAILPOINTS)
def test_killed_at(failpoint, consistency, source, target, godwit):
    """Killed there as often as each run passes it the first time, the second or the third."""
    shop.load(source, 0.05)
    task = godwit(source, target, copy={"chunk_bytes": "128KiB", "threads": 2}, stream={"consistency": consistency})
    kills = 0
    with Writer(source, TRANSACTIONS) as writer:
        writer.wait_for(20)
        kills += task.run(failpoints=failpoint).code == KILLED
        writer.wait_for(30)
        kills += task.run(failpoints=f"{failpoint}:3").code == KILLED
        source.execute("USE shop", *DDL)
        writer.wait_for(30)
        for passage in (1, 2, 3):
            kills += task.run(failpoints=f"{failpoint}:{passage}").code == KILLED
        task.run().expect(DONE)
    assert kills, f"nothing passes the failpoint {failpoint}"
    task.run().expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("consistency", ["prefix", "row"])
def test_killed_at_random_moments(source, target, godwit, consistency):
    rng = random.Random(consistency)
    shop.load(source, 0.2)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 2},
                  stream={"consistency": consistency})
    kills = 0
    with Writer(source, rate=400) as writer:
        for _ in range(10):
            run = task.start()
            time.sleep(rng.uniform(0.05, 0.9))
            kills += run.kill().code == KILLED
            writer.wait_for(10)
    assert kills == 10
    task.run().expect(DONE)
    assert_equal(source, target)
