"""Definitions that change on the source: PostgreSQL's log has no DDL, so that they are noticed when it describes a table
anew. New columns and partitions come to the target; all else waits for the operator."""

import pytest
from harness import postgres_shop as shop
from harness.godwit import DONE, FAILED, KILLED
from harness.postgres_compare import assert_equal
from harness.postgres_writer import PostgresWriter

TABLE = ["CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t SELECT i, i::text FROM generate_series(1, 500) i"]

ADDED = {
    "plain": ["ALTER TABLE t ADD c int", "INSERT INTO t VALUES (1001, 'new', 7)", "UPDATE t SET c = 8 WHERE id < 10"],
    "default": ["ALTER TABLE t ADD c int DEFAULT 42", "INSERT INTO t (id) VALUES (1001)", "UPDATE t SET c = 1 WHERE id = 1"],
    "default_dropped": ["ALTER TABLE t ADD c text DEFAULT 'it''s'", "ALTER TABLE t ALTER c DROP DEFAULT",
                        "INSERT INTO t VALUES (1001, 'v', 'c')"],
    "default_changed": ["ALTER TABLE t ADD c int DEFAULT 5", "ALTER TABLE t ALTER c SET DEFAULT 6",
                        "INSERT INTO t (id) VALUES (1001)"],
    "default_later": ["ALTER TABLE t ADD c timestamptz", "ALTER TABLE t ALTER c SET DEFAULT clock_timestamp()",
                      "INSERT INTO t (id) VALUES (1001)"],
    "of_the_moment": ["ALTER TABLE t ADD c timestamptz DEFAULT now()", "UPDATE t SET v = 'x' WHERE id < 5"],
    "many": ["ALTER TABLE t ADD a int[] DEFAULT '{1,2}', ADD b jsonb DEFAULT '{\"a\": \"b,c\"}', ADD c numeric(10,2) DEFAULT 1.5",
             "ALTER TABLE t ADD \"D e\" varchar(20) COLLATE \"C\" DEFAULT 'a, \"b\"\\'", "INSERT INTO t (id) VALUES (1001)"],
    "one_after_the_other": ["ALTER TABLE t ADD a int DEFAULT 1", "INSERT INTO t VALUES (1001, 'x', 2)",
                            "ALTER TABLE t ADD b int DEFAULT 3", "INSERT INTO t VALUES (1002, 'x', 2, 4)"],
    "of_a_table_that_was_emptied": ["TRUNCATE t", "INSERT INTO t VALUES (1, 'x')", "ALTER TABLE t ADD c int", "INSERT INTO t VALUES (2, 'y', 2)"],
    "of_a_table_that_was_written_anew": ["VACUUM FULL t", "ALTER TABLE t ADD c int", "UPDATE t SET c = 2 WHERE id < 7"],
    "of_a_table_that_is_emptied_later": ["ALTER TABLE t ADD c int DEFAULT 4", "INSERT INTO t (id) VALUES (1001)", "TRUNCATE t", "INSERT INTO t VALUES (1, 'x', 5)"],
    "and_nothing_written": ["ALTER TABLE t ADD c int DEFAULT 1", "UPDATE t SET v = v WHERE id = 1"],
    "in_a_transaction": ["BEGIN", "ALTER TABLE t ADD c int DEFAULT 9", "UPDATE t SET c = id", "INSERT INTO t (id) VALUES (1001)", "COMMIT"],
    "after_rows_of_the_same_transaction": [
        "BEGIN", "INSERT INTO t VALUES (1001, 'before')", "UPDATE t SET v = 'before' WHERE id < 10", "DELETE FROM t WHERE id = 20",
        "ALTER TABLE t ADD c int DEFAULT 9", "ALTER TABLE t ALTER c SET DEFAULT 10", "INSERT INTO t (id) VALUES (1002)",
        "UPDATE t SET c = 3 WHERE id < 5", "COMMIT"],
    "twice_among_the_rows_of_a_transaction": [
        "BEGIN", "INSERT INTO t VALUES (1001, 'before')", "ALTER TABLE t ADD c int DEFAULT 9", "INSERT INTO t (id) VALUES (1002)",
        "ALTER TABLE t ADD d text DEFAULT 'd'", "INSERT INTO t (id) VALUES (1003)", "COMMIT"],
}


