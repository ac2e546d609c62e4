"""Every type that both kinds of server have, at its edges: in the copy and in the stream, with a key and without."""

import pytest
from harness.godwit import FAILED

# name: (column type, values as SQL)
TYPES = {
    "integers": ("BIGINT UNSIGNED", ["18446744073709551615", "9223372036854775808", "0"]),
    "tinyint": ("TINYINT", ["-128", "127"]),
    "zerofill": ("INT(8) ZEROFILL", ["7", "4294967295"]),
    "boolean": ("BOOLEAN", ["TRUE", "FALSE"]),
    "decimal": ("DECIMAL(65,30)", ["'" + "9" * 35 + "." + "9" * 30 + "'", "'-0." + "0" * 29 + "1'"]),
    "float": ("FLOAT", ["3.402823466e38", "-1.175494351e-38", "0.1", "16777217", "1e-45"]),
    "double": ("DOUBLE", ["1.7976931348623157e308", "5e-324", "0.1", "9007199254740993", "0.30000000000000004"]),
    "bit": ("BIT(64)", ["~0", "0", "b'1011100001001110000100100000000'"]),
    "year": ("YEAR", ["1901", "2155", "0"]),
    "date": ("DATE", ["'0000-00-00'", "'1000-01-01'", "'9999-12-31'", "'2020-00-00'"]),
    "time": ("TIME(6)", ["'838:59:59'", "'-838:59:58.999999'", "'-00:00:00.000001'"]),
    "time_0": ("TIME", ["'-838:59:59'", "'24:00:00'"]),
    "datetime": ("DATETIME(6)", ["'0000-00-00 00:00:00'", "'9999-12-31 23:59:59.999999'"]),
    "timestamp": ("TIMESTAMP(6) NULL", ["'1970-01-01 00:00:01.000001'", "'2038-01-19 03:14:07.999999'", "'0000-00-00'"]),
    "char": ("CHAR(10)", ["''", "'a  '", "'ÄÖÜ🦆'", "'\\\\N'"]),
    "varchar": ("VARCHAR(300)", ["''", "'a '", "REPEAT('ü', 300)", "'tab\\tnl\\nnul\\0cr\\r^Z\\Z'", "'quote\\'s \"'"]),
    "latin1": ("VARCHAR(40) CHARACTER SET latin1", ["X'FF'", "X'C328'", "X'5C'"]),
    "sjis": ("VARCHAR(40) CHARACTER SET sjis", ["X'955C'", "X'835C8D5C'"]),
    "tis620": ("VARCHAR(40) CHARACTER SET tis620", ["X'A1A2'"]),
    "utf8mb3": ("VARCHAR(40) CHARACTER SET utf8mb3", ["'日本'"]),
    "utf16": ("VARCHAR(40) CHARACTER SET utf16", ["'🦆\\n'", "X'005C'"]),
    "ucs2": ("VARCHAR(40) CHARACTER SET ucs2", ["X'005C0009'"]),
    "binary": ("BINARY(8)", ["''", "X'FFFE00'", "X'5C4E090A0D001A27'"]),
    "varbinary": ("VARBINARY(300)", ["''", "X'00'", "UNHEX(REPEAT('00FF5C090A0D1A27', 37))"]),
    "text": ("TEXT", ["''", "REPEAT('é\\\\\\n', 10000)"]),
    "longtext": ("LONGTEXT CHARACTER SET latin1", ["REPEAT(X'FF5C00', 100000)"]),
    "blob": ("BLOB", ["UNHEX(REPEAT('00', 65535))"]),
    "longblob": ("LONGBLOB", ["UNHEX(REPEAT('FF00275C', 300000))"]),
    "enum": ("ENUM('', 'a', 'ünï', 'it''s', ',')", ["''", "'ünï'", "'it''s'", "3"]),
    "set": ("SET('a', 'b', 'ü')", ["''", "'a,ü'", "7"]),
    "point": ("POINT", ["POINT(1.5, -2)", "ST_GeomFromText('POINT(3 4)', 4326)"]),
    "geometry": ("GEOMETRY", ["ST_GeomFromText('POLYGON((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 2 1, 2 2, 1 1))')",
                              "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1), LINESTRING(0 0, 92 92))')",
                              "ST_GeomFromText('LINESTRING(0 0, 1e300 -1e-300)', 3857)"]),
    "json": ("JSON", ["'{}'", "'[1, \"a\", null]'", "'\"é🦆\"'", "'{\"b\": 1.5, \"a\": {\"n\": 1e100}}'"]),
}


def rows(name, first):
    return ", ".join(f"({first + i}, {value})" for i, value in enumerate([*TYPES[name][1], "NULL"]))


@pytest.mark.parametrize("part", range(3))
def test_types(follow, part):
    setup, changes = [], []
    for name in list(TYPES)[part::3]:
        column, values = TYPES[name]
        for table, key in ((f"{name}_keyed", "PRIMARY KEY"), (f"{name}_keyless", "")):
            setup += [f"CREATE TABLE `{table}` (id INT {key}, v {column}) ENGINE=InnoDB",
                      f"INSERT INTO `{table}` VALUES {rows(name, 0)}"]
            changes += [f"INSERT INTO `{table}` VALUES {rows(name, 100)}"]
            changes += [f"UPDATE `{table}` SET v = {value} WHERE id = {100 + (i + 1) % (len(values) + 1)}"
                        for i, value in enumerate(values)]
            changes += [f"UPDATE `{table}` SET v = NULL WHERE id = 0",
                        f"UPDATE `{table}` SET v = {values[-1]} WHERE id = {len(values)}",
                        f"DELETE FROM `{table}` WHERE id % 2 = 1"]
    follow(setup, changes, sql_mode="NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES")


def test_keys_that_sort_otherwise_on_the_other_side(follow):
    """Their rows are compared all the same, and found by their keys."""
    follow(["CREATE TABLE t (k VARCHAR(40) PRIMARY KEY, v INT)",
            "INSERT INTO t VALUES ('a', 1), ('B', 2), ('á-', 3), ('ß', 4), ('z', 5), ('_', 6), ('😀', 7)"],
           ["UPDATE t SET k = 'A' WHERE k = 'a'", "UPDATE t SET v = v + 1", "DELETE FROM t WHERE k = 'ß'",
            "INSERT INTO t VALUES ('ä', 9) ON DUPLICATE KEY UPDATE v = 9"])


def test_times_that_mysql_has_not(from_kind):
    source, target, task = from_kind("mariadb")
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v TIME(6))",
                   "INSERT INTO shop.t VALUES (1, '838:59:59.5')")
    assert "shop.t: 1 rows were sent" in task.run().expect(FAILED).text
    assert target.value("SELECT COUNT(*) FROM shop.t") == 0
