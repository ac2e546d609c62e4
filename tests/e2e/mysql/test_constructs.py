"""What only MySQL has in its tables and in its log, followed live."""

from harness.compare import assert_equal
from harness.godwit import DONE, FOUND
from harness.mysql import SOURCE_OPTIONS, MySqlWithKeyring


def test_keys_over_expressions_and_over_documents(follow):
    follow(["CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20), j JSON, KEY lower ((LOWER(v))), "
            "UNIQUE KEY twice ((id * 2), v), KEY members ((CAST(j->'$.tags' AS UNSIGNED ARRAY))))",
            """INSERT INTO t VALUES (1, 'A', '{"tags": [1, 2]}'), (2, 'B', '{"tags": []}'), (3, NULL, NULL)"""],
           ["""UPDATE t SET j = '{"tags": [7, 8, 9]}' WHERE id = 1""", "UPDATE t SET v = 'c', j = '{}' WHERE id = 3",
            "DELETE FROM t WHERE id = 2", """INSERT INTO t VALUES (4, 'D', '{"tags": [1, 2]}')""",
            "ALTER TABLE t ADD KEY half ((id DIV 2) DESC)", "INSERT INTO t VALUES (5, 'E', NULL)",
            "ALTER TABLE t DROP KEY members"])


def test_columns_that_are_not_seen(follow):
    follow(["CREATE TABLE t (id INT INVISIBLE PRIMARY KEY, v INT, hidden VARCHAR(10) NOT NULL INVISIBLE DEFAULT 'x')",
            "INSERT INTO t (id, v, hidden) VALUES (1, 1, 'a')", "INSERT INTO t (id, v) VALUES (2, 2)"],
           ["UPDATE t SET hidden = 'b' WHERE id = 2", "ALTER TABLE t ALTER COLUMN hidden SET VISIBLE",
            "INSERT INTO t (id, v, hidden) VALUES (3, 3, 'c')", "ALTER TABLE t ALTER COLUMN v SET INVISIBLE",
            "INSERT INTO t (id) VALUES (4)"])


def test_vectors(follow):
    follow(["CREATE TABLE t (id INT PRIMARY KEY, v VECTOR(4), w VECTOR)",
            "INSERT INTO t VALUES (1, TO_VECTOR('[1,2,3,4]'), TO_VECTOR('[1e-30,3.4e38]')), (2, NULL, NULL)"],
           ["UPDATE t SET v = TO_VECTOR('[-1,0.1]') WHERE id = 2",
            "INSERT INTO t SELECT 3, v, TO_VECTOR(CONCAT('[', REPEAT('1,', 2000), '2]')) FROM t WHERE id = 1",
            "ALTER TABLE t MODIFY v VECTOR(2048)"])


def test_histograms_are_of_no_concern(follow):
    follow(["CREATE TABLE t (id INT PRIMARY KEY, v INT)", "INSERT INTO t VALUES (1, 1), (2, 2)",
            "ANALYZE TABLE t UPDATE HISTOGRAM ON v WITH 4 BUCKETS"],
           ["ANALYZE TABLE t UPDATE HISTOGRAM ON id, v", "INSERT INTO t VALUES (3, 3)",
            "ANALYZE TABLE t DROP HISTOGRAM ON v", "INSERT INTO t VALUES (4, 4)"])


def test_tags_in_gtids(source, target, godwit):
    tag = "SET gtid_next = 'AUTOMATIC:moves'"
    source.execute("CREATE DATABASE shop", tag, "CREATE TABLE shop.t (id INT PRIMARY KEY)", "INSERT INTO shop.t VALUES (1)")
    task = godwit(source, target)
    for round in range(2, 6):
        task.run().expect(DONE)
        assert_equal(source, target)
        source.execute(f"INSERT INTO shop.t (id) VALUES ({round * 10})", tag, f"INSERT INTO shop.t (id) VALUES ({round * 10 + 1})",
                       f"ALTER TABLE shop.t ADD COLUMN c{round} INT", "FLUSH BINARY LOGS")
    task.run().expect(DONE)
    assert_equal(source, target)
    assert ":moves:" in source.execute("SELECT @@gtid_executed")[0][0]


def test_a_tagged_log_that_was_purged(source, target, godwit):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("SET gtid_next = 'AUTOMATIC:moves'", "INSERT INTO shop.t VALUES (1)", "FLUSH BINARY LOGS")
    while len(logs := source.execute("SHOW BINARY LOGS")) > 1:  # the run's reader may be there for a moment yet
        source.execute(f"PURGE BINARY LOGS TO '{logs[-1][0]}'")
    assert ":moves:1" in task.run().expect(FOUND).text


