"""The main job between PostgreSQL servers: schema, copy and changes, with the source written to all the while."""

import signal

import psycopg2
import pytest
from harness import postgres_shop as shop
from harness.godwit import DONE, FAILED, FOUND, INTERRUPTED
from harness.postgres import version
from harness.postgres_compare import assert_equal, compare
from harness.postgres_writer import PostgresWriter


def test_a_quiet_source(source, target, godwit):
    shop.load(source, 0.05)
    godwit(source, target).run().expect(DONE)
    assert assert_equal(source, target).rows > 15000


def test_a_source_that_is_written_to(source, target, godwit):
    shop.load(source, 0.2)
    task = godwit(source, target, copy={"chunk_bytes": "256KiB"})
    with PostgresWriter(source) as writer:
        writer.wait_for(20)
        task.run().expect(DONE)
        writer.wait_for(200)
    task.run().expect(DONE)
    assert_equal(source, target)


def test_chunks_of_one_table_read_apart_under_heavy_writing(source, target, godwit):
    shop.load(source, 0.3)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 8})
    with PostgresWriter(source, threads=4, rate=2000) as writer:
        writer.wait_for(100)
        task.run().expect(DONE)
    task.run().expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("deferrable", ["", "DEFERRABLE INITIALLY IMMEDIATE", "DEFERRABLE INITIALLY DEFERRED"])
def test_unique_values_change_places_while_they_are_copied(deferrable, source, target, godwit):
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, "
                   f"u int UNIQUE {deferrable}, v int, pad text)", "CREATE UNIQUE INDEX ON t ((v + 1)) WHERE v > 0",
                   "INSERT INTO t SELECT i, i, i, repeat('x', 500) FROM generate_series(1, 20000) i")

    def swap(cursor, rng):
        a, b = sorted(rng.sample(range(1, 20001), 2))
        cursor.execute("SELECT id FROM t WHERE id IN (%s, %s) ORDER BY id FOR UPDATE", (a, b))
        cursor.execute("SELECT u FROM t WHERE id IN (%s, %s) ORDER BY id", (a, b))
        (first,), (second,) = cursor.fetchall()
        if deferrable:
            cursor.execute("UPDATE t SET u = %s - u WHERE id IN (%s, %s)", (first + second, a, b))
        else:
            for value, row in ((None, a), (first, b), (second, a)):
                cursor.execute("UPDATE t SET u = %s WHERE id = %s", (value, row))
        cursor.execute("UPDATE t SET v = -v WHERE id IN (%s, %s)", (a, b))

    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 4})
    with PostgresWriter(source, [swap], threads=4, rate=2000) as writer:
        writer.wait_for(100)
        task.run().expect(DONE)
        writer.wait_for(500)
    task.run().expect(DONE)
    assert_equal(source, target)


def test_mode_copy_ends_by_itself(source, target, godwit):
    shop.load(source, 0.05)
    godwit(source, target, mode="copy").start().wait().expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
def test_streams_until_interrupted_and_goes_on_from_there(source, target, godwit, which):
    shop.load(source, 0.02)
    task = godwit(source, target)
    task.run().expect(DONE)
    run = task.start()
    with PostgresWriter(source) as writer:
        writer.wait_for(200)
        assert not run.ended, run.result().text
        run.interrupt(which)
        run.wait(15).expect(INTERRUPTED)
    task.run().expect(DONE)
    assert_equal(source, target)


def test_interrupted_in_the_copy_it_keeps_the_finished_chunks(source, target, godwit):
    shop.load(source, 0.5)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 1})
    run = task.start()
    run.wait_until(target.has_tables)
    run.interrupt()
    run.wait(15).expect(INTERRUPTED)
    assert not compare(source, target).equal, "the copy had ended already: this tests nothing"
    task.run().expect(DONE)
    assert_equal(source, target)


def test_a_finished_task_run_again_changes_nothing(source, target, godwit):
    shop.load(source, 0.02)
    task = godwit(source, target)
    task.run().expect(DONE)
    rows = target.execute("SELECT ctid, xmin, id FROM shop.customer ORDER BY id")
    task.run().expect(DONE)
    assert target.execute("SELECT ctid, xmin, id FROM shop.customer ORDER BY id") == rows


