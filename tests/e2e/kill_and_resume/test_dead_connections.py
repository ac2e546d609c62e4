"""What a killed run has left going on the target: its lock, and statements that take long."""

import os
import subprocess

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED, KILLED

ROWS = "INSERT INTO shop.t SELECT seq, REPEAT('x', 60) FROM shop.seq_1_to_400000"
RUN_LOCK = "SHA2('godwit:godwit:shop:run', 256)"


def is_altering(target):
    return bool(target.execute("SELECT id FROM information_schema.processlist WHERE info LIKE 'ALTER TABLE%'"))


def test_a_long_ddl_of_a_killed_run_is_waited_for(source, target, godwit):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v VARCHAR(90))", ROWS)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("ALTER TABLE shop.t ADD c INT DEFAULT 5, ADD KEY (v), ALGORITHM=COPY", "INSERT INTO shop.t VALUES (0, 'last', 1)")
    run = task.start("--until", "caught-up")
    run.wait_until(lambda: is_altering(target))
    run.kill()
    assert is_altering(target), "too quick to show anything"
    task.run().expect(DONE)
    assert_equal(source, target)


@pytest.fixture
def migrated(source, target, godwit):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)", "INSERT INTO shop.t VALUES (1)")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("INSERT INTO shop.t VALUES (2)")
    return task


def hold_the_lock(target, pid, started):
    """A connection that holds the task's lock and is recorded as that of a process on this machine."""
    holder = target.connect()
    with holder.cursor() as cursor:
        cursor.execute(f"SELECT GET_LOCK({RUN_LOCK}, 0)")
        assert cursor.fetchone() == (1,)
        cursor.execute("UPDATE godwit.task_holder SET connection_id = CONNECTION_ID(), pid = %s, started = %s", (pid, started))
    return holder


def test_the_lock_of_a_process_that_has_ended_is_let_go(migrated, source, target):
    ended = subprocess.Popen(["true"])
    ended.wait()
    with hold_the_lock(target, ended.pid, 1):
        result = migrated.run().expect(DONE)
    assert "waiting for the target to end it" in result.text
    assert_equal(source, target)


def test_the_lock_of_a_process_that_lives_is_respected(migrated, target):
    with open(f"/proc/{os.getpid()}/stat") as stat:
        started = stat.read().rsplit(") ", 1)[1].split()[19]
    with hold_the_lock(target, os.getpid(), started):
        result = migrated.run().expect(FAILED)
        assert "running already" in result.text
        assert f"process {os.getpid()}" in result.text
    migrated.run().expect(DONE)


def test_the_lock_of_a_process_elsewhere_is_respected(migrated, target):
    with hold_the_lock(target, 1, 1):
        target.execute("UPDATE godwit.task_holder SET machine = 'another'")
        assert "running already" in migrated.run().expect(FAILED).text
    migrated.run().expect(DONE)


def test_killed_while_the_target_makes_it_wait(source, target, godwit):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.p (id INT PRIMARY KEY)",
                   "CREATE TABLE shop.c (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES shop.p (id))",
                   "INSERT INTO shop.p VALUES (1)", "INSERT INTO shop.c VALUES (1, 1)")
    task = godwit(source, target)
    assert task.run(failpoints="task.before_catching_up").code == KILLED
    reader = target.connect(autocommit=False)
    with reader, reader.cursor() as cursor:
        cursor.execute("SELECT * FROM shop.c")
        run = task.start()
        run.wait_until(lambda: is_altering(target))
        run.kill()
        again = task.start("--until", "caught-up")
        again.wait_until(lambda: is_altering(target))
        reader.rollback()
        again.wait().expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("failpoint", ["ddl.after_pending", "ddl.after_execute", "ddl.after_done"])
def test_tables_that_look_alike_change_places_once(source, target, godwit, failpoint):
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE a (id INT PRIMARY KEY)", "CREATE TABLE b LIKE a",
                   "INSERT INTO a VALUES (1)", "INSERT INTO b VALUES (2)")
    task = godwit(source, target)
    task.run().expect(DONE)
    for _ in range(2):
        source.execute("USE shop", "RENAME TABLE a TO tmp, b TO a, tmp TO b")
        assert task.run(failpoints=failpoint).code == KILLED
        task.run().expect(DONE)
        assert_equal(source, target)
    source.execute("USE shop", "RENAME TABLE a TO c")
    task.run().expect(DONE)
    assert_equal(source, target)
    assert target.execute("SHOW TABLES IN godwit LIKE 'mark%'") == ()
