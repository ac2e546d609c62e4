"""`tables.partitions: leaf`: each partition that has rows is a table of the task, and what it is a partition of is put together
on the target whenever all is applied."""

import pytest
from harness.failpoints import Kills
from harness.godwit import BAD_USAGE, DONE, FAILED, FOUND
from harness.kinds import KINDS as SERVERS
from harness.kinds import options as required
from harness.postgres_compare import assert_equal
from harness.postgres_ddl import KINDS
from harness.postgres_writer import PostgresWriter

BY_LEAF = {"include": ["shop.*", "apart.*"], "partitions": "leaf"}
CAPTURE = {"capture": "trigger"}
AT_FIRST = {"copy.before_chunk_commit", "copy.after_chunk_commit", "schema.before_add_keys", "task.before_catching_up", "task.before_streaming",
            "partitions.before_put_together"}
LATER = {"prefix": {"apply.before_commit", "apply.after_commit", "partitions.before_put_together", "partitions.before_take_apart"},
         "row": {"apply.before_part_commit", "apply.after_part_commit"}}

# Two generations, a leaf in another schema, default ones, hashes; keys from, to and within what is divided; what is made of it.
SALES = [
    "CREATE SCHEMA apart",
    "CREATE TABLE region (name text PRIMARY KEY, boss text)", "INSERT INTO region VALUES ('eu', 'a'), ('us', 'b'), ('asia', 'c')",
    """CREATE TABLE sale (id bigserial, day int NOT NULL, region text NOT NULL REFERENCES region, v text, big text, twice bigint GENERATED ALWAYS AS (id * 2) STORED,
                          PRIMARY KEY (id, day, region), CONSTRAINT named CHECK (v <> 'never')) PARTITION BY RANGE (day)""",
    "COMMENT ON TABLE sale IS 'all of it'", "CREATE INDEX by_v ON sale (v)", "CREATE STATISTICS of_sale ON day, region FROM sale",
    "CREATE TABLE sale_1 PARTITION OF sale FOR VALUES FROM (0) TO (100)",
    "CREATE TABLE sale_2 PARTITION OF sale FOR VALUES FROM (100) TO (200) PARTITION BY LIST (region)",
    "CREATE TABLE apart.sale_2_eu PARTITION OF sale_2 FOR VALUES IN ('eu') WITH (fillfactor = 80)",
    "CREATE TABLE sale_2_rest PARTITION OF sale_2 DEFAULT", "CREATE INDEX of_rest ON sale_2_rest (day)",
    "CREATE TABLE sale_rest (region text NOT NULL, gone int, day int NOT NULL, id bigint NOT NULL DEFAULT nextval('sale_id_seq'), v text, big text, "
    "twice bigint GENERATED ALWAYS AS (id * 2) STORED, CONSTRAINT named CHECK (v <> 'never'))",  # other numbers and order of columns
    "ALTER TABLE sale_rest DROP gone", "ALTER TABLE sale ATTACH PARTITION sale_rest DEFAULT",
    "CREATE TABLE line (n int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id bigint, day int, region text, "
    "FOREIGN KEY (id, day, region) REFERENCES sale ON UPDATE CASCADE ON DELETE CASCADE)",
    "CREATE TABLE visit (id int GENERATED ALWAYS AS IDENTITY, page text, PRIMARY KEY (id)) PARTITION BY HASH (id)",
    *(f"CREATE TABLE visit_{n} PARTITION OF visit FOR VALUES WITH (MODULUS 3, REMAINDER {n})" for n in range(3)),
    "CREATE VIEW per_region AS SELECT region, count(*) FROM sale GROUP BY region", "CREATE VIEW of_eu AS SELECT * FROM per_region WHERE region = 'eu'",
    "INSERT INTO sale (day, region, v, big) SELECT i % 300, (ARRAY['eu', 'us', 'asia'])[1 + i % 3], i::text, CASE WHEN i % 50 = 0 THEN repeat(md5(i::text), 400) END "
    "FROM generate_series(1, 6000) i",
    "INSERT INTO line (id, day, region) SELECT id, day, region FROM sale WHERE id % 5 = 0", "INSERT INTO visit (page) SELECT i FROM generate_series(1, 3000) i"]


