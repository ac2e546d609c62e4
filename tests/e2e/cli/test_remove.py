"""`godwit remove` between servers of the MySQL family: the state on the target and in the state directory goes; tables and rows stay."""

import pytest
from harness.godwit import DONE, FAILED, FOUND, INTERRUPTED, KILLED
from harness.proxy import Proxy
from harness.removal import kept_here
from harness.server import PASSWORD

STEPS = ("source", "target", "state_dir")
DROPS = 10  # of state.before_drop: the tables one by one, and the schema


@pytest.fixture(params=["mariadb", "mysql"])
def kinds(request):
    return request.param, request.param


@pytest.fixture
def small(source):
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 1), (2, 2)")
    return source


@pytest.fixture
def task(small, target, godwit):
    """Has caught up, and is not running."""
    one = godwit(small, target)
    one.run().expect(DONE)
    assert_all_there(target, one)
    return one


def has_schema(target):
    return bool(target.execute("SHOW DATABASES LIKE 'godwit'"))


def tables_of(target):
    return {name for (name,) in target.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'godwit'")}


def assert_all_there(target, task):
    assert target.value("SELECT COUNT(*) FROM godwit.task WHERE task = 'shop'") == 1
    assert kept_here(task) == {"lock", "record"}


def assert_gone(target, task):
    assert not has_schema(target)
    assert kept_here(task) == set()
    assert target.value("SELECT COUNT(*) FROM shop.t") > 0, "the rows have gone too"


def test_all_but_the_tables_is_gone(target, task, assert_same):
    result = task.remove("--yes").expect(DONE)
    assert result.out.splitlines()[:3] == [
        "source: nothing to remove", "target: removed the task's state in schema godwit",
        "target: removed schema godwit, which holds no other task's state"]
    assert "state directory: removed " in result.out and result.err == ""
    assert_gone(target, task)
    assert_same()
    again = task.remove("--json").expect(DONE).json()
    assert again["removed"] and [again[step]["outcome"] for step in STEPS] == ["nothing"] * 3


def test_one_that_has_not_ended_is_only_shown(source, target, task, assert_same):
    shown = task.remove("--json").expect(FAILED)
    assert [shown.json()[step]["outcome"] for step in STEPS] == ["nothing", "would-remove", "would-remove"]
    assert "it cannot go on" in shown.err and "--yes" in shown.err
    assert_all_there(target, task)
    source.execute("INSERT INTO shop.t VALUES (3, 3)")
    task.run().expect(DONE)
    assert_same()


def test_one_that_has_ended_or_never_ran_needs_no_yes(small, target, godwit):
    task = godwit(small, target, mode="copy")
    assert "there was nothing to remove" in task.remove().expect(DONE).out
    assert not has_schema(target) and not task.state.exists()
    task.run().expect(DONE)
    task.remove().expect(DONE)
    assert_gone(target, task)


def test_run_afterwards_it_begins_anew(source, target, task, assert_same):
    epoch = target.value("SELECT epoch FROM godwit.task")
    task.remove("--yes").expect(DONE)
    assert "if_exists" in task.run().expect(FOUND).text
    task.configure(target={"if_exists": "replace"})
    source.execute("INSERT INTO shop.t VALUES (3, 3)")
    task.run().expect(DONE)
    assert_same()
    # Else a process of the old task that comes back would be taken for one of the new.
    assert target.value("SELECT epoch FROM godwit.task") > epoch


def test_it_is_refused_while_a_run_is_on(source, target, task, tmp_path, assert_same):
    run = task.start()
    run.wait_until(lambda: any(line["phase"] == "streaming" for line in run.result().progress()))
    for state in (task.state, tmp_path / "elsewhere"):
        task.state = state
        refused = task.remove("--yes").expect(FAILED)
        assert str(run.process.pid) in refused.err and "running already" in refused.err and refused.out == ""
    source.execute("INSERT INTO shop.t VALUES (3, 3)")
    run.wait_until(lambda: target.value("SELECT COUNT(*) FROM shop.t") == 3)
    run.interrupt()
    run.wait().expect(INTERRUPTED)
    assert_same()
    task.state = task.folder / "state"
    task.remove("--yes").expect(DONE)
    assert_gone(target, task)


def test_right_after_a_run_was_killed(target, task):
    run = task.start()
    run.wait_until(lambda: any(line["phase"] == "streaming" for line in run.result().progress()))
    run.kill()
    task.remove("--yes").expect(DONE)
    assert_gone(target, task)


def test_the_source_is_not_asked(source, target, task):
    source.stop()
    task.remove("--yes").expect(DONE)
    assert_gone(target, task)


def test_the_target_is_not_to_be_had(target, task):
    task.environment["DST_PASSWORD"] = "wrong"
    assert "nothing has been removed" in task.remove("--yes").expect(FAILED).err
    assert_all_there(target, task)
    task.environment["DST_PASSWORD"] = PASSWORD
    target.stop()
    refused = task.remove("--yes").expect(FAILED)
    assert "--target-is-gone" in refused.err and kept_here(task) == {"lock", "record"}
    assert "target: left out" in task.remove("--target-is-gone").expect(DONE).out
    assert kept_here(task) == set()
    target.start()
    task.remove("--yes").expect(DONE)
    assert_gone(target, task)


@pytest.mark.parametrize("failpoint", ["remove.after_source", "state.before_drop", "remove.after_target"])
def test_killed_at(target, task, failpoint):
    assert task.remove("--yes", failpoints=failpoint).code == KILLED
    task.status().expect(DONE)
    assert kept_here(task) == {"lock", "record"}
    task.remove("--yes").expect(DONE)
    assert_gone(target, task)


def test_killed_while_the_tables_are_dropped(source, target, task, assert_same):
    """Wherever that is: it may be removed again, and it may be run."""
    task.configure(target={"if_exists": "replace"})
    assert len(tables_of(target)) == DROPS
    for drop in range(1, DROPS + 1):
        assert task.remove("--yes", failpoints=f"state.before_drop:{drop}").code == KILLED
        assert len(tables_of(target)) == DROPS + 1 - drop
        task.status().expect(DONE)
        task.remove().expect(DONE)
        assert_gone(target, task)
        task.run().expect(DONE)
        assert task.remove("--yes", failpoints=f"state.before_drop:{drop}").code == KILLED
        source.execute(f"INSERT INTO shop.t VALUES ({drop + 100}, 3)")
        task.run().expect(DONE)
        assert_same()


def test_in_the_midst_of_a_rename(source, target, task):
    source.execute("RENAME TABLE shop.t TO shop.u")
    assert task.run(failpoints="ddl.after_execute").code == KILLED
    assert any(name.startswith("mark_") for name in tables_of(target))
    task.remove("--yes").expect(DONE)
    assert not has_schema(target) and kept_here(task) == set()


def test_other_tasks_of_the_schema_stay(small, target, godwit):
    small.execute("CREATE DATABASE depot", "CREATE TABLE depot.t (id INT PRIMARY KEY)", "INSERT INTO depot.t VALUES (1)")
    one, other = godwit(small, target), godwit(small, target, name="depot", tables={"include": ["depot.*"]})
    other.state = one.state
    for task in (one, other):
        task.run().expect(DONE)
    one.remove("--yes").expect(DONE)
    for table in ("task", "task_table", "task_schema", "task_holder"):
        assert {task for (task,) in target.execute(f"SELECT task FROM godwit.{table}")} == {"depot"}
    assert kept_here(one) == set() and kept_here(other, "depot") == {"lock", "record"}
    small.execute("INSERT INTO depot.t VALUES (2)")
    other.run().expect(DONE)
    assert target.value("SELECT COUNT(*) FROM depot.t") == 2
    other.remove("--yes").expect(DONE)
    assert not has_schema(target)


@pytest.mark.parametrize("other", ["TABLE godwit.notes (v INT)", "VIEW godwit.notes AS SELECT 1", "PROCEDURE godwit.notes() SELECT 1",
                                   "EVENT godwit.notes ON SCHEDULE AT '2037-01-01' DO SELECT 1"],
                         ids=lambda statement: statement.split()[0].lower())
def test_a_schema_with_other_things_in_it_stays(target, task, other):
    target.execute(f"CREATE {other}")
    removed = task.remove("--yes").expect(DONE)
    assert "removed the tables of the state in schema godwit" in removed.out and "left schema godwit: it holds other" in removed.out
    assert tables_of(target) <= {"notes"} and kept_here(task) == set()
    target.execute(f"DROP {other.split()[0]} godwit.notes")
    # Whether the empty schema was made for that is not known any more.
    assert "nothing to remove" in task.remove().expect(DONE).out
    assert has_schema(target)


def test_a_schema_that_may_hold_what_is_not_seen_stays(small, target, godwit):
    target.execute("CREATE USER weak@'%' IDENTIFIED BY 'w'",
                   "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX ON shop.* TO weak@'%'",
                   "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER ON godwit.* TO weak@'%'")
    task = godwit(small, target, target={"url": target.url.replace("godwit@", "weak@")})
    task.environment["DST_PASSWORD"] = "w"
    task.run().expect(DONE)
    target.execute("CREATE PROCEDURE godwit.hidden() SELECT 1")
    removed = task.remove("--yes").expect(DONE)
    assert "left schema godwit: without the rights EXECUTE and EVENT" in removed.out
    assert tables_of(target) == set() and target.execute("SHOW PROCEDURE STATUS WHERE db = 'godwit'")


def waits_for_a_lock(target):
    return target.execute("SELECT 1 FROM information_schema.processlist WHERE state = 'User lock' AND info LIKE '%GET_LOCK%'")


# Before the state is read, all of the removal; then only what comes before a lock that the task has that begins.
@pytest.mark.parametrize("statement", [b"SELECT version FROM", b"SELECT epoch, phase", b"CREATE TABLE IF NOT EXISTS `godwit`.`task_part`", b"INSERT INTO `godwit`.`task` "])
def test_a_task_begins_while_the_last_one_is_removed(small, target, godwit, statement):
    """It had seen the tables of the state, and finds them gone; or they stay, as there is a task again."""
    small.execute("CREATE DATABASE depot", "CREATE TABLE depot.t (id INT PRIMARY KEY)", "INSERT INTO depot.t VALUES (1)")
    one = godwit(small, target)
    one.run().expect(DONE)
    removals = []

    def remove():
        removals.append(one.command("remove", "--yes"))
        if statement.startswith(b"SELECT"):
            removals[0].wait()
        else:
            removals[0].wait_until(lambda: waits_for_a_lock(target))

    with Proxy(target) as proxy:
        other = godwit(small, target, name="depot", mode="copy", target={"url": proxy.url, "ssl": {"mode": "disabled"}},
                       tables={"include": ["depot.*"]})
        proxy.before[statement] = remove
        other.run("--skip-checks").expect(DONE)
    removed = removals[0].wait().expect(DONE).out
    assert ("schema godwit, which" in removed) == statement.startswith(b"SELECT")
    assert target.execute("SELECT task, phase FROM godwit.task") == (("depot", 5),)
    assert target.value("SELECT COUNT(*) FROM depot.t") == 1
    other.configure(target={"url": target.url})
    other.remove().expect(DONE)
    assert not has_schema(target)
