"""JSON documents made of all kinds of values, and a comparison of two servers' by the type of every value."""

import json
import random

# What only columns have the type of.
SEEDS = ("""CREATE TABLE shop.seeds (id INT PRIMARY KEY, ts TIMESTAMP(6), dt DATETIME(3), da DATE, ti TIME(2), b BIT(9),
            tb TINYBLOB, bl BLOB, mb MEDIUMBLOB, lb LONGBLOB, bi BINARY(3), vb VARBINARY(9), y YEAR, e ENUM('x', '2024-01-01'),
            s SET('a', 'b'), g GEOMETRY, dc DECIMAL(10, 2), dw DECIMAL(65, 30), u INT UNSIGNED, bu BIGINT UNSIGNED,
            bg BIGINT, f FLOAT, d DOUBLE)""",
         """INSERT INTO shop.seeds VALUES
            (1, '2024-02-29 01:02:03.000004', '1999-12-31 23:59:59.5', '2024-02-29', '-12:34:56.78', 5, 'tb', '', 'mb', 'lb',
             'bi', X'00ff', 2024, '2024-01-01', 'a,b', POINT(1, 2.5), 1.50, -0.000000000000000000000000000001, 7, ~0,
             5000000000, 1.1, -0.0),
            (2, '1970-01-02 00:00:00', '0001-01-01', '0000-00-00', '838:59:59', 511, '', X'00', REPEAT('m', 100),
             REPEAT('l', 300), '', '', 1901, 'x', '', POINT(-1, 0), -99999999.99, 12345678901234567890.5, 4294967295,
             4294967296, -5000000000, 3e38, 1e-300)""")
COLUMNS = "ts dt da ti b tb bl mb lb bi vb y e s g dc dw u bu bg f d".split()
KEYS = ["a", "b.c", 'q"uote', "", "sp ace", "é日本😀", "back\\slash", "line\nfeed", "$", "[0]", "*", "**", "k" * 300, "\x01", "it's"]
STRINGS = ["", "plain", "2024-02-29", "12:00:00.000000", "2024-02-29 01:02:03.000004", "base64:type15:AQI=", "1.50", "5",
           'q"uo\\te', "}],{[", "tab\t\n\r\x08\x0c\x1f", "é日本😀", "null", "s" * 200, "it's"]
INTEGERS = [0, 1, -1, 32767, 32768, -32768, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**32, -2**31, 2**53 + 1, 2**63 - 1, -2**63]
DOUBLES = ["0e0", "-0e0", "1e0", "1.5e0", "-1e100", "1e-300", "1.7976931348623157e308", "0.1e0", "123456789012345678e0"]
DECIMALS = ["0.0", "1.0", "1.50", "-0.5", ".5", "123456789.123456789", "1234567890.5", "12345678901234567890123456789012345.678",
            "0.000000000000000000000000000001"]


def literal(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def scalar(rng):
    """SQL of a value to be put into a document."""
    return rng.choice([
        lambda: str(rng.choice(INTEGERS)), lambda: f"CAST({rng.choice(INTEGERS)} AS SIGNED)",
        lambda: f"CAST({abs(rng.choice(INTEGERS))} AS UNSIGNED)", lambda: "18446744073709551615",
        lambda: rng.choice(DOUBLES), lambda: rng.choice(DECIMALS),
        lambda: f"CAST({rng.choice(DECIMALS)} AS DECIMAL({rng.randint(40, 65)}, {rng.randint(0, 5)}))",
        lambda: f"CAST({rng.randint(-10**9, 10**9)} AS DECIMAL({rng.randint(10, 65)}, 0))",
        lambda: literal(rng.choice(STRINGS)), lambda: literal(rng.choice(STRINGS)),
        lambda: rng.choice(["TRUE", "FALSE", "NULL", "X'00ff'", "_binary''"]),
        lambda: rng.choice(["DATE'2024-02-29'", "TIME'-01:02:03.5'", "TIMESTAMP'2024-02-29 01:02:03.000004'",
                            "CAST('00:00:00' AS TIME)"]),
        lambda: f"(SELECT {rng.choice(COLUMNS)} FROM shop.seeds WHERE id = {rng.randint(1, 2)})",
        lambda: f"CAST({literal(json.dumps(rng.choice([1, 5000000000, 1.5, 'x', None, [], {}, [1, [2]], {'a': {'b': 2.5}}])))} AS JSON)",
    ])()


def value(rng, depth):
    if depth == 0 or rng.random() < 0.5:
        return scalar(rng)
    parts = [value(rng, depth - 1) for _ in range(rng.randint(0, 4))]
    if rng.random() < 0.5:
        return f"JSON_ARRAY({', '.join(parts)})"
    keys = rng.sample(KEYS, len(parts))
    return f"JSON_OBJECT({', '.join(f'{literal(key)}, {part}' for key, part in zip(keys, parts))})"


def document(rng):
    """SQL of a document, sometimes of a lone scalar."""
    if rng.random() < 0.02:
        return rng.choice(["NULL", "'null'"])
    made = scalar(rng) if rng.random() < 0.1 else value(rng, rng.randint(1, 6))
    return f"JSON_EXTRACT(JSON_ARRAY({made}), '$[0]')"


def documents(seed, count):
    rng = random.Random(seed)
    return [document(rng) for _ in range(count)]


def paths(parsed, path="$"):
    """The paths of all values of a document."""
    yield path
    if isinstance(parsed, list):
        for i, element in enumerate(parsed):
            yield from paths(element, f"{path}[{i}]")
    elif isinstance(parsed, dict):
        for key, member in parsed.items():
            yield from paths(member, f"{path}.{json.dumps(key, ensure_ascii=False)}")


def described(server, table="docs", column="j"):
    """The documents of shop.`table` by the rows' `id`: each one's text, with the type and the size that the server has each
    of its values in, asked for by the value's own path. Rows of one `id` come in an order of their own."""
    found = {}
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT id, CAST({column} AS CHAR) FROM shop.{table}")
        wanted = {}
        for number, text in cursor.fetchall():
            wanted.setdefault(number, set()).update([] if text is None else list(paths(json.loads(text)))[:300])
        for number, places in wanted.items():
            values = []
            for place in sorted(places):
                found_there = f"JSON_EXTRACT({column}, {literal(place)})"
                # A container that was changed in place keeps room that a copy of it has not; a DECIMAL of an
                # expression may have less room for leading zeros than any that CAST makes.
                values += [f"JSON_TYPE({found_there})",
                           f"IF(JSON_TYPE({found_there}) IN ('OBJECT', 'ARRAY', 'DECIMAL'), 0, JSON_STORAGE_SIZE({found_there}))"]
            cursor.execute(f"SELECT {', '.join([f'CAST({column} AS CHAR)', *values])} FROM shop.{table} WHERE id = {number}")
            found[number] = sorted(cursor.fetchall(), key=repr)
    return found


def assert_same(source, target, table="docs", column="j"):
    expected, found = described(source, table, column), described(target, table, column)
    wrong = [f"{number}: {expected.get(number)}\nand\n{found.get(number)}" for number in expected.keys() | found.keys()
             if expected.get(number) != found.get(number)]
    assert not wrong, "\n".join(wrong[:5])
    return len(expected)
