"""Routines, triggers, extended statistics and rights: each is made when it can be, and a trigger never does a second time what the
source's has done."""

import re

import psycopg2
import pytest
from harness.godwit import BAD_USAGE, DONE, FOUND, INTERRUPTED, KILLED
from harness.postgres_compare import assert_equal
from harness.postgres_writer import PostgresWriter

NO_PATH = {"options": "-csearch_path="}  # so that the server qualifies all names
OF_USERS = "n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'godwit')"
ROUTINES = f"""
    SELECT n.nspname, p.oid::regprocedure::text, CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END,
           pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), p.proparallel, obj_description(p.oid, 'pg_proc'),
           to_jsonb(a) - 'aggsortop' - 'aggtranstype' - 'aggmtranstype', a.aggsortop::regoperator::text,
           format_type(a.aggtranstype, NULL), format_type(a.aggmtranstype, NULL)
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace LEFT JOIN pg_aggregate a ON a.aggfnoid = p.oid
    WHERE {OF_USERS} AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype IN ('e', 'i')) ORDER BY 1, 2"""
TRIGGERS = """
    SELECT t.tgrelid::regclass::text, t.tgname, t.tgenabled, coalesce(to_jsonb(t) ->> 'tgparentid', '0') <> '0', pg_get_triggerdef(t.oid),
           obj_description(t.oid, 'pg_trigger')
    FROM pg_trigger t WHERE NOT t.tgisinternal ORDER BY 1, 2"""
STATISTICS = """
    SELECT pg_get_statisticsobjdef(oid), coalesce(stxstattarget, -1), obj_description(oid, 'pg_statistic_ext') FROM pg_statistic_ext ORDER BY 1"""


def described(server, query):
    return server.execute(query, **NO_PATH)


def names(server, query):
    return [row[1] for row in described(server, query)]


def assert_same_objects(source, target, *queries):
    for query in queries or (ROUTINES, TRIGGERS, STATISTICS):
        assert described(source, query) == described(target, query)


def says(result, *words):
    for word in words:
        assert word.lower() in result.text.lower(), f"says nothing of {word!r}:\n{result.text}"


