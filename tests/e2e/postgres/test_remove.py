"""`godwit remove`: the slot and the publication, the state on the target and in the state directory go; tables and rows stay."""

import contextlib

import pytest
from harness.godwit import BAD_USAGE, DONE, FAILED, FOUND, INTERRUPTED, KILLED
from harness.postgres import Postgres
from harness.postgres_compare import assert_equal
from harness.proxy import Proxy
from harness.removal import kept_here
from harness.server import PASSWORD, USER

SLOT = "godwit_shop"


def holds(source):
    """What keeps its log."""
    slots = source.execute("SELECT slot_name FROM pg_replication_slots")
    return sorted(name for (name,) in slots + source.execute("SELECT pubname FROM pg_publication"))


def has_schema(target, schema="godwit"):
    return target.value(f"SELECT count(*) FROM pg_namespace WHERE nspname = '{schema}'") == 1


def assert_all_there(source, target, task):
    assert holds(source) == [SLOT, SLOT]
    assert target.value("SELECT count(*) FROM godwit.task WHERE task = 'shop'") == 1
    assert kept_here(task) == {"lock", "record"}


def assert_gone(source, target, task):
    assert holds(source) == []
    assert not has_schema(target)
    assert kept_here(task) == set()
    assert target.value("SELECT count(*) FROM shop.t") > 0, "the rows have gone too"


@pytest.fixture
def small(source):
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, v int)", "INSERT INTO t VALUES (1, 1), (2, 2)")
    return source


@pytest.fixture
def task(small, target, godwit):
    """Has caught up, and is not running."""
    one = godwit(small, target)
    one.run().expect(DONE)
    assert_all_there(small, target, one)
    return one


def test_all_but_the_tables_is_gone(source, target, task):
    result = task.remove("--yes").expect(DONE)
    assert result.out.splitlines()[:4] == [
        f"source: removed replication slot {SLOT}", f"source: removed publication {SLOT}",
        "target: removed the task's state in schema godwit", "target: removed schema godwit, which holds no other task's state"]
    assert "state directory: removed " in result.out and result.err == ""
    assert_gone(source, target, task)
    assert_equal(source, target)
    assert "never run" in task.status().expect(DONE).out


def test_again_there_is_nothing(source, target, task):
    task.remove("--yes").expect(DONE)
    for arguments in ((), ("--yes",)):
        assert task.remove(*arguments).expect(DONE).out.splitlines() == [
            "source: nothing to remove", "target: nothing to remove", "state directory: nothing to remove", "shop: there was nothing to remove"]
    assert_gone(source, target, task)


def test_a_schema_that_was_there_before_stays(small, target, godwit):
    """Also an empty one: it may have been made for a role that may make none."""
    target.execute("CREATE SCHEMA godwit")
    task = godwit(small, target)
    task.run().expect(DONE)
    result = task.remove("--yes").expect(DONE)
    assert "removed the tables of the state in schema godwit" in result.out and "it was not made by Godwit" in result.text
    assert has_schema(target) and not target.has_table("task", "godwit") and holds(small) == []


def test_as_json(source, target, task):
    shown = task.remove("--json").expect(FAILED).json()
    assert not shown["removed"] and "--yes" in shown["error"] and shown["phase"] == "streaming"
    assert [shown[step]["outcome"] for step in ("source", "target", "state_dir")] == ["would-remove"] * 3
    done = task.remove("--json", "--yes").expect(DONE).json()
    assert done["task"] == "shop" and done["removed"] and done["error"] is None and done["phase"] == "streaming"
    assert done["source"] == {"outcome": "removed", "what": [f"replication slot {SLOT}", f"publication {SLOT}"], "left": []}
    assert done["target"]["outcome"] == done["state_dir"]["outcome"] == "removed"
    again = task.remove("--json").expect(DONE).json()
    assert again["phase"] is None and again["target"] == {"outcome": "nothing", "what": [], "left": []}
    assert_gone(source, target, task)


def test_one_that_has_not_ended_is_only_shown(source, target, task):
    epoch = target.value("SELECT epoch FROM godwit.task")
    result = task.remove().expect(FAILED)
    assert f"source: would remove replication slot {SLOT}" in result.out and "target: would remove the task's state" in result.out
    assert "it cannot go on" in result.err and "--yes" in result.err
    assert_all_there(source, target, task)
    assert target.value("SELECT epoch FROM godwit.task") == epoch
    source.execute("INSERT INTO t VALUES (3, 3)")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_a_copy_that_has_ended_needs_no_yes(small, target, godwit):
    task = godwit(small, target, mode="copy")
    task.start().wait().expect(DONE)
    assert "source: nothing to remove" in task.remove().expect(DONE).out
    assert_gone(small, target, task)


