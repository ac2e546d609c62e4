"""`tables.without_identity: full`: tables whose rows the log would not tell apart have REPLICA IDENTITY FULL while the task goes on."""

import pytest
from harness.godwit import DONE, FAILED, KILLED
from harness.postgres_compare import assert_equal

TABLES = ["bare", "silent", "part"]
SETUP = ("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, v int)", "CREATE TABLE bare (v int, w text)",
         "CREATE TABLE silent (id int PRIMARY KEY, v int)", "ALTER TABLE silent REPLICA IDENTITY NOTHING",
         "CREATE TABLE parted (id int, v int) PARTITION BY RANGE (id)", "CREATE TABLE part PARTITION OF parted DEFAULT",
         *(f"INSERT INTO {table} SELECT i, i FROM generate_series(1, 50) i" for table in ["t", "bare", "silent", "parted"]))
CHANGES = tuple(statement for table in ["bare", "silent", "parted"]
                for statement in (f"UPDATE {table} SET v = v + 100 WHERE v < 5", f"DELETE FROM {table} WHERE v = 7", f"INSERT INTO {table} VALUES (200, 200)"))


def identities(server):
    return "".join(server.value(f"SELECT relreplident FROM pg_class WHERE oid = 'shop.{table}'::regclass") for table in TABLES)


@pytest.fixture
def task(source, target, godwit):
    source.execute(*SETUP)
    return godwit(source, target, tables={"include": ["shop.*"], "without_identity": "full"})


def test_they_are_followed_and_have_theirs_again(source, target, task):
    found = task.check().expect(DONE).text
    assert "shop.bare, shop.part, shop.silent get REPLICA IDENTITY FULL" in found.replace(" and", ","), found
    assert identities(source) == "dnd", "a check changes nothing"
    task.run().expect(DONE)
    assert identities(source) == "fff"
    source.execute(*CHANGES)
    task.run().expect(DONE)
    assert_equal(source, target)
    task.remove("--yes").expect(DONE)
    assert identities(source) == "dnd"
    source.execute("UPDATE bare SET v = 0", "UPDATE silent SET v = 0", "UPDATE parted SET v = 0")


def test_a_copy_leaves_nothing(source, target, task):
    task.configure(mode="copy")
    task.run().expect(DONE)
    assert identities(source) == "dnd"
    assert_equal(source, target, definitions=False)
    assert identities(target) == "fff"


@pytest.mark.parametrize("place", ["postgres.after_publication", "postgres.after_slot"])
def test_killed_where_they_have_been_set(source, target, task, place):
    task.run(failpoints=place).expect(KILLED)
    assert identities(source) == "fff"
    source.execute(*CHANGES)
    task.run().expect(DONE)
    source.execute("UPDATE bare SET v = -v", "DELETE FROM silent WHERE id > 20", "UPDATE parted SET v = 0")
    task.run().expect(DONE)
    assert_equal(source, target)
    task.remove("--yes").expect(DONE)
    assert identities(source) == "dnd"


def test_another_publication_needs_it_too(source, target, task):
    task.run().expect(DONE)
    source.execute("CREATE PUBLICATION theirs FOR TABLE shop.bare")
    removed = task.remove("--yes").expect(DONE)
    assert identities(source) == "fnd"
    assert 'ALTER TABLE ONLY "shop"."bare" REPLICA IDENTITY DEFAULT' in removed.text
    source.execute("UPDATE bare SET v = 1", "DROP PUBLICATION theirs")


def test_one_that_is_in_use_keeps_nobody_waiting(source, target, task):
    """What waits for a lock has everybody else wait behind it."""
    with source.connect(autocommit=False) as session, session.cursor() as cursor:
        cursor.execute("LOCK TABLE shop.bare IN ACCESS SHARE MODE")
        task.configure(retry_for="2s")
        run = task.start("--until", "caught-up")
        while not run.ended:
            source.execute("SET statement_timeout = '10s'", "INSERT INTO bare VALUES (1, 1)")
        result = run.wait().expect(FAILED)
        assert "in use" in result.text and "REPLICA IDENTITY" in result.text, result.text
        assert identities(source) == "dnd"
        session.rollback()
    task.run().expect(DONE)
    assert_equal(source, target)
