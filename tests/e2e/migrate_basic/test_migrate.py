"""The main job: schema, copy and changes, with the source written to all the while."""

import signal

import pytest
from harness import shop
from harness.compare import assert_equal, compare, user_schemas
from harness.godwit import DONE, FOUND, INTERRUPTED
from harness.writer import Writer


def test_a_quiet_source(source, target, godwit):
    shop.load(source, 0.05)
    godwit(source, target).run().expect(DONE)
    assert assert_equal(source, target).rows > 15000


def test_a_source_that_is_written_to(source, target, godwit):
    shop.load(source, 0.2)
    task = godwit(source, target, copy={"chunk_bytes": "256KiB"})
    with Writer(source) as writer:
        writer.wait_for(20)
        task.run().expect(DONE)
        writer.wait_for(200)
    task.run().expect(DONE)
    assert_equal(source, target)


def test_chunks_of_one_table_read_apart_under_heavy_writing(source, target, godwit):
    shop.load(source, 0.3)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 8})
    with Writer(source, threads=4, rate=2000) as writer:
        writer.wait_for(100)
        task.run().expect(DONE)
    task.run().expect(DONE)
    assert_equal(source, target)


def test_a_source_whose_sessions_read_committed(source, target, godwit):
    source.restart(transaction_isolation="READ-COMMITTED")
    shop.load(source, 0.2)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 4})
    with Writer(source, threads=4, rate=2000) as writer:
        writer.wait_for(100)
        task.run().expect(DONE)
    task.run().expect(DONE)
    assert_equal(source, target)


def test_mode_copy_ends_by_itself(source, target, godwit):
    shop.load(source, 0.05)
    task = godwit(source, target, mode="copy")
    task.start().wait().expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
def test_streams_until_interrupted_and_goes_on_from_there(source, target, godwit, which):
    shop.load(source, 0.02)
    task = godwit(source, target)
    task.run().expect(DONE)
    run = task.start()
    with Writer(source) as writer:
        writer.wait_for(200)
        assert not run.ended, run.result().text
        run.interrupt(which)
        run.wait(15).expect(INTERRUPTED)
    task.run().expect(DONE)
    assert_equal(source, target)


def test_interrupted_in_the_copy_it_keeps_the_finished_chunks(source, target, godwit):
    shop.load(source, 0.5)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 1})
    run = task.start()
    run.wait_until(target.has_tables)
    run.interrupt()
    run.wait(15).expect(INTERRUPTED)
    assert not compare(source, target).equal, "the copy had ended already: this tests nothing"
    task.run().expect(DONE)
    assert_equal(source, target)


def test_a_finished_task_run_again_changes_nothing(source, target, godwit):
    shop.load(source, 0.02)
    task = godwit(source, target)
    task.run().expect(DONE)
    rows_read = "SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'Rows_read'"
    before = int(source.value(rows_read))
    task.run().expect(DONE)
    assert int(source.value(rows_read)) - before < 1000, "it read the tables again"
    assert_equal(source, target)


def test_include_and_exclude(source, target, godwit):
    shop.load(source, 0.01)
    source.execute("CREATE TABLE shop.tmp_1 (i INT PRIMARY KEY)", "CREATE DATABASE other",
                   "CREATE TABLE other.t (i INT PRIMARY KEY)", "CREATE TABLE other.u (i INT PRIMARY KEY)",
                   "INSERT INTO other.t VALUES (1)", "INSERT INTO other.u VALUES (1)")
    task = godwit(source, target, tables={"include": ["shop.*", "~other\\.[a-t]"], "exclude": ["shop.tmp_*"]})
    task.run().expect(DONE)
    assert not target.execute("SHOW TABLES IN shop LIKE 'tmp_1'")
    assert target.execute("SHOW TABLES IN other") == (("t",),)
    source.execute("INSERT INTO shop.tmp_1 VALUES (1)", "INSERT INTO other.t VALUES (2)",
                   "INSERT INTO other.u VALUES (2)", "CREATE TABLE shop.tmp_2 (i INT)",
                   "ALTER TABLE other.u ADD x INT", "INSERT INTO other.u VALUES (3, 3)",
                   "INSERT INTO other.t VALUES (3)")
    task.run().expect(DONE)
    assert target.value("SELECT COUNT(*) FROM other.t") == 3
    assert not target.execute("SHOW TABLES IN shop LIKE 'tmp%'")
    source.execute("DROP TABLE other.u, shop.tmp_1, shop.tmp_2")
    assert_equal(source, target)


