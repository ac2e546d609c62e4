"""What changes the shop of postgres_shop.py while it is being migrated: threads that run random transactions."""

import functools

import psycopg2
from harness.writer import Writer

# What concurrent transactions do to each other: deadlock, lock wait, duplicate key, missing parent; and a server that
# is being restarted. The transaction is then given up, as an application would.
EXPECTED = {"40P01", "40001", "55P03", "23505", "23503", "57P01", "57P02", "57P03"}


def noise(rng):
    """20 kB, stored apart from the row."""
    return rng.randbytes(10_000).hex()


def one(cursor, query, *parameters):
    """The first column of a row, if there is one."""
    cursor.execute(query, parameters)
    row = cursor.fetchone()
    return row and row[0]


def new_customer(cursor, rng):
    number = rng.randrange(1 << 48)
    return one(cursor, """
        INSERT INTO customer (email, name, nickname, country, balance, settings, token, biography)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id""",
        f"new{number}@example.net", rng.choice(["Zoë", "花子", "🦆", "O'Neill \\"]), "ÿ\\N\t\n\r",
        rng.choice(["de", "jp", None]), round(rng.uniform(-1e9, 1e9), 6), '{"fresh": true}', rng.randbytes(16),
        rng.choice([None, "", "short", noise(rng)]))


def order(cursor, rng):
    """Two tables in one transaction."""
    customer = one(cursor, "SELECT id FROM customer ORDER BY id LIMIT 1 OFFSET %s", rng.randrange(200))
    cursor.execute("SELECT sku FROM product ORDER BY sku LIMIT 5 OFFSET %s", (rng.randrange(100),))
    skus = [sku for (sku,) in cursor.fetchall()]
    number = one(cursor, "INSERT INTO orders (customer_id, placed_at, note) VALUES (%s, clock_timestamp(), %s) "
                         "RETURNING id", customer, rng.choice([None, "", "ünïcode\\."]))
    for line in range(rng.randrange(1, 5)):
        cursor.execute("INSERT INTO order_item VALUES (%s, %s, %s, %s, %s)",
                       (number, line, rng.choice(skus), rng.randrange(1, 9), rng.randrange(10000) / 100))


def pay(cursor, rng):
    cursor.execute("UPDATE orders SET paid = true, placed_at = clock_timestamp() WHERE id IN "
                   "(SELECT id FROM orders WHERE id > %s AND NOT paid ORDER BY id LIMIT 3)", (rng.randrange(2000),))


def reprice(cursor, rng):
    """Many rows by one statement, long values among them, which stay as they are."""
    first = rng.randrange(100)
    cursor.execute("UPDATE product SET price = price + 0.01 WHERE shelf BETWEEN %s AND %s", (first, first + 40))


def change_lines(cursor, rng):
    """Changes primary keys, among them keys that other rows have just left."""
    number = one(cursor, "SELECT order_id FROM order_item GROUP BY order_id ORDER BY 1 LIMIT 1 OFFSET %s",
                 rng.randrange(300))
    cursor.execute("UPDATE order_item SET line = line + 100 WHERE order_id = %s", (number,))
    cursor.execute("UPDATE order_item SET line = line - 99 WHERE order_id = %s", (number,))
    cursor.execute("UPDATE order_item SET quantity = quantity + 1 WHERE order_id = %s", (number,))


def forget_customer(cursor, rng):
    """The orders and their lines go too, by ON DELETE CASCADE."""
    customer = one(cursor, "SELECT id FROM customer ORDER BY id DESC LIMIT 1 OFFSET %s", rng.randrange(200))
    cursor.execute("DELETE FROM customer WHERE id = %s", (customer,))


LONG_LIFE = "SELECT id FROM customer WHERE pg_column_size(biography) > 10000 ORDER BY id LIMIT 1 OFFSET %s"


def credit(cursor, rng):
    """Changes a row, but not its long value."""
    customer = one(cursor, LONG_LIFE, rng.randrange(10))
    cursor.execute("UPDATE customer SET balance = balance + 1, nickname = %s WHERE id = %s",
                   (rng.choice([None, "x"]), customer))


def renumber(cursor, rng):
    """The key of a row with a long value that stays as it is; its orders follow, by ON UPDATE CASCADE."""
    customer = one(cursor, LONG_LIFE, rng.randrange(10))
    cursor.execute("UPDATE customer SET id = (SELECT max(id) FROM customer) + %s WHERE id = %s",
                   (1_000_000 + rng.randrange(1000), customer))


def write_a_life(cursor, rng):
    """A long value comes, stays while others change, and goes, in one transaction."""
    customer = one(cursor, "SELECT id FROM customer ORDER BY id LIMIT 1 OFFSET %s", rng.randrange(200))
    cursor.execute("UPDATE customer SET biography = %s WHERE id = %s", (noise(rng), customer))
    cursor.execute("UPDATE customer SET balance = balance - 1 WHERE id = %s", (customer,))
    if rng.random() < 0.3:
        cursor.execute("UPDATE customer SET biography = %s WHERE id = %s", (rng.choice([None, "", "short"]), customer))
    cursor.execute("UPDATE customer SET nickname = %s WHERE id = %s", (str(rng.random()), customer))


def rename_product(cursor, rng):
    """The lines that name it follow, by ON UPDATE CASCADE."""
    sku = one(cursor, "SELECT sku FROM product ORDER BY shelf LIMIT 1 OFFSET %s", rng.randrange(100))
    cursor.execute("UPDATE product SET sku = %s WHERE sku = %s", (f"sku-n{rng.randrange(1 << 40)}", sku))


