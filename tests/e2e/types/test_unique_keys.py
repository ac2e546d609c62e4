"""Unique keys that are more than an index: over values too long for one, and over periods of time."""

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, KILLED
from harness.writer import Writer


@pytest.mark.parametrize("option", [{}, {"binlog_row_metadata": "FULL"}], ids=["by_position", "by_name"])
def test_long_unique_keys(source, follow, option):
    source.restart(**option)
    task = follow(
        ["CREATE TABLE t (id INT PRIMARY KEY, b BLOB, c TEXT, d INT AS (id + 1) VIRTUAL, UNIQUE (b), UNIQUE (c, id))",
         "CREATE TABLE only (b BLOB NOT NULL, v INT, UNIQUE (b))",
         "CREATE TABLE wide (a VARCHAR(3000), b INT, UNIQUE (a, b))",
         "INSERT INTO t (id, b, c) VALUES (1, 'a', 'x'), (2, NULL, 'y'), (3, REPEAT('z', 60000), NULL)",
         "INSERT INTO only VALUES ('a', 1), ('b', 2)", "INSERT INTO wide VALUES ('a', 1), (NULL, NULL), (NULL, NULL)"],
        ["BEGIN", "UPDATE t SET b = NULL WHERE id = 1", "UPDATE t SET b = 'a' WHERE id = 3", "UPDATE t SET b = 'c' WHERE id = 1",
         "COMMIT", "INSERT INTO t (id, b, c) VALUES (4, REPEAT('z', 60000), 'x')", "DELETE FROM t WHERE id = 2",
         "REPLACE INTO t (id, b) VALUES (5, 'a')", "UPDATE only SET v = v + 1", "DELETE FROM only WHERE b = 'a'",
         "INSERT INTO only VALUES ('a', 9)", "UPDATE wide SET a = REPEAT('ü', 3000) WHERE a = 'a'",
         "DELETE FROM wide WHERE a IS NULL LIMIT 1", "ALTER TABLE t ADD COLUMN e BIGINT AFTER b", "UPDATE t SET e = id",
         "ALTER TABLE t DROP INDEX b", "UPDATE t SET b = 'same'", "ALTER TABLE only ADD w BIGINT, ADD UNIQUE u2 (w, b)",
         "UPDATE only SET w = v", "CREATE TABLE n (t LONGTEXT, UNIQUE u (t))", "INSERT INTO n VALUES ('x'), (NULL), (NULL)",
         "DELETE FROM n WHERE t = 'x'"])
    task.verify().expect(DONE)


OVERLAPS = ["CREATE TABLE booking (room INT, since DATE, till DATE, PERIOD FOR stay (since, till), guest VARCHAR(20), "
            "PRIMARY KEY (room, stay WITHOUT OVERLAPS))",
            "CREATE TABLE shift (id INT PRIMARY KEY, who INT NOT NULL, a DATETIME(6), b DATETIME(6), PERIOD FOR p (a, b), "
            "UNIQUE (who, p WITHOUT OVERLAPS))"]


def test_periods_without_overlaps(follow):
    task = follow(
        [*OVERLAPS, "INSERT INTO booking VALUES (1, '2024-01-01', '2024-12-31', 'ann'), (2, '2024-01-01', '2024-02-01', 'bob')",
         "INSERT INTO shift VALUES (1, 1, '2024-01-01', '2024-01-02'), (2, 1, '2024-01-02', '2024-01-03')"],
        ["UPDATE booking FOR PORTION OF stay FROM '2024-03-01' TO '2024-04-01' SET guest = 'cid'",
         "DELETE FROM booking FOR PORTION OF stay FROM '2024-03-10' TO '2024-05-01'",
         "UPDATE booking SET till = '2024-01-15' WHERE room = 2", "INSERT INTO booking VALUES (2, '2024-01-15', '2024-03-01', 'dee')",
         "BEGIN", "DELETE FROM booking WHERE guest = 'dee'", "UPDATE booking SET till = '2024-02-20' WHERE room = 2",
         "INSERT INTO booking VALUES (2, '2024-02-20', '2024-03-01', 'eve')", "COMMIT",
         "BEGIN", "UPDATE shift SET b = '2024-01-01 12:00:00' WHERE id = 1", "UPDATE shift SET a = '2024-01-01 12:00:00' WHERE id = 2",
         "UPDATE shift SET id = id + 10 ORDER BY id DESC", "COMMIT",
         "UPDATE shift FOR PORTION OF p FROM '2024-01-01 06:00:00' TO '2024-01-01 07:00:00' SET who = 2, id = 77 WHERE id = 99"])
    task.verify().expect(DONE)


def book(cursor, rng):
    start = rng.randrange(1, 300)
    cursor.execute("INSERT IGNORE INTO booking VALUES (%s, '2024-01-01' + INTERVAL %s DAY, '2024-01-01' + INTERVAL %s DAY, %s)",
                   (rng.randrange(4), start, start + rng.randrange(1, 9), rng.randrange(9)))


def change_portion(cursor, rng):
    start = rng.randrange(1, 300)
    cursor.execute("UPDATE booking FOR PORTION OF stay FROM %s TO %s SET guest = %s",
                   (f"2024-{1 + start // 30:02}-05", f"2024-{1 + start // 30:02}-09", rng.randrange(9)))


def free_portion(cursor, rng):
    month = rng.randrange(1, 12)
    cursor.execute("DELETE FROM booking FOR PORTION OF stay FROM %s TO %s", (f"2024-{month:02}-07", f"2024-{month:02}-08"))


def test_periods_written_to_all_the_while_and_killed(source, target, godwit):
    source.execute("CREATE DATABASE shop", "USE shop", *OVERLAPS)
    task = godwit(source, target)
    with Writer(source, [book, book, change_portion, free_portion]) as writer:
        writer.wait_for(100)
        for failpoint in ("copy.before_chunk_commit", "copy.after_chunk_commit", "apply.before_commit", "apply.after_commit"):
            writer.wait_for(20)
            assert task.run(failpoints=failpoint).code in (DONE, KILLED)
        task.run().expect(DONE)
    task.run().expect(DONE)
    assert_equal(source, target)
