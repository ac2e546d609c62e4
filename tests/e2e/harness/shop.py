"""The sample database: a shop, of about 400,000 rows at scale 1."""

import re

TABLES = """
CREATE TABLE country (
  code CHAR(2) CHARACTER SET ascii PRIMARY KEY,
  name VARCHAR(60) NOT NULL
);
CREATE TABLE customer (
  id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
  email VARCHAR(120) CHARACTER SET ascii NOT NULL UNIQUE,
  name VARCHAR(80) NOT NULL COMMENT 'as the customer writes it: 名前, имя, όνομα',
  nickname VARCHAR(40) CHARACTER SET latin1,
  country CHAR(2) CHARACTER SET ascii,
  locker INT UNSIGNED UNIQUE COMMENT 'swapped between customers',
  balance DECIMAL(20,6) NOT NULL DEFAULT 0,
  settings JSON,
  token BINARY(16) NOT NULL,
  created_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  FOREIGN KEY (country) REFERENCES country (code) ON DELETE SET NULL
);
CREATE TABLE product (
  sku VARCHAR(24) PRIMARY KEY,
  title VARCHAR(120) NOT NULL,
  status ENUM('draft', 'on sale', 'gone') NOT NULL DEFAULT 'draft',
  tags SET('new', 'fragile', 'oversize', 'gift'),
  price DECIMAL(10,2) NOT NULL,
  vat DECIMAL(12,4) AS (price * 0.2) STORED,
  weight DOUBLE,
  picture BLOB,
  shelf INT NOT NULL,
  UNIQUE KEY shelf (shelf),
  KEY title (title(20)),
  CHECK (price >= 0)
);
CREATE TABLE orders (
  id BIGINT AUTO_INCREMENT PRIMARY KEY,
  customer_id BIGINT UNSIGNED NOT NULL,
  placed_at DATETIME(6) NOT NULL,
  paid BIT(1) NOT NULL DEFAULT b'0',
  note TEXT,
  KEY placed_at (placed_at),
  FOREIGN KEY (customer_id) REFERENCES customer (id) ON DELETE CASCADE
);
CREATE TABLE order_item (
  order_id BIGINT NOT NULL,
  line SMALLINT NOT NULL,
  sku VARCHAR(24) NOT NULL,
  quantity INT NOT NULL,
  amount DECIMAL(12,2) NOT NULL,
  PRIMARY KEY (order_id, line),
  FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
  FOREIGN KEY (sku) REFERENCES product (sku) ON UPDATE CASCADE
);
CREATE TABLE visit (
  seen_at TIMESTAMP(6) NULL,
  customer_id BIGINT UNSIGNED,
  address INET6,
  page VARCHAR(200) NOT NULL,
  took FLOAT,
  cookie VARBINARY(40)
) COMMENT 'has no key, and holds equal rows'
"""

COUNTRIES = [("de", "Deutschland"), ("jp", "日本"), ("gr", "Ελλάδα"), ("ru", "Россия"), ("br", "Brasil"),
             ("eg", "مصر"), ("th", "ไทย"), ("is", "Ísland"), ("pt", "Portugal 🐦"), ("nz", "Aotearoa")]

# {customers} and so on are numbers of rows; RAND(7) makes every load the same.
ROWS = """
INSERT INTO customer (id, email, name, nickname, country, locker, balance, settings, token, created_at)
  SELECT seq, CONCAT('c', seq, '@example.net'),
         CONCAT(ELT(1 + seq % 6, 'Zoë', '花子', 'Ольга', 'Νίκος', 'Łukasz', '🦆 Duck'), ' ', seq),
         IF(seq % 7, CONVERT(CONCAT('é', CHAR(161 + seq % 80 USING latin1)) USING latin1), NULL),
         ELT(1 + seq % 11, 'de', 'jp', 'gr', 'ru', 'br', 'eg', 'th', 'is', 'pt', 'nz'),
         IF(seq % 3, seq, NULL), (RAND(7) - 0.5) * 1e12,
         JSON_OBJECT('theme', ELT(1 + seq % 3, 'dark', 'light', 'naïve'), 'n', seq, 'path', 'C:\\\\tmp'),
         UNHEX(MD5(seq)), FROM_UNIXTIME(1500000000 + seq * 61.000037)
  FROM seq_1_to_{customers};
INSERT INTO product (sku, title, status, tags, price, weight, picture, shelf)
  SELECT CONCAT('sku-', LPAD(seq, 7, '0')), CONCAT('Größe ', seq, ' "quoted" \\\\ tab\\t nl\\n'),
         1 + seq % 3, seq % 16, (seq * 7919 % 1000000) / 100, RAND(11) * 1e3,
         IF(seq % 5, UNHEX(REPEAT(MD5(seq), seq % 90)), NULL), seq
  FROM seq_1_to_{products};
INSERT INTO orders (id, customer_id, placed_at, paid, note)
  SELECT seq, 1 + seq * 7919 % {customers},
         '2020-01-01' + INTERVAL seq * 97 SECOND + INTERVAL seq * 31 % 1000000 MICROSECOND,
         seq % 2, IF(seq % 4, NULL, REPEAT('gift wrap, please ♥ ', seq % 9))
  FROM seq_1_to_{orders};
INSERT INTO order_item (order_id, line, sku, quantity, amount)
  SELECT 1 + (seq - 1) DIV 2, seq % 2, CONCAT('sku-', LPAD(1 + seq * 104729 % {products}, 7, '0')),
         1 + seq % 9, seq % 100000 / 100
  FROM seq_1_to_{items};
INSERT INTO visit (seen_at, customer_id, address, page, took, cookie)
  SELECT FROM_UNIXTIME(1600000000 + seq DIV 4), IF(seq % 5, seq DIV 4, NULL),
         IF(seq % 2, CONCAT('2001:db8::', HEX(seq DIV 4 % 65536)), '::ffff:192.0.2.1'),
         CONCAT('/p/', seq DIV 4), (seq DIV 4) / 7, UNHEX(MD5(seq DIV 4))
  FROM seq_1_to_{visits}
"""


def _for_mysql(statements):
    """MySQL 9.7 has neither sequence tables nor INET6 nor, unless it is asked to, MD5."""
    series = (r"(WITH RECURSIVE counted (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM counted WHERE seq < \1) "
              r"SELECT seq FROM counted) AS series")
    statements = re.sub(r"seq_1_to_(\d+)", series, statements).replace("INET6", "VARCHAR(45)")
    return re.sub(r"MD5\(([^()]+)\)", r"LEFT(SHA2(\1, 256), 32)", statements)


def load(server, scale=1.0, schema="shop"):
    """Creates and fills the database on `server`."""
    rows = {"customers": 60_000, "products": 20_000, "orders": 90_000, "items": 180_000, "visits": 50_000}
    sizes = {name: max(10, int(count * scale)) for name, count in rows.items()}
    sizes["items"] = 2 * sizes["orders"]
    in_dialect = _for_mysql if server.is_mysql else str
    countries = ", ".join(f"('{code}', '{name}')" for code, name in COUNTRIES)
    server.execute(
        f"CREATE DATABASE {schema}", f"USE {schema}",
        "SET sql_mode = 'STRICT_ALL_TABLES', time_zone = '+00:00'",
        *(["SET cte_max_recursion_depth = 1000000"] if server.is_mysql else []),
        *in_dialect(TABLES).split(";\n"), f"INSERT INTO country VALUES {countries}",
        *in_dialect(ROWS.format(**sizes)).split(";\n"))
