"""`ddl.capture: trigger`: event triggers write each command to the source's log, and what it has made of the task's tables
comes to the target in order."""

import itertools

import pytest
from harness import postgres_shop as shop
from harness.godwit import DONE, FAILED, FOUND, KILLED
from harness.postgres_compare import assert_equal
from harness.postgres_ddl import KINDS, TABLE
from harness.postgres_writer import PostgresWriter

CAPTURE = {"capture": "trigger"}
ANYWHERE = {"include": ["shop.*", "other.*"]}


@pytest.fixture
def begun(source, target, godwit):
    """begun(setup, **task): a task that captures DDL, with these tables on both ends."""

    def begin(setup, /, **task):
        source.execute("CREATE SCHEMA IF NOT EXISTS shop", *setup)
        one = godwit(source, target, ddl={**CAPTURE, **task.pop("ddl", {})}, **task)
        one.run().expect(DONE)
        assert_equal(source, target)
        return one

    return begin


def left_on(source):
    return source.execute("SELECT evtname FROM pg_event_trigger UNION ALL SELECT nspname FROM pg_namespace WHERE nspname ~ '^godwit'"
                          " UNION ALL SELECT slot_name FROM pg_replication_slots UNION ALL SELECT pubname FROM pg_publication")


@pytest.mark.parametrize("name", KINDS)
def test_what_is_replicated(begun, source, target, name):
    tables, changes = KINDS[name]
    task = begun(tables, tables=ANYWHERE)
    source.execute(*changes)
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    assert_equal(source, target)
    # What was described to the stream before goes on after it; and once more of all.
    source.execute("CREATE TABLE witness (id int PRIMARY KEY)", "INSERT INTO witness VALUES (1)")
    task.run().expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize(("name", "failpoint"), [
    *itertools.product(["rows_before_and_after", "rows_set_right", "told_apart_otherwise", "tables_swapped", "type_changed", "table_made_with_rows", "partitions"],
                       ["ddl.before_execute", "ddl.after_execute", "ddl.after_finish"]),
    ("names_go_round", "ddl.after_finish"), ("parent_renamed_after_its_keys", "ddl.after_finish")])
def test_killed_around_a_ddl(begun, source, target, name, failpoint):
    tables, changes = KINDS[name]
    task = begun([*tables, "CREATE TABLE witness (id serial PRIMARY KEY, n int)"])
    source.execute(*changes)
    kills = 0
    for passage in (1, 2, 1):
        source.execute("INSERT INTO witness (n) VALUES (1)")
        kills += task.run(failpoints=f"{failpoint}:{passage}").code == KILLED
    assert kills
    task.run().expect(DONE)
    assert_equal(source, target)


def test_made_with_a_partition_from_elsewhere(begun, source, target):
    task = begun(TABLE)
    source.execute("CREATE SCHEMA staging", "CREATE TABLE staging.old (id int PRIMARY KEY, v text)", "INSERT INTO staging.old SELECT * FROM t WHERE id < 100",
                   "BEGIN", "CREATE TABLE made (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)",
                   "ALTER TABLE made ATTACH PARTITION staging.old FOR VALUES FROM (0) TO (500)", "INSERT INTO made VALUES (400, 'x')", "COMMIT",
                   "INSERT INTO made VALUES (401, 'y')")
    task.run().expect(DONE)
    task.run().expect(DONE)
    assert_equal(source, target)


def test_what_was_left_for_later_comes_without_capture(begun, source, target):
    task = begun(TABLE)
    source.execute("BEGIN", "UPDATE t SET v = 'x' || id", "ALTER TABLE t ADD CONSTRAINT v_once UNIQUE (v)", "COMMIT")
    task.run(failpoints="ddl.before_execute:2").expect(KILLED)
    assert "v_once" not in str(target.execute("SELECT conname FROM pg_constraint"))
    task.configure(ddl={"capture": "none"})
    task.run(failpoints="ddl.after_finish").expect(KILLED)
    assert target.value("SELECT now() - to_timestamp(applied_commit_us / 1e6) < '5min' FROM godwit.task"), "it is of its transaction's time"
    task.run().expect(DONE)
    assert_equal(source, target)


