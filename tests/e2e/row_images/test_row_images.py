"""Logs that leave columns out of rows."""

import pytest
from harness import shop
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED, INTERRUPTED, KILLED
from harness.row_images import CASES, ITEMS, set_image, upsert, without_drift
from harness.writer import SHOP, Writer, change_lines, rename_product

# While rows are copied that the log holds in part, no key may change.
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


# What MariaDB refuses to have.
NOT_IN_MARIADB = {"functional_unique_keys", "a_generated_primary_key"}

# What each pair is tried with: where MySQL is in it, groups by row alone, the rest being the same.
PAIRS = {"mariadb": ("mariadb", "mariadb"), "mysql": ("mysql", "mysql"),
         "from_mysql": ("mysql", "mariadb"), "from_mariadb": ("mariadb", "mysql")}
EACH = [("mariadb", "prefix"), ("mariadb", "row"), ("mysql", "row"), ("from_mysql", "row"), ("from_mariadb", "row")]
FROM_MYSQL = [pair for pair in PAIRS if PAIRS[pair][0] == "mysql"]


def in_pairs(*names):
    return pytest.mark.parametrize("kinds", [PAIRS[name] for name in names], ids=names)


def images_of(pairs):
    return [pytest.param(PAIRS[pair], *how, image, id="-".join([pair, *how, image]))
            for pair, *how in pairs for image in ("MINIMAL", "NOBLOB") if image == "MINIMAL" or without_blobs(pair)]


def names_for(pair):
    source, target = PAIRS[pair]
    more = ONLY_MYSQL if source == "mysql" else []
    return [*CASES, *(case for case in more if target == "mysql" or case not in NOT_IN_MARIADB)]


def cases():
    """Between kinds, and in groups that are prefixes, with the images that say the least."""
    return [pytest.param(PAIRS[pair], how, image, case, id=f"{case}-{pair}-{how}-{image}")
            for pair, how in EACH for case in names_for(pair) for image in ("MINIMAL", "NOBLOB")
            if image == "MINIMAL" or (without_blobs(pair) and how == "row")]


def without_blobs(pair):
    """Whether it is tried with NOBLOB too, which is between the other two images."""
    return PAIRS[pair][0] == PAIRS[pair][1]


@pytest.fixture(params=["MINIMAL", "NOBLOB"])
def image(source, request):
    source.execute(f"SET GLOBAL binlog_row_image = '{request.param}'")
    return request.param


@pytest.mark.parametrize("kinds, consistency, image, case", cases(), indirect=["image"])
def test_case(follow, case, consistency, image):
    setup, changes = {**CASES, **ONLY_MYSQL}[case]
    task = follow(setup, changes, stream={"consistency": consistency, "lanes": 2, "group_ms": 1000})
    without_drift(task.status("--json").expect(DONE))


@pytest.mark.parametrize("case", ["updates_of_some_columns", "replace_and_upsert"])
def test_sessions_that_ask_for_less_than_the_others(follow, case):
    setup, changes = CASES[case]
    follow(setup, ["SET SESSION binlog_row_image = 'MINIMAL'", *changes])


@pytest.mark.parametrize("kinds, consistency, image", images_of(EACH), indirect=["image"])
def test_a_live_migration(source, target, assert_same, godwit, image, consistency):
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
    assert_same()
    run = task.start()
    with Writer(source, STREAMING, threads=3, rate=400, seed=7) as writer:
        writer.wait_for(800)
        assert not run.ended, run.result().text
    run.interrupt()
    run.wait().expect(INTERRUPTED)
    without_drift(task.run().expect(DONE))
    assert_same()
    task.verify().expect(DONE)


@pytest.mark.parametrize("kinds, image", images_of((pair,) for pair in PAIRS), indirect=["image"])
def test_killed_at_random_moments(source, target, assert_same, godwit, image):
    shop.load(source, 0.1)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB"})
    with Writer(source, COPYING, threads=2, rate=300) as writer:
        task.kill_at_random_moments(8, seed=11)
        assert writer.commits
    task.run().expect(DONE)
    assert_same()


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


@in_pairs(*FROM_MYSQL)
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


