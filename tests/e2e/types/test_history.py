"""System-versioned tables: the rows that hold and all that held before, each with its exact times, after
the copy, in the stream, and after kills."""

import itertools
import random

import pymysql
import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED, FOUND, KILLED
from harness.writer import Writer

PERIOD = ("{0} TIMESTAMP(6) GENERATED ALWAYS AS ROW START{2}, {1} TIMESTAMP(6) GENERATED ALWAYS AS ROW END{2}, "
          "PERIOD FOR SYSTEM_TIME ({0}, {1})")
FORMS = {
    "hidden_period": "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(40), n INT WITHOUT SYSTEM VERSIONING, "
                     "UNIQUE (v)) WITH SYSTEM VERSIONING",
    "named_period": "CREATE TABLE t (id INT PRIMARY KEY, " + PERIOD.format("since", "till", "") +
                    ", v VARCHAR(40), n INT WITHOUT SYSTEM VERSIONING) WITH SYSTEM VERSIONING",
    "end_first": "CREATE TABLE t (till TIMESTAMP(6) GENERATED ALWAYS AS ROW END, id INT PRIMARY KEY, v VARCHAR(40), "
                 "since TIMESTAMP(6) GENERATED ALWAYS AS ROW START, n INT, PERIOD FOR SYSTEM_TIME (since, till)) "
                 "WITH SYSTEM VERSIONING",
    "invisible_period": "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(40), n INT AS (id + 1) STORED, "
                        "m INT AS (id + 2) VIRTUAL, " + PERIOD.format("`row start`", "`row``end`", " INVISIBLE") +
                        ") WITH SYSTEM VERSIONING",
    "without_a_key": "CREATE TABLE t (id INT, v VARCHAR(40), n INT) WITH SYSTEM VERSIONING",
    "long_unique_key": "CREATE TABLE t (id INT PRIMARY KEY, v TEXT, n INT, UNIQUE (v)) WITH SYSTEM VERSIONING",
    "partitioned": "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(40), n INT) WITH SYSTEM VERSIONING "
                   "PARTITION BY SYSTEM_TIME INTERVAL 1 DAY STARTS '2024-01-01 00:00:00' PARTITIONS 4",
}
CHANGES = [
    "INSERT INTO t (id, v) VALUES ({0}1, 'a{0}'), ({0}2, 'b{0}'), ({0}3, 'c{0}'), ({0}4, 'd{0}')",
    "UPDATE t SET v = CONCAT(v, '!') WHERE id >= {0}1",
    "UPDATE t SET v = CONCAT(v, '?') WHERE id = {0}1",
    "UPDATE t SET id = {0}5 WHERE id = {0}2",  # the key changes
    "DELETE FROM t WHERE id IN ({0}3, {0}5)",
    "INSERT INTO t (id, v) VALUES ({0}3, 'back{0}')",
    "REPLACE INTO t (id, v) VALUES ({0}3, 'instead{0}')",
    "INSERT INTO t (id, v) VALUES ({0}4, 'more{0}') ON DUPLICATE KEY UPDATE v = CONCAT(v, VALUES(v))",
    # One time for many statements, in one transaction: versions that held for no time.
    "SET timestamp = 1709251200.{0}00001", "BEGIN",
    "INSERT INTO t (id, v) VALUES ({0}6, 'x{0}')", "UPDATE t SET v = 'y{0}' WHERE id = {0}6",
    "DELETE FROM t WHERE id = {0}6", "INSERT INTO t (id, v) VALUES ({0}6, 'z{0}')",
    "DELETE FROM t WHERE id = {0}6", "INSERT INTO t (id, v) VALUES ({0}7, 'w{0}')", "COMMIT",
    "UPDATE t SET v = CONCAT(v, '-') WHERE id = {0}4",  # the clock goes back
    "DELETE FROM t WHERE id = {0}3",
    "SET timestamp = DEFAULT", "UPDATE t SET v = CONCAT(v, '+') WHERE id IN ({0}4, {0}7)",
    "SET timestamp = 1709337600.9999", "DELETE FROM t WHERE id = {0}7", "SET timestamp = DEFAULT",
    # History that a session brings with it.
    "SET system_versioning_insert_history = ON",
]
NAMES = {"named_period": ("since", "till"), "end_first": ("since", "till"),
         "invisible_period": ("`row start`", "`row``end`")}


