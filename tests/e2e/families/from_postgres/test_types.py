"""Values of every type of PostgreSQL at their edges in MariaDB and MySQL, by the copy and by the stream."""

import pytest
from harness.godwit import DONE, FAILED
from harness.postgres_types import GROUPS, OWN_TYPES, scenario

USUAL = ["SET datestyle = ISO", "SET standard_conforming_strings = on", "SET array_nulls = on"]

# What MariaDB and MySQL have no value for: numbers that are none, times that never come, years before 1 and after 9999.
NOT_HERE = {
    "numeric": {"'NaN'", "'Infinity'", "'-Infinity'", "'1e131071'", "'-1e-16383'", "repeat('9', 1000) || '.' || repeat('9', 1000)"},
    "numeric_10_2": {"'NaN'"},
    "real": {"'NaN'", "'Infinity'", "'-Infinity'"},
    "double": {"'NaN'", "'-Infinity'"},
    "date": {"'infinity'", "'-infinity'", "'4713-01-01 BC'", "'5874897-12-31'", "'0001-12-31 BC'"},
    "timestamp": {"'infinity'", "'-infinity'", "'4713-01-01 00:00:00 BC'", "'294276-12-31 23:59:59.999999'", "'0044-03-15 12:00 BC'"},
    "timestamptz": {"'infinity'", "'-infinity'", "'4713-01-01 00:00:00 BC+00'", "'294276-12-31 23:59:59.999999+00'"},
    "json": {"'[1e1000]'"},
    "jsonbs": set(GROUPS["arrays"]["jsonbs"][1]),
    "integers": {"'[0:1]={1,2}'", "'[-1:0][5:6]={{1,2},{3,4}}'"},
}
BESIDES = {
    "numeric": ["'12345678901234567890123456789012345.123456789012345678901234567891'", "'-0.000000000000000000000000000001'"],
    "date": ["'0001-01-01'", "'9999-12-31'"],
    "timestamp": ["'0001-01-01 00:00:00'", "'9999-12-31 23:59:59.999999'"],
    "timestamptz": ["'0001-01-01 00:00:00+00'", "'9999-12-31 23:59:59.999999+00'"],
    "jsonbs": ["""ARRAY['{"a": "b\\\\c"}'::jsonb, '{"c": ["null", true]}', NULL]"""],
    "text": ["'A'", "'a'", "'á'", "'ß'", "'ss'"],
}
TYPES = {name: (column, [value for value in [*values, *BESIDES.get(name, ())] if value not in NOT_HERE.get(name, ())])
         for group in GROUPS.values() for name, (column, values) in group.items()}


def test_all_types(follow):
    setup, changes = scenario(TYPES)
    follow([*USUAL, *OWN_TYPES, *setup], [*USUAL, *changes])


# name: (type, three values of it in the order of PostgreSQL); what MySQL's own collations take for the same are three keys.
KEYS = {
    "letters": ("text", ["'A'", "'a'", "'á'"]),
    "no_case": ("public.citext", ["'A'", "U&'a\\200B'", "'Ａ'"]),
    "blanks": ("varchar(20)", ["'a'", "'a '", "'a  '"]),
    "fixed": ("char(6)", ["'A'", "'a'", "'Ä'"]),
    "bytes": ("bytea", [r"'\x00'", r"'\x0000'", r"'\x41'"]),
    "uid": ("uuid", ["'00000000-0000-0000-0000-00000000000f'", "'f0000000-0000-0000-0000-000000000000'",
                     "'ffffffff-ffff-ffff-ffff-ffffffffffff'"]),
    "decimals": ("numeric(20,4)", ["-1.5", "0", "9999999999999999.9999"]),
    "any_number": ("numeric", ["'0.000000001'", "'1.10'", "'12345678901234567890'"]),
    "floating": ("double precision", ["'-1e300'", "0.1", "0.30000000000000004"]),
    "day": ("date", ["'0001-01-01'", "'2024-02-29'", "'9999-12-31'"]),
    "moment": ("timestamptz", ["'1969-12-31 23:59:59.999999+00'", "'2021-03-28 01:30:00+00'", "'2040-01-01 00:00:00+00'"]),
    "clock": ("time", ["'00:00'", "'23:59:59.999999'", "'24:00:00'"]),
    "truth": ("boolean", ["false", "true", "NULL"]),
    "feeling": ("mood", ["'between'", "'a'", "'ünï'"]),
    "bits": ("bit(12)", ["B'000000000000'", "B'000000000001'", "B'100000000000'"]),
    "address": ("inet", ["'10.0.0.1'", "'10.0.0.1/8'", "'::1'"]),
    "whole": ("even", ["-2", "2", "4"]),
}


