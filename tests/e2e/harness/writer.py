"""A writer that changes the shop while it is being migrated: threads that run random transactions."""

import functools
import random
import threading
import time

import pymysql

# What concurrent transactions do to each other: lock wait, deadlock, duplicate key, missing parent,
# a server that is being restarted, a table whose definition has changed. The transaction is then given up, as an application would.
EXPECTED = {1205, 1213, 1412, 1062, 1451, 1452, 1020, 1053, 1927, 2003, 2006, 2013, 2002, 0}


def new_customer(cursor, rng):
    number = rng.randrange(1 << 48)
    cursor.execute(
        "INSERT INTO customer (email, name, nickname, country, balance, settings, token) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (f"new{number}@example.net", rng.choice(["Zoë", "花子", "🦆", "O'Neill \\"]), "ÿ",
         rng.choice(["de", "jp", None]), rng.uniform(-1e9, 1e9), '{"fresh": true}',
         rng.randbytes(16)))


def order(cursor, rng, notes=(None, "", "ünïcode\0zero")):
    """Two tables in one transaction."""
    cursor.execute("SELECT id FROM customer ORDER BY id LIMIT 1 OFFSET %s", (rng.randrange(200),))
    customer = cursor.fetchone()[0]
    cursor.execute("SELECT sku FROM product ORDER BY sku LIMIT 5 OFFSET %s", (rng.randrange(100),))
    skus = [sku for (sku,) in cursor.fetchall()]
    cursor.execute("INSERT INTO orders (customer_id, placed_at, note) VALUES (%s, NOW(6), %s)",
                   (customer, rng.choice(notes)))
    number = cursor.lastrowid
    for line in range(rng.randrange(1, 5)):
        cursor.execute("INSERT INTO order_item VALUES (%s, %s, %s, %s, %s)",
                       (number, line, rng.choice(skus), rng.randrange(1, 9), rng.randrange(10000) / 100))


def pay(cursor, rng):
    cursor.execute("UPDATE orders SET paid = 1, placed_at = NOW(6) WHERE id > %s AND paid = 0 LIMIT 3",
                   (rng.randrange(2000),))


def change_lines(cursor, rng):
    """Changes primary keys, among them keys that other rows have just left."""
    cursor.execute("SELECT order_id FROM order_item GROUP BY order_id LIMIT 1 OFFSET %s",
                   (rng.randrange(300),))
    row = cursor.fetchone()
    if row:
        cursor.execute("UPDATE order_item SET line = line + 1 WHERE order_id = %s ORDER BY line DESC", row)
        cursor.execute("UPDATE order_item SET quantity = quantity + 1 WHERE order_id = %s LIMIT 1", row)


def forget_customer(cursor, rng):
    """The orders and their lines go too, by ON DELETE CASCADE."""
    cursor.execute("SELECT id FROM customer ORDER BY id DESC LIMIT 1 OFFSET %s", (rng.randrange(400),))
    cursor.execute("DELETE FROM customer WHERE id = %s", cursor.fetchone())


def rename_product(cursor, rng):
    """The lines that name it follow, by ON UPDATE CASCADE."""
    cursor.execute("SELECT sku FROM product ORDER BY shelf LIMIT 1 OFFSET %s", (rng.randrange(100),))
    cursor.execute("UPDATE product SET sku = %s WHERE sku = %s",
                   (f"sku-n{rng.randrange(1 << 40)}", cursor.fetchone()[0]))


def swap_shelves(cursor, rng):
    """Two rows exchange the value of a unique key."""
    a, b = rng.sample(range(1, 100), 2)
    cursor.execute("SELECT shelf FROM product WHERE shelf IN (%s, %s) FOR UPDATE", (a, b))
    if len(cursor.fetchall()) == 2:
        cursor.execute("UPDATE product SET shelf = -%s WHERE shelf = %s", (a, a))
        cursor.execute("UPDATE product SET shelf = %s WHERE shelf = %s", (a, b))
        cursor.execute("UPDATE product SET shelf = %s WHERE shelf = -%s", (b, a))


def swap_lockers(cursor, rng):
    """The same over NULL."""
    cursor.execute("SELECT id, locker FROM customer WHERE locker IS NOT NULL ORDER BY id LIMIT 2 OFFSET %s",
                   (rng.randrange(60),))
    (first, a), (second, b) = cursor.fetchall()
    cursor.execute("UPDATE customer SET locker = NULL WHERE id = %s", (first,))
    cursor.execute("UPDATE customer SET locker = %s WHERE id = %s", (a, second))
    cursor.execute("UPDATE customer SET locker = %s WHERE id = %s", (b, first))


