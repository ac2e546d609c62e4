"""What `godwit check` finds before it would do harm, and that its remedies are remedies."""

import datetime
import os
import re
import time
from pathlib import Path

import pytest
from harness import shop
from harness.compare import assert_equal, user_schemas
from harness.godwit import DONE, FOUND

TABLE = ("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)",
         "INSERT INTO shop.t VALUES (1, 1), (2, 2)")


def items(task):
    """name: item. The exit code has to say what they say."""
    result = task.check("--json")
    found = {item["name"]: item for item in result.json()["items"]}
    assert len(found) == len(result.json()["items"]), "two items of one name"
    failed = any(item["result"] == "fail" for item in found.values())
    result.expect(FOUND if failed else DONE)
    for item in found.values():
        assert item["finding"] and "\n" not in item["finding"] + item["remedy"], item
        assert (item["remedy"] == "") == (item["result"] == "pass"), item
    return found


def expect(task, name, result, *words):
    item = items(task)[name]
    assert item["result"] == result, item
    for word in words:
        assert word in item["finding"] + item["remedy"], item
    return item


@pytest.fixture
def small(source):
    source.execute(*TABLE)
    return source


@pytest.fixture
def task(small, target, godwit):
    return godwit(small, target)


def test_nothing_to_find(source, target, godwit):
    shop.load(source, 0.01)
    found = items(godwit(source, target))
    assert {name for name, item in found.items() if item["result"] == "fail"} == set()
    assert len(found) > 30
    documented = (Path(__file__).parents[3] / "docs" / "checks.md").read_text()
    for name in found:
        assert f"| {name.split(': ')[1]} |" in documented, f"{name} is not in docs/checks.md"
    assert user_schemas(target) == [] and not target.execute("SHOW DATABASES LIKE 'godwit'")


def test_servers_that_do_not_answer(small, target, godwit):
    task = godwit(small, target, source={"url": "mysql://godwit@127.0.0.1:9"})
    expect(task, "source: connection", "fail", "127.0.0.1:9")
    assert "source: tables" not in items(task)
    task = godwit(small, target)
    task.environment["DST_PASSWORD"] = "wrong"
    expect(task, "target: connection", "fail", "password")
    expect(task, "source: connection", "pass")


def test_the_source_given_as_target(small, godwit):
    """By another url, which the task file alone does not give away."""
    for if_exists in ("error", "replace"):
        task = godwit(small, small, target={"if_exists": if_exists, "url": f"mysql://godwit@?socket={small.socket}"})
        expect(task, "target: another server", "fail", "the source itself")


SOURCE_RIGHTS = {"*.*": ["REPLICATION SLAVE", "BINLOG MONITOR"], "shop.*": ["SELECT", "SHOW VIEW", "TRIGGER", "EVENT"],
                 "mysql.proc": ["SELECT"]}
TARGET_RIGHTS = {
    "*.*": ["SET USER"],
    "mysql.proc": ["SELECT"],
    "shop.*": ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER", "INDEX", "CREATE VIEW", "SHOW VIEW",
               "TRIGGER", "CREATE ROUTINE", "ALTER ROUTINE", "EVENT"],
    "godwit.*": ["SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER"],
}


