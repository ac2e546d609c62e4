"""Changes whose order, keys or side effects make them hard, in both consistencies."""

import os

import pytest
from harness import shop
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED
from harness.memory import peak_of_catching_up
from harness.server import SOURCE_OPTIONS, plugin_folder
from harness.writer import Writer

PARENTS = [
    "CREATE TABLE parent (id INT PRIMARY KEY, code VARCHAR(10) UNIQUE, v INT)",
    "INSERT INTO parent VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3), (4, 'd', 4)",
]
PLAIN = ["CREATE TABLE t (id INT PRIMARY KEY, u INT UNIQUE, v VARCHAR(20))",
         "INSERT INTO t VALUES (1, 10, 'a'), (2, 20, 'b'), (3, 30, 'c'), (4, NULL, 'd')"]


def child(action, column="parent INT"):
    return [*PARENTS,
            f"""CREATE TABLE child (id INT PRIMARY KEY, {column},
                  FOREIGN KEY (parent) REFERENCES parent (id) {action})""",
            "INSERT INTO child VALUES (10, 1), (11, 1), (20, 2), (30, 3)"]


# name: (set-up, changes)
CASES = {
    "primary_keys_move_up": (PLAIN, ["UPDATE t SET id = id + 1 ORDER BY id DESC"]),
    "primary_keys_swap": (PLAIN, ["BEGIN", "UPDATE t SET id = -1 WHERE id = 1", "UPDATE t SET id = 1 WHERE id = 2",
                                  "UPDATE t SET id = 2 WHERE id = -1", "COMMIT"]),
    "unique_values_swap": (PLAIN, ["BEGIN", "UPDATE t SET u = NULL WHERE id = 1", "UPDATE t SET u = 10 WHERE id = 2",
                                   "UPDATE t SET u = 20 WHERE id = 1", "COMMIT"]),
    "unique_values_rotate": (PLAIN, ["BEGIN", "UPDATE t SET u = -u", "UPDATE t SET u = 30 WHERE id = 1",
                                     "UPDATE t SET u = 10 WHERE id = 2", "UPDATE t SET u = 20 WHERE id = 3", "COMMIT"]),
    "unique_value_taken_over": (PLAIN, ["DELETE FROM t WHERE id = 1", "INSERT INTO t VALUES (9, 10, 'new')",
                                        "UPDATE t SET u = NULL WHERE id = 9", "UPDATE t SET u = 10 WHERE id = 4"]),
    "comes_and_goes": (PLAIN, ["INSERT INTO t VALUES (5, 50, 'x')", "DELETE FROM t WHERE id = 5",
                               "DELETE FROM t WHERE id = 1", "INSERT INTO t VALUES (1, 10, 'again')",
                               "UPDATE t SET id = 7 WHERE id = 2", "UPDATE t SET id = 2 WHERE id = 7",
                               "UPDATE t SET v = 'z' WHERE id = 3", "UPDATE t SET v = 'c' WHERE id = 3"]),
    "replace_and_upsert": (PLAIN, ["REPLACE INTO t VALUES (1, 20, 'both')",
                                   "INSERT INTO t VALUES (3, 99, 'x') ON DUPLICATE KEY UPDATE v = 'dup', u = 10",
                                   "INSERT IGNORE INTO t VALUES (3, 1, 'no')"]),
    "keys_equal_by_collation": (
        ["CREATE TABLE t (id VARCHAR(10) PRIMARY KEY, u VARCHAR(10) UNIQUE, v INT) COLLATE utf8mb4_general_ci",
         "INSERT INTO t VALUES ('Key', 'ä', 1), ('b', 'o', 2)"],
        ["UPDATE t SET id = 'KEY' WHERE id = 'key'", "DELETE FROM t WHERE id = 'B'", "INSERT INTO t VALUES ('B', 'O', 3)",
         "UPDATE t SET u = 'A' WHERE id = 'key'", "DELETE FROM t WHERE id = 'key'", "INSERT INTO t VALUES ('kéy', 'a', 4)"]),
    "keys_with_trailing_space": (
        ["CREATE TABLE t (id VARCHAR(10) PRIMARY KEY, v INT)", "INSERT INTO t VALUES ('a', 1)"],
        ["UPDATE t SET id = 'a  ' WHERE id = 'a'", "DELETE FROM t WHERE id = 'a'", "INSERT INTO t VALUES ('a ', 2)"]),
    "no_key": (
        ["CREATE TABLE t (a INT, b VARCHAR(10), c DOUBLE)",
         "INSERT INTO t VALUES (1, 'x', 0.1), (1, 'x', 0.1), (1, 'x', 0.1), (NULL, NULL, NULL), (NULL, NULL, NULL)"],
        ["DELETE FROM t WHERE a = 1 LIMIT 1", "UPDATE t SET b = 'X' WHERE a = 1 LIMIT 1", "INSERT INTO t VALUES (1, 'x ', 0.1)",
         "DELETE FROM t WHERE a IS NULL LIMIT 1", "UPDATE t SET c = c + 0.2", "UPDATE t SET a = 7 WHERE b = 'X' LIMIT 1"]),
    "unique_key_over_null": (
        ["CREATE TABLE t (a INT, b INT, UNIQUE (a, b))", "INSERT INTO t VALUES (1, NULL), (1, NULL), (1, 1), (NULL, 1)"],
        ["DELETE FROM t WHERE b IS NULL LIMIT 1", "UPDATE t SET b = 2 WHERE a = 1 AND b = 1", "INSERT INTO t VALUES (1, NULL)"]),
    "not_null_unique_key": (
        ["CREATE TABLE t (a INT NOT NULL, b INT NOT NULL, c INT, UNIQUE (b, a))", "INSERT INTO t VALUES (1, 1, 1), (1, 2, 2)"],
        ["UPDATE t SET a = 2 WHERE b = 2", "UPDATE t SET c = 5 WHERE b = 1", "DELETE FROM t WHERE b = 1"]),
    "unique_prefix": (
        ["CREATE TABLE t (id INT PRIMARY KEY, b TEXT, UNIQUE (b(3)))", "INSERT INTO t VALUES (1, 'abcd'), (2, 'xyz1')"],
        ["BEGIN", "DELETE FROM t WHERE id = 1", "UPDATE t SET b = 'abcX' WHERE id = 2", "INSERT INTO t VALUES (1, 'xyz9')", "COMMIT"]),
    "cascade_delete": (child("ON DELETE CASCADE"), ["DELETE FROM parent WHERE id = 1", "INSERT INTO parent VALUES (1, 'a', 9)",
                                                    "INSERT INTO child VALUES (12, 1)"]),
    "cascade_delete_after_child_left": (
        child("ON DELETE CASCADE"),
        ["BEGIN", "UPDATE child SET parent = 2 WHERE id = 10", "DELETE FROM parent WHERE id = 1", "COMMIT",
         "UPDATE child SET parent = 3 WHERE id = 20", "DELETE FROM parent WHERE id = 2", "INSERT INTO child VALUES (10, 3)"]),
    "cascade_update": (child("ON UPDATE CASCADE"), ["UPDATE parent SET id = 100 WHERE id = 1", "UPDATE child SET parent = 2 WHERE id = 10",
                                                    "UPDATE parent SET id = 101 WHERE id = 100"]),
    "cascade_update_swaps": (
        child("ON UPDATE CASCADE"),
        ["BEGIN", "UPDATE parent SET id = -1 WHERE id = 1", "UPDATE parent SET id = 1 WHERE id = 2",
         "UPDATE parent SET id = 2 WHERE id = -1", "COMMIT"]),
    "cascade_deleted_then_taken_over": (
        child("ON DELETE CASCADE ON UPDATE CASCADE"),
        ["BEGIN", "DELETE FROM parent WHERE id = 1", "UPDATE parent SET id = 1 WHERE id = 2", "UPDATE parent SET id = 2 WHERE id = 3",
         "DELETE FROM parent WHERE id = 2", "UPDATE parent SET id = 2 WHERE id = 1", "COMMIT"]),
    "set_null": (child("ON DELETE SET NULL ON UPDATE SET NULL"),
                 ["DELETE FROM parent WHERE id = 1", "UPDATE parent SET id = 200 WHERE id = 2", "UPDATE child SET parent = 3 WHERE id = 10"]),
    "parent_replaced": (child("ON DELETE CASCADE"),
                        ["REPLACE INTO parent VALUES (1, 'a', 50)", "UPDATE parent SET v = 51 WHERE id = 2",
                         "UPDATE parent SET code = 'z' WHERE id = 3"]),
    "parent_unique_swap_must_not_cascade": (
        child("ON DELETE CASCADE ON UPDATE CASCADE"),
        ["BEGIN", "UPDATE parent SET code = NULL WHERE id = 1", "UPDATE parent SET code = 'a' WHERE id = 2",
         "UPDATE parent SET code = 'b' WHERE id = 1", "COMMIT"]),
    "grandchildren": (
        [*child("ON DELETE CASCADE"),
         "CREATE TABLE grandchild (id INT PRIMARY KEY, child INT, FOREIGN KEY (child) REFERENCES child (id) ON DELETE CASCADE)",
         "INSERT INTO grandchild VALUES (100, 10), (101, 11), (200, 20)"],
        ["DELETE FROM parent WHERE id = 1", "INSERT INTO grandchild VALUES (102, 20)", "DELETE FROM child WHERE id = 20"]),
    "own_parent": (
        ["CREATE TABLE t (id INT PRIMARY KEY, boss INT, FOREIGN KEY (boss) REFERENCES t (id) ON DELETE CASCADE)",
         "INSERT INTO t VALUES (1, NULL), (2, 1), (3, 2), (4, 3), (5, NULL)"],
        ["DELETE FROM t WHERE id = 2", "INSERT INTO t VALUES (6, 5)", "DELETE FROM t WHERE id = 5"]),
    "child_before_parent_without_checks": (
        child(""), ["SET foreign_key_checks = 0", "INSERT INTO child VALUES (50, 50)", "INSERT INTO parent VALUES (50, 'y', 0)",
                    "SET foreign_key_checks = 1", "DELETE FROM child WHERE id = 50"]),
    "keys_turned_off_do_not_act": (
        child("ON DELETE CASCADE"), ["SET foreign_key_checks = 0", "DELETE FROM parent WHERE id = 1", "SET foreign_key_checks = 1",
                                     "DELETE FROM parent WHERE id = 2"]),
    "triggers_on_the_source": (
        [*PLAIN, "CREATE TABLE audit (n INT AUTO_INCREMENT PRIMARY KEY, id INT)",
         "CREATE TRIGGER tr AFTER UPDATE ON t FOR EACH ROW INSERT INTO audit (id) VALUES (NEW.id)"],
        ["UPDATE t SET v = 'x'", "UPDATE t SET v = 'y' WHERE id = 1"]),
    "rollback_and_savepoint": (
        PLAIN, ["BEGIN", "INSERT INTO t VALUES (8, 80, 'no')", "ROLLBACK", "BEGIN", "INSERT INTO t VALUES (8, 80, 'yes')",
                "SAVEPOINT s", "DELETE FROM t", "ROLLBACK TO SAVEPOINT s", "COMMIT"]),
    "not_transactional_engine": (
        ["CREATE TABLE t (id INT PRIMARY KEY, v INT) ENGINE=MyISAM", "INSERT INTO t VALUES (1, 1)"],
        ["INSERT INTO t VALUES (2, 2)", "UPDATE t SET v = 3 WHERE id = 1", "DELETE FROM t WHERE id = 2"]),
    "many_rows_in_one_statement": (
        ["CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(200))", "INSERT INTO t SELECT seq, REPEAT('a', 150) FROM seq_1_to_50000"],
        ["UPDATE t SET v = CONCAT(v, id)", "DELETE FROM t WHERE id % 3 = 0", "UPDATE t SET id = id + 1000000 WHERE id % 2 = 0"]),
    "load_data_and_insert_select": (
        [*PLAIN, "CREATE TABLE c LIKE t"], ["INSERT INTO c SELECT * FROM t", "CREATE TABLE d AS SELECT * FROM t",
                                           "INSERT INTO d SELECT * FROM d"]),
    "truncate": (PLAIN, ["INSERT INTO t VALUES (7, 70, 'x')", "TRUNCATE TABLE t", "INSERT INTO t VALUES (7, 71, 'y')"]),
}


