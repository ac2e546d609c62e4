"""What is wrong with servers and tables, with a server of the MySQL family as source and PostgreSQL as target, is said clearly, with what to do,
and nothing is harmed."""

import time

import pytest
from harness.godwit import DONE, FAILED, FOUND

REFUSED = (FAILED, FOUND)
FROM_MARIADB = pytest.mark.parametrize("kinds", [("mariadb", "postgres")], ids=["from_mariadb"])


def says(result, *words):
    for word in words:
        assert word.lower() in result.text.lower(), f"says nothing of {word!r}:\n{result.text}"


@pytest.fixture
def small(source):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)", "INSERT INTO shop.t VALUES (1, 1), (2, 2), (3, 3)")
    return source


def test_servers_that_do_not_let_in_and_tables_that_are_not_there(small, target, godwit):
    started = time.monotonic()
    for side, variable in (("source", "SRC_PASSWORD"), ("target", "DST_PASSWORD")):
        task = godwit(small, target)
        task.environment[variable] = "not-this-one"
        for result in (task.run(timeout=15), task.check()):
            says(result.expect(*REFUSED), side, "password", "godwit")
            assert "not-this-one" not in result.text
    says(godwit(small, target, target={"url": target.url_of("nowhere")}).run(timeout=15).expect(*REFUSED), "target", "nowhere", "does not exist")
    assert time.monotonic() - started < 20, "retried what no retry can heal"
    says(godwit(small, target, tables={"include": ["shopp.*"]}).run().expect(*REFUSED), "shopp.*")
    small.execute("CREATE USER weak@'%' IDENTIFIED BY 'w'", "GRANT SELECT ON shop.* TO weak@'%'")
    task = godwit(small, target, source={"url": small.url.replace("godwit@", "weak@")})
    task.environment["SRC_PASSWORD"] = "w"
    for result in (task.check(), task.run()):
        says(result.expect(*REFUSED), "REPLICATION SLAVE", "GRANT")
    assert not target.has_tables()


LONGEST = "t" + "é" * 31  # 63 bytes
CHILD = "`Odd \"Shop`.`Select`"
LOSSY = [
    """CREATE TABLE `user` (id INT PRIMARY KEY, `order` ENUM('a', 'b'), word VARCHAR(20) COLLATE utf8mb4_general_ci UNIQUE, doc TEXT,
       low VARCHAR(9) CHECK (low = SOUNDEX(low)), hidden INT INVISIBLE, small TINYINT UNSIGNED, FULLTEXT KEY words (doc))
       COLLATE utf8mb4_general_ci""",
    "CREATE TABLE parted (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 2",
    "INSERT INTO `user` (id, `order`, word) VALUES (1, 'a', 'x'), (2, 'b', 'y')", "INSERT INTO parted VALUES (1)",
]
ODD = [
    "CREATE DATABASE `Odd \"Shop`",
    f"""CREATE TABLE {CHILD} (`from` INT PRIMARY KEY, `a"b` VARCHAR(9), `c``d` INT DEFAULT 7, `e.f` INT, `$1` INT, `ünï \\ %s 'x'` INT, `Group` INT,
       UNIQUE KEY `a, "b` (`a"b`, `c``d`), CONSTRAINT `table` FOREIGN KEY (`Group`) REFERENCES shop.`user` (id) ON DELETE CASCADE)""",
    f"INSERT INTO {CHILD} VALUES (1, '\"', 1, 1, 1, 1, 1), (2, '`', 2, 2, 2, 2, NULL)",
    # Both tables' keys, and both keys of the one, are called the same at their beginning.
    *(f"CREATE TABLE `{name}` (`{LONGEST}` INT PRIMARY KEY, v INT, w INT, UNIQUE KEY `{'k' * 62}_1` (v), KEY `{'k' * 62}_2` (w))"
      for name in (LONGEST, LONGEST[:-1] + "e", "User")),
    *(f"INSERT INTO `{name}` VALUES (1, 1, 1), (2, 2, 2)" for name in (LONGEST, LONGEST[:-1] + "e", "User")),
]