def test_one_that_never_ran(small, target, godwit):
    task = godwit(small, target)
    assert "there was nothing to remove" in task.remove().expect(DONE).out
    assert not has_schema(target) and holds(small) == [] and not task.state.exists()


@pytest.mark.parametrize("failpoint", ["postgres.after_publication", "postgres.after_slot", "task.before_prepared"])
def test_one_that_was_killed_before_it_began(small, target, godwit, failpoint):
    """It has no table yet that it could go on with."""
    task = godwit(small, target)
    assert task.run(failpoints=failpoint).code == KILLED
    assert SLOT in holds(small)
    task.remove(*(["--yes"] if failpoint == "task.before_prepared" else [])).expect(DONE)
    assert holds(small) == [] and not has_schema(target) and kept_here(task) == set()


def test_run_afterwards_it_begins_anew(source, target, task):
    epoch = target.value("SELECT epoch FROM godwit.task")
    task.remove("--yes").expect(DONE)
    source.execute("INSERT INTO t VALUES (3, 3)")
    assert "if_exists" in task.run().expect(FOUND).text
    assert holds(source) == [] and target.value("SELECT count(*) FROM t") == 2
    task.configure(target={"if_exists": "replace"})
    task.run().expect(DONE)
    assert_all_there(source, target, task)
    assert_equal(source, target)
    # Else a process of the old task that comes back would be taken for one of the new.
    assert target.value("SELECT epoch FROM godwit.task") > epoch
    source.execute("DELETE FROM t WHERE id = 1")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_it_is_refused_while_a_run_is_on(source, target, task, tmp_path):
    run = task.start()
    run.wait_until(lambda: task.status("--json").json()["running"] and
                   source.value("SELECT active FROM pg_replication_slots"))
    here, elsewhere = str(task.state), str(tmp_path / "elsewhere")
    for state in (here, elsewhere):
        task.state = state
        refused = task.remove("--yes").expect(FAILED)
        assert str(run.process.pid) in refused.err and "running already" in refused.err and refused.out == ""
    # Where the target's lock is not to be had: the slot tells.
    still_read = task.remove("--target-is-gone").expect(FAILED)
    assert SLOT in still_read.err and "active" in still_read.err
    source.execute("INSERT INTO t VALUES (3, 3)")
    run.wait_until(lambda: target.value("SELECT count(*) FROM t") == 3)
    run.interrupt()
    run.wait().expect(INTERRUPTED)
    task.state = task.folder / "state"
    assert_all_there(source, target, task)
    task.remove("--yes").expect(DONE)
    assert_gone(source, target, task)


def test_right_after_a_run_was_killed(source, target, task):
    for _ in range(3):
        run = task.start()
        run.wait_until(lambda: source.value("SELECT count(*) FROM pg_replication_slots WHERE active"))
        run.kill()
        task.remove("--yes").expect(DONE)
        assert_gone(source, target, task)
        task.configure(target={"if_exists": "replace"})
        task.run().expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("side", ["source", "target"])
def test_with_a_wrong_password(source, target, task, side):
    variable = {"source": "SRC_PASSWORD", "target": "DST_PASSWORD"}[side]
    task.environment[variable] = "wrong"
    refused = task.remove("--yes").expect(FAILED)
    assert side in refused.err and "password" in refused.err and "nothing has been removed" in refused.err
    assert side == "target" or f"{SLOT} and the publication of this name stay" in refused.err
    assert_all_there(source, target, task)
    task.environment[variable] = PASSWORD
    task.remove("--yes").expect(DONE)
    assert_gone(source, target, task)


def test_the_source_is_down(source, target, task):
    source.stop()
    for arguments in ((), ("--yes",)):
        refused = task.remove(*arguments).expect(FAILED)
        assert f"{SLOT} and the publication of this name stay" in refused.text, refused.text
    assert "--source-is-gone" in refused.err
    assert has_schema(target) and kept_here(task) == {"lock", "record"}
    # What is gone needs no password.
    del task.environment["SRC_PASSWORD"]
    task.remove("--yes").expect(BAD_USAGE)
    assert "--yes" in task.remove("--source-is-gone").expect(FAILED).err
    assert "source: left out" in task.remove("--yes", "--source-is-gone").expect(DONE).out
    assert not has_schema(target) and kept_here(task) == set()
    # It was not gone after all: what it keeps is found by the task's name.
    task.environment["SRC_PASSWORD"] = PASSWORD
    source.start()
    assert holds(source) == [SLOT, SLOT]
    assert "--yes" in task.remove().expect(FAILED).err
    task.remove("--yes").expect(DONE)
    assert_gone(source, target, task)


