"""Columns that a server sets by itself when a row changes (ON UPDATE): their values come from the log, also where they are part of
what tells rows apart, whatever statements the changes become."""

import pytest
from harness.godwit import DONE

PAIRS = {"mariadb": ("mariadb", "mariadb"), "mysql": ("mysql", "mysql"), "from_mysql": ("mysql", "mariadb"), "from_mariadb": ("mariadb", "mysql")}
LONG_AGO = "SET timestamp = 1500000000"
ROWS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) SELECT"
TABLES = ["CREATE DATABASE shop", "CREATE DATABASE attic", "USE shop", "SET time_zone = '+00:00'", LONG_AGO,
          """CREATE TABLE by_time (id INT, at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
             u INT, v INT, b TEXT, w INT, PRIMARY KEY (id, at), UNIQUE KEY u (u), UNIQUE KEY w (w))""",
          """CREATE TABLE by_id (id INT PRIMARY KEY, at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
             u INT, v INT, b TEXT, w INT, UNIQUE KEY u (u), UNIQUE KEY w (w))""",
          f"INSERT INTO by_time (id, u, v, b, w) {ROWS} i, i, i, 'b', i FROM n", f"INSERT INTO by_id (id, u, v, b, w) {ROWS} i, i, i, 'b', i FROM n",
          "CREATE TABLE attic.late (id INT PRIMARY KEY)", "INSERT INTO attic.late VALUES (1)"]
# Each of rows of its own, so that no other change hides what becomes of it.
CHANGES = ["UPDATE {} SET v = v + 1 WHERE id <= 120",  # at the same moment as before: the identity stays
           "UPDATE {} SET b = 'text' WHERE id = 121", "UPDATE {} SET u = u + 1000 WHERE id BETWEEN 130 AND 140",
           "INSERT INTO {} (id, at, v) VALUES (150, '2017-07-14 02:40:00', 5) ON DUPLICATE KEY UPDATE v = 6",
           "SET timestamp = 1500000100", "UPDATE {} SET v = v + 1, at = at WHERE id BETWEEN 160 AND 165", "UPDATE {} SET b = 'more', at = at WHERE id = 170",
           "UPDATE {} SET u = u + 1000, at = at WHERE id BETWEEN 180 AND 183", "UPDATE {} SET v = v + 1 WHERE id BETWEEN 190 AND 310",
           "UPDATE {} SET id = id + 1000, at = at WHERE id = 185", "DELETE FROM {} WHERE id = 186"]

# name: rules for DDL, and what comes first among the changes.
WAYS = {
    "in_the_stream": ({}, []),
    "while_a_table_joins": ({}, ["RENAME TABLE attic.late TO late"]),
    "with_a_key_of_the_target": ({"events": {"drop_index": "ignore"}}, ["DROP INDEX w ON by_time", "DROP INDEX w ON by_id"]),
}


# Between kinds, with the images that say the least.
@pytest.mark.parametrize("kinds, image", [
    pytest.param(pair, image, id=f"{name}-{image}") for name, pair in PAIRS.items() for image in ("FULL", "MINIMAL", "NOBLOB")
    if image == "MINIMAL" or pair[0] == pair[1]])
@pytest.mark.parametrize("way", WAYS)
def test_the_values_of_the_source(source, target, godwit, way, image):
    source.execute(f"SET GLOBAL binlog_row_image = {image}")
    source.execute(*TABLES)
    rules, first = WAYS[way]
    task = godwit(source, target, ddl=rules)
    task.run().expect(DONE)
    source.execute("USE shop", "SET time_zone = '+00:00'", LONG_AGO, *first,
                   *(change.format(table) for table in ("by_time", "by_id") for change in (LONG_AGO, *CHANGES)))
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    for table in ("by_time", "by_id"):
        rows = f"SELECT id, UNIX_TIMESTAMP(at), u, v, b, w FROM shop.{table} ORDER BY 1, 2"
        there = source.execute("SET time_zone = '+00:00'", rows)
        assert there == target.execute("SET time_zone = '+00:00'", rows), table
        assert {row[1] for row in there} == {1500000000, 1500000100}


@pytest.mark.parametrize("kinds", PAIRS.values(), ids=PAIRS)
def test_a_timestamp_that_its_session_gives_a_default(source, target, godwit):
    """Made, and added, in sessions without explicit_defaults_for_timestamp."""
    source.execute("SET GLOBAL binlog_row_image = MINIMAL")
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.first (id INT PRIMARY KEY)", "CREATE TABLE shop.altered (id INT PRIMARY KEY, v INT)")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", "SET time_zone = '+00:00'", "SET explicit_defaults_for_timestamp = OFF", LONG_AGO,
                   "CREATE TABLE made (id INT PRIMARY KEY, v INT, at TIMESTAMP)", "ALTER TABLE altered ADD at TIMESTAMP(3)")
    for table in ("made", "altered"):
        source.execute("USE shop", "SET time_zone = '+00:00'", LONG_AGO, f"INSERT INTO {table} (id, v) VALUES (1, 1), (2, 2), (3, 3)",
                       f"UPDATE {table} SET v = 7, at = at WHERE id = 1", "SET timestamp = 1500000100", f"UPDATE {table} SET v = 8 WHERE id = 2",
                       f"UPDATE {table} SET v = 9, at = at WHERE id = 3")
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    for table in ("made", "altered"):
        rows = f"SELECT id, v, UNIX_TIMESTAMP(at) FROM shop.{table} ORDER BY 1"
        assert source.execute(rows) == target.execute(rows) == ((1, 7, 1500000000), (2, 8, 1500000100), (3, 9, 1500000000)), table
        # Its clock goes on by itself after the cut-over, too.
        shown = [server.value("SELECT extra FROM information_schema.columns WHERE table_schema = 'shop' AND "
                              f"table_name = '{table}' AND column_name = 'at'").lower() for server in (source, target)]
        assert all("on update current_timestamp" in extra for extra in shown), shown


@pytest.mark.parametrize("kinds", [PAIRS["mariadb"], PAIRS["mysql"]], ids=["mariadb", "mysql"])
def test_a_timestamp_that_follows_the_clock_on_the_target_alone(source, start, kinds, godwit):
    """A target without explicit_defaults_for_timestamp makes such a column of one that does not on the source."""
    target = start(kinds[1], "target", explicit_defaults_for_timestamp="OFF")
    source.execute("SET GLOBAL binlog_row_image = MINIMAL")
    source.execute("CREATE DATABASE shop", "USE shop", "SET time_zone = '+00:00'", "SET explicit_defaults_for_timestamp = ON",
                   "CREATE TABLE t (id INT PRIMARY KEY, v INT, at TIMESTAMP(3) NOT NULL)", f"INSERT INTO t {ROWS} i, i, '2017-07-14 02:40:00' FROM n")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("UPDATE shop.t SET v = v + 1 WHERE id = 1", "UPDATE shop.t SET v = v + 1 WHERE id BETWEEN 100 AND 250")
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    assert "on update current_timestamp" in target.value("SELECT extra FROM information_schema.columns WHERE table_schema = 'shop' AND column_name = 'at'").lower()
    rows = "SELECT id, v, UNIX_TIMESTAMP(at) FROM shop.t ORDER BY 1"
    assert source.execute(rows) == target.execute(rows)
    assert {row[2] for row in target.execute(rows)} == {1500000000}
