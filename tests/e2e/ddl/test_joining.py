"""Tables that come into the task, leave it, or change names with others, in the stream and during the
copy: what the log cannot tell is copied, by itself, and nothing is lost, doubled or left standing."""

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED, KILLED
from harness.writer import Writer

SETUP = [
    "CREATE DATABASE shop", "CREATE DATABASE attic", "USE shop",
    "CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(20), KEY (v))", "INSERT INTO a VALUES (1, 'a1'), (2, 'a2')",
    "CREATE TABLE b LIKE a", "INSERT INTO b VALUES (1, 'b1'), (3, 'b3')",
    "CREATE TABLE attic.c (id INT PRIMARY KEY, w DATE, u INT UNIQUE)", "INSERT INTO attic.c VALUES (1, '2020-01-01', 1), (2, NULL, 2)",
    "CREATE TABLE attic.nokey (x INT)", "INSERT INTO attic.nokey VALUES (1), (1), (NULL)",
]

# name: statements, in database shop. What is in shop then must be on the target, and nothing else.
CASES = {
    "into_the_task": ["INSERT INTO attic.c VALUES (3, NULL, 3)", "RENAME TABLE attic.c TO c", "INSERT INTO c VALUES (4, NULL, 4)",
                      "UPDATE c SET u = 20 WHERE id = 2", "ALTER TABLE c ADD d INT DEFAULT 7", "INSERT INTO c (id, d) VALUES (5, 5)",
                      "INSERT INTO a VALUES (9, 'late')"],
    "without_a_key": ["RENAME TABLE attic.nokey TO nokey", "INSERT INTO nokey VALUES (1)", "DELETE FROM nokey WHERE x IS NULL"],
    "several_at_once": ["RENAME TABLE attic.c TO c, attic.nokey TO d", "DELETE FROM c", "INSERT INTO d VALUES (5)"],
    "by_alter": ["ALTER TABLE attic.c RENAME TO shop.c, ADD e INT DEFAULT 3", "INSERT INTO c (id) VALUES (8)"],
    "in_place_of_one_that_leaves": ["RENAME TABLE a TO attic.a, attic.c TO a", "INSERT INTO a VALUES (7, NULL, 7)", "DELETE FROM attic.a"],
    "swapped_with_one_outside": ["RENAME TABLE a TO tmp, attic.c TO a, tmp TO attic.c", "INSERT INTO a VALUES (7, NULL, 7)",
                                 "DELETE FROM attic.c"],
    "swapped_over_a_name_outside": ["RENAME TABLE a TO attic.tmp, b TO a, attic.tmp TO b", "INSERT INTO a VALUES (7, 'a7')",
                                    "DELETE FROM b WHERE id = 1"],
    "one_leaves_and_another_takes_its_name": ["RENAME TABLE a TO attic.a, b TO a", "INSERT INTO a VALUES (7, 'a7')", "INSERT INTO attic.a VALUES (8, 'x')"],
    "in_a_chain": ["RENAME TABLE b TO attic.old, a TO b, attic.c TO a", "INSERT INTO a VALUES (7, NULL, 7)", "INSERT INTO b VALUES (7, 'b7')"],
    "through_the_task_and_out_again": ["RENAME TABLE attic.c TO c", "INSERT INTO c VALUES (7, NULL, 7)", "RENAME TABLE c TO attic.d",
                                       "INSERT INTO attic.d VALUES (8, NULL, 8)"],
    "renamed_again_at_once": ["RENAME TABLE attic.c TO c", "INSERT INTO c VALUES (7, NULL, 7)", "RENAME TABLE c TO d, a TO c",
                              "INSERT INTO d VALUES (8, NULL, 8)", "INSERT INTO c VALUES (9, 'c9')"],
    "dropped_at_once": ["RENAME TABLE attic.c TO c", "DROP TABLE c", "CREATE TABLE c (other INT)", "INSERT INTO c VALUES (1)"],
    "made_like_one_outside": ["CREATE TABLE c LIKE attic.c", "INSERT INTO c SELECT * FROM attic.c", "CREATE OR REPLACE TABLE a LIKE attic.c",
                              "INSERT INTO a VALUES (1, NULL, 1)"],
    "a_second_one_later": ["RENAME TABLE attic.c TO c", "INSERT INTO c VALUES (7, NULL, 7)", "RENAME TABLE attic.nokey TO d", "INSERT INTO d VALUES (3)",
                           "UPDATE c SET u = NULL"],
}
FAILPOINTS = ["ddl.after_pending", "ddl.after_execute", "ddl.after_done", "schema.before_create_table", "schema.after_create_table",
              "copy.after_chunk_commit", "copy.before_table_finished", "task.before_catching_up", "task.before_streaming", "apply.after_commit"]