@pytest.mark.parametrize("name", ADDED)
def test_columns_that_are_added(follow, name):
    follow(TABLE, ADDED[name])


@pytest.mark.parametrize("statements", [
    ["ALTER TABLE t ADD c int", "UPDATE t SET c = id", "ALTER TABLE t ALTER c SET NOT NULL"],
    ["ALTER TABLE t ADD c int NOT NULL DEFAULT 5", "INSERT INTO t (id) VALUES (1001)"],
    ["ALTER TABLE t ADD c int DEFAULT 5", "INSERT INTO t VALUES (1001, 'x', NULL)", "UPDATE t SET c = 1 WHERE c IS NULL",
     "ALTER TABLE t ALTER c SET NOT NULL"]])
def test_a_column_that_is_not_null_by_now(source, target, godwit, statements):
    source.execute("CREATE SCHEMA shop", *TABLE)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute(*statements)
    assert "NOT NULL" in task.run().expect(DONE).text
    assert_equal(source, target, definitions=False)


def test_columns_added_to_a_partitioned_table(follow):
    follow(["CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)",
            "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (100)", "CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (100) TO (200)",
            "INSERT INTO t SELECT i, i::text FROM generate_series(1, 199) i"],
           ["ALTER TABLE t ADD c int DEFAULT 4", "UPDATE t SET c = 5 WHERE id BETWEEN 95 AND 105", "DELETE FROM t WHERE id = 150", "UPDATE t SET id = 150 WHERE id = 50"])


def test_the_default_is_another_for_each_row(source, target, godwit):
    source.execute("CREATE SCHEMA shop", *TABLE)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("ALTER TABLE t ADD c uuid DEFAULT gen_random_uuid()", "INSERT INTO t (id) VALUES (1001)")
    said = task.run().expect(FAILED).text
    assert "column c has come" in said and "godwit ddl" in said and "ALTER TABLE" in said
    assert "waits for you" in task.run().expect(FAILED).text
    rows = source.execute("SELECT id, c FROM t")
    task.ddl("replace", "--sql", "ALTER TABLE shop.t ADD c uuid DEFAULT gen_random_uuid()").expect(DONE)
    task.run().expect(DONE)
    for key, value in rows[:500]:
        target.execute(f"UPDATE t SET c = '{value}' WHERE id = {key}")
    assert_equal(source, target)


def test_the_table_was_written_anew_since(source, target, godwit):
    """What the rows of before have is in the rows alone."""
    source.execute("CREATE SCHEMA shop", *TABLE)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("ALTER TABLE t ADD c int DEFAULT 5", "VACUUM FULL t", "ALTER TABLE t ALTER c DROP DEFAULT", "INSERT INTO t (id) VALUES (1001)")
    assert "was written anew since" in task.run().expect(FAILED).text


WAITS = {
    "dropped": (["ALTER TABLE t DROP v"], "column v has gone", "ALTER TABLE shop.t DROP v"),
    "retyped": (["ALTER TABLE t ALTER v TYPE varchar(10)"], "column v was text and is character varying(10)",
                "ALTER TABLE shop.t ALTER v TYPE varchar(10)"),
    "renamed": (["ALTER TABLE t RENAME v TO w"], "column v has gone, column w text is new", "ALTER TABLE shop.t RENAME v TO w"),
    "dropped_and_added": (["ALTER TABLE t DROP v, ADD w int"], "column v has gone, column w integer is new",
                          "ALTER TABLE shop.t DROP v, ADD w int"),
}


@pytest.mark.parametrize("name", WAITS)
def test_what_is_not_added_waits_for_the_operator(source, target, godwit, name):
    statements, words, instead = WAITS[name]
    source.execute("CREATE SCHEMA shop", *TABLE, "CREATE TABLE other (id int PRIMARY KEY)")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("INSERT INTO t VALUES (600, 'before')", "INSERT INTO other VALUES (1)", *statements, "INSERT INTO t (id) VALUES (601)",
                   "INSERT INTO other VALUES (2)")
    said = task.run().expect(FAILED).text
    assert words in said
    assert target.execute("SELECT id FROM t WHERE id >= 600") == [(600,)], "all before the change is there"
    assert words in task.ddl().expect(DONE).text
    task.ddl("replace", "--sql", instead).expect(DONE)
    task.run().expect(DONE)
    source.execute("INSERT INTO t (id) VALUES (602)", "DELETE FROM t WHERE id < 10", "INSERT INTO other VALUES (3)")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_a_dropped_column_may_stay_on_the_target(source, target, godwit):
    source.execute("CREATE SCHEMA shop", *TABLE)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("ALTER TABLE t DROP v", "INSERT INTO t VALUES (601)", "DELETE FROM t WHERE id = 1")
    task.run().expect(FAILED)
    task.ddl("skip").expect(DONE)
    task.run().expect(DONE)
    source.execute("INSERT INTO t VALUES (602)")
    task.run().expect(DONE)
    assert target.execute("SELECT id, v FROM t WHERE id IN (1, 2, 601, 602) ORDER BY id") == [(2, "2"), (601, None), (602, None)]