def sell(cursor, rng):
    cursor.execute("INSERT INTO sale (day, region, v) SELECT %s + i, (ARRAY['eu', 'us', 'asia'])[1 + i %% 3], 'new' FROM generate_series(1, 9) i",
                   (rng.randrange(280),))
    cursor.execute("INSERT INTO visit (page) VALUES ('x')")


def move(cursor, rng):
    """Rows go to other leaves, over several of them and back, by their key and in place of others that go; lines follow."""
    first = rng.randrange(5000)
    cursor.execute("UPDATE sale SET day = (day + 100) %% 300 WHERE id BETWEEN %s AND %s", (first, first + 5))
    cursor.execute("UPDATE sale SET v = v || 'm' WHERE id BETWEEN %s AND %s", (first + 3, first + 8))
    cursor.execute("UPDATE sale SET region = CASE region WHEN 'eu' THEN 'us' ELSE 'eu' END, day = day WHERE id BETWEEN %s AND %s", (first, first + 2))
    if rng.random() < 0.5:
        cursor.execute("UPDATE sale SET day = (day + 200) %% 300 WHERE id BETWEEN %s AND %s", (first, first + 5))


def exchange(cursor, rng):
    """Two rows of two leaves take each other's number."""
    a, b = sorted(rng.sample(range(1, 6000), 2))
    cursor.execute("SELECT id FROM sale WHERE id IN (%s, %s) ORDER BY id FOR UPDATE", (a, b))
    cursor.execute("UPDATE sale SET id = -id WHERE id = %s", (a,))
    cursor.execute("UPDATE sale SET id = %s WHERE id = %s", (a, b))
    cursor.execute("UPDATE sale SET id = %s WHERE id = %s", (b, -a))


def cancel(cursor, rng):
    cursor.execute("DELETE FROM sale WHERE id = %s", (rng.randrange(6000),))
    cursor.execute("DELETE FROM visit WHERE id = %s", (rng.randrange(3000),))


WRITES = [sell, move, move, exchange, cancel]


@pytest.fixture
def sales(source):
    source.execute("CREATE SCHEMA shop", *SALES)
    return source


def leaves_of(server, root="shop.sale"):
    return {name for (name,) in server.execute(f"SELECT relid::text FROM pg_partition_tree(to_regclass('{root}')) WHERE isleaf")}


@pytest.mark.parametrize("consistency", ["prefix", "row"])
def test_killed_at_its_failpoints_under_writers(sales, target, godwit, consistency):
    task = godwit(sales, target, tables=BY_LEAF, objects=["rights"], copy={"chunk_bytes": "64KiB", "threads": 3},
                  stream={"consistency": consistency, "lanes": 3})
    first, later = Kills(AT_FIRST if consistency == "prefix" else set()), Kills(LATER[consistency])
    with PostgresWriter(sales, WRITES, rate=300) as writer:
        first.through(task.run).expect(DONE)
        writer.wait_for(80)
        later.through(task.run).expect(DONE)
    assert (first.met, later.met) == (AT_FIRST if consistency == "prefix" else set(), LATER[consistency])
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    assert_equal(sales, target)
    assert target.execute("SELECT * FROM of_eu") == sales.execute("SELECT * FROM of_eu")
    assert leaves_of(target) == {"sale_1", "apart.sale_2_eu", "sale_2_rest", "sale_rest"}
    # Numbers go on, and rows find their leaves.
    target.execute("INSERT INTO sale (day, region) VALUES (1, 'eu'), (101, 'eu'), (500, 'us')", "INSERT INTO visit (page) VALUES ('x')")


