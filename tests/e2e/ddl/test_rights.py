"""A target's user that has the documented rights and no others."""

import re
from pathlib import Path

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED

DOCUMENTED = Path(__file__).parents[3] / "docs" / "checks.md"
DEFINER = "DEFINER=limited@'%'"  # another one takes a right more
PARTED = "(id INT PRIMARY KEY, v INT) PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (100), PARTITION b VALUES LESS THAN (200))"
SETUP = ["CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 1), (2, 2)",
         "CREATE TABLE u (id INT PRIMARY KEY, v INT)", "INSERT INTO u VALUES (3, 3)", f"CREATE TABLE parted {PARTED}",
         "INSERT INTO parted VALUES (1, 1), (101, 1)", f"CREATE {DEFINER} VIEW seen AS SELECT id FROM t"]
# One statement of each kind.
CHANGES = [
    "CREATE TABLE made (id INT PRIMARY KEY, t INT, note VARCHAR(20), FOREIGN KEY (t) REFERENCES t (id) ON DELETE CASCADE)", "INSERT INTO made VALUES (1, 1, 'x')",
    "CREATE TABLE alike LIKE t", "CREATE TABLE chosen (PRIMARY KEY (id)) SELECT id, v FROM t",
    "ALTER TABLE t ADD w INT DEFAULT 5, ADD KEY (v)", "ALTER TABLE t MODIFY v BIGINT", "ALTER TABLE t ADD token VARCHAR(40) DEFAULT 'x'",
    "CREATE INDEX n ON made (note)", "DROP INDEX n ON made", "ALTER TABLE alike ADD FOREIGN KEY f (v) REFERENCES u (id)",
    "RENAME TABLE u TO u2", "RENAME TABLE u2 TO u3, chosen TO u2, u3 TO chosen", "ALTER TABLE chosen RENAME u", "INSERT INTO u VALUES (9, 9)",
    "CREATE TABLE aside (id INT PRIMARY KEY, v INT)", "INSERT INTO aside VALUES (7, 7)",
    "ALTER TABLE parted EXCHANGE PARTITION a WITH TABLE aside", "ALTER TABLE parted TRUNCATE PARTITION b", "ALTER TABLE parted DROP PARTITION b",
    "TRUNCATE TABLE alike", f"CREATE {DEFINER} VIEW second AS SELECT id, w FROM t", f"ALTER {DEFINER} VIEW second AS SELECT id FROM t",
    f"CREATE OR REPLACE {DEFINER} VIEW seen AS SELECT v FROM t",
    "DROP VIEW second", "ALTER TABLE made CONVERT TO CHARACTER SET latin1", "ALTER TABLE t ENGINE=InnoDB", "ALTER DATABASE shop DEFAULT CHARACTER SET latin1",
    "CREATE TABLE late (v VARCHAR(5))", "CREATE TABLE _aside_gho LIKE aside", "ALTER TABLE _aside_gho ADD x INT", "INSERT INTO _aside_gho (id, v) SELECT id, v FROM aside",
    "RENAME TABLE aside TO _aside_del, _aside_gho TO aside", "DROP TABLE _aside_del", "DROP TABLE IF EXISTS u2, nothing",
]
# The first leaves the table to be copied again.
OF_MARIADB = ["ALTER TABLE u ADD made_at VARCHAR(40) DEFAULT (UUID())", "CREATE OR REPLACE TABLE late (v VARCHAR(6))"]


def limit(task, target, kind="mariadb"):
    """Gives the task a user with the rights that the documentation lists for targets, those in question here."""
    text = DOCUMENTED.read_text()
    grants = re.findall(r"^GRANT .* TO godwit@'%';", text[text.index("-- on the target"):], re.M)[:4]
    if kind == "mysql":
        grants += re.findall(r"^GRANT REFERENCES .* TO godwit@'%';", text, re.M)
    assert "ALTER, INDEX ON shop.*" in grants[0] and "ON godwit.*" in grants[1] and "VIEW" in grants[3]
    target.execute("CREATE USER limited@'%' IDENTIFIED BY 'w'", *[grant.replace("godwit@'%';", "limited@'%'") for grant in grants])
    task.configure(target={"url": target.url.replace("godwit@", "limited@")})
    task.environment["DST_PASSWORD"] = "w"


@pytest.mark.parametrize("kind", ["mariadb", "mysql"])
def test_all_kinds_of_ddl_need_no_others(start, godwit, kind):
    source, target = start(kind, "source"), start(kind, "target")
    source.execute("CREATE USER limited@'%'", "GRANT SELECT ON *.* TO limited@'%'", *SETUP)
    task = godwit(source, target)
    limit(task, target, kind)
    check = task.check()
    assert "grants" in check.text and check.code == DONE, check.text
    task.run().expect(DONE)
    for change in CHANGES + (OF_MARIADB if kind == "mariadb" else []):
        source.execute("USE shop", change)
        result = task.run()
        assert result.code == DONE, f"{change}: {result.text[-2000:]}"
    assert_equal(source, target)


def test_what_fails_before_a_ddl_leaves_it_waiting(source, target, godwit):
    source.execute("CREATE USER limited@'%'", "GRANT SELECT ON *.* TO limited@'%'", *SETUP)
    task = godwit(source, target)
    limit(task, target)
    for verb in ("retry", "skip"):
        run = task.start()
        run.wait_until(lambda run=run: '"phase":"streaming"' in run.result().out)
        target.execute("REVOKE DROP ON godwit.* FROM limited@'%'")
        source.execute("RENAME TABLE shop.u TO shop.u2")
        text = run.wait().expect(FAILED).text
        assert "DROP command denied" in text and "waits for you" in text and "godwit ddl skip" in text
        waiting = task.ddl("--json").expect(DONE).json()["waiting"]
        assert waiting["statement"].startswith("RENAME TABLE") and "needs beforehand" in waiting["why"]
        target.execute("GRANT DROP ON godwit.* TO limited@'%'")
        task.ddl(verb).expect(DONE)
        if verb == "skip":
            target.execute("RENAME TABLE shop.u TO shop.u2")
        task.run().expect(DONE)
        assert_equal(source, target)
        source.execute("RENAME TABLE shop.u2 TO shop.u", "INSERT INTO shop.u VALUES (10, 10)")
        task.run().expect(DONE)
        assert_equal(source, target)
        source.execute("DELETE FROM shop.u WHERE id = 10")
