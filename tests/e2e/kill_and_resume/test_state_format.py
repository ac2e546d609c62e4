"""The format of a task's state in the target: an earlier one is brought up to date, a later one is left alone."""

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED, FOUND, KILLED


@pytest.fixture
def task(source, target, godwit):
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, v INT)",
                   "INSERT INTO t SELECT seq, 0 FROM seq_1_to_300")
    one = godwit(source, target, stream={"consistency": "row", "lanes": 3})
    one.run().expect(DONE)
    return one


def version(target):
    return target.execute("SELECT version FROM godwit.format")


def test_before_there_were_versions(source, target, task):
    """In the midst of a group, one part of which is in."""
    source.execute("UPDATE shop.t SET v = 1")
    assert task.run(failpoints="apply.after_part_commit").code == KILLED
    target.execute("DROP TABLE godwit.format, godwit.task_schema", "ALTER TABLE godwit.task_part DROP COLUMN division",
                   "ALTER TABLE godwit.task DROP COLUMN catalog_read, DROP COLUMN generation, DROP COLUMN restarted, DROP COLUMN server")
    task.status().expect(DONE)
    assert "brings up to" in task.check().expect(DONE).text
    assert task.run(failpoints="state.before_format").code == KILLED
    task.run().expect(DONE)
    assert version(target) == ((4,),)
    assert_equal(source, target)


def test_before_databases_were_kept(source, target, task):
    """They are taken to be as they are now, where the log says nothing else."""
    target.execute("UPDATE godwit.format SET version = 1", "DROP TABLE godwit.task_schema", "ALTER TABLE godwit.task DROP COLUMN catalog_read, DROP COLUMN generation, DROP COLUMN restarted, DROP COLUMN server")
    task.status().expect(DONE)
    source.execute("ALTER DATABASE shop CHARACTER SET latin1", "CREATE TABLE shop.n (v VARCHAR(9))", "INSERT INTO shop.n VALUES ('é')")
    task.run().expect(DONE)
    assert version(target) == ((4,),)
    assert_equal(source, target)
    # One alone would be taken for all that there are.
    assert target.execute("SELECT schema_name, charset FROM godwit.task_schema") == ()
    source.execute("CREATE TABLE shop.m (v VARCHAR(9))", "INSERT INTO shop.m VALUES ('é')")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_a_later_version(source, target, task):
    source.execute("INSERT INTO shop.t VALUES (1000, 1)")
    target.execute("UPDATE godwit.format SET version = 99")
    epoch = target.execute("SELECT epoch FROM godwit.task")
    for result in (task.run().expect(FOUND), task.run("--skip-checks").expect(FAILED), task.run("--skip-checks", "--restart").expect(FAILED),
                   task.ddl().expect(FAILED), task.status()):
        assert "in format 99, which a later version of Godwit has written" in result.text and "meta_schema" in result.text
    assert target.execute("SELECT epoch FROM godwit.task") == epoch and version(target) == ((99,),)
    assert target.execute("SELECT COUNT(*) FROM shop.t") == ((300,),)
    target.execute("UPDATE godwit.format SET version = 4")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_what_an_earlier_version_still_runs(source, target, godwit, task):
    """It ends when another task of its schema brings the state up to date, and can be run again."""
    running = task.start()
    source.execute("INSERT INTO shop.t VALUES (1000, 1)")
    running.wait_until(lambda: target.value("SELECT COUNT(*) FROM shop.t WHERE id = 1000") == 1)
    target.execute("UPDATE godwit.format SET version = 0")
    source.execute("CREATE DATABASE depot", "CREATE TABLE depot.t (id INT PRIMARY KEY)", "INSERT INTO depot.t VALUES (1)")
    godwit(source, target, name="depot", tables={"include": ["depot.*"]}).run().expect(DONE)
    assert version(target) == ((4,),)
    source.execute("INSERT INTO shop.t VALUES (1001, 1)")
    assert "a later version of Godwit has brought the state of all tasks in schema godwit up to date" in running.wait().expect(FAILED).text
    assert target.value("SELECT COUNT(*) FROM shop.t WHERE id = 1001") == 0
    task.run().expect(DONE)
    assert_equal(source, target)