def test_statements_beside_their_rows(mysql, target, godwit):
    source = mysql("plain", log_bin="binlog", binlog_rows_query_log_events="ON")
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v TEXT)")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute(f"INSERT INTO shop.t VALUES (1, '{'ü' * 1000}'), (2, 'BEGIN'), (3, 'DROP TABLE shop.t')",
                   "UPDATE shop.t SET v = 'COMMIT' WHERE id = 2")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_tablespaces_are_left_out(follow):
    task = follow(
        ["CREATE TABLESPACE quick ADD DATAFILE 'quick.ibd'", "CREATE TABLE t (id INT PRIMARY KEY) TABLESPACE quick",
         "CREATE TABLE p (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 3", "INSERT INTO t VALUES (1)"],
        ["INSERT INTO t VALUES (2)", "ALTER TABLE p TABLESPACE innodb_file_per_table",
         "CREATE TABLE u (id INT PRIMARY KEY) TABLESPACE = quick", "INSERT INTO u VALUES (1)",
         "ALTER TABLE t TABLESPACE innodb_file_per_table", "INSERT INTO t VALUES (3)", "CREATE TABLE l LIKE u",
         "ALTER TABLE u TABLESPACE `quick`, ADD COLUMN v INT", "ALTER TABLE t TABLESPACE quick", "INSERT INTO t VALUES (4)",
         "DROP TABLE u, l", "ALTER TABLE t TABLESPACE innodb_file_per_table", "DROP TABLESPACE quick"])
    task.run().expect(DONE)


def test_a_table_stays_where_the_operator_has_put_it(source, target, godwit):
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLESPACE quick ADD DATAFILE 'quick.ibd'", "CREATE TABLE t (id INT PRIMARY KEY)",
                   "INSERT INTO t VALUES (1)")
    task = godwit(source, target)
    task.run().expect(DONE)
    target.execute("CREATE TABLESPACE own ADD DATAFILE 'own.ibd'", "ALTER TABLE shop.t TABLESPACE own")
    source.execute("USE shop", "ALTER TABLE t ADD COLUMN v INT, TABLESPACE quick COMMENT 'x', ADD KEY (v)", "INSERT INTO t VALUES (2, 2)",
                   "ALTER TABLE t TABLESPACE innodb_file_per_table", "CREATE TABLE _t_gho LIKE t", "ALTER TABLE _t_gho TABLESPACE quick, ADD w INT DEFAULT 5",
                   "INSERT INTO _t_gho (id, v) SELECT id, v FROM t", "RENAME TABLE t TO _t_del, _t_gho TO t", "INSERT INTO t VALUES (3, 3, 3)", "DROP TABLE _t_del")
    assert "shop.t: TABLESPACE quick is left out: the target's own settings say where it stores rows" in task.run().expect(DONE).text
    assert_equal(source, target)
    assert "TABLESPACE `own`" in target.execute("SHOW CREATE TABLE shop.t")[0][1]


def test_directories_are_left_out(mysql, target, godwit, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir(mode=0o777)
    source = mysql("source", **SOURCE_OPTIONS, innodb_directories=disk)
    place = f"DATA DIRECTORY '{disk}'"
    source.execute(
        "CREATE DATABASE shop", f"CREATE TABLE shop.t (id INT PRIMARY KEY) {place}", "INSERT INTO shop.t VALUES (1)",
        f"CREATE TABLE shop.p (id INT PRIMARY KEY) PARTITION BY LIST (id) (PARTITION a VALUES IN (1) {place})")
    task = godwit(source, target)
    assert "DATA DIRECTORY" in task.check().expect(DONE).text
    task.run().expect(DONE)
    source.execute(f"ALTER TABLE shop.p ADD PARTITION (PARTITION b VALUES IN (2) {place})", "INSERT INTO shop.p VALUES (2)",
                   f"CREATE TABLE shop.u (id INT PRIMARY KEY) {place}", "INSERT INTO shop.u VALUES (1)")
    task.run().expect(DONE)
    assert_equal(source, target)
    for table in "tpu":
        assert "DIRECTORY" not in target.execute(f"SHOW CREATE TABLE shop.{table}")[0][1]


def test_a_member_of_a_group(mysql, target, godwit):
    """Its transactions have the group's name as their origin. (Views are not in its log since MySQL 8.3.)"""
    group = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
    source = mysql("member", **SOURCE_OPTIONS, performance_schema="ON")
    port = source.port + 1
    source.execute("INSTALL PLUGIN group_replication SONAME 'group_replication.so'",
                   f"SET GLOBAL group_replication_group_name = '{group}'",
                   f"SET GLOBAL group_replication_local_address = '127.0.0.1:{port}'",
                   f"SET GLOBAL group_replication_group_seeds = '127.0.0.1:{port}'",
                   "SET GLOBAL group_replication_bootstrap_group = ON")
    source.execute("START GROUP_REPLICATION")
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)", "INSERT INTO shop.t VALUES (1)")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("INSERT INTO shop.t VALUES (2)", "STOP GROUP_REPLICATION", "SET GLOBAL super_read_only = OFF",
                   "START GROUP_REPLICATION", "INSERT INTO shop.t VALUES (3)")
    assert group in source.execute("SELECT @@gtid_executed")[0][0]
    task.run().expect(DONE)
    assert_equal(source, target)


def test_a_log_that_is_encrypted(server, target, godwit):
    source = server("source", kind=MySqlWithKeyring, **SOURCE_OPTIONS, binlog_encryption="ON")
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY) ENCRYPTION = 'N'",
                   "INSERT INTO shop.t VALUES (1)")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("INSERT INTO shop.t VALUES (2)", "ALTER INSTANCE ROTATE BINLOG MASTER KEY", "INSERT INTO shop.t VALUES (3)",
                   "FLUSH BINARY LOGS", "UPDATE shop.t SET id = 4 WHERE id = 3")
    assert {row[2] for row in source.execute("SHOW BINARY LOGS")} == {"Yes"}
    task.run().expect(DONE)
    assert_equal(source, target)