@pytest.mark.parametrize("case", CASES)
def test_in_the_stream(source, target, godwit, case):
    source.execute(*SETUP)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", *CASES[case])
    task.run().expect(DONE)
    assert_equal(source, target, ["shop"])
    source.execute("USE shop", "CREATE TABLE last (id INT PRIMARY KEY)", "INSERT INTO last VALUES (1)")
    task.run().expect(DONE)
    assert_equal(source, target, ["shop"])


@pytest.mark.parametrize("failpoint", FAILPOINTS)
def test_killed_while_tables_join(source, target, godwit, failpoint):
    source.execute(*SETUP)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", *CASES["in_a_chain"], *CASES["without_a_key"])
    kills = sum(task.run(failpoints=f"{failpoint}:{passage}").code == KILLED for passage in (1, 2, 1))
    assert kills, f"nothing passes the failpoint {failpoint}"
    task.run().expect(DONE)
    assert_equal(source, target, ["shop"])


IN_THE_COPY = {
    "renamed": ["RENAME TABLE a TO c", "INSERT INTO c VALUES (-1, 'new')"],
    "swapped": ["RENAME TABLE a TO tmp, b TO a, tmp TO b", "DELETE FROM a WHERE id < 10", "UPDATE b SET v = 'x' WHERE id < 10"],
    "moved_up": ["DROP TABLE b", "RENAME TABLE a TO b", "INSERT INTO b VALUES (-1, 'new')"],
    "replaced": ["CREATE TABLE fresh LIKE b", "INSERT INTO fresh VALUES (-5, 'f')", "RENAME TABLE b TO attic.b, fresh TO b", "INSERT INTO b VALUES (-6, 'g')"],
    "made_like": ["CREATE TABLE c LIKE b", "INSERT INTO c VALUES (-1, 'c')", "CREATE TABLE d LIKE a", "INSERT INTO d VALUES (-1, 'd')"],
    "renamed_again_and_again": ["RENAME TABLE a TO c", "INSERT INTO c VALUES (-1, 'n')", "RENAME TABLE b TO a", "DELETE FROM a WHERE id > 50",
                                "RENAME TABLE c TO b", "INSERT INTO b VALUES (-2, 'm')"],
}


@pytest.mark.parametrize("case", IN_THE_COPY)
@pytest.mark.parametrize("chunks", [1, 4, 7])
def test_in_the_copy(source, target, godwit, case, chunks):
    """The copy is killed after some chunks, so that names change where one table is copied, one half."""
    source.execute(*SETUP, *[f"INSERT IGNORE INTO {table} SELECT seq, REPEAT('{table}', 9) FROM seq_1_to_20000" for table in "ab"])
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 1})
    assert task.run(failpoints=f"copy.after_chunk_commit:{chunks}").code == KILLED
    source.execute("USE shop", "INSERT INTO a VALUES (-9, 'before')", *IN_THE_COPY[case])
    task.run(failpoints=f"copy.after_chunk_commit:{chunks}")
    source.execute("USE shop", "DELETE FROM b WHERE id < 5")
    task.run().expect(DONE)
    task.run().expect(DONE)
    assert_equal(source, target, ["shop"])