@pytest.mark.parametrize("consistency", ["prefix", "row"])
@pytest.mark.parametrize("case", CASES)
def test_case(follow, case, consistency):
    setup, changes = CASES[case]
    follow(setup, changes, stream={"consistency": consistency, "lanes": 2, "group_ms": 1000})


def test_changes_that_the_log_takes_back_are_refused(source, target, godwit):
    """Rolled back to a savepoint after a table without transactions was written to: the log says both."""
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY)",
                   "CREATE TABLE m (id INT PRIMARY KEY) ENGINE=MyISAM")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", "BEGIN", "INSERT INTO t VALUES (1)", "SAVEPOINT a", "INSERT INTO m VALUES (1)",
                   "INSERT INTO t VALUES (2)", "ROLLBACK TO a", "COMMIT")
    result = task.run().expect(FAILED)
    assert "took them back" in result.text and "--restart" in result.text
    assert target.value("SELECT COUNT(*) FROM shop.t") == 0
    task.run("--restart").expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("engine", ["MyISAM", "Aria"])
def test_tables_without_transactions(follow, engine):
    follow(["CREATE TABLE t (id INT PRIMARY KEY)", f"CREATE TABLE m (id INT PRIMARY KEY) ENGINE={engine}"],
           ["BEGIN", "INSERT INTO m VALUES (1)", "INSERT INTO t VALUES (1)", "ROLLBACK",
            "BEGIN", "INSERT INTO t VALUES (2)", "INSERT INTO m VALUES (2)", "ROLLBACK", "INSERT INTO m VALUES (3)"])


