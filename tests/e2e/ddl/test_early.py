"""Statements between the place in the log where a task starts and the moment when its tables are made: the target has
by then what the source had after them."""

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, KILLED
from harness.proxy import Proxy

SETUP = ["CREATE DATABASE shop", "CREATE DATABASE old CHARACTER SET utf8mb4", "USE shop",
         "CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(20), w INT, KEY (v))", "INSERT INTO a VALUES (1, 'é', 1), (2, 'b', 2)",
         "CREATE TABLE b (id INT PRIMARY KEY)", "INSERT INTO b VALUES (1), (2)",
         "CREATE TABLE old.t (id INT PRIMARY KEY, v VARCHAR(9))", "INSERT INTO old.t VALUES (1, 'é')",
         "CREATE TABLE old.u (id INT PRIMARY KEY)", "INSERT INTO old.u VALUES (1)"]

# name: statements, in database shop.
CASES = {
    "create_database": ["CREATE DATABASE later CHARACTER SET latin1", "CREATE TABLE later.t (v VARCHAR(9))", "INSERT INTO later.t VALUES ('é')"],
    "create_database_by_default": ["CREATE DATABASE later", "CREATE TABLE later.t (v VARCHAR(9))", "INSERT INTO later.t VALUES ('é')"],
    "create_an_empty_database": ["CREATE DATABASE later COMMENT 'x' COLLATE latin1_bin"],
    "create_database_if_not_exists": ["CREATE DATABASE IF NOT EXISTS later CHARACTER SET latin1", "CREATE DATABASE IF NOT EXISTS old",
                                      "CREATE TABLE old.n (v VARCHAR(9))", "INSERT INTO old.n VALUES ('é')"],
    "alter_a_new_database": ["CREATE DATABASE later CHARACTER SET latin1", "CREATE TABLE later.t (v VARCHAR(9))", "INSERT INTO later.t VALUES ('é')",
                             "ALTER DATABASE later CHARACTER SET utf8mb4", "CREATE TABLE later.u (v VARCHAR(9))", "INSERT INTO later.u VALUES ('é')"],
    "drop_a_new_database": ["CREATE DATABASE later", "CREATE TABLE later.t (v INT)", "INSERT INTO later.t VALUES (1)", "DROP DATABASE later"],
    "alter_database": ["ALTER DATABASE old CHARACTER SET latin1", "CREATE TABLE old.n (v VARCHAR(9))", "INSERT INTO old.n VALUES ('é')"],
    "alter_database_after_create": ["CREATE TABLE old.n (v VARCHAR(9))", "INSERT INTO old.n VALUES ('é')", "ALTER DATABASE old CHARACTER SET latin1",
                                    "CREATE TABLE old.m (v VARCHAR(9))", "INSERT INTO old.m VALUES ('é')"],
    "drop_database": ["INSERT INTO old.t VALUES (2, 'x')", "DROP DATABASE old"],
    "alter_and_drop_database": ["ALTER DATABASE old COMMENT 'x'", "CREATE TABLE old.n (v VARCHAR(9))", "INSERT INTO old.n VALUES ('é')",
                                "ALTER TABLE old.t ADD w INT", "RENAME TABLE b TO old.b", "DROP DATABASE old"],
    "database_made_anew": ["DROP DATABASE old", "CREATE DATABASE old CHARACTER SET latin1", "CREATE TABLE old.t (other VARCHAR(9))",
                           "INSERT INTO old.t VALUES ('é')", "CREATE TABLE old.n (v VARCHAR(9))", "INSERT INTO old.n VALUES ('é')"],
    "database_replaced": ["CREATE OR REPLACE DATABASE old CHARACTER SET latin1", "CREATE TABLE old.t (other VARCHAR(9))", "INSERT INTO old.t VALUES ('é')"],
    "create_table": ["CREATE TABLE n (id INT PRIMARY KEY)", "INSERT INTO n VALUES (1)", "CREATE TABLE l LIKE a", "INSERT INTO l SELECT * FROM a"],
    "drop_table": ["INSERT INTO b VALUES (3)", "DROP TABLE b"],
    "drop_and_create_table": ["INSERT INTO b VALUES (3)", "DROP TABLE b", "CREATE TABLE b (other VARCHAR(9))", "INSERT INTO b VALUES ('x')"],
    "rename_table": ["INSERT INTO b VALUES (3)", "RENAME TABLE b TO c", "INSERT INTO c VALUES (4)"],
    "rename_to_another_database": ["RENAME TABLE b TO old.b, old.t TO t", "INSERT INTO old.b VALUES (4)", "INSERT INTO t VALUES (4, 'x')"],
    "swap_tables": ["RENAME TABLE a TO x, b TO a, x TO b", "INSERT INTO a VALUES (7)", "DELETE FROM b WHERE id = 1"],
    "create_index": ["CREATE INDEX k ON a (w)", "INSERT INTO a VALUES (3, 'c', 3)", "CREATE UNIQUE INDEX q ON a (id, w)"],
    "drop_index": ["DROP INDEX v ON a", "INSERT INTO a VALUES (3, 'c', 3)"],
    "alter_table": ["ALTER TABLE a ADD x INT DEFAULT 5, DROP COLUMN w", "INSERT INTO a (id) VALUES (3)"],
    "truncate": ["TRUNCATE TABLE b", "INSERT INTO b VALUES (9)"],
}