def test_an_online_schema_change_by_another_tool(source, target, godwit):
    """A shadow table is filled outside of the task and takes the table's place, while all are written to. It
    has not all that is written meanwhile, so that only a copy of it will do."""
    source.execute(*SETUP, "INSERT INTO a SELECT seq, 'x' FROM seq_10_to_5000")
    task = godwit(source, target, tables={"exclude": ["shop._*"]}, online_ddl=False)
    run = task.start()

    def write(cursor, rng):
        for table in "ab":
            cursor.execute(f"REPLACE INTO {table} (id, v) VALUES (%s, %s)", (rng.randrange(9000), str(rng.random())[:18]))
            cursor.execute(f"DELETE FROM {table} WHERE id = %s", (rng.randrange(9000),))

    with Writer(source, [write]) as writer:
        for turn in range(3):
            writer.wait_for(50)
            source.execute("USE shop", "CREATE TABLE _a_new LIKE a", f"ALTER TABLE _a_new ADD n{turn} INT DEFAULT {turn}",
                           f"INSERT INTO _a_new SELECT *, {turn} FROM a", "RENAME TABLE a TO _a_old, _a_new TO a", "DROP TABLE _a_old")
            assert not run.ended, run.result().text
        writer.wait_for(50)
    run.interrupt()
    run.wait()
    task.run().expect(DONE)
    assert_equal(source, target, ["shop"])


def test_what_keys_do_through_a_table_that_joins(source, target, godwit):
    source.execute(
        "CREATE DATABASE shop", "CREATE DATABASE attic", "USE shop", "CREATE TABLE g (id INT PRIMARY KEY)",
        "CREATE TABLE attic.p (id INT PRIMARY KEY, g INT, FOREIGN KEY (g) REFERENCES shop.g (id) ON DELETE CASCADE)",
        "CREATE TABLE c (id INT PRIMARY KEY, p INT, CONSTRAINT f FOREIGN KEY (p) REFERENCES attic.p (id) ON DELETE CASCADE)",
        "INSERT INTO g VALUES (1), (2), (3)", "INSERT INTO attic.p VALUES (10, 1), (20, 2), (30, 3)",
        "INSERT INTO c VALUES (100, 10), (200, 20), (300, 30)")
    task = godwit(source, target)
    task.run("--skip-checks").expect(DONE)
    source.execute("USE shop", "RENAME TABLE attic.p TO p", "DELETE FROM g WHERE id = 1")
    task.run("--skip-checks").expect(DONE)
    assert_equal(source, target, ["shop"])
    source.execute("DELETE FROM shop.g WHERE id = 2")
    task.run("--skip-checks").expect(DONE)
    assert_equal(source, target, ["shop"])


def test_a_table_in_the_way_of_one_that_joins_is_said(source, target, godwit):
    source.execute(*SETUP)
    task = godwit(source, target)
    task.run().expect(DONE)
    run = task.start()
    source.execute("INSERT INTO shop.a VALUES (50, 'seen')")
    run.wait_until(lambda: target.value("SELECT COUNT(*) FROM shop.a WHERE id = 50"))
    target.execute("CREATE TABLE shop.c (theirs INT)", "INSERT INTO shop.c VALUES (1)")
    source.execute("RENAME TABLE attic.c TO shop.c")
    assert "shop.c exists already" in run.wait().expect(FAILED).text
    assert "shop.c exists already" in task.run().expect(FAILED).text
    assert target.value("SELECT theirs FROM shop.c") == 1
    target.execute("DROP TABLE shop.c")
    task.run().expect(DONE)
    assert_equal(source, target, ["shop"])


def test_views_that_change_while_a_table_joins(source, target, godwit):
    source.execute(*SETUP, "CREATE VIEW v AS SELECT id FROM a", "CREATE VIEW w AS SELECT id FROM a")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", "RENAME TABLE attic.c TO c", "ALTER VIEW v AS SELECT v FROM a", "DROP VIEW w", "CREATE VIEW x AS SELECT u FROM c")
    task.run().expect(DONE)
    assert_equal(source, target, ["shop"])


@pytest.mark.parametrize("when", ["a_table_joins", "rows_are_copied"])
def test_databases_that_are_made_meanwhile(source, target, godwit, when):
    """They come with their own place in the log, not with the copy."""
    source.execute(*SETUP)
    task = godwit(source, target, tables={"include": ["shop.*", "later.*"]})
    if when == "a_table_joins":
        task.run().expect(DONE)
        source.execute("RENAME TABLE attic.c TO shop.c")
    else:
        assert task.run(failpoints="copy.after_chunk_commit").code == KILLED
    source.execute("CREATE DATABASE later CHARACTER SET latin1", "CREATE TABLE later.t (v VARCHAR(9))", "INSERT INTO later.t VALUES ('é')")
    task.run().expect(DONE)
    assert_equal(source, target, ["shop", "later"])
