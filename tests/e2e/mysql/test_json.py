"""What JSON documents hold besides what their text says: DECIMALs, dates, bytes, unsigned numbers."""

import math
import random
import struct

from harness.background import Background
from harness.compare import assert_equal
from harness.documents import SEEDS, assert_same, document, documents
from harness.godwit import DONE, FOUND, INTERRUPTED, KILLED

STRICT = "SET SESSION sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'"


def fill(server, table, made, first=1):
    rows = [f"({first + i}, {sql})" for i, sql in enumerate(made)]
    server.execute(STRICT, *(f"INSERT INTO shop.{table} (id, j) VALUES {', '.join(rows[i:i + 50])}" for i in range(0, len(rows), 50)))


def prepare(server, keyed=1500, keyless=300):
    server.execute("CREATE DATABASE shop", STRICT, *SEEDS, "CREATE TABLE shop.docs (id INT PRIMARY KEY, j JSON)",
                   "CREATE TABLE shop.keyless (id INT, j JSON)")
    fill(server, "docs", documents(1, keyed))
    fill(server, "keyless", documents(2, keyless))
    server.execute("INSERT INTO shop.keyless SELECT * FROM shop.keyless WHERE id % 3 = 0")


def test_random_documents(source, target, godwit):
    prepare(source)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB"})
    task.run().expect(DONE)
    assert_same(source, target)
    assert_same(source, target, "keyless")
    task.verify().expect(DONE)
    # From the log, and a keyless table's rows found again by what they hold.
    fill(source, "docs", documents(3, 300), first=10000)
    source.execute(STRICT, "UPDATE shop.keyless SET j = JSON_ARRAY(j, 1.50) WHERE id % 4 = 1", "DELETE FROM shop.keyless WHERE id % 4 = 2",
                   "UPDATE shop.docs SET j = JSON_SET(j, '$[0]', DATE'2024-02-29') WHERE id % 5 = 0")
    task.run().expect(DONE)
    assert_same(source, target)
    assert_same(source, target, "keyless")
    task.verify().expect(DONE)


def random_double(rng):
    """Any double, or one as they are met with: with up to 17 digits."""
    while True:
        number = rng.choice([lambda: struct.unpack("d", rng.randbytes(8))[0], lambda: rng.uniform(-1e17, 1e17), lambda: rng.uniform(-1e6, 1e6),
                             lambda: rng.random() * 10.0 ** rng.randint(-20, 20), lambda: round(rng.uniform(-1e4, 1e4), 2)])()
        if math.isfinite(number):
            return number


def test_doubles_keep_all_their_bits(source, target, godwit):
    """In the copy and in the stream, as text alone and beside values that text does not tell."""
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, d DOUBLE, j JSON AS (JSON_ARRAY(d)) STORED, k JSON, l JSON)")
    rng = random.Random(17)

    def insert(first, last):
        for start in range(first, last, 2500):
            rows = ", ".join(f"({i}, {random_double(rng):.17e})" for i in range(start, start + 2500))
            source.execute(f"INSERT INTO shop.t (id, d) VALUES {rows}",
                           "UPDATE shop.t SET k = JSON_ARRAY(d, -d), l = IF(id % 10, l, JSON_OBJECT('d', d, 'price', 1.50)) "
                           f"WHERE id >= {start}")

    insert(0, 80000)
    task = godwit(source, target)
    task.run().expect(DONE)
    insert(80000, 100000)
    task.run().expect(DONE)
    assert_equal(source, target)  # the shortest digits that mean the double
    for there in ("k->'$[0]'", "-(k->'$[1]')", "IF(id % 10, d, l->'$.d')"):
        assert target.value(f"SELECT SUM(d = {there}) FROM shop.t") == 100000


def test_without_load_data(source, mysql, godwit):
    target = mysql("strict")
    prepare(source, 300, 100)
    task = godwit(source, target)
    task.run().expect(DONE)
    assert_same(source, target)
    assert_same(source, target, "keyless")
    task.verify().expect(DONE)