def test_keys_of_all_types(source, follow, target):
    """Rows are found by them, take the key that another has left, and are kept apart by what PostgreSQL keeps them apart by."""
    setup, changes = [*OWN_TYPES], []
    for name, (kind, (one, two, three)) in KEYS.items():
        setup += [f"CREATE TABLE {name} (k {kind} PRIMARY KEY, u {kind} UNIQUE, n int)", f"INSERT INTO {name} VALUES ({one}, {two}, 1), ({two}, {one}, 2)"]
        if three != "NULL":
            changes.append(f"INSERT INTO {name} VALUES ({three}, {three}, 3)")
        changes += [f"UPDATE {name} SET n = 7 WHERE k = {one}", f"DELETE FROM {name} WHERE k = {two}",
                    f"UPDATE {name} SET k = {two}, u = NULL WHERE k = {one}"]
    task = follow(setup, changes)
    # A type by which rows of both servers come in one order is compared row by row.
    found = {table["name"]: table for table in task.verify("--json").expect(DONE).json()["tables"]}
    assert found["shop.decimals"]["has_key"] and found["shop.day"]["has_key"]
    for name in KEYS:
        assert target.value(f"SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = 'shop' AND table_name = '{name}' "
                            "AND non_unique = 0") == 2, f"{name} lacks a key"


# Column, value and what is said of it.
UNREPRESENTABLE = {
    "never": ("date", "'infinity'"),
    "before_christ": ("timestamp", "'0044-03-15 12:00 BC'"),
    "far_ahead": ("timestamptz", "'10000-01-01 00:00:00+00'"),
    "no_number": ("double precision", "'NaN'"),
    "no_decimal": ("numeric(10,2)", "'NaN'"),
    "endless": ("real", "'-Infinity'"),
    "too_many_digits": ("numeric", "'1e70'"),
    "too_fine": ("numeric", "'1e-40'"),
    "not_from_one": ("integer[]", "'[0:1]={1,2}'"),
}
TO_MARIADB = pytest.mark.parametrize("kinds", [("postgres", "mariadb")], ids=["to_mariadb"])


@TO_MARIADB
def test_what_there_is_no_value_for_is_an_error_that_names_it(source, target, godwit):
    source.execute("CREATE SCHEMA shop")
    for name, (kind, value) in UNREPRESENTABLE.items():
        source.execute(f"CREATE TABLE copied_{name} (id int PRIMARY KEY, v {kind})", f"INSERT INTO copied_{name} VALUES (17, {value})",
                       f"CREATE TABLE {name} (id int PRIMARY KEY, v {kind})")
    for number, name in enumerate(UNREPRESENTABLE):
        copied = godwit(source, target, name=f"copied-{number}", meta_schema=f"godwit_c{number}", mode="copy",
                        tables={"include": [f"shop.copied_{name}"]}).run().expect(FAILED)
        assert f"shop.copied_{name}" in copied.err and "column v" in copied.err and "17" in copied.err, copied.err
    # Of a key whatever the task file says: another row may have what would be written.
    source.execute("CREATE TABLE keyed (at date PRIMARY KEY)", "INSERT INTO keyed VALUES ('infinity'), ('9999-12-31')")
    keyed = godwit(source, target, name="keyed", meta_schema="godwit_k", mode="copy", tables={"include": ["shop.keyed"]},
                   on_unrepresentable={"invalid_date": "replace"}).run().expect(FAILED)
    assert "table shop.keyed, column at, row at='infinity'" in keyed.err and "part of the primary key" in keyed.err, keyed.err
    for number, name in enumerate(("never", "no_number", "too_many_digits")):
        kind, value = UNREPRESENTABLE[name]
        task = godwit(source, target, name=f"followed-{number}", meta_schema=f"godwit_f{number}", tables={"include": [f"shop.{name}"]})
        task.run().expect(DONE)
        source.execute(f"INSERT INTO {name} VALUES (1, NULL), (18, {value})")
        followed = task.run().expect(FAILED)
        assert f"shop.{name}" in followed.err and "column v" in followed.err and "18" in followed.err, followed.err
        assert target.value(f"SELECT COUNT(*) FROM shop.{name}") == 0