def swap_shelves(cursor, rng):
    """Two rows exchange the value of a unique key; every thirtieth row has a long value."""
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


def visit(cursor, rng, times=("NaN", "-0")):
    """Rows without a key: new ones, twins, and the loss of one of several equal ones."""
    page = f"/p/{rng.randrange(50)}"
    cursor.execute("INSERT INTO visit VALUES (clock_timestamp(), NULL, '2001:db8::1', %s, %s, %s)",
                   (page, rng.choice([rng.random(), *times]), b"\0\xff\\'"))
    cursor.execute("INSERT INTO visit SELECT * FROM visit WHERE page = %s LIMIT 2", (page,))
    cursor.execute("DELETE FROM visit WHERE ctid = (SELECT ctid FROM visit WHERE page = %s LIMIT 1)",
                   (f"/p/{rng.randrange(50)}",))
    cursor.execute("UPDATE visit SET took = took + 0.1 WHERE ctid = ANY(ARRAY(SELECT ctid FROM visit WHERE page = %s "
                   "LIMIT 2))", (page,))


def correspond(cursor, rng):
    """Rows without a key but with long values: those stay while others change."""
    body = noise(rng)
    for _ in range(rng.randrange(1, 3)):
        cursor.execute("INSERT INTO letter VALUES (now(), %s, %s)", (rng.randrange(9), body))
    some = "ctid = ANY(ARRAY(SELECT ctid FROM letter WHERE reader = %s LIMIT 2))"
    cursor.execute(f"UPDATE letter SET written_at = clock_timestamp() WHERE {some}", (rng.randrange(9),))
    cursor.execute(f"DELETE FROM letter WHERE {some}", (rng.randrange(9),))


def take_a_seat(cursor, rng):
    """Rows known by an index that is no primary key, whose values change and are taken over."""
    a, b = rng.sample(range(1, 100), 2)
    cursor.execute("UPDATE seat SET holder = %s WHERE number BETWEEN %s AND %s", (str(rng.random()), a, a + 3))
    cursor.execute("UPDATE seat SET number = -%s WHERE number = %s", (a, a))
    cursor.execute("UPDATE seat SET number = %s WHERE number = %s AND hall = %s", (a, b, b % 7))
    cursor.execute("UPDATE seat SET number = %s WHERE number = -%s", (b, a))
    cursor.execute("DELETE FROM seat WHERE number = %s", (200 + a,))
    cursor.execute("INSERT INTO seat VALUES ('new', %s, %s, NULL)", (a % 7, 200 + a))


def back_and_forth(cursor, rng):
    """A row comes, changes and goes within one transaction, and comes again."""
    number = new_customer(cursor, rng)
    cursor.execute("UPDATE customer SET balance = -balance WHERE id = %s", (number,))
    cursor.execute("DELETE FROM customer WHERE id = %s", (number,))
    cursor.execute("INSERT INTO customer (id, email, name, token) VALUES (%s, %s, 'again', 'x')",
                   (number, f"again{number}@example.net"))


def think_better(cursor, rng):
    """Parts are undone by savepoints, or all of it by a rollback."""
    cursor.execute("UPDATE product SET weight = -weight WHERE shelf = %s", (rng.randrange(1, 100),))
    cursor.execute("SAVEPOINT a")
    order(cursor, rng)
    cursor.execute("SAVEPOINT b")
    new_customer(cursor, rng)
    cursor.execute(rng.choice(["ROLLBACK TO SAVEPOINT a", "ROLLBACK TO SAVEPOINT b", "RELEASE SAVEPOINT a"]))
    pay(cursor, rng)
    if rng.random() < 0.5:
        cursor.connection.rollback()


SHOP = [new_customer, order, order, pay, reprice, change_lines, forget_customer, credit, credit, renumber, write_a_life,
        rename_product, swap_shelves, swap_lockers, visit, correspond, take_a_seat, back_and_forth, think_better]

# No number of MySQL's is NaN.
_VISIT_FOR_MYSQL = functools.partial(visit, times=(0.5, 1e-30, "-0"))
SHOP_FOR_MYSQL = [_VISIT_FOR_MYSQL if transaction is visit else transaction for transaction in SHOP]


class PostgresWriter(Writer):
    """As Writer, on a PostgreSQL server."""

    def __init__(self, server, transactions=None, **settings):
        super().__init__(server, transactions or SHOP, **settings)

    def _run(self, rng):
        connection = None
        while not self._stop.is_set():
            try:
                if connection is None or connection.closed:
                    connection = self.server.connect(
                        autocommit=False, connect_timeout=5, options=f"-csearch_path={self.schema} -clock_timeout=5s")
                with connection.cursor() as cursor:
                    rng.choice(self.transactions)(cursor, rng)
                connection.commit()
                with self._lock:
                    self.commits += 1
            except psycopg2.Error as error:
                if not _is_expected(error):
                    self._fault = error
                    return
                self._give_up(connection)
            except Exception as error:
                self._fault = error
                return
            self._stop.wait(self._pause)
        if connection is not None:
            connection.close()

    @staticmethod
    def _give_up(connection):
        try:
            if connection is not None and not connection.closed:
                connection.rollback()
        except psycopg2.Error:
            connection.close()


def _is_expected(error):
    if error.pgcode is None:  # no answer of the server
        return isinstance(error, (psycopg2.OperationalError, psycopg2.InterfaceError))
    return error.pgcode in EXPECTED or error.pgcode.startswith("08")
