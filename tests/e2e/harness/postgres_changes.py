"""Changes of PostgreSQL's log whose order, size or form makes them hard."""

PLAIN = ["CREATE TABLE t (id int PRIMARY KEY, u int UNIQUE, v text)",
         "INSERT INTO t VALUES (1, 10, 'a'), (2, 20, 'b'), (3, 30, 'c'), (4, NULL, 'd')"]
LATER = ["CREATE TABLE t (id int PRIMARY KEY, u int, v text, UNIQUE (u) DEFERRABLE INITIALLY DEFERRED)",
         "CREATE TABLE k (id int PRIMARY KEY DEFERRABLE, v text)", "ALTER TABLE k REPLICA IDENTITY FULL",
         "INSERT INTO t VALUES (1, 10, 'a'), (2, 20, 'b'), (3, 30, 'c'), (4, NULL, 'd')",
         "INSERT INTO k VALUES (1, 'a'), (2, 'b'), (3, 'c')"]
PARENTS = ["CREATE TABLE parent (id int PRIMARY KEY, code text UNIQUE, v int)",
           "INSERT INTO parent VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3), (4, 'd', 4)"]


def long(seed):
    """20 kB that are stored apart."""
    return f"(SELECT string_agg(md5({seed!r} || i), '') FROM generate_series(1, 625) i)"


TOAST = ["CREATE TABLE t (id int PRIMARY KEY, n int, a text, b text, u int UNIQUE)",
         "ALTER TABLE t ALTER b SET STORAGE EXTERNAL",
         f"INSERT INTO t SELECT i, 0, {long('a')}, repeat(i::text, 20000), i FROM generate_series(1, 6) i"]
TOAST_CHANGES = [
    "UPDATE t SET n = 1", "UPDATE t SET id = id + 100 WHERE id = 1", f"UPDATE t SET a = {long('new')} WHERE id = 2",
    "BEGIN", f"UPDATE t SET a = {long('first')} WHERE id = 3", "UPDATE t SET n = 2 WHERE id = 3", "UPDATE t SET b = 'short' WHERE id = 3",
    "UPDATE t SET n = 3 WHERE id = 3", "COMMIT",
    "BEGIN", f"INSERT INTO t VALUES (7, 0, {long('seven')}, repeat('x', 20000), 7)", "UPDATE t SET n = 7 WHERE id = 7", "COMMIT",
    "BEGIN", "DELETE FROM t WHERE id = 4", f"INSERT INTO t VALUES (4, 0, 'short', {long('four')}, 44)", "UPDATE t SET n = 4 WHERE id = 4", "COMMIT",
    "BEGIN", "UPDATE t SET n = 5 WHERE id = 5", "UPDATE t SET id = 50 WHERE id = 5", "UPDATE t SET n = 6 WHERE id = 50", "COMMIT",
    "BEGIN", "UPDATE t SET u = NULL WHERE id = 2", "UPDATE t SET u = 2 WHERE id = 6", "UPDATE t SET u = 6 WHERE id = 2", "COMMIT",
    "BEGIN", "UPDATE t SET id = -2 WHERE id = 2", "UPDATE t SET id = 2 WHERE id = 6", "UPDATE t SET id = 6 WHERE id = -2", "COMMIT",
    "BEGIN", "UPDATE t SET n = 9 WHERE id = 7", "DELETE FROM t WHERE id = 7", "COMMIT", "UPDATE t SET a = NULL WHERE id = 3",
    "UPDATE t SET n = n + 1",
]
FULL = "ALTER TABLE t REPLICA IDENTITY FULL"
KEYLESS_TOAST = [*(statement.replace(" PRIMARY KEY", "").replace(" UNIQUE", "") for statement in TOAST), FULL,
                 "INSERT INTO t SELECT * FROM t"]

