"""With PostgreSQL at one end or both: killed at every failpoint that a task passes from its first run to its removal, under writers, the
target ends equal; and so it does when the servers themselves go away and come back."""

import functools
import time

import pytest
from harness import family_compare, from_postgres_compare, postgres_compare, postgres_shop, postgres_writer, shop, writer
from harness.failpoints import Kills, failpoints
from harness.godwit import DONE, FAILED, INTERRUPTED
from harness.kinds import KINDS
from harness.kinds import options as required
from harness.postgres import Postgres

DIRECTIONS = {"postgres_to_postgres": ("postgres", "postgres"), "mysql_to_postgres": ("mysql", "postgres"),
              "mariadb_to_postgres": ("mariadb", "postgres"), "postgres_to_mariadb": ("postgres", "mariadb")}


def write_a_visit(cursor, rng):
    """As the writer's, for a table that may have got a column."""
    cursor.execute("INSERT INTO visit (seen_at, page, took) VALUES (NOW(6), %s, %s)", (f"/p/{rng.randrange(50)}", rng.random()))
    cursor.execute("DELETE FROM visit WHERE page = %s LIMIT 1", (f"/p/{rng.randrange(50)}",))


class FromPostgres:
    """The shop on PostgreSQL, whose event triggers capture definitions. It sends large transactions while they are in progress."""

    options = {"logical_decoding_work_mem": "64kB"}
    task = {"ddl": {"capture": "trigger"}}
    again = {"ddl": {"capture": "none"}}  # large transactions are read in progress only without
    transactions = postgres_writer.SHOP_FOR_MYSQL
    writer = postgres_writer.PostgresWriter
    tables = [postgres_shop.FOR_MYSQL, "CREATE VIEW unpaid AS SELECT id FROM orders WHERE NOT paid",
              "CREATE TABLE kept (id int PRIMARY KEY, v int)", "INSERT INTO kept SELECT i, i FROM generate_series(1, 500) i",
              "CREATE TABLE gone (id int PRIMARY KEY)", "INSERT INTO gone VALUES (1), (2)",
              "CREATE TABLE season (id int, name text, PRIMARY KEY (id)) PARTITION BY RANGE (id)",
              "CREATE TABLE season_1 PARTITION OF season FOR VALUES FROM (0) TO (1000)",
              "CREATE TABLE season_2 PARTITION OF season FOR VALUES FROM (1000) TO (100000)",
              "INSERT INTO season SELECT i, 'x' FROM generate_series(1, 2000) i"]
    in_the_copy = ["ALTER TABLE visit ADD agent varchar(40) DEFAULT 'none'", "ALTER TABLE product ADD origin char(2) DEFAULT 'xx'",
                   "ALTER TABLE kept ADD more int", "DROP TABLE gone"]
    in_the_stream = ["ALTER TABLE season ADD since{n} date DEFAULT '2020-02-02'", "TRUNCATE visit", "UPDATE season SET name = 'z' WHERE id % 9 = 0",
                     "BEGIN", "ALTER TABLE letter RENAME body TO words{n}", "INSERT INTO season (id, name) SELECT max(id) + 1, '{n}' FROM season",
                     "ALTER TABLE letter RENAME words{n} TO body", "COMMIT", "UPDATE season SET id = id + 5000 WHERE id < 20",
                     "CREATE TABLE made{n} (id int PRIMARY KEY, customer_id bigint REFERENCES customer ON DELETE CASCADE ON UPDATE CASCADE)",
                     "INSERT INTO made{n} SELECT n, id FROM (SELECT row_number() OVER () n, id FROM customer LIMIT 50) c",
                     "ALTER TABLE seat ALTER ticket TYPE text USING ticket || '{n}'"]

    at_last = ["BEGIN", "INSERT INTO visit (page, cookie) SELECT i, repeat(md5(i::text), 20)::bytea FROM generate_series(1, 2000) i",
               "UPDATE customer SET balance = balance + 1", "COMMIT", "ALTER TABLE seat ADD since date DEFAULT '2020-02-02'",
               "UPDATE seat SET since = NULL WHERE number % 3 = 0"]

    @staticmethod
    def load(source, scale):
        postgres_shop.load(source, scale)
        source.execute(*FromPostgres.tables)