def changes(form, number):
    """CHANGES for rows of their own."""
    start, end = NAMES.get(form, ("row_start", "row_end"))
    own = [
        f"INSERT INTO t (id, v, {start}, {end}) VALUES ({number}8, 'old{number}', '2020-01-01', '2020-01-02 03:04:05.678901'), "
        f"({number}9, 'new{number}', '2020-01-01', '2038-01-19 03:14:07.999999')",
        f"UPDATE t SET v = 'newer{number}' WHERE id = {number}9"]
    if form in ("hidden_period", "named_period"):
        own += [f"UPDATE t SET n = 5 WHERE id >= {number}1",  # a column that leaves no history
                f"UPDATE t SET n = n + 1, v = CONCAT(v, n) WHERE id = {number}1"]
    return [statement.format(number) for statement in CHANGES] + own


@pytest.mark.parametrize("form", FORMS)
def test_history_is_copied_and_followed(form, follow):
    one = follow([FORMS[form], *changes(form, 1)], [*changes(form, 2), *changes(form, 3)])
    one.verify().expect(DONE)


@pytest.mark.parametrize("local_infile", [0, 1])
def test_versions_that_held_for_no_time_are_copied(target, follow, local_infile):
    target.execute(f"SET GLOBAL local_infile = {local_infile}")
    follow(["CREATE TABLE t (id INT PRIMARY KEY, v TEXT, e ENUM('', 'a')) WITH SYSTEM VERSIONING",
            "SET timestamp = 1700000000.5",
            "INSERT INTO t VALUES (1, 'tab\\tnl\\n', 1), (2, NULL, 0), (3, 'x', 'a')", "DELETE FROM t WHERE id < 3",
            "INSERT INTO t VALUES (1, 'again', 1)", "SET timestamp = 1600000000.25", "DELETE FROM t WHERE id = 1",
            "INSERT INTO t VALUES (1, 'holds', 2)"], [], sql_mode="")


def test_deleting_history(source, target, follow):
    history = "SELECT COUNT(*) FROM t FOR SYSTEM_TIME ALL WHERE row_end < '2038-01-01'"
    task = follow(
        ["CREATE TABLE t (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING", "SET timestamp = 1600000000",
         "INSERT INTO t SELECT seq, seq FROM seq_1_to_3000", "SET timestamp = 1600000010", "UPDATE t SET v = v + 1",
         "SET timestamp = 1600000020", "UPDATE t SET v = v + 1 WHERE id % 3 = 0"],
        ["BEGIN", "UPDATE t SET v = -v WHERE id <= 10",
         "DELETE HISTORY FROM t BEFORE SYSTEM_TIME '2020-09-13 12:26:55'", "UPDATE t SET v = -v WHERE id <= 10", "COMMIT",
         "UPDATE t SET v = 0 WHERE id = 5"])
    assert target.execute("USE shop", history) == source.execute("USE shop", history) == ((1021,),)
    source.execute("DELETE HISTORY FROM shop.t")
    task.run().expect(DONE)
    assert target.execute("USE shop", history) == ((0,),)
    assert_equal(source, target)


def test_deleting_much_history_within_little_memory(follow):
    """The transaction is told to the target in pieces."""
    follow(["CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(8000)) WITH SYSTEM VERSIONING",
            "INSERT INTO t SELECT seq, REPEAT(CHAR(64 + seq % 50), 8000) FROM seq_1_to_8000",
            "UPDATE t SET v = id"],
           ["DELETE HISTORY FROM t"], memory_limit="64MiB")


def test_history_deleted_by_partition_is_refused_and_nothing_is_lost(source, target, follow):
    task = follow(["CREATE TABLE t (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING PARTITION BY KEY (id) PARTITIONS 4",
                   "INSERT INTO t SELECT seq, seq FROM seq_1_to_40", "UPDATE t SET v = v + 1",
                   "UPDATE t SET v = v + 1 WHERE id % 2 = 0"], [])
    history = "SELECT * FROM shop.t FOR SYSTEM_TIME ALL ORDER BY id, v"
    before = target.execute(history)
    source.execute("DELETE HISTORY FROM shop.t PARTITION (p2)")
    assert 40 < len(source.execute(history)) < len(before) == 100
    result = task.run().expect(FAILED)
    assert "shop.t" in result.text and "history" in result.text and "--restart" in result.text
    assert target.execute(history) == before
    task.run("--restart").expect(DONE)
    assert_equal(source, target)


