"""The harness for PostgreSQL must see what it is there to see."""

import psycopg2
import pytest
from harness import postgres_shop as shop
from harness.postgres import Postgres
from harness.postgres_compare import compare
from harness.postgres_writer import SHOP, PostgresWriter
from harness.server import PASSWORD, USER

ROWS = {
    "lost row": "DELETE FROM order_item WHERE (order_id, line) = (SELECT order_id, line FROM order_item LIMIT 1)",
    "extra row": "INSERT INTO country VALUES ('zz', 'nowhere')",
    "lost twin": "DELETE FROM visit WHERE ctid = (SELECT ctid FROM visit LIMIT 1)",
    "microsecond": "UPDATE orders SET placed_at = placed_at + interval '1 microsecond' WHERE id = 7",
    "trailing space": "UPDATE product SET title = title || ' ' WHERE shelf = 7",
    "letter case": "UPDATE country SET name = upper(name) WHERE code = 'de'",
    "null and empty": "UPDATE customer SET biography = '' WHERE id = (SELECT id FROM customer WHERE biography IS NULL LIMIT 1)",
    "end of a long value": "UPDATE letter SET body = body || 'x' WHERE ctid = (SELECT ctid FROM letter WHERE length(body) > 9999 LIMIT 1)",
    "sign of zero": "UPDATE visit SET took = '-0' WHERE ctid = (SELECT ctid FROM visit WHERE took = 0 LIMIT 1)",
    "double": "UPDATE product SET weight = weight * (1 + 4e-16) WHERE shelf = 7",
    "array": "UPDATE product SET tags = tags || 'x'::text WHERE shelf = 7",
    "scale": "UPDATE part SET v = '1.0' WHERE id = 1",
}
DEFINITIONS = {
    "comment": "COMMENT ON TABLE visit IS 'other'",
    "lost table": "DROP TABLE visit",
    "extra table": "CREATE TABLE extra (i int)",
    "identity": "ALTER TABLE visit REPLICA IDENTITY DEFAULT",
    "default": "ALTER TABLE orders ALTER paid SET DEFAULT true",
    "null": "ALTER TABLE orders ALTER paid DROP NOT NULL",
    "type": "ALTER TABLE orders ALTER placed_at TYPE timestamp(6)",
    "storage": "ALTER TABLE product ALTER picture SET STORAGE EXTENDED",
    "generated": "ALTER TABLE product ALTER vat DROP EXPRESSION",
    "identity column": "ALTER TABLE customer ALTER id SET GENERATED ALWAYS",
    "extra column": "ALTER TABLE seat ADD extra int",
    "lost column": "ALTER TABLE seat DROP ticket",
    "lost check": "ALTER TABLE product DROP CONSTRAINT product_price_check",
    "foreign key": "ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey",
    "other foreign key": "ALTER TABLE orders ALTER CONSTRAINT orders_customer_id_fkey DEFERRABLE",
    "not valid": "ALTER TABLE orders ADD CONSTRAINT c CHECK (id > 0) NOT VALID",
    "lost index": "DROP INDEX placed_at",
    "other index": "ALTER INDEX placed_at SET (fillfactor = 50)",
    "name of an index": "ALTER INDEX placed_at RENAME TO other",
    "clustered": "ALTER TABLE orders CLUSTER ON placed_at",
    "unlogged": "ALTER TABLE visit SET UNLOGGED",
    "setting of a table": "ALTER TABLE visit SET (fillfactor = 70)",
    "sequence": "ALTER SEQUENCE orders_id_seq INCREMENT BY 2",
    "number": "SELECT setval('orders_id_seq', 5)",
    "owner of a sequence": "ALTER SEQUENCE orders_id_seq OWNED BY NONE",
    "labels": "ALTER TYPE mood ADD VALUE 'c' BEFORE 'a'",
    "domain": "ALTER DOMAIN even DROP CONSTRAINT even_check",
    "composite": "ALTER TYPE pair ADD ATTRIBUTE c int",
    "detached": "ALTER TABLE part DETACH PARTITION part_1",
    "index of a partition": "DROP INDEX part_v",
    "lost view": "DROP VIEW seen",
    "other view": "CREATE OR REPLACE VIEW seen AS SELECT id FROM part WHERE id > 1",
}
MORE = ["CREATE TYPE mood AS ENUM ('a', 'b')", "CREATE DOMAIN even AS int CHECK (VALUE % 2 = 0)", "CREATE TYPE pair AS (a int, b text)",
        "CREATE TABLE part (id int PRIMARY KEY, v numeric, m mood[], e even, p pair) PARTITION BY RANGE (id)",
        "CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (10)", "CREATE TABLE part_2 PARTITION OF part DEFAULT",
        "CREATE INDEX part_v ON part (v)", "CREATE VIEW seen AS SELECT id FROM part", "INSERT INTO part VALUES (1, 1), (20, 2)"]


