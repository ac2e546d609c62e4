"""Every row of the tables in docs/mysql-mariadb.md: what becomes of a definition, or that `check`
refuses it before anything is done."""

import pytest
from harness.compare import assert_alike
from harness.godwit import DONE, FOUND

# (columns or keys of the table, what the target's definition has, values for the copy and the stream)
FROM_MARIADB = {
    "uuid": ("v UUID DEFAULT UUID()", "char(36) CHARACTER SET ascii COLLATE ascii_general_ci", ["UUID()", "NULL"]),
    "uuid_key": ("v UUID, UNIQUE KEY u (v)", "UNIQUE KEY `u` (`v`)", ["UUID()", "UUID()"]),
    "inet4": ("v INET4", "varchar(15)", ["'1.2.3.4'", "'255.255.255.255'"]),
    "inet6": ("v INET6", "varchar(45)", ["'::ffff:1.2.3.4'", "'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'", "'5C27::5c'", "'::'", "'::1.2.3.4'"]),
    "json": ("v JSON", "json_valid(`v`)", ["' { \"b\" : 1,  \"a\" : 2 } '", "'[1.50, 1e2]'"]),
    "geometrycollection": ("v GEOMETRYCOLLECTION", "`v` geometry", ["ST_GeomFromText('POINT(1 2)')", "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2))')"]),
    "compressed": ("v TEXT COMPRESSED", "`v` text", ["REPEAT('abc', 5000)"]),
    "uca1400": ("v VARCHAR(9) COLLATE utf8mb4_uca1400_ai_ci", "utf8mb4_0900_ai_ci", ["'a'", "'é'"]),
    "uca1400_language": ("v VARCHAR(9) COLLATE utf8mb4_uca1400_swedish_nopad_as_cs", "utf8mb4_sv_0900_as_cs", ["'å'"]),
    "uca1400_of_utf8mb3": ("v VARCHAR(9) CHARACTER SET utf8mb3 COLLATE utf8mb3_uca1400_ai_ci", "utf8mb3_unicode_520_ci", ["'å'"]),
    "nopad_bin": ("v VARCHAR(9) COLLATE utf8mb4_nopad_bin", "utf8mb4_0900_bin", ["'a '", "'a'"]),
    "croatian": ("v VARCHAR(9) COLLATE utf8mb4_croatian_ci", "utf8mb4_hr_0900_ai_ci", ["'ž'"]),
    "croatian_mysql": ("v VARCHAR(9) COLLATE utf8mb4_croatian_mysql561_ci", "utf8mb4_croatian_ci", ["'ž'"]),
    "check": ("v INT CHECK (v > 0)", "CONSTRAINT `t_chk_v` CHECK", ["1"]),
    "unnamed_check": ("v INT, CHECK (v > 0)", "CONSTRAINT `t_chk_1` CHECK", ["1"]),
    "ignored_key": ("v INT, KEY k (v) IGNORED", "INVISIBLE", ["1"]),
    "text_default": ("v TEXT DEFAULT 'abc'", "DEFAULT (_utf8mb4'abc')", ["DEFAULT", "'x'"]),
    "expression_default": ("v VARCHAR(40) DEFAULT CONCAT('a', 'b')", "DEFAULT (concat(", ["DEFAULT", "'x'"]),
    "time_default": ("v DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)",
                     "DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)", ["'2020-01-01 00:00:00.5'"]),
    "invisible": ("v INT INVISIBLE DEFAULT 3", "INVISIBLE", ["1"]),
    "regexp": ("v VARCHAR(9), g VARCHAR(9) AS (REGEXP_REPLACE(v, 'b+', 'x')) STORED", "regexp_replace(", ["'abba'"]),
}
TABLES_FROM_MARIADB = {
    "aria": ("ENGINE=Aria TRANSACTIONAL=1 PAGE_CHECKSUM=1 ROW_FORMAT=PAGE", "ENGINE=InnoDB"),
    "page_compression": ("ENGINE=InnoDB PAGE_COMPRESSED=1", "ENGINE=InnoDB"),
    "myisam": ("ENGINE=MyISAM", "ENGINE=MyISAM"),
    "myisam_parts": ("ENGINE=MyISAM PARTITION BY HASH (id) PARTITIONS 2", "ENGINE=InnoDB"),
}
FROM_MYSQL = {
    "json": ("v JSON", "json_valid(`v`)", ["'{\"b\": 1.50, \"a\": [true, null, 1e100]}'", "CAST(CAST('2020-01-01' AS DATE) AS JSON)",
                                          "CAST(1.50 AS JSON)", "JSON_OBJECT('d', CAST('1.10' AS DECIMAL(5,2)), 't', CAST('10:11:12' AS TIME(3)))",
                                          "CAST(X'00ff' AS JSON)", "JSON_OBJECT('é', '\\\\ \"q\" \\n')"]),
    "json_default": ("v JSON DEFAULT (JSON_ARRAY())", "DEFAULT json_array()", ["DEFAULT", "'[1]'"]),
    "vector": ("v VECTOR(3)", "`v` blob", ["TO_VECTOR('[1,2.5,-3]')", "NULL"]),
    "srid": ("v GEOMETRY SRID 4326", "`v` geometry", ["ST_SRID(POINT(1, 2), 4326)"]),
    "geometry": ("v GEOMETRY", "`v` geometry", ["ST_GeomFromText('POLYGON((0 0, 4 0, 4 4, 0 0))')", "ST_GeomFromText('POINT(10 20)', 4326)"]),
    "0900": ("v VARCHAR(9) COLLATE utf8mb4_0900_ai_ci", "utf8mb4_uca1400_nopad_ai_ci", ["'a'", "'é'"]),
    "0900_key": ("v VARCHAR(9) COLLATE utf8mb4_0900_as_cs, UNIQUE KEY u (v)", "utf8mb4_uca1400_nopad_as_cs", ["'a'", "'A'", "'á'", "'b '"]),
    "0900_language": ("v VARCHAR(9) COLLATE utf8mb4_de_pb_0900_ai_ci", "utf8mb4_uca1400_german2_nopad_ai_ci", ["'ß'"]),
    "0900_bin": ("v VARCHAR(9) COLLATE utf8mb4_0900_bin", "utf8mb4_nopad_bin", ["'a '", "'a'"]),
    "croatian": ("v VARCHAR(9) COLLATE utf8mb4_croatian_ci", "utf8mb4_croatian_mysql561_ci", ["'ž'"]),
    "unnamed_check": ("v INT CHECK (v > 0)", "CONSTRAINT `CONSTRAINT_1` CHECK", ["1"]),
    "unenforced_check": ("v INT CHECK (v > 0) NOT ENFORCED", "`v` int(11) DEFAULT NULL,", ["-1"]),
    "functional_key": ("v INT, KEY f ((v + 1)), KEY k (v)", "KEY `k` (`v`)\n", ["1"]),
    "multi_valued_key": ("v JSON, KEY f ((CAST(v->'$.a' AS UNSIGNED ARRAY)))", "PRIMARY KEY (`id`)\n", ["'{\"a\": [1, 2]}'"]),
    "invisible_key": ("v INT, KEY k (v DESC) INVISIBLE", "KEY `k` (`v` DESC) IGNORED", ["1"]),
    "invisible": ("v INT INVISIBLE", "INVISIBLE", ["1"]),
    "generated_not_null": ("v INT, g INT AS (v * 2) STORED NOT NULL", "GENERATED ALWAYS AS (`v` * 2) STORED", ["1"]),
    "arrow": ("v JSON, g VARCHAR(20) AS (v->>'$.a')", "json_unquote(json_extract(`v`", ["'{\"a\": \"x\"}'"]),
}
TABLES_FROM_MYSQL = {
    "compression": ("COMPRESSION='zlib'", "ENGINE=InnoDB"),
    "statistics": ("STATS_PERSISTENT=1", "STATS_PERSISTENT=1"),
}
# (statements, what check says, what it says can be done)
REFUSED_FROM_MARIADB = {
    "system_versioning": ("CREATE TABLE t (id INT PRIMARY KEY) WITH SYSTEM VERSIONING", "history", "DROP SYSTEM VERSIONING"),
    "period": ("CREATE TABLE t (id INT, s DATE, e DATE, PERIOD FOR p (s, e), UNIQUE (id, p WITHOUT OVERLAPS))", "no periods", "DROP PERIOD"),
    "sequence_default": ("CREATE TABLE t (id INT PRIMARY KEY DEFAULT NEXTVAL(s))", "nextval()", "exclude"),
    "long_unique": ("CREATE TABLE t (v TEXT, UNIQUE (v))", "unique keys over values of any length", "prefixes"),
    "unique_shape": ("CREATE TABLE t (v POINT NOT NULL, UNIQUE (v))", "unique keys over shapes", "DROP KEY"),
    "spatial_key_of_null": ("CREATE TABLE t (v POINT, w POINT NOT NULL, SPATIAL KEY (w), KEY (v))", "shapes that may be NULL", "NOT NULL"),
    "shape_and_more": ("CREATE TABLE t (v POINT NOT NULL, w INT, KEY (v, w))", "shapes and other columns", "DROP KEY"),
    "collation": ("CREATE TABLE t (v VARCHAR(9) COLLATE utf8mb4_unicode_nopad_ci)", "utf8mb4_unicode_nopad_ci", "utf8mb4_unicode_520_ci"),
    "function": ("CREATE TABLE t (v VARCHAR(9), g VARCHAR(90) AS (NATURAL_SORT_KEY(v)) VIRTUAL)", "natural_sort_key()", "drop it"),
    "year_2": ("CREATE TABLE t (v YEAR(2))", "no YEAR(2)", "YEAR(4)"),
    "decimals": ("CREATE TABLE t (v DECIMAL(40,35))", "at most 30 decimals", "MODIFY"),
    "default_partition": ("CREATE TABLE t (v INT) PARTITION BY LIST (v) (PARTITION a VALUES IN (1), PARTITION b DEFAULT)", "DEFAULT partition", "list its values"),
    "check_names": ("CREATE TABLE t (v INT, CONSTRAINT c CHECK (v > 0))", "unique in a schema", "another name"),
}
REFUSED_FROM_MYSQL = {
    "unique_functional_key": ("CREATE TABLE t (v INT, UNIQUE KEY f ((v + 1)))", "keys over expressions", "generated column"),
    "generated_primary_key": ("CREATE TABLE t (v INT, g INT AS (v + 1) STORED PRIMARY KEY)", "generated column into a primary key", "another primary key"),
    "invisible_not_null": ("CREATE TABLE t (v INT NOT NULL INVISIBLE, w INT)", "invisible column", "make it visible"),
    "collation": ("CREATE TABLE t (v VARCHAR(9) COLLATE utf8mb4_ja_0900_as_cs)", "utf8mb4_ja_0900_as_cs", "utf8mb4_unicode_520_ci"),
    "charset": ("CREATE TABLE t (v VARCHAR(9) CHARACTER SET gb18030)", "gb18030_chinese_ci", "utf8mb4_unicode_520_ci"),
    "function": ("CREATE TABLE t (v VARCHAR(36), g BINARY(16) AS (UUID_TO_BIN(v)) VIRTUAL)", "uuid_to_bin()", "drop it"),
}
CASES = ([("mariadb", name, *case, "") for name, case in FROM_MARIADB.items()] +
         [("mariadb", name, "v INT", shown, ["1"], options) for name, (options, shown) in TABLES_FROM_MARIADB.items()] +
         [("mysql", name, *case, "") for name, case in FROM_MYSQL.items()] +
         [("mysql", name, "v INT", shown, ["1"], options) for name, (options, shown) in TABLES_FROM_MYSQL.items()])
