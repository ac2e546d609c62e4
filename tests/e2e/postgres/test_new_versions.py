"""What came with versions after PostgreSQL 15 is carried over, or said to be left behind. For servers that GODWIT_TEST_POSTGRES names."""

import pytest
from harness.cluster import wait_for
from harness.godwit import DONE, FAILED, FOUND
from harness.postgres import TargetPostgres, version
from harness.postgres_compare import assert_equal

TARGET = version(TargetPostgres.folders)
since_18 = pytest.mark.skipif(min(version(), TARGET) < 18, reason="the servers are older than PostgreSQL 18")

TABLES = [
    "CREATE EXTENSION btree_gist SCHEMA public",
    "CREATE TABLE made (id int PRIMARY KEY, a int, twice int GENERATED ALWAYS AS (a * 2) VIRTUAL, kept int GENERATED ALWAYS AS (a + 1) STORED, t text)",
    "INSERT INTO made (id, a, t) SELECT i, i, repeat('t', i * 100) FROM generate_series(1, 100) i",
    "CREATE TABLE parts (id int PRIMARY KEY, a int, twice int GENERATED ALWAYS AS (a * 2) VIRTUAL) PARTITION BY RANGE (id)",
    "CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (50)", "CREATE TABLE rest PARTITION OF parts DEFAULT",
    "INSERT INTO parts (id, a) SELECT i, i FROM generate_series(1, 100) i",
    "CREATE TABLE there (id int PRIMARY KEY, a int)", "INSERT INTO there VALUES (1, NULL), (2, 2), (3, 3)",
    "ALTER TABLE there ADD CONSTRAINT a_is_there NOT NULL a NOT VALID",
    "CREATE TABLE loose (id int PRIMARY KEY, a int CONSTRAINT plus CHECK (a > 0) NOT ENFORCED, up int CONSTRAINT up REFERENCES there NOT ENFORCED)",
    "INSERT INTO loose VALUES (1, -1, 77), (2, 2, 2)",
    "CREATE TABLE room (id int, during daterange, n int, PRIMARY KEY (id, during WITHOUT OVERLAPS))", "ALTER TABLE room REPLICA IDENTITY FULL",
    "CREATE TABLE booking (id int PRIMARY KEY, room int, during daterange, FOREIGN KEY (room, PERIOD during) REFERENCES room (id, PERIOD during))",
    "INSERT INTO room SELECT 1, daterange('2020-01-01'::date + i, '2020-01-01'::date + i + 1) FROM generate_series(1, 300) i",
    "INSERT INTO booking VALUES (1, 1, '[2020-02-01,2020-03-01)')",
]
CHANGES = [
    "INSERT INTO made (id, a) VALUES (1000, 7)", "UPDATE made SET a = a + 1 WHERE id < 50", "UPDATE made SET id = -1 WHERE id = 1", "DELETE FROM made WHERE id = 2",
    "UPDATE parts SET id = id + 200, a = 0 WHERE id < 10", "INSERT INTO parts (id, a) VALUES (0, 1)",
    "UPDATE there SET a = 5 WHERE id = 2", "INSERT INTO there VALUES (4, 4)", "DELETE FROM there WHERE id = 3",
    "INSERT INTO loose VALUES (3, -3, 99)", "UPDATE loose SET up = 98 WHERE id = 1",
    "UPDATE room SET n = 1 WHERE during << '[2020-02-01,2020-02-02)'", "UPDATE room SET id = 2 WHERE during @> date '2020-05-05'",
    "DELETE FROM room WHERE during @> date '2020-06-05'", "DELETE FROM booking", "INSERT INTO booking VALUES (2, 2, '[2020-05-05,2020-05-06)')",
]


@since_18
def test_what_came_with_18(follow):
    task = follow(TABLES, CHANGES)
    task.verify().expect(DONE)


@since_18
def test_what_came_with_18_in_ddl(follow):
    follow(TABLES, [*CHANGES, "ALTER TABLE made ADD thrice int GENERATED ALWAYS AS (a * 3) VIRTUAL", "INSERT INTO made (id, a) VALUES (1001, 7)",
                    "ALTER TABLE made DROP twice, DROP kept",
                    "UPDATE there SET a = 1 WHERE a IS NULL", "ALTER TABLE there VALIDATE CONSTRAINT a_is_there",
                    "UPDATE loose SET up = NULL", "ALTER TABLE loose ALTER CONSTRAINT up ENFORCED",
                    "CREATE TABLE another (id int PRIMARY KEY, b int GENERATED ALWAYS AS (id + 1) VIRTUAL, c int)", "INSERT INTO another VALUES (1), (2)",
                    "ALTER TABLE another ADD CONSTRAINT c_is_there NOT NULL c NOT VALID", "UPDATE another SET c = 1 WHERE id = 2",
                    "ALTER TABLE another ADD CHECK (id < 9) NOT ENFORCED", "UPDATE another SET c = 2",
                    # In the publication the server would refuse the update.
                    "CREATE TABLE unfollowed (id int, b int GENERATED ALWAYS AS (id + 1) STORED)", "ALTER TABLE unfollowed REPLICA IDENTITY FULL",
                    "INSERT INTO unfollowed VALUES (1)", "UPDATE unfollowed SET id = 2", "DROP TABLE unfollowed"], ddl={"capture": "trigger"})


