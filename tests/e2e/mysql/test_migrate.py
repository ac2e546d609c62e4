"""MySQL to MySQL: what only MySQL's tables and logs hold. (The main job: ../pairs/test_migrate.py.)"""

import json

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, FOUND
from harness.server import USER


def test_statements_that_define_tables(follow):
    follow(["CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(20))",
            "INSERT INTO t (v) VALUES ('a'), ('b')"],
           ["ALTER TABLE t ADD COLUMN extra INT DEFAULT 7, ADD KEY (v)",
            "INSERT INTO t (v) VALUES ('c')",
            "CREATE TABLE copied AS SELECT * FROM t", "UPDATE copied SET v = 'd'",
            "CREATE TABLE named LIKE t", "INSERT INTO named SELECT * FROM t",
            "RENAME TABLE named TO renamed", "TRUNCATE TABLE t", "INSERT INTO t (v) VALUES ('e')",
            "ALTER TABLE t ALTER INDEX v INVISIBLE", "ALTER TABLE t RENAME COLUMN extra TO more",
            "CREATE TABLE gone (id INT PRIMARY KEY)", "DROP TABLE gone",
            "CREATE VIEW seen AS SELECT * FROM renamed"])


def test_types_at_their_edges(follow):
    columns = """id INT PRIMARY KEY, t TINYINT, su SMALLINT UNSIGNED, m MEDIUMINT, bu BIGINT UNSIGNED, d DECIMAL(65,30),
        f FLOAT, do DOUBLE, b BIT(64), y YEAR, da DATE, ti TIME(6), dt DATETIME(6), ts TIMESTAMP(6) NULL,
        c CHAR(10), vb VARBINARY(300), tx TEXT CHARACTER SET latin1, bl LONGBLOB, e ENUM('a', '', 'ü'),
        s SET('x', 'y', 'z'), j JSON, g GEOMETRY SRID 4326, v VECTOR(3),
        gs INT AS (id * 2) STORED, gv VARCHAR(20) AS (CONCAT('v', id)) VIRTUAL, inv INT DEFAULT 5 INVISIBLE"""
    low = """1, -128, 0, -8388608, 0, -99999999999999999999999999999999999.999999999999999999999999999999,
        -3.4e38, -1.7e308, 0, 1901, '0000-00-00', '-838:59:59', '0000-00-00 00:00:00', '1970-01-01 00:00:01.000001',
        '', '', '', '', '', '', '{}', NULL, NULL"""
    high = """2, 127, 65535, 8388607, 18446744073709551615,
        99999999999999999999999999999999999.999999999999999999999999999999, 3.4e38, 1.7e308, ~0, 2155, '9999-12-31',
        '838:59:59', '9999-12-31 23:59:59.999999', '2038-01-19 03:14:07.999999', '😀é', X'00ff27220a5c', 'é\\\\',
        REPEAT(X'00ff5c0a09', 300), 'ü', 'x,z', '{"a": [1, -2.5, true, null, "q\\\\"uote ü", {"n": 1e100}]}',
        ST_SRID(POINT(1, 2), 4326), TO_VECTOR('[1,2.5,-3]')"""
    names = "id,t,su,m,bu,d,f,do,b,y,da,ti,dt,ts,c,vb,tx,bl,e,s,j,g,v"
    rows = [f"INSERT INTO t ({names}) VALUES ({low})", f"INSERT INTO t ({names}) VALUES ({high})"]
    again = [row.replace("VALUES (1,", "VALUES (3,").replace("VALUES (2,", "VALUES (4,") for row in rows]
    follow([f"CREATE TABLE t ({columns})", *rows],
           [*again, "UPDATE t SET t = 1, j = '[1, 2]' WHERE id < 3", "UPDATE t SET id = id + 10, inv = 6 WHERE id = 2",
            "DELETE FROM t WHERE id = 1"], sql_mode="ALLOW_INVALID_DATES")


