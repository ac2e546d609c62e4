"""What foreign keys do to rows of tables that the target has otherwise than the source, where the log does not tell it."""

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED

TO_EACH = [pytest.param(("mariadb", "mariadb"), id="to_mariadb"), pytest.param(("mariadb", "mysql"), id="to_mysql")]
PARENT = ["CREATE DATABASE shop", "USE shop", "CREATE TABLE p (id INT PRIMARY KEY, v INT)", "INSERT INTO p VALUES (1, 1), (2, 2), (3, 3)"]
ACTS = "ON DELETE CASCADE ON UPDATE CASCADE"


@pytest.fixture
def migrated(source, target, godwit):
    """migrated(statements, ...): a task over what they make in database shop, streaming, that ignores all DDL."""

    def make(*statements, **task):
        source.execute(*PARENT, *statements)
        one = godwit(source, target, ddl={"policy": "ignore"}, **task)
        one.run().expect(DONE)
        return one

    return make


def change(source, *statements):
    source.execute("USE shop", *statements)


def same_rows(source, target, table, columns="*"):
    query = f"SELECT {columns} FROM shop.{table} ORDER BY id"
    assert target.execute(query) == source.execute(query)


@pytest.mark.parametrize("kinds", TO_EACH)
def test_a_value_that_would_be_cut(source, target, migrated, assert_same):
    task = migrated("CREATE TABLE code (id VARCHAR(40) PRIMARY KEY)", "INSERT INTO code VALUES ('a'), ('b')",
                    f"CREATE TABLE c (id INT PRIMARY KEY, code VARCHAR(40), FOREIGN KEY (code) REFERENCES code (id) {ACTS})",
                    "INSERT INTO c VALUES (1, 'a'), (2, 'b'), (3, 'a')")
    target.execute("ALTER TABLE shop.c DROP FOREIGN KEY c_ibfk_1", "ALTER TABLE shop.c MODIFY code VARCHAR(9)")
    change(source, "UPDATE code SET id = REPEAT('x', 30) WHERE id = 'a'")
    result = task.run().expect(FAILED)
    assert "shop.c" in result.text and "would not store" in result.text
    target.execute("ALTER TABLE shop.c MODIFY code VARCHAR(40)",
                   f"ALTER TABLE shop.c ADD CONSTRAINT c_ibfk_1 FOREIGN KEY (code) REFERENCES shop.code (id) {ACTS}")
    task.run().expect(DONE)
    assert_same()


def test_a_value_that_no_label_stands_for(source, target, migrated):
    """It is stored with a warning, which is as it should be."""
    task = migrated("CREATE TABLE e (id ENUM('x', 'y', 'z') PRIMARY KEY)", "INSERT INTO e VALUES ('x'), ('y')",
                    "CREATE TABLE c (id INT PRIMARY KEY, e ENUM('x', 'y', 'z'), FOREIGN KEY (e) REFERENCES e (id) ON UPDATE CASCADE)",
                    "INSERT INTO c VALUES (1, 'x'), (2, 'y'), (3, 'x')")
    change(source, "SET sql_mode = ''", "UPDATE e SET id = 0 WHERE id = 'x'", "UPDATE e SET id = 'z' WHERE id = 'y'")
    task.run().expect(DONE)
    assert source.execute("SELECT e + 0 FROM shop.c ORDER BY id") == ((0,), (3,), (0,))
    assert_equal(source, target)


@pytest.mark.parametrize("kinds", TO_EACH)
@pytest.mark.parametrize("statement", ["DELETE FROM p WHERE id = 1", "UPDATE p SET id = 10 WHERE id = 1"])
def test_rows_known_by_a_column_that_the_target_lacks(source, target, migrated, assert_same, statement):
    task = migrated("CREATE TABLE c (id INT PRIMARY KEY, v INT)", "INSERT INTO c VALUES (1, 1), (2, 2), (3, 3)")
    change(source, f"ALTER TABLE c ADD p INT, ADD p2 INT, ADD FOREIGN KEY (p) REFERENCES p (id) {ACTS}",
           "UPDATE c SET p = id", "UPDATE p SET v = 5")
    task.run().expect(DONE)
    change(source, statement)
    if statement.startswith("UPDATE"):  # the values are left out anyway
        task.run().expect(DONE)
        same_rows(source, target, "c", "id, v")
        change(source, "DELETE FROM p WHERE id = 2")
    result = task.run().expect(FAILED)
    assert "rows of shop.c follow" in result.text and "lacks column p" in result.text and "--restart" in result.text
    task.run("--restart").expect(DONE)
    assert_same()