def test_the_rights_that_are_needed_and_no_more(small, target, godwit):
    small.execute("USE shop", "CREATE VIEW v AS SELECT id FROM t", "CREATE PROCEDURE p() SELECT 1",
                  "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.v = 1",
                  "CREATE EVENT ev ON SCHEDULE EVERY 1 DAY DO SELECT 1")
    task = godwit(small, target, objects=["triggers", "routines", "events"])
    for side, server, variable, rights in (("source", small, "SRC_PASSWORD", SOURCE_RIGHTS),
                                           ("target", target, "DST_PASSWORD", TARGET_RIGHTS)):
        server.execute("CREATE USER weak@'%' IDENTIFIED BY 'w'")
        task.configure(**{side: {"url": server.url.replace("godwit@", "weak@")}})
        task.environment[variable] = "w"
        for where, privileges in rights.items():
            server.execute(f"GRANT {', '.join(privileges)} ON {where} TO weak@'%'")
    expect(task, "source: grants", "pass")
    expect(task, "target: grants", "pass")
    for side, server, rights in (("source", small, SOURCE_RIGHTS), ("target", target, TARGET_RIGHTS)):
        for where, privileges in rights.items():
            for privilege in privileges:
                if (where, privilege) == ("shop.*", "SELECT") and side == "source":
                    continue  # without it the tables are not even seen
                server.execute(f"REVOKE {privilege} ON {where} FROM weak@'%'")
                remedy = expect(task, f"{side}: grants", "fail", privilege)["remedy"]
                server.execute(*[statement for statement in remedy.split(";") if statement.strip()])
                expect(task, f"{side}: grants", "pass")
    task.run().expect(DONE)
    assert_equal(small, target)


def test_rights_on_single_tables(small, target, godwit):
    small.execute("CREATE TABLE shop.unseen (id INT PRIMARY KEY)", "CREATE USER weak@'%' IDENTIFIED BY 'w'",
                  "GRANT SELECT ON shop.t TO weak@'%'", "GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO weak@'%'")
    task = godwit(small, target, source={"url": small.url.replace("godwit@", "weak@")})
    task.environment["SRC_PASSWORD"] = "w"
    expect(task, "source: grants", "warn", "shop", "not seen")
    expect(task, "source: tables", "pass", "1 match")


def test_the_log_of_the_source(task, small):
    small.execute("SET GLOBAL binlog_format = 'MIXED'")
    remedy = expect(task, "source: binlog_format", "fail", "MIXED")["remedy"]
    small.execute(remedy.split(";")[0])
    expect(task, "source: binlog_format", "pass", "ROW")
    expect(task, "source: binlog_row_image", "pass", "FULL")
    small.execute("SET GLOBAL binlog_expire_logs_seconds = 60")
    remedy = expect(task, "source: log retention", "warn", "60 s")["remedy"]
    small.execute(remedy.split(";")[0])
    expect(task, "source: log retention", "pass", "7 days")
    small.execute("XA START 'a'", "INSERT INTO shop.t VALUES (9, 9)", "XA END 'a'", "XA PREPARE 'a'")
    expect(task, "source: XA transactions", "warn", "1 prepared", "XA ROLLBACK")
    small.execute("XA ROLLBACK 'a'")
    expect(task, "source: XA transactions", "pass", "0 prepared")


def test_a_log_that_leaves_columns_out(task, small):
    small.execute("SET GLOBAL binlog_row_image = 'MINIMAL'")
    expect(task, "source: binlog_row_image", "pass", "MINIMAL")
    small.execute("CREATE TABLE shop.kept (id INT PRIMARY KEY) WITH SYSTEM VERSIONING",
                  "CREATE TABLE shop.child (id INT PRIMARY KEY, code INT)", "CREATE TABLE shop.parent (id INT PRIMARY KEY, code INT UNIQUE)",
                  "ALTER TABLE shop.child ADD FOREIGN KEY (code) REFERENCES shop.parent (code) ON DELETE SET NULL")
    remedy = expect(task, "source: binlog_row_image", "warn", "MINIMAL", "shop.kept", "shop.parent", "shop.child")["remedy"]
    small.execute("SET GLOBAL binlog_row_image = 'NOBLOB'")
    assert "shop.parent" not in expect(task, "source: binlog_row_image", "warn", "NOBLOB", "shop.kept")["finding"]
    small.execute(remedy.split(";")[0])
    expect(task, "source: binlog_row_image", "pass", "FULL")


def test_a_source_without_a_log_or_with_a_part_of_one(task, small):
    small.restart(binlog_ignore_db="shop")
    expect(task, "source: log filters", "fail", "shop", "binlog_ignore_db")
    small.restart(binlog_ignore_db=None, binlog_do_db="other")
    expect(task, "source: log filters", "fail", "shop", "binlog_do_db")
    small.restart(binlog_do_db=None, log_bin=None)
    expect(task, "source: log_bin", "fail", "OFF", "log_bin")


