"""`godwit verify` finds what differs between PostgreSQL and MariaDB or MySQL, names it, and finds nothing else."""

from harness.godwit import DONE, FOUND

# Type and value on the source, and another value, as near as may be, on the target.
CHANGED = {
    "i": ("bigint", "7", "8"),
    "n": ("numeric(12,4)", "1.10", "1.1001"),
    "whole": ("numeric", "'12345678901234567890'", "12345678901234567891"),
    "f": ("real", "0.1", "0.1"),
    "d": ("double precision", "0.1", "0.10000000000000002"),
    "b": ("boolean", "true", "0"),
    "t": ("text", "'a '", "'a'"),
    "v": ("varchar(9)", "'é'", "'É'"),
    "c": ("char(4)", "'ä'", "'a'"),
    "wide": ("char(300)", "'x'", "'x '"),
    "y": ("bytea", r"'\x00ff'", "X'00FE'"),
    "day": ("date", "'2024-02-29'", "'2024-02-28'"),
    "clock": ("time(3)", "'24:00:00'", "'23:59:59.999'"),
    "at": ("timestamptz", "'2024-01-01 02:00:00.5+02'", "'2024-01-01 00:00:00.500001'"),
    "here": ("timestamp", "'2024-01-01 02:00:00'", "'2024-01-01 02:00:00.000001'"),
    "j": ("jsonb", "'{\"b\": 1.0, \"a\": [null, \"\\u00e9\"]}'", "'{\"b\": 1.1, \"a\": [null, \"é\"]}'"),
    "k": ("json", "'{\"b\": 1,  \"a\": 2}'", "'{\"b\": 1,  \"a\": 3}'"),
    "a": ("int[]", "'{{1,NULL},{3,4}}'", "'[[1,null],[3,5]]'"),
    "texts": ("text[]", "ARRAY['a\"b', NULL, 'NULL', '']", "'[\"a\\\\\"b\",null,\"NULL\",\" \"]'"),
    "bits": ("bit(12)", "B'000000000101'", "b'100'"),
    "loose": ("bit varying(12)", "B'00101'", "'0101'"),
    "u": ("uuid", "'00000000-0000-0000-0000-00000000000f'", "'00000000-0000-0000-0000-00000000000e'"),
    "m": ("mood", "'sad'", "'happy'"),
    "own": ("small", "7", "6"),
    "r": ("int4range", "'[1,5)'", "'[1,6)'"),
    "span": ("interval", "'1 day 02:00:00'", "'1 day 02:00:01'"),
    "p": ("inet", "'10.0.0.1'", "'10.0.0.2'"),
    "g": ("bigint GENERATED ALWAYS AS (i + 1) STORED", None, None),
}
STORED = [name for name in CHANGED if name != "g"]
KEYS = {"by_number": ("int", "1", "2"), "by_day": ("date", "'2024-01-01'", "'2024-01-02'"), "by_bytes": ("bytea", r"'\x27'", r"'\x5c00'"),
        "by_uuid": ("uuid", "'f0000000-0000-0000-0000-000000000000'", "'0f000000-0000-0000-0000-000000000000'"),
        "by_text": ("varchar(9)", "'é'", "'z'")}
ROWS = 30_000


def counts(table):
    return {kind: table[kind] for kind in ("equal", "missing", "extra", "different", "unsettled") if table[kind]}


def named(report):
    return {table["name"]: table for table in report.json()["tables"]}


def test_what_differs_is_found_and_named(source, target, kinds, godwit):
    columns = ", ".join(f'"{name}" {kind}' for name, (kind, _, _) in CHANGED.items())
    names = ", ".join(f'"{name}"' for name in STORED)
    values = ", ".join(CHANGED[name][1] for name in STORED)
    source.execute("CREATE SCHEMA shop", "CREATE TYPE mood AS ENUM ('happy', 'sad')", "CREATE DOMAIN small AS int CHECK (VALUE < 10)", *(
        statement for name, (kind, one, two) in KEYS.items() for statement in (
            f"CREATE TABLE {name} (key {kind} PRIMARY KEY, {columns})",
            f"INSERT INTO {name} (key, {names}) VALUES ({one}, {values}), ({two}, {values})")))
    # Stretches of rows end within tables of many, and these are compared in several ranges.
    source.execute("CREATE TABLE many (a timestamptz(3), b numeric(12,2), v varchar(900), PRIMARY KEY (a, b))",
                   f"""INSERT INTO many SELECT '2024-01-01+00'::timestamptz + (n * 7919) * interval '1 ms', -n / 4.0, repeat('x', 850)
                   FROM generate_series(0, {ROWS - 1}) n""", "ANALYZE many")
    task = godwit(source, target, tables={"include": ["shop.*"]})
    task.run().expect(DONE)
    found = named(task.verify("--json").expect(DONE))
    assert counts(found["shop.many"]) == {"equal": ROWS} and found["shop.many"]["has_key"]
    assert [found[f"shop.{name}"]["has_key"] for name in KEYS] == [True, True, True, kinds[1] == "mysql", False]

    second_key = {"by_number": "2", "by_day": "'2024-01-02'", "by_bytes": "X'5c00'", "by_uuid": KEYS["by_uuid"][2], "by_text": "'z'"}
    # A real is a DOUBLE there, which 0.1 is not the same as.
    changed = ", ".join(f"`{name}` = {CHANGED[name][2]}" for name in STORED)
    target.execute(*(f"UPDATE shop.{name} SET {changed} WHERE `key` = {key}" for name, key in second_key.items()),
                   "DELETE FROM shop.many WHERE b = -4444.25", "UPDATE shop.many SET b = b - 0.01 WHERE b = -3333.75",
                   "UPDATE shop.many SET v = 'y' WHERE b IN (-5, -4999)")
    found = named(task.verify("--json").expect(FOUND))
    for name in KEYS:
        if not found[f"shop.{name}"]["has_key"]:
            assert counts(found[f"shop.{name}"]) == {"equal": 1, "missing": 1, "extra": 1}, name
            continue
        assert counts(found[f"shop.{name}"]) == {"equal": 1, "different": 1}, name
        assert set(found[f"shop.{name}"]["samples"][0]["columns"]) == set(CHANGED), name
    assert counts(found["shop.many"]) == {"equal": ROWS - 4, "missing": 2, "extra": 1, "different": 2}
    # A row that PostgreSQL could not even be asked for.
    other = "'no uuid'" if kinds[1] == "mysql" else "UUID()"
    target.execute(f"UPDATE shop.by_uuid SET `key` = {other} WHERE `key` = {second_key['by_uuid']}")
    assert counts(named(task.verify("--json").expect(FOUND))["shop.by_uuid"]) == {"equal": 1, "missing": 1, "extra": 1}

