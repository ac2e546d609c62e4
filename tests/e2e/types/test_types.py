"""Every type at its edges: in the copy, and inserted, changed and deleted in the stream, with and
without a key."""

import pytest

# name: (column type, values as SQL)
TYPES = {
    "tinyint": ("TINYINT", ["-128", "127", "0"]),
    "tinyint_unsigned": ("TINYINT UNSIGNED", ["255", "128", "0"]),
    "smallint": ("SMALLINT", ["-32768", "32767", "-1"]),
    "smallint_unsigned": ("SMALLINT UNSIGNED ZEROFILL", ["65535", "32768", "7"]),
    "mediumint": ("MEDIUMINT", ["-8388608", "8388607", "-1"]),
    "mediumint_unsigned": ("MEDIUMINT UNSIGNED", ["16777215", "8388608"]),
    "int": ("INT", ["-2147483648", "2147483647", "-1"]),
    "int_unsigned": ("INT UNSIGNED", ["4294967295", "2147483648"]),
    "bigint": ("BIGINT", ["-9223372036854775808", "9223372036854775807", "-1"]),
    "bigint_unsigned": ("BIGINT UNSIGNED", ["18446744073709551615", "9223372036854775808"]),
    "boolean": ("BOOLEAN", ["TRUE", "FALSE"]),
    "decimal_65": ("DECIMAL(65,0)", ["'" + "9" * 65 + "'", "'-" + "9" * 65 + "'", "0", "1"]),
    "decimal_38": ("DECIMAL(65,38)", ["'" + "9" * 27 + "." + "9" * 38 + "'", "'-0." + "0" * 37 + "1'"]),
    "decimal_64": ("DECIMAL(64,32)", ["'" + "1234567890" * 3 + "12." + "9876543210" * 3 + "98'"]),
    "decimal_fraction": ("DECIMAL(5,5)", ["0.99999", "-0.00001", "0"]),
    "decimal_9": ("DECIMAL(18,9)", ["999999999.999999999", "-999999999.000000001", "100000000"]),
    "decimal_unsigned": ("DECIMAL(10,2) UNSIGNED", ["99999999.99", "0.01"]),
    "float": ("FLOAT", ["3.402823466e38", "-1.175494351e-38", "0.1", "16777217", "-0e0", "1e-45"]),
    "float_7_4": ("FLOAT(7,4)", ["999.9999", "-0.0001"]),
    "double": ("DOUBLE", ["1.7976931348623157e308", "2.2250738585072014e-308", "5e-324", "0.1", "-0e0",
                          "9007199254740993", "0.30000000000000004"]),
    "bit_1": ("BIT(1)", ["b'0'", "b'1'"]),
    "bit_12": ("BIT(12)", ["b'0'", "b'101010101010'", "4095", "92"]),
    "bit_64": ("BIT(64)", ["18446744073709551615", "0", "1 << 63", "0x5C27090A00000000"]),
    "year": ("YEAR", ["1901", "2155", "0", "1970"]),
    "date": ("DATE", ["'0000-00-00'", "'1000-01-01'", "'9999-12-31'", "'2020-00-00'", "'0001-01-01'",
                      "'2024-02-29'"]),
    "time": ("TIME", ["'838:59:59'", "'-838:59:59'", "'-00:00:01'", "'24:00:00'", "0"]),
    "time_1": ("TIME(1)", ["'-00:00:00.1'", "'838:59:59.9'", "'-01:00:00.9'"]),
    "time_3": ("TIME(3)", ["'-00:00:00.001'", "'-838:59:59.999'", "'12:34:56.789'"]),
    "time_6": ("TIME(6)", ["'838:59:59.999999'", "'-838:59:59.999999'", "'-00:00:00.000001'", "'30:00:00.5'"]),
    "datetime": ("DATETIME", ["'0000-00-00 00:00:00'", "'9999-12-31 23:59:59'", "'1000-01-01 00:00:00'",
                              "'2021-00-00 00:00:00'", "'0000-00-01 01:02:03'"]),
    "datetime_2": ("DATETIME(2)", ["'2021-03-28 02:30:00.99'", "'0000-00-00 00:00:00.00'"]),
    "datetime_6": ("DATETIME(6)", ["'9999-12-31 23:59:59.999999'", "'2000-01-01 00:00:00.000001'"]),
    "timestamp": ("TIMESTAMP NULL", ["'0000-00-00 00:00:00'", "'1970-01-01 00:00:01'",
                                     "'2038-01-19 03:14:07'", "'2021-10-31 01:30:00'"]),
    "timestamp_4": ("TIMESTAMP(4) NULL", ["'2038-01-19 03:14:07.9999'", "'1970-01-01 00:00:01.0001'"]),
    "timestamp_6": ("TIMESTAMP(6) NULL", ["'2038-01-19 03:14:07.999999'", "'0000-00-00'",
                                          "'1970-01-01 00:00:00.000001'"]),
    "char": ("CHAR(10)", ["''", "'a'", "'a  '", "'ÄÖÜ🦆'", "'\\\\N'", "'\\0x'"]),
    "char_binary_collation": ("CHAR(10) COLLATE utf8mb4_bin", ["'a'", "'A'", "'\\t\\n\\r\\\\'"]),
    "varchar": ("VARCHAR(300)", ["''", "' '", "'a '", "REPEAT('ü', 300)", "'tab\\tnl\\nnul\\0cr\\r^Z\\Z'",
                                 "'\\\\'", "'\\\\N'", "'quote\\'s \"'", "'🦆👩‍👩‍👧'", "'NULL'"]),
    "latin1_invalid_utf8": ("VARCHAR(40) CHARACTER SET latin1",
                            ["X'FF'", "X'C328'", "X'E28028'", "X'80819F00'", "X'5C'", "X'E9'"]),
    "cp1251": ("VARCHAR(40) CHARACTER SET cp1251", ["'Привет'", "X'98FF00'"]),
    "sjis": ("VARCHAR(40) CHARACTER SET sjis", ["X'955C'", "X'835C8D5C'", "X'8260'"]),
    "gbk": ("VARCHAR(40) CHARACTER SET gbk", ["X'D55C'", "X'955C955C'", "'中文'"]),
    "big5": ("VARCHAR(40) CHARACTER SET big5", ["X'A55C'", "X'B35C'"]),
    "ucs2": ("VARCHAR(40) CHARACTER SET ucs2", ["X'005C0009'", "'日本'", "X'0000'"]),
    "utf16": ("VARCHAR(40) CHARACTER SET utf16", ["'🦆\\n'", "X'005C'"]),
    "utf32": ("VARCHAR(40) CHARACTER SET utf32", ["'🦆'", "X'0000005C'"]),
    "binary": ("BINARY(8)", ["''", "X'00'", "X'FFFE00'", "X'6100000000000000'", "X'6120'", "X'5C4E090A0D001A27'"]),
    "varbinary": ("VARBINARY(300)", ["''", "X'00'", "X'6120'", "X'5C4E'", "UNHEX(REPEAT('00FF5C090A0D1A27', 37))"]),
    "tinytext": ("TINYTEXT", ["''", "REPEAT('x', 255)"]),
    "text": ("TEXT", ["''", "REPEAT('é\\\\\\n', 10000)", "REPEAT('z', 65535)"]),
    "mediumtext": ("MEDIUMTEXT", ["''", "REPEAT('ß', 100000)"]),
    "longtext": ("LONGTEXT CHARACTER SET latin1", ["''", "REPEAT(X'FF5C00', 200000)"]),
    "tinyblob": ("TINYBLOB", ["''", "UNHEX(REPEAT('5C', 255))"]),
    "blob": ("BLOB", ["''", "UNHEX(REPEAT('00', 65535))"]),
    "mediumblob": ("MEDIUMBLOB", ["UNHEX(REPEAT('0D0A1A00', 50000))"]),
    "longblob": ("LONGBLOB", ["''", "UNHEX(REPEAT('FF00275C', 500000))"]),
    "json": ("JSON", ["'{}'", "'[1, \"a\\\\\\\\\\\\\\\"b\", null]'", "'\"\\\\\\\\u00e9🦆\"'", "'null'", "' { \"b\" : 1,  \"a\" : 2 } '"]),
    "enum": ("ENUM('', 'a', 'ünï', 'it''s', ',')", ["''", "'a'", "'ünï'", "'it''s'", "','", "0", "3"]),
    "enum_latin1": ("ENUM('é', 'ÿ') CHARACTER SET latin1", ["'é'", "2", "0"]),
    "enum_many": ("ENUM(" + ", ".join(f"'v{i}'" for i in range(300)) + ")", ["1", "300", "'v255'"]),
    "enum_of_digits": ("ENUM('1', '0', '2')", ["'1'", "'0'", "1", "2", "3"]),
    "set": ("SET('a', 'b', 'ü', '')", ["''", "'a,ü'", "15", "'b'", "8"]),
    "set_64": ("SET(" + ", ".join(f"'s{i}'" for i in range(64)) + ")", ["18446744073709551615", "1 << 63", "0"]),
    "point": ("POINT", ["POINT(1.5, -2)", "ST_GeomFromText('POINT(3 4)', 4326)"]),
    "geometry": ("GEOMETRY", ["ST_GeomFromText('POLYGON((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 2 1, 2 2, 1 1))', 4326)",
                              "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1), LINESTRING(0 0, 92 92))')",
                              "ST_GeomFromText('LINESTRING(0 0, 1e308 -1e-308)', 3857)"]),
    "multipolygon": ("MULTIPOLYGON", ["ST_GeomFromText('MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)))')"]),
    "uuid": ("UUID", ["'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'",
                      "'123e4567-e89b-12d3-a456-426655440000'", "'5c0d0a27-5c4e-4c1a-8000-000000000000'"]),
    "inet4": ("INET4", ["'0.0.0.0'", "'255.255.255.255'", "'92.39.10.13'"]),
    "inet6": ("INET6", ["'::'", "'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'", "'::ffff:1.2.3.4'", "'5c27::5c'"]),
    "compressed_text": ("TEXT COMPRESSED", ["''", "REPEAT('abc', 5000)", "'short'"]),
    "compressed_varbinary": ("VARBINARY(2000) COMPRESSED", ["''", "UNHEX(REPEAT('005C', 900))"]),
}