def test_each_command_knows_the_leaves(sales, target, godwit):
    task = godwit(sales, target, tables=BY_LEAF)
    assert "shop.sale_2_rest" not in task.check().expect(DONE).text
    plan = task.plan("--json").expect(DONE).json()
    assert "apart.sale_2_eu" in [table["name"] for table in plan["tables"]] and "shop.sale" not in [table["name"] for table in plan["tables"]]
    assert 'ALTER TABLE "shop"."sale_2" ATTACH PARTITION "apart"."sale_2_eu"' in "\n".join(plan["ddl"]["after_copy"])
    task.run().expect(DONE)
    assert_equal(sales, target)
    assert task.status("--json").expect(DONE).json()["tables"]["streaming"] == 9
    assert "apart.sale_2_eu" in task.verify("--json").expect(DONE).out
    target.execute("UPDATE sale_1 SET v = 'other' WHERE id = (SELECT min(id) FROM sale_1)")
    said = task.verify().expect(FOUND).text
    assert "shop.sale_1" in said
    task.remove("--yes").expect(DONE)
    assert sales.value("SELECT count(*) FROM pg_publication") == 0 and target.has_table("sale")


def test_some_leaves_alone(sales, target, godwit):
    """Rows come and go between them and others."""
    task = godwit(sales, target, tables={"include": ["shop.region", "apart.*", "shop.sale_1"], "partitions": "leaf"}, mode="migrate")
    task.run().expect(DONE)
    with PostgresWriter(sales, WRITES, rate=500) as writer:
        writer.wait_for(100)
        task.run().expect(DONE)
    sales.execute("TRUNCATE sale_2_rest, sale_1 CASCADE", "INSERT INTO sale (day, region, v) VALUES (5, 'eu', 'after'), (250, 'eu', 'elsewhere')")
    task.run().expect(DONE)
    assert leaves_of(target) == {"sale_1", "apart.sale_2_eu"}
    for leaf in ("sale_1", "apart.sale_2_eu"):
        query = f"SELECT * FROM {leaf} ORDER BY id"
        assert target.execute(query) == sales.execute(query), leaf
    assert not any(target.has_table(name) for name in ("sale_rest", "sale_2_rest", "visit", "line"))


def test_truncate(sales, target, godwit):
    task = godwit(sales, target, tables=BY_LEAF)
    task.run().expect(DONE)
    sales.execute("TRUNCATE sale_2 CASCADE", "INSERT INTO sale (day, region, v) VALUES (150, 'eu', 'x'), (5, 'us', 'y')", "TRUNCATE visit",
                  "INSERT INTO visit (page) VALUES ('first')")
    task.run().expect(DONE)
    assert_equal(sales, target)
    sales.execute("BEGIN", "UPDATE sale SET day = 299 - day WHERE id % 2 = 0", "TRUNCATE sale CASCADE", "INSERT INTO sale (day, region) VALUES (1, 'us')", "COMMIT")
    task.run().expect(DONE)
    assert_equal(sales, target)


MORE = {
    "attached_and_detached": (
        ["CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)", "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (100)",
         "CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (100) TO (200)", "INSERT INTO t SELECT i, 'x' FROM generate_series(1, 150) i"],
        ["ALTER TABLE t DETACH PARTITION t_2", "INSERT INTO t_2 VALUES (1000, 'of its own')", "CREATE TABLE t_3 (v text, id int PRIMARY KEY)",
         "INSERT INTO t_3 VALUES ('a', 250)", "ALTER TABLE t ATTACH PARTITION t_3 FOR VALUES FROM (200) TO (300)", "UPDATE t SET id = id + 180 WHERE id = 50",
         "ALTER TABLE t_2 ADD c int", "UPDATE t_2 SET c = 7", "CREATE INDEX ON t (v)", "INSERT INTO t VALUES (260, 'z')"]),
    "parents_change": (
        ["CREATE TABLE t (id int, k text, v text) PARTITION BY LIST (k)", "CREATE TABLE t_a PARTITION OF t FOR VALUES IN ('a') PARTITION BY RANGE (id)",
         "CREATE TABLE t_a1 PARTITION OF t_a FOR VALUES FROM (0) TO (100)", "CREATE TABLE t_b PARTITION OF t DEFAULT", "ALTER TABLE t ADD PRIMARY KEY (id, k)",
         "INSERT INTO t SELECT i, CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END, 'x' FROM generate_series(1, 90) i"],
        ["ALTER TABLE t ADD c int NOT NULL DEFAULT 3", "UPDATE t SET k = 'a' WHERE id = 7", "ALTER TABLE t RENAME v TO w", "CREATE UNIQUE INDEX ON t (id, k, w)",
         "ALTER TABLE t ADD CONSTRAINT positive CHECK (id > 0)", "ALTER TABLE t_a RENAME TO t_of_a", "CREATE TABLE t_a2 PARTITION OF t_of_a DEFAULT",
         "INSERT INTO t (id, k) VALUES (500, 'a'), (501, 'b')", "ALTER TABLE t ALTER c TYPE bigint", "INSERT INTO t (id, k) VALUES (502, 'a')", "DROP TABLE t_b",
         "CREATE TABLE t_b PARTITION OF t FOR VALUES IN ('b', 'c')", "INSERT INTO t (id, k) VALUES (503, 'c')"]),
    "all_dropped": (
        ["CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id)", "CREATE TABLE t_1 PARTITION OF t DEFAULT", "INSERT INTO t VALUES (1)",
         "CREATE TABLE stays (id int PRIMARY KEY)"],
        ["INSERT INTO t VALUES (2)", "DROP TABLE t", "INSERT INTO stays VALUES (1)", "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (3)"]),
}