def test_plan_check_and_status(source, target, godwit):
    shop.load(source, 0.02)
    task = godwit(source, target)
    plan = task.plan().expect(DONE)
    assert "CREATE TABLE" in plan.text and "order_item" in plan.text
    assert "wal_level" in task.check().expect(DONE).text
    task.status()
    schemas = target.execute("SELECT nspname FROM pg_namespace WHERE nspname IN ('shop', 'godwit')")
    assert schemas == [], "something was made"
    assert source.value("SELECT count(*) FROM pg_replication_slots") == 0
    lines = task.run().expect(DONE).progress()
    assert lines and all("phase" in line for line in lines)
    assert "shop" in task.status().expect(DONE).text


# table: what makes its number, and statements that leave the sequence away from the largest row
NUMBERS = {
    "always": ("bigint GENERATED ALWAYS AS IDENTITY", ["INSERT INTO always (v) SELECT i FROM generate_series(1, 100) i",
                                                       "DELETE FROM always WHERE id > 90"]),
    "by_default": ("int GENERATED BY DEFAULT AS IDENTITY (START WITH 1000 INCREMENT BY 10)",
                   ["INSERT INTO by_default (v) VALUES (1), (2)", "INSERT INTO by_default VALUES (5, 5)"]),
    "descending": ("int GENERATED BY DEFAULT AS IDENTITY (INCREMENT BY -1)", ["INSERT INTO descending (v) VALUES (1), (2)"]),
    "serial_one": ("serial", ["INSERT INTO serial_one (v) SELECT i FROM generate_series(1, 50) i",
                              "SELECT setval('serial_one_id_seq', 777)"]),
    "small_one": ("smallserial", ["INSERT INTO small_one (v) VALUES (1)"]),
    "never_used": ("bigserial", []),
    "Odd Name": ("serial", ['INSERT INTO "Odd Name" (v) VALUES (1), (2)']),
    "cached": ("int GENERATED ALWAYS AS IDENTITY (CACHE 20)", ["INSERT INTO cached (v) VALUES (1)"]),
}


def test_identity_and_serial_columns_go_on_after_the_cut_over(source, target, godwit):
    source.execute("CREATE SCHEMA shop", *(f'CREATE TABLE "{name}" (id {column} PRIMARY KEY, v int)'
                                           for name, (column, _) in NUMBERS.items()))
    task = godwit(source, target)
    task.run().expect(DONE)
    assert_equal(source, target)
    source.execute(*(statement for _, statements in NUMBERS.values() for statement in statements))
    task.run().expect(DONE)
    assert_equal(source, target)
    for name in NUMBERS:
        numbers = [server.value(f'INSERT INTO "{name}" (v) VALUES (99) RETURNING id') for server in (source, target)]
        step = -1 if name == "descending" else 1
        assert (numbers[1] - numbers[0]) * step >= 0, f"{name}: {numbers}"


