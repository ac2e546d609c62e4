"""Large objects: copied where `large_objects: copy` asks for it, and brought up to date whenever a run ends with all applied."""

import psycopg2
import pytest
from harness.godwit import BAD_USAGE, DONE, FAILED, FOUND, INTERRUPTED, KILLED
from harness.memory import peak_of_catching_up
from harness.postgres_compare import assert_equal

PART = 512 * 1024  # what is compared and sent at once
# Numbers, sizes, bytes, comments, owners and rights of all that a database has.
ALL = """
    SELECT m.oid, (SELECT sum(octet_length(d)) FROM (SELECT lo_get(m.oid) AS d) x), md5(lo_get(m.oid)), obj_description(m.oid, 'pg_largeobject')
    FROM pg_largeobject_metadata m ORDER BY 1"""
RIGHTS = """
    SELECT oid, pg_get_userbyid(lomowner), array(SELECT a::text FROM unnest(lomacl) a ORDER BY 1) FROM pg_largeobject_metadata ORDER BY 1"""
STORED = "SELECT count(*) FROM pg_largeobject"

# Of several parts with odd ends, of just one, empty, with a hole, and with nothing but a hole.
OBJECTS = [
    "CREATE SCHEMA shop", "CREATE TABLE doc (id int PRIMARY KEY, body oid)", "INSERT INTO doc VALUES (1, 1001), (2, 1002)",
    "CREATE FUNCTION noise(bytes int, seed text) RETURNS bytea LANGUAGE sql AS "
    "'SELECT substring(string_agg(sha256((seed || i)::bytea), NULL ORDER BY i) FROM 1 FOR bytes) FROM generate_series(1, bytes / 32 + 1) i'",
    "SELECT lo_from_bytea(1001, noise(7 * 1024 * 1024 + 333, 'a'))", f"SELECT lo_from_bytea(1002, noise({PART}, 'b'))",
    f"SELECT lo_from_bytea(1003, noise({PART} + 1, 'c'))", "SELECT lo_create(1004)",
    "SELECT lo_from_bytea(1005, '\\x00ff5c7b2c22')", "SELECT lo_put(1005, 20000000, '\\x01')",
    "SELECT lo_create(1006)", "BEGIN", "SELECT lo_truncate64(lo_open(1006, 131072), 30000000)", "COMMIT",
    "SELECT lo_from_bytea(4294967295, 'the last')",
    "COMMENT ON LARGE OBJECT 1001 IS 'it''s \\ large'", "COMMENT ON LARGE OBJECT 1004 IS 'empty'",
]
MANY = ["SELECT count(lo_from_bytea(n::oid, decode(repeat(md5(n::text), n % 40), 'hex'))) FROM generate_series(20000, 23000) n"]


def says(result, *words):
    for word in words:
        assert word.lower() in result.text.lower(), f"says nothing of {word!r}:\n{result.text}"


def assert_same(source, target, query=ALL):
    ours, theirs = source.execute(query), target.execute(query)
    assert ours == theirs, [(one, other) for one, other in zip(ours, theirs) if one != other][:5]


@pytest.fixture
def filled(source):
    source.execute(*OBJECTS, *MANY)
    return source


def test_they_have_to_be_decided_about(filled, target, godwit):
    task = godwit(filled, target)
    for result in (task.check(), task.run()):
        says(result.expect(FOUND), "source: large objects", "3008", "large_objects: copy", "large_objects: ignore")
    assert not target.has_tables()
    task.configure(large_objects="ignore")
    task.check().expect(DONE)
    task.run().expect(DONE)
    assert_equal(filled, target)
    assert target.execute(ALL) == []
    task.configure(source={"url": "mysql://u@127.0.0.1"})
    says(task.check().expect(BAD_USAGE), "large_objects", "PostgreSQL")


def test_copied_and_brought_up_to_date(filled, target, godwit):
    filled.execute("SELECT lo_from_bytea(1007, decode(repeat(md5('x'), 6000000), 'hex'))")
    task = godwit(filled, target, large_objects="copy", memory_limit="64MiB")
    says(task.check().expect(DONE), "3009 to be copied")
    assert peak_of_catching_up(task) < 64
    assert_equal(filled, target)
    assert_same(filled, target)
    assert target.value(STORED) <= filled.value(STORED) + 700, "holes have been filled"
    assert "large objects" not in task.run().expect(DONE).text, "nothing has changed"
    # A byte in the midst, grown, cut, emptied, filled, gone, new, another under an old number; and what is the target's own.
    filled.execute("SELECT lo_put(1001, 3000000, '\\x7e')", "SELECT lo_put(1002, 524288, noise(3000000, 'd'))", "SELECT lo_unlink(1003)",
                   "SELECT lo_put(1004, 0, 'no more')", "COMMENT ON LARGE OBJECT 1004 IS NULL", "COMMENT ON LARGE OBJECT 20001 IS 'one of many'",
                   "BEGIN", "SELECT lo_truncate(lo_open(1005, 131072), 3)", "SELECT lo_truncate(lo_open(20002, 131072), 0)", "COMMIT",
                   "SELECT count(lo_unlink(oid)) FROM pg_largeobject_metadata WHERE oid BETWEEN 22000 AND 22899",
                   "SELECT lo_from_bytea(22100, 'again')", "SELECT lo_from_bytea(5, 'new')", "UPDATE doc SET body = 5 WHERE id = 1")
    target.execute("SELECT lo_from_bytea(30000, 'of the target')")
    says(task.check().expect(DONE), "has 1 of another origin")
    says(task.run().expect(DONE), "large objects: ", "900 removed")
    assert_equal(filled, target)
    assert target.execute("SELECT lo_get(30000)")[0][0].tobytes() == b"of the target"
    target.execute("SELECT lo_unlink(30000)")
    assert_same(filled, target)
    task.run("--restart").expect(DONE)
    assert_same(filled, target)
    task.remove("--yes").expect(DONE)
    assert_same(filled, target)