def test_what_there_is_no_value_for_is_written_as_asked_and_counted(source, target, godwit):
    """A run that has stopped goes on once the task file says how."""
    row = "'infinity', '0044-03-15 12:00 BC', 'Infinity', '-Infinity', '1e70'"
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, a date, b timestamp, c double precision, d real, e numeric NOT NULL)",
                   f"INSERT INTO t VALUES (1, {row})", "CREATE TABLE bare (a date, c double precision)", "ALTER TABLE bare REPLICA IDENTITY FULL",
                   "INSERT INTO bare VALUES ('infinity', 1), ('infinity', 1), ('2024-01-01', 'Infinity')")
    task = godwit(source, target)
    task.run().expect(FAILED)
    task.configure(on_unrepresentable={"invalid_date": "replace", "out_of_range": "replace"})
    copied = task.run().expect(DONE)
    assert "table shop.t, column a: 1 value" in copied.text and "table shop.bare, column a: 2 values" in copied.text, copied.text
    source.execute(f"INSERT INTO t VALUES (2, {row}), (3, '2021-01-01', '2021-01-01', 1, 1, 1)")
    assert task.run().expect(DONE).progress()[-1]["changes"]["values_replaced"] == 5
    rows = target.execute("SELECT CAST(a AS CHAR), CAST(b AS CHAR), c, d, CAST(e AS CHAR) FROM shop.t ORDER BY id")
    assert rows[0] == rows[1] == ("9999-12-31", "0001-01-01 00:00:00.000000", 1.7976931348623157e308, rows[0][3], f"{'9' * 35}.{'9' * 30}"), rows
    # Rows without a key are found by what was written for them.
    source.execute("DELETE FROM bare WHERE ctid = (SELECT min(ctid) FROM bare)", "UPDATE bare SET a = '2024-02-02' WHERE c > 2")
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    assert target.execute("SELECT CAST(a AS CHAR), c > 2 FROM shop.bare ORDER BY c") == (("9999-12-31", 0), ("2024-02-02", 1))
    # Nothing comes near to a number that is none; and a column that must not be NULL takes no NULL.
    source.execute("INSERT INTO t VALUES (4, NULL, NULL, 'NaN', NULL, 1)")
    assert "column c" in task.run().expect(FAILED).err
    task.configure(on_unrepresentable={"invalid_date": "null", "out_of_range": "null"})
    assert "column c: 1 value" in task.run().expect(DONE).text
    assert target.execute("SELECT c FROM shop.t WHERE id = 4") == ((None,),)
    source.execute(f"INSERT INTO t VALUES (5, {row})")
    assert "must not be NULL" in task.run().expect(FAILED).err


LONG = {
    "key": ("CREATE TABLE key (k text PRIMARY KEY)", "INSERT INTO key VALUES (repeat('k', 2000))"),
    "document": ("CREATE TABLE document (id int PRIMARY KEY, k jsonb)", "INSERT INTO document VALUES (1, '[12345678901234567890.123456789]')"),
}


def test_values_that_only_their_type_refuses_are_never_cut(source, target, godwit, assert_same):
    """They are told, or there whole."""
    source.execute("CREATE SCHEMA shop", *(table for table, _ in LONG.values()))
    for name, (_, row) in LONG.items():
        task = godwit(source, target, name=name, meta_schema=f"godwit_{name}", tables={"include": [f"shop.{name}"]})
        task.run().expect(DONE)
        source.execute(row)
        result = task.run()
        if result.code == DONE:
            assert_same(without={f"shop.{other}" for other in LONG if other != name})
        else:
            assert f"shop.{name}" in result.expect(FAILED).err and "column k" in result.err, result.err