def tomorrow():
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)).strftime("%Y-%m-%d")


def test_the_log_does_not_reach_back(task, small):
    task.run().expect(DONE)
    expect(task, "source: log position", "pass", "until `PURGE BINARY LOGS`")
    small.execute("SET GLOBAL binlog_expire_logs_seconds = 86400")
    expect(task, "source: log position", "pass", "86400 s after its file")
    small.execute("FLUSH BINARY LOGS")
    expect(task, "source: log position", "pass", f"from {tomorrow()}", "UTC on")
    small.execute("SET GLOBAL binlog_expire_logs_seconds = 600")
    expect(task, "source: log position", "warn", "UTC on", "binlog_expire_logs_seconds")
    deadline = time.monotonic() + 20
    while len(small.execute("SHOW BINARY LOGS")) > 1:  # the server keeps what somebody reads
        assert time.monotonic() < deadline
        small.execute(f"PURGE BINARY LOGS TO '{small.execute('SHOW BINARY LOGS')[-1][0]}'")
        time.sleep(0.1)
    expect(task, "source: log position", "fail", "purged", "--restart")
    task.run().expect(FOUND)
    task.run("--restart").expect(DONE)
    expect(task, "source: log position", "pass")


@pytest.mark.parametrize("name, result, definition", [
    ("row keys", "warn", "CREATE TABLE x (a INT)"),
    ("storage engines", "warn", "CREATE TABLE x (a INT PRIMARY KEY) ENGINE=MyISAM"),
    ("system versioning", "fail", "CREATE TABLE x (a INT PRIMARY KEY, s BIGINT UNSIGNED GENERATED ALWAYS AS ROW START, "
     "e BIGINT UNSIGNED GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (s, e)) WITH SYSTEM VERSIONING"),
    ("system versioning", "fail", "CREATE TABLE x (a INT PRIMARY KEY) WITH SYSTEM VERSIONING "
     "PARTITION BY SYSTEM_TIME LIMIT 5 PARTITIONS 3"),
    ("system versioning", "fail", "CREATE TABLE x (a INT PRIMARY KEY, FOREIGN KEY (a) REFERENCES t (id) ON DELETE CASCADE) "
     "WITH SYSTEM VERSIONING"),
    ("sequence defaults", "fail", "CREATE TABLE x (a INT PRIMARY KEY DEFAULT NEXTVAL(shop.s))"),
    ("foreign keys", "fail", "CREATE TABLE x (a INT PRIMARY KEY, CONSTRAINT FOREIGN KEY (a) REFERENCES away.p (a) ON DELETE CASCADE)"),
    ("foreign keys", "warn", "CREATE TABLE x (a INT PRIMARY KEY, CONSTRAINT FOREIGN KEY (a) REFERENCES away.p (a))"),
])
def test_tables_that_do_not_move_well(task, small, name, result, definition):
    small.execute("CREATE SEQUENCE shop.s", "CREATE DATABASE away", "CREATE TABLE away.p (a INT PRIMARY KEY)")
    expect(task, f"source: {name}", "pass")
    small.execute("USE shop", definition)
    expect(task, f"source: {name}", result, "shop.x")
    assert "shop.t" not in items(task)[f"source: {name}"]["finding"]
    task.configure(tables={"include": ["shop.*"], "exclude": ["shop.x"]})
    expect(task, f"source: {name}", "pass")


def test_objects_that_stay_behind(task, small):
    small.execute("USE shop", "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.v = 1", "CREATE SEQUENCE sq",
                  "CREATE PROCEDURE p() SELECT 1", "CREATE EVENT ev ON SCHEDULE EVERY 1 DAY DO SELECT 1")
    expect(task, "source: other objects", "warn", "shop.tr", "shop.sq", "shop.p", "shop.ev",
           "objects: [triggers, routines, events, sequences]")
    task.configure(objects=["triggers", "routines", "events", "sequences"])
    expect(task, "source: other objects", "pass")


