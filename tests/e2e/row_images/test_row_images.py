"""Logs that leave columns out of rows, on MariaDB. (On MySQL: ../mysql/test_row_images.py.)"""


import pytest
from harness import shop
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED, INTERRUPTED, KILLED
from harness.row_images import CASES, ITEMS, set_image, upsert, without_drift
from harness.writer import SHOP, Writer, change_lines, rename_product

# While rows are copied that the log holds in part, no key may change.
COPYING = [t for t in SHOP if t not in (change_lines, rename_product)] + [set_image, upsert]
STREAMING = [*SHOP, set_image, upsert]


@pytest.fixture(params=["MINIMAL", "NOBLOB"])
def image(source, request):
    source.execute(f"SET GLOBAL binlog_row_image = '{request.param}'")
    return request.param


@pytest.mark.parametrize("consistency", ["prefix", "row"])
@pytest.mark.parametrize("case", CASES)
def test_case(follow, case, consistency, image):
    setup, changes = CASES[case]
    task = follow(setup, changes, stream={"consistency": consistency, "lanes": 2, "group_ms": 1000})
    without_drift(task.status("--json").expect(DONE))


@pytest.mark.parametrize("case", ["updates_of_some_columns", "replace_and_upsert"])
def test_sessions_that_ask_for_less_than_the_others(follow, case):
    setup, changes = CASES[case]
    follow(setup, ["SET SESSION binlog_row_image = 'MINIMAL'", *changes])


@pytest.mark.parametrize("consistency", ["prefix", "row"])
def test_a_live_migration(source, target, godwit, image, consistency):
    shop.load(source, 0.1)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB"}, stream={"consistency": consistency})
    run = task.start()
    with Writer(source, COPYING, threads=3, rate=400) as writer:
        run.wait_until(target.has_tables)
        writer.wait_for(600)
        assert not run.ended, run.result().text
    run.interrupt()
    run.wait().expect(INTERRUPTED)
    task.run().expect(DONE)
    assert_equal(source, target)
    run = task.start()
    with Writer(source, STREAMING, threads=3, rate=400, seed=7) as writer:
        writer.wait_for(800)
        assert not run.ended, run.result().text
    run.interrupt()
    run.wait().expect(INTERRUPTED)
    without_drift(task.run().expect(DONE))
    assert_equal(source, target)
    task.verify().expect(DONE)


def test_killed_at_random_moments(source, target, godwit, image):
    shop.load(source, 0.1)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB"})
    with Writer(source, COPYING, threads=2, rate=300) as writer:
        task.kill_at_random_moments(8, seed=11)
        assert writer.commits
    task.run().expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("failpoint", ["apply.before_statement", "apply.before_commit", "apply.after_commit",
                                       "apply.before_part_commit", "apply.after_part_commit", "task.before_streaming"])
def test_killed_at(failpoint, source, target, godwit):
    source.execute("SET GLOBAL binlog_row_image = 'MINIMAL'")
    shop.load(source, 0.05)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB"},
                  stream={"consistency": "row" if "part" in failpoint else "prefix", "lanes": 3})
    kills = 0
    with Writer(source, COPYING) as writer:
        writer.wait_for(30)
        kills += task.run(failpoints=failpoint).code == KILLED
        task.run().expect(DONE)
    with Writer(source, STREAMING, seed=5) as writer:
        for passage in (1, 2, 5):
            writer.wait_for(60)
            kills += task.run(failpoints=f"{failpoint}:{passage}").code == KILLED
        task.run().expect(DONE)
    assert kills, f"nothing passes the failpoint {failpoint}"
    task.run().expect(DONE)
    assert_equal(source, target)