def test_close_together_with_rows_before_and_after(begun, source, target):
    """Such transactions are read twice. None makes the table of another be copied again."""
    task = begun(TABLE)
    for number in range(5):
        source.execute("BEGIN", f"INSERT INTO t (id, v) VALUES ({2000 + number}, 'x')", f"ALTER TABLE t ADD c{number} int", f"UPDATE t SET c{number} = id",
                       "COMMIT")
    last = task.run().expect(DONE).progress()[-1]
    assert (last["copy"]["rows_of_run"], last["drifted_rows"]) == (0, 0)
    assert_equal(source, target)


def test_killed_where_the_triggers_have_been_made(source, target, godwit):
    source.execute("CREATE SCHEMA shop", *TABLE)
    task = godwit(source, target, ddl=CAPTURE)
    task.run(failpoints="postgres.after_capture").expect(KILLED)
    source.execute("ALTER TABLE t ADD c int DEFAULT 1")
    task.run().expect(DONE)
    source.execute("ALTER TABLE t DROP c", "INSERT INTO t VALUES (1001)")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_under_writers(source, target, godwit):
    """Definitions change while tables are copied, and while changes are followed."""
    shop.load(source, 0.1)
    task = godwit(source, target, ddl=CAPTURE, copy={"chunk_bytes": "128KiB", "threads": 2})
    with PostgresWriter(source) as writer:
        run = task.start()
        for number in range(6):
            writer.wait_for(15)
            source.execute(f"ALTER TABLE customer ADD extra_{number} int DEFAULT {number}", f"CREATE TABLE made_{number} (id int PRIMARY KEY, v text)",
                           f"CREATE INDEX ON orders (note, id) WHERE id > {number}", f"UPDATE customer SET extra_{number} = id WHERE id % 7 = 0",
                           "BEGIN", f"INSERT INTO made_{number} SELECT i, 'x' FROM generate_series(1, 50) i",
                           f"ALTER TABLE made_{number} RENAME v TO w", f"UPDATE made_{number} SET w = 'y' WHERE id % 2 = 0", "COMMIT")
            if number % 2:
                source.execute(f"ALTER TABLE customer DROP extra_{number - 1}", f"DROP TABLE made_{number - 1}")
        run.kill()
    task.run().expect(DONE)
    assert_equal(source, target)


def test_constraints_that_come_while_tables_are_copied(source, target, godwit):
    """A check that the rows of later moments break has their table copied again; a foreign key is validated once the target has caught up."""
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t SELECT i, repeat('x', 200) FROM generate_series(1, 9000) i")
    task = godwit(source, target, ddl=CAPTURE, copy={"threads": 1, "chunk_bytes": "64KiB"})
    task.run(failpoints="copy.after_chunk_commit:5").expect(KILLED)
    source.execute("CREATE TABLE made (id int PRIMARY KEY, t_id int REFERENCES t)", "INSERT INTO made VALUES (1, 1)",
                   "ALTER TABLE t ADD CONSTRAINT passing CHECK (v <> '')", "ALTER TABLE t DROP CONSTRAINT passing", "UPDATE t SET v = '' WHERE id = 9000")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_rules_are_asked(begun, source, target):
    task = begun([*TABLE, "CREATE TABLE other (id int PRIMARY KEY)"], ddl={"events": {"drop_table": "stop", "create_index": "ignore"}})
    source.execute("CREATE INDEX ignored ON t (v)", "ALTER TABLE t ADD c int", "DROP TABLE other", "INSERT INTO t VALUES (1001, 'x', 1)")
    said = task.run().expect(FAILED).text
    assert "drop_table: stop" in said and "DROP TABLE" in said
    assert target.value("SELECT count(*) FROM pg_indexes WHERE indexname = 'ignored'") == 0 and target.has_table("other")
    task.ddl("retry").expect(DONE)
    task.run().expect(DONE)
    assert not target.has_table("other") and target.value("SELECT c FROM t WHERE id = 1001") == 1


