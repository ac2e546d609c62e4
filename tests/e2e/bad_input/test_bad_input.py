"""What is wrong is said clearly, with the place and what to do, and nothing is harmed."""

import time

import pytest
from harness import shop
from harness.compare import assert_equal, user_schemas
from harness.godwit import BAD_USAGE, DONE, FAILED, FOUND, INTERRUPTED

REFUSED = (FAILED, FOUND)


def says(result, *words):
    for word in words:
        assert word.lower() in result.text.lower(), f"says nothing of {word!r}:\n{result.text}"


@pytest.fixture
def small(source):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)",
                   "INSERT INTO shop.t VALUES (1, 1), (2, 2), (3, 3)")
    return source


@pytest.mark.parametrize("change, words", [
    ({"sorce": {}}, ("task.yaml:", "sorce", "did you mean", "source")),
    ({"copy": {"threads": "many"}}, ("task.yaml:", "threads")),
    ({"copy": {"threads": 0}}, ("task.yaml:", "threads")),
    ({"mode": "migrat"}, ("task.yaml:", "mode", "migrate")),
    ({"name": "Has Spaces"}, ("task.yaml:", "name")),
    ({"tables": {"include": []}}, ("task.yaml:", "include")),
    ({"tables": {"include": ["~shop.("]}}, ("task.yaml:", "include")),
    ({"source": {"url": "mysql://godwit:secret@127.0.0.1:1"}}, ("task.yaml:", "url")),
    ({"memory_limit": "1 parsec"}, ("task.yaml:", "memory_limit")),
])
def test_a_bad_task_file(small, target, godwit, change, words):
    for command in ("run", "check", "plan", "status", "verify"):
        result = godwit(small, target, **change).command(command).wait().expect(BAD_USAGE)
        says(result, *words)
        assert "secret" not in result.text


def test_bad_usage(small, target, godwit):
    task = godwit(small, target)
    task.command("run", "--until", "doomsday").wait().expect(BAD_USAGE)
    task.command("fly").wait().expect(BAD_USAGE)
    task.task_file.unlink()
    says(task.run().expect(BAD_USAGE), "task.yaml")


def test_the_password_variable_is_not_set(small, target, godwit):
    task = godwit(small, target)
    del task.environment["SRC_PASSWORD"]
    says(task.run().expect(FAILED, BAD_USAGE), "SRC_PASSWORD")


@pytest.mark.parametrize("side, variable", [("source", "SRC_PASSWORD"), ("target", "DST_PASSWORD")])
def test_a_wrong_password(small, target, godwit, side, variable):
    task = godwit(small, target)
    task.environment[variable] = "not-this-one"
    started = time.monotonic()
    for result in (task.run(), task.check()):
        says(result.expect(*REFUSED), side, "password")
        assert "not-this-one" not in result.text
    assert time.monotonic() - started < 10, "retried what no retry can heal"


def test_nobody_listens(small, target, godwit):
    task = godwit(small, target, target={"url": "mysql://godwit@127.0.0.1:9"}, retry_for="1s")
    says(task.run(timeout=30).expect(*REFUSED), "target", "127.0.0.1")


def test_a_missing_grant(small, target, godwit):
    small.execute("CREATE USER weak@'%' IDENTIFIED BY 'w'", "GRANT SELECT ON shop.* TO weak@'%'")
    task = godwit(small, target, source={"url": small.url.replace("godwit@", "weak@")})
    task.environment["SRC_PASSWORD"] = "w"
    for result in (task.check().expect(FOUND), task.run().expect(*REFUSED)):
        says(result, "REPLICATION SLAVE", "GRANT")
    small.execute("GRANT REPLICATION SLAVE, BINLOG MONITOR, RELOAD ON *.* TO weak@'%'")
    task.run().expect(DONE)
    assert_equal(small, target)


def test_a_missing_grant_on_the_target(small, target, godwit):
    target.execute("CREATE USER weak@'%' IDENTIFIED BY 'w'", "GRANT SELECT ON *.* TO weak@'%'")
    task = godwit(small, target, target={"url": target.url.replace("godwit@", "weak@")})
    task.environment["DST_PASSWORD"] = "w"
    says(task.run().expect(*REFUSED), "target", "GRANT")


@pytest.mark.parametrize("options, words", [
    ({"log_bin": None}, ("log_bin",)),
    ({"binlog_format": "STATEMENT"}, ("binlog_format", "ROW")),
])
def test_a_log_that_cannot_be_followed(small, target, godwit, options, words):
    small.restart(**options)
    task = godwit(small, target)
    says(task.check().expect(FOUND), *words)
    says(task.run().expect(*REFUSED), *words)
    assert user_schemas(target) == []
    task.configure(mode="copy", name="only_copy")


def test_no_table_matches(small, target, godwit):
    task = godwit(small, target, tables={"include": ["shopp.*"]})
    says(task.run().expect(*REFUSED), "shopp.*")


