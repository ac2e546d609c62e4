"""A user with the rights that docs/checks.md lists, and no other, can do all that a task does."""

import re
from pathlib import Path

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, FOUND, KILLED

DOCUMENT = Path(__file__).parents[3] / "docs" / "checks.md"
NOT_IN_MYSQL = ("SET USER", "DELETE HISTORY", "mysql.proc")


@pytest.fixture(params=["mariadb", "mysql"])
def kinds(request):
    return request.param, request.param


def documented(kind, side):
    """The statements that grant what a user of that side needs. MySQL's target is said by how it differs."""
    chapter = DOCUMENT.read_text().split("\n## Rights\n")[1]
    sides = []
    for block in re.findall(r"```sql\n(.*?)```", chapter, re.DOTALL):
        _, source, target = re.split(r"^-- on the (?:source|target).*$", block, flags=re.MULTILINE)
        sides.append({name: re.findall(r"^GRANT [^;]+;", part, re.MULTILINE) for name, part in (("source", source), ("target", target))})
    mariadb, mysql = sides
    if kind == "mariadb":
        return mariadb[side]
    if side == "source":
        return mysql["source"]
    return [right for right in mariadb["target"] if not any(word in right for word in NOT_IN_MYSQL)] + mysql["target"]


SCHEMA = (
    "CREATE TABLE parent (id INT PRIMARY KEY, v VARCHAR(20) DEFAULT 'é')", "INSERT INTO parent VALUES (1, 'a'), (2, 'b'), (3, 'c')",
    "CREATE TABLE child (id INT PRIMARY KEY, parent INT, j JSON, FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE)",
    "INSERT INTO child VALUES (1, 1, '{\"a\": 1.5}'), (2, 2, NULL)", "CREATE TABLE keyless (a INT, b TEXT)", "INSERT INTO keyless VALUES (1, 'x'), (1, 'x')",
    "CREATE TABLE parted (id INT PRIMARY KEY, v INT) PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN (20))",
    "INSERT INTO parted VALUES (1, 1), (11, 11)", "CREATE TABLE outside (id INT PRIMARY KEY, v INT)", "INSERT INTO outside VALUES (12, 12)",
    "CREATE DEFINER=owner VIEW seen AS SELECT id FROM parent", "CREATE DEFINER=root@localhost VIEW by_root AS SELECT id FROM parent",
    "CREATE DEFINER=nobody VIEW by_nobody AS SELECT 1", "CREATE DEFINER=owner PROCEDURE p() SELECT 1", "CREATE DEFINER=owner FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1",
    "CREATE DEFINER=owner TRIGGER tr BEFORE INSERT ON keyless FOR EACH ROW SET NEW.b = 'by trigger'", "CREATE DEFINER=owner EVENT ev ON SCHEDULE EVERY 1 DAY DO SELECT 1")
HISTORY = ("CREATE TABLE kept (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING", "INSERT INTO kept VALUES (1, 1), (2, 2)", "UPDATE kept SET v = 5 WHERE id = 1")
CHANGES = (
    "INSERT INTO keyless (a) VALUES (3)", "UPDATE parent SET v = 'z' WHERE id = 3", "DELETE FROM parent WHERE id = 1", "ALTER TABLE parent ADD COLUMN w VARCHAR(9) DEFAULT 'w', ADD KEY (w)",
    "CREATE TABLE made (id INT PRIMARY KEY, parent INT, c VARCHAR(9), FOREIGN KEY (parent) REFERENCES parent (id) ON UPDATE CASCADE)",
    "INSERT INTO made VALUES (1, 3, 'm')", "ALTER TABLE keyless ADD COLUMN parent INT, ADD FOREIGN KEY (parent) REFERENCES parent (id)", "UPDATE parent SET id = 20 WHERE id = 3",
    "CREATE TABLE selected AS SELECT * FROM parent", "CREATE INDEX k ON made (c)", "DROP INDEX k ON made", "TRUNCATE TABLE selected", "DROP TABLE selected",
    "CREATE OR REPLACE DEFINER=owner VIEW seen AS SELECT id, v FROM parent", "XA START 'two'", "INSERT INTO parent (id) VALUES (30)", "XA END 'two'", "XA PREPARE 'two'", "XA COMMIT 'two'")


def test_they_are_enough(source, target, godwit, kinds):
    for side, server in (("source", source), ("target", target)):
        server.execute("CREATE USER weak@'%' IDENTIFIED BY 'w'", "CREATE USER owner@'%' IDENTIFIED BY 'o'", "GRANT ALL ON shop.* TO owner@'%'",
                       *(right.replace("godwit@'%'", "weak@'%'") for right in documented(kinds[0], side)))
    history = kinds[0] == "mariadb"
    source.execute("XA START 'one'", "XA END 'one'", "XA PREPARE 'one'", "XA COMMIT 'one'")
    source.execute("CREATE DATABASE shop", "USE shop", *SCHEMA, *(HISTORY if history else ()))
    task = godwit(source, target, objects=["triggers", "routines", "events"],
                  **{side: {"url": server.url.replace("godwit@", "weak@")} for side, server in (("source", source), ("target", target))})
    task.environment.update(SRC_PASSWORD="w", DST_PASSWORD="w")
    found = {item["name"]: item for item in task.check("--json").expect(DONE).json()["items"]}
    for name in ("source: grants", "target: grants", "source: XA transactions"):
        assert found[name]["result"] == "pass", found[name]
    task.run().expect(DONE)
    assert_equal(source, target)
    source.execute("USE shop", *CHANGES)
    if history:
        source.execute("USE shop", "UPDATE kept SET v = v + 1", "DELETE FROM kept WHERE id = 2", "DELETE HISTORY FROM kept")
    task.run().expect(DONE)
    assert_equal(source, target)
    source.execute("ALTER TABLE shop.parted EXCHANGE PARTITION b WITH TABLE shop.outside")
    assert task.run(failpoints="ddl.after_execute").code == KILLED
    task.run().expect(DONE)
    assert_equal(source, target)
    task.verify().expect(DONE)
    task.run("--restart").expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("kinds", [("mysql", "mysql")], ids=["mysql"])
def test_the_check_asks_for_what_only_mysql_needs(source, target, godwit, kinds):
    target.execute("CREATE USER weak@'%' IDENTIFIED BY 'w'", "CREATE USER owner@'%' IDENTIFIED BY 'o'",
                   *(right.replace("godwit@'%'", "weak@'%'") for right in documented("mysql", "target")), "GRANT SELECT ON mysql.* TO weak@'%'")
    source.execute("CREATE DATABASE shop", "CREATE USER owner@'%'", "GRANT ALL ON shop.* TO owner@'%'", "USE shop", *SCHEMA)
    task = godwit(source, target, target={"url": target.url.replace("godwit@", "weak@")})
    task.environment["DST_PASSWORD"] = "w"
    task.check().expect(DONE)
    for right in ("REFERENCES ON shop.*", "SYSTEM_USER ON *.*", "ALLOW_NONEXISTENT_DEFINER ON *.*", "SET_ANY_DEFINER ON *.*"):
        target.execute(f"REVOKE {right} FROM weak@'%'")
        found = {item["name"]: item for item in task.check("--json").expect(FOUND).json()["items"]}
        assert right.split(" ")[0] in found["target: grants"]["finding"]
        target.execute(*[one for one in found["target: grants"]["remedy"].split(";") if one.strip()])
        task.check().expect(DONE)