def test_what_the_target_cannot_do_waits(begun, source, target):
    task = begun(TABLE)
    mood = "CREATE TYPE mood AS ENUM ('good')"
    source.execute(mood, "ALTER TABLE t ADD m mood", "INSERT INTO t VALUES (1001, 'x', 'good')")
    for _ in range(2):
        said = task.run().expect(FAILED).text
        assert 'type "shop.mood" does not exist' in said and "godwit ddl" in said
    target.execute(mood)
    task.ddl("retry").expect(DONE)
    task.run().expect(DONE)
    assert_equal(source, target)
    # The type is the target's own: its labels are for the operator, and no other table.
    target.execute("ALTER TYPE mood ADD VALUE 'bad'")
    source.execute("ALTER TYPE mood ADD VALUE 'bad'", "INSERT INTO t VALUES (1002, 'x', 'bad')")
    assert "other labels by now: good, bad" in task.run().expect(DONE).text
    assert_equal(source, target)
    source.execute("ALTER TYPE mood RENAME VALUE 'bad' TO 'worse'")
    assert "other labels by now: good, worse" in task.run().expect(DONE).text


def test_tables_that_cannot_be_followed_are_told(begun, source, target):
    task = begun(TABLE)
    run = task.start()
    run.wait_until(lambda: '"phase":"streaming"' in run.result().text)
    source.execute("CREATE TABLE keyless (n int)", "INSERT INTO keyless VALUES (1)", "CREATE TEMP TABLE passing (id int PRIMARY KEY)",
                   "CREATE TABLE public.elsewhere (id int PRIMARY KEY)", "INSERT INTO t VALUES (1001, 'x')")
    run.wait_until(lambda: "shop.keyless has come and is not migrated" in run.result().text)
    run.wait_until(lambda: target.value("SELECT count(*) FROM t") == 301)
    run.kill()
    assert not target.has_table("keyless")
    source.execute("UPDATE keyless SET n = 2")  # which is none of the publication's
    source.execute("ALTER TABLE keyless ADD PRIMARY KEY (n)", "INSERT INTO keyless VALUES (3)", "DROP TABLE public.elsewhere")
    task.run().expect(DONE)
    assert_equal(source, target)
    # One that leaves the task gets its new name on the target, where its old one is free for another, and no rows after that.
    source.execute("CREATE SCHEMA apart", "ALTER TABLE t SET SCHEMA apart", "INSERT INTO apart.t VALUES (2000, 'x')", "CREATE TABLE t (n int PRIMARY KEY)",
                   "INSERT INTO t VALUES (7)")
    assert "shop.t is called apart.t by now" in task.run().expect(DONE).text
    assert target.value("SELECT count(*) FROM apart.t") == 301
    assert_equal(source, target, schemas=["shop"])


def test_a_function_that_fails_is_in_nobodys_way(begun, source, target):
    task = begun(TABLE)
    source.execute("CREATE ROLE weak", "GRANT ALL ON SCHEMA godwit_shop TO weak", "ALTER FUNCTION godwit_shop.capture_ddl() OWNER TO weak")
    source.execute("CREATE TABLE made (id int PRIMARY KEY)", "INSERT INTO made VALUES (1)", "INSERT INTO t VALUES (1001, 'x')")
    said = task.run().expect(FAILED).text
    assert "could not be captured" in said and "CREATE TABLE made" in said
    source.execute("ALTER FUNCTION godwit_shop.capture_ddl() OWNER TO CURRENT_USER", "DROP TABLE made")
    task.ddl("skip").expect(DONE)
    task.run().expect(DONE)
    assert_equal(source, target)


