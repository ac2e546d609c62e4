"""What PostgreSQL has and MariaDB and MySQL have not is told before anything is made, and refused where rows need it; so is what is
wrong with servers and tables."""

import pytest
from harness.compare import user_schemas
from harness.godwit import DONE, FAILED, FOUND

REFUSED = (FAILED, FOUND)
TO_MARIADB = pytest.mark.parametrize("kinds", [("postgres", "mariadb")], ids=["to_mariadb"])


def says(result, *words):
    for word in words:
        assert word.lower() in result.text.lower(), f"says nothing of {word!r}:\n{result.text}"


def nothing_was_made(source, target):
    assert user_schemas(target) == []
    assert source.value("SELECT count(*) FROM pg_replication_slots") == 0


@pytest.fixture
def small(source):
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, v int)", "INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)")
    return source


LOSSY = [
    "CREATE EXTENSION citext WITH SCHEMA public",
    """CREATE TABLE odd (id int PRIMARY KEY, tags text[], span int4range, amount numeric, at timestamptz DEFAULT now(), code text UNIQUE,
       price money, soon timestamptz DEFAULT now() + interval '1 day', low text CHECK (low = soundex_like(low)), name public.citext,
       words tsvector, CONSTRAINT apart EXCLUDE USING gist (span WITH &&))""",
    "CREATE INDEX by_tags ON odd USING gin (tags)", "CREATE UNIQUE INDEX few ON odd (price) WHERE id > 5",
    "CREATE INDEX by_word ON odd (md5(code) text_pattern_ops)", "CREATE VIEW seen AS SELECT id FROM odd",
    "CREATE SEQUENCE own", "CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE TRIGGER acts BEFORE INSERT ON odd FOR EACH ROW EXECUTE FUNCTION act()",
    # A parent that is none of the task's; and two keys, and two checks, of one name.
    "CREATE TABLE public.boss (id int PRIMARY KEY)", "CREATE TABLE worker (id int PRIMARY KEY, boss int REFERENCES public.boss)",
    "CREATE TABLE part (id int PRIMARY KEY, item_id int CONSTRAINT part_item_id_check CHECK (item_id > 0) REFERENCES odd)",
    "CREATE TABLE part_item (id int PRIMARY KEY CONSTRAINT part_item_id_check CHECK (id > 0) CONSTRAINT part_item_id_fkey REFERENCES odd)",
    "INSERT INTO odd (id, name, code) VALUES (1, 'a', 'a')",
]


def test_what_is_lost_is_told_by_check_and_plan(source, target, godwit, assert_same):
    source.execute("CREATE SCHEMA shop", "CREATE FUNCTION soundex_like(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1'", *LOSSY)
    task = godwit(source, target)
    checked = task.check().expect(DONE)
    # Keys, defaults and checks that are left out; types of which something is.
    says(checked, "shop.odd", "few", "apart", "soon", "low", "code", "span", "amount", "seen", "acts", "postgres-to-mysql.md",
         "worker_boss_fkey", "its parent is no table of the task")
    planned = task.plan().expect(DONE)
    says(planned, "CREATE TABLE", "odd", "few", "by_tags", "by_word", "apart", "soon", "tags", "worker_boss_fkey`: is left out",
         "foreign key `part_item_id_fkey`: is called `part_item_id_fkey_", "as shop.part has one")
    nothing_was_made(source, target)
    task.run().expect(DONE)
    assert_same(without=("public.boss",))
    indexes = {name for (name,) in target.execute("SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema = 'shop'")}
    assert not any("few" in name or "by_tags" in name for name in indexes), indexes
    named = [name for (name,) in target.execute("SELECT constraint_name FROM information_schema.referential_constraints WHERE constraint_schema = 'shop'")]
    assert sorted(named)[0] == "part_item_id_fkey" and sorted(named)[1].startswith("part_item_id_fkey_") and len(named) == 2, named


# The statements that make it, and words of the refusal; the way out is the last.
CANNOT_BE = {
    "columns_of_one_name": (["CREATE TABLE x (id int PRIMARY KEY, a int, \"A\" int)", "CREATE SCHEMA sys", "CREATE TABLE sys.x (id int PRIMARY KEY)"],
                            ["shop.x", "another column has the same name", "sys.x", "a database sys of its own", "exclude"]),
    "computed_by_what_is_not_known": (["CREATE FUNCTION twice(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 * 2'",
                                       "CREATE TABLE x (id int PRIMARY KEY, g int GENERATED ALWAYS AS (shop.twice(id)) STORED)"],
                                      ["shop.x", "g", "twice", "exclude"]),
    "unlogged": (["CREATE UNLOGGED TABLE x (id int PRIMARY KEY)"], ["shop.x", "unlogged"]),
    "no_identity": (["CREATE TABLE x (v int)"], ["shop.x", "REPLICA IDENTITY", "FULL"]),
    "too_many_columns": ([f"CREATE TABLE x (id int PRIMARY KEY, {', '.join(f'c{n} int' for n in range(1100))})"], ["shop.x", "1017"]),
}


