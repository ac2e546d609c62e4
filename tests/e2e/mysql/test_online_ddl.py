"""Online schema changes and DDL that wait, between MySQL servers."""

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED

SETUP = ["CREATE DATABASE shop", "USE shop",
         "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a VARCHAR(20) DEFAULT 'none', b INT, KEY (b), CHECK (b > -5))",
         "INSERT INTO t (a, b) VALUES ('x', 1), ('y', 2), ('z', 3)"]
CHANGES = {
    "added": ("ADD COLUMN n INT NOT NULL DEFAULT 7 AFTER id, ADD KEY f ((b + 1))", "id, a, b", "id, a, b"),
    "renamed": ("RENAME COLUMN a TO label, DROP KEY b", "id, a, b", "id, label, b"),
    "changed": ("MODIFY b BIGINT FIRST, CONVERT TO CHARACTER SET latin1", "id, a, b", "id, a, b"),
    "rebuilt": ("ENGINE=InnoDB", "id, a, b", "id, a, b"),
}
SWITCHES = {
    "at_once": ["RENAME TABLE t TO _t_del, _t_gho TO t", "DROP TABLE _t_del"],
    "in_two_steps": ["ALTER TABLE t RENAME _t_del", "ALTER TABLE _t_gho RENAME t"],
    "dropped_first": ["DROP TABLE t", "RENAME TABLE _t_gho TO t"],
}


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("change", CHANGES)
def test_an_online_schema_change(source, target, godwit, change, switch):
    alter, old, new = CHANGES[change]
    source.execute(*SETUP)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", "CREATE TABLE _t_gho LIKE t", f"ALTER TABLE _t_gho {alter}")
    task.run().expect(DONE)
    source.execute("USE shop", f"INSERT INTO _t_gho ({new}) SELECT {old} FROM t", *SWITCHES[switch],
                   "INSERT INTO t (b) VALUES (9)", "UPDATE t SET b = 10 WHERE id = 1")
    result = task.run().expect(DONE)
    assert "copied by itself" not in result.text
    source.execute("USE shop", "DROP TABLE IF EXISTS _t_del", "DELETE FROM t WHERE id = 2")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_a_ddl_that_fails_and_one_that_is_ignored(source, target, godwit):
    source.execute(*SETUP)
    task = godwit(source, target, ddl={"events": {"add_column": "ignore"}})
    task.run().expect(DONE)
    target.execute("ALTER TABLE shop.t ADD KEY k (a)")
    source.execute("USE shop", "ALTER TABLE t ADD COLUMN n INT", "UPDATE t SET n = 1, b = 3", "ALTER TABLE t ADD KEY k (a)",
                   "INSERT INTO t (b, n) VALUES (4, 4)")
    assert "Duplicate key name" in task.run().expect(FAILED).text
    task.ddl("skip").expect(DONE)
    task.run().expect(DONE)
    assert target.execute("SELECT id, b FROM shop.t ORDER BY id") == ((1, 3), (2, 3), (3, 3), (4, 4))
    target.execute("ALTER TABLE shop.t ADD COLUMN n INT", "UPDATE shop.t SET n = 1 WHERE id < 4", "UPDATE shop.t SET n = 4 WHERE id = 4")
    source.execute("INSERT INTO shop.t (b, n) VALUES (5, 5)")
    task.run().expect(DONE)
    assert_equal(source, target)