def test_triggers_that_are_disabled_stop_the_task(begun, source, target):
    task = begun(TABLE)
    source.execute("ALTER EVENT TRIGGER gw_end_shop DISABLE", "ALTER TABLE t ADD c int", "INSERT INTO t VALUES (1001, 'x', 1)")
    assert "not all are there and enabled" in task.run().expect(FOUND).text
    assert "not all are there and enabled" in task.run("--skip-checks").expect(FAILED).text
    source.execute("ALTER EVENT TRIGGER gw_end_shop ENABLE ALWAYS")
    assert "in another form than the one known" in task.run().expect(FAILED).text
    assert target.value("SELECT count(*) FROM t WHERE id = 1001") == 0
    task.run("--restart").expect(DONE)
    assert_equal(source, target)


def test_two_tasks_and_what_they_leave(source, target, godwit):
    source.execute("CREATE SCHEMA shop", *TABLE, "CREATE TABLE u (id int PRIMARY KEY)")
    tasks = [godwit(source, target, name=name, tables={"include": [f"shop.{pattern}"]}, ddl=CAPTURE, objects=["routines"])
             for name, pattern in (("one", "t*"), ("other-one", "u*"))]
    for task in tasks:
        task.run().expect(DONE)
    source.execute("ALTER TABLE t ADD c int", "CREATE TABLE u2 (id int PRIMARY KEY)", "INSERT INTO u2 VALUES (1)", "ALTER TABLE u ADD d int DEFAULT 3",
                   "INSERT INTO t VALUES (1001, 'x', 3)", "INSERT INTO u VALUES (1)")
    for task in tasks:
        task.run().expect(DONE)
    assert_equal(source, target)
    said = tasks[0].remove("--yes").expect(DONE).text
    assert "event trigger gw_end_one" in said
    assert len(left_on(source)) == 6
    source.execute("ALTER TABLE u ADD e int")
    tasks[1].run().expect(DONE)
    tasks[1].remove("--yes").expect(DONE)
    assert left_on(source) == []


def test_mode_copy_leaves_nothing(source, target, godwit):
    source.execute("CREATE SCHEMA shop", *TABLE)
    godwit(source, target, mode="copy", ddl=CAPTURE).run().expect(DONE)
    assert_equal(source, target)
    assert left_on(source) == []


def test_who_may_not_make_event_triggers_is_refused(source, target, godwit):
    source.execute("CREATE ROLE weak LOGIN REPLICATION PASSWORD 'w'", "GRANT CREATE ON DATABASE shop TO weak", "CREATE SCHEMA shop AUTHORIZATION weak",
                   "CREATE TABLE t (id int PRIMARY KEY)", "ALTER TABLE t OWNER TO weak")
    task = godwit(source, target, ddl=CAPTURE, source={"url": source.url_of("shop", "weak")})
    task.environment["SRC_PASSWORD"] = "w"
    assert "may not make event triggers" in task.check().text
    task.run().expect(FOUND)
    assert left_on(source) == []


def test_a_partition_is_taken_out_of_one_that_is_dropped(begun, source, target):
    task = begun(["CREATE TABLE t (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
                  "CREATE TABLE mid PARTITION OF t FOR VALUES FROM ('2020-01-01') TO ('2022-01-01') PARTITION BY RANGE (at)",
                  "CREATE TABLE kept PARTITION OF mid FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
                  "CREATE TABLE gone PARTITION OF mid FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')",
                  "INSERT INTO t VALUES (1, '2020-05-05'), (2, '2021-05-05')"])
    source.execute("BEGIN", "ALTER TABLE mid DETACH PARTITION kept", "DROP TABLE mid", "COMMIT")
    assert "shop.kept was a partition of shop.t" in task.run().expect(DONE).text
    assert not target.has_table("mid") and not target.has_table("gone")
    assert target.execute("SELECT id FROM shop.kept") == [(1,)]