CONSTRAINTS = [
    "CREATE TABLE parent (id int PRIMARY KEY, code text UNIQUE, self int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)",
    "INSERT INTO parent VALUES (1, 'a', 2), (2, 'b', 1)",
    """CREATE TABLE child (
         id int PRIMARY KEY, parent int NOT NULL CONSTRAINT to_parent REFERENCES parent ON DELETE CASCADE ON UPDATE SET NULL,
         code text DEFAULT 'a' REFERENCES parent (code) ON UPDATE CASCADE ON DELETE SET DEFAULT,
         price numeric CHECK (price >= 0), low int, high int, period int4range, words tsvector, place point, doc jsonb,
         CONSTRAINT ordered CHECK (low < high), CONSTRAINT few UNIQUE (low, high) INCLUDE (price),
         CONSTRAINT apart EXCLUDE USING gist (period WITH &&) WHERE (price > 0))""",
    "COMMENT ON CONSTRAINT ordered ON child IS 'in order'",
    "ALTER TABLE child ADD CONSTRAINT later CHECK (id < 1000) NOT VALID",
    "CREATE INDEX by_price ON child (price DESC NULLS LAST, lower(code) text_pattern_ops) INCLUDE (low) WHERE price > 1",
    "CREATE INDEX ON child USING gin (doc jsonb_path_ops)", "CREATE INDEX ON child USING gin (words) WITH (fastupdate = off)",
    "CREATE INDEX ON child USING gist (place)", "CREATE INDEX ON child USING brin (id) WITH (pages_per_range = 4)",
    "CREATE INDEX hashed ON child USING hash (code)", "COMMENT ON INDEX hashed IS 'by hash'",
    "CREATE UNIQUE INDEX no_nulls ON child (low, period)" + (" NULLS NOT DISTINCT" if version() >= 15 else ""),
    "CREATE UNIQUE INDEX sorted ON child (code COLLATE \"C\" DESC, id)", "ALTER TABLE child CLUSTER ON sorted",
    "CREATE TABLE egg (id int PRIMARY KEY, hen int)", "CREATE TABLE hen (id int PRIMARY KEY, egg int REFERENCES egg)",
    "INSERT INTO egg VALUES (1, 1)", "INSERT INTO hen VALUES (1, 1)",
    "ALTER TABLE egg ADD FOREIGN KEY (hen) REFERENCES hen (id)",
    "ALTER TABLE child SET (fillfactor = 70, autovacuum_enabled = false)",
    "INSERT INTO child SELECT i, 1 + i % 2, 'a', i, i, i + 1, int4range(i, i + 1), 'a b'::tsvector, point(i, i), '{\"a\": 1}' "
    "FROM generate_series(1, 500) i",
]
VIOLATIONS = {
    "foreign key": ("INSERT INTO child (id, parent) VALUES (600, 9)", psycopg2.errors.ForeignKeyViolation),
    "restricted": ("DELETE FROM egg", psycopg2.errors.ForeignKeyViolation),
    "check": ("UPDATE child SET price = -1 WHERE id = 1", psycopg2.errors.CheckViolation),
    "check of a table": ("UPDATE child SET low = high WHERE id = 1", psycopg2.errors.CheckViolation),
    "check that is not valid": ("INSERT INTO child (id, parent) VALUES (1000, 1)", psycopg2.errors.CheckViolation),
    "unique": ("UPDATE parent SET code = 'b'", psycopg2.errors.UniqueViolation),
    "nulls": ("INSERT INTO child (id, parent) VALUES (601, 1), (602, 1)", psycopg2.errors.UniqueViolation),
    "exclusion": ("INSERT INTO child (id, parent, price, period) VALUES (600, 1, 1, '[1100,1200]')", psycopg2.errors.ExclusionViolation),
    "not null": ("UPDATE child SET parent = NULL WHERE id = 1", psycopg2.errors.NotNullViolation),
}
if version() < 15:
    del VIOLATIONS["nulls"]


def test_foreign_keys_checks_and_indexes(follow, target):
    follow(CONSTRAINTS, ["INSERT INTO parent VALUES (3, 'c', 3)", "UPDATE parent SET code = 'A' WHERE id = 1",
                         "UPDATE child SET parent = 3 WHERE id % 3 = 0", "DELETE FROM parent WHERE id = 3",
                         "UPDATE child SET price = price + 1, period = int4range(lower(period) + 1000, upper(period) + 1000)"])
    for name, (statement, error) in VIOLATIONS.items():
        with pytest.raises(error):
            target.execute("BEGIN", statement, "SET CONSTRAINTS ALL IMMEDIATE")
            pytest.fail(f"the target lets through what its {name} forbids")
    target.execute("UPDATE parent SET self = NULL", "DELETE FROM parent WHERE id = 2")
    assert target.value("SELECT count(*) FROM child WHERE parent = 2") == 0, "ON DELETE CASCADE does not act"


def test_triggers_of_the_target_do_not_fire_for_the_changes(follow, source, target):
    task = follow(CONSTRAINTS, ["UPDATE child SET price = 7 WHERE id = 7"])
    target.execute("CREATE FUNCTION public.spoil() RETURNS trigger LANGUAGE plpgsql AS "
                   "$$ BEGIN NEW.price := 12345; RETURN NEW; END $$",
                   "CREATE TRIGGER spoil BEFORE INSERT OR UPDATE ON child FOR EACH ROW EXECUTE FUNCTION public.spoil()",
                   "CREATE RULE hide AS ON DELETE TO child DO INSTEAD NOTHING")
    source.execute("UPDATE child SET price = 8 WHERE id = 7", "INSERT INTO child (id, parent, price) VALUES (601, 1, 5)",
                   "DELETE FROM child WHERE id < 5", "UPDATE parent SET self = NULL", "DELETE FROM parent WHERE id = 2")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_views_and_sequences(follow, target):
    follow(["CREATE SEQUENCE own AS int START 5 INCREMENT 5 CYCLE MAXVALUE 500", "SELECT nextval('own')",
            "CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval('own'), v text)", "INSERT INTO t (v) VALUES ('a'), ('b')",
            "CREATE VIEW z_first AS SELECT id, v FROM t WHERE v > ''", "CREATE VIEW a_second AS SELECT id FROM z_first WITH CHECK OPTION",
            "COMMENT ON VIEW a_second IS 'of a view'", "CREATE MATERIALIZED VIEW kept AS SELECT count(*) AS n FROM a_second",
            "CREATE UNIQUE INDEX one ON kept (n)", "CREATE MATERIALIZED VIEW unfilled AS SELECT n FROM kept WITH NO DATA",
            "CREATE INDEX ON unfilled (n)"],
           ["INSERT INTO t (v) VALUES ('c')"], objects=["sequences"])
    assert target.value("SELECT count(*) FROM a_second") == 3
    assert target.value("SELECT n FROM kept") == 2
    assert target.value("SELECT nextval('own')") > 20


