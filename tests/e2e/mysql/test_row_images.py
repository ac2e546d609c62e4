"""Logs that leave columns out of rows, on MySQL."""


import pytest
from harness import shop
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED, INTERRUPTED
from harness.row_images import CASES, set_image, upsert, without_drift
from harness.writer import SHOP, Writer, change_lines, rename_product

COPYING = [t for t in SHOP if t not in (change_lines, rename_product)] + [set_image, upsert]
STREAMING = [*SHOP, set_image, upsert]

ONLY_MYSQL = {
    "functional_unique_keys": (
        ["CREATE TABLE t (id INT PRIMARY KEY, a INT, v INT, UNIQUE ((a + 1)))", "INSERT INTO t VALUES (1, 1, 1), (2, 2, 2)"],
        ["BEGIN", "UPDATE t SET a = 9 WHERE id = 1", "UPDATE t SET a = 1 WHERE id = 2", "UPDATE t SET a = 2 WHERE id = 1", "COMMIT",
         "UPDATE t SET v = 5"]),
    "a_generated_primary_key": (
        ["CREATE TABLE t (a INT, g INT AS (a * 2) STORED NOT NULL PRIMARY KEY, c INT)", "INSERT INTO t (a, c) VALUES (1, 1), (2, 2)"],
        ["UPDATE t SET c = 4", "UPDATE t SET a = 3 WHERE a = 1", "DELETE FROM t WHERE a = 2", "INSERT INTO t (a) VALUES (7)"]),
    "documents": (
        ["CREATE TABLE t (id INT PRIMARY KEY, j JSON, k INT DEFAULT 1, d JSON DEFAULT (JSON_ARRAY(1)))",
         "INSERT INTO t (id, j) VALUES (1, '{\"a\": 1}'), (2, '[1, 2]')"],
        ["UPDATE t SET k = 2", "UPDATE t SET j = JSON_SET(j, '$.b', CAST('1.50' AS DECIMAL(5,2))) WHERE id = 1", "UPDATE t SET j = NULL WHERE id = 2",
         "INSERT INTO t (id) VALUES (3)", "UPDATE t SET d = j, k = 5 WHERE id = 1"]),
    "keys_that_the_server_makes": (
        ["SET sql_generate_invisible_primary_key = ON", "CREATE TABLE t (v INT, w INT)", "INSERT INTO t VALUES (1, 1), (1, 1)"],
        ["UPDATE t SET v = 2 LIMIT 1", "DELETE FROM t WHERE v = 1", "INSERT INTO t (w) VALUES (1)"]),
    "a_parent_followed_by_another_column": (
        ["CREATE TABLE parent (id INT PRIMARY KEY, code INT NOT NULL UNIQUE, v INT)", "INSERT INTO parent VALUES (1, 10, 1), (2, 20, 2)",
         "CREATE TABLE child (id INT PRIMARY KEY, code INT, v INT, FOREIGN KEY (code) REFERENCES parent (code) ON DELETE CASCADE ON UPDATE CASCADE)",
         "INSERT INTO child VALUES (1, 10, 1), (2, 20, 2)"],
        ["DELETE FROM parent WHERE id = 1", "UPDATE parent SET code = 21 WHERE id = 2", "UPDATE parent SET v = 5"]),
}


@pytest.fixture(params=["MINIMAL", "NOBLOB"])
def image(source, request):
    source.execute(f"SET GLOBAL binlog_row_image = '{request.param}'")
    return request.param


@pytest.mark.parametrize("case", [*CASES, *ONLY_MYSQL])
def test_case(follow, case, image):
    setup, changes = {**CASES, **ONLY_MYSQL}[case]
    follow(setup, changes, stream={"consistency": "row", "lanes": 2, "group_ms": 1000})


def test_a_live_migration(source, target, godwit, image):
    shop.load(source, 0.1)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB"}, stream={"consistency": "row"})
    run = task.start()
    with Writer(source, COPYING, threads=3, rate=400) as writer:
        run.wait_until(target.has_tables)
        writer.wait_for(600)
        assert not run.ended, run.result().text
    run.interrupt()
    run.wait().expect(INTERRUPTED)
    task.run().expect(DONE)
    assert_equal(source, target)
    with Writer(source, STREAMING, threads=3, rate=400, seed=7) as writer:
        writer.wait_for(800)
    without_drift(task.run().expect(DONE))
    assert_equal(source, target)
    task.verify().expect(DONE)


def test_killed_at_random_moments(source, target, godwit, image):
    shop.load(source, 0.1)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB"})
    with Writer(source, COPYING, threads=2, rate=300) as writer:
        task.kill_at_random_moments(6, seed=3)
        assert writer.commits
    task.run().expect(DONE)
    assert_equal(source, target)


def test_changes_of_a_document_without_the_document(source, target, godwit):
    source.execute("SET GLOBAL binlog_row_image = 'MINIMAL'", "SET GLOBAL binlog_row_value_options = 'PARTIAL_JSON'")
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, j JSON)",
                   "INSERT INTO shop.t VALUES (1, JSON_OBJECT('a', 1, 'b', REPEAT('x', 200)))")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("UPDATE shop.t SET j = JSON_SET(j, '$.a', 2)")
    result = task.run().expect(FAILED)
    for word in ("shop.t", "binlog_row_image=FULL", "binlog_row_value_options", "binlog."):
        assert word in result.text, result.text