# A family per test: few enough servers, and a failure still names the kind of type.
FAMILIES = {
    "integers": ["boolean"] + [n for n in TYPES if "int" in n and n != "point"],
    "decimals": [n for n in TYPES if n.startswith("decimal")],
    "floats": ["float", "float_7_4", "double"],
    "bits_and_lists": [n for n in TYPES if n.startswith(("bit", "enum", "set"))],
    "temporal": [n for n in TYPES if n.startswith(("year", "date", "time"))],
    "strings": ["char", "char_binary_collation", "varchar", "json", "tinytext", "text", "mediumtext"],
    "charsets": ["latin1_invalid_utf8", "cp1251", "sjis", "gbk", "big5", "ucs2", "utf16", "utf32"],
    "bytes": ["binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "longtext"],
    "others": ["point", "geometry", "multipolygon", "uuid", "inet4", "inet6", "compressed_text",
               "compressed_varbinary"],
}
LAX = "NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES"


def test_each_type_is_in_a_family():
    assert sorted(sum(FAMILIES.values(), [])) == sorted(TYPES)


def rows(name, first):
    values = TYPES[name][1]
    return ", ".join(f"({first + i}, {value})" for i, value in enumerate([*values, "NULL"]))


@pytest.mark.parametrize("family", FAMILIES)
def test_family(follow, family):
    setup, changes = [], []
    for name in FAMILIES[family]:
        column, values = TYPES[name]
        for table, key in ((f"{name}_keyed", "PRIMARY KEY"), (f"{name}_keyless", "")):
            setup += [f"CREATE TABLE `{table}` (id INT {key}, v {column}) ENGINE=InnoDB",
                      f"INSERT INTO `{table}` VALUES {rows(name, 0)}"]
            changes += [f"INSERT INTO `{table}` VALUES {rows(name, 100)}"]
            # Each value becomes the next one; then every second row goes.
            changes += [f"UPDATE `{table}` SET v = {value} WHERE id = {100 + (i + 1) % (len(values) + 1)}"
                        for i, value in enumerate(values)]
            changes += [f"UPDATE `{table}` SET v = NULL WHERE id = 0",
                        f"UPDATE `{table}` SET v = {values[-1]} WHERE id = {len(values)}",
                        f"DELETE FROM `{table}` WHERE id % 2 = 1"]
    follow(setup, changes, sql_mode=LAX)


def test_not_null_columns_and_many_columns(follow):
    columns = ", ".join(f"c{i} {'INT' if i % 2 else 'VARCHAR(5)'} {'NOT NULL' if i % 3 else 'NULL'}"
                        for i in range(300))
    values = ", ".join("NULL" if i % 3 == 0 else f"'{i}'" for i in range(300))
    other = ", ".join(f"'{i}'" for i in range(300))
    follow([f"CREATE TABLE wide (id INT PRIMARY KEY, {columns})", f"INSERT INTO wide VALUES (1, {values})"],
           [f"INSERT INTO wide VALUES (2, {other})", "UPDATE wide SET c0 = 'x', c299 = 5 WHERE id = 1"])


def test_auto_increment_zero(follow):
    follow(["CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (0, 0), (5, 5)"],
           ["INSERT INTO t VALUES (-3, 1)", "UPDATE t SET v = 9 WHERE id = 0", "DELETE FROM t WHERE id = 5",
            "INSERT INTO t VALUES (NULL, 7)", "DELETE FROM t WHERE id = 0", "INSERT INTO t VALUES (0, 8)"],
           sql_mode=LAX)


def test_generated_columns(follow):
    follow(["""CREATE TABLE t (a INT, v INT AS (a * 2) VIRTUAL, id INT PRIMARY KEY, s INT AS (a * 3) STORED,
                               b VARCHAR(10), u VARCHAR(20) AS (CONCAT(b, '!')) VIRTUAL, UNIQUE (u))""",
            "INSERT INTO t (id, a, b) VALUES (1, 1, 'x'), (2, NULL, 'y')"],
           ["INSERT INTO t (id, a, b) VALUES (3, 3, 'z')", "UPDATE t SET a = 7, b = 'w' WHERE id = 1",
            "DELETE FROM t WHERE id = 2", "INSERT INTO t (id, b) VALUES (9, 'y')"])


def test_generated_columns_without_a_key(follow):
    follow(["CREATE TABLE t (a INT, v INT AS (a * 2) VIRTUAL, s INT AS (a * 3) STORED, b TEXT)",
            "INSERT INTO t (a, b) VALUES (1, 'x'), (1, 'x'), (NULL, 'y')"],
           ["DELETE FROM t WHERE a = 1 LIMIT 1", "UPDATE t SET a = 5 WHERE b = 'y'", "INSERT INTO t (a) VALUES (6)"])


def test_invisible_columns(follow):
    follow(["CREATE TABLE t (id INT PRIMARY KEY, hidden INT INVISIBLE DEFAULT 1, v INT)",
            "INSERT INTO t (id, hidden, v) VALUES (1, 10, 100)", "INSERT INTO t VALUES (2, 200)",
            "CREATE TABLE k (hidden INT INVISIBLE AUTO_INCREMENT PRIMARY KEY, v INT)", "INSERT INTO k VALUES (1), (2)"],
           ["UPDATE t SET hidden = 11 WHERE id = 1", "INSERT INTO t (id, hidden, v) VALUES (3, NULL, 3)",
            "INSERT INTO k VALUES (3)", "DELETE FROM k WHERE v = 1", "UPDATE k SET v = 9 WHERE v = 2"])


@pytest.mark.parametrize("option", [{"log_bin_compress": "ON", "log_bin_compress_min_len": 10},
                                    {"binlog_row_metadata": "FULL"}, {"binlog_checksum": "NONE"},
                                    {"binlog_annotate_row_events": "OFF"}, {"max_binlog_size": 8192}],
                         ids=lambda option: next(iter(option)))
def test_forms_of_the_log(source, follow, option):
    source.restart(**option)
    follow(["CREATE TABLE t (id INT PRIMARY KEY, v TEXT, e ENUM('a', 'b'))", "INSERT INTO t VALUES (1, 'x', 1)"],
           ["INSERT INTO t SELECT seq, REPEAT('abc', seq), 2 FROM seq_2_to_300",
            "UPDATE t SET v = CONCAT(v, 'y') WHERE id % 3 = 0", "DELETE FROM t WHERE id % 2 = 0"])


@pytest.mark.parametrize("family", FAMILIES)
def test_many_rows_at_once(follow, target, family):
    """Enough rows in one transaction that their values are bound, where the target takes that."""
    setup, changes = [], []
    for name in FAMILIES[family]:
        column, values = TYPES[name]
        large = any("REPEAT" in value for value in values)
        setup += [f"CREATE TABLE `{name}` (id INT PRIMARY KEY, v {column})",
                  f"INSERT INTO `{name}` VALUES {rows(name, 0)}"]
        changes += [f"INSERT INTO `{name}` SELECT id + 100 * seq, v FROM `{name}`, seq_1_to_{40 if large else 150}",
                    "BEGIN",
                    *(f"UPDATE `{name}` SET v = {value} WHERE id % {len(values) + 1} = {i}"
                      for i, value in enumerate([*values[1:], values[0]])),
                    "COMMIT"]
    follow(setup, changes, sql_mode=LAX)
    if family == "integers":
        assert int(target.execute("SHOW GLOBAL STATUS LIKE 'Com_stmt_prepare'")[0][1]) > 0