PARTITIONED = [
    "CREATE TABLE sale (id int, at date, region text, v text, PRIMARY KEY (id, at, region)) PARTITION BY RANGE (at)",
    "CREATE TABLE sale_2020 PARTITION OF sale FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') WITH (fillfactor = 80)",
    "CREATE TABLE sale_2021 PARTITION OF sale FOR VALUES FROM ('2021-01-01') TO ('2022-01-01') PARTITION BY LIST (region)",
    "CREATE TABLE sale_2021_eu PARTITION OF sale_2021 FOR VALUES IN ('de', 'fr')",
    "CREATE TABLE \"Sale 2021 rest\" PARTITION OF sale_2021 DEFAULT",
    "CREATE TABLE sale_rest PARTITION OF sale DEFAULT",
    "CREATE INDEX sale_v ON sale (v)", "COMMENT ON TABLE sale IS 'in parts'",
    "CREATE TABLE spread (id bigserial PRIMARY KEY, v int) PARTITION BY HASH (id)",
    "CREATE TABLE spread_0 PARTITION OF spread FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
    "CREATE TABLE spread_1 PARTITION OF spread FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
    "CREATE TABLE bare (at int) PARTITION BY RANGE (at)",
    "CREATE TABLE bare_1 PARTITION OF bare FOR VALUES FROM (0) TO (100)", "ALTER TABLE bare_1 REPLICA IDENTITY FULL",
    "CREATE TABLE bare_2 PARTITION OF bare FOR VALUES FROM (100) TO (200)", "ALTER TABLE bare_2 REPLICA IDENTITY FULL",
    "ALTER TABLE bare REPLICA IDENTITY FULL",
    # The columns of a partition that was a table of its own stand in another order.
    "CREATE TABLE sale_2019 (v text, gone int, region text NOT NULL, at date NOT NULL, id int NOT NULL)",
    "ALTER TABLE sale_2019 DROP COLUMN gone",
    "ALTER TABLE sale ATTACH PARTITION sale_2019 FOR VALUES FROM ('2019-01-01') TO ('2020-01-01')",
    "INSERT INTO sale SELECT i, '2018-06-01'::date + i, (ARRAY['de', 'fr', 'jp'])[1 + i % 3], repeat('x', 300) "
    "FROM generate_series(1, 2000) i",
    "INSERT INTO spread (v) SELECT i FROM generate_series(1, 1000) i",
    "INSERT INTO bare SELECT i % 200 FROM generate_series(1, 600) i",
]
MOVES = [
    "UPDATE sale SET at = at + 300 WHERE id % 10 = 0", "UPDATE sale SET region = 'jp' WHERE region = 'de' AND id < 1500",
    "DELETE FROM sale WHERE id % 7 = 0", "INSERT INTO sale VALUES (9001, '2021-05-05', 'fr', 'new'), (9002, '1999-01-01', 'x', 'old')",
    "UPDATE spread SET id = id + 5000 WHERE id % 3 = 0", "UPDATE bare SET at = 199 - at WHERE at < 30",
    "DELETE FROM bare WHERE ctid = ANY(ARRAY(SELECT ctid FROM ONLY bare_2 LIMIT 5)) AND tableoid = 'bare_2'::regclass",
    "UPDATE sale_2021_eu SET v = 'direct'",
]


def test_partitioned_tables(follow):
    follow(PARTITIONED, MOVES, copy={"chunk_bytes": "64KiB"})


def test_partitions_are_emptied_one_by_one(follow):
    follow(PARTITIONED, ["TRUNCATE sale_rest", "TRUNCATE sale_2021", "INSERT INTO sale VALUES (1, '2021-02-02', 'de', 'again')",
                         "TRUNCATE bare_1", "INSERT INTO bare VALUES (1)", "TRUNCATE spread", "INSERT INTO spread (v) VALUES (1)"])