def test_the_target_is_down(source, target, task):
    target.stop()
    refused = task.remove("--yes").expect(FAILED)
    assert "target" in refused.err and "--target-is-gone" in refused.err and "nothing has been removed" in refused.err
    assert holds(source) == [SLOT, SLOT] and kept_here(task) == {"lock", "record"}
    assert "target: left out" in task.remove("--target-is-gone").expect(DONE).out
    assert holds(source) == [] and kept_here(task) == set()
    target.start()
    task.remove("--yes").expect(DONE)
    assert_gone(source, target, task)


@pytest.mark.parametrize("failpoint", ["remove.after_source", "state.before_drop", "remove.after_target"])
def test_killed_at(source, target, task, failpoint):
    assert task.remove("--yes", failpoints=failpoint).code == KILLED
    assert holds(source) == [], "a slot is left while the state may go"
    assert (target.value("SELECT to_regclass('godwit.task') IS NOT NULL") and
            target.value("SELECT count(*) FROM godwit.task") == 1) == (failpoint == "remove.after_source")
    assert kept_here(task) == {"lock", "record"}
    task.status().expect(DONE)
    task.remove("--yes").expect(DONE)
    assert_gone(source, target, task)
    assert "there was nothing" in task.remove().expect(DONE).out


def test_killed_after_the_slot_was_dropped_and_run(source, target, task):
    assert task.remove("--yes", failpoints="remove.after_source").code == KILLED
    source.execute("INSERT INTO t VALUES (3, 3)")
    refused = task.run(timeout=30).expect(FAILED, FOUND)
    assert SLOT in refused.text and "--restart" in refused.text
    task.run("--restart").expect(DONE)
    assert_equal(source, target)
    task.remove("--yes").expect(DONE)
    assert_gone(source, target, task)


def test_other_tasks_of_the_schema_stay(small, target, godwit):
    small.execute("CREATE SCHEMA depot", "CREATE TABLE depot.t (id int PRIMARY KEY)", "INSERT INTO depot.t VALUES (1)")
    one, other = godwit(small, target), godwit(small, target, name="depot", tables={"include": ["depot.*"]})
    other.state = one.state
    for task in (one, other):
        task.run().expect(DONE)
    removed = one.remove("--yes").expect(DONE)
    assert "schema godwit, which" not in removed.out
    assert holds(small) == ["godwit_depot"] * 2
    assert target.execute("SELECT task FROM godwit.task") == [("depot",)]
    for table in ("task_table", "task_holder"):
        assert {task for (task,) in target.execute(f"SELECT task FROM godwit.{table}")} == {"depot"}
    assert kept_here(one) == set() and kept_here(other, "depot") == {"lock", "record"}
    small.execute("INSERT INTO depot.t VALUES (2)")
    other.run().expect(DONE)
    assert target.value("SELECT count(*) FROM depot.t") == 2
    other.remove("--yes").expect(DONE)
    assert holds(small) == [] and not has_schema(target)


def test_a_schema_with_other_things_in_it_stays(source, target, task):
    target.execute("CREATE TABLE godwit.notes (v text)", "INSERT INTO godwit.notes VALUES ('mine')")
    removed = task.remove("--yes").expect(DONE)
    assert "removed the tables of the state in schema godwit" in removed.out
    assert "left schema godwit: something else is in it" in removed.out
    assert target.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'godwit'") == [("notes",)]
    assert target.execute("SELECT v FROM godwit.notes") == [("mine",)]
    assert holds(source) == [] and kept_here(task) == set()


def test_tables_that_a_view_depends_on_stay_empty(source, target, task):
    target.execute("CREATE VIEW public.watched AS SELECT task FROM godwit.task")
    assert "left the empty tables of the state" in task.remove("--yes").expect(DONE).out
    assert target.value("SELECT count(*) FROM watched") == 0
    target.execute("DROP VIEW public.watched")
    task.remove().expect(DONE)
    assert_gone(source, target, task)


