"""Tables that were on the target before the task are never dropped to begin anew."""

import pytest
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


def test_nor_when_its_definition_changes_during_the_copy(appended, source, target):
    source.execute("INSERT INTO shop.kept SELECT seq FROM shop.seq_1000_to_30000")
    appended.configure(copy={"chunk_bytes": "64KiB", "threads": 1})
    assert appended.run(failpoints="copy.after_chunk_commit").code == KILLED
    source.execute("ALTER TABLE shop.kept ADD c INT")
    assert "shop.kept" in appended.run().expect(FAILED).text
    assert 100 in rows(target)


def test_nor_when_it_is_dropped_during_the_copy(appended, source, target):
    source.execute("INSERT INTO shop.kept SELECT seq FROM shop.seq_1000_to_30000")
    appended.configure(copy={"chunk_bytes": "64KiB", "threads": 1})
    assert appended.run(failpoints="copy.after_chunk_commit").code == KILLED
    source.execute("DROP TABLE shop.kept")
    appended.run().expect(DONE)
    assert 100 in rows(target)
