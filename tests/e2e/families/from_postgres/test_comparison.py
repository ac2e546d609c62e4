"""The comparison of the two ends that the other tests trust in finds what differs, and nothing else."""

import pytest

# Column of the source and of the target, the same value on both, and another one on the target.
VALUES = {
    "i": ("bigint", "BIGINT", "7", "7", "8"),
    "n": ("numeric", "DECIMAL(65,30)", "1.10", "1.1", "1.1000000001"),
    "f": ("real", "FLOAT", "0.1", "0.1", "0.10000001"),
    "d": ("double precision", "DOUBLE", "0.1", "0.1", "0.10000000000000002"),
    "b": ("boolean", "TINYINT(1)", "true", "1", "0"),
    "t": ("text", "LONGTEXT", "'a '", "'a '", "'a'"),
    "c": ("char(4)", "CHAR(4)", "'ä'", "'ä'", "'a'"),
    "y": ("bytea", "LONGBLOB", r"'\x00ff'", "X'00FF'", "X'00FE'"),
    "at": ("timestamptz", "DATETIME(6)", "'2024-01-01 02:00:00.5+02'", "'2024-01-01 00:00:00.5'", "'2024-01-01 02:00:00.5'"),
    "j": ("jsonb", "JSON", "'{\"b\": 1.0, \"a\": [null]}'", "'{\"a\": [null], \"b\": 1}'", "'{\"a\": [null], \"b\": \"1\"}'"),
    "a": ("int[]", "JSON", "'{{1,NULL},{3,4}}'", "'[[1, null], [3, 4]]'", "'[1, null, 3, 4]'"),
    "w": ("bool[]", "JSON", "'{t,f}'", "'[true, false]'", "'[true, true]'"),
    "bits": ("bit(12)", "BIT(12)", "B'000000000101'", "b'101'", "b'100'"),
    "u": ("uuid", "VARCHAR(36)", "'00000000-0000-0000-0000-00000000000f'", "'00000000-0000-0000-0000-00000000000f'", "NULL"),
}


def test_what_differs_is_found(source, target, assert_same):
    source.execute("CREATE SCHEMA shop", f"CREATE TABLE t (id int PRIMARY KEY, {', '.join(f'{name} {kind[0]}' for name, kind in VALUES.items())})",
                   f"INSERT INTO t VALUES (1, {', '.join(kind[2] for kind in VALUES.values())})")
    target.execute("CREATE DATABASE shop", f"CREATE TABLE shop.t (id INT PRIMARY KEY, {', '.join(f'`{name}` {kind[1]}' for name, kind in VALUES.items())})",
                   f"INSERT INTO shop.t VALUES (1, {', '.join(kind[3] for kind in VALUES.values())})")
    assert assert_same().rows == 1
    for name, kind in VALUES.items():
        target.execute(f"UPDATE shop.t SET `{name}` = {kind[4]}")
        with pytest.raises(AssertionError, match="alone"):
            assert_same()
            pytest.fail(f"{name} is not looked at")
        target.execute(f"UPDATE shop.t SET `{name}` = {kind[3]}")
    assert_same()
    for statement in ("DELETE FROM shop.t", "CREATE TABLE shop.more (id INT)", "ALTER TABLE shop.t DROP COLUMN i"):
        target.execute(statement)
        with pytest.raises(AssertionError):
            assert_same()
            pytest.fail(statement)