@pytest.mark.parametrize("name", ["partitions", "table_attached", "table_altered_and_attached", *MORE])
def test_ddl(source, target, godwit, name):
    tables, changes = {**KINDS, **MORE}[name]
    source.execute("CREATE SCHEMA shop", *tables)
    task = godwit(source, target, tables=BY_LEAF, ddl=CAPTURE)
    task.run().expect(DONE)
    assert_equal(source, target)
    source.execute(*changes)
    task.run().expect(DONE)
    assert_equal(source, target)
    source.execute("CREATE TABLE witness (id int PRIMARY KEY)", "INSERT INTO witness VALUES (1)")
    task.run().expect(DONE)
    assert_equal(source, target)


PARTED = ["CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)", "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (100)",
          "CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (100) TO (200)", "INSERT INTO t SELECT i, 'x' FROM generate_series(1, 150) i"]


def test_a_leaf_that_comes_later_is_named_without_capture(source, target, godwit):
    source.execute("CREATE SCHEMA shop", *PARTED)
    task = godwit(source, target, tables=BY_LEAF)
    task.run().expect(DONE)
    source.execute("CREATE TABLE t_3 PARTITION OF t FOR VALUES FROM (200) TO (300)", "UPDATE t SET id = id + 200 WHERE id = 5")
    said = task.run().expect(FAILED).text
    assert "shop.t_3" in said and "tables.exclude" in said and "--restart" in said
    task.configure(tables={"exclude": ["shop.t_3"]})
    task.run().expect(DONE)
    assert target.value("SELECT count(*) FROM t") == 149
    task.configure(tables={"exclude": []})
    task.run("--restart").expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize(("begun", "then", "in_copy"), [("leaf", "root", True), ("root", "leaf", False)])
def test_what_tables_are_does_not_change_under_way(source, target, godwit, begun, then, in_copy):
    source.execute("CREATE SCHEMA shop", *PARTED)
    task = godwit(source, target, tables={"partitions": begun})
    task.run(failpoints="copy.before_chunk_commit" if in_copy else None)
    before = target.execute("SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'shop'::regnamespace ORDER BY 1")
    task.configure(tables={"partitions": then})
    for said in (task.run().expect(FOUND), task.check().expect(FOUND), task.run("--skip-checks").expect(FAILED)):
        assert f"begun with tables.partitions: {begun}" in said.text and "--restart" in said.text
    assert target.execute("SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'shop'::regnamespace ORDER BY 1") == before
    if begun == "leaf" and in_copy:  # they are not put together, and are none of the task's tables by root
        target.execute("DROP TABLE t_1, t_2")
    task.configure(target={"if_exists": "replace"})
    task.run("--restart").expect(DONE)
    assert_equal(source, target)