def test_parents_deleted_while_the_children_are_being_copied(source, target, godwit):
    """The children's copy is the larger one, and their table comes first by name."""
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE z_parent (id INT PRIMARY KEY)",
                   "CREATE TABLE a_child (id INT PRIMARY KEY, parent INT, v CHAR(200), "
                   "FOREIGN KEY (parent) REFERENCES z_parent (id) ON DELETE CASCADE)",
                   "INSERT INTO z_parent SELECT seq FROM seq_1_to_1000",
                   "INSERT INTO a_child SELECT seq, 1 + seq % 1000, 'x' FROM seq_1_to_40000")
    task = godwit(source, target, copy={"threads": 1, "chunk_bytes": "64KiB"})
    run = task.start("--until", "caught-up")
    run.wait_until(lambda: target.has_tables() and target.execute("SHOW TABLES IN shop LIKE 'a_child'") and
                   target.value("SELECT COUNT(*) FROM shop.a_child"))
    source.execute("DELETE FROM shop.z_parent WHERE id <= 500")
    run.wait().expect(DONE)
    task.run().expect(DONE)  # where the copy was through before the rows were gone
    assert_equal(source, target)


def test_a_trigger_on_the_target_does_not_apply_twice(follow, source, target):
    task = follow(
        ["CREATE TABLE t (id INT PRIMARY KEY)", "CREATE TABLE audit (n INT AUTO_INCREMENT PRIMARY KEY, id INT)",
         "CREATE TRIGGER tr AFTER INSERT ON t FOR EACH ROW INSERT INTO audit (id) VALUES (NEW.id)"],
        ["INSERT INTO t VALUES (1)"], objects=["triggers"])
    source.execute("INSERT INTO shop.t VALUES (2)", "DELETE FROM shop.t WHERE id = 1", "INSERT INTO shop.t VALUES (1)")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_a_reader_of_the_target_sees_only_states_of_the_source(source, target, godwit):
    """Money moves between accounts: the sum is the same at every commit of the source."""
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.account (id INT PRIMARY KEY, money INT, KEY (money))",
                   "INSERT INTO shop.account SELECT seq, 100 FROM seq_1_to_100".replace("seq_1", "shop.seq_1"))

    def move(cursor, rng):
        a, b = rng.sample(range(1, 101), 2)
        cursor.execute("UPDATE account SET money = money - 7 WHERE id = %s", (a,))
        cursor.execute("UPDATE account SET money = money + 7 WHERE id = %s", (b,))

    task = godwit(source, target)
    task.run().expect(DONE)
    run = task.start()
    sums, states = set(), set()
    with Writer(source, [move], rate=1000) as writer:
        for _ in range(100):
            writer.wait_for(3)
            total, state = target.execute(
                "SELECT SUM(money), SUM(money * id) FROM shop.account")[0]
            sums.add(int(total))
            states.add(int(state))
    run.interrupt()
    run.wait()
    assert sums == {10000}
    assert len(states) > 10, "the target hardly changed: this tests nothing"
    task.run().expect(DONE)
    assert_equal(source, target)