def test_rules_say_what_becomes_of_new_columns(source, target, godwit):
    source.execute("CREATE SCHEMA shop", *TABLE)
    task = godwit(source, target, ddl={"events": {"add_column": "ignore"}})
    task.run().expect(DONE)
    source.execute("ALTER TABLE t ADD c int DEFAULT 3", "INSERT INTO t VALUES (601, 'x', 4)")
    task.run().expect(DONE)
    assert target.execute("SELECT * FROM t WHERE id = 601") == [(601, "x")]
    task.configure(ddl={"policy": "stop", "events": {}})
    source.execute("ALTER TABLE t ADD d int", "INSERT INTO t (id) VALUES (602)")
    assert "ddl.policy: stop" in task.run().expect(FAILED).text


PARTED = ["CREATE TABLE sale (id int, at date, v text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
          "CREATE TABLE sale_2020 PARTITION OF sale FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
          "INSERT INTO sale SELECT i, '2020-05-05', 'v' FROM generate_series(1, 300) i"]
PARTITIONS = {
    "one": ["CREATE TABLE sale_2021 PARTITION OF sale FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')",
            "INSERT INTO sale VALUES (1, '2021-02-02', 'new')", "UPDATE sale SET at = '2021-03-03' WHERE id < 50 AND at < '2021-01-01'"],
    "several": ["CREATE TABLE sale_2021 PARTITION OF sale FOR VALUES FROM ('2021-01-01') TO ('2022-01-01') WITH (fillfactor = 70)",
                "CREATE TABLE sale_2022 PARTITION OF sale FOR VALUES FROM ('2022-01-01') TO ('2023-01-01')",
                "CREATE INDEX ON sale_2022 (v)", "INSERT INTO sale VALUES (1, '2022-02-02', 'new'), (2, '2021-02-02', 'new')"],
    "beside_a_default": ["CREATE TABLE sale_d PARTITION OF sale DEFAULT", "INSERT INTO sale VALUES (1, '2021-02-02', 'd'), (2, '2022-02-02', 'd')",
                         "TRUNCATE sale_d", "CREATE TABLE sale_2022 PARTITION OF sale FOR VALUES FROM ('2022-01-01') TO ('2023-01-01')",
                         "INSERT INTO sale VALUES (3, '2022-02-02', 'new')"],
    "of_partitions": ["CREATE TABLE sale_2021 PARTITION OF sale FOR VALUES FROM ('2021-01-01') TO ('2022-01-01') PARTITION BY LIST (id)",
                      "CREATE TABLE sale_2021_a PARTITION OF sale_2021 FOR VALUES IN (1)", "INSERT INTO sale VALUES (1, '2021-02-02', 'a')",
                      "CREATE TABLE sale_2021_rest PARTITION OF sale_2021 DEFAULT", "INSERT INTO sale VALUES (2, '2021-02-02', 'b')"],
    "in_a_transaction": ["BEGIN", "UPDATE sale SET v = 'w' WHERE id = 1",
                         "CREATE TABLE sale_2021 PARTITION OF sale FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')",
                         "INSERT INTO sale VALUES (1, '2021-02-02', 'new')", "COMMIT"],
    "and_a_column": ["ALTER TABLE sale ADD c int DEFAULT 2", "CREATE TABLE sale_2021 PARTITION OF sale FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')",
                     "INSERT INTO sale VALUES (1, '2021-02-02', 'new', 3)"],
    "of_before_that_is_renamed": ["ALTER TABLE sale_2020 RENAME TO sale_old", "INSERT INTO sale VALUES (1000, '2020-02-02', 'new')",
                                  "ALTER TABLE sale_old RENAME TO sale_2020", "INSERT INTO sale VALUES (1001, '2020-02-02', 'new')"],
    "renamed_since": ["CREATE TABLE sale_new PARTITION OF sale FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')",
                      "INSERT INTO sale VALUES (1, '2021-02-02', 'new')", "ALTER TABLE sale_new RENAME TO sale_2021",
                      "INSERT INTO sale VALUES (2, '2021-02-02', 'new')"],
    "gone_since": ["CREATE TABLE sale_new PARTITION OF sale FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')",
                   "INSERT INTO sale VALUES (1, '2021-02-02', 'new')", "DROP TABLE sale_new", "UPDATE sale SET v = 'x' WHERE id = 7"],
}


