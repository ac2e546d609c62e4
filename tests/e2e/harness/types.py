"""Every type at its edges, and a scenario that takes values of it through the copy and the stream."""

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
    "int_zerofill": ("INT(8) ZEROFILL", ["7", "4294967295"]),
    "bigint": ("BIGINT", ["-9223372036854775808", "9223372036854775807", "-1"]),
    "bigint_unsigned": ("BIGINT UNSIGNED", ["18446744073709551615", "9223372036854775808"]),
    "boolean": ("BOOLEAN", ["TRUE", "FALSE"]),
    "decimal_65": ("DECIMAL(65,0)", ["'" + "9" * 65 + "'", "'-" + "9" * 65 + "'", "0", "1"]),
    "decimal_38": ("DECIMAL(65,38)", ["'" + "9" * 27 + "." + "9" * 38 + "'", "'-0." + "0" * 37 + "1'"]),
    "decimal_30": ("DECIMAL(65,30)", ["'" + "9" * 35 + "." + "9" * 30 + "'", "'-0." + "0" * 29 + "1'"]),
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
    "time_2": ("TIME(2)", ["'838:59:58.99'", "'-00:00:00.01'"]),
    "time_3": ("TIME(3)", ["'-00:00:00.001'", "'-838:59:59.999'", "'12:34:56.789'"]),
    "time_4": ("TIME(4)", ["'-838:59:58.9999'", "'00:00:00.0001'"]),
    "time_5": ("TIME(5)", ["'838:59:59'", "'-838:59:58.99999'", "'-00:00:00.00001'"]),
    "time_6": ("TIME(6)", ["'838:59:59.999999'", "'-838:59:59.999999'", "'-00:00:00.000001'", "'30:00:00.5'"]),
    "datetime": ("DATETIME", ["'0000-00-00 00:00:00'", "'9999-12-31 23:59:59'", "'1000-01-01 00:00:00'",
                              "'2021-00-00 00:00:00'", "'0000-00-01 01:02:03'"]),
    "datetime_2": ("DATETIME(2)", ["'2021-03-28 02:30:00.99'", "'0000-00-00 00:00:00.00'"]),
    "datetime_1": ("DATETIME(1)", ["'9999-12-31 23:59:59.9'", "'1000-01-01 00:00:00.1'"]),
    "datetime_3": ("DATETIME(3)", ["'9999-12-31 23:59:59.999'", "'1969-12-31 23:59:59.001'"]),
    "datetime_5": ("DATETIME(5)", ["'9999-12-31 23:59:59.99999'", "'2000-01-01 00:00:00.00001'"]),
    "datetime_6": ("DATETIME(6)", ["'9999-12-31 23:59:59.999999'", "'2000-01-01 00:00:00.000001'"]),
    "timestamp": ("TIMESTAMP NULL", ["'0000-00-00 00:00:00'", "'1970-01-01 00:00:01'",
                                     "'2038-01-19 03:14:07'", "'2021-10-31 01:30:00'"]),
    "timestamp_1": ("TIMESTAMP(1) NULL", ["'2038-01-19 03:14:07.9'", "'1970-01-01 00:00:01.1'"]),
    "timestamp_2": ("TIMESTAMP(2) NULL", ["'2021-10-31 01:30:00.01'"]),
    "timestamp_3": ("TIMESTAMP(3) NULL", ["'2038-01-19 03:14:07.999'", "'1970-01-01 00:00:01.001'"]),
    "timestamp_4": ("TIMESTAMP(4) NULL", ["'2038-01-19 03:14:07.9999'", "'1970-01-01 00:00:01.0001'"]),
    "timestamp_5": ("TIMESTAMP(5) NULL", ["'1970-01-01 00:00:01.00001'", "'2038-01-19 03:14:07.99999'", "'0000-00-00'"]),
    "timestamp_6": ("TIMESTAMP(6) NULL", ["'2038-01-19 03:14:07.999999'", "'0000-00-00'",
                                          "'1970-01-01 00:00:00.000001'"]),
    "char": ("CHAR(10)", ["''", "'a'", "'a  '", "'ÄÖÜ🦆'", "'\\\\N'", "'\\0x'"]),
    "char_binary_collation": ("CHAR(10) COLLATE utf8mb4_bin", ["'a'", "'A'", "'\\t\\n\\r\\\\'"]),
    "varchar": ("VARCHAR(300)", ["''", "' '", "'a '", "REPEAT('ü', 300)", "'tab\\tnl\\nnul\\0cr\\r^Z\\Z'",
                                 "'\\\\'", "'\\\\N'", "'quote\\'s \"'", "'🦆👩‍👩‍👧'", "'NULL'"]),
    "latin1_invalid_utf8": ("VARCHAR(40) CHARACTER SET latin1",
                            ["X'FF'", "X'C328'", "X'E28028'", "X'80819F00'", "X'5C'", "X'E9'"]),
    "cp1251": ("VARCHAR(40) CHARACTER SET cp1251", ["'Привет'", "X'FF00'"]),
    "cp1251_undefined": ("VARCHAR(40) CHARACTER SET cp1251", ["X'98FF00'"]),
    "sjis": ("VARCHAR(40) CHARACTER SET sjis", ["X'955C'", "X'835C8D5C'", "X'8260'"]),
    "tis620": ("VARCHAR(40) CHARACTER SET tis620", ["X'A1A2'"]),
    "utf8mb3": ("VARCHAR(40) CHARACTER SET utf8mb3", ["'日本'"]),
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
    "linestring": ("LINESTRING", ["ST_GeomFromText('LINESTRING(0 0, 1.5 -2, 92 39)')"]),
    "polygon": ("POLYGON", ["ST_GeomFromText('POLYGON((0 0, 4 0, 4 4, 0 0))', 4326)"]),
    "multipoint": ("MULTIPOINT", ["ST_GeomFromText('MULTIPOINT((1 2), (-3.5 1e-300))')"]),
    "multilinestring": ("MULTILINESTRING", ["ST_GeomFromText('MULTILINESTRING((0 0, 1 1), (10 10, 13 92))')"]),
    "geometrycollection": ("GEOMETRYCOLLECTION", ["ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1), LINESTRING(0 0, 92 92))')",
                                                  "ST_GeomFromText('GEOMETRYCOLLECTION EMPTY')"]),
    "multipolygon": ("MULTIPOLYGON", ["ST_GeomFromText('MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)))')"]),
    "uuid": ("UUID", ["'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'",
                      "'123e4567-e89b-12d3-a456-426655440000'", "'5c0d0a27-5c4e-4c1a-8000-000000000000'"]),
    "inet4": ("INET4", ["'0.0.0.0'", "'255.255.255.255'", "'92.39.10.13'"]),
    "inet6": ("INET6", ["'::'", "'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'", "'::ffff:1.2.3.4'", "'5c27::5c'"]),
    "compressed_text": ("TEXT COMPRESSED", ["''", "REPEAT('abc', 5000)", "'short'"]),
    "compressed_varbinary": ("VARBINARY(2000) COMPRESSED", ["''", "UNHEX(REPEAT('005C', 900))"]),
}

