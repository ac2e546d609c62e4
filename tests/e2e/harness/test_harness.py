"""The harness must see what it is there to see."""

import pymysql
import pytest
from harness import shop
from harness.compare import compare
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