def visit(cursor, rng):
    """Rows without a key: new ones, twins, and the loss of one of several equal ones."""
    page = f"/p/{rng.randrange(50)}"
    cursor.execute("INSERT INTO visit VALUES (NOW(6), NULL, '2001:db8::1', %s, %s, %s)",
                   (page, rng.random(), b"\0\xff\\'"))
    cursor.execute("INSERT INTO visit SELECT * FROM visit WHERE page = %s LIMIT 2", (page,))
    cursor.execute("DELETE FROM visit WHERE page = %s LIMIT 1", (f"/p/{rng.randrange(50)}",))
    cursor.execute("UPDATE visit SET took = took + 0.1 WHERE page = %s LIMIT 2", (page,))


def back_and_forth(cursor, rng):
    """A row comes, changes and goes within one transaction."""
    new_customer(cursor, rng)
    number = cursor.lastrowid
    cursor.execute("UPDATE customer SET balance = -balance WHERE id = %s", (number,))
    cursor.execute("DELETE FROM customer WHERE id = %s", (number,))
    cursor.execute("INSERT INTO customer (id, email, name, token) VALUES (%s, %s, 'again', 'x')",
                   (number, f"again{number}@example.net"))


def think_better(cursor, rng):
    """A part is undone by a savepoint, or all of it by a rollback."""
    cursor.execute("UPDATE product SET weight = -weight WHERE shelf = %s", (rng.randrange(1, 100),))
    cursor.execute("SAVEPOINT a")
    order(cursor, rng)
    cursor.execute("ROLLBACK TO SAVEPOINT a")
    if rng.random() < 0.5:
        cursor.connection.rollback()


SHOP = [new_customer, order, order, pay, change_lines, forget_customer, rename_product, swap_shelves,
        swap_lockers, visit, back_and_forth, think_better]

# PostgreSQL's text holds no zero byte.
_ORDER_FOR_POSTGRES = functools.partial(order, notes=(None, "", "ünïcode"))
SHOP_FOR_POSTGRES = [_ORDER_FOR_POSTGRES if transaction is order else transaction
                     for transaction in SHOP if transaction is not think_better]


class Writer:
    """Runs `transactions` (functions of a cursor and a random.Random) on `server`, in random order, from
    `threads` connections, at most `rate` a second in all. Use as a context manager, or stop()."""

    def __init__(self, server, transactions=None, threads=2, rate=200, schema="shop", seed=1):
        self.server, self.schema = server, schema
        self.transactions = transactions or SHOP
        self.commits = 0
        self._pause = threads / rate
        self._stop = threading.Event()
        self._fault = None
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._run, args=(random.Random(seed + i),), daemon=True)
            for i in range(threads)
        ]

    def start(self):
        for thread in self._threads:
            thread.start()
        return self

    def stop(self):
        """Stops after the transactions in hand; raises what went wrong with one, if not expected."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self._fault:
            raise self._fault

    def __enter__(self):
        return self.start()

    def __exit__(self, *error):
        self.stop()

    def wait_for(self, commits, timeout=30):
        """Waits until that many more transactions have been committed."""
        goal = self.commits + commits
        deadline = time.monotonic() + timeout
        while self.commits < goal:
            assert not self._fault, self._fault
            assert time.monotonic() < deadline, "the writer makes no headway"
            time.sleep(0.01)

    def _run(self, rng):
        connection = None
        while not self._stop.is_set():
            try:
                if connection is None or not connection.open:
                    connection = self.server.connect(
                        database=self.schema, autocommit=False, connect_timeout=5,
                        init_command="SET innodb_lock_wait_timeout = 5")
                with connection.cursor() as cursor:
                    rng.choice(self.transactions)(cursor, rng)
                connection.commit()
                with self._lock:
                    self.commits += 1
            except pymysql.MySQLError as error:
                if error.args[0] not in EXPECTED:
                    self._fault = error
                    return
                self._give_up(connection)
            except Exception as error:
                self._fault = error
                return
            self._stop.wait(self._pause)
        if connection is not None and connection.open:
            connection.close()

    @staticmethod
    def _give_up(connection):
        try:
            if connection is not None and connection.open:
                connection.rollback()
        except pymysql.MySQLError:
            connection.close()