@pytest.mark.parametrize("start_by", ["gtid", "file"])
def test_changes_alone_from_a_position(start_by, source, target, godwit):
    table = ("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)")
    source.execute(*table)
    target.execute(*table)
    file, offset, _, _, gtids = source.execute("SHOW BINARY LOG STATUS")[0]
    where = {"gtid": gtids} if start_by == "gtid" else {"file": file, "offset": offset}
    source.execute("INSERT INTO shop.t VALUES (1, 1), (2, 2)", "UPDATE shop.t SET v = 3 WHERE id = 2")
    task = godwit(source, target, mode="stream", stream={"start": where})
    task.run().expect(DONE)
    assert_equal(source, target)
    source.execute("FLUSH BINARY LOGS", "INSERT INTO shop.t VALUES (3, 3)")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_tables_without_a_key_and_keys_that_are_made_by_the_server(follow):
    follow(["SET sql_generate_invisible_primary_key = ON", "CREATE TABLE made (v INT)",
            "SET sql_generate_invisible_primary_key = OFF", "CREATE TABLE keyless (v INT, j JSON)",
            "INSERT INTO made VALUES (1), (1)", "INSERT INTO keyless VALUES (1, '{}'), (1, '{}'), (NULL, NULL)"],
           ["DELETE FROM keyless LIMIT 1", "UPDATE keyless SET j = '[1]' WHERE v = 1", "INSERT INTO made VALUES (2)",
            "DELETE FROM made WHERE v = 1"])


def test_keys_that_are_made_by_the_server_later(follow):
    follow(["CREATE TABLE t (id INT PRIMARY KEY)"],
           ["SET sql_generate_invisible_primary_key = ON", "CREATE TABLE made (v INT)", "INSERT INTO made VALUES (1), (1)",
            "CREATE TABLE chosen AS SELECT 1 AS v", "DELETE FROM made LIMIT 1", "UPDATE chosen SET v = 2"])


def test_xa_transactions_that_commit_at_once(follow):
    follow(["CREATE TABLE t (id INT PRIMARY KEY, v INT)"],
           ["XA START 'one'", "INSERT INTO t VALUES (1, 1), (2, 2)", "XA END 'one'", "XA COMMIT 'one' ONE PHASE",
            "UPDATE t SET v = 3 WHERE id = 1"])


def test_names_that_sql_has_uses_for(follow):
    follow(["CREATE TABLE `new` (id INT PRIMARY KEY, `new` INT, `values` INT)", "INSERT INTO `new` VALUES (1, 1, 1)"],
           ["UPDATE `new` SET `new` = 2, `values` = 3", "ALTER TABLE `new` ADD COLUMN `old` INT", "UPDATE `new` SET `old` = 4"])


def test_a_target_that_takes_no_writes(source, target, godwit):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)")
    target.execute("SET GLOBAL super_read_only = ON")
    assert "super_read_only = OFF" in godwit(source, target).check().expect(FOUND).text


def test_a_target_that_wants_keys(source, target, godwit):
    """Its limits do not hold for the task's sessions; where the user may not lift them, the way out is told."""
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (v INT)", "INSERT INTO shop.t VALUES (1), (1)")
    for server in (source, target):
        server.execute("SET GLOBAL sql_require_primary_key = ON")
    godwit(source, target).run().expect(DONE)
    assert_equal(source, target)
    target.execute(f"REVOKE SESSION_VARIABLES_ADMIN, SYSTEM_VARIABLES_ADMIN, SUPER ON *.* FROM {USER}@'%'")
    assert "SESSION_VARIABLES_ADMIN" in godwit(source, target, name="other").check().expect(FOUND).text


def test_keys_that_act(follow):
    follow(["CREATE TABLE p (id INT PRIMARY KEY)",
            "CREATE TABLE c (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE ON UPDATE CASCADE)",
            "CREATE TABLE g (id INT PRIMARY KEY, c INT, FOREIGN KEY (c) REFERENCES c (id) ON DELETE SET NULL)",
            "INSERT INTO p VALUES (1), (2), (3)", "INSERT INTO c VALUES (1, 1), (2, 1), (3, 2), (4, 3)",
            "INSERT INTO g VALUES (1, 1), (2, 3), (3, 4)"],
           ["DELETE FROM p WHERE id = 1", "UPDATE p SET id = 20 WHERE id = 2", "INSERT INTO p VALUES (1)",
            "INSERT INTO c VALUES (5, 1)", "DELETE FROM c WHERE id = 3"])


SOURCE_RIGHTS = ("REPLICATION SLAVE, REPLICATION CLIENT ON *.*", "SELECT, LOCK TABLES, SHOW VIEW ON shop.*")
TARGET_RIGHTS = ("SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, CREATE VIEW, SHOW VIEW ON shop.*",
                 "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER ON godwit.*")