def test_a_table_that_is_there_already_and_differs(small, target, godwit):
    target.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v BIGINT)",
                   "INSERT INTO shop.t VALUES (1, 7)")
    task = godwit(small, target)
    says(task.check().expect(FOUND), "shop.t")
    says(task.run().expect(*REFUSED), "shop.t", "if_exists")
    assert target.execute("SELECT * FROM shop.t") == ((1, 7),), "what was there was touched"
    task.configure(target={"if_exists": "append"})
    says(task.run().expect(*REFUSED), "shop.t", "bigint")
    task.configure(target={"if_exists": "replace"})
    task.run().expect(DONE)
    assert_equal(small, target)


def test_append_to_a_table_of_the_same_definition(small, target, godwit):
    target.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)",
                   "INSERT INTO shop.t VALUES (10, 10)")
    godwit(small, target, target={"if_exists": "append"}).run().expect(DONE)
    assert target.value("SELECT COUNT(*) FROM shop.t") == 4


def test_append_meets_the_same_key(small, target, godwit):
    target.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)",
                   "INSERT INTO shop.t VALUES (2, 20)")
    task = godwit(small, target, target={"if_exists": "append"})
    says(task.run().expect(*REFUSED), "shop.t", "duplicate")
    target.execute("DELETE FROM shop.t WHERE id = 2")
    task.run().expect(DONE)
    assert_equal(small, target)


@pytest.mark.parametrize("own_state", [False, True])
def test_the_same_task_twice_at_once(small, target, godwit, own_state):
    task = godwit(small, target)
    task.run().expect(DONE)
    run = task.start()
    time.sleep(1)
    second = task if own_state is False else godwit(small, target)
    says(second.run(timeout=30).expect(FAILED, BAD_USAGE), "running")
    assert not run.ended, run.result().text
    run.interrupt()
    run.wait().expect(INTERRUPTED)


def test_a_purged_position(small, target, godwit):
    task = godwit(small, target)
    task.run().expect(DONE)
    small.execute("INSERT INTO shop.t VALUES (4, 4)", "FLUSH BINARY LOGS")
    small.cut_connections()  # the server may not have noticed yet that its reader has gone
    last = small.execute("SHOW BINARY LOGS")[-1][0]
    deadline = time.monotonic() + 20
    while len(small.execute("SHOW BINARY LOGS")) > 1 and time.monotonic() < deadline:
        small.execute(f"PURGE BINARY LOGS TO '{last}'")
        time.sleep(0.1)
    says(task.run(timeout=30).expect(*REFUSED), "purged")


def test_a_row_that_somebody_put_on_the_target(small, target, godwit):
    task = godwit(small, target)
    task.run().expect(DONE)
    target.execute("INSERT INTO shop.t VALUES (4, 40)")
    small.execute("INSERT INTO shop.t VALUES (4, 4)")
    says(task.run(), "shop.t", "drift")


def test_what_somebody_took_from_the_target(small, target, godwit):
    task = godwit(small, target)
    task.run().expect(DONE)
    target.execute("DELETE FROM shop.t WHERE id = 1")
    small.execute("UPDATE shop.t SET v = 10 WHERE id = 1")
    says(task.run(), "shop.t", "drift")
    for gone in ("TABLE shop.t", "DATABASE shop"):
        target.execute(f"DROP {gone}")
        small.execute("UPDATE shop.t SET v = v + 1")
        says(task.run().expect(FAILED), "shop", "while the changes after", "--restart")
        task.run("--restart").expect(DONE)
        assert_equal(small, target)


def test_a_change_in_statement_format(small, target, godwit):
    task = godwit(small, target)
    task.run().expect(DONE)
    small.execute("USE shop", "SET SESSION binlog_format = 'STATEMENT'", "UPDATE t SET v = v + 1")
    says(task.run().expect(FAILED), "shop.t", "statement")


def test_the_target_is_full_then_grows(source, server, godwit):
    shop.load(source, 0.5)
    size = "ibdata1:12M:autoextend:max:"
    target = server("target", innodb_file_per_table=0, innodb_data_file_path=size + "28M")
    task = godwit(source, target, retry_for="2s")
    says(task.run(timeout=60).expect(FAILED), "full", "shop.")
    target.restart(innodb_data_file_path=size + "800M")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_a_table_dropped_in_mid_copy(source, target, godwit):
    shop.load(source, 0.4)
    task = godwit(source, target, copy={"threads": 1, "chunk_bytes": "64KiB"})
    run = task.start("--until", "caught-up")
    run.wait_until(target.has_tables)
    source.execute("USE shop", "DROP TABLE visit", "DROP TABLE order_item")
    run.wait().expect(DONE)
    assert_equal(source, target)


def test_the_targets_disk_is_full(server, source, godwit):
    full = server("full", innodb_file_per_table="OFF", innodb_data_file_path="ibdata1:12M:autoextend:max:40M")
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, v TEXT)",
                   "INSERT INTO t SELECT seq, REPEAT('x', 1000) FROM seq_1_to_60000")
    task = godwit(source, full, copy={"chunk_bytes": "4MiB"})
    says(task.run().expect(FAILED), "shop.t", "is full", "free space")
    full.restart(innodb_data_file_path="ibdata1:12M:autoextend:max:400M")
    task.run().expect(DONE)
    assert_equal(source, full)