@pytest.mark.parametrize("name", PARTITIONS)
def test_partitions_that_are_added(follow, name):
    follow(PARTED, PARTITIONS[name])


def test_a_table_that_becomes_a_partition(source, target, godwit):
    source.execute("CREATE SCHEMA shop", *PARTED, "CREATE TABLE apart (LIKE sale INCLUDING ALL)",
                   "INSERT INTO apart VALUES (1, '2021-01-01', 'x')")
    task = godwit(source, target, tables={"include": ["shop.sale"]})
    task.run().expect(DONE)
    source.execute("ALTER TABLE sale ATTACH PARTITION apart FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')",
                   "INSERT INTO sale VALUES (2, '2021-01-01', 'y')")
    assert "was a table of its own" in task.run().expect(FAILED).text
    target.execute("CREATE TABLE apart (LIKE sale INCLUDING ALL)", "INSERT INTO apart VALUES (1, '2021-01-01', 'x')")
    task.ddl("replace", "--sql",
                 "ALTER TABLE shop.sale ATTACH PARTITION shop.apart FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')").expect(DONE)
    task.run().expect(DONE)
    assert_equal(source, target)


# name: (tables, changes, words of the error)
STOPS = {
    "renamed": (TABLE, ["ALTER TABLE t RENAME TO t2", "INSERT INTO t2 VALUES (1001, 'x')"], "table shop.t is called shop.t2 by now"),
    "moved": ([*TABLE, "CREATE SCHEMA elsewhere"], ["ALTER TABLE t SET SCHEMA elsewhere"], "table shop.t is called elsewhere.t by now"),
    "swapped": ([*TABLE, "CREATE TABLE tn (LIKE t INCLUDING ALL)"],
                ["BEGIN", "ALTER TABLE t RENAME TO t_old", "ALTER TABLE tn RENAME TO t", "COMMIT", "INSERT INTO t VALUES (1, 'x')"],
                "by now"),
    "made_anew": (TABLE, ["DROP TABLE t", "CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (1, 'x')"],
                  "table shop.t is another one by now"),
    "column_made_anew": (TABLE, ["ALTER TABLE t DROP v", "ALTER TABLE t ADD v text", "INSERT INTO t (id) VALUES (1001)"],
                         "column v of table shop.t is another one by now"),
    "columns_swapped": (["CREATE TABLE t (id int PRIMARY KEY, a text, b text)", "INSERT INTO t VALUES (1, 'a', 'b')"],
                        ["BEGIN", "ALTER TABLE t RENAME a TO x", "ALTER TABLE t RENAME b TO a", "ALTER TABLE t RENAME x TO b", "COMMIT",
                         "INSERT INTO t VALUES (2, 'a', 'b')"], "is another one by now"),
    "column_made_anew_behind_a_change": (
        [*TABLE, "CREATE TABLE a (id int PRIMARY KEY)"],
        ["BEGIN", "ALTER TABLE a ADD c int", "INSERT INTO a VALUES (1, 1)", "ALTER TABLE t DROP v", "INSERT INTO t VALUES (1001)", "COMMIT",
         "ALTER TABLE t ADD v text", "INSERT INTO t (id) VALUES (1002)"], "column v has gone"),
    "a_table_of_the_task_is_attached": (
        [*PARTED, "CREATE TABLE apart (LIKE sale INCLUDING ALL)", "INSERT INTO apart VALUES (1, '2021-01-01', 'x')"],
        ["ALTER TABLE sale ATTACH PARTITION apart FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')", "INSERT INTO sale VALUES (2, '2021-01-01', 'y')"],
        "shop.apart was a table of its own, and is a partition of shop.sale by now"),
    "a_partition_is_moved": (
        [*PARTED, "CREATE TABLE arch (LIKE sale INCLUDING ALL) PARTITION BY RANGE (at)"],
        ["ALTER TABLE sale DETACH PARTITION sale_2020", "ALTER TABLE arch ATTACH PARTITION sale_2020 FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
         "INSERT INTO arch VALUES (1001, '2020-06-06', 'z')"], "was a partition of shop.sale, and is a partition of shop.arch by now"),
    "attached_in_the_transaction_that_made_it": (
        PARTED, ["BEGIN", "CREATE TABLE p (LIKE sale INCLUDING ALL)", "INSERT INTO p VALUES (1, '2021-01-01', 'x')",
                 "ALTER TABLE sale ATTACH PARTITION p FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')", "COMMIT",
                 "INSERT INTO sale VALUES (2, '2021-01-01', 'y')"], "was a table of its own"),
    "a_name_is_taken_over": (
        PARTED, ["ALTER TABLE sale_2020 RENAME TO sale_old",
                 "CREATE TABLE sale_2020 PARTITION OF sale FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')",
                 "INSERT INTO sale VALUES (1, '2021-02-02', 'new')"], "already exists"),
    "a_wider_key": (TABLE, ["ALTER TABLE t DROP CONSTRAINT t_pkey", "ALTER TABLE t ADD PRIMARY KEY (id, v)",
                            "INSERT INTO t VALUES (1001, 'x'), (1001, 'y')"], "no longer the key by which the target finds its rows"),
    "no_key": ([*TABLE, "ALTER TABLE t REPLICA IDENTITY FULL"],
               ["ALTER TABLE t DROP CONSTRAINT t_pkey", "INSERT INTO t VALUES (1001, 'x'), (1001, 'x')"], "no longer the key by which"),
    "a_column_that_numbers_rows": (["CREATE TABLE t (id int PRIMARY KEY)"],
                                   ["ALTER TABLE t ADD n int GENERATED ALWAYS AS IDENTITY", "INSERT INTO t VALUES (1)"], "which numbers its rows"),
}