# Of everything that calls for a routine, with routines that nothing calls for beside.
MADE_OF_ROUTINES = [
    "CREATE SCHEMA helpers",
    "CREATE FUNCTION helpers.twice(i int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2 * i'",
    "CREATE FUNCTION helpers.twice(t text) RETURNS text LANGUAGE sql IMMUTABLE RETURN t || t",
    "CREATE FUNCTION next_code() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN 'c' || helpers.twice(1); END $$",
    "CREATE FUNCTION \"Odd (name\"(\"a b\" text DEFAULT 'x''y') RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT \"a b\" <> '''''",
    "COMMENT ON FUNCTION \"Odd (name\" IS 'it''s odd'",
    "CREATE DOMAIN filled AS text CHECK (\"Odd (name\"(VALUE))",
    "CREATE TYPE mood AS ENUM ('good', 'bad')",
    "CREATE FUNCTION brighter(mood) RETURNS mood LANGUAGE sql IMMUTABLE AS 'SELECT ''good''::shop.mood'",
    "CREATE FUNCTION add_one(bigint, int) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1'",
    "CREATE AGGREGATE how_many(int) (SFUNC = add_one, STYPE = bigint, INITCOND = '0')",
    "CREATE FUNCTION unused() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    """CREATE TABLE t (id int PRIMARY KEY, code text DEFAULT next_code(), v int CHECK (helpers.twice(v) < 100000),
                       w int GENERATED ALWAYS AS (helpers.twice(v)) STORED, f filled, m mood DEFAULT brighter('bad'))""",
    "CREATE INDEX ON t (helpers.twice(code))",
    "CREATE TABLE p (id int, v int, PRIMARY KEY (id)) PARTITION BY RANGE (id)",
    "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (1000)",
    "CREATE INDEX ON p1 (helpers.twice(v))",
    "CREATE VIEW per_code AS SELECT code, how_many(v) AS n FROM t GROUP BY code",
    # Made of a table, and so made after it; the view needs it.
    "CREATE FUNCTION of_row(t) RETURNS int LANGUAGE sql STABLE AS 'SELECT $1.v'",
    "CREATE FUNCTION reads() RETURNS bigint LANGUAGE sql STABLE BEGIN ATOMIC SELECT count(*) FROM t; END",
    "CREATE VIEW through AS SELECT id, of_row(t) AS v, reads() AS n FROM t",
    "INSERT INTO t (id, code, v, f) SELECT i, 'c' || i, i, 'x' || i FROM generate_series(1, 2000) i",
    "INSERT INTO p SELECT i, i FROM generate_series(1, 900) i",
]
NEEDED = ["helpers.twice(integer)", "helpers.twice(text)", "shop.\"Odd (name\"(text)", "shop.add_one(bigint,integer)",
          "shop.brighter(shop.mood)", "shop.how_many(integer)", "shop.next_code()", "shop.of_row(shop.t)", "shop.reads()"]


def test_what_tables_and_views_call_comes_unasked(source, target, godwit):
    source.execute("CREATE SCHEMA shop", *MADE_OF_ROUTINES)
    task = godwit(source, target)
    says(task.check().expect(DONE), "other objects", "shop.unused()", "objects: [routines]")
    plan = task.plan("--json").expect(DONE).json()["ddl"]
    before, after = "\n".join(plan["before_copy"]), "\n".join(plan["after_copy"])
    assert "FUNCTION helpers.twice" in before and "FUNCTION shop.of_row" in after and "shop.unused" not in before + after
    task.run().expect(DONE)
    assert_equal(source, target)
    assert names(target, ROUTINES) == NEEDED
    source.execute("INSERT INTO t (id, v, f) VALUES (9001, 1, 'x')", "UPDATE t SET v = v + 1, code = DEFAULT WHERE id < 50",
                   "UPDATE p SET v = v + 1")
    task.run().expect(DONE)
    assert_equal(source, target)
    assert target.execute("SELECT * FROM per_code ORDER BY 1") == source.execute("SELECT * FROM per_code ORDER BY 1")
    assert target.execute("SELECT * FROM through ORDER BY 1") == source.execute("SELECT * FROM through ORDER BY 1")
    with pytest.raises(psycopg2.errors.CheckViolation):
        target.execute("INSERT INTO t (id, v, f) VALUES (9002, 1, '')")
    task.configure(objects=["routines"])
    task.run("--restart").expect(DONE)
    assert_same_objects(source, target)
    assert "shop.unused()" in names(target, ROUTINES)


OF_ALL_KINDS = [
    "SET check_function_bodies = off",
    "CREATE TABLE t (id int PRIMARY KEY, v numeric, at timestamptz)", "INSERT INTO t SELECT i, i, now() FROM generate_series(1, 100) i",
    "CREATE TYPE alone AS (a int, b text)", "CREATE TYPE alone_too AS ENUM ('x')",
    "CREATE TYPE span AS RANGE (SUBTYPE = int4)",  # brings functions of its own along
    "CREATE FUNCTION a_first() RETURNS int LANGUAGE sql AS 'SELECT shop.z_last()'",
    "CREATE FUNCTION z_last() RETURNS int LANGUAGE sql AS 'SELECT 7'",
    "CREATE FUNCTION of_nowhere() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT x FROM nowhere.at_all); END $$",
    "CREATE FUNCTION gives(alone, span, VARIADIC alone_too[]) RETURNS SETOF alone LANGUAGE sql STABLE ROWS 7 COST 3 PARALLEL SAFE "
    "SET work_mem = '1MB' AS 'SELECT $1'",
    "CREATE FUNCTION table_of(n int, OUT a int, OUT b text) RETURNS SETOF record LANGUAGE plpgsql STRICT SECURITY DEFINER LEAKPROOF "
    "AS $body$ BEGIN RETURN QUERY SELECT n, 'it''s; -- $$'::text; END $body$",
    "CREATE FUNCTION rows_of() RETURNS SETOF t LANGUAGE sql STABLE BEGIN ATOMIC SELECT * FROM t WHERE id > z_last(); END",
    "CREATE VIEW v AS SELECT * FROM rows_of()",
    "CREATE FUNCTION of_view() RETURNS bigint LANGUAGE sql STABLE BEGIN ATOMIC SELECT count(*) FROM v; END",
    "CREATE PROCEDURE clean(INOUT n int, OUT done boolean) LANGUAGE plpgsql AS $$ BEGIN n := n + 1; done := true; COMMIT; END $$",
    "CREATE PROCEDURE clean() LANGUAGE sql AS 'DELETE FROM shop.t WHERE false'", "COMMENT ON PROCEDURE clean() IS 'does nothing'",
    "CREATE FUNCTION ranked(n numeric) RETURNS numeric LANGUAGE internal WINDOW IMMUTABLE AS 'window_row_number'",
    "CREATE FUNCTION added(numeric, numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2'",
    "CREATE FUNCTION taken(numeric, numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2'",
    "CREATE FUNCTION ended(numeric) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1::text'",
    "CREATE AGGREGATE moving(numeric) (SFUNC = added, STYPE = numeric, SSPACE = 64, INITCOND = '0', FINALFUNC = ended, "
    "FINALFUNC_MODIFY = SHAREABLE, COMBINEFUNC = added, MSFUNC = added, MINVFUNC = taken, MSTYPE = numeric, MINITCOND = '0', "
    "MFINALFUNC = ended, PARALLEL = SAFE)",
    "COMMENT ON AGGREGATE moving(numeric) IS 'goes along'",
    "CREATE AGGREGATE smallest(numeric) (SFUNC = numeric_smaller, STYPE = numeric, SORTOP = <)",
    "CREATE AGGREGATE everything(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '0')",
    "CREATE AGGREGATE middle(float8 ORDER BY anyelement) (SFUNC = ordered_set_transition, STYPE = internal, "
    "FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA)",
    "CREATE AGGREGATE place(VARIADIC \"any\" ORDER BY VARIADIC \"any\") (SFUNC = ordered_set_transition_multi, STYPE = internal, "
    "FINALFUNC = rank_final, FINALFUNC_EXTRA, HYPOTHETICAL)",
]


def test_routines_of_all_kinds(source, target, godwit):
    source.execute("CREATE SCHEMA shop", *OF_ALL_KINDS)
    task = godwit(source, target, objects=["routines"])
    says(task.check().expect(DONE), "security definer", "shop.table_of(integer)")
    task.run().expect(DONE)
    assert_equal(source, target)
    assert_same_objects(source, target)
    queries = ["SELECT a_first()", "SELECT * FROM table_of(3)", "SELECT count(*) FROM rows_of()", "SELECT of_view()",
               "SELECT moving(v), smallest(v), everything(*), middle(0.5) WITHIN GROUP (ORDER BY v) FROM t",
               "SELECT moving(v) OVER (ORDER BY id ROWS 3 PRECEDING) FROM t ORDER BY id", "SELECT place(3) WITHIN GROUP (ORDER BY id) FROM t"]
    for query in queries:
        assert source.execute(query) == target.execute(query), query
    source.execute("INSERT INTO t VALUES (101, 5)")
    for arguments in ([], ["--restart"]):
        task.run(*arguments).expect(DONE)
        assert_equal(source, target)
        assert_same_objects(source, target)


def test_a_routine_that_the_task_does_not_reach_is_not_made(source, target, godwit):
    source.execute("CREATE SCHEMA shop", "CREATE SCHEMA other", "CREATE TABLE t (id int PRIMARY KEY)",
                   "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE FUNCTION other.g() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                   "CREATE FUNCTION left_out() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    godwit(source, target, objects=["routines"], tables={"include": ["shop.*"], "exclude": ["shop.left_out"]}).run().expect(DONE)
    assert names(target, ROUTINES) == ["shop.f()"]


# What they do is in the log: each would do it once more. `log` and `total` are migrated like any table.
TRIGGERED = [
    "CREATE TABLE t (id int PRIMARY KEY, v int, at timestamptz)", "CREATE TABLE log (id bigserial PRIMARY KEY, what text, n int)",
    "CREATE TABLE total (id int PRIMARY KEY, n bigint)", "INSERT INTO total VALUES (1, 0)",
    "CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.v := NEW.v + 1; RETURN NEW; END $$",
    "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "INSERT INTO shop.log (what, n) VALUES (TG_NAME || TG_OP, coalesce(NEW.id, OLD.id)); "
    "UPDATE shop.total SET n = n + 1; RETURN NULL; END $$",
    "CREATE FUNCTION count_them() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "INSERT INTO shop.log (what, n) SELECT TG_NAME, count(*) FROM fresh; RETURN NULL; END $$",
    "CREATE FUNCTION through_view() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "INSERT INTO shop.t VALUES (NEW.id, NEW.v); RETURN NEW; END $$",
    "CREATE TRIGGER more BEFORE INSERT OR UPDATE OF v ON t FOR EACH ROW EXECUTE FUNCTION more()",
    "CREATE TRIGGER \"Note it\" AFTER INSERT OR UPDATE OR DELETE ON t FOR EACH ROW EXECUTE FUNCTION note()",
    "COMMENT ON TRIGGER \"Note it\" ON t IS 'writes'",
    "CREATE TRIGGER always AFTER INSERT OR UPDATE ON t FOR EACH ROW WHEN (NEW.v > 0) EXECUTE FUNCTION note()",
    "ALTER TABLE t ENABLE ALWAYS TRIGGER always",
    "CREATE TRIGGER on_replica BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION more()",
    "ALTER TABLE t ENABLE REPLICA TRIGGER on_replica",
    "CREATE TRIGGER off BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION more()", "ALTER TABLE t DISABLE TRIGGER off",
    "CREATE TRIGGER many AFTER INSERT ON t REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION count_them()",
    "CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note()",
    "CREATE VIEW v AS SELECT id, v FROM t", "CREATE TRIGGER instead INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION through_view()",
    "CREATE TABLE p (id int PRIMARY KEY, v int) PARTITION BY RANGE (id)", "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (1000)",
    "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (1000) TO (3000) PARTITION BY RANGE (id)",
    "CREATE TABLE p21 PARTITION OF p2 FOR VALUES FROM (1000) TO (2000)", "CREATE TABLE p22 PARTITION OF p2 DEFAULT",
    "CREATE TRIGGER note AFTER INSERT OR UPDATE ON p FOR EACH ROW EXECUTE FUNCTION note()",
    "ALTER TABLE p1 ENABLE ALWAYS TRIGGER note", "ALTER TABLE p21 DISABLE TRIGGER note",
    "CREATE TRIGGER own BEFORE INSERT OR UPDATE ON p1 FOR EACH ROW EXECUTE FUNCTION more()",
    "CREATE TRIGGER everywhere AFTER UPDATE ON p FOR EACH ROW EXECUTE FUNCTION note()", "ALTER TABLE p ENABLE ALWAYS TRIGGER everywhere",
    "INSERT INTO t SELECT i, i FROM generate_series(1, 3000) i", "INSERT INTO p SELECT i, i FROM generate_series(1, 2000) i",
]
ACTIONS = [
    lambda cursor, rng: cursor.execute("INSERT INTO t VALUES ((SELECT max(id) + 1 FROM t), 5)"),
    lambda cursor, rng: cursor.execute("UPDATE t SET v = v + 1 WHERE id = %s", (rng.randrange(3000),)),
    lambda cursor, rng: cursor.execute("DELETE FROM t WHERE id = %s", (rng.randrange(3000),)),
    lambda cursor, rng: cursor.execute("UPDATE p SET v = v + 1 WHERE id BETWEEN %s AND %s + 3", (rng.randrange(2000),) * 2),
    lambda cursor, rng: cursor.execute("INSERT INTO v SELECT max(id) + 1, 9 FROM t"),
]


@pytest.fixture
def triggered(source):
    source.execute("CREATE SCHEMA shop", *TRIGGERED)
    return source


def test_triggers_do_nothing_a_second_time(triggered, target, godwit):
    """In the copy, the catch-up and the stream, where runs end with the triggers made and go on without them."""
    source = triggered
    task = godwit(source, target, objects=["triggers"], copy={"chunk_bytes": "64KiB", "threads": 2})
    task.check().expect(DONE)
    with PostgresWriter(source, ACTIONS, threads=1) as writer:
        writer.wait_for(50)
        task.run().expect(DONE)
        assert_same_objects(source, target, TRIGGERS)
        writer.wait_for(100)
        task.run().expect(DONE)
        assert_same_objects(source, target, TRIGGERS)
        run = task.start()
        mark = source.value("INSERT INTO log (what, n) VALUES ('mark', 1) RETURNING id")
        run.wait_until(lambda: target.value(f"SELECT count(*) FROM log WHERE id = {mark}"))
        assert described(target, TRIGGERS) == [], "they are there while changes are applied"
        writer.wait_for(100)
        run.interrupt()
        run.wait().expect(INTERRUPTED)
    task.run().expect(DONE)
    assert_equal(source, target)
    assert_same_objects(source, target, TRIGGERS)
    before = target.value("SELECT count(*) FROM log")
    for server in (source, target):
        server.execute("INSERT INTO t VALUES (90000, 5)", "INSERT INTO v VALUES (90001, 5)", "UPDATE p SET v = 0 WHERE id IN (1, 1001, 2000)")
    assert target.value("SELECT count(*) FROM log") > before + 5
    last = "SELECT what, n FROM log ORDER BY id DESC LIMIT 20"
    assert source.execute(last) == target.execute(last), "they do other things on the target"
    assert source.execute("SELECT * FROM t WHERE id >= 90000 ORDER BY 1") == target.execute("SELECT * FROM t WHERE id >= 90000 ORDER BY 1")


def test_mode_copy_has_the_triggers_in_the_end(triggered, target, godwit):
    godwit(triggered, target, mode="copy", objects=["triggers", "routines", "sequences"]).start().wait().expect(DONE)
    assert_equal(triggered, target)
    assert_same_objects(triggered, target)


def test_a_kept_table_has_its_triggers_when_it_is_copied_anew(triggered, target, godwit):
    target.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, v int, at timestamptz)")
    task = godwit(triggered, target, objects=["triggers"], target={"if_exists": "append"})
    task.run().expect(DONE)
    assert_equal(triggered, target)
    target.execute("TRUNCATE t")
    task.run("--restart").expect(DONE)
    assert_equal(triggered, target)
    assert_same_objects(triggered, target, TRIGGERS)


def test_killed_where_each_object_is_made(source, target, godwit):
    source.execute("CREATE SCHEMA shop", *MADE_OF_ROUTINES, "CREATE SEQUENCE numbers", "CREATE STATISTICS of_t ON code, v FROM t",
                   "CREATE TABLE log (id bigserial PRIMARY KEY, what text, n int)", "CREATE TABLE total (n int PRIMARY KEY)",
                   *(statement for statement in TRIGGERED if "FUNCTION note()" in statement and re.search(r" note\(\) RETURNS| ON [tp] ", statement)))
    task = godwit(source, target, objects=["triggers", "routines", "sequences"])
    kills = 0
    with PostgresWriter(source, ACTIONS[1:4], threads=1, rate=50) as writer:
        writer.wait_for(10)
        for _ in range(22):  # one is made between two kills; triggers are made anew, as changes are applied before
            kills += task.run(failpoints="schema.before_create_object:2").code == KILLED
    assert kills == 22, "nothing was killed: this tests nothing"
    for number in (1, 2, 3):
        source.execute("UPDATE t SET v = v + 1")
        task.run(failpoints=f"schema.before_create_object:{number}").expect(KILLED)
    task.run().expect(DONE)
    assert_equal(source, target)
    assert_same_objects(source, target)
    task.run("--restart", failpoints="schema.before_create_object:1").expect(KILLED)
    task.run().expect(DONE)
    assert_equal(source, target)
    assert_same_objects(source, target)


@pytest.mark.parametrize("make, name", [
    ("CREATE FUNCTION f(i int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT -i'", "ROUTINE shop.f(integer)"),
    ("CREATE FUNCTION f(i int) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT i::text'", "ROUTINE shop.f(integer)"),
    ("CREATE PROCEDURE f(i int) LANGUAGE sql AS 'SELECT i'", "ROUTINE shop.f(integer)"),
    ("CREATE VIEW v AS SELECT 2 AS x", "VIEW shop.v"),
])
def test_one_that_is_there_and_differs(source, target, godwit, make, name):
    source.execute("CREATE SCHEMA shop", "CREATE FUNCTION f(i int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT i'",
                   "CREATE TABLE t (id int PRIMARY KEY, v int DEFAULT f(7))", "CREATE VIEW v AS SELECT f(1) AS x", "INSERT INTO t VALUES (1)")
    target.execute("CREATE SCHEMA shop", make)
    task = godwit(source, target)
    says(task.check().expect(FOUND), "target: objects", name, "if_exists")
    says(task.run().expect(FOUND), name)
    task.configure(target={"if_exists": "replace"})
    says(task.check().expect(DONE), "replaced", name)
    task.run().expect(DONE)
    assert_equal(source, target)
    assert_same_objects(source, target)


def test_extensions_that_are_not_there_and_types_that_differ(source, target, godwit):
    source.execute("CREATE SCHEMA shop", "CREATE TYPE mood AS ENUM ('good', 'bad')", "CREATE EXTENSION citext SCHEMA public",
                   "CREATE TABLE t (id int PRIMARY KEY, m mood, c citext)", "UPDATE pg_extension SET extname = 'unheard_of' WHERE extname = 'citext'")
    target.execute("CREATE SCHEMA shop", "CREATE TYPE mood AS ENUM ('good')")
    task = godwit(source, target, target={"if_exists": "replace"})
    for result in (task.check(), task.run()):
        says(result.expect(FOUND), "target: objects", "extensions that the machine has not: unheard_of", "install")
    assert not target.has_tables()
    source.execute("UPDATE pg_extension SET extname = 'citext' WHERE extname = 'unheard_of'")
    says(task.check().expect(FOUND), "TYPE shop.mood", "never replaced")
    target.execute("ALTER TYPE mood ADD VALUE 'bad'")
    task.run().expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("use", [
    ["CREATE TABLE u (id int PRIMARY KEY DEFAULT next_id())"],
    ["CREATE TABLE u (id int PRIMARY KEY)", "ALTER TABLE u ADD CHECK (id > next_id())"],
    ["CREATE TABLE u (id int PRIMARY KEY)", "CREATE FUNCTION label(u) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1.id'",
     "CREATE INDEX ON u (label(u.*))"],
])
def test_a_table_that_calls_a_routine_that_is_made_of_a_table(source, target, godwit, use):
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY)",
                   "CREATE FUNCTION next_id() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT max(id) + 1 FROM t; END", *use)
    task = godwit(source, target, objects=["routines"])
    for result in (task.check(), task.run()):
        says(result.expect(FOUND), "routines of tables", "shop.label(shop.u)" if "label" in str(use) else "shop.next_id()", "cut-over")
    assert not target.has_tables()
    task.configure(tables={"exclude": ["shop.u", "shop.label"]})
    task.run().expect(DONE)
    assert names(target, ROUTINES) == ["shop.next_id()"]


def test_triggers_of_the_target_that_always_fire(source, target, godwit):
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, v int) PARTITION BY RANGE (id)",
                   "CREATE TABLE t1 PARTITION OF t DEFAULT", "INSERT INTO t VALUES (1, 1)")
    task = godwit(source, target)
    task.run().expect(DONE)
    target.execute("CREATE FUNCTION public.spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.v := 12345; RETURN NEW; END $$",
                   "CREATE TRIGGER spoil BEFORE INSERT OR UPDATE ON t1 FOR EACH ROW EXECUTE FUNCTION public.spoil()")
    task.check().expect(DONE)
    source.execute("INSERT INTO t VALUES (2, 2)")
    for state in ("ALWAYS", "REPLICA"):
        target.execute(f"ALTER TABLE t1 ENABLE {state} TRIGGER spoil")
        for result in (task.check(), task.run()):
            says(result.expect(FOUND), "triggers that always fire", "spoil ON shop.t1", 'ALTER TABLE "shop"."t1" DISABLE TRIGGER "spoil"')
    target.execute("ALTER TABLE t1 DISABLE TRIGGER spoil", "CREATE RULE gone AS ON DELETE TO t1 DO INSTEAD NOTHING",
                   "ALTER TABLE t1 ENABLE ALWAYS RULE gone")
    says(task.run().expect(FOUND), "RULE gone ON shop.t1")
    target.execute("DROP RULE gone ON t1")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_what_is_left_out_is_said(source, target, godwit):
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, v text)", "CREATE TABLE quiet (id int PRIMARY KEY)")
    task = godwit(source, target)
    kinds = ("rules", "row security", "inheritance", "foreign tables", "publications", "event triggers", "other objects", "needed objects",
             "security definer", "routines of tables")
    items = {item["name"] for item in task.check("--json").expect(DONE).json()["items"]}
    assert not items & {f"source: {kind}" for kind in kinds}, "there is nothing of the kind"
    source.execute("CREATE ROLE app", "GRANT SELECT ON t TO app, PUBLIC",
                   "CREATE RULE never AS ON DELETE TO t DO INSTEAD NOTHING", "CREATE RULE nor AS ON UPDATE TO t DO INSTEAD NOTHING",
                   "CREATE POLICY one ON t USING (true)", "ALTER TABLE quiet ENABLE ROW LEVEL SECURITY",
                   "CREATE TABLE child () INHERITS (t)", "ALTER TABLE child ADD PRIMARY KEY (id)",
                   "CREATE FOREIGN DATA WRAPPER w", "CREATE SERVER s FOREIGN DATA WRAPPER w", "CREATE FOREIGN TABLE far (id int) SERVER s",
                   "CREATE PUBLICATION mine FOR TABLE t", "CREATE SEQUENCE unused",
                   "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
                   "CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$",
                   "CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION on_ddl()",
                   "CREATE FUNCTION tr() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
                   "CREATE TRIGGER tr AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION tr()",
                   "CREATE COLLATION words (provider = icu, locale = 'und', deterministic = false)",
                   "CREATE TABLE worded (id int PRIMARY KEY, w text COLLATE words)")
    items = {item["name"]: item for item in task.check("--json").expect(DONE).json()["items"]}
    for kind, *words in [("rules", "(2)", "never ON shop.t", "nor ON shop.t"), ("row security", "(2)", "shop.quiet", "shop.t"),
                         ("inheritance", "shop.child"), ("foreign tables", "shop.far"), ("publications", "mine"), ("event triggers", "watch"),
                         ("other objects", "1 triggers (tr ON shop.t)", "shop.f()", "shop.on_ddl()", "1 sequences (shop.unused)"),
                         ("owners and rights", "app", "PUBLIC"), ("needed objects", "collation shop.words")]:
        item = items[f"source: {kind}"]
        assert item["result"] == "warn" and item["remedy"], item
        for word in words:
            assert word in item["finding"], item
    assert "objects: [triggers, routines, sequences]" in items["source: other objects"]["remedy"]
    task.configure(objects=["triggers", "routines", "sequences", "rights"])
    items = {item["name"]: item for item in task.check("--json").expect(DONE).json()["items"]}
    assert not {"source: other objects", "source: owners and rights", "source: security definer"} & items.keys()
    assert "app" in items["target: roles"]["finding"]


def test_extended_statistics(follow, source, target):
    follow(["CREATE SCHEMA elsewhere", "CREATE TABLE t (id int PRIMARY KEY, a int, b int, c text)",
            "INSERT INTO t SELECT i, i % 10, i % 10, 'x' FROM generate_series(1, 1000) i",
            "CREATE STATISTICS both_of ON a, b FROM t", "ALTER STATISTICS both_of SET STATISTICS 55", "COMMENT ON STATISTICS both_of IS 'alike'",
            "CREATE STATISTICS elsewhere.\"Odd one\" (mcv, ndistinct) ON (a + b), c FROM t",
            "CREATE TABLE p (id int PRIMARY KEY, a int, b int) PARTITION BY RANGE (id)", "CREATE TABLE p1 PARTITION OF p DEFAULT",
            "CREATE STATISTICS of_p (dependencies) ON a, b FROM p", "CREATE STATISTICS of_p1 ON a, b FROM p1"],
           ["UPDATE t SET a = a + 1 WHERE id < 100"])
    assert len(described(target, STATISTICS)) == 4
    assert_same_objects(source, target)


def test_postgres_has_no_events(source, target, godwit):
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY)")
    for command in ("run", "check", "plan"):
        says(godwit(source, target, objects=["routines", "events"]).command(command).wait().expect(BAD_USAGE), "task.yaml:", "objects", "events")


ACLS = """
    SELECT kind, name, owner, array(SELECT a::text FROM unnest(acl) a ORDER BY 1) FROM (
      SELECT c.relkind::text AS kind, c.oid::regclass::text AS name, pg_get_userbyid(c.relowner) AS owner, c.relacl AS acl
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND n.nspname IN ('shop', 'more')
      UNION ALL SELECT 'column', format('%I.%I', a.attrelid::regclass, a.attname), '', a.attacl FROM pg_attribute a
      WHERE a.attacl IS NOT NULL AND a.attrelid >= 16384
      UNION ALL SELECT 'schema', nspname, pg_get_userbyid(nspowner), nspacl FROM pg_namespace WHERE nspname IN ('shop', 'more')
      UNION ALL SELECT 'routine', p.oid::regprocedure::text, pg_get_userbyid(proowner), proacl
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('shop', 'more')) x
    ORDER BY 1, 2"""
WITH_RIGHTS = [
    "CREATE SCHEMA more", "ALTER SCHEMA more OWNER TO \"Shop owner\"", "GRANT USAGE, CREATE ON SCHEMA shop TO \"Shop owner\"",
    "GRANT USAGE ON SCHEMA shop TO reader WITH GRANT OPTION", "GRANT USAGE ON SCHEMA shop TO PUBLIC",
    "CREATE TABLE t (id bigserial PRIMARY KEY, a int, \"B b\" text)", "CREATE TABLE more.u (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY)",
    "ALTER TABLE t OWNER TO \"Shop owner\"", "ALTER TABLE more.u OWNER TO \"Shop owner\"",
    "GRANT SELECT, INSERT ON t TO reader", "GRANT UPDATE ON t TO reader WITH GRANT OPTION", "GRANT SELECT ON more.u TO PUBLIC",
    "GRANT SELECT (id, a), UPDATE (\"B b\") ON t TO gone, PUBLIC", "GRANT USAGE ON SEQUENCE t_id_seq TO reader",
    "CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id)", "CREATE TABLE p1 PARTITION OF p DEFAULT",
    "ALTER TABLE p1 OWNER TO reader", "GRANT SELECT ON p TO reader", "GRANT ALL ON p1 TO \"Shop owner\"",
    "CREATE VIEW v AS SELECT id FROM t", "ALTER VIEW v OWNER TO reader", "GRANT SELECT ON v TO \"Shop owner\"",
    "CREATE MATERIALIZED VIEW m AS SELECT 1 AS x", "ALTER MATERIALIZED VIEW m OWNER TO reader",
    "CREATE SEQUENCE own", "ALTER SEQUENCE own OWNER TO reader", "GRANT ALL ON SEQUENCE own TO PUBLIC",
    "CREATE FUNCTION f(i int, OUT o int) LANGUAGE sql AS 'SELECT i'", "REVOKE EXECUTE ON FUNCTION f FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION f TO reader", "CREATE PROCEDURE pr(INOUT i int) LANGUAGE sql AS 'SELECT i'", "ALTER PROCEDURE pr OWNER TO reader",
    "CREATE AGGREGATE ag(int) (SFUNC = int4pl, STYPE = int)", "ALTER AGGREGATE ag(int) OWNER TO reader",
]


def test_rights_and_owners(source, target, godwit):
    roles = ["CREATE ROLE \"Shop owner\"", "CREATE ROLE reader"]
    source.execute(*roles, "CREATE ROLE gone", "CREATE SCHEMA shop", *WITH_RIGHTS)
    target.execute(*roles)
    task = godwit(source, target, objects=["rights", "routines", "sequences"], tables={"include": ["shop.*", "more.*"]})
    says(task.check().expect(DONE), "target: roles", "gone")
    plan = task.plan().expect(DONE).text
    assert "GRANT EXECUTE ON ROUTINE shop.f(integer) TO reader" in plan and "OWNER TO \"Shop owner\"" in plan
    task.run().expect(DONE)
    wanted = [(*row[:3], [acl for acl in row[3] if not acl.startswith("gone=")]) for row in described(source, ACLS)]
    assert described(target, ACLS) == wanted
    source.execute("INSERT INTO t (a) VALUES (1)", "INSERT INTO p VALUES (5)")
    for arguments in ([], ["--restart"]):
        task.run(*arguments).expect(DONE)
        assert_equal(source, target, schemas=["shop", "more"])
        assert described(target, ACLS) == wanted
    target.execute("CREATE ROLE gone")
    task.run().expect(DONE)
    assert_same_objects(source, target, ACLS)


def test_owners_that_the_role_of_the_target_may_not_set(source, target, godwit):
    source.execute("CREATE ROLE one", "CREATE ROLE other", "CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY)",
                   "CREATE TABLE u (id int PRIMARY KEY)", "ALTER TABLE t OWNER TO one", "ALTER TABLE u OWNER TO other", "GRANT SELECT ON t TO other",
                   "GRANT CREATE, USAGE ON SCHEMA shop TO one", "INSERT INTO t VALUES (1)")
    target.execute("CREATE ROLE one", "CREATE ROLE other", "CREATE ROLE weak LOGIN PASSWORD 'w'", "GRANT one TO weak",
                   "GRANT CREATE ON DATABASE shop TO weak", "GRANT SET ON PARAMETER session_replication_role TO weak")
    task = godwit(source, target, objects=["rights"], target={"url": target.url_of("shop", "weak")})
    task.environment["DST_PASSWORD"] = "w"
    result = task.check().expect(DONE)
    says(result, "target: owners", "other", "root")
    task.run().expect(DONE)
    owners = "SELECT relname, pg_get_userbyid(relowner) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'shop'::regnamespace ORDER BY 1"
    assert target.execute(owners) == [("t", "one"), ("u", "weak")]
    assert target.value("SELECT has_table_privilege('other', 'shop.t', 'SELECT')")
    source.execute("INSERT INTO t VALUES (2)", "INSERT INTO u VALUES (2)")
    task.run().expect(DONE)
    assert target.value("SELECT count(*) FROM t") == 2 and target.value("SELECT count(*) FROM u") == 1


def test_rights_that_cannot_be_given(source, target, godwit):
    """Each by itself, and said; and nobody may call a routine with the rights of Godwit's role before its own are given."""
    source.execute("CREATE ROLE reader", "CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY)", "GRANT USAGE ON SCHEMA shop TO reader",
                   "GRANT SELECT ON t TO reader", "CREATE FUNCTION plain() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                   "CREATE FUNCTION anyones() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
                   "CREATE FUNCTION readers() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
                   "REVOKE ALL ON FUNCTION readers() FROM PUBLIC", "GRANT EXECUTE ON FUNCTION readers() TO reader")
    target.execute("CREATE ROLE reader", "CREATE ROLE other", "CREATE ROLE weak LOGIN PASSWORD 'w'", "CREATE SCHEMA shop",
                   "GRANT CREATE, USAGE ON SCHEMA shop TO weak", "GRANT CREATE ON DATABASE shop TO weak",
                   "GRANT SET ON PARAMETER session_replication_role TO weak")
    task = godwit(source, target, objects=["rights", "routines"], target={"url": target.url_of("shop", "weak")})
    task.environment["DST_PASSWORD"] = "w"
    may_call = "SELECT " + ", ".join(f"has_function_privilege('{role}', 'shop.{name}()', 'EXECUTE')"
                                     for role in ("reader", "other") for name in ("plain", "anyones", "readers"))
    task.run(failpoints="task.before_catching_up").expect(KILLED)
    assert target.execute(may_call) == [(True, False, False) * 2]
    says(task.run().expect(DONE), "1 statements", "GRANT USAGE ON SCHEMA shop TO reader", "no privileges were granted")
    assert target.execute(may_call) == [(True, True, True, True, True, False)]
    assert target.value("SELECT has_table_privilege('reader', 'shop.t', 'SELECT')")
    source.execute("CREATE TABLE later (id int PRIMARY KEY)", "GRANT SELECT ON later TO reader", "GRANT INSERT ON t TO reader")
    says(task.run().expect(DONE), "2 statements", "GRANT SELECT ON TABLE shop.later TO reader", "does not exist")
    assert target.value("SELECT has_table_privilege('reader', 'shop.t', 'INSERT')")


def test_views_of_kept_tables_stay_when_others_are_made_anew(source, target, godwit):
    tables = ["CREATE SCHEMA shop", "CREATE TABLE kept (id int PRIMARY KEY)"]
    source.execute(*tables, "CREATE TABLE fresh (id int PRIMARY KEY)", "CREATE VIEW of_kept AS SELECT id FROM kept",
                   "CREATE VIEW of_fresh AS SELECT id FROM fresh", "CREATE VIEW of_both AS SELECT id FROM of_kept JOIN of_fresh USING (id)",
                   "INSERT INTO kept VALUES (1)", "INSERT INTO fresh VALUES (1)")
    target.execute(*tables)
    task = godwit(source, target, target={"if_exists": "append"})
    task.run().expect(DONE)
    oids = "SELECT relname, oid::int FROM pg_class WHERE relkind = 'v' AND relname LIKE 'of_%' ORDER BY 1"
    before = dict(target.execute(oids))
    target.execute("TRUNCATE kept")
    task.run("--restart", failpoints="task.before_catching_up").expect(KILLED)
    assert target.execute(oids) == [("of_kept", before["of_kept"])]
    task.run().expect(DONE)
    assert_equal(source, target)
    assert dict(target.execute(oids)).keys() == before.keys()


def test_begun_anew_with_foreign_keys(source, target, godwit):
    source.execute("CREATE SCHEMA shop", "CREATE TABLE a (id int PRIMARY KEY, b int)", "CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a)",
                   "ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b DEFERRABLE", "CREATE TABLE p (id int PRIMARY KEY, a int REFERENCES a) PARTITION BY RANGE (id)",
                   "CREATE TABLE p1 PARTITION OF p DEFAULT", "CREATE TABLE z (id int PRIMARY KEY REFERENCES p1)",
                   "INSERT INTO a VALUES (1)", "INSERT INTO b VALUES (1, 1)", "UPDATE a SET b = 1", "INSERT INTO p VALUES (1, 1)", "INSERT INTO z VALUES (1)")
    task = godwit(source, target)
    task.run().expect(DONE)
    task.run("--restart").expect(DONE)
    assert_equal(source, target)
    target.execute("CREATE TABLE public.own (id int REFERENCES shop.a)")
    result = task.run("--restart").expect(1)
    says(result, "own_id_fkey", "Godwit drops nothing else")
    target.execute("DROP TABLE public.own")
    task.run("--restart").expect(DONE)
    assert_equal(source, target)


def test_a_table_is_made_while_the_task_goes_on(source, target, godwit):
    """It is not migrated, and what hangs on it is in nobody's way."""
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id serial PRIMARY KEY, v int)", "INSERT INTO t (v) VALUES (1)",
                   "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
    task = godwit(source, target, objects=["triggers"])
    task.run().expect(DONE)
    source.execute("CREATE TABLE later (id serial PRIMARY KEY)", "CREATE TRIGGER g BEFORE INSERT ON later FOR EACH ROW EXECUTE FUNCTION f()",
                   "INSERT INTO t (v) VALUES (2)")
    task.run().expect(DONE)
    assert target.execute("SELECT v FROM t ORDER BY id") == [(1,), (2,)]
    assert not target.has_table("later")
