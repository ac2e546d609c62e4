"""Every character of every charset in PostgreSQL, and what a comparison of the two servers finds."""

from contextlib import closing

import pytest
from harness.godwit import DONE, FAILED, FOUND

SESSION = ["USE shop", "SET sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'"]
ONE_BYTE = ["latin1", "latin2", "latin5", "latin7", "cp1250", "cp1251", "cp1256", "cp1257", "cp850", "cp852", "cp866", "koi8r",
            "koi8u", "greek", "hebrew", "tis620", "armscii8", "geostd8", "macce", "macroman", "dec8", "hp8", "keybcs2", "swe7"]
TWO_BYTES = {"gbk": (0x81, 0xff), "gb2312": (0xa1, 0xf8), "big5": (0xa1, 0xfa), "sjis": (0x81, 0xfd), "cp932": (0x81, 0xfd),
             "ujis": (0x8e, 0xff), "eucjpms": (0x8e, 0xff), "euckr": (0x81, 0xff), "ucs2": (0x01, 0xd8), "utf16": (0x01, 0xd8)}
WITHOUT_IN_MARIADB = {"gb18030": (0x81, 0xff)}
# The server has one character for these and another: they are kept apart.
KEPT_APART = {"sjis": ["815F"], "ujis": ["A1C0"]}


def characters(kind):
    """By charset: the bytes of all characters of one byte and two."""
    one = [bytes([byte]) for byte in range(1, 256)]
    sets = {charset: one for charset in ONE_BYTE}
    for charset, (first, last) in {**TWO_BYTES, **(WITHOUT_IN_MARIADB if kind == "mysql" else {})}.items():
        sets[charset] = [bytes([lead, trail]) for lead in range(first, last) for trail in range(0x40 if lead > 0x80 else 1, 0xff)]
    return sets


