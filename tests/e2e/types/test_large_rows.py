"""Large rows in the copy: the target takes them one by one, their values as they are."""

import pytest
from harness.godwit import DONE, FAILED

# Every byte, and all that is escaped.
BYTES = "UNHEX('" + bytes(range(256)).hex() + "')"
# What text of each charset can hold, with backslashes.
TABLE = """CREATE TABLE t (id INT PRIMARY KEY, e ENUM('a', 'b'), b LONGBLOB, n BIT(12), small VARCHAR(40),
    latin LONGTEXT CHARACTER SET latin1, utf8 LONGTEXT, wide LONGTEXT CHARACTER SET utf16, j JSON, g GEOMETRY,
    length INT AS (LENGTH(b)) VIRTUAL)"""
COLUMNS = "(id, e, b, n, small, latin, utf8, wide, j, g)"
MEBIBYTE = 1 << 20


def row(number, b="NULL", latin="NULL", utf8="NULL", wide="NULL", j="'[1, \"ü\"]'"):
    return (f"INSERT INTO t {COLUMNS} VALUES ({number}, {number % 3}, {b}, {number}, '\\\\N\\t ü\\n', {latin}, {utf8}, {wide}, {j}, "
            "POINT(1, 2))")


def blob(mebibytes):
    return f"REPEAT({BYTES}, {mebibytes * MEBIBYTE // 256})"


def sent_apart(target):
    return int(dict(target.execute("SHOW GLOBAL STATUS LIKE 'Com_stmt_send_long_data'"))["Com_stmt_send_long_data"])


@pytest.mark.parametrize("kinds, load_data", [(("mariadb", "mariadb"), "ON"), (("mysql", "mysql"), "ON"),
                                              (("mariadb", "mysql"), "OFF"), (("mysql", "mariadb"), "OFF")])
def test_large_rows_among_small_ones(source, target, godwit, assert_same, load_data):
    source.execute("SET GLOBAL max_allowed_packet = 1 << 28")
    target.execute(f"SET GLOBAL max_allowed_packet = {16 * MEBIBYTE}", f"SET GLOBAL local_infile = {load_data}")
    rows = [row(1), row(2, b=blob(3)), row(3), row(4, latin=f"REPEAT(_latin1 0xE95C0927, {MEBIBYTE})"),
            row(5, utf8=f"REPEAT('é\\\\\\n😀', {MEBIBYTE // 2})", wide=f"REPEAT('é\\\\\\n😀', {MEBIBYTE // 2})"),
            row(6, b=blob(14), latin="''", utf8=f"REPEAT('x', {MEBIBYTE // 4})"),
            row(7, j=f"CONCAT('[\"', REPEAT('é', {2 * MEBIBYTE}), '\"]')"), row(8)]
    if load_data == "ON":  # which alone takes what is larger than a packet
        rows += [row(9, b=blob(20)), row(10, b=f"REPEAT('\\\\', {20 * MEBIBYTE})"), row(11)]
    source.execute("CREATE DATABASE shop", "USE shop", "SET sql_mode = ''", TABLE, *rows)
    godwit(source, target).run().expect(DONE)
    target.execute("SET GLOBAL max_allowed_packet = 1 << 28")  # to be compared
    assert_same()
    assert sent_apart(target) > 20


@pytest.mark.parametrize("kinds", [("mariadb", "mysql")])
def test_a_large_row_that_the_target_does_not_take_as_it_is(source, target, godwit):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v TIME(6), b LONGBLOB)",
                   f"INSERT INTO shop.t VALUES (1, '1:00', ''), (2, '838:59:59.5', {blob(4)})")
    found = godwit(source, target).run().expect(FAILED).text
    assert "shop.t: 1 rows were sent and 1 taken" in found and "Out of range value for column 'v'" in found
    assert target.value("SELECT COUNT(*) FROM shop.t") == 0
