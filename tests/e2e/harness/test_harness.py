"""The harness must see what it is there to see."""

import contextlib

import pymysql
import pytest
from harness import audit, shop
from harness.compare import compare, user_schemas
from harness.kinds import KINDS, options
from harness.pool import Pool
from harness.writer import SHOP, Writer

BREAKAGES = {
    "lost row": "DELETE FROM order_item LIMIT 1",
    "extra row": "INSERT INTO country VALUES ('zz', 'nowhere')",
    "lost twin": "DELETE FROM visit LIMIT 1",
    "microsecond": "UPDATE orders SET placed_at = placed_at + INTERVAL 1 MICROSECOND LIMIT 1",
    "trailing space": "UPDATE product SET title = CONCAT(title, ' ') LIMIT 1",
    "letter case": "UPDATE country SET name = UPPER(name) WHERE code = 'de'",
    "null and empty": "UPDATE orders SET note = '' WHERE note IS NULL LIMIT 1",
    "enum": "UPDATE product SET status = 1 WHERE status = 2 LIMIT 1",
    "float": "UPDATE visit SET took = took * 1.000001 WHERE took > 1 LIMIT 1",
    "double": "UPDATE product SET weight = weight * (1 + 4e-16) LIMIT 1",
    "definition": "ALTER TABLE visit COMMENT 'other'",
    "lost table": "DROP TABLE visit",
}


def test_compare_sees_each_difference(source, target):
    for server in (source, target):
        shop.load(server, 0.005)
    equal = compare(source, target)
    assert equal.equal, equal.faults
    assert equal.tables == 6 and equal.rows > 1500
    for name, statement in BREAKAGES.items():
        if statement.startswith(("ALTER", "DROP")):
            target.execute("USE shop", statement)
            assert not compare(source, target).equal, name
            continue
        with target.connect(database="shop", autocommit=False) as connection:
            assert connection.cursor().execute(statement) == 1, name
            connection.commit()
        assert not compare(source, target).equal, name
        target.execute("DROP DATABASE shop")
        shop.load(target, 0.005)


@pytest.mark.parametrize("transaction", SHOP, ids=lambda f: f.__name__)
def test_each_transaction_of_the_writer_changes_the_shop(source, transaction):
    shop.load(source, 0.02)
    before = source.execute("SHOW MASTER STATUS")[0][1]
    with Writer(source, [transaction], threads=1, rate=1000) as writer:
        writer.wait_for(20)
    assert source.execute("SHOW MASTER STATUS")[0][1] > before + 1000


def test_a_server_comes_back_with_its_data(server):
    one = server("one")
    one.execute("CREATE DATABASE a", "CREATE TABLE a.t (i INT)", "INSERT INTO a.t VALUES (1)")
    one.kill()
    with pytest.raises(pymysql.MySQLError):
        one.connect()
    one.start()
    assert one.value("SELECT i FROM a.t") == 1


@pytest.mark.parametrize("late", [(7, "b"), (7, "a"), (8, "a"), (None, "a")], ids=str)
def test_an_audit_finds_what_comes_late(late):
    writes = [(7, "a"), (None, "a"), (7, "a"), (8, "b"), (None, "b")]
    target = lambda found: type("Target", (), {"execute": lambda *_: [(n, epoch, 1, by) for n, (epoch, by) in enumerate(found)]})()
    assert audit.check(target(writes), "shop") == (5, 2)
    with pytest.raises(AssertionError):
        audit.check(target([*writes, late, *writes[3:]]), "shop")


@pytest.mark.parametrize("kind", ["mariadb", "mysql"])
def test_a_server_is_handed_on_as_new_or_not_at_all(tmp_path, kind):
    pool = Pool(tmp_path)
    ours = KINDS[kind], options(kind, "source")
    with contextlib.closing(pool):
        one = pool.start(*ours)
        log = f"SHOW {'BINARY LOG' if one.is_mysql else 'MASTER'} STATUS"
        settings = "SHOW GLOBAL VARIABLES"
        new = one.execute(log), one.execute(settings), user_schemas(one)
        one.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT)", "INSERT INTO shop.t VALUES (1)", "FLUSH BINARY LOGS",
                    "SET GLOBAL sql_mode = '', max_connections = 7, time_zone = '+03:00', init_connect = 'SET @a = ''b'''")
        with one.connect() as left_open:
            left_open.cursor().execute("FLUSH TABLES WITH READ LOCK")
            pool.give_back(one)
            assert pool.start(*ours) is one
        assert (one.execute(log), one.execute(settings), user_schemas(one)) == new
        for change in (lambda: one.execute("CREATE USER another"), lambda: one.execute("GRANT SELECT ON mysql.* TO godwit@'%'"),
                       lambda: one.execute("CREATE DATABASE a", "CREATE TABLE a.t (id INT)", "XA START 'x'", "INSERT INTO a.t VALUES (1)",
                                           "XA END 'x'", "XA PREPARE 'x'"), lambda: one.restart()):
            before = one
            change()
            pool.give_back(one)
            one = pool.start(*ours)
            assert one is not before
            assert one.execute("SELECT user FROM mysql.user WHERE user = 'another'") == () and user_schemas(one) == []
