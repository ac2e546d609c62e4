"""What follows a row over several tables follows it by keys of any type, where the log does not hold it."""

import pytest
from harness.godwit import DONE

# type: (its definition, values of four rows)
KEYS = {
    "int": ("INT", ["1", "2", "3", "4"]),
    "decimal": ("DECIMAL(9,2)", ["1.50", "2.00", "-3.25", "0.01"]),
    "date": ("DATE", ["'2020-01-01'", "'2020-01-02'", "'1000-01-01'", "'9999-12-31'"]),
    "datetime": ("DATETIME(3)", ["'2020-01-01 00:00:00.125'", "'2020-01-02 01:02:03'", "'1000-01-01 00:00:00'", "'2020-01-01 00:00:00.126'"]),
    "varchar": ("VARCHAR(20) CHARACTER SET utf8mb4", ["'é\\'\\\\'", "''", "'€'", "'x'"]),
    "utf16": ("VARCHAR(20) CHARACTER SET utf16", ["'é'", "'\\''", "'€'", "'x'"]),
    "gbk": ("VARCHAR(20) CHARACTER SET gbk", ["_utf8mb4'誠'", "'\\''", "_utf8mb4'中'", "'x'"]),
    "varbinary": ("VARBINARY(20)", ["X'00'", "X'27'", "X'5C'", "X'E9'"]),
    "enum": ("ENUM('a', 'é', '3', '1')", ["'a'", "'é'", "'3'", "'1'"]),
    "uuid": ("UUID", [f"'00000000-0000-0000-0000-00000000000{i}'" for i in range(1, 5)]),
    "inet6": ("INET6", ["'::1'", "'2001:db8::ff00:42:8329'", "'::ffff:1.2.3.4'", "'ffff::'"]),
}
CASES = [(kinds, key) for kinds in (("mariadb", "mariadb"), ("mariadb", "mysql")) for key in KEYS]


@pytest.mark.parametrize("kinds, key", CASES)
def test_chain(source, target, godwit, assert_same, key):
    """A tree four deep in itself, and a child of its rows that takes their keys."""
    column, values = KEYS[key]
    source.execute("CREATE DATABASE shop", "USE shop",
                   f"CREATE TABLE tree (id {column} PRIMARY KEY, up {column}, FOREIGN KEY (up) REFERENCES tree (id) ON DELETE CASCADE)",
                   f"CREATE TABLE leaf (id INT PRIMARY KEY, t {column}, FOREIGN KEY (t) REFERENCES tree (id) ON DELETE SET NULL)",
                   f"CREATE TABLE one (id {column} PRIMARY KEY)",
                   f"CREATE TABLE two (id {column} PRIMARY KEY, FOREIGN KEY (id) REFERENCES one (id) ON UPDATE CASCADE)",
                   f"CREATE TABLE three (n INT PRIMARY KEY, id {column}, FOREIGN KEY (id) REFERENCES two (id) ON UPDATE CASCADE ON DELETE CASCADE)",
                   *(f"INSERT INTO tree VALUES ({value}, {up})" for value, up in zip(values, ["NULL", *values])),
                   *(f"INSERT INTO leaf VALUES ({i}, {value})" for i, value in enumerate(values)),
                   *(f"INSERT INTO {table} VALUES ({value})" for table in ("one", "two") for value in values[:3]),
                   *(f"INSERT INTO three VALUES ({i}, {value})" for i, value in enumerate(values[:3])))
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", f"DELETE FROM tree WHERE id = {values[0]}", f"UPDATE one SET id = {values[3]} WHERE id = {values[1]}")
    task.run().expect(DONE)
    for table in ("tree", "leaf", "three"):
        assert target.value(f"SELECT COUNT(*) FROM shop.{table}") == source.value(f"SELECT COUNT(*) FROM shop.{table}")
    assert source.value("SELECT COUNT(*) FROM shop.tree") == 0
    assert_same(["shop"])
