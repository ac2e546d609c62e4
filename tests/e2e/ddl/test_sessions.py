"""Statements mean on the target what they meant in the session of the source: its charset, its time zone."""

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED

PAIRS = [("mariadb", "mariadb"), ("mysql", "mysql")]

DATABASE = ["CREATE DATABASE shop", "USE shop", "SET time_zone = '+00:00'"]


def table(name):
    return [f"CREATE TABLE {name} (id INT PRIMARY KEY, ts TIMESTAMP NULL, v VARCHAR(19))",
            f"INSERT INTO {name} VALUES (1, '2020-01-15 12:00:00', 'a'), (2, '2020-07-15 12:00:00', 'b')"]


SETUP = [*DATABASE, *table("t")]

# What TZ says of the source's machine, and whether it has the same time all the year round.
SUMMER = "CET-1CEST,M3.5.0,M10.5.0/3"
ALWAYS = "IST-5:30"
# By table: what is altered, and whether its rows depend on the zone.
ZONED = {
    "type": ("MODIFY ts DATETIME", True),
    "type_back": ("MODIFY v TIMESTAMP NULL", True),
    "with_default": ("ADD x TIMESTAMP DEFAULT '2020-01-01 00:00:00'", True),
    "with_clock": ("ADD made DATETIME DEFAULT CURRENT_TIMESTAMP", False),
    "without": ("ADD x INT DEFAULT 7", False),
}


@pytest.mark.parametrize("kinds", PAIRS)
@pytest.mark.parametrize("zone", [SUMMER, ALWAYS])
def test_the_zone_of_the_sources_machine(source, target, godwit, zone):
    source.environment["TZ"] = zone
    source.restart()
    source.execute(*DATABASE, *(statement for name in ZONED for statement in table(name)),
                   "UPDATE type_back SET v = NULL WHERE id = 1", "UPDATE type_back SET v = '2020-07-15 12:00:00' WHERE id = 2")
    task = godwit(source, target)
    task.run().expect(DONE)
    for name, (change, depends) in ZONED.items():
        source.execute("USE shop", f"ALTER TABLE {name} {change}", f"INSERT INTO {name} (id) VALUES (3)")
        result = task.run().expect(DONE)
        assert ("copied by itself" in result.text) == (depends and zone == SUMMER), result.text[-3000:]
    source.execute("SET GLOBAL time_zone = '+00:00'")  # both show defaults as they are there
    assert_equal(source, target)


# name: (charset of the client, statements).
CHARSETS = {
    # The servers' latin1 is the code page 1252.
    "latin1": ("latin1", ["ALTER TABLE t ADD cur VARCHAR(9) CHARACTER SET utf8mb4 DEFAULT '€', ADD e ENUM('Š', 'œ') DEFAULT 'œ' COMMENT 'é™'",
                          "INSERT INTO t (id) VALUES (3)"]),
    "latin1_by_another_collation": ("latin1", ["SET NAMES latin1 COLLATE latin1_bin", "ALTER TABLE t ADD é INT DEFAULT 1"]),
    "cp1251": ("cp1251", ["ALTER TABLE t COMMENT 'комментарий', ADD имя VARCHAR(20) DEFAULT 'имя'"]),
    # Its second byte is a backslash.
    "gbk": ("gbk", ["ALTER TABLE t ADD e ENUM('誠', 'x') DEFAULT '誠'"]),
    "utf8mb4": ("utf8mb4", ["SET NAMES utf8mb4 COLLATE utf8mb4_unicode_520_ci", "ALTER TABLE t ADD e ENUM('誠', '€') DEFAULT '€'"]),
    "of_others": ("cp1251", ["CREATE DATABASE other", "CREATE PROCEDURE other.x() COMMENT 'комментарий' SELECT 'да'",
                             "CREATE TABLE other.`имя` (id INT) COMMENT 'комментарий'", "DROP DATABASE other"]),
}


@pytest.mark.parametrize("kinds", PAIRS)
@pytest.mark.parametrize("case", CHARSETS)
def test_the_charset_of_the_client(source, target, godwit, case):
    charset, statements = CHARSETS[case]
    source.execute(*SETUP)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", *statements, charset=charset)
    source.execute("INSERT INTO shop.t (id) VALUES (4)")
    task.run().expect(DONE)
    assert_equal(source, target, schemas=["shop"])


def test_bytes_of_another_charset_wait_for_the_operator(source, target, godwit):
    """In a client's latin1, a literal that says to be in another charset."""
    source.execute(*SETUP)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", "ALTER TABLE t ADD b VARCHAR(9) CHARACTER SET utf8mb4 DEFAULT _utf8mb4'Ã©'", "INSERT INTO t (id) VALUES (3)",
                   charset="latin1")
    assert "literals beyond ASCII in another charset" in task.run().expect(FAILED).text
    task.ddl("replace", "--sql", "ALTER TABLE shop.t ADD b VARCHAR(9) CHARACTER SET utf8mb4 DEFAULT 'é'").expect(DONE)
    task.run().expect(DONE)
    assert_equal(source, target)
