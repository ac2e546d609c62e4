"""`godwit verify`: equal ends are called equal, and every kind of difference is found, counted and named."""

import time

import pytest
from harness import shop
from harness.godwit import DONE, FAILED, FOUND
from harness.server import SOURCE_OPTIONS
from harness.writer import Writer


def tables(result):
    return {table["name"].partition(".")[2]: table for table in result.json()["tables"]}


def counts(table):
    return {what: table[what] for what in ("missing", "extra", "different") if table[what]}


@pytest.fixture
def both(source, target):
    """Runs the same statements on both ends, in database shop."""

    def run(*statements, mode="STRICT_ALL_TABLES"):
        for one in (source, target):
            one.execute("CREATE DATABASE IF NOT EXISTS shop", "USE shop",
                        f"SET sql_mode = '{mode}', time_zone = '+00:00'", *statements)

    return run


def test_equal_ends_are_equal_and_every_row_is_counted(source, target, godwit):
    for server in (source, target):
        shop.load(server, 0.1)
    found = tables(godwit(source, target).verify("--json").expect(DONE))
    for name, table in found.items():
        assert table["result"] == "equal", table
        assert table["equal"] == source.value(f"SELECT COUNT(*) FROM shop.{name}")
    assert not found["visit"]["has_key"] and found["orders"]["has_key"]


def test_each_kind_of_difference_is_counted_and_named(source, target, godwit):
    for server in (source, target):
        shop.load(server, 0.1)
    target.execute(
        "USE shop", "SET foreign_key_checks = 0",
        "UPDATE product SET weight = weight + 1e-9 WHERE sku = 'sku-0000007'",
        "UPDATE customer SET nickname = NULL WHERE nickname IS NOT NULL ORDER BY id LIMIT 3",
        "DELETE FROM orders WHERE id IN (1, 4500, 9000)",
        "INSERT INTO order_item SELECT order_id, line + 100, sku, 1, 1 FROM order_item ORDER BY order_id LIMIT 2",
        "DELETE FROM visit WHERE page = '/p/7' LIMIT 1",
        "UPDATE visit SET took = 17.25 WHERE page = '/p/9' LIMIT 1")
    found = tables(godwit(source, target).verify("--json").expect(FOUND))
    assert counts(found["product"]) == {"different": 1}
    assert found["product"]["samples"] == [
        {"difference": "different", "row": "sku='sku-0000007'", "columns": ["weight"]}]
    assert counts(found["customer"]) == {"different": 3}
    assert {tuple(sample["columns"]) for sample in found["customer"]["samples"]} == {("nickname",)}
    assert counts(found["orders"]) == {"missing": 3}
    assert sorted(sample["row"] for sample in found["orders"]["samples"]) == ["id=1", "id=4500", "id=9000"]
    assert counts(found["order_item"]) == {"extra": 2}
    assert counts(found["visit"]) == {"missing": 2, "extra": 1}
    assert any("'/p/9'" in sample["row"] and "17.25" in sample["row"] for sample in found["visit"]["samples"])
    assert found["country"]["result"] == "equal"


# A column's type, the value of the source and one of the target that is easily taken for it.
NEARLY_EQUAL = [
    ("VARCHAR(10) COLLATE utf8mb4_general_ci", "'abc'", "'ABC'"),
    ("VARCHAR(10)", "'a'", "'a '"),
    ("VARCHAR(10)", "''", "NULL"),
    ("VARCHAR(10) CHARACTER SET latin1", "0xE9", "0xE8"),
    ("TEXT", "'0'", "'00'"),
    ("VARBINARY(10)", "0x61", "0x6100"),
    ("LONGBLOB", "REPEAT(0x00, 20000000)", "CONCAT(REPEAT(0x00, 19999999), 0x01)"),
    ("FLOAT", "16777216", "16777215"),
    ("DOUBLE", "0.1", "0.1 + 1e-17 * 3"),
    ("DECIMAL(60,30)", "1", "1.000000000000000000000000000001"),
    ("BIGINT UNSIGNED", "18446744073709551615", "18446744073709551614"),
    ("BIT(64)", "b'0'", "b'1'"),
    ("DATETIME(6)", "'2024-01-01'", "'2024-01-01 00:00:00.000001'"),
    ("TIMESTAMP(6) NULL", "'2024-01-01'", "'2024-01-01 00:00:00.000001'"),
    ("TIME(6)", "'-838:59:59'", "'838:59:59'"),
    ("DATE", "'0000-00-00'", "NULL"),
    ("YEAR", "2000", "0"),
    ("ENUM('', 'a')", "1", "0"),
    ("SET('a', 'b')", "3", "1"),
    ("INT ZEROFILL", "1", "2"),
    ("GEOMETRY", "ST_GeomFromText('POINT(1 1)')", "ST_GeomFromText('POINT(1 1)', 4326)"),
    ("INET6", "'::1'", "'::ffff:0.0.0.1'"),
    ("INT INVISIBLE", "1", "2"),
]


