"""How tables of each kind are copied: in binary and as text, with their keys built when all rows are in."""

import contextlib
import re

import pytest
from harness.godwit import DONE, FAILED, FOUND, KILLED
from harness.postgres import version
from harness.postgres_compare import assert_equal
from harness.postgres_writer import PostgresWriter

ROWS = 12_000
TABLES = [
    "CREATE TYPE mood AS ENUM ('good', 'so-so', 'bad')",
    "CREATE DOMAIN mood_or_none AS mood",
    "CREATE DOMAIN even AS int CHECK (VALUE % 2 = 0)",
    "CREATE TYPE pair AS (a int, b text)",
    # In binary. Large enough for its indexes to be built beside each other.
    "CREATE TABLE large (id int PRIMARY KEY, mood mood NOT NULL, maybe mood_or_none, at timestamptz, took interval, n numeric, "
    f"tags text[], doc jsonb, blob bytea, u int CONSTRAINT u UNIQUE {'NULLS NOT DISTINCT' if version() >= 15 else ''}, v int, UNIQUE (id, v) INCLUDE (u), "
    "twice int GENERATED ALWAYS AS (v * 2) STORED)",
    "ALTER TABLE large ALTER COLUMN blob SET STORAGE PLAIN",
    "CREATE INDEX moods ON large (mood, at DESC)", "COMMENT ON INDEX moods IS 'all of them'",
    "CREATE INDEX on_clock ON large (took)", "ALTER TABLE large CLUSTER ON on_clock",
    "COMMENT ON CONSTRAINT u ON large IS 'one NULL'",
    f"""INSERT INTO large SELECT i, (ARRAY['good', 'so-so', 'bad']::mood[])[1 + i % 3], CASE WHEN i % 2 = 0 THEN 'bad'::mood END,
          '2020-01-01 00:00:00+00'::timestamptz + i * interval '1.000001 s', i * interval '1 day -1 s', i / 7.0,
          ARRAY['a', NULL, i::text], jsonb_build_object('n', i), decode(repeat(md5(i::text), 180), 'hex'),
          CASE WHEN i > 1 THEN i END, i FROM generate_series(1, {ROWS}) i""",
    "CREATE TABLE coded (code text PRIMARY KEY, n int)",
    f"INSERT INTO coded SELECT CASE WHEN i > 1 THEN lpad(i::text, 8, '0') || E'\\t\\\\' ELSE '' END, i FROM generate_series(1, {ROWS}) i",
    # As text.
    "CREATE TABLE odd (id bigint PRIMARY KEY, e even, p pair, moods mood[], c \"char\", t text)",
    f"INSERT INTO odd SELECT i, i * 2, ROW(i, E'a\\t\\n')::pair, ARRAY['bad', NULL]::mood[], 'x', E'\\\\N\\t' || i FROM generate_series(1, {ROWS}) i",
    # Told apart otherwise than by a primary key, or by none of their columns.
    "CREATE TABLE by_index (code text NOT NULL, n int)", "CREATE UNIQUE INDEX by_code ON by_index (code)",
    "ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_code",
    f"INSERT INTO by_index SELECT md5(i::text), i FROM generate_series(1, {ROWS}) i",
    "CREATE TABLE by_other (id int PRIMARY KEY, token uuid NOT NULL CONSTRAINT token UNIQUE, n int UNIQUE)",
    "ALTER TABLE by_other REPLICA IDENTITY USING INDEX token",
    f"INSERT INTO by_other SELECT i, md5(i::text)::uuid, i FROM generate_series(1, {ROWS}) i",
    "CREATE TABLE by_two (a varchar(40), b date, n int UNIQUE DEFERRABLE, PRIMARY KEY (a, b))",
    f"INSERT INTO by_two SELECT 'ä' || i % 100, '2000-01-01'::date + i, i FROM generate_series(1, {ROWS}) i",
    "CREATE TABLE late (id int PRIMARY KEY DEFERRABLE, n int)", "ALTER TABLE late REPLICA IDENTITY FULL",
    "INSERT INTO late SELECT i, i FROM generate_series(1, 500) i",
    "CREATE TABLE keyless (n int, t text)", "ALTER TABLE keyless REPLICA IDENTITY FULL",
    "INSERT INTO keyless SELECT i % 100, 'x' FROM generate_series(1, 2000) i",
    "CREATE TABLE nothing ()", "ALTER TABLE nothing REPLICA IDENTITY FULL", "INSERT INTO nothing SELECT FROM generate_series(1, 7)",
    "CREATE TABLE none (id int PRIMARY KEY)",
    # Divided.
    "CREATE TABLE parts (id int, n int, t text, PRIMARY KEY (id)) PARTITION BY RANGE (id)",
    "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (5000)",
    "CREATE TABLE parts_2 PARTITION OF parts DEFAULT",
    "CREATE INDEX ON parts (n)", "CREATE UNIQUE INDEX ON parts_1 (n)",
    f"INSERT INTO parts SELECT i, i, 'x' FROM generate_series(1, {ROWS}) i",
]
UPDATES = ["UPDATE large SET v = v + 100000, mood = 'bad' WHERE id = %s", "UPDATE large SET id = id + 100000 WHERE id = %s",
           "DELETE FROM large WHERE id = %s", "UPDATE odd SET e = e + 2 WHERE id = %s", "DELETE FROM by_index WHERE n = %s",
           "UPDATE by_index SET code = code || 'x' WHERE n = %s", "UPDATE by_other SET n = -n WHERE id = %s",
           "UPDATE by_two SET a = a || '-' WHERE n = %s", "UPDATE late SET n = n + 1 WHERE id = %s", "DELETE FROM keyless WHERE n = %s",
           "UPDATE coded SET code = code || '-' WHERE n = %s",
           "UPDATE parts SET id = id + 5000 WHERE id = 20000 + %s", "UPDATE parts SET t = 'y' WHERE n = %s"]