def test_no_table_matches(task):
    task.configure(tables={"include": ["shopp.*"]})
    expect(task, "source: tables", "fail", "shopp.*")


def test_the_settings_of_the_target(task, target):
    for variable, value, result in (
            ("local_infile", "OFF", "warn"), ("max_allowed_packet", 8388608, "warn"), ("max_allowed_packet", 1048576, "fail"),
            ("sql_mode", "ANSI", "warn"), ("explicit_defaults_for_timestamp", "OFF", "warn"),
            ("innodb_strict_mode", "OFF", "warn"), ("time_zone", "+09:00", "warn"), ("read_only", "ON", "warn")):
        expect(task, f"target: {variable}", "pass")
        before = target.value(f"SELECT @@global.{variable}")
        target.execute(f"SET GLOBAL {variable} = '{value}'" if isinstance(value, str) else f"SET GLOBAL {variable} = {value}")
        remedy = expect(task, f"target: {variable}", result)["remedy"]
        if variable == "time_zone":
            target.execute(f"SET GLOBAL time_zone = '{before}'")
        else:
            target.execute("SET GLOBAL" + remedy.split("SET GLOBAL")[1].split(";")[0])
        expect(task, f"target: {variable}", "pass")


def test_a_target_that_is_read_only(task, target):
    target.execute("CREATE USER weak@'%' IDENTIFIED BY 'w'", "GRANT ALL ON shop.* TO weak@'%'", "GRANT ALL ON godwit.* TO weak@'%'",
                   "SET GLOBAL read_only = ON")
    task.configure(target={"url": target.url.replace("godwit@", "weak@")})
    task.environment["DST_PASSWORD"] = "w"
    expect(task, "target: read_only", "fail", "SET GLOBAL read_only = OFF")


def test_a_target_that_logs_statements_or_folds_names(small, server, godwit):
    small.execute("CREATE TABLE shop.Mixed (id INT PRIMARY KEY)")
    target = server("target", log_bin="log", binlog_format="STATEMENT", lower_case_table_names=1,
                    innodb_file_per_table=0, innodb_data_file_path="ibdata1:12M:autoextend:max:100M")
    task = godwit(small, target)
    expect(task, "target: binlog_format", "warn", "STATEMENT", "ROW")
    expect(task, "target: lower_case_table_names", "warn", "shop.Mixed")
    expect(task, "target: room", "warn", "max:100M")
    small.execute("CREATE TABLE shop.mixed (id INT PRIMARY KEY)")
    expect(task, "target: lower_case_table_names", "fail", "shop.Mixed", "shop.mixed", " and ")


def test_room_on_the_targets_disk(task, target):
    item = expect(task, "target: room", "pass", "are needed", "MiB are free in")
    free = int(re.search(r"(\d+) MiB are free", item["finding"])[1])
    disk = os.statvfs(target.value("SELECT @@datadir"))
    assert abs(free - disk.f_bavail * disk.f_frsize / 2**20) < 2000


def test_tables_in_the_way(task, target):
    target.execute(*TABLE[:2])
    expect(task, "target: tables", "fail", "shop.t", "if_exists")
    task.configure(target={"if_exists": "replace"})
    expect(task, "target: tables", "warn", "dropped", "shop.t")
    task.configure(target={"if_exists": "append"})
    expect(task, "target: tables", "warn", "added", "shop.t")
    target.execute("ALTER TABLE shop.t MODIFY v BIGINT")
    expect(task, "target: tables", "fail", "shop.t", "bigint")
    target.execute("DROP DATABASE shop")
    expect(task, "target: tables", "pass")
    task.configure(target={"if_exists": "error"})
    task.run().expect(DONE)
    expect(task, "target: tables", "pass")


def test_mode_stream_needs_the_tables(small, target, godwit):
    task = godwit(small, target, mode="stream")
    expect(task, "target: tables", "fail", "shop.t", "stream")
    target.execute(*TABLE)
    expect(task, "target: tables", "pass")
    assert "target: room" not in items(task)