def test_definitions_with_history_change(source, target, follow):
    follow(["CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 1), (2, 2)",
            "CREATE TABLE h (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING", "INSERT INTO h VALUES (1, 1), (2, 2)",
            "UPDATE h SET v = v + 1"],
           ["SET system_versioning_alter_history = KEEP", "ALTER TABLE t ADD SYSTEM VERSIONING", "UPDATE t SET v = v * 2",
            "ALTER TABLE t ADD COLUMN w INT DEFAULT 7, ADD UNIQUE (v)", "UPDATE t SET w = v", "DELETE FROM t WHERE id = 1",
            "ALTER TABLE t DROP COLUMN w", "UPDATE t SET v = 9", "ALTER TABLE t DROP SYSTEM VERSIONING",
            "INSERT INTO t VALUES (1, 5)", "ALTER TABLE h MODIFY v BIGINT FIRST", "UPDATE h SET v = v + 1",
            "CREATE TABLE l LIKE h", "INSERT INTO l (id, v) SELECT id, v FROM h", "UPDATE l SET v = 0",
            "CREATE TABLE s WITH SYSTEM VERSIONING AS SELECT * FROM h", "DELETE FROM s", "RENAME TABLE l TO m",
            "UPDATE m SET v = 1", "CREATE TABLE e (id INT PRIMARY KEY, v INT)", "INSERT INTO e VALUES (1, 1)",
            "ALTER TABLE e ADD since TIMESTAMP(6) GENERATED ALWAYS AS ROW START, ADD till TIMESTAMP(6) GENERATED ALWAYS "
            "AS ROW END, ADD PERIOD FOR SYSTEM_TIME (since, till), ADD SYSTEM VERSIONING", "UPDATE e SET v = 2"])


@pytest.mark.parametrize("statement", [
    "CREATE TABLE x (id INT PRIMARY KEY, s BIGINT UNSIGNED GENERATED ALWAYS AS ROW START, e BIGINT UNSIGNED GENERATED ALWAYS "
    "AS ROW END, PERIOD FOR SYSTEM_TIME (s, e)) WITH SYSTEM VERSIONING",
    "CREATE TABLE x (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES t (id) ON DELETE CASCADE) WITH SYSTEM VERSIONING",
    "ALTER TABLE t ADD SYSTEM VERSIONING PARTITION BY SYSTEM_TIME LIMIT 100 PARTITIONS 3"], ids=["numbers", "acted_on", "limit"])
def test_history_that_cannot_be_followed_is_refused_in_the_stream(source, follow, statement):
    task = follow(["CREATE TABLE t (id INT PRIMARY KEY)"], [])
    source.execute("USE shop", statement)
    assert "history" in task.run().expect(FOUND).text  # the check has seen it
    result = task.run("--skip-checks").expect(FAILED)
    assert "history" in result.text and "--restart" in result.text


def test_partitions_of_history_change(follow):
    follow([FORMS["partitioned"], *changes("partitioned", 1)],
           ["ALTER TABLE t ADD PARTITION (PARTITION p7 HISTORY)", *changes("partitioned", 2),
            "ALTER TABLE t DROP PARTITION p0", "UPDATE t SET v = CONCAT(v, 'end')"])


def test_children_of_rows_with_history(follow):
    """The keys act on rows without history; that the log does not say."""
    follow(["CREATE TABLE p (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING",
            "CREATE TABLE c (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE ON UPDATE CASCADE)",
            "INSERT INTO p VALUES (1, 1), (2, 2), (3, 3)", "INSERT INTO c VALUES (1, 1), (2, 2), (3, 2), (4, 3)",
            "UPDATE p SET v = 5"],
           ["UPDATE p SET v = 6 WHERE id = 1", "DELETE FROM p WHERE id = 2", "UPDATE p SET id = 33 WHERE id = 3",
            "DELETE HISTORY FROM p", "INSERT INTO p VALUES (2, 2)", "INSERT INTO c VALUES (2, 2)"])


def test_verify_compares_history(source, target, follow):
    task = follow(["CREATE TABLE t (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING",
                   "INSERT INTO t SELECT seq, seq FROM seq_1_to_3000", "UPDATE t SET v = v + 1 WHERE id % 2 = 0"], [])
    task.verify().expect(DONE)
    target.execute("DELETE HISTORY FROM shop.t")
    result = task.verify().expect(FOUND)
    assert "1500" in result.text.replace(",", "")
    source.execute("DELETE HISTORY FROM shop.t")
    task.run()
    source.execute("SET timestamp = 1600000000", "INSERT INTO shop.t VALUES (5000, 1)")
    target.execute("INSERT INTO shop.t VALUES (5000, 1)")
    task.verify().expect(FOUND)  # the values are the same, the times are not


CLOCK = [1700000000 + second for second in range(4)]


