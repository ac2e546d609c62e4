"""What foreign keys do to rows: MySQL's log holds it, MariaDB's does not, and the target's own keys never do it."""

import pytest
from harness.godwit import DONE, FAILED
from harness.writer import Writer

SESSION = ["USE shop", "SET sql_mode = 'STRICT_ALL_TABLES', time_zone = '+00:00'"]
FROM_MARIADB = [pytest.param(("mariadb", "postgres"), id="from_mariadb")]
ACTS = "ON DELETE CASCADE ON UPDATE CASCADE"
# type: (its definition, values of four rows)
KEYS = {
    "num": ("INT UNSIGNED", ["1", "2", "3", "4294967295"]),
    "decimals": ("DECIMAL(9,2)", ["1.50", "2.00", "-3.25", "0.01"]),
    "day": ("DATE", ["'2020-01-01'", "'2020-01-02'", "'1000-01-01'", "'9999-12-31'"]),
    "moment": ("DATETIME(3)", ["'2020-01-01 00:00:00.125'", "'2020-01-02 01:02:03'", "'1000-01-01 00:00:00'", "'2020-01-01 00:00:00.126'"]),
    "stamp": ("TIMESTAMP(3) NULL", ["'2020-01-01 00:00:00.125'", "'2020-01-02 01:02:03'", "'1990-01-01 00:00:00'", "'2020-01-01 00:00:00.126'"]),
    "words": ("VARCHAR(20) CHARACTER SET utf8mb4", ["'é\\'\\\\'", "''", "'€'", "'x \"}, NULL'"]),
    "gbk": ("VARCHAR(20) CHARACTER SET gbk", ["_utf8mb4'誠'", "'\\''", "_utf8mb4'中'", "'x'"]),
    "fixed": ("CHAR(9) CHARACTER SET latin1", ["'é'", "'b'", "'c d'", "'x'"]),
    "bytes": ("VARBINARY(20)", ["X'00'", "X'27'", "X'5C'", "X'E9'"]),
    "label": ("ENUM('a', 'é', '3', '1')", ["'a'", "'é'", "'3'", "'1'"]),
    "bits": ("BIT(12)", ["b'101'", "b'0'", "b'111111111111'", "b'1'"]),
}


def tables_of(name, definition, values):
    """A tree four deep in itself, a child of its rows that loses its reference, and a chain that takes new keys."""
    tree, leaf, one, two, three = (f"{table}_{name}" for table in ("tree", "leaf", "one", "two", "three"))
    key = definition.removesuffix(" NULL")
    nullable = definition if definition.endswith("NULL") else definition + " NULL"
    identity = f"{key} NOT NULL DEFAULT '2000-01-01'" if key.startswith("TIMESTAMP") else key
    return [
        f"CREATE TABLE {tree} (id {identity} PRIMARY KEY, up {nullable}, FOREIGN KEY (up) REFERENCES {tree} (id) ON DELETE CASCADE)",
        f"CREATE TABLE {leaf} (id INT PRIMARY KEY, t {nullable}, FOREIGN KEY (t) REFERENCES {tree} (id) ON DELETE SET NULL)",
        f"CREATE TABLE {one} (id {identity} PRIMARY KEY)",
        f"CREATE TABLE {two} (id {identity} PRIMARY KEY, FOREIGN KEY (id) REFERENCES {one} (id) ON UPDATE CASCADE)",
        f"CREATE TABLE {three} (n INT PRIMARY KEY, id {nullable}, FOREIGN KEY (id) REFERENCES {two} (id) {ACTS})",
        *(f"INSERT INTO {tree} VALUES ({value}, {up})" for value, up in zip(values, ["NULL", *values])),
        *(f"INSERT INTO {leaf} VALUES ({i}, {value})" for i, value in enumerate(values)),
        *(f"INSERT INTO {table} VALUES ({value})" for table in (one, two) for value in values[:3]),
        *(f"INSERT INTO {three} VALUES ({i}, {value})" for i, value in enumerate(values[:3])),
    ]