REFUSALS = ([("mariadb", name, *case) for name, case in REFUSED_FROM_MARIADB.items()] +
            [("mysql", name, *case) for name, case in REFUSED_FROM_MYSQL.items()])


def each(cases):
    """One test per case, between the two servers of its direction."""
    return pytest.mark.parametrize("kinds, case", [pytest.param((kind, "mariadb" if kind == "mysql" else "mysql"), case, id=f"from_{kind}-{name}")
                                                   for kind, name, *case in cases])


@pytest.fixture
def pair(source, target, godwit):
    return source, target, godwit(source, target)


@each(CASES)
def test_mapping(pair, case):
    source, target, task = pair
    elements, shown, values, options = case
    insert = [f"INSERT INTO t (id, v) VALUES (ID, {value})" for value in values]
    source.execute("CREATE DATABASE shop", "USE shop", f"CREATE TABLE t (id INT PRIMARY KEY, {elements}) {options}",
                   *[one.replace("(ID,", f"({i},") for i, one in enumerate(insert)])
    task.run().expect(DONE)
    definition = target.execute("SHOW CREATE TABLE shop.t")[0][1]
    assert shown in definition
    unique = "UNIQUE" in elements
    again = ["DELETE FROM t WHERE id < 9", *insert] if unique else insert
    source.execute("USE shop", *[one.replace("(ID,", f"({i + 100},") for i, one in enumerate(again)], "UPDATE t SET id = 1000 WHERE id = 100")
    task.run().expect(DONE)
    assert_alike(source, target, ["shop"])
    task.verify().expect(DONE)
    # What is there is what would be made: it may be added to.
    target.execute("TRUNCATE TABLE shop.t", "DROP DATABASE godwit")
    task.configure(target={"if_exists": "append"})
    task.run().expect(DONE)
    assert_alike(source, target, ["shop"])


@each(REFUSALS)
def test_refusal(pair, case):
    source, target, task = pair
    statement, said, remedy = case
    source.execute("CREATE DATABASE shop", "USE shop")
    if "NEXTVAL" in statement:
        source.execute("CREATE SEQUENCE shop.s")
    if "CONSTRAINT c " in statement:
        source.execute("USE shop", "CREATE TABLE other (v INT, CONSTRAINT c CHECK (v < 9))")
    source.execute("USE shop", statement)
    text = task.check().expect(FOUND).text
    assert said in text and remedy in text
    assert not target.has_tables()