@pytest.mark.parametrize("kinds", TO_EACH)
def test_references_that_are_left_out_become_nulls_that_are(source, target, migrated, assert_same):
    task = migrated("CREATE TABLE c (id INT PRIMARY KEY, v INT)", "INSERT INTO c VALUES (1, 1), (2, 2), (3, 3)")
    change(source, "ALTER TABLE c ADD p INT, ADD FOREIGN KEY (p) REFERENCES p (id) ON DELETE SET NULL ON UPDATE CASCADE", "UPDATE c SET p = id",
           "DELETE FROM p WHERE id = 1", "UPDATE p SET id = 20 WHERE id = 2", "UPDATE c SET v = 7 WHERE id = 3")
    task.run().expect(DONE)
    same_rows(source, target, "c", "id, v")
    # But not where others follow by them.
    change(source, "ALTER TABLE c ADD UNIQUE (p)", f"CREATE TABLE g (id INT PRIMARY KEY, c INT, FOREIGN KEY (c) REFERENCES c (p) {ACTS})",
           "INSERT INTO g VALUES (1, 20), (2, 3)")
    target.execute("CREATE TABLE shop.g (id INT PRIMARY KEY, c INT)")
    task.run().expect(DONE)
    change(source, "UPDATE p SET id = 30 WHERE id = 3")
    result = task.run().expect(FAILED)
    assert "lacks column p" in result.text
    task.run("--restart").expect(DONE)
    assert_same()


@pytest.mark.parametrize("kinds", TO_EACH)
def test_rows_that_follow_by_a_column_that_the_target_lacks_in_between(source, target, migrated, assert_same):
    task = migrated(f"CREATE TABLE c (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES p (id) {ACTS})", "INSERT INTO c VALUES (1, 1), (2, 2), (3, 3)",
                    "CREATE TABLE g (id INT PRIMARY KEY, code INT)", "INSERT INTO g VALUES (1, 10), (2, 20), (3, NULL)")
    change(source, "ALTER TABLE c ADD code INT", "UPDATE c SET code = 10 * id", "ALTER TABLE c ADD UNIQUE (code)",
           f"ALTER TABLE g ADD FOREIGN KEY (code) REFERENCES c (code) {ACTS}")
    task.run().expect(DONE)
    # The column stays as it is.
    change(source, "UPDATE p SET id = 20 WHERE id = 2")
    task.run().expect(DONE)
    same_rows(source, target, "c", "id, p")
    same_rows(source, target, "g")
    change(source, "DELETE FROM p WHERE id = 1")
    result = task.run().expect(FAILED)
    assert "rows of shop.g follow" in result.text and "lacks column code" in result.text
    task.run("--restart").expect(DONE)
    assert_same()


@pytest.mark.parametrize("kinds", TO_EACH)
def test_columns_of_the_target_alone_keep_their_values(source, target, migrated):
    """Also those that its server would set with each update; and those of which the source does not say so any more."""
    stamp = "TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)"
    task = migrated(f"CREATE TABLE c (id INT PRIMARY KEY, p INT, own {stamp}, stays {stamp}, v INT, FOREIGN KEY (p) REFERENCES p (id) {ACTS})",
                    "INSERT INTO c (id, p, v) VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3)",
                    f"CREATE TABLE t (id INT PRIMARY KEY, stays {stamp}, v INT, w INT)", "INSERT INTO t (id, v) VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6)")
    target.execute("UPDATE shop.c SET own = '2020-01-01 00:00:00.5'")
    plain = "TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)"
    change(source, "ALTER TABLE c DROP COLUMN own", f"ALTER TABLE c MODIFY stays {plain}", f"ALTER TABLE t MODIFY stays {plain}", "UPDATE c SET v = 7",
           "UPDATE p SET id = 10 WHERE id = 1", "SET binlog_row_image = MINIMAL", "UPDATE c SET v = 8 WHERE id = 2", "UPDATE p SET id = 20 WHERE id = 2",
           "UPDATE t SET v = v + 1", "UPDATE t SET w = 1 WHERE id = 6")
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    same_rows(source, target, "c", "id, p, stays + 0, v")
    same_rows(source, target, "t", "id, stays + 0, v, w")
    assert target.value("SELECT GROUP_CONCAT(DISTINCT own) FROM shop.c") == "2020-01-01 00:00:00.500000"