def test_what_is_lost_is_told_by_check_and_plan_and_odd_names_are_kept(source, target, godwit, assert_same):
    too_long = "ü" * 32
    source.execute("CREATE DATABASE shop", "USE shop", *LOSSY, *ODD, f"CREATE TABLE `{too_long}` (id INT PRIMARY KEY)",
                   f"CREATE TABLE wide (id INT PRIMARY KEY, `{too_long}` INT)")
    task = godwit(source, target, tables={"include": ["shop.*", "Odd*.*"]})
    for result in (task.check(), task.run()):
        says(result.expect(*REFUSED), f"shop.{too_long}", "the name of the table has 64 bytes", "shop.wide", "the name of the column has 64 bytes", "exclude")
    source.execute("USE shop", f"DROP TABLE `{too_long}`", f"ALTER TABLE wide CHANGE `{too_long}` `{LONGEST}` INT")
    says(task.check().expect(DONE), "shop.user column `order`", "shop.user key `words`", "shop.user key `word`", "column `hidden`", "its check (",
         "partitions (BY HASH (`id`)) are left out", "shop.parted", "mysql-to-postgres.md")
    says(task.plan().expect(DONE), "NOTE shop.user: column `order`: ENUM becomes text", "column `small`: TINYINT UNSIGNED becomes smallint",
         "key `words`: is left out", "key `word`: keeps apart", "its check (", "column `hidden`", "NOTE shop.parted: its partitions")
    assert not target.has_tables()
    task.run().expect(DONE)
    assert_same(), assert_same('Odd "Shop')
    # Each key, those too whose names have been made shorter.
    assert target.value("""SELECT count(DISTINCT indexname) FROM pg_indexes WHERE schemaname IN ('shop', 'Odd "Shop')""") == 16
    source.execute("USE shop", f"UPDATE {CHILD} SET `from` = 3, `a\"b` = '``', `c``d` = NULL WHERE `from` = 2", "DELETE FROM `user` WHERE id = 1",
                   f"INSERT INTO {CHILD} (`from`, `ünï \\ %s 'x'`) VALUES (9, 9)", f"UPDATE `{LONGEST}` SET `{LONGEST}` = 7, v = 7 WHERE v = 1",
                   "INSERT INTO `User` VALUES (3, 3, 3)", "INSERT INTO parted VALUES (2)")
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    assert_same(), assert_same('Odd "Shop')
    task.verify().expect(DONE)


@FROM_MARIADB
def test_a_table_that_is_there_already(small, target, godwit, assert_same):
    target.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, v bigint)", "INSERT INTO t VALUES (1, 7)")
    task = godwit(small, target)
    says(task.check().expect(FOUND), "shop.t")
    says(task.run().expect(*REFUSED), "shop.t", "if_exists")
    task.configure(target={"if_exists": "append"})
    says(task.run().expect(*REFUSED), "shop.t", "bigint")
    assert target.execute("SELECT * FROM t") == [(1, 7)], "what was there was touched"
    task.configure(target={"if_exists": "replace"})
    task.run().expect(DONE)
    assert_same()


@FROM_MARIADB
def test_what_somebody_does_to_the_target(small, target, godwit, assert_same):
    """A row that is put there or taken from it is told as drift; a table that has gone stops the run."""
    task = godwit(small, target)
    task.run().expect(DONE)
    target.execute("INSERT INTO t VALUES (4, 40)", "DELETE FROM t WHERE id = 1")
    small.execute("INSERT INTO shop.t VALUES (4, 4)", "UPDATE shop.t SET v = 10 WHERE id = 1")
    says(task.run(), "shop.t", "drift")
    target.execute("DROP TABLE t")
    small.execute("INSERT INTO shop.t VALUES (5, 5)")
    says(task.run(timeout=30).expect(*REFUSED), "shop.t", "--restart")
    task.run("--restart").expect(DONE)
    assert_same()