def make_zone(server, name):
    """An hour east of UTC."""
    server.execute("USE mysql", "INSERT INTO time_zone (use_leap_seconds) VALUES ('N')", "SET @zone = LAST_INSERT_ID()",
                   f"INSERT INTO time_zone_name (name, time_zone_id) VALUES ('{name}', @zone)",
                   "INSERT INTO time_zone_transition_type (time_zone_id, transition_type_id, `offset`, is_dst, abbreviation) VALUES (@zone, 0, 3600, 0, 'HERE')")


def test_time_zones_of_events(small, target, godwit):
    task = godwit(small, target, objects=["events"])
    name = "target: time zones of events"
    assert name not in items(task)
    make_zone(small, "Godwit/Here")
    small.execute("USE shop", "SET time_zone = 'Godwit/Here'", "CREATE EVENT e ON SCHEDULE EVERY 1 HOUR DO SELECT 1")
    assert "mysql_tzinfo_to_sql" in expect(task, name, "fail", "Godwit/Here", "shop.e")["remedy"]
    make_zone(target, "Godwit/Here")
    expect(task, name, "pass")
    small.execute("USE shop", "SET time_zone = 'SYSTEM'", "CREATE EVENT of_system ON SCHEDULE EVERY 1 HOUR DO SELECT 1")
    expect(task, name, "pass")
    task.run().expect(DONE)
    assert_equal(small, target)


def test_the_systems_time_zone_is_another(small, start, godwit, monkeypatch):
    small.execute("USE shop", "SET time_zone = 'SYSTEM'", "CREATE EVENT of_system ON SCHEDULE EVERY 1 HOUR DO SELECT 1")
    monkeypatch.setenv("TZ", "XYZ-3")
    elsewhere = start("mariadb", "elsewhere")
    expect(godwit(small, elsewhere, objects=["events"]), "target: time zones of events", "warn", "SYSTEM", "XYZ", "shop.of_system")


def test_triggers_and_events_of_the_target(task, target):
    target.execute(*TABLE, "USE shop", "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.v = 1",
                   "CREATE EVENT ev ON SCHEDULE EVERY 1 DAY DO SELECT 1", "SET GLOBAL event_scheduler = ON")
    task.configure(target={"if_exists": "append"})
    target.execute(expect(task, "target: events", "warn", "shop.ev")["remedy"].split(";")[0].replace(" until the cut-over", ""))
    expect(task, "target: events", "pass")
    remedy = expect(task, "target: triggers", "fail", "shop.tr")["remedy"]
    task.configure(target={"if_exists": "replace"})
    expect(task, "target: triggers", "pass")
    task.configure(target={"if_exists": "append"})
    target.execute(remedy.split(";")[0])
    expect(task, "target: triggers", "pass")


def test_definers_that_the_target_has_not(small, target, godwit):
    small.execute("CREATE USER owner@localhost", "USE shop", "CREATE DEFINER=owner@localhost VIEW v AS SELECT 1")
    expect(godwit(small, target), "target: definers", "warn", "'owner'@'localhost'", "CREATE USER")
    target.execute("CREATE USER owner@localhost")
    expect(godwit(small, target), "target: definers", "pass")


def test_a_target_that_does_not_trust_creators(small, server, godwit):
    small.execute("SET GLOBAL log_bin_trust_function_creators = ON", "USE shop", "CREATE PROCEDURE p() SELECT 1",
                  "CREATE FUNCTION careful() RETURNS INT DETERMINISTIC RETURN 1", "CREATE FUNCTION f() RETURNS INT RETURN 1")
    target = server("target", log_bin="log", binlog_format="ROW")
    task = godwit(small, target, objects=["routines"])
    item = expect(task, "target: log_bin_trust_function_creators", "fail", "create shop.f")
    assert "careful" not in item["finding"] and "shop.p" not in item["finding"]
    target.execute(item["remedy"].split(";")[0])
    assert "target: log_bin_trust_function_creators" not in items(task)
    task.run().expect(DONE)
