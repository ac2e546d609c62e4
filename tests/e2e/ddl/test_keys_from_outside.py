"""Foreign keys that come to act over a parent outside of the task: MariaDB's log does not hold what they do."""

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED, FOUND, KILLED

SETUP = ["CREATE DATABASE shop", "CREATE DATABASE other", "USE shop", "CREATE TABLE other.p (id INT PRIMARY KEY)", "INSERT INTO other.p VALUES (1), (2)",
         "CREATE TABLE p (id INT PRIMARY KEY)", "INSERT INTO p VALUES (1), (2)",
         "CREATE TABLE c (id INT PRIMARY KEY, p INT, KEY (p))", "INSERT INTO c VALUES (10, 1), (20, 2)",
         "CREATE TABLE d (id INT PRIMARY KEY, p INT, KEY (p), CONSTRAINT inside FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE)", "INSERT INTO d VALUES (10, 1), (20, 2)",
         "CREATE TABLE other.joining (id INT PRIMARY KEY, p INT, CONSTRAINT f FOREIGN KEY (p) REFERENCES other.p (id) ON DELETE SET NULL)"]
KEY = "CONSTRAINT f FOREIGN KEY (p) REFERENCES other.p (id) ON DELETE CASCADE"

# name: the statements, and what takes the key away.
WAYS = {
    "altered": ([f"ALTER TABLE c ADD {KEY}"], "ALTER TABLE shop.c DROP FOREIGN KEY f"),
    "created": ([f"CREATE TABLE e (id INT PRIMARY KEY, p INT, {KEY})"], "ALTER TABLE shop.e DROP FOREIGN KEY f"),
    "parent_renamed": (["RENAME TABLE p TO other.q"], "ALTER TABLE shop.d DROP FOREIGN KEY inside"),
    "parent_altered": (["ALTER TABLE p RENAME TO other.q"], "ALTER TABLE shop.d DROP FOREIGN KEY inside"),
    "online": (["CREATE TABLE _c_gho LIKE c", f"ALTER TABLE _c_gho ADD {KEY}", "INSERT INTO _c_gho SELECT * FROM c", "RENAME TABLE c TO _c_del, _c_gho TO c",
                "DROP TABLE _c_del"], "ALTER TABLE shop.c DROP FOREIGN KEY f"),
}


@pytest.mark.parametrize("rules", [{}, {"policy": "ignore"}], ids=["replicated", "ignored"])
@pytest.mark.parametrize("way", WAYS)
def test_it_waits(source, target, godwit, way, rules):
    statements, remedy = WAYS[way]
    source.execute(*SETUP)
    task = godwit(source, target, ddl=rules)
    task.run().expect(DONE)
    run = task.start()
    run.wait_until(lambda: '"phase":"streaming"' in run.result().out)
    source.execute("USE shop", *statements, "INSERT INTO c VALUES (30, 1)")
    text = run.wait().expect(FAILED).text
    parent = "other.q" if way.startswith("parent") else "other.p"
    assert "waits for you" in text and parent in text and "its log does not hold that" in text and "godwit ddl retry" in text
    assert parent in task.run().expect(FOUND).text  # the checks see the key on the source
    assert target.value("SELECT COUNT(*) FROM shop.c") == 2
    source.execute(remedy)
    text = task.run().expect(FAILED).text
    assert "waits for you" in text and parent in text
    task.ddl("retry").expect(DONE)
    task.run().expect(DONE)
    if not rules and not way.startswith("parent"):  # the target keeps what has left the task
        assert_equal(source, target, ["shop"])
    assert source.execute("SELECT * FROM shop.d") == target.execute("SELECT * FROM shop.d")
    assert target.value("SELECT COUNT(*) FROM shop.c") == 3


def test_skipped_it_stays_so(source, target, godwit):
    """Other changes of the table do not bring it up again."""
    source.execute(*SETUP)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", f"ALTER TABLE c ADD {KEY}", "ALTER TABLE c ADD n INT", "RENAME TABLE c TO c2", "RENAME TABLE c2 TO c", "INSERT INTO c VALUES (30, 1, 1)")
    task.run("--skip-checks").expect(FAILED)
    task.ddl("skip").expect(DONE)
    task.run("--skip-checks").expect(DONE)
    assert source.execute("SELECT * FROM shop.c") == target.execute("SELECT * FROM shop.c")


def test_what_a_tool_leaves_of_a_parent_is_none(source, target, godwit):
    source.execute(*SETUP)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", "CREATE TABLE _p_gho LIKE p", "INSERT INTO _p_gho SELECT * FROM p", "RENAME TABLE p TO _p_del, _p_gho TO p",
                   "ALTER TABLE d DROP FOREIGN KEY inside, ADD CONSTRAINT _inside FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE",
                   "DROP TABLE _p_del", "DELETE FROM p WHERE id = 1")
    task.run().expect(DONE)
    assert_equal(source, target, ["shop"])


@pytest.mark.parametrize("copied", [False, True], ids=["before_it_is_copied", "while_it_is_copied"])
def test_it_comes_with_a_copy(source, target, godwit, copied):
    source.execute(*SETUP, "INSERT INTO c SELECT seq, 1 FROM seq_100_to_40000")
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 1})
    if copied:
        assert task.run(failpoints="copy.after_chunk_commit:2").code == KILLED
        source.execute(f"ALTER TABLE shop.c ADD {KEY}")
        remedy = "ALTER TABLE shop.c DROP FOREIGN KEY f"
    else:
        task.run().expect(DONE)
        source.execute("RENAME TABLE other.joining TO shop.joining")
        remedy = "ALTER TABLE shop.joining DROP FOREIGN KEY f"
    text = task.run("--skip-checks").expect(FAILED).text
    assert "f changes its rows when other.p changes" in text and "tables.include" in text
    source.execute(remedy)
    if copied:  # the definition is again what the copy began with, and the log has come to the statement
        assert "waits for you" in task.run().expect(FAILED).text
        task.ddl("retry").expect(DONE)
    task.run().expect(DONE)
    assert_equal(source, target, ["shop"])


@pytest.mark.parametrize("native", ["OFF", "ON"])
def test_mysql_logs_it_or_not(start, godwit, native):
    source, target = start("mysql", "source", innodb_native_foreign_keys=native), start("mysql", "target")
    source.execute(*SETUP)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", f"ALTER TABLE c ADD {KEY}", "DELETE FROM other.p WHERE id = 1", "DELETE FROM p WHERE id = 2")
    if native == "ON":
        assert "foreign keys" in task.check().expect(FOUND).text
        assert "its log does not hold that" in task.run("--skip-checks").expect(FAILED).text
        return
    task.run().expect(DONE)
    assert target.execute("SELECT id FROM shop.c") == ((20,),)
    assert_equal(source, target, ["shop"])