# GODWIT_TRANSACTION_MIB=2048 with 256 MiB of memory is the full size; it takes minutes.
TRANSACTION_MIB = int(os.environ.get("GODWIT_TRANSACTION_MIB", 300))
LIMIT_MIB = 128 if TRANSACTION_MIB < 1024 else 256


def test_a_transaction_larger_than_the_memory_limit(source, target, godwit):
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, v LONGBLOB)")
    task = godwit(source, target, memory_limit=f"{LIMIT_MIB}MiB")
    task.run().expect(DONE)
    source.execute("USE shop", f"INSERT INTO t SELECT seq, REPEAT(MD5(seq), 32768) FROM seq_1_to_{TRANSACTION_MIB}")
    peak = peak_of_catching_up(task)
    assert_equal(source, target)
    assert 0 < peak < LIMIT_MIB * 1.1, f"{peak} MiB"


def test_updates_of_large_rows_within_the_memory_limit(source, target, godwit):
    for server in (source, target):
        server.execute("SET GLOBAL max_allowed_packet = 1 << 28")
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, n INT, v LONGBLOB)")
    task = godwit(source, target, memory_limit="128MiB")
    task.run().expect(DONE)
    source.execute("USE shop", "INSERT INTO t SELECT seq, 0, REPEAT(MD5(seq), 16 << 15) FROM seq_1_to_6",
                   "UPDATE t SET n = n + 1", "UPDATE t SET n = n + 1")  # of 32 MiB in the log, each row of each
    peak = peak_of_catching_up(task)
    assert_equal(source, target)
    assert 0 < peak < 4 * 32 + 32, f"{peak} MiB"  # four times the row, and the process itself