@pytest.fixture
def source_options():
    """Its default is not what the target's is."""
    return {"character_set_server": "latin1"}


def databases(server):
    return server.execute("SELECT schema_name, default_collation_name FROM information_schema.schemata "
                          "WHERE schema_name IN ('shop', 'old', 'later') ORDER BY 1")


IN_ALL_PLACES = ["alter_and_drop_database", "database_made_anew", "drop_and_create_table", "rename_to_another_database", "alter_table"]


@pytest.mark.parametrize("case, failpoint", [(case, "task.before_schema") for case in CASES] + [
    (case, place) for case in IN_ALL_PLACES for place in ("schema.before_create_table", "schema.after_create_table")])
def test_case(source, target, godwit, case, failpoint):
    source.execute(*SETUP)
    task = godwit(source, target, tables={"include": ["shop.*", "old.*", "later.*"]})
    assert task.run(failpoints=failpoint).code == KILLED
    source.execute("USE shop", *CASES[case], "INSERT INTO " + ("b (id) VALUES (100)" if case == "swap_tables" else "a (id) VALUES (100)"))
    task.run().expect(DONE)
    assert_equal(source, target)
    assert databases(source) == databases(target)
    # And it goes on.
    source.execute("CREATE TABLE shop.last (id INT PRIMARY KEY)", "INSERT INTO shop.last VALUES (1)")
    task.run().expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("failpoint", ["ddl.after_pending", "ddl.after_execute", "ddl.after_done"])
@pytest.mark.parametrize("case", ["create_database", "alter_a_new_database", "alter_and_drop_database", "database_made_anew", "database_replaced"])
def test_killed(source, target, godwit, case, failpoint):
    source.execute(*SETUP)
    task = godwit(source, target, tables={"include": ["shop.*", "old.*", "later.*"]})
    assert task.run(failpoints="task.before_schema").code == KILLED
    source.execute("USE shop", *CASES[case])
    kills = sum(task.run(failpoints=failpoint).code == KILLED for _ in range(3))
    assert kills, f"nothing passes the failpoint {failpoint}"
    task.run().expect(DONE)
    assert_equal(source, target)
    assert databases(source) == databases(target)


def test_a_database_that_is_in_the_way_later_is_said(source, target, godwit):
    """In the stream the target's databases are as the source's: one that is there is somebody else's."""
    source.execute(*SETUP)
    task = godwit(source, target, tables={"include": ["shop.*", "later.*"]})
    task.run().expect(DONE)
    target.execute("CREATE DATABASE later")
    source.execute("CREATE DATABASE later CHARACTER SET latin1")
    assert "database exists" in task.run().expect(1).text
    task.ddl("skip").expect(DONE)
    task.run().expect(DONE)


# name: statements, in database shop, of tables that nothing is left of when the task looks for its tables.
GONE = {
    "alter_and_drop": ["ALTER TABLE b ADD c INT", "INSERT INTO b VALUES (9, 9)", "DROP TABLE b"],
    "alter_and_rename": ["INSERT INTO b VALUES (9)", "ALTER TABLE b ADD w INT", "UPDATE b SET w = 1", "RENAME TABLE b TO c", "INSERT INTO c VALUES (10, 10)"],
    "alter_and_rename_at_once": ["ALTER TABLE b ADD w INT, RENAME TO c", "INSERT INTO c VALUES (9, 9)"],
    "leave_the_task": ["ALTER TABLE b ADD w INT", "RENAME TABLE b TO attic.b", "ALTER TABLE a ADD x INT", "RENAME TABLE a TO attic.a"],
    "other_statements": ["TRUNCATE TABLE b", "CREATE INDEX k ON b (id)", "DROP INDEX k ON b", "INSERT INTO b VALUES (1)", "DROP TABLE b",
                         "CREATE TABLE b (other VARCHAR(9))", "INSERT INTO b VALUES ('é')"],
    "like": ["CREATE TABLE l LIKE b", "INSERT INTO l VALUES (9)", "ALTER TABLE b ADD w INT", "DROP TABLE b", "ALTER TABLE l ADD w INT", "INSERT INTO l VALUES (10, 10)",
             "CREATE TABLE l2 LIKE l", "INSERT INTO l2 VALUES (9, 9)", "DROP TABLE l2"],
    "database": ["ALTER TABLE old.t ADD w INT", "INSERT INTO old.t VALUES (7, 'x', 7)", "DROP DATABASE old"],
    "partition": ["CREATE TABLE p (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION x VALUES LESS THAN (100))",
                  "ALTER TABLE p EXCHANGE PARTITION x WITH TABLE b", "ALTER TABLE b ADD w INT", "DROP TABLE b", "INSERT INTO p VALUES (50)"],
}


