"""What is done about DDL by the rules of the task file, and by the operator where it fails: nothing is lost
in silence, and every state has its way out."""

import pytest
from harness.compare import assert_equal
from harness.godwit import BAD_USAGE, DONE, FAILED, KILLED

SETUP = ["CREATE DATABASE shop", "USE shop",
         "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20), w INT)", "INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2)",
         "CREATE TABLE u (id INT PRIMARY KEY, c ENUM('x', 'y'))", "INSERT INTO u VALUES (1, 'x')",
         "CREATE TABLE d (id INT PRIMARY KEY, f DOUBLE(9,2), v VARCHAR(9)) DEFAULT CHARSET latin1", "INSERT INTO d VALUES (1, 1.25, 'é')",
         "CREATE TABLE e (k VARCHAR(9) PRIMARY KEY) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_general_ci", "INSERT INTO e VALUES ('a')"]


@pytest.fixture
def migrated(source, target, godwit):
    """migrated(ddl={...}): a task over the tables of SETUP, streaming."""

    def make(**task):
        source.execute(*SETUP)
        one = godwit(source, target, **task)
        one.run().expect(DONE)
        return one

    return make


def change(source, *statements):
    source.execute("USE shop", *statements)


def not_executed(task):
    return [(one["outcome"], one["tables"], one["statement"]) for one in task.ddl("--json").expect(DONE).json()["not_executed"]]


# --- ignore ---

def test_a_column_that_the_target_does_not_get(source, target, migrated):
    task = migrated(ddl={"events": {"add_column": "ignore"}})
    change(source, "ALTER TABLE t ADD n INT DEFAULT 5 AFTER id", "INSERT INTO t VALUES (3, 7, 'c', 3)",
           "UPDATE t SET n = 8 WHERE id = 1", "UPDATE t SET n = 9, v = 'bb' WHERE id = 2", "DELETE FROM t WHERE id = 1")
    result = task.run().expect(DONE)
    assert target.execute("SELECT * FROM shop.t ORDER BY id") == ((2, "bb", 2), (3, "c", 3))
    last = result.progress()[-1]
    assert last["changes"]["ddls_not_executed"] == 1 and last["drifted_rows"] == 0
    assert last["changes"]["left_out_by_table"] == {"shop.t": 4}
    assert "lacks n: the values are left out" in result.text
    assert not_executed(task) == [("ignored", "shop.t", "ALTER TABLE t ADD n INT DEFAULT 5 AFTER id")]
    # It stays so in later runs, and later DDL finds it so.
    change(source, "INSERT INTO t VALUES (4, 1, 'd', 4)", "ALTER TABLE t ADD KEY (v)", "INSERT INTO t VALUES (5, 1, 'e', 5)")
    task.run().expect(DONE)
    assert target.execute("SELECT id, v, w FROM shop.t ORDER BY id") == ((2, "bb", 2), (3, "c", 3), (4, "d", 4), (5, "e", 5))
    assert "1 ignored" in task.status().expect(DONE).text
    assert task.status("--json").json()["ddl_not_executed"][0]["ignored"] == 1
    # Made alike again, the target takes all values.
    target.execute("ALTER TABLE shop.t ADD n INT DEFAULT 5 AFTER id")
    change(source, "INSERT INTO t VALUES (6, 11, 'f', 6)")
    task.run().expect(DONE)
    assert target.execute("SELECT n FROM shop.t WHERE id = 6") == ((11,),)


def test_a_column_that_the_target_keeps(source, target, migrated):
    task = migrated(ddl={"events": {"drop_column": "ignore"}})
    change(source, "ALTER TABLE t DROP COLUMN w", "INSERT INTO t VALUES (3, 'c')", "UPDATE t SET v = 'z' WHERE id = 1")
    task.run().expect(DONE)
    assert target.execute("SELECT * FROM shop.t ORDER BY id") == ((1, "z", 1), (2, "b", 2), (3, "c", None))


