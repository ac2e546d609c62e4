"""An ALTER whose values each server makes for itself is not executed: the table is copied again, and nothing differs."""

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED, KILLED

SETUP = ["CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))",
         "INSERT INTO t SELECT seq, CONCAT('v', seq) FROM seq_1_to_500",
         "CREATE TABLE keyless (v VARCHAR(20), w INT)", "INSERT INTO keyless SELECT CONCAT('v', seq % 50), seq FROM seq_1_to_500"]

# name: (statement, whether the table is copied again).
CASES = {
    "uuid": ("ALTER TABLE t ADD token VARCHAR(40) DEFAULT (UUID())", True),
    "rand": ("ALTER TABLE t ADD lot DOUBLE DEFAULT (RAND())", True),
    "among_others": ("ALTER TABLE t ADD a INT, MODIFY v TEXT, ADD lot VARCHAR(99) DEFAULT (CONCAT(v, UUID())), ADD KEY (a)", True),
    "with_a_new_name": ("ALTER TABLE t RENAME TO u, ADD token VARCHAR(40) DEFAULT (UUID())", True),
    "numbers_without_a_key": ("ALTER TABLE keyless ADD id INT AUTO_INCREMENT PRIMARY KEY", True),
    "ignore_without_a_key": ("ALTER IGNORE TABLE keyless ADD UNIQUE KEY (v)", True),
    "places_under_one_definition": ("ALTER TABLE pair CHANGE a b INT, CHANGE b a INT FIRST", True),
    "clock": ("ALTER TABLE t ADD made TIMESTAMP DEFAULT CURRENT_TIMESTAMP, ADD fine DATETIME(6) DEFAULT NOW(6)", False),
    "row": ("ALTER TABLE t ADD twice INT DEFAULT (id * 2)", False),
    "later_rows_alone": ("ALTER TABLE t ALTER v SET DEFAULT (UUID())", False),
    "key_that_counts": ("ALTER TABLE t MODIFY id INT AUTO_INCREMENT", False),
    "places": ("ALTER TABLE pair CHANGE a b INT, CHANGE b a INT", False),
}
PAIR = ["CREATE TABLE pair (a INT, b INT)", "INSERT INTO pair VALUES (1, 2), (3, 4)"]


@pytest.mark.parametrize("case", CASES)
def test_case(source, target, godwit, case):
    statement, again = CASES[case]
    source.execute(*SETUP, *PAIR)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", "INSERT INTO t (id) VALUES (1000)", "SET time_zone = '-03:00', timestamp = 1234567890.25", statement)
    source.execute("USE shop", "DELETE FROM keyless WHERE w = 7", "INSERT INTO pair (a) VALUES (9)")
    result = task.run().expect(DONE)
    assert ("copied by itself" in result.text) == again, result.text[-3000:]
    assert not again or statement in result.text
    assert_equal(source, target)
    source.execute("USE shop", "DELETE FROM keyless WHERE w = 8", "INSERT INTO pair (a) VALUES (10)")
    task.run().expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("case", ["places", "places_under_one_definition", "with_a_new_name"])
@pytest.mark.parametrize("failpoint", ["ddl.before_copy", "ddl.after_pending", "ddl.after_execute", "ddl.before_done", "ddl.after_done"])
def test_killed(source, target, godwit, case, failpoint):
    """Columns that have changed places do not change them again."""
    statement, again = CASES[case]
    source.execute(*SETUP, *PAIR)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", statement, "INSERT INTO pair (a) VALUES (9)")
    passes = {"ddl.before_copy": again, "ddl.after_pending": not again, "ddl.after_execute": not again}
    killed = [task.run(failpoints=failpoint).code == KILLED for _ in range(2)]
    assert killed[0] == passes.get(failpoint, True)
    task.run().expect(DONE)
    assert_equal(source, target)


def test_a_table_that_was_there_before_is_not_dropped(source, target, godwit):
    source.execute(*SETUP)
    target.execute("CREATE DATABASE shop", "USE shop", SETUP[2])
    task = godwit(source, target, target={"if_exists": "append"})
    task.run().expect(DONE)
    source.execute("USE shop", CASES["uuid"][0])
    for _ in range(2):
        text = task.run().expect(FAILED).text
        assert "had it before the task" in text and "column `token` gets the value of" in text and "drop shop.t on the target" in text
    assert target.value("SELECT COUNT(*) FROM shop.t") == 500
    task.ddl("replace", "--sql", "ALTER TABLE shop.t ADD token VARCHAR(40) DEFAULT 'none'").expect(DONE)
    source.execute("INSERT INTO shop.t (id) VALUES (1000)")
    task.run().expect(DONE)
    assert source.value("SELECT token FROM shop.t WHERE id = 1000") == target.value("SELECT token FROM shop.t WHERE id = 1000")


@pytest.mark.parametrize("case", ["uuid", "with_a_new_name"])
def test_a_table_that_was_there_before_and_is_dropped_by_the_operator(source, target, godwit, case):
    source.execute(*SETUP)
    target.execute("CREATE DATABASE shop", "USE shop", SETUP[2])
    task = godwit(source, target, target={"if_exists": "append"})
    task.run().expect(DONE)
    source.execute("USE shop", CASES[case][0])
    assert "drop shop.t on the target" in task.run().expect(FAILED).text
    target.execute("DROP TABLE shop.t")
    task.ddl("retry").expect(DONE)
    task.run().expect(DONE)
    assert_equal(source, target)