@pytest.mark.parametrize("kinds", FROM_MARIADB)
def test_keys_of_all_types(source, target, godwit, assert_same):
    source.execute("CREATE DATABASE shop", *SESSION, *(statement for name, key in KEYS.items() for statement in tables_of(name, *key)))
    task = godwit(source, target)
    task.run().expect(DONE)
    assert_same()
    changes = [statement for name, (_, values) in KEYS.items() for statement in (
        f"DELETE FROM tree_{name} WHERE id = {values[0]}", f"UPDATE one_{name} SET id = {values[3]} WHERE id = {values[1]}")]
    source.execute(*SESSION, *changes)
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    assert_same()
    for name in KEYS:
        assert target.value(f"SELECT count(*) FROM shop.tree_{name}") == 0
        assert target.value(f"SELECT count(*) FROM shop.leaf_{name} WHERE t IS NULL") == 4


CHAINS = [
    "CREATE TABLE parent (id INT PRIMARY KEY, v INT)",
    f"CREATE TABLE child (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES parent (id) {ACTS})",
    f"CREATE TABLE grandchild (id INT PRIMARY KEY, child INT, note VARCHAR(9), FOREIGN KEY (child) REFERENCES child (id) {ACTS})",
    "CREATE TABLE loose (id INT PRIMARY KEY, child INT, FOREIGN KEY (child) REFERENCES child (id) ON DELETE SET NULL ON UPDATE SET NULL)",
    "CREATE TABLE wide (a INT, b VARCHAR(9), PRIMARY KEY (a, b))",
    f"CREATE TABLE of_wide (id INT PRIMARY KEY, b VARCHAR(9), a INT, FOREIGN KEY (a, b) REFERENCES wide (a, b) {ACTS})",
    "CREATE TABLE hen (id INT PRIMARY KEY, egg INT)",
    "CREATE TABLE egg (id INT PRIMARY KEY, hen INT, FOREIGN KEY (hen) REFERENCES hen (id) ON DELETE CASCADE)",
    "INSERT INTO parent VALUES (1, 1), (2, 2), (3, 3), (4, 4)",
    "INSERT INTO child VALUES (10, 1), (11, 1), (20, 2), (30, 3), (40, NULL), (41, 4)",
    "INSERT INTO grandchild VALUES (100, 10, 'a'), (101, 11, 'b'), (200, 20, 'c'), (300, 30, 'd'), (400, 41, 'e')",
    "INSERT INTO loose VALUES (1, 10), (2, 20), (3, 30), (4, NULL), (5, 41)",
    "INSERT INTO wide VALUES (1, 'x'), (1, 'y'), (2, 'x')",
    "INSERT INTO of_wide VALUES (1, 'x', 1), (2, 'y', 1), (3, 'x', 2), (4, NULL, 1), (5, 'nowhere', NULL)",
    "INSERT INTO hen VALUES (1, NULL), (2, NULL), (3, NULL)",
    "INSERT INTO egg VALUES (1, 1), (2, 2), (3, 3)",
    "CREATE TABLE root (id INT PRIMARY KEY, up INT, FOREIGN KEY (up) REFERENCES root (id) ON DELETE CASCADE)",
    "INSERT INTO root VALUES (1, 1), (2, 1), (3, 2), (4, 4)",
    "UPDATE hen SET egg = id % 3 + 1",
    "ALTER TABLE hen ADD FOREIGN KEY (egg) REFERENCES egg (id) ON DELETE CASCADE",
]
CHANGES = [
    "DELETE FROM parent WHERE id = 1",         # a chain, and SET NULL at its end
    "UPDATE parent SET id = 22 WHERE id = 2",
    "UPDATE child SET id = 33 WHERE id = 30",  # SET NULL and CASCADE by one change
    "UPDATE wide SET b = 'xx' WHERE a = 1 AND b = 'x'", "UPDATE wide SET a = 9 WHERE a = 2", "DELETE FROM wide WHERE b = 'y'",
    "START TRANSACTION", "INSERT INTO parent VALUES (9, 9)", "INSERT INTO child VALUES (90, 9)", "INSERT INTO loose VALUES (9, 90)",
    "DELETE FROM parent WHERE id = 9", "INSERT INTO child VALUES (90, 3)", "COMMIT",
    "SET foreign_key_checks = 0", "DELETE FROM parent WHERE id = 4", "SET foreign_key_checks = 1",
]