def test_rows_keep_what_the_target_alone_has(source, target, godwit):
    """Whatever becomes of a row but its end: another key, a unique value that moves on to another row."""
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, n INT UNIQUE, own INT DEFAULT 5, v INT)",
                   "INSERT INTO t VALUES (1, 1, 10, 1), (2, 2, 20, 2), (3, 3, 30, 3), (4, 4, 40, 4)")
    task = godwit(source, target, ddl={"events": {"drop_column": "ignore"}})
    task.run().expect(DONE)
    change(source, "ALTER TABLE t DROP COLUMN own", "BEGIN", "UPDATE t SET id = 11 WHERE id = 1", "UPDATE t SET n = NULL WHERE id = 2",
           "UPDATE t SET n = 2 WHERE id = 3", "UPDATE t SET n = 3 WHERE id = 2", "DELETE FROM t WHERE id = 4",
           "INSERT INTO t VALUES (4, 4, 44)", "UPDATE t SET v = 0 WHERE id = 11", "COMMIT")
    result = task.run().expect(DONE)
    # The row 4 is another one on the source too.
    assert target.execute("SELECT id, n, v, own FROM shop.t ORDER BY id") == ((2, 3, 2, 20), (3, 2, 3, 30), (4, 4, 44, 5), (11, 1, 0, 10))
    assert result.progress()[-1]["drifted_rows"] == 0