@pytest.mark.parametrize("case", GONE)
def test_gone_before_the_tables_are_looked_for(source, target, godwit, case):
    """Their definitions are nowhere to be had, and the log has more of them than their end."""
    source.execute(*SETUP, "CREATE DATABASE attic", "CREATE TABLE stays (id INT PRIMARY KEY)")
    with Proxy(source) as proxy:
        done = []

        def between():
            done.append(source.execute("USE shop", *GONE[case], "INSERT INTO stays VALUES (100)"))

        proxy.before[b"FROM information_schema.tables WHERE table_type"] = between
        task = godwit(proxy, target, tables={"include": ["shop.*", "old.*"]})
        task.run("--skip-checks").expect(DONE)
        assert done and source.value("SELECT COUNT(*) FROM shop.stays") == 1
        assert_equal(source, target, ["shop", "old"] if case != "database" else ["shop"])
        assert not target.execute("SHOW DATABASES LIKE 'attic'")
        source.execute("CREATE TABLE shop.last (id INT PRIMARY KEY)", "INSERT INTO shop.last VALUES (1)")
        task.run().expect(DONE)
        assert_equal(source, target, ["shop", "old"] if case != "database" else ["shop"])


@pytest.fixture
def followed(source, target, godwit):
    """A task in the stream over the databases shop, old and later."""
    source.execute(*SETUP)
    task = godwit(source, target, tables={"include": ["shop.*", "old.*", "later.*"]})
    task.run().expect(DONE)
    return task


@pytest.mark.parametrize("kinds", [("mariadb", "mariadb"), ("mysql", "mysql")])
def test_a_default_charset_is_that_of_the_place(source, target, followed):
    """Not of the moment when the stream begins."""
    source.execute("USE old", "CREATE TABLE n (v VARCHAR(9))", "INSERT INTO n VALUES ('é')", "ALTER DATABASE old CHARACTER SET latin1")
    followed.run().expect(DONE)
    assert_equal(source, target)
    source.execute("USE old", "CREATE TABLE m (v VARCHAR(9))", "INSERT INTO m VALUES ('é')", "ALTER DATABASE old CHARACTER SET utf8mb4",
                   "CREATE DATABASE later CHARACTER SET utf16", "CREATE TABLE later.t (v VARCHAR(9))", "INSERT INTO later.t VALUES ('é')",
                   "DROP DATABASE later", "CREATE DATABASE IF NOT EXISTS later", "CREATE TABLE later.u (v VARCHAR(9))", "INSERT INTO later.u VALUES ('é')",
                   "CREATE DATABASE IF NOT EXISTS later CHARACTER SET utf16", "CREATE TABLE later.v (v VARCHAR(9))", "INSERT INTO later.v VALUES ('é')")
    followed.run().expect(DONE)
    assert_equal(source, target)
    assert databases(source) == databases(target)


@pytest.mark.parametrize("failpoint", ["ddl.after_pending", "ddl.before_done", "ddl.after_done"])
def test_a_default_charset_after_a_kill(source, target, followed, failpoint):
    source.execute("USE old", "ALTER DATABASE old CHARACTER SET latin1", "CREATE TABLE n (v VARCHAR(9))", "INSERT INTO n VALUES ('é')",
                   "ALTER DATABASE old CHARACTER SET utf16", "CREATE TABLE m (v VARCHAR(9))", "INSERT INTO m VALUES ('é')", "ALTER DATABASE old CHARACTER SET utf8mb4")
    assert sum(followed.run(failpoints=failpoint).code == KILLED for _ in range(3)) == 3
    followed.run().expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("policy", ["ignore", "stop"])
def test_a_default_charset_that_the_target_does_not_get(source, target, followed, policy):
    """What the source's tables are read by is what its own databases say."""
    followed.configure(ddl={"events": {"alter_database": policy}})
    source.execute("USE old", "ALTER DATABASE old CHARACTER SET latin1", "CREATE TABLE n (v VARCHAR(9))", "INSERT INTO n VALUES ('é')")
    if policy == "stop":
        followed.run().expect(1)
        followed.ddl("skip").expect(DONE)
    followed.run().expect(DONE)
    source.execute("USE old", "INSERT INTO n VALUES ('ü')", "CREATE TABLE m (v VARCHAR(9))", "INSERT INTO m VALUES ('é')", "ALTER DATABASE old CHARACTER SET utf8mb4")
    if policy == "stop":
        followed.run().expect(1)
        followed.ddl("retry").expect(DONE)
    followed.run().expect(DONE)
    for table in ("n", "m"):
        query = f"SELECT v FROM old.{table} ORDER BY v"
        assert source.execute(query) == target.execute(query)