@pytest.mark.parametrize("name", STOPS)
def test_what_the_log_does_not_tell_stops_the_task(source, target, godwit, name):
    setup, statements, words = STOPS[name]
    source.execute("CREATE SCHEMA shop", *setup)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute(*statements)
    for _ in range(2):
        assert words in task.run().expect(FAILED).text


def test_a_name_is_given_back(source, target, godwit):
    source.execute("CREATE SCHEMA shop", *TABLE)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("ALTER TABLE t RENAME TO t2", "INSERT INTO t2 VALUES (1001, 'x')")
    task.run().expect(FAILED)
    source.execute("ALTER TABLE t2 RENAME TO t", "INSERT INTO t VALUES (1002, 'x')")
    task.run().expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("verb", [["skip"], ["replace", "--sql", "DROP TABLE shop.t"]])
def test_a_table_that_is_dropped(source, target, godwit, verb):
    source.execute("CREATE SCHEMA shop", *TABLE, "CREATE TABLE other (id int PRIMARY KEY)")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("INSERT INTO t VALUES (1001, 'last')", "DROP TABLE t", "INSERT INTO other VALUES (1)")
    assert "table shop.t has gone from the source" in task.run().expect(FAILED).text
    task.ddl(*verb).expect(DONE)
    source.execute("INSERT INTO other VALUES (2)")
    task.run().expect(DONE)
    assert target.has_table("t") == (verb == ["skip"])
    assert target.value("SELECT count(*) FROM other") == 2


def test_a_table_is_dropped_while_the_task_runs(source, target, godwit):
    source.execute("CREATE SCHEMA shop", *TABLE)
    task = godwit(source, target)
    task.run().expect(DONE)
    run = task.start()
    source.execute("INSERT INTO t VALUES (1001, 'x')")
    run.wait_until(lambda: target.value("SELECT count(*) FROM t") == 501)
    source.execute("DROP TABLE t")
    assert "has gone from the source" in run.wait(60).expect(FAILED).text