def fill(source, charset, values):
    """A table of those of the values that are characters."""
    with closing(source.connect(charset="utf8mb4", autocommit=True)) as connection, connection.cursor() as cursor:
        for statement in [*SESSION, "CREATE TABLE bytes (b VARBINARY(4))"]:
            cursor.execute(statement)
        for at in range(0, len(values), 4000):
            cursor.execute("INSERT INTO bytes VALUES " + ", ".join(f"(0x{value.hex()})" for value in values[at:at + 4000]))
        cursor.execute(f"CREATE TABLE t_{charset} (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(9) CHARACTER SET {charset})")
        # What the server would make a question mark of is no character.
        cursor.execute(f"""INSERT INTO t_{charset} (v) SELECT CONVERT(b USING {charset}) FROM bytes
            WHERE CAST(CONVERT(b USING {charset}) AS BINARY) = b AND CONVERT(CONVERT(b USING {charset}) USING utf8mb4) NOT LIKE '%%?%%'
            AND INSTR(CONVERT(CONVERT(b USING {charset}) USING utf8mb4) COLLATE utf8mb4_bin, CONVERT(0xEFBFBD USING utf8mb4)) = 0
            AND HEX(b) NOT IN ('', {', '.join(f"'{one}'" for one in KEPT_APART.get(charset, ['']))})""")
        cursor.execute(f"SELECT count(*) FROM t_{charset}")
        assert cursor.fetchone()[0] >= min(100, len(values) // 10), charset
        cursor.execute("DROP TABLE bytes")


def test_all_characters(source, target, kinds, godwit, assert_same):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.none (id INT PRIMARY KEY)")
    sets = characters(kinds[0])
    for charset, values in sets.items():
        fill(source, charset, values)
    # As a key, by which rows of the log are found.
    source.execute(*SESSION, "CREATE TABLE words (w VARBINARY(1), k VARCHAR(9) CHARACTER SET gbk COLLATE gbk_bin PRIMARY KEY)",
                   "INSERT INTO words SELECT '', v FROM t_gbk WHERE id % 7 = 0")
    task = godwit(source, target)
    task.run().expect(DONE)
    changes = [f"INSERT INTO t_{charset} (v) SELECT CONCAT(v, v) FROM t_{charset}" for charset in sets]
    source.execute(*SESSION, *changes, "UPDATE words SET w = 'x'", "DELETE FROM words WHERE k < CONVERT('b' USING gbk)")
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    assert_same()
    task.verify().expect(DONE)


# Column, two values of the source and what the second is made on the target, as SQL of each.
CHANGED = {
    "int_": ("INT UNSIGNED ZEROFILL", "0", "4294967295", "4294967294"),
    "float_": ("FLOAT", "0.1", "16777216", "16777218"),
    "double_": ("DOUBLE", "0.1", "1e300", "1.0000000000000002e300"),
    "decimal_": ("DECIMAL(30,10)", "1.5", "-0.0000000001", "0"),
    "bit_": ("BIT(12)", "b'101'", "b'111111111111'", "B'011111111111'"),
    "flag": ("TINYINT(1)", "0", "1", "false"),
    "date_": ("DATE", "'0001-01-01'", "'2024-02-29'", "'2024-02-28'"),
    "moment": ("DATETIME(6)", "'2024-01-01 10:00:00.5'", "'9999-12-31 23:59:59.999999'", "'9999-12-31 23:59:59.999998'"),
    "instant": ("TIMESTAMP(3) NULL", "'2024-01-01 10:00:00.5'", "'2024-01-01 10:00:00.125'", "'2024-01-01 11:00:00.125+00'"),
    "time_": ("TIME(2)", "'23:59:59.5'", "'00:00:00'", "'00:00:00.01'"),
    "text_": ("CHAR(9) CHARACTER SET latin1", "'é'", "'a'", "'A'"),
    "bytes_": ("VARBINARY(9)", "X'00FF'", "''", r"'\x00'"),
    "one_of": ("ENUM('a', 'b') CHARACTER SET latin1", "'a'", "'b'", "'a'"),
    "some_of": ("SET('x', 'y', 'z')", "'x,z'", "''", "'y'"),
    "document": ("JSON", "'{\"b\": [1.0, \"é\"], \"a\": null}'", "'[1, 2]'", "'[2, 1]'"),
    "shape": ("POINT", "POINT(1, 2)", "POINT(3, 4)", r"'\x0101'"),
    "none": ("INT", "1", "NULL", "0"),
}


def counts(table):
    return {what: table[what] for what in ("equal", "missing", "extra", "different") if table[what]}


def test_what_differs_is_found_and_named(source, target, godwit):
    columns = ", ".join(f"{name} {kind}" for name, (kind, *_) in CHANGED.items())
    first, second = (", ".join(values[at] for values in CHANGED.values()) for at in (1, 2))
    keys = {"by_number": ("INT", ["1", "2"]), "by_day": ("DATE", ["'2024-01-01'", "'2024-01-02'"]),
            "by_bytes": ("VARBINARY(9)", ["X'27'", "X'5C00'"]), "by_text": ("VARCHAR(9)", ["'é'", "'z'"])}
    source.execute("CREATE DATABASE shop", *SESSION, *(statement for name, (kind, (one, two)) in keys.items() for statement in (
        f"CREATE TABLE {name} (k {kind} PRIMARY KEY, {columns})", f"INSERT INTO {name} VALUES ({one}, {first}), ({two}, {second})")))
    # Stretches of rows end within tables of many. One value among them is written otherwise, at which the copy goes on as text.
    source.execute(*SESSION, "CREATE TABLE many (a DATETIME(3), b DECIMAL(12,2), v VARCHAR(99), d DOUBLE, PRIMARY KEY (a, b))",
                   "CREATE TABLE ten (n INT)", "INSERT INTO ten VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
                   """INSERT INTO many SELECT '2024-01-01' + INTERVAL (n * 7919) * 1000 MICROSECOND, -n / 4, REPEAT('x', 90), IF(n = 123456, 1e20, n / 4) FROM
                   (SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n + 100000 * f.n AS n
                   FROM ten a, ten b, ten c, ten d, ten e, ten f WHERE f.n < 2) numbers""")
    task = godwit(source, target, casts=[{"type": "tinyint(1)", "to": "boolean"}, {"column": "shop.many.d", "to": "numeric"}])
    task.run().expect(DONE)
    found = {table["name"]: table for table in task.verify("--json").expect(DONE).json()["tables"]}
    assert counts(found["shop.many"]) == {"equal": 200000} and found["shop.many"]["has_key"]
    assert [found[f"shop.{name}"]["has_key"] for name in keys] == [True, True, True, False]

    second_key = {"by_number": "2", "by_day": "'2024-01-02'", "by_bytes": r"'\x5c00'", "by_text": "'z'"}
    changed = ", ".join(f"{name} = {values[3]}" for name, values in CHANGED.items())
    target.execute(*(f"UPDATE shop.{name} SET {changed} WHERE k = {key}" for name, key in second_key.items()),
                   "DELETE FROM shop.many WHERE b = -44444.25", "UPDATE shop.many SET b = b - 0.01 WHERE b = -33333.75",
                   "UPDATE shop.many SET v = 'y' WHERE b IN (-5, -49999)")
    found = {table["name"]: table for table in task.verify("--json").expect(FOUND).json()["tables"]}
    for name in ("by_number", "by_day", "by_bytes"):
        assert counts(found[f"shop.{name}"]) == {"equal": 1, "different": 1}
        assert set(found[f"shop.{name}"]["samples"][0]["columns"]) == set(CHANGED)
    assert counts(found["shop.by_text"]) == {"equal": 1, "missing": 1, "extra": 1}
    assert counts(found["shop.many"]) == {"equal": 199996, "missing": 2, "extra": 1, "different": 2}


@pytest.mark.parametrize("kinds", [("mariadb", "postgres")], ids=["from_mariadb"])
def test_a_value_that_a_type_refuses_is_named_with_its_row(source, target, godwit):
    source.execute("CREATE DATABASE shop", *SESSION, "CREATE TABLE t (id INT, part VARCHAR(9), a INT, b TIME, c TINYINT(1), PRIMARY KEY (id, part))",
                   "INSERT INTO t VALUES (1, 'x', 1, '10:00:00', 1)")
    task = godwit(source, target, casts=[{"type": "tinyint(1)", "to": "boolean"}])
    task.run().expect(DONE)
    for rows in (["(17, 'é', 2, '25:00:00', 0)"], [f"({id}, 'y', 2, '{25 if id == 377 else 23}:00:00', 0)" for id in range(100, 400)]):
        source.execute(*SESSION, "START TRANSACTION", "INSERT INTO t VALUES (16, 'x', NULL, NULL, NULL)", f"INSERT INTO t VALUES {', '.join(rows)}", "COMMIT")
        error = task.run().expect(FAILED).err
        row = "id='17', part=0xc3a9" if len(rows) == 1 else "id='377', part='y'"
        assert f"table shop.t, column b, row {row}" in error and "25:00:00" in error, error
        source.execute(*SESSION, "DELETE FROM t WHERE id > 1")
        task.run("--restart").expect(DONE)  # the log still has it
    source.execute(*SESSION, "UPDATE t SET c = 2")
    assert "column c, row id='1', part='x'" in task.run().expect(FAILED).err
    source.execute(*SESSION, "UPDATE t SET c = 0")
    task.run("--restart").expect(DONE)
    assert target.value("SELECT c FROM shop.t") is False
