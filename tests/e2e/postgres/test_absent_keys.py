"""A role that may not set session_replication_role on the target: foreign keys and triggers are there only while nothing is
written."""

import pytest
from harness.failpoints import Kills
from harness.godwit import DONE, FAILED, KILLED
from harness.postgres_compare import assert_equal
from harness.postgres_writer import PostgresWriter

REFUSED = (3, 4)

SETUP = ["CREATE SCHEMA shop", "CREATE TABLE parent (id int PRIMARY KEY, v text)",
         "CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE, n int DEFAULT 0)",
         "CREATE TABLE part (id int REFERENCES parent ON DELETE SET NULL ON UPDATE CASCADE, at int NOT NULL) PARTITION BY RANGE (at)",
         "CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (100)", "ALTER TABLE part REPLICA IDENTITY FULL",
         "ALTER TABLE part_1 REPLICA IDENTITY FULL",
         "CREATE FUNCTION count_up() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.n := coalesce(NEW.n, 0) + 1; RETURN NEW; END'",
         "CREATE TRIGGER counting BEFORE INSERT OR UPDATE ON child FOR EACH ROW EXECUTE FUNCTION count_up()",
         "INSERT INTO parent SELECT i, 'v' || i FROM generate_series(1, 200) i",
         "INSERT INTO child SELECT i, i % 200 + 1 FROM generate_series(1, 1000) i",
         "INSERT INTO part SELECT i, i % 100 FROM generate_series(1, 200) i"]
KEYS = "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 ORDER BY 1, 2"
TRIGGERS = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
CHANGES = ["DELETE FROM parent WHERE id % 7 = 0", "UPDATE parent SET id = id + 1000 WHERE id % 5 = 0", "UPDATE child SET n = n + 1 WHERE id % 3 = 0",
           "INSERT INTO child (id, parent) SELECT i, 1 FROM generate_series(2001, 2100) i"]


@pytest.fixture
def weak(source, target, godwit):
    """The task, with such a role on the target."""
    source.execute(*SETUP)
    target.execute("CREATE ROLE weak LOGIN PASSWORD 'w'", "GRANT CREATE ON DATABASE shop TO weak")

    def make(**more):
        task = godwit(source, target, objects=["routines", "triggers"], ddl={"capture": "trigger"}, target={"url": target.url_of("shop", "weak"), **more})
        task.environment["DST_PASSWORD"] = "w"
        return task

    return make


def assert_same_keys(source, target):
    for what in (KEYS, TRIGGERS):
        there = target.execute(what)
        assert there == source.execute(what) and there


def test_keys_and_triggers_are_there_when_nothing_is_written(source, target, weak):
    task = weak()
    assert "foreign keys are made only when a run ends" in task.check().expect(DONE).text
    task.run(failpoints="task.before_streaming").expect(KILLED)
    assert target.execute(KEYS) == [] and target.execute(TRIGGERS) == []
    source.execute(*CHANGES)
    task.run().expect(DONE)
    assert_equal(source, target)
    assert_same_keys(source, target)

    # With keys that came back, one that is dropped, one that is made and one that is renamed.
    source.execute("ALTER TABLE child DROP CONSTRAINT child_parent_fkey", "CREATE TABLE other (id int PRIMARY KEY REFERENCES parent ON DELETE CASCADE)",
                   "INSERT INTO other SELECT id FROM parent", "ALTER TABLE child ADD CONSTRAINT again FOREIGN KEY (parent) REFERENCES parent ON DELETE CASCADE",
                   "ALTER TABLE part RENAME CONSTRAINT part_id_fkey TO renamed", "DELETE FROM parent WHERE id % 2 = 0")
    for failpoint in ("ddl.after_execute", "ddl.after_finish"):
        task.run(failpoints=failpoint).expect(KILLED)
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    assert_equal(source, target)
    assert_same_keys(source, target)

    # Their parents get other names, of their own and of their columns, while nothing else is said of the children.
    source.execute("CREATE TABLE fresh (LIKE parent INCLUDING ALL)", "BEGIN", "ALTER TABLE parent RENAME TO old", "INSERT INTO old VALUES (5001, 'x')",
                   "ALTER TABLE fresh RENAME TO parent", "INSERT INTO child (id, parent) VALUES (5001, 5001)", "COMMIT", "ALTER TABLE old RENAME id TO \"of age\"",
                   "ALTER TABLE part_1 RENAME TO part_one", "DELETE FROM old WHERE \"of age\" < 12")
    task.run().expect(DONE)
    assert_equal(source, target)
    assert_same_keys(source, target)
    source.execute("ALTER TABLE child DROP CONSTRAINT again", "ALTER TABLE parent RENAME TO fresh", "ALTER TABLE old RENAME TO parent",
                   "ALTER TABLE parent RENAME \"of age\" TO id")

    # A key that the operator makes in place of what does not work.
    source.execute("CREATE TYPE mood AS ENUM ('good')", "ALTER TABLE child ADD m mood", "DELETE FROM parent WHERE id < 20")
    assert 'type "shop.mood" does not exist' in task.run().expect(FAILED).text
    task.ddl("replace", "--sql", "ALTER TABLE shop.child ADD m text; ALTER TABLE shop.child ADD CONSTRAINT own FOREIGN KEY (id) REFERENCES shop.child").expect(DONE)
    assert "foreign key own of shop.child would act" in task.run().expect(FAILED).text
    task.ddl("replace", "--sql", "ALTER TABLE shop.child ADD m text").expect(DONE)
    task.run().expect(DONE)
    assert_same_keys(source, target)
    assert target.execute("SELECT id FROM shop.child ORDER BY 1") == source.execute("SELECT id FROM shop.child ORDER BY 1")

    # What is not made when the task is removed is said, as it is to be made.
    source.execute("INSERT INTO parent VALUES (6000, 'x')")
    task.run(failpoints="apply.after_commit").expect(KILLED)
    lines = [line.split(" unmade: ") for line in task.remove("--yes").expect(DONE).out.splitlines() if " unmade: " in line]
    assert [line[0] for line in lines] == ["target: left foreign key other_id_fkey of shop.other", "target: left foreign key renamed of shop.part"]
    target.execute(*(statement for _, statements in lines for statement in statements.split("; ")))
    assert target.execute(KEYS) == source.execute(KEYS)