@pytest.mark.parametrize("name", CANNOT_BE)
@TO_MARIADB
def test_what_cannot_be_is_refused(small, target, godwit, name):
    statements, words = CANNOT_BE[name]
    small.execute(*statements)
    task = godwit(small, target, tables={"include": ["*.*"]})
    says(task.check().expect(*REFUSED), *words)
    says(task.run(timeout=30).expect(*REFUSED), *words)
    nothing_was_made(small, target)
    # Without it the rest can go.
    task.configure(tables={"exclude": ["shop.x", "sys.*"]})
    task.run().expect(DONE)


@TO_MARIADB
def test_servers_that_do_not_let_in_and_tables_that_are_not_there(small, target, godwit):
    for side, variable in (("source", "SRC_PASSWORD"), ("target", "DST_PASSWORD")):
        task = godwit(small, target)
        task.environment[variable] = "not-this-one"
        for result in (task.run(timeout=15), task.check()):
            says(result.expect(*REFUSED), side, "password", "godwit")
            assert "not-this-one" not in result.text
    says(godwit(small, target, tables={"include": ["shopp.*"]}).run().expect(*REFUSED), "shopp.*")
    says(godwit(small, target, source={"url": small.url_of("nowhere")}).run(timeout=15).expect(*REFUSED), "source", "nowhere")
    nothing_was_made(small, target)


@TO_MARIADB
def test_uuids_that_mariadb_refuses_are_told_of_first(source, target, godwit, assert_same):
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id uuid PRIMARY KEY)",
                   "INSERT INTO t SELECT ('00000000-0000-' || third || '-' || fourth || '-00000000000f')::uuid FROM unnest(ARRAY['7fff', '8000']) third, "
                   "unnest(ARRAY['0000', '00ff', '8100', 'bfff', 'ffff']) fourth",
                   "INSERT INTO t SELECT ('0000000000007fff' || lpad(to_hex(i), 4, '0') || repeat('0', 12))::uuid FROM generate_series(0, 65535, 97) i")
    task = godwit(source, target)
    for said in (task.check(), task.plan()):
        says(said.expect(DONE), "whose third group begins with 8 to f, and the fourth with 01 to 80, are errors", "a cast makes it CHAR(36)")
    last = "00000000-0000-ffff-80ff-000000000000"
    source.execute(f"INSERT INTO t VALUES ('{last}')")
    says(task.run().expect(FAILED), "shop.t", last)
    source.execute(f"DELETE FROM t WHERE id = '{last}'")
    task.run().expect(DONE)
    assert_same()
    first = "ffffffff-ffff-8000-0100-ffffffffffff"
    source.execute(f"INSERT INTO t VALUES ('{first}'), ('{last}')")
    says(task.run().expect(FAILED), "shop.t", first)
    task.configure(casts=[{"type": "uuid", "to": "CHAR(36)"}])
    task.run("--restart").expect(DONE)
    assert_same()
    task.verify().expect(DONE)


COLLATIONS = {"mariadb": "utf8mb4_nopad_bin", "mysql": "utf8mb4_0900_bin"}


def test_a_table_that_is_there_already(small, target, kinds, godwit, assert_same):
    target.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v BIGINT)", "INSERT INTO shop.t VALUES (1, 7)")
    task = godwit(small, target)
    says(task.check().expect(FOUND), "shop.t")
    says(task.run().expect(*REFUSED), "shop.t", "if_exists")
    task.configure(target={"if_exists": "append"})
    says(task.run().expect(*REFUSED), "shop.t", "bigint")
    assert target.execute("SELECT * FROM shop.t") == ((1, 7),), "what was there was touched"
    # One that is the same takes the rows; and with `replace` any other goes.
    target.execute("DROP TABLE shop.t", f"CREATE TABLE shop.t (id INT NOT NULL PRIMARY KEY, v INT) COLLATE {COLLATIONS[kinds[1]]}", "INSERT INTO shop.t VALUES (9, 9)")
    task.run().expect(DONE)
    assert target.value("SELECT COUNT(*) FROM shop.t") == 4
    another = godwit(small, target, name="another", meta_schema="another", target={"if_exists": "replace"})
    another.run().expect(DONE)
    assert_same()
    # A row that somebody takes from the target is a drift that is told.
    target.execute("DELETE FROM shop.t WHERE id = 1")
    small.execute("UPDATE t SET v = 10 WHERE id = 1")
    says(another.run(), "shop.t", "drift")