def test_a_decision_holds_though_the_catalogue_has_moved_on(source, target, godwit):
    source.execute("CREATE SCHEMA shop", *TABLE)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("ALTER TABLE t ADD c uuid DEFAULT gen_random_uuid()", "INSERT INTO t (id) VALUES (1001)")
    task.run().expect(FAILED)
    task.ddl("replace", "--sql", "ALTER TABLE shop.t ADD c uuid").expect(DONE)
    source.execute("ALTER TABLE t ALTER c DROP DEFAULT")
    task.run().expect(DONE)


def test_a_new_column_while_the_target_catches_up(source, target, godwit):
    """Its foreign keys do not hold yet."""
    source.execute("CREATE SCHEMA shop", "CREATE TABLE parent (id int PRIMARY KEY)", "INSERT INTO parent SELECT generate_series(1, 100)",
                   "CREATE TABLE child (id int PRIMARY KEY, p int REFERENCES parent)", "INSERT INTO child SELECT i, i FROM generate_series(1, 100) i")
    task = godwit(source, target, copy={"threads": 1})
    assert task.run(failpoints="copy.after_chunk_commit:1").code == KILLED
    source.execute("ALTER TABLE child ADD c int DEFAULT 1", "ALTER TABLE parent ADD c int DEFAULT 1", "INSERT INTO parent VALUES (101)",
                   "INSERT INTO child VALUES (101, 101)", "DELETE FROM child WHERE p = 5", "DELETE FROM parent WHERE id = 5")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_a_table_without_a_key_gets_a_column_among_its_rows(follow):
    follow(["CREATE TABLE t (id int, v text)", "ALTER TABLE t REPLICA IDENTITY FULL", "INSERT INTO t SELECT i, 'v' FROM generate_series(1, 20) i"],
           ["BEGIN", "INSERT INTO t VALUES (21, 'x')", "DELETE FROM t WHERE id = 3", "UPDATE t SET v = 'w' WHERE id < 6",
            "ALTER TABLE t ADD c int DEFAULT 9", "UPDATE t SET c = 8 WHERE id = 7", "INSERT INTO t (id) VALUES (22)", "COMMIT"])


def test_definitions_that_change_while_rows_are_copied(source, target, godwit):
    """The tables are copied again, or their rows of before are left out."""
    source.execute("CREATE SCHEMA shop", *PARTED, "CREATE TABLE t (id int PRIMARY KEY, v text)",
                   "INSERT INTO t SELECT i, repeat(md5(i::text), 30) FROM generate_series(1, 20000) i")
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 1})
    assert task.run(failpoints="copy.after_chunk_commit:5").code == KILLED
    source.execute("UPDATE t SET v = 'early' WHERE id % 100 = 0", "ALTER TABLE t ADD c int DEFAULT 3", "UPDATE t SET c = 4 WHERE id % 50 = 0",
                   "CREATE TABLE sale_2021 PARTITION OF sale FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')",
                   "INSERT INTO sale VALUES (1, '2021-02-02', 'new')", "ALTER TABLE t DROP v", "INSERT INTO t VALUES (20001, 5)")
    task.run().expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("failpoint", ["ddl.before_execute", "ddl.after_execute", "ddl.after_finish", "apply.before_commit"])
@pytest.mark.parametrize("name", ["in_a_transaction", "twice_among_the_rows_of_a_transaction", "one_after_the_other"])
def test_killed_around_a_new_column(source, target, godwit, failpoint, name):
    source.execute("CREATE SCHEMA shop", *TABLE, "CREATE TABLE other (id serial PRIMARY KEY, v int)")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute(*ADDED[name])
    kills = 0
    for passage in (1, 2, 1):
        source.execute("INSERT INTO other (v) VALUES (1)")
        kills += task.run(failpoints=f"{failpoint}:{passage}").code == KILLED
    assert kills
    task.run().expect(DONE)
    assert_equal(source, target)


def test_columns_are_added_under_writers(source, target, godwit):
    shop.load(source, 0.1)
    task = godwit(source, target)
    task.run().expect(DONE)
    with PostgresWriter(source) as writer:
        for number in range(5):
            writer.wait_for(20)
            source.execute(f"ALTER TABLE customer ADD extra_{number} int DEFAULT {number}",
                           f"UPDATE customer SET extra_{number} = id WHERE id % 7 = 0")
            task.run().expect(DONE)
    task.run().expect(DONE)
    assert_equal(source, target)