@since_18
@pytest.mark.parametrize("column", ["STORED", "VIRTUAL"])
def test_a_source_whose_updates_would_fail_is_refused(source, target, godwit, column):
    """In a publication, the server takes no updates of a table whose rows would be told apart by what is in no log."""
    source.execute("CREATE SCHEMA shop", f"CREATE TABLE t (id int, a int GENERATED ALWAYS AS (id * 2) {column})", "INSERT INTO t VALUES (1)")
    task = godwit(source, target, tables={"include": ["shop.*"], "without_identity": "full"})
    assert "would get REPLICA IDENTITY FULL, and column a is generated" in task.check().expect(FOUND).text
    task.run("--skip-checks").expect(FAILED)
    source.execute("UPDATE t SET id = 2", "ALTER TABLE t REPLICA IDENTITY FULL")
    task.configure(tables={"include": ["shop.*"]})
    assert "has REPLICA IDENTITY FULL, and column a is generated" in task.check().expect(FOUND).text
    source.execute("ALTER TABLE t ADD PRIMARY KEY (id)", "ALTER TABLE t REPLICA IDENTITY DEFAULT")
    task.run().expect(DONE)
    source.execute("UPDATE t SET id = 3")
    task.run().expect(DONE)
    assert_equal(source, target)


@since_18
def test_a_key_of_periods_tells_no_rows_apart(source, target, godwit):
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (r int4range, at daterange, PRIMARY KEY (r, at WITHOUT OVERLAPS))", "INSERT INTO t VALUES ('[1,2)', '[2020-01-01,2020-02-01)')",
                   "CREATE TABLE n (id int PRIMARY KEY, a int CONSTRAINT there NOT NULL NO INHERIT)")
    task = godwit(source, target)
    checked = task.check().expect(FOUND).text
    assert "(not WITHOUT OVERLAPS)" in checked and "without their NO INHERIT (1): there ON shop.n" in checked
    task.configure(tables={"include": ["shop.*"], "without_identity": "full"})
    task.run().expect(DONE)
    source.execute("UPDATE t SET at = '[2021-01-01,2021-02-01)'")
    task.run().expect(DONE)
    assert target.value("SELECT at::text FROM t") == "[2021-01-01,2021-02-01)"


@since_18
def test_a_slot_that_nobody_has_read_for_long(source, target, godwit):
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY)")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("ALTER SYSTEM SET idle_replication_slot_timeout = '1s'", "SELECT pg_reload_conf()")
    wait_for(lambda: source.execute("CHECKPOINT", "SELECT wal_status FROM pg_replication_slots") == [("lost",)])
    assert "as nobody read it for idle_replication_slot_timeout" in task.run().expect(FAILED, FOUND).text


@pytest.mark.skipif(version() == TARGET, reason="source and target are of the same version")
def test_views_that_the_target_writes_in_other_words(source, target, godwit):
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, v int)", "INSERT INTO t VALUES (1, 1), (2, 2)",
                   "CREATE VIEW few AS SELECT id, v AS w FROM t WHERE v > 1", "CREATE VIEW fewer AS SELECT f.id FROM few f WHERE f.w < 9 ORDER BY id",
                   "CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM t WHERE id > 0", "CREATE INDEX ON counted (n)")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("INSERT INTO t VALUES (3, 3)")
    task.run().expect(DONE)
    task.run("--restart").expect(DONE)
    assert target.execute("SELECT id FROM fewer") == [(2,), (3,)]
    assert target.value("SELECT n FROM counted") == 3
    target.execute("CREATE OR REPLACE VIEW few AS SELECT id, v AS w FROM t WHERE v > 2")
    assert "they exist already, and differ: VIEW shop.few" in task.run("--restart").expect(FAILED, FOUND).text


@pytest.mark.skipif(not version() >= 18 > TARGET, reason="the target is not older")
def test_a_target_that_is_too_old(source, target, godwit):
    source.execute("CREATE SCHEMA shop", *TABLES)
    task = godwit(source, target)
    checked = task.check().expect(FOUND).text
    for said in ("virtual generated column twice of shop.made (PostgreSQL 18)", "NOT ENFORCED constraint plus of shop.loose", " more; take a target of a later version"):
        assert said in checked, checked
    assert not target.has_tables()