def test_chains_circles_and_nulls(source, target, kinds, godwit, assert_same):
    source.execute("CREATE DATABASE shop", *SESSION, *CHAINS)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute(*SESSION, "DELETE FROM hen WHERE id = 2", *CHANGES, "DELETE FROM root WHERE id = 1")
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    assert_same()
    assert target.value("SELECT count(*) FROM shop.child WHERE parent = 1") == 0
    # Many parents at once, and children of theirs.
    depth = "cte_max_recursion_depth" if kinds[0] == "mysql" else "max_recursive_iterations"
    source.execute(*SESSION, f"SET SESSION {depth} = 10000", "CREATE TABLE number (n INT PRIMARY KEY)",
                   "INSERT INTO number WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3000) SELECT n FROM r",
                   "INSERT INTO parent SELECT n, 0 FROM number WHERE n > 100", "INSERT INTO child SELECT n + 100000, n FROM number WHERE n > 100",
                   "INSERT INTO grandchild SELECT n, n + 100000, '' FROM number WHERE n > 1000")
    task.run().expect(DONE)
    source.execute(*SESSION, "DELETE FROM parent WHERE id BETWEEN 200 AND 2500", "UPDATE parent SET id = id + 10000 WHERE id > 2900")
    task.run().expect(DONE)
    assert_same()
    assert target.value("SELECT count(*) FROM shop.grandchild WHERE id > 1000") == 500


def cut(cursor, rng):
    """Parents go, or get other keys, with all that follows them."""
    cursor.execute("DELETE FROM parent WHERE id = %s", (rng.randrange(400),))
    cursor.execute("UPDATE IGNORE parent SET id = %s WHERE id = %s", (rng.randrange(400), rng.randrange(400)))


def grow(cursor, rng):
    parent, child = rng.randrange(400), rng.randrange(4000)
    cursor.execute("INSERT IGNORE INTO parent VALUES (%s, 1)", (parent,))
    cursor.execute("INSERT IGNORE INTO child VALUES (%s, %s)", (child, parent))
    cursor.execute("INSERT IGNORE INTO grandchild VALUES (%s, %s, 'x')", (rng.randrange(9000), child))
    cursor.execute("INSERT IGNORE INTO loose VALUES (%s, %s)", (rng.randrange(9000), child))


@pytest.mark.parametrize("kinds", FROM_MARIADB)
def test_while_the_copy_runs_and_is_killed(source, target, godwit, assert_same):
    source.execute("CREATE DATABASE shop", *SESSION, *CHAINS[:4])
    with Writer(source, [grow], rate=5000) as clients:
        clients.wait_for(3000)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB"})
    with Writer(source, [grow, grow, cut], rate=300) as clients:
        task.kill_at_random_moments(4, seed=5)
        assert clients.commits
    task.run().expect(DONE)
    assert_same()


@pytest.mark.parametrize("kinds", FROM_MARIADB)
def test_letters_that_only_a_collation_takes_for_the_same(source, target, godwit, assert_same):
    """PostgreSQL does not: a row that may have followed by them is an error, until it has the letters of its parent."""
    source.execute("CREATE DATABASE shop", *SESSION,
                   "CREATE TABLE country (code VARCHAR(9) CHARACTER SET utf8mb4 PRIMARY KEY)",
                   f"CREATE TABLE city (id INT PRIMARY KEY, country VARCHAR(9) CHARACTER SET utf8mb4, FOREIGN KEY (country) REFERENCES country (code) {ACTS})",
                   "INSERT INTO country VALUES ('de'), ('fr'), ('se'), ('Å')", "INSERT INTO city VALUES (1, 'de'), (2, 'fr'), (3, 'Å'), (4, NULL), (5, 'se')")
    task = godwit(source, target)
    task.run().expect(DONE)
    # The letters themselves change, and all go along.
    source.execute(*SESSION, "UPDATE country SET code = 'DE' WHERE code = 'de'", "UPDATE country SET code = 'a' WHERE code = 'Å'", "DELETE FROM country WHERE code = 'se'")
    task.run().expect(DONE)
    assert_same()
    source.execute(*SESSION, "INSERT INTO city VALUES (6, 'FR')")
    task.run().expect(DONE)
    assert_same()
    source.execute(*SESSION, "DELETE FROM country WHERE code = 'fr'")
    result = task.run().expect(FAILED)
    assert "table shop.city" in result.text and "'FR'" in result.text and "shop.country" in result.text and "letter by letter" in result.text
    target.execute("SET session_replication_role = replica", "UPDATE shop.city SET country = 'fr' WHERE id = 6")
    task.run().expect(DONE)
    assert_same()
    assert target.value("SELECT count(*) FROM shop.city") == 3