class FromMySql:
    """The shop on MariaDB or MySQL."""

    options = task = again = {}
    transactions = [*(one for one in writer.SHOP_FOR_POSTGRES if one is not writer.visit), write_a_visit]
    writer = writer.Writer
    tables = ["CREATE TABLE kept (id INT PRIMARY KEY, v INT)", "INSERT INTO kept SELECT id, id FROM customer LIMIT 500",
              "CREATE TABLE gone (id INT PRIMARY KEY)", "INSERT INTO gone VALUES (1), (2)", "CREATE TABLE season (id INT PRIMARY KEY)"]
    in_the_copy = ["ALTER TABLE visit ADD COLUMN agent VARCHAR(40) DEFAULT 'none'", "ALTER TABLE product ADD COLUMN origin CHAR(2) DEFAULT 'xx' AFTER title",
                   "ALTER TABLE kept ADD COLUMN more INT", "DROP TABLE gone"]
    in_the_stream = ["ALTER TABLE customer ADD COLUMN vip{n} BOOLEAN DEFAULT FALSE", "UPDATE customer SET balance = balance + 1",
                     "CREATE TABLE term{n} (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(20))",
                     "INSERT INTO term{n} (name) VALUES ('spring'), ('summer')", "ALTER TABLE orders ADD INDEX paid{n} (paid)",
                     "RENAME TABLE term{n} TO period{n}", "INSERT INTO period{n} (name) VALUES ('autumn')",
                     "ALTER TABLE period{n} ADD COLUMN since DATETIME DEFAULT CURRENT_TIMESTAMP", "INSERT INTO period{n} (name) VALUES ('winter')",
                     "TRUNCATE TABLE season", "INSERT INTO season VALUES ({n}), (9)",
                     "CREATE TABLE made{n} (id INT PRIMARY KEY, customer_id BIGINT UNSIGNED, FOREIGN KEY (customer_id) REFERENCES customer (id) ON DELETE CASCADE)",
                     "INSERT INTO made{n} SELECT id, id FROM customer LIMIT 50"]
    at_last = ["ALTER TABLE product ADD COLUMN since DATE DEFAULT '2020-02-02'", "UPDATE product SET since = NULL WHERE shelf % 3 = 0"]

    @staticmethod
    def load(source, scale):
        shop.load(source, scale)
        source.execute("USE shop", *FromMySql.tables)


# A table of the source's that the target had before.
KEPT = {"postgres": ["CREATE SCHEMA shop", "CREATE TABLE shop.kept (id int PRIMARY KEY, v int)"],
        "mariadb": ["CREATE DATABASE shop", "CREATE TABLE shop.kept (id INT NOT NULL PRIMARY KEY, v INT) COLLATE utf8mb4_nopad_bin"]}

# What only servers of one kind have between them.
BETWEEN = {("postgres", "postgres"): (["SELECT lo_from_bytea(1001, 'large')", "SELECT lo_from_bytea(1002, decode(repeat('00', 700000), 'hex'))"],
                                      {"large_objects": "copy"})}

OF_A_SOURCE = {name for name in failpoints("connectors/postgres") if name.startswith("postgres.")}
# With tables.partitions: leaf alone, and so of postgres/test_partitions_by_leaf.py.
BY_LEAF = {name for name in failpoints("connectors/postgres") if name.startswith("partitions.")}
# Where the source comes to be another server, and so of moved_source.
OF_MOVES = {"task.before_move"}
OF_A_TARGET = {"postgres": failpoints("connectors/postgres") - OF_A_SOURCE - BY_LEAF, "mariadb": failpoints("connectors/mysql")}

# Between the families no view is translated, nor a large object, and what a DDL of PostgreSQL's amounts to elsewhere is a list of statements.
NEVER = {("mysql", "postgres"): {"schema.before_create_object", "large_objects.before_commit"},
         ("mariadb", "postgres"): {"schema.before_create_object", "large_objects.before_commit"},
         ("postgres", "mariadb"): {"schema.before_create_object", "ddl.after_replaced"}}


def of_direction(source, target):
    """All that a task comes by."""
    names = failpoints("pipeline", "server") - OF_MOVES | OF_A_TARGET[target] | (OF_A_SOURCE if source == "postgres" else set())
    assert names >= NEVER.get((source, target), set())
    return names - NEVER.get((source, target), set())


@pytest.fixture(params=DIRECTIONS)
def kinds(request):
    return DIRECTIONS[request.param]