@pytest.fixture
def postgres(server):
    return lambda name, **options: server(name, kind=Postgres, **options)


def test_compare_sees_each_difference(postgres):
    source, target = postgres("source"), postgres("target", timezone="Asia/Tokyo", datestyle="SQL, DMY", extra_float_digits=-5)
    for server in (source, target):
        shop.load(server, 0.005)
        server.execute(*MORE)
        server.execute("CREATE DATABASE kept TEMPLATE shop", database="postgres")
    equal = compare(source, target)
    assert equal.equal, equal.faults
    assert equal.tables == 10 and equal.rows > 1500
    for name, statement in {**ROWS, **DEFINITIONS}.items():
        rows = target.execute(f"{statement} RETURNING 1") if name in ROWS else target.execute(statement)
        assert name not in ROWS or len(rows) == 1, name
        assert compare(source, target).faults, name
        if name in ROWS:
            assert compare(source, target, definitions=False, sequences=False).faults, name
        target.execute("DROP DATABASE shop", "CREATE DATABASE shop TEMPLATE kept", database="postgres")
    target.execute("SELECT setval('orders_id_seq', 100000)")
    assert compare(source, target).equal, "a number that was not given yet"


@pytest.mark.parametrize("transaction", SHOP, ids=lambda f: f.__name__)
def test_each_transaction_of_the_writer_changes_the_shop(postgres, transaction):
    source = postgres("source")
    shop.load(source, 0.02)
    before = source.value("SELECT pg_current_wal_lsn()")
    with PostgresWriter(source, [transaction], threads=1, rate=1000) as writer:
        writer.wait_for(20)
    assert source.value(f"SELECT pg_current_wal_lsn() - '{before}'") > 1000


def test_all_transactions_at_once(postgres):
    source = postgres("source")
    shop.load(source, 0.02)
    with PostgresWriter(source, threads=4, rate=2000) as writer:
        writer.wait_for(1000)


def test_a_server_comes_back_with_its_data(postgres):
    one = postgres("one")
    one.execute("CREATE SCHEMA shop", "CREATE TABLE t (i int)", "INSERT INTO t VALUES (1)")
    one.kill()
    with pytest.raises(psycopg2.OperationalError):
        one.connect()
    one.start()
    assert one.value("SELECT i FROM t") == 1
    one.restart(work_mem="5MB")
    assert one.value("SHOW work_mem") == "5MB" and one.has_tables() and one.has_table("t")


def test_a_server_is_paused(postgres):
    one = postgres("one")
    with one.connect() as kept:
        one.pause()
        with pytest.raises(psycopg2.OperationalError):
            one.connect(connect_timeout=2)
        one.unpause()
        kept.cursor().execute("SELECT 1")


def test_users_log_in_by_password(postgres):
    one = postgres("one")
    over_network = {"host": "127.0.0.1", "port": one.port, "dbname": "shop", "user": USER}
    connection = psycopg2.connect(password=PASSWORD, **over_network)
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(password="other", **over_network)
    assert one.cut_connections() == 1
    with pytest.raises(psycopg2.OperationalError):
        connection.cursor().execute("SELECT 1")
    assert one.value("SELECT rolpassword LIKE 'SCRAM%' FROM pg_authid WHERE rolname = 'godwit'")