def test_the_other_columns_of_such_rows(source, target, godwit):
    source.execute("CREATE DATABASE shop", STRICT, """CREATE TABLE shop.wide (id INT PRIMARY KEY, `a``b` DECIMAL(30, 10), f FLOAT, d DOUBLE,
        b BIT(64), y YEAR, da DATE, ti TIME(6), dt DATETIME(6), ts TIMESTAMP(6) NULL, c CHAR(10), vb VARBINARY(300),
        tx TEXT CHARACTER SET latin1, sj VARCHAR(50) CHARACTER SET sjis, u16 VARCHAR(50) CHARACTER SET utf16, bl LONGBLOB,
        e ENUM('a', '', 'ü'), e2 ENUM('a', 'ü'), s SET('x', '', 'z'), g GEOMETRY SRID 4326, v VECTOR(3), j JSON, k JSON NOT NULL,
        gs INT AS (id * 2) STORED, gj JSON AS (JSON_ARRAY(id, 1.50)) STORED, inv INT DEFAULT 5 INVISIBLE)""")
    columns = "id, `a``b`, f, d, b, y, da, ti, dt, ts, c, vb, tx, sj, u16, bl, e, e2, s, g, v, j, k, inv"
    for i, (j, k) in enumerate([("JSON_ARRAY(1.50)", "'{}'"), ("NULL", "CAST(DATE'2024-02-29' AS JSON)"), ("'[1]'", "'2'"),
                                ("JSON_OBJECT('a', TIME'01:02:03')", "JSON_ARRAY(X'00ff', CAST(7 AS UNSIGNED))")]):
        source.execute(STRICT, f"""INSERT INTO shop.wide ({columns}) VALUES ({4 * i}, 1.5, 1.1, 1e-300, ~0, 2155, '0000-00-00',
            '-838:59:59.5', '9999-12-31 23:59:59.999999', '2038-01-19 03:14:07.999999', '😀é', X'00ff27220a5c09', 'é\\\\\\'\\n\\t', 'ソ表',
            'ü', REPEAT(X'00ff5c0a0927', 300), 'ü', 'ü', 'x,z', ST_SRID(POINT(1, 2), 4326), TO_VECTOR('[1,2.5,-3]'), {j}, {k}, 6)""",
            f"INSERT INTO shop.wide ({columns}) VALUES ({4 * i + 1}, {', '.join(['NULL'] * 20)}, {j}, {k}, NULL)",
            "SET sql_mode = ''", f"INSERT INTO shop.wide (id, e, e2, s, j, k) VALUES ({4 * i + 2}, '', 'no', '', {j}, {k})",
            f"INSERT INTO shop.wide (id, e, s, j, k) VALUES ({4 * i + 3}, 'no', 0, {j}, {k})")
    task = godwit(source, target)
    task.run().expect(DONE)
    assert_equal(source, target)
    for column in ("j", "k", "gj"):
        assert_same(source, target, "wide", column)
    task.verify().expect(DONE)


def test_large_documents_and_many(source, target, godwit):
    """More than one statement of them, also in a table that is one chunk; and documents of thousands of values, deep ones too."""
    source.execute("CREATE DATABASE shop", STRICT, "SET cte_max_recursion_depth = 100000, group_concat_max_len = 100000000",
                   "CREATE TABLE shop.docs (id INT PRIMARY KEY, j JSON)", "CREATE TABLE shop.keyless (id INT, j JSON)",
                   """INSERT INTO shop.keyless WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
                      SELECT i, IF(i % 5 = 0, JSON_ARRAY(i), JSON_OBJECT('n', i, 'price', i / 8, 'at', NOW(6), 'text', REPEAT('x', 80))) FROM n""",
                   """INSERT INTO shop.docs WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
                      SELECT 1, JSON_ARRAYAGG(JSON_OBJECT('n', i, 'v', i / 8)) FROM n""",
                   "INSERT INTO shop.docs SELECT 2, JSON_OBJECT('big', REPEAT('é', 3000000), 'd', 1.50, 'blob', REPEAT(X'00ff', 100000))",
                   f"INSERT INTO shop.docs VALUES (3, {'JSON_ARRAY(1, ' * 90}1.50{')' * 90})",
                   f"INSERT INTO shop.docs VALUES (4, {literal_object(60)})")
    task = godwit(source, target)
    task.run().expect(DONE)
    assert_equal(source, target)
    same = """SELECT COUNT(*), SUM(CRC32(j)), SUM(JSON_TYPE(JSON_EXTRACT(j, '$.price')) = 'DECIMAL'),
              SUM(JSON_TYPE(JSON_EXTRACT(j, '$.at')) = 'DATETIME') FROM shop.keyless"""
    assert source.execute(same) == target.execute(same)
    assert source.execute(same)[0][2:4] == (16000, 16000)
    assert_same(source, target)
    task.verify().expect(DONE)


