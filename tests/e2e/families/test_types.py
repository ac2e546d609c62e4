"""Values of every type of MariaDB and MySQL at their edges in PostgreSQL, by the copy and by the stream."""

import pytest
from harness.godwit import DONE, FAILED
from harness.types import LAX, NOT_IN_MYSQL, ONLY_IN_MYSQL, TYPES, scenario

# What PostgreSQL has no value for: zero bytes in text, days that there are not.
NOT_HERE = {
    "date": {"'0000-00-00'", "'2020-00-00'"},
    "datetime": {"'0000-00-00 00:00:00'", "'2021-00-00 00:00:00'", "'0000-00-01 01:02:03'"},
    "datetime_2": {"'0000-00-00 00:00:00.00'"},
    "timestamp": {"'0000-00-00 00:00:00'"}, "timestamp_5": {"'0000-00-00'"}, "timestamp_6": {"'0000-00-00'"},
    "varchar": {"'tab\\tnl\\nnul\\0cr\\r^Z\\Z'"}, "latin1_invalid_utf8": {"X'80819F00'"},
    "char": {"'\\0x'"}, "cp1251": {"X'FF00'"}, "ucs2": {"X'0000'"}, "longtext": {"REPEAT(X'FF5C00', 200000)"},
    "enum_latin1": {"0"}, "enum": {"0"},
}
HERE = {name: (column, [value for value in values if value not in NOT_HERE.get(name, ())])
        for name, (column, values) in TYPES.items() if name != "cp1251_undefined"}
GROUPS = 3


@pytest.mark.parametrize("group", range(GROUPS))
def test_all_types(source, kinds, follow, group):
    types = {**HERE, **ONLY_IN_MYSQL} if kinds[0] == "mysql" else HERE
    names = [name for name in types if kinds[0] != "mysql" or name not in NOT_IN_MYSQL][group::GROUPS]
    setup, changes = scenario(names, types)
    lax = f"SET sql_mode = '{LAX}'"
    follow([lax, *setup], [lax, *changes], casts=[{"type": "time", "to": "interval"}])


# Column and value.
UNREPRESENTABLE = {
    "zero date": ("DATE", "'0000-00-00'"),
    "a day that there is not": ("DATETIME", "'2021-02-00 00:00:00'"),
    "zero byte": ("VARCHAR(10)", "'a\\0b'"),
    "a day and more": ("TIME", "'25:00:00'"),
    "beyond bigint": ("BIGINT UNSIGNED AUTO_INCREMENT UNIQUE", "9223372036854775808"),
    "the error value": ("ENUM('a')", "0"),
}


def names_place(error):
    """Whether it says which column it is of, or which check has refused the row."""
    return "column v" in error or '"v_check"' in error


@pytest.mark.parametrize("case", UNREPRESENTABLE)
@pytest.mark.parametrize("kinds", [("mariadb", "postgres")], ids=["from_mariadb"])
def test_what_there_is_no_value_for_is_an_error_that_names_it(source, target, godwit, case):
    column, value = UNREPRESENTABLE[case]
    source.execute("CREATE DATABASE shop", f"SET sql_mode = '{LAX}'", f"CREATE TABLE shop.t (id INT PRIMARY KEY, v {column})",
                   f"CREATE TABLE shop.u (id INT PRIMARY KEY, v {column})", f"INSERT INTO shop.u VALUES (17, {value})")
    copied = godwit(source, target).run().expect(FAILED)
    assert "shop.u" in copied.err and names_place(copied.err), copied.err
    if column.startswith(("TIME", "BIGINT")):
        assert value.strip("'") in copied.err, copied.err
    task = godwit(source, target, name="followed", meta_schema="followed", tables={"include": ["shop.t"]}, target={"if_exists": "replace"})
    task.run().expect(DONE)
    source.execute(f"SET sql_mode = '{LAX}'", f"INSERT INTO shop.t VALUES (17, {value})")
    followed = task.run().expect(FAILED)
    assert "shop.t" in followed.err and names_place(followed.err), followed.err


@pytest.mark.parametrize("kinds", [("mariadb", "postgres")], ids=["from_mariadb"])
def test_what_there_is_no_value_for_is_written_as_asked_and_counted(source, target, godwit):
    """A run that has stopped goes on once the task file says how."""
    table = "(id INT PRIMARY KEY, a VARCHAR(10), b DATE, c DATETIME NOT NULL, d LONGTEXT)"
    row = "'a\\0b', '0000-00-00', '2021-02-31 10:00:00', '[\"\\\\u0000\"]'"
    source.execute("CREATE DATABASE shop", f"SET sql_mode = '{LAX}'", f"CREATE TABLE shop.t {table}", f"INSERT INTO shop.t VALUES (1, {row})")
    task = godwit(source, target, casts=[{"column": "shop.t.d", "to": "jsonb"}])
    task.run().expect(FAILED)
    task.configure(on_unrepresentable={"zero_byte": "replace", "invalid_date": "replace"})
    copied = task.run().expect(DONE)
    for column in ("a", "d"):
        assert f"table shop.t, column {column}: 1 value with zero bytes was written as what comes nearest" in copied.text, copied.text
    source.execute(f"SET sql_mode = '{LAX}'", f"INSERT INTO shop.t VALUES (2, {row}), (3, 'fits', '2021-01-01', '2021-01-01', '[]')")
    assert task.run().expect(DONE).progress()[-1]["changes"]["values_replaced"] == 4
    assert target.execute("SELECT a, b::text, d::text FROM shop.t ORDER BY id") == [
        ("a\ufffdb", "0001-01-01", '["\ufffd"]')] * 2 + [("fits", "2021-01-01", "[]")]
    # A column that must not be NULL takes none.
    task.configure(on_unrepresentable={"zero_byte": "null", "invalid_date": "null"})
    source.execute(f"SET sql_mode = '{LAX}'", f"INSERT INTO shop.t VALUES (4, {row})")
    assert "must not be NULL" in task.run().expect(FAILED).err