# What MariaDB does not have, or takes for text.
ONLY_IN_MYSQL = {
    "vector": ("VECTOR(3)", ["TO_VECTOR('[1,2.5,-3]')", "TO_VECTOR('[1e-30,3.4e38,0]')"]),
    "vector_of_any_length": ("VECTOR", ["TO_VECTOR('[1]')", "TO_VECTOR(CONCAT('[', REPEAT('0.1,', 999), '2]'))"]),
    "json_of_types": ("JSON", ["JSON_ARRAY(DATE'2024-02-29', TIME'-838:59:59', TIMESTAMP'2024-02-29 01:02:03.000004', 1.50, 0.125e0, NULL, TRUE)",
                               "JSON_ARRAY(CAST(18446744073709551615 AS UNSIGNED), -9223372036854775808, CAST('1.10' AS DECIMAL(65,30)))",
                               "JSON_OBJECT('bytes', X'00FF', 'year', CAST(2024 AS YEAR), 'é', 'ü')", "CAST(-0.5 AS JSON)"]),
}

# What MySQL does not take, or has other limits of.
NOT_IN_MYSQL = {"cp1251_undefined", "decimal_38", "decimal_64", "time_1", "time_3", "time_6", "timestamp_6", "uuid", "inet4", "inet6", "compressed_text", "compressed_varbinary"}
LAX = "NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES"


def rows(values, first):
    """As VALUES takes them, with the ids from `first` on; NULL is the last."""
    return ", ".join(f"({first + i}, {value})" for i, value in enumerate([*values, "NULL"]))


def scenario(names, types=TYPES):
    """Set-up and changes for `follow`: all values of these types are copied, inserted, changed and deleted, in tables with a
    key and without."""
    setup, changes = [], []
    for name in names:
        column, values = types[name]
        for table, key in ((f"{name}_keyed", "PRIMARY KEY"), (f"{name}_keyless", "")):
            setup += [f"CREATE TABLE `{table}` (id INT {key}, v {column}) ENGINE=InnoDB",
                      f"INSERT INTO `{table}` VALUES {rows(values, 0)}"]
            changes += [f"INSERT INTO `{table}` VALUES {rows(values, 100)}"]
            # Each value becomes the next one; then every second row goes.
            changes += [f"UPDATE `{table}` SET v = {value} WHERE id = {100 + (i + 1) % (len(values) + 1)}"
                        for i, value in enumerate(values)]
            changes += [f"UPDATE `{table}` SET v = NULL WHERE id = 0",
                        f"UPDATE `{table}` SET v = {values[-1]} WHERE id = {len(values)}",
                        f"DELETE FROM `{table}` WHERE id % 2 = 1"]
    return setup, changes