def test_a_row_of_32_mebibytes(source, target, godwit):
    source.execute("SET GLOBAL max_allowed_packet = 1 << 28")
    target.execute("SET GLOBAL max_allowed_packet = 1 << 28")
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, v LONGBLOB)",
                   "INSERT INTO t VALUES (1, REPEAT('\\\\', 32 << 20))")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", "INSERT INTO t VALUES (2, REPEAT('a', 32 << 20))", "UPDATE t SET v = REPEAT('b', 17 << 20) WHERE id = 1")
    task.run().expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("lanes", [2, 8])
def test_the_whole_shop_with_lanes_that_conflict(lanes, source, target, godwit):
    shop.load(source, 0.02)
    task = godwit(source, target, stream={"consistency": "row", "lanes": lanes})
    task.run().expect(DONE)
    run = task.start()
    with Writer(source, threads=4, rate=2000) as writer:
        writer.wait_for(1500)
        assert not run.ended, run.result().text
    run.interrupt()
    run.wait()
    task.run().expect(DONE)
    assert_equal(source, target)


def test_a_log_that_is_encrypted(server, target, godwit, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("1;" + "0123456789abcdef" * 4 + "\n")
    source = server("source", **SOURCE_OPTIONS, plugin_dir=plugin_folder(), plugin_load_add="file_key_management",
                    file_key_management_filename=keys, encrypt_binlog="ON")
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v TEXT)", "INSERT INTO shop.t VALUES (1, 'a')")
    task = godwit(source, target)
    task.run().expect(DONE)
    secret = "nobody reads this in the file"
    source.execute(f"INSERT INTO shop.t VALUES (2, '{secret}')", "FLUSH BINARY LOGS", "UPDATE shop.t SET v = 'b' WHERE id = 1")
    assert not any(secret.encode() in log.read_bytes() for log in (source.folder / "data").glob("binlog.0*"))
    task.run().expect(DONE)
    assert_equal(source, target)