def test_partitioned_tables_that_are_written_to(source, target, godwit):
    source.execute("CREATE SCHEMA shop", *PARTITIONED)

    def sell(cursor, rng):
        number = rng.randrange(1, 4000)
        cursor.execute("INSERT INTO sale VALUES (%s, '2018-01-01'::date + %s, 'de', 'new')", (10000 + rng.randrange(10 ** 8), number))
        cursor.execute("UPDATE sale SET at = at + %s, v = v || 'y' WHERE id = %s", (rng.randrange(-400, 400), number))
        cursor.execute("UPDATE sale SET region = %s WHERE id = %s", (rng.choice(["de", "fr", "jp"]), number + 1))
        cursor.execute("DELETE FROM sale WHERE id = %s", (rng.randrange(1, 4000),))
        cursor.execute("INSERT INTO spread (v) VALUES (%s)", (number,))
        cursor.execute("UPDATE bare SET at = (at + 77) %% 200 WHERE at = %s", (number % 200,))

    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 3})
    with PostgresWriter(source, [sell]) as writer:
        writer.wait_for(20)
        task.run().expect(DONE)
        writer.wait_for(200)
    task.run().expect(DONE)
    assert_equal(source, target)


def test_empty_tables(follow):
    tables = {"keyed": "id int PRIMARY KEY, v text", "keyless": "v text", "narrow": "id serial PRIMARY KEY"}
    follow([*(f"CREATE TABLE {name} ({columns})" for name, columns in tables.items()),
            "ALTER TABLE keyless REPLICA IDENTITY FULL",
            "CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY RANGE (id)",  # and without a partition
            "CREATE TABLE emptied (id int PRIMARY KEY)", "INSERT INTO emptied VALUES (1)", "DELETE FROM emptied"],
           ["INSERT INTO keyed VALUES (1, NULL), (2, '')", "INSERT INTO keyless VALUES (NULL), (''), (NULL)",
            "INSERT INTO narrow DEFAULT VALUES", "INSERT INTO emptied VALUES (2)"])


def test_include_and_exclude(source, target, godwit):
    shop.load(source, 0.01)
    source.execute("CREATE TABLE shop.tmp_1 (i int PRIMARY KEY)", "CREATE SCHEMA other", "CREATE TABLE other.t (i int PRIMARY KEY)",
                   "CREATE TABLE other.u (i int)", "CREATE TABLE public.p (i int PRIMARY KEY)",
                   "INSERT INTO other.t VALUES (1)", "INSERT INTO other.u VALUES (1)", "INSERT INTO public.p VALUES (1)")
    task = godwit(source, target, tables={"include": ["shop.*", "~other\\.[a-t]", "public.*"], "exclude": ["shop.tmp_*"]})
    task.run().expect(DONE)
    source.execute("INSERT INTO tmp_1 VALUES (1)", "INSERT INTO other.t VALUES (2)", "INSERT INTO public.p VALUES (2)",
                   "INSERT INTO other.u VALUES (2)", "DELETE FROM tmp_1", "INSERT INTO visit (page) VALUES ('/last')")
    task.run().expect(DONE)
    assert not target.has_table("tmp_1") and not target.has_table("u", "other")
    source.execute("DROP TABLE tmp_1, other.u")
    assert_equal(source, target)


def test_odd_names(source, target, godwit):
    table = '"odd ""schema"" é"."Ta.ble \'%s $1"'
    source.execute('CREATE SCHEMA "odd ""schema"" é"',
                   f'''CREATE TABLE {table} ("select" int PRIMARY KEY, "a.b" text, "C ""q""" numeric DEFAULT 7, "$1" text,
                       "É" int GENERATED ALWAYS AS ("select" * 2) STORED, CONSTRAINT "a, b" UNIQUE ("a.b", "$1"))''',
                   f"INSERT INTO {table} VALUES (1, 'x', 1, '\\')")
    task = godwit(source, target, tables={"include": ["odd*.*"]})
    task.run().expect(DONE)
    assert_equal(source, target)
    source.execute(f"INSERT INTO {table} VALUES (2, E'\\'\\\\', NULL, '$1')", f"UPDATE {table} SET \"select\" = 3 WHERE \"select\" = 1",
                   f"UPDATE {table} SET \"$1\" = 'y' WHERE \"select\" = 2")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_rows_of_a_table_that_others_inherit_from_are_not_doubled(source, target, godwit):
    """Or it is refused, with a word about why."""
    source.execute("CREATE SCHEMA shop", "CREATE TABLE a (id int PRIMARY KEY)", "CREATE TABLE b (PRIMARY KEY (id)) INHERITS (a)",
                   "INSERT INTO a VALUES (1)", "INSERT INTO b VALUES (2)")
    task = godwit(source, target)
    result = task.run().expect(DONE, FAILED, FOUND)
    if result.code != DONE:
        assert "inherit" in result.text.lower(), result.text
        return
    assert_equal(source, target, definitions=False)
    source.execute("INSERT INTO b VALUES (3)", "UPDATE a SET id = id + 10")
    task.run().expect(DONE)
    assert_equal(source, target, definitions=False)