@pytest.fixture
def side(kinds):
    return FromPostgres if kinds[0] == "postgres" else FromMySql


def started(server, kind, role, options):
    if kind == "postgres":
        return server(role, kind=Postgres, **options)
    return server(role, kind=KINDS[kind], **required(kind, role), **options)


@pytest.fixture
def source(server, side, kinds):
    return started(server, kinds[0], "source", side.options)


@pytest.fixture
def target(server, kinds):
    return started(server, kinds[1], "target", {})


@pytest.fixture
def assert_same(source, target, kinds):
    comparison = {("postgres", "postgres"): postgres_compare.assert_equal, ("postgres", "mariadb"): from_postgres_compare.assert_migrated}
    return functools.partial(comparison.get(kinds, family_compare.assert_migrated), source, target)


def change(source, statements, **names):
    source.execute(*([] if isinstance(source, Postgres) else ["USE shop"]), *(one.format(**names) for one in statements))


def test_every_failpoint_is_of_a_direction():
    """What none of these comes by is test_kill.py's, which has all of these folders."""
    here = set().union(*(of_direction(*direction) for direction in DIRECTIONS.values()))
    assert here | BY_LEAF | OF_MOVES | failpoints("pipeline", "server", "connectors/mysql") == failpoints()
    assert failpoints() - here - BY_LEAF - OF_MOVES == {"ddl.after_replaced"}


def test_killed_at_each_failpoint(source, target, side, kinds, godwit, assert_same):
    side.load(source, 0.05)
    setup, besides = BETWEEN.get(kinds, ([], {}))
    for statement in setup:
        source.execute(statement)
    target.execute(*KEPT[kinds[1]])
    task = godwit(source, target, target={"if_exists": "append"}, copy={"chunk_bytes": "64KiB", "threads": 2}, **side.task, **besides)
    kills = Kills(of_direction(*kinds))
    with side.writer(source, side.transactions, rate=100) as clients:
        # No chunk is in when definitions change.
        said = kills.through(task.run, then={"copy.before_chunk_commit": lambda: change(source, side.in_the_copy)})
        assert "shop.kept" in said.expect(FAILED).text
        target.execute("DROP TABLE shop.kept")
        kills.through(task.run).expect(DONE)
        for n, stream in enumerate([{"consistency": "row", "lanes": 3}, {"lanes": 2}, {"consistency": "prefix"}], 1):
            change(source, side.in_the_stream, n=n)
            clients.wait_for(30)
            task.configure(stream=stream)
            kills.through(task.run, passage=n).expect(DONE)
        task.configure(ddl={"events": {"drop_table": "stop"}})
        change(source, ["DROP TABLE season"])
        kills.through(task.run).expect(FAILED)
        task.ddl("retry").expect(DONE)
        kills.through(task.run).expect(DONE)
        task.configure(**side.again)
        kills.through(functools.partial(task.run, "--restart"), passage=3).expect(DONE)
        change(source, side.at_last)
        kills.through(task.run).expect(DONE)
    task.run().expect(DONE)
    assert_same()
    task.verify().expect(DONE)
    kills.through(functools.partial(task.remove, "--yes")).expect(DONE)
    task.configure(mode="copy", target={"if_exists": "replace"})
    kills.through(lambda failpoints: task.start(failpoints=failpoints).wait()).expect(DONE)
    assert_same()
    assert kills.met == of_direction(*kinds)


@pytest.mark.parametrize("kinds", [DIRECTIONS[name] for name in list(DIRECTIONS)[1:]], ids=list(DIRECTIONS)[1:])
def test_servers_go_away_and_come_back(source, target, side, godwit, assert_same):
    """Between PostgreSQL servers: restart/test_restart.py."""
    side.load(source, 0.2)
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 2}, **side.task)
    run = task.start()
    run.wait_until(target.has_tables)
    with side.writer(source, side.transactions, rate=100) as clients:
        for phase in ("copying", "streaming"):
            run.wait_until(lambda: f'"phase":"{phase}"' in run.result().out)
            for server in (source, target):
                clients.wait_for(10)
                server.kill()
                time.sleep(0.3)
                server.start()
        clients.wait_for(30)
        assert not run.ended, run.result().text
    run.interrupt()
    run.wait().expect(INTERRUPTED)
    task.run().expect(DONE)
    assert_same()
    task.verify().expect(DONE)