CHUNKS = {"chunk_bytes": "128KiB", "threads": 2}


def write(cursor, rng):
    cursor.execute(rng.choice(UPDATES), (rng.randrange(1, ROWS),))


@pytest.fixture
def loaded(source):
    source.execute("CREATE SCHEMA shop", *TABLES, "ANALYZE")
    return source


def test_killed_again_and_again_while_keys_are_built(loaded, target, godwit):
    """Some are there then, or their index alone is; and rows that were copied are not copied again."""
    task = godwit(loaded, target, copy=CHUNKS)
    with PostgresWriter(loaded, [write], rate=300) as writer:
        task.run(failpoints="copy.after_chunk_commit:20").expect(KILLED)
        writer.wait_for(20)
        before = set(target.execute("SELECT ctid, xmin FROM large"))
        assert before and target.value("SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
                                       "WHERE c.relnamespace = 'shop'::regnamespace") == 0
        kills = []
        for number in range(40):
            result = task.run(failpoints=f"schema.before_add_keys:{1 + number % 3}")
            if result.code == DONE:
                break
            result.expect(KILLED)
            if not kills:  # no row of the table has been changed yet
                assert before <= set(target.execute("SELECT ctid, xmin FROM large"))
            kills.append(target.value("SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
                                      "WHERE c.relnamespace = 'shop'::regnamespace"))
            writer.wait_for(5)
    assert len(set(kills)) > 5, f"killed with these numbers of indexes built: {kills}"
    task.run().expect(DONE)
    assert_equal(loaded, target)
    task.verify().expect(DONE)
    target.execute("INSERT INTO nothing DEFAULT VALUES")
    assert "a row without columns" in task.verify().expect(FOUND).text


# When; since when a transaction of Godwit's is open; what the oldest snapshot of it keeps; what one of now would keep.
OPEN = """SELECT extract(epoch FROM clock_timestamp()), extract(epoch FROM min(xact_start)), min(backend_xmin::text::bigint),
                 pg_snapshot_xmin(pg_current_snapshot())::text::bigint FROM pg_stat_activity WHERE usename = 'godwit'"""
BUILDING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'INDEX .* ON .*large'"


@pytest.mark.parametrize("threads", [1, 8])
def test_of_each_kind_under_writing(loaded, target, godwit, threads):
    """No transaction is open on the source for longer than a chunk takes, and indexes are built beside each other."""
    task = godwit(loaded, target, copy={**CHUNKS, "threads": threads})
    with PostgresWriter(loaded, [write], threads=2, rate=1000) as writer, contextlib.closing(target.connect(autocommit=False)) as user:
        writer.wait_for(50)
        run, seen = task.start("--until", "caught-up"), []
        run.wait_until(lambda: target.has_table("large"))
        with user.cursor() as cursor:
            cursor.execute("LOCK TABLE large IN ROW EXCLUSIVE MODE")  # rows are let in, no index is made
        run.wait_until(lambda: seen.extend(loaded.execute(OPEN)) or target.value(BUILDING) > 1)
        user.rollback()
        longest = (seen[-1][0] - seen[0][0]) / 2
        for now, since, kept, _ in seen:
            assert since is None or now - since < longest, seen
            assert kept is None or all(kept >= oldest for at, *_, oldest in seen if at < now - longest), seen
        assert len(seen) > 5 and any(since for _, since, *_ in seen) and any(kept for *_, kept, _ in seen), seen
        run.wait().expect(DONE)
        writer.wait_for(50)
    task.run().expect(DONE)
    assert_equal(loaded, target)


def test_the_end_of_a_chunk_is_looked_for_only_where_rows_lie_out_of_order(loaded, target, godwit):
    loaded.execute("ALTER SYSTEM SET log_statement = 'all'", "SELECT pg_reload_conf()")
    godwit(loaded, target, mode="copy", copy=CHUNKS).start().wait().expect(DONE)
    log = loaded.log()
    for table, looked in [("large", False), ("coded", False), ("odd", False), ("by_index", True), ("by_other", True), ("parts", True)]:
        assert bool(re.search(rf'FROM (ONLY )?"shop"."{table}".* OFFSET ', log)) == looked, table
        assert looked or log.count(f'FROM ONLY "shop"."{table}" WHERE') >= 2, f"{table}: these are no chunks"
    assert_equal(loaded, target)