@in_pairs(*FROM_MYSQL)
@pytest.mark.parametrize("image", ["FULL", "NOBLOB"])
def test_parts_of_documents(follow, source, image):
    source.execute(f"SET GLOBAL binlog_row_image = '{image}'", "SET GLOBAL binlog_row_value_options = 'PARTIAL_JSON'")
    follow(["CREATE TABLE t (id INT PRIMARY KEY, j JSON, b BLOB, k JSON)", "CREATE TABLE keyless (j JSON, n INT)",
            "INSERT INTO t VALUES (1, JSON_OBJECT('a', 1, 'b', REPEAT('x', 300), 'c', JSON_ARRAY(1, 2, 3)), 'B', '{}'), "
            "(2, JSON_OBJECT('a', JSON_OBJECT('d', 1.5), 'b', REPEAT('y', 300)), NULL, NULL)",
            "INSERT INTO keyless SELECT j, id FROM t"],
           ["UPDATE t SET j = JSON_SET(j, '$.a', 2) WHERE id = 1", "UPDATE t SET j = JSON_REPLACE(j, '$.c[1]', 'two'), b = 'C' WHERE id = 1",
            "UPDATE t SET j = JSON_REMOVE(j, '$.c[0]', '$.b') WHERE id = 1", "UPDATE t SET j = JSON_SET(j, '$.a.d', CAST('2.50' AS DECIMAL(5,2)), '$.new', TRUE) WHERE id = 2",
            "UPDATE t SET j = JSON_SET(j, '$.a', JSON_OBJECT('deep', JSON_ARRAY(NULL, 'é🦆'))), k = JSON_SET(k, '$.x', 1)",
            "UPDATE keyless SET j = JSON_SET(j, '$.b', 'short')", "UPDATE keyless SET j = JSON_REMOVE(j, '$.a') WHERE n = 2",
            "BEGIN", "UPDATE t SET j = JSON_SET(j, '$.n', 1)", "UPDATE t SET j = JSON_SET(j, '$.n', 2) WHERE id = 1", "UPDATE t SET id = id + 10", "COMMIT"])


# Types whose column on the other kind of server has another default than theirs, and some for which both have the same.
OWN_DEFAULTS = {
    "from_mariadb": ({"u": "UUID", "a": "INET4", "b": "INET6"},
                     {"u": "00000000-0000-0000-0000-000000000000", "a": "0.0.0.0", "b": "::"}),
    "from_mysql": ({"j": "JSON", "k": "VECTOR(2)"}, {"j": "null", "k": b""}),
}
SAME_DEFAULTS = """e ENUM('p', 'q') NOT NULL, s SET('p', 'q') NOT NULL, ts TIMESTAMP(6) NOT NULL, dt DATETIME(3) NOT NULL, d DATE NOT NULL,
    y YEAR NOT NULL, ti TIME(2) NOT NULL, bi BIT(9) NOT NULL, bn BINARY(4) NOT NULL, vb VARBINARY(9) NOT NULL, bl BLOB NOT NULL, tx TEXT NOT NULL,
    c CHAR(4) CHARACTER SET utf16 NOT NULL, de DECIMAL(6, 2) NOT NULL, f FLOAT NOT NULL, n BIGINT UNSIGNED NOT NULL"""


@pytest.mark.parametrize("kinds, own", [pytest.param(PAIRS[pair], OWN_DEFAULTS[pair], id=pair) for pair in OWN_DEFAULTS])
def test_defaults_that_a_type_has_of_itself(follow, source, target, image, own):
    types, values = own
    columns = ", ".join([*(f"{name} {text} NOT NULL" for name, text in types.items()), SAME_DEFAULTS])
    follow([f"CREATE TABLE t (id INT PRIMARY KEY, v INT, {columns})", f"CREATE TABLE keyless (v INT, {columns})",
            "SET sql_mode = ''", "INSERT INTO t (id) VALUES (1), (2)"],
           ["SET sql_mode = ''", "INSERT INTO t (id) VALUES (3), (4)", "INSERT INTO t (id, v) VALUES (5, 6)", "REPLACE INTO t (id) VALUES (2)",
            "UPDATE t SET v = 9 WHERE id = 3", "INSERT INTO keyless (v) VALUES (1)",
            "INSERT INTO keyless () VALUES ()", "DELETE FROM keyless WHERE v = 1"])
    for name, value in values.items():
        assert set(target.execute(f"SELECT {name} FROM shop.t UNION SELECT {name} FROM shop.keyless")) == {(value,)}