KEYS = {
    "negative": ("BIGINT", "CAST(seq AS SIGNED) - 500", "i"),
    "unsigned": ("BIGINT UNSIGNED", "18446744073709551615 - seq", "i"),
    "text": ("VARCHAR(40)", "CONCAT(ELT(1 + seq % 3, 'ä', 'a', 'Z'), '\\\\', seq, CHAR(9))", "i"),
    "latin1": ("VARCHAR(40) CHARACTER SET latin1", "CONCAT(_latin1 X'E9', seq)", "i"),
    "binary": ("VARBINARY(20)", "UNHEX(MD5(seq))", "i"),
    "uuid": ("UUID", "CONCAT('123e4567-e89b-12d3-a456-', LPAD(HEX(seq * 7919 % 1009), 12, '0'))", "i"),
    "decimal": ("DECIMAL(30,10)", "(CAST(seq AS SIGNED) - 500) * 1.0000000001", "i"),
    "datetime": ("DATETIME(6)", "'2000-01-01' + INTERVAL seq * 1000003 MICROSECOND", "i"),
    "timestamp": ("TIMESTAMP(3)", "FROM_UNIXTIME(1600000000 + seq / 1000)", "i"),
    "time": ("TIME(2)", "SEC_TO_TIME((CAST(seq AS SIGNED) - 500) * 60.01)", "i"),
    "enum": ("ENUM('b', 'a', 'c')", "1 + seq % 3", "i, n"),
    "bit": ("BIT(20)", "seq", "i"),
    "double": ("DOUBLE", "seq / 7e0 - 70", "i"),
    "composite": ("VARCHAR(10)", "CONCAT('k', seq % 10)", "i, n"),
}


@pytest.mark.parametrize("kind", KEYS)
def test_a_table_is_chunked_by_any_key(follow, kind):
    column, value, key = KEYS[kind]
    follow(
        [f"CREATE TABLE t (i {column} NOT NULL, n INT NOT NULL, pad VARCHAR(2000), PRIMARY KEY ({key}))",
         f"INSERT INTO t SELECT {value}, seq, REPEAT('x', 1000 + seq) FROM seq_1_to_900"],
        ["UPDATE t SET pad = n WHERE n % 5 = 0", "DELETE FROM t WHERE n % 7 = 0"],
        copy={"chunk_bytes": "64KiB", "threads": 3})


def test_schema_objects(source, target, godwit):
    source.execute(
        "CREATE DATABASE shop CHARACTER SET latin1 COLLATE latin1_german1_ci", "USE shop",
        """CREATE TABLE a (
             id INT NOT NULL AUTO_INCREMENT, b INT DEFAULT (1 + 1), c VARCHAR(50) DEFAULT 'it''s',
             d TEXT, e POINT NOT NULL, f TIMESTAMP NOT NULL DEFAULT NOW() ON UPDATE NOW(),
             g INT INVISIBLE DEFAULT 3, h INT AS (b + 1) VIRTUAL, i INT AS (b * 2) STORED,
             PRIMARY KEY (id), UNIQUE (c, b), KEY (c(10) DESC), FULLTEXT KEY (d), SPATIAL KEY (e),
             KEY (h) IGNORED, CONSTRAINT odd CHECK (b <> 7)
           ) AUTO_INCREMENT=77 COMMENT='all of it' ROW_FORMAT=COMPRESSED""",
        "INSERT INTO a (b, c, d, e) VALUES (1, 'x', 'some words', POINT(1, 2))",
        """CREATE TABLE p (id INT, at DATE, PRIMARY KEY (id, at)) PARTITION BY RANGE (YEAR(at))
           (PARTITION old VALUES LESS THAN (2000), PARTITION new VALUES LESS THAN MAXVALUE)""",
        "INSERT INTO p VALUES (1, '1999-01-01'), (2, '2020-02-02')",
        "CREATE TABLE `odd ``name-é` (`sel ect` INT PRIMARY KEY, `a.b` TEXT)",
        "INSERT INTO `odd ``name-é` VALUES (1, 'x')",
        "CREATE TABLE selfish (id INT PRIMARY KEY, boss INT, FOREIGN KEY (boss) REFERENCES selfish (id))",
        "INSERT INTO selfish VALUES (2, 2), (1, 2)",
        "CREATE TABLE empty_one (id INT PRIMARY KEY)",
        "CREATE VIEW v2 AS SELECT 1 AS x", "CREATE VIEW v1 AS SELECT a.id, v2.x FROM a JOIN v2",
    )
    godwit(source, target).run().expect(DONE)
    assert_equal(source, target)
    assert target.value("SELECT @@character_set_database FROM (SELECT 1) x") == "utf8mb4"
    assert "latin1_german1_ci" in target.execute("SHOW CREATE DATABASE shop")[0][1]
    next_value = "SELECT auto_increment FROM information_schema.tables WHERE table_name = 'a'"
    assert target.value(next_value) == source.value(next_value)