def test_rows_of_others_are_in_the_way_of_the_primary_key(loaded, target, godwit):
    task = godwit(loaded, target, copy=CHUNKS, tables={"include": ["shop.by_two"]})
    task.run(failpoints="schema.before_add_keys").expect(KILLED)
    target.execute("INSERT INTO by_two SELECT a, b, -n FROM by_two LIMIT 1")
    result = task.run().expect(FAILED)
    assert "by_two_pkey" in result.text and "others than Godwit" in result.text and "--restart" in result.text
    assert not target.execute("SELECT FROM pg_index WHERE indrelid = 'shop.by_two'::regclass")
    target.execute("DELETE FROM by_two WHERE n < 0")
    task.run().expect(DONE)
    assert_equal(loaded, target, definitions=False, schemas=["none"])
    assert target.value("SELECT count(*) FROM by_two") == ROWS


def test_rows_of_new_tables_come_in_frozen(source, target, godwit):
    """But not where that would take rows of others, or make somebody wait, or be told to others as what the source did."""
    def rows(table, number, *, key="n"):
        return f"INSERT INTO {table} ({key}, t) SELECT i, repeat(md5(i::text), 6) FROM generate_series(1, {number}) i"

    def keyless(table, columns="n int, t text"):
        return [f"CREATE TABLE {table} ({columns})", f"ALTER TABLE {table} REPLICA IDENTITY FULL", rows(table, 9000)]

    source.execute(
        "CREATE SCHEMA shop", "CREATE TYPE pair AS (a int, b text)", *keyless("whole"), *keyless("as_text", "n int, t text, p pair"),
        "CREATE TABLE small (id int PRIMARY KEY, t text)", rows("small", 6000, key="id"),
        *keyless("held"), *keyless("taken"), *keyless("watched"), *keyless("kept"), "CREATE TABLE tiny (id int PRIMARY KEY, t text)", rows("tiny", 10, key="id"),
        "CREATE TABLE ranges (id int PRIMARY KEY, t text)", rows("ranges", 20_000, key="id"),
        "CREATE TABLE parts (n int PRIMARY KEY, t text) PARTITION BY RANGE (n)", "CREATE TABLE part PARTITION OF parts DEFAULT", rows("parts", 5000),
        "ANALYZE")
    target.execute("ALTER SYSTEM SET autovacuum = off", "SELECT pg_reload_conf()", "CREATE SCHEMA shop", *keyless("kept")[:2])
    task = godwit(source, target, target={"if_exists": "append"})
    task.run(failpoints="copy.before_chunk_commit").expect(KILLED)
    target.wait_until_left()
    assert target.value("SELECT count(*) FROM whole") == 0 == target.value("SELECT count(*) FROM taken")
    target.execute("INSERT INTO taken VALUES (-1, 'of the target')",
                   "CREATE FUNCTION public.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$",
                   "CREATE TRIGGER no BEFORE TRUNCATE ON watched EXECUTE FUNCTION public.no()")
    with contextlib.closing(target.connect(autocommit=False)) as reader, reader.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM held")
        task.run(failpoints="copy.after_chunk_commit:3").expect(KILLED)
        target.wait_until_left()
        task.run().expect(DONE)
    assert len(target.execute("DELETE FROM taken WHERE n = -1 RETURNING t")) == 1
    target.execute("DROP TRIGGER no ON watched")
    assert_equal(source, target)
    for table in ("whole", "as_text", "small"):
        frozen, pages = target.frozen_pages(table)
        assert frozen == pages > 150, table
    for table in ("held", "taken", "watched", "kept", "tiny", "ranges", "part"):
        assert target.frozen_pages(table)[0] == 0, table
    # A reader of the target's log would empty its own table.
    target.execute("CREATE PUBLICATION back FOR ALL TABLES")
    task.configure(target={"if_exists": "replace"})
    task.run("--restart").expect(DONE)
    assert target.frozen_pages("whole")[0] == 0 < target.value("SELECT count(*) FROM whole")


def test_indexes_are_built_with_the_memory_that_the_server_has(source, target, godwit):
    """Its sessions are given too little, so that a sort would go through files."""
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (k text PRIMARY KEY)", "INSERT INTO t SELECT md5(i::text) FROM generate_series(1, 100000) i")
    target.stop()
    target.start(shared_buffers="160MB", maintenance_work_mem="1MB", max_parallel_maintenance_workers=0, log_temp_files=0)
    target.execute("CREATE TABLE public.t AS SELECT md5(i::text) AS k FROM generate_series(1, 100000) i", "CREATE INDEX ON public.t (k)",
                   "DROP TABLE public.t")
    files = target.log().count("temporary file")
    assert files > 0, "this server needs no files"
    godwit(source, target).run().expect(DONE)
    assert target.log().count("temporary file") == files
    assert_equal(source, target)