def test_random_changes_under_a_clock_that_goes_back_and_forth(source, target, follow):
    """Few rows and few times: every coincidence of the two happens."""
    rng = random.Random(7)
    tables = {"a": "id INT PRIMARY KEY, v INT", "b": "id INT PRIMARY KEY, v INT, UNIQUE (v)", "c": "id INT, v INT"}
    made = []

    def change():
        table = rng.choice(list(tables))
        key, value = rng.randrange(4), rng.randrange(4)
        return rng.choice([
            f"INSERT IGNORE INTO {table} VALUES ({key}, {value})", f"REPLACE INTO {table} VALUES ({key}, {value}), (1, {value})",
            f"UPDATE IGNORE {table} SET v = v + 1 WHERE id <= {key}", f"UPDATE IGNORE {table} SET id = {value} WHERE id = {key}",
            f"INSERT INTO {table} VALUES ({key}, {value}) ON DUPLICATE KEY UPDATE v = v + 10",
            f"DELETE FROM {table} WHERE id = {key}", f"DELETE FROM {table} WHERE v > {value}"])

    def run(count):
        with source.connect(database="shop") as connection, connection.cursor() as cursor:
            for _ in range(count):
                cursor.execute(f"SET timestamp = {rng.choice(CLOCK)}")
                for statement in (change() for _ in range(rng.randrange(1, 4))):
                    try:
                        cursor.execute(statement)
                        made.append(statement)
                    except pymysql.MySQLError as error:
                        assert error.args[0] in (1062, 1020, 1032), (statement, error)

    task = follow([f"CREATE TABLE {name} ({columns}) WITH SYSTEM VERSIONING" for name, columns in tables.items()], [])
    for _ in range(3):
        run(300)
        task.run().expect(DONE)
        assert_equal(source, target)
    assert len(made) > 500


def add(cursor, rng):
    for table in ("keyed", "keyless"):
        cursor.execute(f"INSERT INTO {table} (id, v) VALUES (%s, %s)", (rng.randrange(1 << 40), rng.randrange(1000)))


def change_some(cursor, rng):
    for table in ("keyed", "keyless"):
        cursor.execute(f"UPDATE {table} SET v = v + 1, n = 1 WHERE v < %s ORDER BY id LIMIT 5", (rng.randrange(1000),))


def change_again(cursor, rng):
    """Several versions of a row in one transaction."""
    cursor.execute("SELECT id FROM keyed ORDER BY id LIMIT 1 OFFSET %s", (rng.randrange(100),))
    for row in cursor.fetchall():
        for value in range(3):
            cursor.execute("UPDATE keyed SET v = %s WHERE id = %s", (value, *row))
        cursor.execute("DELETE FROM keyed WHERE id = %s", row)
        cursor.execute("INSERT INTO keyed (id, v) VALUES (%s, 1)", row)


def remove(cursor, rng):
    for table in ("keyed", "keyless"):
        cursor.execute(f"DELETE FROM {table} WHERE v > %s LIMIT 2", (rng.randrange(1000),))


def replace(cursor, rng):
    cursor.execute("REPLACE INTO keyed (id, v) SELECT id, v + 1 FROM keyed ORDER BY id LIMIT 3")


def forget(cursor, rng):
    if rng.random() < 0.1:
        cursor.execute("DELETE HISTORY FROM keyed BEFORE SYSTEM_TIME NOW(6) - INTERVAL 1 SECOND")


def test_written_to_all_the_while_and_killed(source, target, godwit):
    source.execute(
        "CREATE DATABASE shop", "USE shop",
        "CREATE TABLE keyed (id BIGINT PRIMARY KEY, v INT, n INT WITHOUT SYSTEM VERSIONING) WITH SYSTEM VERSIONING",
        "CREATE TABLE keyless (id BIGINT, v INT, n INT) WITH SYSTEM VERSIONING",
        "INSERT INTO keyed (id, v) SELECT seq, seq FROM seq_1_to_20000",
        "INSERT INTO keyless (id, v) SELECT seq, seq FROM seq_1_to_500", "UPDATE keyed SET v = v % 1000")
    task = godwit(source, target, copy={"chunk_bytes": "64KiB"}, memory_limit="64MiB")
    with Writer(source, [add, change_some, change_again, remove, replace, forget]) as writer:
        for failpoint, passage in itertools.product(
                ["copy.before_chunk_commit", "copy.after_chunk_commit", "apply.before_commit", "apply.after_commit",
                 "apply.before_statement"], (1, 2)):
            writer.wait_for(20)
            assert task.run(failpoints=f"{failpoint}:{passage}").code in (DONE, KILLED)
        task.run().expect(DONE)
    task.run().expect(DONE)
    assert_equal(source, target)
    task.verify().expect(DONE)