def test_values_that_are_nearly_equal_differ(source, target, both, godwit):
    both(*(f"CREATE TABLE t{i} (id INT PRIMARY KEY, v {type})" for i, (type, _, _) in enumerate(NEARLY_EQUAL)),
         "SET GLOBAL max_allowed_packet = 64 << 20", mode="")
    for server, column in ((source, 1), (target, 2)):
        session = server.connect(max_allowed_packet=64 << 20)
        with session, session.cursor() as cursor:
            cursor.execute("SET sql_mode = ''")
            for i, case in enumerate(NEARLY_EQUAL):
                cursor.execute(f"INSERT INTO shop.t{i} (id, v) VALUES (1, {case[1]}), (2, {case[column]})")
    found = tables(godwit(source, target).verify("--json").expect(FOUND))
    for i, case in enumerate(NEARLY_EQUAL):
        assert (found[f"t{i}"]["equal"], counts(found[f"t{i}"])) == (1, {"different": 1}), case
        assert found[f"t{i}"]["samples"][0]["columns"] == ["v"], case


def test_keys_of_every_kind_are_followed_in_their_servers_order(source, target, both, godwit):
    keys = {
        "ci": ("VARCHAR(20) COLLATE utf8mb4_german2_ci", "CONCAT(ELT(1 + seq % 5, 'ä', 'Z', 'ß', 'o', 'Ö'), seq)"),
        "latin": ("VARCHAR(20) CHARACTER SET latin1", "CONCAT(_latin1 0xE9, seq)"),
        "bin": ("VARBINARY(20)", "UNHEX(MD5(seq))"),
        "dec": ("DECIMAL(20,4)", "seq - 1500 + 0.0001"),
        "flt": ("FLOAT", "seq / 7"),
        "dbl": ("DOUBLE", "(seq - 1500) / 7"),
        "day": ("DATETIME(6)", "'2020-01-01' + INTERVAL seq MICROSECOND"),
        "stamp": ("TIMESTAMP(3)", "'2020-01-01' + INTERVAL seq SECOND"),
        "span": ("TIME(3)", "SEC_TO_TIME(seq - 1500)"),
        "bits": ("BIT(20)", "seq"),
        "kind": ("ENUM(" + ", ".join(f"'{chr(97 + i % 26)}{i}'" for i in range(3000)) + ")", "seq"),
        "marks": ("SET('z','y','x','w','v','u','t','s','r','q','p','o')", "seq"),
        "zero": ("INT(8) ZEROFILL", "seq"),
        "ip": ("INET6", "CONCAT('2001:db8::', HEX(seq))"),
    }
    for name, (kind, value) in keys.items():
        both(f"CREATE TABLE `{name}` (a {kind}, v INT, PRIMARY KEY (a))",
             f"INSERT INTO `{name}` (a, v) SELECT {value}, seq FROM seq_1_to_3000",
             mode="STRICT_ALL_TABLES,NO_UNSIGNED_SUBTRACTION")
    both("CREATE TABLE pair (a VARCHAR(10) NOT NULL, b INT NOT NULL, v INT, UNIQUE KEY u (a, b))",
         "INSERT INTO pair SELECT CONCAT('k', seq % 30), seq, seq FROM seq_1_to_3000")
    task = godwit(source, target, copy={"threads": 3})
    assert all(table["result"] == "equal" for table in tables(task.verify("--json").expect(DONE)).values())
    names = [*keys, "pair"]
    for name in names:
        target.execute(f"UPDATE shop.`{name}` SET v = -1 WHERE v IN (1, 1500, 2999)",
                       f"DELETE FROM shop.`{name}` WHERE v IN (2, 1000, 3000)")
        source.execute(f"DELETE FROM shop.`{name}` WHERE v IN (3, 2000)")
    found = tables(task.verify("--json").expect(FOUND))
    for name in names:
        assert counts(found[name]) == {"missing": 3, "extra": 2, "different": 3}, found[name]
        assert found[name]["equal"] == 3000 - 8


def test_generated_and_system_versioned_columns(source, target, both, godwit):
    both("CREATE TABLE g (id INT PRIMARY KEY, a INT, s INT AS (a + 1) STORED, v INT AS (a + 2) VIRTUAL)",
         "INSERT INTO g (id, a) VALUES (1, 1)",
         "CREATE TABLE h (id INT PRIMARY KEY, a INT, since TIMESTAMP(6) GENERATED ALWAYS AS ROW START, "
         "till TIMESTAMP(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (since, till)) WITH SYSTEM VERSIONING",
         "SET timestamp = 1700000000.123456", "INSERT INTO h (id, a) VALUES (1, 1), (2, 2)",
         "SET timestamp = 1700000001", "UPDATE h SET a = 3")
    task = godwit(source, target)
    task.verify().expect(DONE)
    # The same type with another expression: only the values tell.
    target.execute("ALTER TABLE shop.g MODIFY v INT AS (a + 3) VIRTUAL")
    found = tables(task.verify("--json").expect(FOUND))
    assert found["g"]["samples"][0]["columns"] == ["v"]
    assert found["h"]["result"] == "equal"
    target.execute("SET timestamp = 1700000002", "UPDATE shop.h SET a = 4 WHERE id = 1")
    found = tables(task.verify("--json").expect(FOUND))
    assert counts(found["h"]) == {"extra": 1, "different": 1}  # a version ended, another began


