"""Tables that were on the target before the task are never dropped to begin anew."""

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED, KILLED


@pytest.fixture
def appended(source, target, godwit):
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE kept (id INT PRIMARY KEY)", "INSERT INTO kept VALUES (1), (2)",
                   "CREATE TABLE made (id INT PRIMARY KEY)", "INSERT INTO made VALUES (1)")
    target.execute("CREATE DATABASE shop", "CREATE TABLE shop.kept (id INT PRIMARY KEY)", "INSERT INTO shop.kept VALUES (100)")
    return godwit(source, target, target={"if_exists": "append"})


def rows(target):
    return [number for (number,) in target.execute("SELECT id FROM shop.kept ORDER BY id")]


def test_a_table_added_to_is_not_replaced_when_the_task_begins_anew(appended, source, target):
    appended.run().expect(DONE)
    source.execute("INSERT INTO shop.kept VALUES (3)")
    appended.run().expect(DONE)
    assert rows(target) == [1, 2, 3, 100]
    appended.configure(target={"if_exists": "error"})
    for _ in range(2):
        result = appended.run("--restart")
        assert result.code != DONE
        assert "shop.kept" in result.text
        assert rows(target) == [1, 2, 3, 100]
    target.execute("DELETE FROM shop.kept WHERE id < 100")
    appended.configure(target={"if_exists": "append"})
    appended.run("--restart").expect(DONE)  # the one that the task made is made anew
    assert rows(target) == [1, 2, 3, 100]
    assert target.execute("SELECT id FROM shop.made") == ((1,),)


def changed_during_the_copy(appended, source, *tables):
    for table in tables:
        source.execute(f"INSERT INTO shop.{table} SELECT seq FROM shop.seq_1000_to_30000")
    appended.configure(copy={"chunk_bytes": "64KiB", "threads": 1})
    assert appended.run(failpoints="copy.after_chunk_commit").code == KILLED
    source.execute(f"ALTER TABLE shop.{tables[0]} ADD c INT")


@pytest.mark.parametrize("failpoint", [None, "copy.after_kept_left", "schema.before_create_table"])
def test_nor_when_its_definition_changes_during_the_copy(appended, source, target, failpoint):
    """It alone is copied again, once the operator has dropped it, or put it aside."""
    changed_during_the_copy(appended, source, "kept")
    if failpoint == "copy.after_kept_left":
        assert appended.run(failpoints=failpoint).code == KILLED
    for _ in range(2):
        text = appended.run().expect(FAILED).text
        assert "table shop.kept: it would have to be copied again" in text and "--restart" not in text and "drop it on the target" in text
        assert 100 in rows(target)
    source.execute("INSERT INTO shop.kept (id) VALUES (5)", "ALTER TABLE shop.kept ADD d INT DEFAULT 7", "INSERT INTO shop.made VALUES (5)")
    made = target.execute("SELECT create_time FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = 'made'")
    target.execute("CREATE DATABASE attic", "RENAME TABLE shop.kept TO attic.kept")
    if failpoint == "schema.before_create_table":
        assert appended.run(failpoints=failpoint).code == KILLED
    appended.run().expect(DONE)
    assert_equal(source, target, ["shop"])
    assert made == target.execute("SELECT create_time FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = 'made'")
    assert target.value("SELECT COUNT(*) FROM attic.kept WHERE id = 100") == 1


def test_nor_when_it_changes_there_and_back(appended, source, target):
    """Its copy has been given up by then: it is not gone on with."""
    changed_during_the_copy(appended, source, "kept")
    appended.run().expect(FAILED)
    source.execute("ALTER TABLE shop.kept DROP COLUMN c")
    appended.run().expect(FAILED)
    target.execute("DROP TABLE shop.kept")
    appended.run().expect(DONE)
    assert_equal(source, target, ["shop"])


def test_nor_when_one_of_its_circle_changes(source, target, godwit):
    """Tables whose keys lead back to each other are read together."""
    tables = [f"CREATE TABLE {one} (id INT PRIMARY KEY, o INT, KEY (o))" for one in "ab"]
    keys = ["ALTER TABLE a ADD CONSTRAINT ab FOREIGN KEY (o) REFERENCES b (id) ON DELETE CASCADE",
            "ALTER TABLE b ADD CONSTRAINT ba FOREIGN KEY (o) REFERENCES a (id) ON DELETE CASCADE"]
    rows_of = [f"INSERT INTO {one} SELECT seq, NULL FROM seq_1_to_2000" for one in "ab"]
    source.execute("CREATE DATABASE shop", "USE shop", *tables, *rows_of, *keys)
    target.execute("CREATE DATABASE shop", "USE shop", tables[0], tables[1], *keys, "SET foreign_key_checks = 0", "DROP TABLE b")
    task = godwit(source, target, target={"if_exists": "append"}, copy={"threads": 1})
    assert task.run(failpoints="schema.after_create_table").code == KILLED
    source.execute("ALTER TABLE shop.b ADD c INT")
    text = task.run().expect(FAILED).text
    assert "table shop.a: it would have to be copied again" in text and "--restart" not in text
    target.execute("SET foreign_key_checks = 0", "DROP TABLE shop.a")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_nor_when_it_is_dropped_during_the_copy(appended, source, target):
    source.execute("INSERT INTO shop.kept SELECT seq FROM shop.seq_1000_to_30000")
    appended.configure(copy={"chunk_bytes": "64KiB", "threads": 1})
    assert appended.run(failpoints="copy.after_chunk_commit").code == KILLED
    source.execute("DROP TABLE shop.kept")
    appended.run().expect(DONE)
    assert 100 in rows(target)