def test_what_others_have_made_of_it(source, target, godwit):
    """A view keeps the partitioned table where it is; a foreign key is named."""
    source.execute("CREATE SCHEMA shop", *PARTED)
    task = godwit(source, target, tables=BY_LEAF)
    task.run().expect(DONE)
    target.execute("CREATE VIEW public.mine AS SELECT count(*) FROM shop.t", "CREATE TABLE public.child (id int REFERENCES shop.t)")
    source.execute("INSERT INTO t VALUES (160, 'y')")
    assert "child_id_fkey of public.child" in task.run().expect(FAILED).text
    target.execute("DROP TABLE public.child")
    task.run().expect(DONE)
    assert target.value("SELECT * FROM public.mine") == 151
    source.execute("ALTER TABLE t ALTER v SET DEFAULT 'new'", "ALTER TABLE t ALTER v SET NOT NULL")
    said = task.run().expect(FAILED).text
    assert "partitioned table shop.t is there already, and differs" in said
    target.execute("DROP VIEW public.mine", "DROP TABLE t")
    target.execute("ALTER TABLE t_1 ALTER v SET NOT NULL", "ALTER TABLE t_2 ALTER v SET NOT NULL")
    task.run().expect(DONE)
    assert target.value("SELECT count(*) FROM t") == 151


def test_a_row_that_has_no_place(source, target, godwit):
    """Hashes of an enum are of the numbers that each server gives."""
    labels = ", ".join(f"'{n}'" for n in range(40))
    target.execute("CREATE TYPE public.other AS ENUM ('shifts', 'the', 'numbers')")
    source.execute("CREATE SCHEMA shop", f"CREATE TYPE mood AS ENUM ({labels})", "CREATE TABLE t (m mood PRIMARY KEY) PARTITION BY HASH (m)",
                   *(f"CREATE TABLE t_{n} PARTITION OF t FOR VALUES WITH (MODULUS 4, REMAINDER {n})" for n in range(4)),
                   "INSERT INTO t SELECT unnest(enum_range(NULL::mood))")
    task = godwit(source, target, tables=BY_LEAF)
    assert "tables.partitions: root" in task.run().expect(FAILED).text
    query = "SELECT m FROM t_0 UNION ALL SELECT m FROM t_1 UNION ALL SELECT m FROM t_2 UNION ALL SELECT m FROM t_3 ORDER BY 1"
    assert target.execute(query) == source.execute(query)


def test_to_another_family(source, server, godwit):
    target = server("target", kind=SERVERS["mariadb"], **required("mariadb", "target"))
    source.execute("CREATE SCHEMA shop", *PARTED, "CREATE TABLE t_3 PARTITION OF t FOR VALUES FROM (200) TO (300) PARTITION BY RANGE (id)",
                   "CREATE TABLE t_3_rest PARTITION OF t_3 DEFAULT")
    task = godwit(source, target, tables={"partitions": "leaf"}, ddl=CAPTURE)
    task.run().expect(DONE)
    source.execute("UPDATE t SET id = id + 150 WHERE id % 3 = 0 AND id < 100", "ALTER TABLE t ADD c int DEFAULT 4", "INSERT INTO t VALUES (299, 'y', 5)",
                   "CREATE TABLE t_4 PARTITION OF t FOR VALUES FROM (300) TO (400)", "INSERT INTO t VALUES (300, 'z', 6)", "TRUNCATE t_2",
                   "INSERT INTO t VALUES (101, 'again')")
    task.run().expect(DONE)
    for leaf in ("t_1", "t_2", "t_3_rest", "t_4"):
        query = f"SELECT id, v, c FROM shop.{leaf} ORDER BY id"
        assert list(target.execute(query)) == source.execute(query), leaf
    task.verify().expect(DONE)


def test_a_source_that_has_no_such_choice(server, godwit):
    servers = [server(role, kind=SERVERS["mariadb"], **required("mariadb", role)) for role in ("source", "target")]
    assert "tables.partitions: only partitions of a PostgreSQL source" in godwit(*servers, tables={"partitions": "leaf"}).run().expect(BAD_USAGE).text
