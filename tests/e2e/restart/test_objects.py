"""Views, routines, events and sequences that the target has already: the task's own are no hindrance to begin anew, and one that
differs is said before anything is done."""

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, FOUND, KILLED
from harness.kinds import KINDS

OBJECTS = ["CREATE VIEW v AS SELECT id FROM t", "CREATE PROCEDURE p() SELECT 1", "CREATE FUNCTION f() RETURNS INT NO SQL RETURN 7",
           "CREATE EVENT e ON SCHEDULE EVERY 1 HOUR DO DELETE FROM log", "CREATE EVENT kept ON SCHEDULE EVERY 1 DAY ON COMPLETION PRESERVE DISABLE DO DELETE FROM log"]
EVENTS = "SELECT event_name, status, CONCAT(definer, event_definition) FROM information_schema.events WHERE event_schema = 'shop' ORDER BY 1"


@pytest.fixture
def task(source, target, godwit):
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY)", "CREATE TABLE log (id INT)", "INSERT INTO t VALUES (1)", *OBJECTS)
    return godwit(source, target, objects=["routines", "events"])


def expect_disabled(source, target):
    """And otherwise the same, of the same account."""
    assert [(name, "DISABLED", text) for name, _, text in source.execute(EVENTS)] == list(target.execute(EVENTS))


SAME = [(kind, kind) for kind in KINDS]


@pytest.mark.parametrize("kinds", SAME + [tuple(KINDS), tuple(reversed(KINDS))])
def test_they_are_made_once(source, target, task):
    """Killed where each is made, and begun anew."""
    for number in range(1, 7):
        killed = task.run(failpoints=f"schema.before_create_object:{number}")
        assert killed.code == KILLED or number > 1, killed.text
        # None is enabled for a moment.
        assert all(status == "DISABLED" for _, status, _ in target.execute(EVENTS))
    task.run().expect(DONE)
    expect_disabled(source, target)
    for arguments in ([], ["--restart"], ["--restart"]):
        task.run(*arguments).expect(DONE)
        expect_disabled(source, target)
    assert target.value("SELECT COUNT(*) FROM information_schema.events") == 2  # and none of Godwit's own is left


@pytest.mark.parametrize("kinds", SAME + [tuple(KINDS), tuple(reversed(KINDS))])
def test_an_event_keeps_its_time_zone(source, target, godwit):
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY)", "SET time_zone = '+05:30'",
                   "CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2031-01-01 03:00:00' DO DELETE FROM t")
    godwit(source, target, objects=["events"]).run().expect(DONE)
    schedules = [server.execute("SELECT time_zone, starts, interval_value FROM information_schema.events") for server in (source, target)]
    assert schedules[0] == schedules[1] and schedules[0][0][0] == "+05:30"


@pytest.mark.parametrize("kinds", SAME)
@pytest.mark.parametrize("change, name", [
    ("ALTER EVENT e DO DELETE FROM log WHERE id = 2", "EVENT `shop`.`e`"), ("CREATE OR REPLACE VIEW v AS SELECT id + 1 AS x FROM t", "VIEW `shop`.`v`"),
    ("DROP PROCEDURE p|CREATE PROCEDURE p() SELECT 2", "PROCEDURE `shop`.`p`")])
def test_one_that_differs_is_said_before_anything_is_done(source, target, task, change, name):
    task.run().expect(DONE)
    # Past the log, by which views are followed.
    source.execute("USE shop", "SET sql_log_bin = 0", *change.split("|"))
    source.execute("INSERT INTO shop.t VALUES (2)")
    text = task.run("--restart").expect(FOUND).text
    assert f"they exist already, and differ: {name}" in text, text[-2000:]
    task.run().expect(DONE)  # nothing has been done: it goes on
    assert target.value("SELECT COUNT(*) FROM shop.t") == 2
    target.execute("DROP " + name)
    task.run("--restart").expect(DONE)
    assert_equal(source, target)
    if name.startswith("EVENT"):
        expect_disabled(source, target)
    source.execute("USE shop", "SET sql_log_bin = 0", "ALTER EVENT kept DO DELETE FROM log WHERE id = 9")
    task.configure(target={"if_exists": "replace"})
    task.run("--restart").expect(DONE)
    expect_disabled(source, target)


def test_one_that_the_operator_has_enabled(source, target, task):
    """It is the same, and is disabled while the task applies changes."""
    task.run().expect(DONE)
    target.execute("ALTER EVENT shop.e ENABLE")
    task.run("--restart").expect(DONE)
    expect_disabled(source, target)


@pytest.mark.parametrize("kinds", SAME + [tuple(KINDS), tuple(reversed(KINDS))])
def test_events_whose_time_is_past(source, target, godwit):
    """The source has them, since they are disabled; a server that is told of such an event drops it at once."""
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY)", "INSERT INTO t VALUES (1)", "SET timestamp = 1000000000",
                   "CREATE EVENT once ON SCHEDULE AT '2005-05-05 05:05:05' DISABLE DO DELETE FROM t",
                   "CREATE EVENT ended ON SCHEDULE EVERY 1 DAY STARTS '2004-01-01 00:00:00' ENDS '2005-01-01 00:00:00' DISABLE DO DELETE FROM t",
                   "CREATE EVENT stays ON SCHEDULE AT '2005-05-05 05:05:05' ON COMPLETION PRESERVE DISABLE DO DELETE FROM t")
    schedules = "SELECT event_name, execute_at, starts, ends, on_completion FROM information_schema.events WHERE event_schema = 'shop' ORDER BY 1"
    task = godwit(source, target, objects=["events"])
    for arguments in ([], ["--restart"]):
        task.run(*arguments).expect(DONE)
        assert len(source.execute(schedules)) == 3
        assert source.execute(schedules) == target.execute(schedules)