def test_a_user_with_no_more_rights_than_the_check_asks_for(source, target, godwit):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)", "INSERT INTO shop.t VALUES (1)",
                   "CREATE DEFINER=godwit VIEW shop.v AS SELECT * FROM shop.t")
    for server in (source, target):
        server.execute(f"REVOKE ALL PRIVILEGES, GRANT OPTION FROM {USER}@'%'")
    task = godwit(source, target)
    assert "REPLICATION CLIENT" in task.check().expect(FOUND).text
    source.execute(f"GRANT SELECT ON shop.* TO {USER}@'%'")
    assert "LOCK TABLES" in task.check().expect(FOUND).text
    source.execute(*(f"GRANT {rights} TO {USER}@'%'" for rights in SOURCE_RIGHTS))
    target.execute(*(f"GRANT {rights} TO {USER}@'%'" for rights in TARGET_RIGHTS))
    task.run().expect(DONE)
    source.execute("INSERT INTO shop.t VALUES (2)", "ALTER TABLE shop.t ADD COLUMN v INT")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_a_table_that_is_never_free(source, target, godwit):
    """The snapshot of one without a key waits for a transaction that has written to it, and lets others write
    meanwhile."""
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT)")
    task = godwit(source, target)
    with source.connect() as holder, holder.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("INSERT INTO shop.t VALUES (1)")
        run = task.start("--until", "caught-up")
        run.wait_until(lambda: "LOCK TABLES" in run.result().text)
        source.execute("INSERT INTO shop.t VALUES (2)")
        cursor.execute("COMMIT")
    run.wait().expect(DONE)
    assert_equal(source, target)


def last_status(result):
    return json.loads(result.out.splitlines()[-1])


def test_a_table_with_a_key_is_not_waited_for(source, target, godwit):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)", "INSERT INTO shop.t VALUES (0)")
    task = godwit(source, target)
    with source.connect() as holder, holder.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("INSERT INTO shop.t VALUES (1)")
        assert last_status(task.run().expect(DONE))["copy"]["source_locks"] == 0
        source.execute("INSERT INTO shop.t VALUES (2)")
        cursor.execute("COMMIT")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_a_log_that_was_purged(source, target, godwit):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)", "INSERT INTO shop.t VALUES (0)")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("INSERT INTO shop.t VALUES (1)", "FLUSH BINARY LOGS", "INSERT INTO shop.t VALUES (2)")
    assert "the server is free to purge it from" in task.check().expect(DONE).text
    source.execute(f"PURGE BINARY LOGS TO '{source.execute('SHOW BINARY LOGS')[-1][0]}'")
    found = task.run().expect(FOUND).text
    assert "lacks transactions that the source has purged" in found and "--restart" in found
    task.run("--restart").expect(DONE)
    assert_equal(source, target)


def test_the_time_that_a_lock_takes_is_told(mysql, target, godwit):
    source = mysql("plain", log_bin="binlog", gtid_mode="OFF")
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)", "INSERT INTO shop.t VALUES (0)")
    task = godwit(source, target)
    copy = last_status(task.run().expect(DONE))["copy"]
    assert copy["source_locks"] == 1 and 0 < copy["longest_lock_ms"] < 2000
    assert_equal(source, target)


def test_sets_of_64_members(follow, target):
    """Their numbers are beyond a double's, with the member '' and in a key too."""
    members = ", ".join(["''", *(f"'m{i}'" for i in range(63))])
    task = follow([f"CREATE TABLE t (id INT PRIMARY KEY, s SET({members}))", f"CREATE TABLE k (s SET({members}) PRIMARY KEY)",
                   "INSERT INTO t VALUES (1, ~0), (2, 1), (3, (1 << 63) + 1), (4, 1 << 63), (5, 0)", "INSERT INTO k VALUES (~0), (1 << 63), (2), (5)"],
                  ["UPDATE t SET s = (1 << 63) + 2 WHERE id = 3", "INSERT INTO t VALUES (6, ~0 - 1)", "DELETE FROM k WHERE s = 2"])
    task.verify().expect(DONE)
    target.execute("UPDATE shop.t SET s = (1 << 63) + 3 WHERE id = 3")
    task.verify().expect(FOUND)


def test_several_full_text_keys(follow):
    follow(["CREATE TABLE t (id INT PRIMARY KEY, a TEXT, b TEXT, FULLTEXT KEY x (a), FULLTEXT KEY y (b), KEY z (a(9)))", "INSERT INTO t VALUES (1, 'a', 'b')"],
           ["INSERT INTO t VALUES (2, 'c', 'd')"])