def test_one_of_another_origin(filled, target, godwit):
    """Kept where it is the same, an error where it differs, overwritten where the task file says so; dropped it never is."""
    filled.execute("SELECT lo_from_bytea(30001, 'alike')")
    target.execute("SELECT lo_from_bytea(30001, 'alike')", "SELECT lo_from_bytea(1003, 'another')", "SELECT lo_from_bytea(7, 'own')")
    task = godwit(filled, target, large_objects="copy", mode="copy")
    says(task.check().expect(DONE), "target: large objects", "3 of another origin")
    says(task.start().wait().expect(FAILED), "large object 1003", "lo_unlink(1003)", "if_exists: replace")
    assert target.execute("SELECT lo_get(1003)")[0][0].tobytes() == b"another"
    task.configure(target={"if_exists": "replace"})
    filled.execute("SELECT lo_unlink(30001)")
    task.start().wait().expect(DONE)
    assert target.execute("SELECT lo_get(30001)")[0][0].tobytes() == b"alike"
    target.execute("SELECT lo_unlink(30001)", "SELECT lo_unlink(7)")
    assert_same(filled, target)


def test_killed_in_the_midst(filled, target, godwit):
    task = godwit(filled, target, large_objects="copy")
    kills = 0
    for passage in (1, 2, 3, 4, 1, 2):
        kills += task.run(failpoints=f"large_objects.before_commit:{passage}").code == KILLED
    assert kills == 6
    has = target.value("SELECT count(*) FROM pg_largeobject_metadata")
    assert 0 < has < 3008, "it was killed too early or too late to test anything"
    task.run().expect(DONE)
    assert_same(filled, target)
    filled.execute("SELECT lo_put(1001, 1, noise(5000000, 'e'))", "SELECT count(lo_put(oid, 0, 'x')) FROM pg_largeobject_metadata WHERE oid > 20000")
    for passage in (1, 3):
        task.run(failpoints=f"large_objects.before_commit:{passage}").expect(KILLED)
    task.run().expect(DONE)
    assert_same(filled, target)
    assert target.value("SELECT count(*) FROM godwit.task_large_object") == 3008


def test_connections_are_lost_and_the_run_is_stopped(source, target, godwit):
    source.execute(*OBJECTS[:3], "SELECT lo_from_bytea(1001, decode(repeat(md5('x'), 2000000), 'hex'))")
    task = godwit(source, target, large_objects="copy")

    def started():
        run = task.start("--until", "caught-up")
        run.wait_until(lambda: target.value(STORED))
        return run

    run = started()
    assert source.cut_connections() > 0
    run.wait_until(lambda: target.value(STORED) > 6000)
    assert target.cut_connections() > 0
    run.wait().expect(DONE)
    assert_same(source, target)
    target.execute("SELECT lo_unlink(1001)")
    run = started()
    run.interrupt()
    run.wait(20).expect(INTERRUPTED)
    assert target.value(STORED) < source.value(STORED), "it had ended before"
    task.run().expect(DONE)
    assert_same(source, target)


def test_rights(source, target, godwit):
    roles = ["CREATE ROLE keeper", "CREATE ROLE reader"]
    source.execute(*roles, "CREATE ROLE weak LOGIN REPLICATION PASSWORD 'w'", "CREATE ROLE gone", "GRANT CREATE ON DATABASE shop TO weak",
                   "CREATE SCHEMA shop AUTHORIZATION weak", "SET ROLE weak", "CREATE TABLE doc (id int PRIMARY KEY, body oid)", "RESET ROLE",
                   "SELECT lo_from_bytea(n::oid, 'some bytes') FROM generate_series(1, 300) n", "ALTER LARGE OBJECT 1 OWNER TO keeper",
                   "GRANT SELECT, UPDATE ON LARGE OBJECT 1 TO reader WITH GRANT OPTION", "GRANT SELECT ON LARGE OBJECT 2 TO PUBLIC, gone")
    target.execute(*roles)
    task = godwit(source, target, large_objects="copy", objects=["rights"], source={"url": source.url_of("shop", "weak")})
    task.environment["SRC_PASSWORD"] = "w"
    says(task.check().expect(FOUND), "source: large objects", "299 of 300", "such as 1", "GRANT SELECT ON LARGE OBJECT")
    source.execute(*(f"GRANT SELECT ON LARGE OBJECT {n} TO weak" for n in range(3, 301)), "GRANT keeper TO weak")
    task.run().expect(DONE)
    rights = [[(oid, owner, [acl for acl in acls if not acl.startswith(("gone=", "weak=", f"{owner}="))])
               for oid, owner, acls in server.execute(RIGHTS)] for server in (source, target)]
    assert rights[0] == rights[1] and rights[0][0][1:] == ("keeper", ["reader=r*w*/keeper"])
    assert_same(source, target)
    source.execute("SELECT lo_put(1, 5, 'other')", "REVOKE ALL ON LARGE OBJECT 2 FROM gone", "GRANT SELECT ON LARGE OBJECT 2 TO reader")
    task.run().expect(DONE)
    assert_same(source, target)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        target.execute("SET ROLE reader", "SELECT lo_get(3)")
    assert target.execute("SET ROLE reader", "SELECT lo_get(2)")
