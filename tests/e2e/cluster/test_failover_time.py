"""How long it takes until another worker goes on, with leases as they are by default."""

import time
from concurrent.futures import ThreadPoolExecutor

from harness.cluster import wait_for
from harness.cluster_migration import FAMILIES, Migration, question
from harness.godwit import is_stopped

LEASE = 10  # seconds, by default
LINES = 300_000  # more than 300 chunks
CHUNK = 150  # in which the worker stops; the shop has less of them
BIG = {
    "mariadb": ["CREATE DATABASE big", "USE big", "CREATE TABLE big.line (id INT PRIMARY KEY, text VARCHAR(64))",
                f"INSERT INTO big.line SELECT seq, CONCAT(MD5(seq), MD5(-seq)) FROM seq_1_to_{LINES}"],
    "postgres": ["CREATE SCHEMA big", "CREATE TABLE big.line (id int PRIMARY KEY, text varchar(64))",
                 f"INSERT INTO big.line SELECT i, md5(i::text) || md5((-i)::text) FROM generate_series(1, {LINES}) i"],
}


def copied(task, target):
    """A question for the task's epoch, and for how many rows it and those before it have copied."""
    return question(target, "SELECT t.epoch, (SELECT SUM(row_count) FROM godwit.task_range r WHERE r.task = t.task) FROM godwit.task t "
                            f"WHERE t.task = '{task}'")


def time_of_copy(ask, began):
    """Until the next epoch has copied something."""
    epoch, rows = ask()
    assert 0 < rows < LINES
    _, there = wait_for(lambda: (now := ask())[0] > epoch and now, 60)
    wait_for(lambda: ask()[1] > there, 60)
    return time.monotonic() - began


def fail_over(migration):
    """The worker is killed in the midst of a copy and of a stream; gives after what time its successor has written the first row of each."""
    worker = migration.cluster.workers[migration.bound()[0]]
    task = f"{migration.name}-copy"
    migration.cluster.post("tasks", migration.cluster.task_file(
        task, [migration.source_name], migration.target, tables={"include": ["big.*"]}, copy={"chunk_bytes": "64KiB", "threads": 1}))
    worker.wait_until(lambda: is_stopped(worker))
    worker.kill()
    began = time.monotonic()
    with copied(task, migration.target) as ask, ThreadPoolExecutor() as pool:
        stream = pool.submit(lambda: migration.beat() and time.monotonic() - began)
        return {f"{migration.name}, copy": time_of_copy(ask, began), f"{migration.name}, stream": stream.result()}


def test_the_time_that_it_takes(cluster, start):
    """From a worker's death to the first row that its successor has written: at most the lease and two seconds, in both families at once."""
    cluster.lease = None
    cluster.environment["GODWIT_FAILPOINTS"] = f"copy.before_chunk_commit:{CHUNK}/stop"
    cluster.start(workers=2)
    del cluster.environment["GODWIT_FAILPOINTS"]
    migrations = [Migration(cluster, start(kind, "source"), start(kind, "target"), family, kind) for kind, family in FAMILIES.items()]
    for migration in migrations:
        migration.add(0.02)
        migration.source.execute(*BIG[migration.name])
    for migration in migrations:
        migration.wait_for_phase("streaming")
        migration.beat()
    for name in ("w3", "w4"):
        cluster.start_worker(name)
    cluster.wait_until(lambda: len(cluster.get("members")["workers"]) == 4)
    with ThreadPoolExecutor() as pool:
        times = {what: took for found in pool.map(fail_over, migrations) for what, took in found.items()}
    print(", ".join(f"{what}: {took:.2f} s" for what, took in times.items()))
    assert max(times.values()) <= LEASE + 2, f"{times}\n{cluster.logs()}"
    for migration in migrations:
        cluster.wait_until(lambda: cluster.phase(f"{migration.name}-copy") == "streaming", 60)
        migration.finish()