# name: (set-up, changes)
CASES = {
    "primary_keys_move_up": (PLAIN, ["BEGIN", "UPDATE t SET id = id + 100", "UPDATE t SET id = id - 99", "COMMIT"]),
    "primary_keys_swap": (PLAIN, ["BEGIN", "UPDATE t SET id = -1 WHERE id = 1", "UPDATE t SET id = 1 WHERE id = 2",
                                  "UPDATE t SET id = 2 WHERE id = -1", "COMMIT"]),
    "unique_values_swap": (PLAIN, ["BEGIN", "UPDATE t SET u = NULL WHERE id = 1", "UPDATE t SET u = 10 WHERE id = 2",
                                   "UPDATE t SET u = 20 WHERE id = 1", "COMMIT"]),
    "unique_values_rotate": (PLAIN, ["BEGIN", "UPDATE t SET u = -u", "UPDATE t SET u = 30 WHERE id = 1",
                                     "UPDATE t SET u = 10 WHERE id = 2", "UPDATE t SET u = 20 WHERE id = 3", "COMMIT"]),
    "deferred_values_swap": (LATER, ["UPDATE t SET u = 30 - u WHERE id < 3", "UPDATE k SET id = 4 - id", "UPDATE k SET id = id + 1",
                                     "BEGIN", "UPDATE t SET u = 30", "UPDATE t SET u = id * 7", "COMMIT"]),
    "unique_value_taken_over": (PLAIN, ["DELETE FROM t WHERE id = 1", "INSERT INTO t VALUES (9, 10, 'new')",
                                        "UPDATE t SET u = NULL WHERE id = 9", "UPDATE t SET u = 10 WHERE id = 4"]),
    "unique_by_expression": ([*PLAIN, "CREATE UNIQUE INDEX ON t (lower(v)) WHERE v > 'A'"],
                             ["BEGIN", "UPDATE t SET v = 'x' WHERE id = 1", "UPDATE t SET v = 'a' WHERE id = 2",
                              "UPDATE t SET v = 'B' WHERE id = 1", "COMMIT"]),
    "comes_and_goes": (PLAIN, ["BEGIN", "INSERT INTO t VALUES (5, 50, 'x')", "DELETE FROM t WHERE id = 5",
                               "DELETE FROM t WHERE id = 1", "INSERT INTO t VALUES (1, 10, 'again')",
                               "UPDATE t SET id = 7 WHERE id = 2", "UPDATE t SET id = 2 WHERE id = 7", "COMMIT",
                               "UPDATE t SET v = 'z' WHERE id = 3", "UPDATE t SET v = 'c' WHERE id = 3"]),
    "upsert_and_merge": (PLAIN, [
        "INSERT INTO t VALUES (1, 11, 'x'), (9, 9, 'y') ON CONFLICT (id) DO UPDATE SET v = excluded.v || t.v",
        "INSERT INTO t VALUES (1, 20, 'no') ON CONFLICT DO NOTHING",
        "MERGE INTO t USING (VALUES (2), (3), (8)) s (id) ON t.id = s.id WHEN MATCHED AND s.id = 2 THEN DELETE "
        "WHEN MATCHED THEN UPDATE SET v = 'merged' WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.id, 'merged')"]),
    "no_key": (
        ["CREATE TABLE t (a int, b text, c double precision, d json)", FULL,
         "INSERT INTO t VALUES (1, 'x', 0.1, '{}'), (1, 'x', 0.1, '{}'), (1, 'x', 0.1, '{ }'), (NULL, NULL, NULL, NULL), "
         "(NULL, NULL, NULL, NULL), (2, '', 'NaN', 'null'), (2, NULL, '-0', 'null'), (2, NULL, '0', 'null')"],
        ["DELETE FROM t WHERE b IS NULL AND a = 2 AND c::text = '-0'",
         "DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t WHERE a = 1)", "INSERT INTO t VALUES (1, 'x ', 0.1, '{}')",
         "UPDATE t SET b = 'X' WHERE ctid = (SELECT min(ctid) FROM t WHERE a = 1)",
         "DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t WHERE a IS NULL)", "UPDATE t SET c = c + 0.2",
         "UPDATE t SET a = 7", "DELETE FROM t WHERE c = 'NaN'",
         "UPDATE t SET d = '{  }' WHERE d::text = '{ }'"]),
    "unique_key_over_null": (
        ["CREATE TABLE t (a int, b int, UNIQUE (a, b))", FULL, "INSERT INTO t VALUES (1, NULL), (1, NULL), (1, 1), (NULL, 1)"],
        ["DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t WHERE b IS NULL)", "UPDATE t SET b = 2 WHERE a = 1 AND b = 1",
         "INSERT INTO t VALUES (1, NULL)"]),
    "identity_by_an_index": (
        ["CREATE TABLE t (c text, a int NOT NULL, b int NOT NULL, id int PRIMARY KEY)", "CREATE UNIQUE INDEX i ON t (b, a)",
         "ALTER TABLE t REPLICA IDENTITY USING INDEX i", "INSERT INTO t VALUES ('x', 1, 1, 1), ('y', 1, 2, 2), ('z', 3, 3, 3)"],
        ["UPDATE t SET a = 2 WHERE b = 2", "UPDATE t SET c = '5' WHERE b = 1", "UPDATE t SET id = 9 WHERE b = 1",
         "UPDATE t SET id = 1 WHERE b = 2", "DELETE FROM t WHERE b = 1", "INSERT INTO t VALUES ('x', 1, 1, 2)",
         "BEGIN", "UPDATE t SET id = -1 WHERE id = 1", "UPDATE t SET id = 1 WHERE id = 2", "UPDATE t SET id = 2 WHERE id = -1", "COMMIT"]),
    "whole_identity_with_a_key": (
        [*PLAIN, FULL], ["UPDATE t SET v = 'x'", "UPDATE t SET id = id + 10", "DELETE FROM t WHERE id = 11",
                         "BEGIN", "UPDATE t SET u = NULL WHERE id = 12", "UPDATE t SET u = 20 WHERE id = 13", "COMMIT"]),
    "identity_changes": (PLAIN, ["UPDATE t SET v = 'x'", FULL, "UPDATE t SET v = 'y'", "ALTER TABLE t REPLICA IDENTITY DEFAULT",
                                 "UPDATE t SET id = id + 10"]),
    "cascades": (
        [*PARENTS, "CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE, "
         "code text REFERENCES parent (code) ON DELETE SET NULL ON UPDATE SET NULL)",
         "INSERT INTO child VALUES (10, 1, 'b'), (11, 1, 'a'), (20, 2, 'c'), (30, 3, NULL)"],
        ["DELETE FROM parent WHERE id = 1", "INSERT INTO parent VALUES (1, 'a', 9)", "INSERT INTO child VALUES (12, 1, 'a')",
         "UPDATE parent SET id = 100 WHERE id = 2", "UPDATE parent SET code = 'z' WHERE id = 3",
         "BEGIN", "UPDATE child SET parent = 4 WHERE parent = 3", "DELETE FROM parent WHERE id = 3", "COMMIT"]),
    "triggers_on_the_source": (
        [*PLAIN, "CREATE TABLE audit (n serial PRIMARY KEY, id int)",
         "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO shop.audit (id) VALUES (NEW.id); RETURN NEW; END $$",
         "CREATE TRIGGER tr AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION note()"],
        ["UPDATE t SET v = 'x'", "UPDATE t SET v = 'y' WHERE id = 1"]),
    "rollback_and_savepoints": (
        PLAIN, ["BEGIN", "INSERT INTO t VALUES (8, 80, 'no')", "ROLLBACK", "BEGIN", "INSERT INTO t VALUES (8, 80, 'yes')",
                "SAVEPOINT s", "DELETE FROM t", "SAVEPOINT r", "INSERT INTO t VALUES (9, 90, 'no')", "RELEASE SAVEPOINT r",
                "ROLLBACK TO SAVEPOINT s", "UPDATE t SET v = 'kept' WHERE id = 2", "COMMIT"]),
    "prepared": (PLAIN, ["BEGIN", "INSERT INTO t VALUES (8, 80, 'yes')", "PREPARE TRANSACTION 'one'",
                         "BEGIN", "INSERT INTO t VALUES (9, 90, 'no')", "PREPARE TRANSACTION 'two'",
                         "UPDATE t SET v = 'between' WHERE id = 1", "COMMIT PREPARED 'one'", "ROLLBACK PREPARED 'two'"]),
    "truncate": (PLAIN, ["INSERT INTO t VALUES (7, 70, 'x')", "TRUNCATE t", "INSERT INTO t VALUES (7, 71, 'y')"]),
    "truncate_in_a_transaction": (
        PLAIN, ["BEGIN", "INSERT INTO t VALUES (7, 70, 'x')", "UPDATE t SET v = 'gone'", "TRUNCATE t", "INSERT INTO t VALUES (1, 10, 'y')",
                "SAVEPOINT s", "TRUNCATE t", "ROLLBACK TO SAVEPOINT s", "INSERT INTO t VALUES (2, 20, 'z')", "COMMIT",
                "BEGIN", "TRUNCATE t", "ROLLBACK"]),
    "truncate_of_several": (
        [*PARENTS, "CREATE TABLE child (id serial PRIMARY KEY, parent int REFERENCES parent)", "CREATE TABLE aside (id int PRIMARY KEY)",
         "INSERT INTO child (parent) VALUES (1), (2)", "INSERT INTO aside VALUES (1)"],
        ["TRUNCATE parent CASCADE", "INSERT INTO parent VALUES (1, 'n', 1)", "INSERT INTO child (parent) VALUES (1)",
         "TRUNCATE parent, child, aside RESTART IDENTITY", "INSERT INTO aside VALUES (2)"]),
    "toast": (TOAST, TOAST_CHANGES),
    "toast_with_the_whole_identity": ([*TOAST, FULL], TOAST_CHANGES),
    "toast_without_a_key": (KEYLESS_TOAST, [*TOAST_CHANGES, "DELETE FROM t WHERE ctid IN (SELECT min(ctid) FROM t GROUP BY id)"]),
    "toast_known_by_an_index": (
        [*TOAST, "ALTER TABLE t ALTER u SET NOT NULL", "ALTER TABLE t REPLICA IDENTITY USING INDEX t_u_key"],
        [statement.replace("u = NULL", "u = -1") for statement in TOAST_CHANGES]),
    "toast_in_the_key": (
        ["CREATE TABLE t (id text PRIMARY KEY, n int, v text)", "ALTER TABLE t ALTER id SET STORAGE EXTERNAL",
         "INSERT INTO t SELECT repeat(i::text, 2500), 0, repeat('x', 20000) FROM generate_series(1, 5) i"],
        ["UPDATE t SET n = 1", "UPDATE t SET id = repeat('7', 2400) WHERE id LIKE '1%'", "DELETE FROM t WHERE id LIKE '2%'",
         "UPDATE t SET n = 2, v = 'y' WHERE id LIKE '3%'"]),
    "many_rows_in_one_statement": (
        ["CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t SELECT i, repeat('a', 150) FROM generate_series(1, 50000) i"],
        ["UPDATE t SET v = v || id", "DELETE FROM t WHERE id % 3 = 0", "UPDATE t SET id = id + 1000000 WHERE id % 2 = 0"]),
    "many_subtransactions": (
        [*PLAIN, "CREATE TABLE s (id int PRIMARY KEY)"],
        ["DO $$ BEGIN FOR i IN 1..3000 LOOP BEGIN INSERT INTO shop.s VALUES (i); IF i % 3 = 0 THEN RAISE 'no'; END IF; "
         "EXCEPTION WHEN raise_exception THEN NULL; END; END LOOP; END $$"]),
    "no_columns_but_the_key": (["CREATE TABLE t (a int, b text, PRIMARY KEY (b, a))", "INSERT INTO t VALUES (1, 'x'), (2, 'y')"],
                               ["UPDATE t SET a = a", "UPDATE t SET a = a + 1", "DELETE FROM t WHERE b = 'x'", "INSERT INTO t VALUES (2, 'x')"]),
}