KEYS = {
    "negative": ("bigint", "n - 500", "i"),
    "numeric": ("numeric", "CASE WHEN n = 1 THEN 'NaN' WHEN n = 2 THEN 'Infinity' ELSE (n - 500) * 1.0000000001 END", "i"),
    "text": ("text", r"(ARRAY['ä', 'a', 'Z', ''''])[1 + n % 4] || '\' || n || E'\t'", "i"),
    "text_by_c": ('text COLLATE "C"', "(ARRAY['ä', 'a', 'Z'])[1 + n % 3] || n", "i"),
    "text_by_icu": ('text COLLATE "de-x-icu"', "(ARRAY['ä', 'a', 'Z', 'A'])[1 + n % 4] || n", "i"),
    "varchar": ("varchar(40)", "repeat('é', n % 9) || n", "i"),
    "char": ("char(12)", "'k' || n", "i"),
    "bytea": ("bytea", "decode(md5(n::text), 'hex')", "i"),
    "uuid": ("uuid", "md5(n::text)::uuid", "i"),
    "date": ("date", "CASE n WHEN 1 THEN '-infinity' WHEN 2 THEN 'infinity' ELSE date '0001-03-01 BC' + n END", "i"),
    "timestamp": ("timestamp(3)", "'2000-01-01'::timestamp + n * interval '1.003 s'", "i"),
    "timestamptz": ("timestamptz", "to_timestamp(1635638400 + n * 7.000001)", "i"),
    "time": ("time", "time '00:00' + n * interval '7.000001 s'", "i"),
    "interval": ("interval", "(n - 500) * interval '25:00:00.01'", "i"),
    "double": ("double precision", "CASE n WHEN 1 THEN 'NaN' WHEN 2 THEN '-Infinity' ELSE n / 7e0 - 70 END", "i"),
    "boolean": ("boolean", "n % 2 = 0", "i, n"),
    "enum": ("grade", "(ARRAY['b', 'a', 'c'])[1 + n % 3]::grade", "i, n"),
    "domain": ("even", "n * 2", "i"),
    "inet": ("inet", "'10.0.0.0'::inet + n", "i"),
    "bits": ("bit varying(20)", "n::bit(20)::bit varying", "i"),
    "array": ("int[]", "ARRAY[n % 10, n]", "i"),
    "range": ("int4range", "int4range(n % 10, n + 10)", "i"),
    "composite": ("varchar(10)", "'k' || n % 10", "n, i"),
    "no_key": ("text", "'k' || n % 10", None),
    "index": ("text", "'k' || n", "UNIQUE"),
}


@pytest.mark.parametrize("kind", KEYS)
def test_a_table_is_chunked_by_any_key(follow, kind):
    column, value, key = KEYS[kind]
    constraint = {None: "", "UNIQUE": ", CONSTRAINT k UNIQUE (n, i)"}.get(key, f", PRIMARY KEY ({key})")
    identity = {None: ["ALTER TABLE t REPLICA IDENTITY FULL"], "UNIQUE": ["ALTER TABLE t REPLICA IDENTITY USING INDEX k"]}
    follow(
        ["CREATE TYPE grade AS ENUM ('b', 'a', 'c')", "CREATE DOMAIN even AS int CHECK (VALUE % 2 = 0)",
         f"CREATE TABLE t (pad text, i {column} NOT NULL, n int NOT NULL{constraint})", *identity.get(key, []),
         f"INSERT INTO t (pad, i, n) SELECT repeat('x', 1000 + n), {value}, n "
         "FROM generate_series(1, 900) n", "ANALYZE t"],
        ["UPDATE t SET pad = n WHERE n % 5 = 0", "DELETE FROM t WHERE n % 7 = 0"],
        copy={"chunk_bytes": "64KiB", "threads": 3})
