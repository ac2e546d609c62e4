"""Every type at its edges: in the copy, and inserted, changed and deleted in the stream, with and
without a key."""

import pytest
from harness.types import LAX, TYPES, rows, scenario

# A family per test: few enough servers, and a failure still names the kind of type.
FAMILIES = {
    "integers": ["boolean"] + [n for n in TYPES if "int" in n and "point" not in n],
    "decimals": [n for n in TYPES if n.startswith("decimal")],
    "floats": ["float", "float_7_4", "double"],
    "bits_and_lists": [n for n in TYPES if n.startswith(("bit", "enum", "set"))],
    "temporal": [n for n in TYPES if n.startswith(("year", "date", "time"))],
    "strings": ["char", "char_binary_collation", "varchar", "json", "tinytext", "text", "mediumtext"],
    "charsets": ["latin1_invalid_utf8", "cp1251", "cp1251_undefined", "sjis", "tis620", "utf8mb3", "gbk", "big5", "ucs2", "utf16", "utf32"],
    "bytes": ["binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "longtext"],
    "others": ["point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometry", "geometrycollection",
               "uuid", "inet4", "inet6", "compressed_text",
               "compressed_varbinary"],
}


def test_each_type_is_in_a_family():
    assert sorted(sum(FAMILIES.values(), [])) == sorted(TYPES)


@pytest.mark.parametrize("family", FAMILIES)
def test_family(follow, family):
    follow(*scenario(FAMILIES[family]), sql_mode=LAX)


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


@pytest.mark.parametrize("kinds, load_data", [(("mariadb", "mariadb"), "ON"), (("mariadb", "mariadb"), "OFF"), (("mysql", "mysql"), "ON"),
                                              (("mariadb", "mysql"), "ON")])
def test_tables_of_generated_columns_alone(target, follow, load_data):
    """Their rows hold nothing, but how many there are counts."""
    target.execute(f"SET GLOBAL local_infile = {load_data}")
    many = ", ".join(["()"] * 150)
    follow(["CREATE TABLE t (v INT AS (1 + 1) VIRTUAL, w VARCHAR(9) AS (CONCAT('a', v)) VIRTUAL)", "INSERT INTO t VALUES (), (), ()",
            "CREATE TABLE s (v INT AS (2) STORED, w INT AS (v + 1) VIRTUAL)", f"INSERT INTO s VALUES {many}"],
           ["INSERT INTO t VALUES (), ()", f"INSERT INTO t VALUES {many}", "DELETE FROM t LIMIT 7", "UPDATE t SET v = DEFAULT LIMIT 3",
            "DELETE FROM s"])


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
                  f"INSERT INTO `{name}` VALUES {rows(TYPES[name][1], 0)}"]
        changes += [f"INSERT INTO `{name}` SELECT id + 100 * seq, v FROM `{name}`, seq_1_to_{40 if large else 150}",
                    "BEGIN",
                    *(f"UPDATE `{name}` SET v = {value} WHERE id % {len(values) + 1} = {i}"
                      for i, value in enumerate([*values[1:], values[0]])),
                    "COMMIT"]
    follow(setup, changes, sql_mode=LAX)
    if family == "integers":
        assert int(target.execute("SHOW GLOBAL STATUS LIKE 'Com_stmt_prepare'")[0][1]) > 0
