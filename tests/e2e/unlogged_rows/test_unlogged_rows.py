"""Rows that come to a table, or go, with a statement, where neither the log nor the target has them."""

import shutil

import pytest
from harness import mysql
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED, FOUND
from harness.mysql import MySql
from harness.server import SOURCE_OPTIONS, MariaDb

KINDS = {"mariadb": (MariaDb, SOURCE_OPTIONS), "mysql": (MySql, mysql.SOURCE_OPTIONS)}


@pytest.fixture(params=KINDS)
def ends(request, server):
    """A source and a target of one kind."""
    kind, options = KINDS[request.param]
    return server("source", kind=kind, **options), server("target", kind=kind)


def import_rows(source, folder):
    """Brings rows into shop.t by its files: the log says nothing of them."""
    source.execute("CREATE DATABASE aside", "CREATE TABLE aside.t (id INT PRIMARY KEY, v INT)",
                   "INSERT INTO aside.t VALUES (10, 10), (11, 11)")
    data = source.folder / "data"
    with source.connect() as connection, connection.cursor() as cursor:
        cursor.execute("FLUSH TABLES aside.t FOR EXPORT")
        for file in (data / "aside").glob("t.*"):
            if file.suffix in (".ibd", ".cfg"):
                shutil.copy(file, folder / file.name)
        cursor.execute("UNLOCK TABLES")
    source.execute("ALTER TABLE shop.t DISCARD TABLESPACE")
    for file in folder.iterdir():
        shutil.copy(file, data / "shop" / file.name)
        (data / "shop" / file.name).chmod(0o666)
    source.execute("ALTER TABLE shop.t IMPORT TABLESPACE", "INSERT INTO shop.t VALUES (12, 12)")


def test_rows_that_come_with_files(ends, godwit, tmp_path):
    source, target = ends
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)",
                   "INSERT INTO shop.t VALUES (1, 1)", "CREATE TABLE shop.u (id INT PRIMARY KEY)")
    task = godwit(source, target, tables={"include": ["shop.*"]})
    task.run().expect(DONE)
    files = tmp_path / "files"
    files.mkdir()
    source.execute("INSERT INTO shop.t VALUES (2, 2)")
    import_rows(source, files)
    source.execute("UPDATE shop.t SET v = 20 WHERE id = 10", "INSERT INTO shop.u VALUES (1)")
    task.run().expect(DONE)
    assert_equal(source, target, ["shop"])
    source.execute("INSERT INTO shop.t VALUES (13, 13)", "ALTER TABLE shop.t ADD COLUMN w INT")
    task.run().expect(DONE)
    assert_equal(source, target, ["shop"])


PARTED = "(id INT PRIMARY KEY, v INT) PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (100), " \
         "PARTITION b VALUES LESS THAN (200))"


@pytest.mark.parametrize("tables", [["shop.*"], ["aside.*"], ["shop.*", "aside.*"]], ids=["parted", "other", "both"])
def test_partitions_that_change_places_with_tables_outside(tables, ends, godwit):
    source, target = ends
    source.execute("CREATE DATABASE shop", "CREATE DATABASE aside", f"CREATE TABLE shop.t {PARTED}",
                   "CREATE TABLE aside.x (id INT PRIMARY KEY, v INT)", "INSERT INTO shop.t VALUES (1, 1), (101, 1)",
                   "INSERT INTO aside.x VALUES (2, 2), (3, 3)")
    task = godwit(source, target, tables={"include": tables})
    task.run().expect(DONE)
    source.execute("INSERT INTO shop.t VALUES (5, 5)", "INSERT INTO aside.x VALUES (6, 6)",
                   "ALTER TABLE shop.t EXCHANGE PARTITION a WITH TABLE aside.x",
                   "UPDATE shop.t SET v = v + 10", "UPDATE aside.x SET v = v + 20", "INSERT INTO shop.t VALUES (7, 7)")
    task.run().expect(DONE)
    assert_equal(source, target, [name.split(".")[0] for name in tables])


def test_tables_from_outside_that_become_partitions(source, target, godwit):
    source.execute("CREATE DATABASE shop", "CREATE DATABASE aside", f"CREATE TABLE shop.t {PARTED}",
                   "INSERT INTO shop.t VALUES (1, 1), (101, 1)", "CREATE TABLE aside.x (id INT PRIMARY KEY, v INT)",
                   "INSERT INTO aside.x VALUES (202, 2), (203, 3)")
    task = godwit(source, target)
    task.configure(tables={"include": ["shop.*"]})
    task.run().expect(DONE)
    source.execute("ALTER TABLE shop.t CONVERT TABLE aside.x TO PARTITION c VALUES LESS THAN (300)",
                   "UPDATE shop.t SET v = v + 10")
    task.run().expect(DONE)
    assert_equal(source, target, ["shop"])


def test_a_table_that_the_target_had_before(ends, godwit):
    """Its rows are not all the task's: it is not copied again."""
    source, target = ends
    source.execute("CREATE DATABASE shop", "CREATE DATABASE aside", f"CREATE TABLE shop.t {PARTED}",
                   "CREATE TABLE aside.x (id INT PRIMARY KEY, v INT)", "INSERT INTO aside.x VALUES (2, 2)")
    target.execute("CREATE DATABASE shop", f"CREATE TABLE shop.t {PARTED}", "INSERT INTO shop.t VALUES (99, 9)")
    task = godwit(source, target, tables={"include": ["shop.*"]}, target={"if_exists": "append"})
    task.run().expect(DONE)
    source.execute("ALTER TABLE shop.t EXCHANGE PARTITION a WITH TABLE aside.x")
    text = task.run().expect(FAILED, FOUND).text
    assert "shop.t" in text and "had it before the task" in text and "drop shop.t on the target before you retry" in text
    assert target.execute("SELECT id FROM shop.t") == ((99,),)
    task.ddl("skip").expect(DONE)
    task.run().expect(DONE)