def literal_object(depth):
    return "".join(f"JSON_OBJECT('a', 1, 'b{i}', " for i in range(depth)) + "TIMESTAMP'2024-02-29 00:00:00'" + ")" * depth


class Changes(Background):
    """Writes documents into shop.docs and shop.keyless."""

    def __init__(self, server):
        super().__init__(server, STRICT, pause=0.005)
        self.commits, self._rng = 0, random.Random(5)

    def change(self, cursor):
        rng, number = self._rng, self._rng.randint(1, 3000)
        cursor.execute(rng.choice([f"REPLACE INTO shop.docs VALUES ({number}, {document(rng)})",
                                   f"UPDATE shop.docs SET j = {document(rng)} WHERE id = {number}",
                                   f"DELETE FROM shop.docs WHERE id = {number}",
                                   f"INSERT INTO shop.keyless VALUES ({number}, {document(rng)})",
                                   f"UPDATE shop.keyless SET j = {document(rng)} WHERE id = {number}"]))
        self.commits += 1


def test_live_and_killed(source, target, godwit):
    prepare(source)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB"})
    with Changes(source) as changes:
        task.kill_at_random_moments(6, seed=7)
        run = task.start()
        reached = changes.commits + 100
        run.wait_until(lambda: changes.fault or changes.commits > reached)
        run.interrupt()
        run.wait().expect(INTERRUPTED)
    task.run().expect(DONE)
    assert_same(source, target)
    assert_same(source, target, "keyless")
    task.verify().expect(DONE)


def test_a_column_that_is_json_no_more(source, target, godwit):
    source.execute("CREATE DATABASE shop", STRICT, *SEEDS, "CREATE TABLE shop.docs (id INT PRIMARY KEY, j JSON)")
    fill(source, "docs", documents(1, 600))
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 1})
    assert task.run(failpoints="copy.after_chunk_commit:2").code == KILLED
    source.execute("ALTER TABLE shop.docs DROP COLUMN j, ADD COLUMN j INT", "UPDATE shop.docs SET j = id")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_verify_tells_types_apart(source, target, godwit):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.docs (id INT PRIMARY KEY, v INT, j JSON)",
                   "CREATE TABLE shop.keyless (v INT, j JSON)",
                   "INSERT INTO shop.docs VALUES (1, 1, JSON_OBJECT('a', 1.5)), (2, 2, JSON_ARRAY(DATE'2024-02-29')), (3, 3, '[5]'), (4, 4, '[1]')",
                   "INSERT INTO shop.keyless SELECT v, j FROM shop.docs")
    task = godwit(source, target)
    task.run().expect(DONE)
    task.verify().expect(DONE)
    for change, differing in (("'{\"a\": 1.5}'", 1), ("'[\"2024-02-29\"]'", 2), ("JSON_ARRAY(CAST(5 AS UNSIGNED))", 3)):
        old = target.execute(f"SELECT CAST(j AS CHAR) FROM shop.docs WHERE id = {differing}")
        target.execute(*(f"UPDATE shop.{table} SET j = {change} WHERE v = {differing}" for table in ("docs", "keyless")))
        assert target.execute(f"SELECT CAST(j AS CHAR) FROM shop.docs WHERE id = {differing}") == old
        found = {table["name"]: table for table in task.verify("--json").expect(FOUND).json()["tables"]}
        assert found["shop.docs"]["different"] == differing, found
        assert found["shop.docs"]["samples"][-1]["columns"] == ["j"], found
        assert found["shop.keyless"]["missing"] == found["shop.keyless"]["extra"] == differing, found
