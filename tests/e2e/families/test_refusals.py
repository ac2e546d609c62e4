"""What is wrong with servers and tables, with a server of the MySQL family as source and PostgreSQL as target, is said clearly, with what to do,
and nothing is harmed."""

import time

import pytest
from harness.godwit import DONE, FAILED, FOUND

REFUSED = (FAILED, FOUND)
FROM_MARIADB = pytest.mark.parametrize("kinds", [("mariadb", "postgres")], ids=["from_mariadb"])


def says(result, *words):
    for word in words:
        assert word.lower() in result.text.lower(), f"says nothing of {word!r}:\n{result.text}"


@pytest.fixture
def small(source):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)", "INSERT INTO shop.t VALUES (1, 1), (2, 2), (3, 3)")
    return source


def test_servers_that_do_not_let_in_and_tables_that_are_not_there(small, target, godwit):
    started = time.monotonic()
    for side, variable in (("source", "SRC_PASSWORD"), ("target", "DST_PASSWORD")):
        task = godwit(small, target)
        task.environment[variable] = "not-this-one"
        for result in (task.run(timeout=15), task.check()):
            says(result.expect(*REFUSED), side, "password", "godwit")
            assert "not-this-one" not in result.text
    says(godwit(small, target, target={"url": target.url_of("nowhere")}).run(timeout=15).expect(*REFUSED), "target", "nowhere", "does not exist")
    assert time.monotonic() - started < 20, "retried what no retry can heal"
    says(godwit(small, target, tables={"include": ["shopp.*"]}).run().expect(*REFUSED), "shopp.*")
    small.execute("CREATE USER weak@'%' IDENTIFIED BY 'w'", "GRANT SELECT ON shop.* TO weak@'%'")
    task = godwit(small, target, source={"url": small.url.replace("godwit@", "weak@")})
    task.environment["SRC_PASSWORD"] = "w"
    for result in (task.check(), task.run()):
        says(result.expect(*REFUSED), "REPLICATION SLAVE", "GRANT")
    assert not target.has_tables()


@FROM_MARIADB
def test_a_table_that_is_there_already(small, target, godwit, assert_same):
    target.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, v bigint)", "INSERT INTO t VALUES (1, 7)")
    task = godwit(small, target)
    says(task.check().expect(FOUND), "shop.t")
    says(task.run().expect(*REFUSED), "shop.t", "if_exists")
    task.configure(target={"if_exists": "append"})
    says(task.run().expect(*REFUSED), "shop.t", "bigint")
    assert target.execute("SELECT * FROM t") == [(1, 7)], "what was there was touched"
    task.configure(target={"if_exists": "replace"})
    task.run().expect(DONE)
    assert_same()


@FROM_MARIADB
def test_what_somebody_does_to_the_target(small, target, godwit, assert_same):
    """A row that is put there or taken from it is told as drift; a table that has gone stops the run."""
    task = godwit(small, target)
    task.run().expect(DONE)
    target.execute("INSERT INTO t VALUES (4, 40)", "DELETE FROM t WHERE id = 1")
    small.execute("INSERT INTO shop.t VALUES (4, 4)", "UPDATE shop.t SET v = 10 WHERE id = 1")
    says(task.run(), "shop.t", "drift")
    target.execute("DROP TABLE t")
    small.execute("INSERT INTO shop.t VALUES (5, 5)")
    says(task.run(timeout=30).expect(*REFUSED), "shop.t", "--restart")
    task.run("--restart").expect(DONE)
    assert_same()