def test_triggers_routines_and_events_when_asked_for(source, target, godwit):
    source.execute(
        "CREATE DATABASE shop", "USE shop", "CREATE TABLE t (i INT PRIMARY KEY, n INT)",
        "CREATE TABLE log (i INT)", "CREATE TRIGGER tr AFTER INSERT ON t FOR EACH ROW INSERT INTO log VALUES (NEW.i)",
        "CREATE PROCEDURE pr() SELECT 1", "CREATE FUNCTION fu() RETURNS INT NO SQL RETURN 7",
        "CREATE EVENT ev ON SCHEDULE EVERY 1 HOUR DO DELETE FROM log", "CREATE SEQUENCE sq START WITH 5",
        "SELECT NEXT VALUE FOR sq", "INSERT INTO t VALUES (1, 1)")
    task = godwit(source, target, objects=["triggers", "routines", "events", "sequences"])
    task.run().expect(DONE)
    source.execute("INSERT INTO shop.t VALUES (2, 2)")
    task.run().expect(DONE)
    assert target.execute("SELECT i FROM shop.log ORDER BY i") == ((1,), (2,)), "a trigger applied twice"
    assert target.value("SELECT shop.fu()") == 7
    assert target.value("SELECT COUNT(*) FROM information_schema.triggers WHERE trigger_schema = 'shop'") == 1
    assert target.value("SELECT COUNT(*) FROM information_schema.routines WHERE routine_schema = 'shop'") == 2
    assert target.value("SELECT status FROM information_schema.events WHERE event_schema = 'shop'") in (
        "DISABLED", "SLAVESIDE_DISABLED")
    assert target.value("SELECT NEXT VALUE FOR shop.sq") > 5


def test_mode_stream_from_a_position(source, target, godwit):
    for server in (source, target):
        shop.load(server, 0.02)
    start = source.value("SELECT @@gtid_binlog_pos")
    with Writer(source) as writer:
        writer.wait_for(300)
    task = godwit(source, target, mode="stream", stream={"start": {"gtid": start}})
    task.run().expect(DONE)
    assert_equal(source, target)


def test_mode_stream_from_a_file_and_offset(source, target, godwit):
    for server in (source, target):
        shop.load(server, 0.02)
    file, offset = source.execute("SHOW MASTER STATUS")[0][:2]
    with Writer(source) as writer:
        writer.wait_for(100)
    task = godwit(source, target, mode="stream", stream={"start": {"file": file, "offset": offset}})
    task.run().expect(DONE)
    assert_equal(source, target)


def test_plan_changes_nothing_and_names_what_would_be_done(source, target, godwit):
    shop.load(source, 0.02)
    plan = godwit(source, target).plan().expect(DONE)
    assert "CREATE TABLE" in plan.text and "order_item" in plan.text
    assert user_schemas(target) == []
    assert not target.execute("SHOW DATABASES LIKE 'godwit'")


def test_check_passes_where_all_is_well(source, target, godwit):
    shop.load(source, 0.01)
    assert "binlog_format" in godwit(source, target).check().expect(DONE).text


def test_status_before_during_and_after(source, target, godwit):
    shop.load(source, 0.02)
    task = godwit(source, target)
    task.status()
    run = task.start()
    with Writer(source) as writer:
        writer.wait_for(100)
        during = task.status("--json").expect(DONE).json()
        assert not run.ended, run.result().text
    run.interrupt()
    run.wait().expect(INTERRUPTED)
    after = task.status("--json").expect(DONE).json()
    assert during and after
    assert "shop" in task.status().expect(DONE).text


def test_progress_as_json(source, target, godwit):
    shop.load(source, 0.05)
    lines = godwit(source, target).run().expect(DONE).progress()
    assert lines, "no line was printed"
    assert all("phase" in line for line in lines)


def test_verify_says_equal_or_what_differs(source, target, godwit):
    shop.load(source, 0.05)
    task = godwit(source, target)
    task.run().expect(DONE)
    task.verify().expect(DONE)
    target.execute("UPDATE shop.product SET weight = 1 WHERE sku = 'sku-0000007'",
                   "DELETE FROM shop.visit LIMIT 1", "SET foreign_key_checks = 0",
                   "INSERT INTO shop.order_item SELECT order_id, line + 100, sku, 1, 1 FROM shop.order_item LIMIT 2")
    result = task.verify("--json").expect(FOUND)
    for word in ("product", "visit", "order_item", "sku-0000007"):
        assert word in result.out, result.text