def test_tables_on_one_side_and_tables_defined_in_other_ways(source, target, both, godwit):
    both("CREATE TABLE same (id INT PRIMARY KEY)", "CREATE TABLE wider (id INT PRIMARY KEY)",
         "CREATE TABLE keyless (id INT NOT NULL)")
    source.execute("CREATE TABLE shop.ours (id INT PRIMARY KEY)", "ALTER TABLE shop.keyless ADD PRIMARY KEY (id)")
    target.execute("CREATE TABLE shop.theirs (id INT PRIMARY KEY)", "ALTER TABLE shop.wider ADD more INT")
    result = godwit(source, target).verify("--json").expect(FOUND)
    found = tables(result)
    assert {name: table["result"] for name, table in found.items()} == {
        "same": "equal", "ours": "missing", "theirs": "extra", "wider": "not comparable",
        "keyless": "not comparable"}
    assert "`more`" in found["wider"]["problem"]


def test_multisets_tell_how_often_a_row_is_there(source, target, both, godwit):
    both("CREATE TABLE bag (a INT, b TEXT)", "INSERT INTO bag SELECT seq % 100, NULL FROM seq_1_to_5000")
    task = godwit(source, target)
    task.verify().expect(DONE)
    target.execute("DELETE FROM shop.bag WHERE a = 7 LIMIT 2", "INSERT INTO shop.bag VALUES (8, NULL), (8, '')")
    bag = tables(task.verify("--json").expect(FOUND))["bag"]
    assert counts(bag) == {"missing": 2, "extra": 2}
    assert bag["equal"] == 4998
    assert {sample["row"] for sample in bag["samples"]} == {"a=7, b=NULL", "a=8, b=NULL", "a=8, b=''"}


def test_rows_on_their_way_are_no_differences(source, target, godwit):
    shop.load(source, 0.1)
    task = godwit(source, target, stream={"group_ms": 200})
    task.run().expect(DONE)
    run = task.start()
    with Writer(source) as writer:
        for _ in range(3):
            writer.wait_for(100)
            result = task.verify("--json").expect(DONE)
            assert sum(table["equal"] for table in tables(result).values()) > 30_000
        target.execute("UPDATE shop.country SET name = 'nowhere' WHERE code = 'nz'")
        found = tables(task.verify("--json").expect(FOUND))
        assert counts(found["country"]) == {"different": 1}
    assert not run.ended, run.result().text
    run.interrupt()
    run.wait()


def test_large_tables_and_rows_in_little_memory(source, target, both, godwit):
    both("CREATE TABLE wide (id INT PRIMARY KEY, b LONGBLOB)",
         "INSERT INTO wide SELECT seq, REPEAT(CHAR(seq), 8 << 20) FROM seq_1_to_24",
         "CREATE TABLE bag (a INT, b VARCHAR(100))", "INSERT INTO bag SELECT seq, MD5(seq) FROM seq_1_to_300000")
    target.execute("UPDATE shop.bag SET b = 'x' WHERE a % 3000 = 0",
                   "UPDATE shop.wide SET b = CONCAT(b, 'x') WHERE id = 24")
    run = godwit(source, target, memory_limit="64MiB").command("verify", "--json")
    peak = 0
    while not run.ended:
        try:
            with open(f"/proc/{run.process.pid}/status") as status:
                peak = max([peak, *(int(line.split()[1]) for line in status if line.startswith("VmHWM"))])
        except OSError:
            pass
        time.sleep(0.02)
    found = tables(run.wait().expect(FOUND))
    assert counts(found["bag"]) == {"missing": 100, "extra": 100}
    assert counts(found["wide"]) == {"different": 1}
    # Each of the up to 12 connections may hold one of the rows of 8 MiB.
    assert peak < 300 << 10, f"{peak} KiB"


def test_a_server_that_goes_away_is_waited_for(server, godwit):
    source, target = server("source", **SOURCE_OPTIONS), server("target")
    for one in (source, target):
        shop.load(one, 0.3)
    task = godwit(source, target)
    run = task.command("verify", "--json")
    for _ in range(5):
        source.cut_connections()
        target.cut_connections()
        time.sleep(0.05)
    found = tables(run.wait().expect(DONE))
    assert found["orders"]["equal"] == source.value("SELECT COUNT(*) FROM shop.orders")


def test_a_server_that_stays_away_is_an_error(source, target, godwit):
    shop.load(source, 0.01)
    target.kill()
    result = godwit(source, target, retry_for="1s").verify().expect(FAILED)
    assert "target" in result.err