# name: (set-up, change, words of the error)
LACKING = {
    "parent_followed_by_another_column": (
        ["CREATE TABLE parent (id INT PRIMARY KEY, code INT NOT NULL UNIQUE, v INT)", "INSERT INTO parent VALUES (1, 10, 1)",
         "CREATE TABLE child (id INT PRIMARY KEY, code INT, FOREIGN KEY (code) REFERENCES parent (code) ON DELETE CASCADE)",
         "INSERT INTO child VALUES (1, 10)"],
        "DELETE FROM parent WHERE id = 1", ("shop.parent", "column code")),
    "history": (
        ["CREATE TABLE t (id INT PRIMARY KEY, v INT, w INT) WITH SYSTEM VERSIONING", "INSERT INTO t VALUES (1, 1, 1)"],
        "UPDATE t SET v = 2", ("shop.t", "history")),
    "a_replace_by_a_trigger": (
        ["CREATE TABLE t (id INT PRIMARY KEY, v INT, w INT)", "INSERT INTO t VALUES (1, 1, 1)",
         "CREATE TABLE o (id INT PRIMARY KEY, n INT)", "INSERT INTO o VALUES (1, 1)",
         "CREATE TRIGGER tr AFTER UPDATE ON o FOR EACH ROW REPLACE INTO t (id) VALUES (NEW.id)"],
        "UPDATE o SET n = 2", ("shop.t", "REPLACE")),
}


@pytest.mark.parametrize("case", LACKING)
def test_what_cannot_be_applied_for_want_of_columns(source, target, godwit, case):
    setup, change, words = LACKING[case]
    source.execute("SET GLOBAL binlog_row_image = 'MINIMAL'")
    source.execute("CREATE DATABASE shop", "USE shop", *setup)
    task = godwit(source, target)
    if case != "a_replace_by_a_trigger":
        check = task.check().expect(DONE).text
        assert words[0] in check and "binlog_row_image" in check
    task.run().expect(DONE)
    before = target.execute("CHECKSUM TABLE shop.t, shop.parent, shop.child")
    source.execute("USE shop", change)
    result = task.run().expect(FAILED)
    for word in (*words, "binlog_row_image=FULL", "--restart", "binlog."):
        assert word in result.text, result.text
    assert target.execute("CHECKSUM TABLE shop.t, shop.parent, shop.child") == before
    source.execute("SET GLOBAL binlog_row_image = 'FULL'")
    task.run("--restart").expect(DONE)
    assert_equal(source, target)


def test_without_the_statements_that_tell_a_replace(source, target, godwit):
    source.execute("SET GLOBAL binlog_row_image = 'MINIMAL'", "SET GLOBAL binlog_annotate_row_events = OFF")
    source.execute("CREATE DATABASE shop", "USE shop", *ITEMS)
    task = godwit(source, target)
    assert "binlog_annotate_row_events" in task.check().expect(DONE).text
    task.run().expect(DONE)
    source.execute("USE shop", "UPDATE t SET v = 'x'", "UPDATE t SET u = 11 WHERE id = 1", "INSERT INTO t (id) VALUES (5)")
    task.run().expect(DONE)
    assert_equal(source, target)
    source.execute("USE shop", "UPDATE t SET id = id + 10 WHERE id = 1")
    result = task.run().expect(FAILED)
    assert "REPLACE" in result.text and "shop.t" in result.text


def test_a_key_that_changes_while_it_is_being_copied(source, target, godwit):
    """Between the tokens of a table the row may have been copied under neither key."""
    source.execute("SET GLOBAL binlog_row_image = 'MINIMAL'")
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v CHAR(200))",
                   "INSERT INTO shop.t SELECT seq, REPEAT('x', 150) FROM shop.seq_1_to_40000")
    task = godwit(source, target, copy={"threads": 1, "chunk_bytes": "64KiB"})
    assert task.run(failpoints="copy.after_chunk_commit:5").code == KILLED
    source.execute("UPDATE shop.t SET id = id + 1000000 WHERE id = 40000")
    result = task.run().expect(FAILED)
    for word in ("shop.t", "key", "binlog_row_image=FULL", "--restart"):
        assert word in result.text, result.text
    task.run("--restart").expect(DONE)
    assert_equal(source, target)
    source.execute("UPDATE shop.t SET id = id + 1000000 WHERE id = 39999")
    task.run().expect(DONE)
    assert_equal(source, target)
