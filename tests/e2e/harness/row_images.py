"""Changes whose rows the log holds in part (binlog_row_image MINIMAL and NOBLOB), for servers of either kind."""

import re

ITEMS = ["""CREATE TABLE t (id INT PRIMARY KEY, u INT UNIQUE, v VARCHAR(20) NOT NULL DEFAULT 'new', b BLOB, d INT DEFAULT (2 + 3),
           at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
           gs INT AS (d + 1) STORED, gv INT AS (d + 2) VIRTUAL)""",
         "INSERT INTO t (id, u, v, b) VALUES (1, 10, 'a', 'A'), (2, 20, 'b', 'B'), (3, 30, 'c', 'C'), (4, NULL, 'd', NULL)"]

# name: (set-up, changes)
CASES = {
    "inserts_take_defaults": (
        ["""CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, c INT DEFAULT 7, s VARCHAR(10) DEFAULT 'it''s', n INT, e INT DEFAULT (1 + 2),
            b BLOB, x INT NOT NULL, m ENUM('p', 'q') NOT NULL, y DATETIME NOT NULL, z TEXT NOT NULL, f DECIMAL(6,2) NOT NULL DEFAULT 1.50,
            g INT AS (c + 1) VIRTUAL)""",
         "CREATE TABLE keyless (a INT DEFAULT 3, b TEXT, c INT)", "CREATE TABLE source (n INT)", "INSERT INTO source VALUES (1), (2)"],
        ["SET sql_mode = ''", "INSERT INTO t () VALUES ()", "INSERT INTO t (n) VALUES (1), (2), (3)", "INSERT INTO t (c, b) VALUES (DEFAULT, 'b')",
         "INSERT INTO t (n, s) SELECT n, n FROM source", "INSERT INTO keyless (a) VALUES (3), (3)", "INSERT INTO keyless (c) VALUES (1)",
         "INSERT INTO keyless (b) VALUES ('x')", "ALTER TABLE t ALTER COLUMN c SET DEFAULT 8", "INSERT INTO t (n) VALUES (4)",
         "DELETE FROM keyless WHERE c IS NULL LIMIT 1", "UPDATE keyless SET c = 9 WHERE b IS NULL"]),
    "updates_of_some_columns": (
        ITEMS, ["UPDATE t SET v = 'x' WHERE id = 1", "UPDATE t SET b = 'y', d = 9 WHERE id IN (1, 2)", "UPDATE t SET v = v, d = d + 1",
                "UPDATE t SET b = NULL WHERE id = 3", "INSERT INTO t (id) VALUES (5)", "UPDATE t SET d = 1 WHERE id = 5",
                "DELETE FROM t WHERE id = 2", "INSERT INTO t (id, b) VALUES (2, 'again')", "UPDATE t SET v = 'z' WHERE id = 2"]),
    "a_clock_that_stands_still": (
        ["CREATE TABLE t (id VARCHAR(5) PRIMARY KEY, v INT, b BLOB, at TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP)",
         "SET timestamp = 1700000000", "INSERT INTO t (id, v) VALUES ('a', 1), ('b', 1)"],
        ["SET timestamp = 1700000000", "UPDATE t SET v = 2", "UPDATE t SET v = 3, at = at WHERE id = 'b'", "SET timestamp = DEFAULT"]),
    "many_updates": (
        ["CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(50), c ENUM('x', 'y'))",
         "INSERT INTO t WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT i, i, i, 'x' FROM n"],
        ["SET sql_mode = ''", "UPDATE t SET a = a + 1", "UPDATE t SET b = REPEAT('€', id % 17)", "UPDATE t SET c = 'no' WHERE id % 50 = 0",
         "DELETE FROM t WHERE id % 3 = 0", "UPDATE t SET c = 'y', a = NULL WHERE id % 5 = 0"]),
    "keys_move": (
        ITEMS, ["UPDATE t SET id = id + 1 ORDER BY id DESC", "UPDATE t SET v = 'x' WHERE id = 2",
                "BEGIN", "UPDATE t SET id = -1 WHERE id = 2", "UPDATE t SET id = 2 WHERE id = 3", "UPDATE t SET id = 3 WHERE id = -1",
                "UPDATE t SET d = 0 WHERE id = 3", "DELETE FROM t WHERE id = 2", "COMMIT",
                "UPDATE t SET id = 100 WHERE id = 5", "INSERT INTO t (id, v) VALUES (5, 'new')", "DELETE FROM t WHERE id = 100",
                "INSERT INTO t (id) VALUES (50)", "UPDATE t SET id = 51, b = 'moved' WHERE id = 50"]),
    "unique_values_change_places": (
        ITEMS, ["BEGIN", "UPDATE t SET u = NULL WHERE id = 1", "UPDATE t SET u = 10 WHERE id = 2", "UPDATE t SET u = 20 WHERE id = 1", "COMMIT",
                "BEGIN", "UPDATE t SET u = -u", "UPDATE t SET u = 30 WHERE id = 1", "UPDATE t SET u = 20 WHERE id = 2",
                "UPDATE t SET u = 10, b = 'X' WHERE id = 3", "COMMIT",
                "DELETE FROM t WHERE id = 3", "UPDATE t SET u = 10 WHERE id = 4", "INSERT INTO t (id, u) VALUES (3, 40)",
                "UPDATE t SET u = NULL WHERE id = 3", "INSERT INTO t (id, u) VALUES (6, 40)"]),
    "composite_unique_keys": (
        ["CREATE TABLE t (id INT PRIMARY KEY, a INT NOT NULL, b INT NOT NULL, v INT, UNIQUE (a, b))",
         "INSERT INTO t VALUES (1, 1, 1, 1), (2, 1, 2, 2), (3, 2, 1, 3)"],
        ["BEGIN", "UPDATE t SET b = 9 WHERE id = 1", "UPDATE t SET b = 1 WHERE id = 2", "UPDATE t SET b = 2 WHERE id = 1", "COMMIT",
         "UPDATE t SET a = 2 WHERE id = 1", "UPDATE t SET v = 7"]),
    "generated_unique_keys": (
        ["CREATE TABLE t (id INT PRIMARY KEY, a INT, v INT, g INT AS (a * 2) VIRTUAL, UNIQUE (g))", "INSERT INTO t (id, a) VALUES (1, 1), (2, 2)"],
        ["BEGIN", "UPDATE t SET a = 9 WHERE id = 1", "UPDATE t SET a = 1 WHERE id = 2", "UPDATE t SET a = 2 WHERE id = 1", "COMMIT",
         "UPDATE t SET v = 1 WHERE id = 2", "DELETE FROM t WHERE id = 1", "INSERT INTO t (id, a) VALUES (3, 2)"]),
    "replace_and_upsert": (
        ITEMS, ["REPLACE INTO t (id, u) VALUES (9, 20)", "REPLACE INTO t (id, u) VALUES (1, 20)", "REPLACE INTO t (id, v) VALUES (3, 'r')",
                "REPLACE INTO t (id) VALUES (3)", "INSERT INTO t (id, v) VALUES (3, 'n') ON DUPLICATE KEY UPDATE v = 'dup', b = 'B'",
                "INSERT INTO t (id, u) VALUES (8, 20) ON DUPLICATE KEY UPDATE u = 21", "INSERT INTO t (id, v) VALUES (8, 'n') ON DUPLICATE KEY UPDATE v = 'dup'",
                "UPDATE t SET id = id, v = 'same key' WHERE id = 4"]),
    "no_key": (
        ["CREATE TABLE t (a INT, b BLOB, c VARCHAR(10) DEFAULT 'c')", "INSERT INTO t VALUES (1, 'x', 'y'), (1, 'x', 'y'), (NULL, NULL, NULL)"],
        ["UPDATE t SET c = 'Y' LIMIT 1", "DELETE FROM t WHERE a = 1 LIMIT 1", "INSERT INTO t (a) VALUES (2)", "UPDATE t SET b = 'z' WHERE a = 2"]),
    "other_keys": (
        ["CREATE TABLE unique_only (a INT NOT NULL, b BLOB, c INT, UNIQUE (a))", "CREATE TABLE nullable (a INT, b BLOB, c INT, UNIQUE (a))",
         "CREATE TABLE prefix (g BLOB NOT NULL, n INT, PRIMARY KEY (g(10)))", "CREATE TABLE words (w VARCHAR(20) PRIMARY KEY, n INT, b TEXT)",
         "INSERT INTO unique_only VALUES (1, 'x', 1)", "INSERT INTO nullable VALUES (1, 'x', 1), (NULL, 'x', 1)", "INSERT INTO prefix VALUES ('g', 1)",
         "INSERT INTO words VALUES ('Word', 1, 'b')"],
        ["UPDATE unique_only SET c = 2", "UPDATE unique_only SET a = 5", "UPDATE nullable SET c = 2", "UPDATE nullable SET a = 6 WHERE a IS NULL",
         "UPDATE prefix SET n = 2", "UPDATE prefix SET g = 'h'", "DELETE FROM prefix", "UPDATE words SET n = 2", "UPDATE words SET w = 'WORD'",
         "UPDATE words SET b = 'c'"]),
    "triggers_and_several_tables": (
        [*ITEMS, "CREATE TABLE o (id INT PRIMARY KEY, n INT, b BLOB)", "INSERT INTO o VALUES (1, 1, 'x'), (2, 2, 'y')",
         "CREATE TRIGGER fill BEFORE INSERT ON o FOR EACH ROW SET NEW.n = 99", "CREATE TRIGGER mark BEFORE UPDATE ON o FOR EACH ROW SET NEW.b = 'marked'",
         "CREATE TRIGGER reach AFTER UPDATE ON o FOR EACH ROW UPDATE t SET d = NEW.n WHERE t.id = NEW.id"],
        ["INSERT INTO o (id) VALUES (3)", "UPDATE o SET n = 5 WHERE id = 1", "UPDATE t JOIN o ON t.id = o.id SET t.v = 'j', t.d = 4 WHERE o.id < 3",
         "DELETE o FROM o JOIN t ON t.id = o.id WHERE o.id = 2"]),
    "cascades": (
        ["CREATE TABLE parent (id INT PRIMARY KEY, v INT, b BLOB)", "CREATE TABLE child (id INT PRIMARY KEY, parent INT, v INT, "
         "FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE CASCADE)",
         "CREATE TABLE grandchild (id INT PRIMARY KEY, child INT, v INT, FOREIGN KEY (child) REFERENCES child (id) ON DELETE SET NULL)",
         "INSERT INTO parent VALUES (1, 1, 'x'), (2, 2, 'y'), (3, 3, 'z')", "INSERT INTO child VALUES (10, 1, 1), (20, 2, 2), (30, 3, 3)",
         "INSERT INTO grandchild VALUES (100, 10, 1), (200, 20, 2), (300, 30, 3)"],
        ["UPDATE parent SET v = 9", "DELETE FROM parent WHERE id = 1", "UPDATE parent SET id = 22 WHERE id = 2", "UPDATE child SET v = 5",
         "DELETE FROM child WHERE id = 30", "INSERT INTO parent (id) VALUES (1)"]),
    "images_that_change_in_mid_stream": (
        ITEMS, ["SET SESSION binlog_row_image = 'MINIMAL'", "UPDATE t SET v = 'x' WHERE id < 3", "SET SESSION binlog_row_image = 'FULL'",
                "UPDATE t SET d = 1 WHERE id = 1", "UPDATE t SET u = 11 WHERE id = 1", "SET SESSION binlog_row_image = 'NOBLOB'",
                "UPDATE t SET u = 10 WHERE id = 2", "SET SESSION binlog_row_image = 'MINIMAL'", "UPDATE t SET u = 20, b = 'q' WHERE id = 1",
                "UPDATE t SET id = 7 WHERE id = 1", "SET SESSION binlog_row_image = 'FULL'", "UPDATE t SET u = 70 WHERE id = 7",
                "UPDATE t SET id = 1 WHERE id = 3", "SET SESSION binlog_row_image = 'MINIMAL'", "UPDATE t SET v = 'end'"]),
}


def without_drift(result):
    """The result, of a command that prints JSON, if no row was other than expected."""
    counts = re.findall(r'"drifted_rows": ?(\d+)', result.text)
    assert counts and set(counts) == {"0"}, result.text
    return result


def set_image(cursor, rng):
    """A transaction of a writer: what its later ones log of each row."""
    cursor.execute(f"SET SESSION binlog_row_image = '{rng.choice(['MINIMAL', 'NOBLOB', 'FULL'])}'")


def upsert(cursor, rng):
    """The same, of a row that is there or not."""
    number = rng.randrange(100)
    cursor.execute("INSERT INTO customer (email, name, token) VALUES (%s, 'first', 'x') "
                   "ON DUPLICATE KEY UPDATE name = 'again', balance = balance + 1", (f"up{number}@example.net",))