def test_tables_that_a_session_is_looking_at_stay_empty(source, target, task):
    """It does not wait for ever, and no other task's run waits behind it."""
    with contextlib.closing(target.connect(autocommit=False)) as early:
        early.cursor().execute("SELECT * FROM godwit.format")
        assert "another session has been using it" in task.remove("--yes").expect(DONE).out
        early.rollback()
    assert target.value("SELECT count(*) FROM godwit.task") == 0
    task.remove().expect(DONE)
    assert_gone(source, target, task)


def test_a_schema_of_another_role_stays(small, target, godwit):
    target.execute("CREATE ROLE weak LOGIN PASSWORD 'w'", "GRANT CREATE ON DATABASE shop TO weak", "GRANT SET ON PARAMETER session_replication_role TO weak")
    task = godwit(small, target, target={"url": target.url_of("shop", user="weak")})
    task.environment["DST_PASSWORD"] = "w"
    task.run().expect(DONE)
    target.execute("ALTER SCHEMA godwit OWNER TO root", "GRANT ALL ON SCHEMA godwit TO weak")
    assert "left schema godwit: another role owns it" in task.remove("--yes").expect(DONE).out
    assert has_schema(target) and target.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'godwit'") == []
    assert holds(small) == []


def test_the_slot_of_a_task_of_this_name_on_another_database_stays(small, target, godwit):
    """Names of slots are the server's."""
    small.execute("CREATE DATABASE other")
    small.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)", database="other")
    theirs = godwit(small, target, source={"url": small.url_of("other")})
    theirs.run().expect(DONE)
    ours = godwit(small, target, meta_schema="ours", target={"if_exists": "replace"})
    refused = ours.run().expect(FAILED)
    assert SLOT in refused.err and "database other" in refused.err and "`name`" in refused.err
    assert "source: nothing to remove" in ours.remove().expect(DONE).out
    small.execute(f"CREATE PUBLICATION {SLOT}")  # as a run leaves it that is killed before it makes the slot
    assert f"source: would remove publication {SLOT}" in ours.remove().expect(FAILED).out
    assert f"source: removed publication {SLOT}" in ours.remove("--yes").expect(DONE).out
    assert holds(small) == [SLOT] and not has_schema(target, "ours")
    small.execute("INSERT INTO t VALUES (2)", database="other")
    theirs.run().expect(DONE)
    assert target.value("SELECT count(*) FROM t") == 2
    theirs.remove("--yes").expect(DONE)
    assert holds(small) == []


# The state is read; then the epoch is raised, or the task begun.
@pytest.mark.parametrize("statement", [b"SELECT version FROM", b"SELECT epoch, phase", b'INSERT INTO "godwit"."task_holder"', b'INSERT INTO "godwit"."task" AS'])
def test_a_task_begins_while_the_last_one_is_removed(small, target, godwit, statement):
    """It had seen the tables of the state, and finds them gone."""
    small.execute("CREATE SCHEMA depot", "CREATE TABLE depot.t (id int PRIMARY KEY)", "INSERT INTO depot.t VALUES (1)")
    one = godwit(small, target)
    one.run().expect(DONE)
    removed = []
    with Proxy(target) as proxy:
        url = f"postgres://{USER}@127.0.0.1:{proxy.port}/shop"
        other = godwit(small, target, name="depot", mode="copy", target={"url": url}, tables={"include": ["depot.*"]})
        proxy.before[statement] = lambda: removed.append(one.remove("--yes"))
        other.run("--skip-checks").expect(DONE)
    assert "schema godwit, which" in removed[0].expect(DONE).out
    assert target.execute("SELECT task, phase FROM godwit.task") == [("depot", 5)]
    assert target.value("SELECT count(*) FROM depot.t") == 1
    other.configure(target={"url": target.url})
    other.remove().expect(DONE)
    assert not has_schema(target) and holds(small) == []


def test_the_target_knows_nothing_of_the_task_whose_slot_it_is(small, target, server, godwit):
    """As with a wrong url: the slot may be another task's."""
    godwit(small, target).run().expect(DONE)
    wrong = godwit(small, server("wrong", kind=Postgres))
    said = wrong.command("remove").wait(60).expect(FAILED).text
    assert "would remove replication slot godwit_shop" in said and "the target knows nothing of it" in said
    assert holds(small) == [SLOT, SLOT]
    wrong.command("remove", "--yes").wait(60).expect(DONE)
    assert holds(small) == []
