"""Tables that a statement leaves to another copy, with those that their keys lead to: nothing hangs on an old name,
and what the target had before the task is dropped by nobody but the operator."""

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED, KILLED

PARENT = "CREATE TABLE p (id INT PRIMARY KEY, code INT UNIQUE)"
AGAIN = "ADD u UUID DEFAULT UUID()"  # each server makes its own


def child(referenced, action=""):
    return f"CREATE TABLE c (id INT PRIMARY KEY, p INT, CONSTRAINT f FOREIGN KEY (p) REFERENCES p ({referenced}) {action})"


ROWS = ["INSERT INTO p VALUES (1, 1), (2, 2), (3, 3)", "INSERT INTO c VALUES (1, 1), (2, 2), (3, 3)"]


@pytest.mark.parametrize("failpoint", [None, "ddl.before_copy", "ddl.before_done", "ddl.after_done", "schema.before_create_table"])
def test_children_follow_a_parent_to_its_new_name(source, target, godwit, failpoint):
    """As they do on the source, unless MariaDB copies the rows there: then its own children stay where they were."""
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE p (code INT UNIQUE, v INT)", child("code"),
                   "INSERT INTO p VALUES (1, 1), (2, 2)", "INSERT INTO c VALUES (1, 1), (2, 2)")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", "ALTER TABLE p RENAME TO p2, ADD id INT AUTO_INCREMENT PRIMARY KEY", "INSERT INTO p2 (code) VALUES (9)", "INSERT INTO c VALUES (9, 9)")
    if failpoint:
        killed = [task.run(failpoints=failpoint).code == KILLED for _ in range(2)]
        assert killed[0]
    task.run().expect(DONE)
    assert_equal(source, target)
    assert target.execute("SELECT referenced_table_name FROM information_schema.referential_constraints WHERE constraint_schema = 'shop'") == (("p2",),)


def with_a_child_of_the_targets_own(source, target, godwit, action="ON DELETE CASCADE"):
    source.execute("CREATE DATABASE shop", "USE shop", PARENT, child("id", action), *ROWS)
    target.execute("CREATE DATABASE shop", "USE shop", "SET foreign_key_checks = 0", child("id", action))
    task = godwit(source, target, target={"if_exists": "append"})
    task.run().expect(DONE)
    source.execute("USE shop", f"ALTER TABLE p {AGAIN}", f"DELETE FROM {'p' if action else 'c'} WHERE id = 2", "INSERT INTO p (id, code) VALUES (4, 4)", "INSERT INTO c VALUES (4, 4)")
    return task


def expect_in_the_way(task, table):
    text = task.run().expect(FAILED).text
    assert f"table shop.{table}: it would have to be copied again" in text and "had it before the task" in text, text[-2000:]
    assert "godwit ddl retry" in text and "--restart" not in text
    return text


def test_a_parent_whose_child_the_target_had_before(source, target, godwit):
    """Before anything is recorded: the child would have to be copied again, too."""
    task = with_a_child_of_the_targets_own(source, target, godwit)
    for _ in range(2):
        text = expect_in_the_way(task, "c")
        assert "together with shop.p, whose keys act on it" in text and "column `u` gets the value of" in text
    assert target.value("SELECT COUNT(*) FROM shop.c") == 3
    task.ddl("retry").expect(DONE)  # it is still there
    expect_in_the_way(task, "c")
    target.execute("DROP TABLE shop.c")
    task.ddl("retry").expect(DONE)
    task.run().expect(DONE)
    assert_equal(source, target)


def test_a_parent_that_the_operator_alters(source, target, godwit):
    task = with_a_child_of_the_targets_own(source, target, godwit)
    expect_in_the_way(task, "c")
    task.ddl("replace", "--sql", f"ALTER TABLE shop.p {AGAIN}").expect(DONE)
    task.run().expect(DONE)
    for table, columns in (("p", "id, code"), ("c", "id, p")):
        query = f"SELECT {columns} FROM shop.{table} ORDER BY id"
        assert source.execute(query) == target.execute(query)


def test_a_child_that_nothing_acts_on_is_not_in_the_way(source, target, godwit):
    task = with_a_child_of_the_targets_own(source, target, godwit, action="")
    source.execute("DELETE FROM shop.c WHERE id = 1")
    assert "copied by itself" in task.run().expect(DONE).text
    assert_equal(source, target)


@pytest.mark.parametrize("verb", ["retry", "skip"])
@pytest.mark.parametrize("statement", ["RENAME TABLE a TO attic.a, attic.c TO a", "CREATE OR REPLACE TABLE a LIKE attic.c", "DROP TABLE a"])
def test_another_table_in_place_of_one_that_the_target_had_before(source, target, godwit, statement, verb):
    table = "CREATE TABLE a (id INT PRIMARY KEY, v INT)"
    source.execute("CREATE DATABASE shop", "CREATE DATABASE attic", "USE shop", table, "INSERT INTO a VALUES (1, 1)",
                   table.replace(" a ", " attic.c "), "INSERT INTO attic.c VALUES (1, 7), (2, 7)", "CREATE TABLE other (id INT)")
    target.execute("CREATE DATABASE shop", "USE shop", table)
    task = godwit(source, target, target={"if_exists": "append"})
    task.run().expect(DONE)
    source.execute("USE shop", statement, *(["RENAME TABLE attic.c TO a"] if statement.startswith("DROP") else []), "INSERT INTO a VALUES (3, 3)")
    if not statement.startswith("DROP"):  # which the target does, too
        expect_in_the_way(task, "a")
        assert target.execute("SELECT * FROM shop.a") == ((1, 1),)
        task.ddl(verb).expect(DONE)
        assert "drop" in task.run().expect(FAILED).text  # as long as it is there
        target.execute("DROP TABLE shop.a")
        if verb == "retry":
            task.ddl(verb).expect(DONE)
    task.run().expect(DONE)
    assert_equal(source, target, ["shop"])