@pytest.mark.parametrize("statement, change_after, expected", [
    ("ALTER TABLE t MODIFY v VARCHAR(40)", "INSERT INTO t VALUES (3, REPEAT('x', 30), 3)", "would not store"),
    ("ALTER TABLE t MODIFY v VARCHAR(40)", "INSERT INTO t VALUES (3, CONCAT('x', SPACE(30)), 3)", "would not store"),
    ("ALTER TABLE t MODIFY w BIGINT", "INSERT INTO t VALUES (3, 'x', 5000000000)", "Out of range"),
    ("ALTER TABLE t MODIFY w DECIMAL(9,2)", "", "its type is another"),
    ("ALTER TABLE u MODIFY c ENUM('y', 'x')", "", "its labels are others"),
    ("ALTER TABLE u MODIFY c ENUM('x', 'y', 'z')", "INSERT INTO u VALUES (2, 'z')", "would not store"),
    ("ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id, w)", "", "tells its rows apart"),
    ("ALTER TABLE d MODIFY f DOUBLE", "", "it rounds values"),
    ("ALTER TABLE d MODIFY f DOUBLE(9,4)", "", "it rounds values"),
    ("ALTER TABLE d CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "", "its charset is another"),
    ("ALTER TABLE e MODIFY k VARCHAR(9) COLLATE utf8mb4_bin", "", "its collation is"),
])
def test_what_the_target_cannot_hold_is_an_error_with_a_way_out(source, target, migrated, statement, change_after, expected):
    task = migrated(ddl={"policy": "ignore"})
    change(source, statement)
    if change_after:
        task.run().expect(DONE)
        change(source, change_after)
    result = task.run().expect(FAILED)
    assert expected in result.text
    target.execute("USE shop", statement)
    task.run().expect(DONE)
    assert_equal(source, target)


def test_row_images_that_lack_what_the_target_would_make_up(source, target, migrated):
    task = migrated(ddl={"policy": "ignore"})
    source.execute("SET GLOBAL binlog_row_image = MINIMAL")
    change(source, "ALTER TABLE t MODIFY w INT DEFAULT 7", "INSERT INTO t (id, v, w) VALUES (3, 'c', 7)", "INSERT INTO t (id, v) VALUES (4, 'd')")
    result = task.run().expect(FAILED)
    assert "lacks column w" in result.text and "default" in result.text
    target.execute("ALTER TABLE shop.t MODIFY w INT DEFAULT 7")
    task.run().expect(DONE)
    assert_equal(source, target)
    # A key of the target's that the images do not hold.
    target.execute("ALTER TABLE shop.t DROP PRIMARY KEY, ADD PRIMARY KEY (id, w)")
    change(source, "ALTER TABLE t COMMENT 'x'", "UPDATE t SET v = 'z' WHERE id = 4")
    result = task.run().expect(FAILED)
    assert "lacks column w" in result.text and "found there" in result.text
    target.execute("ALTER TABLE shop.t DROP PRIMARY KEY, ADD PRIMARY KEY (id)")
    task.run().expect(DONE)
    assert source.execute("SELECT * FROM shop.t ORDER BY id") == target.execute("SELECT * FROM shop.t ORDER BY id")


@pytest.mark.parametrize("kinds", [("mariadb", "mariadb"), ("mysql", "mysql"), ("mariadb", "mysql")], ids="-".join)
def test_a_default_is_the_same_in_other_words(source, target, migrated):
    """The target's server writes it in its own."""
    task = migrated(ddl={"events": {"create_index": "ignore"}})
    source.execute("SET GLOBAL binlog_row_image = MINIMAL")
    change(source, "ALTER TABLE t ADD n DECIMAL(9,2) DEFAULT 5, ADD b BIT(3) DEFAULT 5, ADD s VARCHAR(9) DEFAULT 0x61, ADD at DATETIME DEFAULT '2020-01-01', "
           "ADD f BOOL DEFAULT TRUE, ADD x DOUBLE DEFAULT 1e3, ADD e INT DEFAULT (1+1*2), ADD d DATE DEFAULT '20200102'", "CREATE INDEX v ON t (v)",
           "INSERT INTO t (id) VALUES (3)", "INSERT INTO t (id, n) VALUES (4, 6)")
    task.run().expect(DONE)
    columns = "SELECT id, n, b + 0, s, at, f, x, e, d FROM shop.t ORDER BY id"
    assert source.execute(columns) == target.execute(columns)
    # One that is another still is.
    target.execute("ALTER TABLE shop.t ALTER n SET DEFAULT 5.01")
    change(source, "INSERT INTO t (id) VALUES (5)")
    assert "lacks column n" in task.run().expect(FAILED).text


def test_a_target_that_may_not_tell_its_defaults(source, target, migrated):
    task = migrated(ddl={"events": {"create_index": "ignore"}})
    target.execute("REVOKE CREATE TEMPORARY TABLES ON *.* FROM godwit@'%'")
    source.execute("SET GLOBAL binlog_row_image = MINIMAL")
    change(source, "ALTER TABLE t ADD n DECIMAL(9,2) DEFAULT 5", "CREATE INDEX v ON t (v)", "INSERT INTO t (id) VALUES (3)")
    result = task.run().expect(FAILED)
    assert "does not tell how it writes the defaults" in result.text and "lacks column n" in result.text
    target.execute("GRANT CREATE TEMPORARY TABLES ON godwit.* TO godwit@'%'")
    task.run().expect(DONE)
    assert_equal(source, target, definitions=False)


def test_what_follows_from_rows_that_are_left_out(source, target, migrated):
    """Rows of a table that the target has not take their children along."""
    task = migrated(ddl={"events": {"create_table": "ignore"}})
    change(source, "CREATE TABLE p (id INT PRIMARY KEY, note INT)", "INSERT INTO p VALUES (1, 0), (2, 0), (3, 0)",
           "ALTER TABLE t ADD p INT, ADD FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE ON UPDATE CASCADE",
           "INSERT INTO t VALUES (3, 'c', 3, 1), (4, 'd', 4, 2), (5, 'e', 5, 3)")
    task.run().expect(DONE)
    change(source, "DELETE FROM p WHERE id = 1", "UPDATE p SET id = 20 WHERE id = 2", "UPDATE p SET note = 1")
    task.run().expect(DONE)
    assert source.execute("SELECT * FROM shop.t ORDER BY id") == target.execute("SELECT * FROM shop.t ORDER BY id")


def test_what_follows_through_rows_that_are_left_out(source, target, migrated):
    """Which rows go with a deleted one is not known where those in between are not on the target."""
    task = migrated(ddl={"events": {"create_table": "ignore"}})
    change(source, "CREATE TABLE m (id INT PRIMARY KEY, t INT, FOREIGN KEY (t) REFERENCES t (id) ON DELETE CASCADE)", "INSERT INTO m VALUES (7, 1)",
           "ALTER TABLE u ADD m INT, ADD FOREIGN KEY (m) REFERENCES m (id) ON DELETE CASCADE", "INSERT INTO u VALUES (2, 'y', 7)",
           "UPDATE t SET v = 'z'")
    task.run().expect(DONE)
    change(source, "DELETE FROM t WHERE id = 1")
    result = task.run().expect(FAILED)
    assert "rows of shop.m follow" in result.text and "rows of shop.u follow" in result.text
    task.run("--restart").expect(DONE)
    assert_equal(source, target)


def test_a_target_that_keeps_its_warnings_to_itself(source, target, migrated):
    """Many rows at once, bound apart from their statement; the server's own setting has it tell nothing."""
    target.execute("SET GLOBAL max_error_count = 0")
    task = migrated(ddl={"policy": "ignore"})
    change(source, "ALTER TABLE t MODIFY v VARCHAR(40)", "INSERT INTO t SELECT seq, REPEAT('x', 30), 1 FROM seq_1001_to_1400")
    assert "would not store" in task.run().expect(FAILED).text
    target.execute("USE shop", "ALTER TABLE t MODIFY v VARCHAR(40)")
    task.run().expect(DONE)
    assert_equal(source, target)
    # And the advice on a row that is there already.
    target.execute("INSERT INTO shop.t VALUES (2100, '', 1)")
    change(source, "INSERT INTO t SELECT seq, REPEAT('x', 30), 1 FROM seq_2001_to_2400")
    result = task.run().expect(FAILED)
    assert "on the target already" in result.text and "godwit verify" in result.text


def test_rows_that_differ_in_what_is_left_out_alone_are_no_drift(source, target, migrated):
    task = migrated(ddl={"events": {"add_column": "ignore"}})
    change(source, "ALTER TABLE t ADD n INT DEFAULT 5", "BEGIN", "UPDATE t SET v = 'z', n = 6", "UPDATE t SET v = IF(id = 1, 'a', 'b'), n = 7", "COMMIT")
    result = task.run().expect(DONE)
    assert result.progress()[-1]["drifted_rows"] == 0
    assert target.execute("SELECT * FROM shop.t ORDER BY id") == ((1, "a", 1), (2, "b", 2))


def test_keys_that_change_between_the_parts_of_a_group(source, target, migrated):
    """What is in of a group that lanes have divided is known only as long as it would be divided alike."""
    task = migrated(ddl={"events": {"create_index": "ignore"}}, stream={"consistency": "row", "lanes": 3})
    change(source, "INSERT INTO t SELECT seq, 'x', seq FROM seq_101_to_400", "CREATE UNIQUE INDEX w ON t (w)")
    task.run().expect(DONE)
    change(source, "UPDATE t SET v = 'y', w = w + 10000")
    assert task.run(failpoints="apply.after_part_commit").code == KILLED
    target.execute("CREATE UNIQUE INDEX w ON shop.t (w)")
    result = task.run().expect(FAILED)
    assert "how it was divided cannot be told any more" in result.text and "shop.t" in result.text
    target.execute("DROP INDEX w ON shop.t")
    task.run().expect(DONE)
    target.execute("CREATE UNIQUE INDEX w ON shop.t (w)")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_tables_whose_end_is_ignored_stay(source, target, migrated):
    task = migrated(ddl={"events": {"drop_table": "ignore", "truncate_table": "ignore"}})
    change(source, "TRUNCATE t", "INSERT INTO t VALUES (3, 'c', 3)", "DROP TABLE u")
    task.run().expect(DONE)
    assert target.execute("SELECT id FROM shop.t ORDER BY id") == ((1,), (2,), (3,))
    assert target.execute("SELECT id FROM shop.u") == ((1,),)
    # A row whose key is taken by one that was kept.
    change(source, "INSERT INTO t VALUES (1, 'new', 1)")
    assert "`godwit ddl` lists" in task.run().expect(FAILED).text
    target.execute("DELETE FROM shop.t WHERE id < 3")
    task.run().expect(DONE)
    # A new table of the old one's name is in its way, also by IF NOT EXISTS.
    change(source, "CREATE TABLE IF NOT EXISTS u (id INT PRIMARY KEY, other INT)", "INSERT INTO u VALUES (7, 7)")
    assert "already exists" in task.run().expect(FAILED).text
    task.ddl("replace", "--sql", "RENAME TABLE shop.u TO shop.u_kept", "--sql",
             "CREATE TABLE shop.u (id INT PRIMARY KEY, other INT)").expect(DONE)
    task.run().expect(DONE)
    assert target.execute("SELECT * FROM shop.u") == ((7, 7),)
    assert [one[0] for one in not_executed(task)] == ["ignored", "ignored", "replaced"]


def test_a_table_that_is_not_made_is_left_out(source, target, migrated):
    task = migrated(ddl={"events": {"create_table": "ignore"}})
    change(source, "CREATE TABLE n (id INT PRIMARY KEY)", "INSERT INTO n VALUES (1), (2)", "ALTER TABLE n ADD c INT",
           "INSERT INTO t VALUES (3, 'c', 3)")
    result = task.run().expect(DONE)
    assert result.progress()[-1]["changes"]["rows_left_out"] == 2
    assert "n" not in [row[0] for row in target.execute("SHOW TABLES IN shop")]
    change(source, "INSERT INTO n VALUES (3, 3)", "INSERT INTO t VALUES (4, 'd', 4)")
    task.run().expect(DONE)
    assert target.execute("SELECT COUNT(*) FROM shop.t") == ((4,),)
    change(source, "DROP TABLE n", "INSERT INTO t VALUES (5, 'd', 4)")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_values_that_only_a_copy_has_are_ignored_like_others(source, target, migrated):
    task = migrated(ddl={"events": {"add_column": "ignore"}})
    change(source, "ALTER TABLE t ADD token VARCHAR(40) DEFAULT (UUID())", "INSERT INTO t (id) VALUES (3)")
    assert "copied by itself" not in task.run().expect(DONE).text
    assert target.execute("SELECT * FROM shop.t ORDER BY id") == ((1, "a", 1), (2, "b", 2), (3, None, None))


def test_what_is_to_be_ignored_in_part_stops(source, target, migrated):
    task = migrated(ddl={"events": {"drop_column": "ignore"}})
    change(source, "ALTER TABLE t DROP COLUMN w, ADD x INT DEFAULT 1")
    result = task.run().expect(FAILED)
    assert "drop_column: ignore" in result.text and "never executed in part" in result.text
    task.ddl("replace", "--sql", "ALTER TABLE t ADD x INT DEFAULT 1").expect(DONE)
    change(source, "INSERT INTO t VALUES (3, 'c', 9)")
    task.run().expect(DONE)
    assert target.execute("SELECT id, v, w, x FROM shop.t ORDER BY id") == ((1, "a", 1, 1), (2, "b", 2, 1), (3, "c", None, 9))


def test_a_new_name_is_never_ignored(source, target, migrated):
    task = migrated(ddl={"policy": "ignore"})
    change(source, "RENAME TABLE t TO t2", "INSERT INTO t2 VALUES (3, 'c', 3)")
    assert "another name" in task.run().expect(FAILED).text
    task.ddl("retry").expect(DONE)
    task.run().expect(DONE)
    assert_equal(source, target)


# --- stop ---

def test_stopped_before_a_statement_and_each_way_on(source, target, migrated):
    task = migrated(ddl={"events": {"truncate_table": "stop", "alter_table": "stop"}})
    change(source, "INSERT INTO t VALUES (3, 'c', 3)", "TRUNCATE t", "INSERT INTO t VALUES (4, 'd', 4)")
    for _ in range(2):
        result = task.run().expect(FAILED)
        assert "truncate_table: stop" in result.text and "TRUNCATE t" in result.text and "godwit ddl skip" in result.text
        assert target.execute("SELECT COUNT(*) FROM shop.t") == ((3,),)
    waiting = task.ddl("--json").expect(DONE).json()["waiting"]
    assert waiting["statement"] == "TRUNCATE t" and waiting["decision"] == "" and waiting["position"]
    assert "DDL waits" in task.status().text
    task.ddl("skip").expect(DONE)
    assert task.ddl("--json").json()["waiting"]["decision"] == "skip"
    task.run().expect(DONE)
    assert target.execute("SELECT COUNT(*) FROM shop.t") == ((4,),)
    change(source, "TRUNCATE t", "INSERT INTO t VALUES (5, 'd', 4)")
    task.run().expect(FAILED)
    task.ddl("retry").expect(DONE)
    task.run().expect(DONE)
    assert_equal(source, target)
    assert "no DDL waits" in task.ddl().expect(DONE).text
    assert "no DDL of the task waits" in task.ddl("retry").expect(FAILED).text
    change(source, "ALTER TABLE t DROP COLUMN w, ADD COLUMN z INT")
    task.run().expect(FAILED)
    task.ddl("replace", "--sql", "ALTER TABLE shop.t DROP COLUMN w", "--sql", "ALTER TABLE shop.t ADD COLUMN z INT").expect(DONE)
    change(source, "INSERT INTO t VALUES (6, 'd', 4)")
    task.run().expect(DONE)
    assert_equal(source, target)
    assert [one[0] for one in not_executed(task)] == ["skipped", "replaced"]


# --- failures on the target ---

def test_a_failure_waits_for_the_operator(source, target, migrated):
    task = migrated()
    target.execute("ALTER TABLE shop.t ADD n INT")
    change(source, "ALTER TABLE t ADD n INT", "INSERT INTO t VALUES (3, 'c', 3, 3)")
    result = task.run().expect(FAILED)
    assert "Duplicate column" in result.text and "ALTER TABLE t ADD n INT" in result.text
    # It is not tried again unasked, even where it would do now.
    target.execute("ALTER TABLE shop.t DROP n")
    assert "Duplicate column" in task.run().expect(FAILED).text
    task.ddl("retry").expect(DONE)
    task.run().expect(DONE)
    assert_equal(source, target)


def test_skipped_since_it_was_done_by_hand(source, target, migrated):
    task = stopped_by_a_column(source, target, migrated)
    task.ddl("skip").expect(DONE)
    result = task.run().expect(DONE)
    assert result.progress()[-1]["changes"]["rows_in_part"] == 0
    assert_equal(source, target)


def test_a_rename_that_was_skipped_needs_its_table(source, target, migrated):
    task = migrated()
    target.execute("CREATE TABLE shop.t2 (x INT)")
    change(source, "RENAME TABLE t TO t2", "INSERT INTO t2 VALUES (3, 'c', 3)")
    task.run().expect(FAILED)
    target.execute("DROP TABLE shop.t2")
    task.ddl("skip").expect(DONE)
    assert "has no such table" in task.run().expect(FAILED).text
    target.execute("RENAME TABLE shop.t TO shop.t2")
    task.run().expect(DONE)
    assert_equal(source, target)


def stopped_by_a_column(source, target, migrated):
    """A task that waits at an ALTER, as the target has the column already."""
    task = migrated()
    target.execute("ALTER TABLE shop.t ADD n INT")
    change(source, "ALTER TABLE t ADD n INT", "INSERT INTO t VALUES (3, 'c', 3, 3)")
    task.run().expect(FAILED)
    return task


def test_a_replacement_that_fails_waits_again(source, target, migrated):
    task = stopped_by_a_column(source, target, migrated)
    task.ddl("replace", "--sql", "ALTER TABLE shop.t DROP n", "--sql", "ALTER TABLE shop.t ADD w INT").expect(DONE)
    assert "statement 2 of 2" in task.run().expect(FAILED).text
    # What has been executed is not forgotten.
    waiting = task.ddl("--json").expect(DONE).json()["waiting"]
    assert waiting["replacement"] == ["ALTER TABLE shop.t DROP n"] and waiting["replaced"] == 1
    assert "executed in its place: ALTER TABLE shop.t DROP n" in task.ddl().text
    task.ddl("replace", "--sql", "ALTER TABLE shop.t ADD w INT").expect(DONE)
    assert "statement 2 of 2" in task.run().expect(FAILED).text
    task.ddl("retry").expect(DONE)
    assert task.run(failpoints="ddl.after_execute").code == KILLED
    task.run().expect(DONE)
    assert_equal(source, target)
    (one,) = task.ddl("--json").expect(DONE).json()["not_executed"]
    assert one["outcome"] == "replaced"
    assert one["instead"] == "ALTER TABLE shop.t DROP n; ALTER TABLE t ADD n INT"


@pytest.mark.parametrize("step, half", [
    ("DROP TABLE shop.u, shop.d", "DROP TABLE shop.u"), ("DROP TABLE shop.u, shop.d", "DROP TABLE shop.u, shop.d"),
    ("CREATE OR REPLACE TABLE shop.u (z INT)", "DROP TABLE shop.u"), ("CREATE OR REPLACE TABLE shop.u (z INT)", "SELECT 1"),
    ("DROP VIEW shop.v1, shop.v2", "DROP VIEW shop.v1"), ("TRUNCATE TABLE shop.u", "TRUNCATE TABLE shop.u")])
def test_a_replacement_of_which_half_was_done(source, target, migrated, step, half):
    """As MariaDB leaves it when it is killed between two tables, or between the DROP and the CREATE of OR REPLACE."""
    task = stopped_by_a_column(source, target, migrated)
    target.execute("CREATE VIEW shop.v1 AS SELECT 1", "CREATE VIEW shop.v2 AS SELECT 1")
    task.ddl("replace", "--sql", step, "--sql", "ALTER TABLE shop.t COMMENT 'x'").expect(DONE)
    assert task.run(failpoints="ddl.after_step_begun").code == KILLED
    target.execute(half)
    task.run().expect(DONE)
    left = {row[0] for row in target.execute("SHOW TABLES IN shop")}
    if step.startswith("DROP"):
        assert not left & {name.split(".")[1] for name in step.split(" ", 2)[2].split(", ")}
    else:
        assert target.value("SELECT COUNT(*) FROM shop.u") == 0
    assert target.value("SELECT table_comment FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = 't'") == "x"


def test_skipped_after_a_part_was_replaced(source, target, migrated):
    task = stopped_by_a_column(source, target, migrated)
    task.ddl("replace", "--sql", "ALTER TABLE shop.t COMMENT 'x'", "--sql", "ALTER TABLE shop.t ADD w INT").expect(DONE)
    task.run().expect(FAILED)
    task.ddl("skip").expect(DONE)
    task.run().expect(DONE)
    (one,) = task.ddl("--json").expect(DONE).json()["not_executed"]
    assert one["outcome"] == "replaced" and one["instead"] == "ALTER TABLE shop.t COMMENT 'x'"
    assert target.execute("SELECT n FROM shop.t WHERE id = 3") == ((3,),)


def test_a_table_that_comes_in_is_stopped_at_with_its_statement(source, target, migrated):
    task = migrated(ddl={"events": {"rename_table": "stop"}})
    source.execute("CREATE DATABASE attic", "CREATE TABLE attic.c (id INT PRIMARY KEY)", "INSERT INTO attic.c VALUES (1)")
    change(source, "RENAME TABLE attic.c TO c", "INSERT INTO c VALUES (2)")
    assert "statement: RENAME TABLE attic.c TO c\n" in task.run().expect(FAILED).text
    assert task.ddl("--json").expect(DONE).json()["waiting"]["statement"] == "RENAME TABLE attic.c TO c"
    task.ddl("retry").expect(DONE)
    task.run().expect(DONE)
    assert_equal(source, target, ["shop"])


def test_a_running_task_takes_no_decision(source, target, migrated):
    task = migrated(ddl={"events": {"truncate_table": "stop"}})
    change(source, "TRUNCATE t")
    task.run().expect(FAILED)
    task.ddl("retry").expect(DONE)
    run = task.start()
    run.wait_until(lambda: target.execute("SELECT COUNT(*) FROM shop.t") == ((0,),))
    assert "running" in task.ddl("skip").expect(FAILED).text
    run.interrupt()
    run.wait()


FAILPOINTS = ["ddl.after_held", "ddl.after_pending", "ddl.after_execute", "ddl.before_done", "ddl.after_done", "ddl.after_step_begun", "ddl.after_step"]


@pytest.mark.parametrize("failpoint", FAILPOINTS)
def test_killed_on_each_way(source, target, migrated, failpoint):
    """Whatever was decided is done once."""
    task = migrated(ddl={"events": {"add_column": "stop", "create_index": "ignore"}})
    ways = {"retry": [], "skip": [], "replace": ["--sql", "ALTER TABLE t ADD r2 INT", "--sql", "ALTER TABLE t ADD r3 INT"]}
    kills = 0
    for turn, (verb, more) in enumerate(ways.items()):
        change(source, f"ALTER TABLE t ADD KEY k{turn} (v)", f"ALTER TABLE t ADD c{turn} INT DEFAULT 7", f"UPDATE t SET c{turn} = {turn}")
        for passage in (1, 2):
            kills += task.run(failpoints=f"{failpoint}:{passage}").code == KILLED
        task.run().expect(FAILED)
        task.ddl(verb, *more).expect(DONE)
        for passage in (1, 2):
            kills += task.run(failpoints=f"{failpoint}:{passage}").code == KILLED
        task.run().expect(DONE)
    assert kills, f"nothing passes the failpoint {failpoint}"
    assert [row[0] for row in target.execute("SHOW COLUMNS IN shop.t")] == ["id", "v", "w", "c0", "r2", "r3"]
    assert target.execute("SELECT DISTINCT c0 FROM shop.t") == ((0,),)
    assert [one[0] for one in not_executed(task)] == ["ignored", "ignored", "skipped", "ignored", "replaced"]


# --- the task file ---

@pytest.mark.parametrize("ddl, expected", [
    ({"events": {"drop_tabel": "ignore"}}, "did you mean 'drop_table'?"),
    ({"policy": "skip"}, "ddl.policy"),
    ({"events": {"drop_table": "no"}}, "ddl.events.drop_table"),
    ({"events": {"rename_table": "ignore"}}, "cannot be ignored"),
    ({"events": ["drop_table"]}, "has to be a mapping"),
])
def test_rules_that_make_no_sense(source, target, godwit, ddl, expected):
    assert expected in godwit(source, target, ddl=ddl).check().expect(BAD_USAGE).text