def test_what_is_not_the_tasks_own_is_in_the_way(source, target, weak):
    task = weak(if_exists="append")
    task.run().expect(DONE)
    target.execute("CREATE TABLE shop.strange (id int REFERENCES shop.parent ON DELETE CASCADE)")
    source.execute(*CHANGES)
    for refused in (task.check(), task.run(timeout=30)):
        text = refused.expect(*REFUSED).text
        assert "strange_id_fkey of shop.strange" in text and "GRANT SET ON PARAMETER" in text
    assert target.value("SELECT count(*) FROM shop.parent WHERE id > 1000") == 0
    target.execute("DROP TABLE shop.strange", "ALTER TABLE shop.child DROP CONSTRAINT child_parent_fkey",
                   "ALTER TABLE shop.child ADD CONSTRAINT child_parent_fkey FOREIGN KEY (parent) REFERENCES shop.parent ON DELETE SET NULL")
    assert "foreign key child_parent_fkey of shop.child" in task.run(timeout=30).expect(FAILED).text
    target.execute("ALTER TABLE shop.child DROP CONSTRAINT child_parent_fkey")
    task.run().expect(DONE)
    assert_equal(source, target)
    assert_same_keys(source, target)


# Passed between keys that are there and keys that are away: from the first run to the last key, and from then on.
OF_COPY = {"schema.after_create_table", "copy.before_chunk_commit", "copy.after_chunk_commit", "task.before_catching_up", "task.before_streaming",
           "schema.before_add_foreign_keys", "schema.before_create_object"}
OF_STREAM = {"apply.before_statement", "apply.before_commit", "apply.after_commit", "ddl.before_execute", "ddl.after_execute", "ddl.after_finish",
             "schema.before_add_foreign_keys", "schema.before_create_object"}
OF_LANES = {"apply.before_part_commit", "apply.after_part_commit"}


def any_parent(cursor, rng):
    """Locked before its children, in the order of those who alter them."""
    cursor.execute("SELECT id FROM parent ORDER BY id LIMIT 1 OFFSET %s FOR UPDATE", (rng.randrange(150),))
    return cursor.fetchone()[0]


def forget(cursor, rng):
    cursor.execute("DELETE FROM parent WHERE id = %s", (any_parent(cursor, rng),))


def renumber(cursor, rng):
    cursor.execute("UPDATE parent SET id = %s WHERE id = %s", (rng.randrange(1 << 30), any_parent(cursor, rng)))


def adopt(cursor, rng):
    parent = any_parent(cursor, rng)
    for _ in range(3):
        cursor.execute("INSERT INTO child (id, parent) VALUES (%s, %s)", (rng.randrange(1 << 30), parent))
        cursor.execute("INSERT INTO part VALUES (%s, %s)", (parent, rng.randrange(100)))


def bear(cursor, rng):
    cursor.execute("INSERT INTO parent SELECT %s + i, 'new' FROM generate_series(1, 2) i", (rng.randrange(1 << 30),))


def count(cursor, rng):
    cursor.execute("UPDATE child SET n = n + 1 WHERE id %% 50 = %s", (rng.randrange(50),))


@pytest.mark.parametrize("stream, of_stream", [({}, OF_STREAM), ({"consistency": "row", "lanes": 2}, OF_STREAM | OF_LANES)], ids=["prefix", "row"])
def test_killed_between_keys_that_are_there_and_away(source, target, weak, stream, of_stream):
    """At each failpoint of that way, under writers. A key or trigger that acted on what is written would change other rows."""
    task = weak()
    task.configure(stream=stream)
    in_copy, in_stream = Kills(OF_COPY), Kills(of_stream)
    with PostgresWriter(source, [forget, renumber, adopt, adopt, bear, bear, count], rate=100) as clients:
        in_copy.through(task.run).expect(DONE)
        source.execute("BEGIN", "LOCK parent", "ALTER TABLE child DROP CONSTRAINT child_parent_fkey",
                       "DELETE FROM parent WHERE id IN (SELECT id FROM parent ORDER BY id LIMIT 1)",
                       "DELETE FROM child WHERE NOT EXISTS (SELECT FROM parent p WHERE p.id = child.parent)",
                       "ALTER TABLE child ADD CONSTRAINT child_parent_fkey FOREIGN KEY (parent) REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE",
                       "COMMIT", "BEGIN", "LOCK parent", "CREATE TABLE made (id int PRIMARY KEY REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE)",
                       "INSERT INTO made SELECT id FROM parent ORDER BY id LIMIT 80", "COMMIT", "UPDATE child SET n = n + 1")
        clients.wait_for(30)
        assert in_stream.through(task.run).expect(DONE).progress()[-1]["drifted_rows"] == 0
        assert_same_keys(source, target)
    task.run().expect(DONE)
    assert_equal(source, target)
    assert_same_keys(source, target)
    assert (in_copy.met, in_stream.met) == (OF_COPY, of_stream)
