"""The data: sysbench's tables, and one wide table of mixed types. The same on every run."""

from pathlib import Path

from measure.processes import install, run
from measure.servers import SCHEMA

SYSBENCH_TABLES = 4
COPIED_TABLES = 8  # for the copy, beside the wide one
ROWS = 1_000_000  # of each table, at scale 1
TRANSACTIONS = 400_000  # of a backlog, at scale 1
HOT_TRANSACTIONS, HOT_TABLE_ROWS = 1_000_000, 100_000

# Scripts of sysbench: four row events a transaction, and one, of rows chosen by Zipf's law.
WRITE_ONLY = "oltp_write_only"
HOT_ROWS = Path(__file__).with_name("hot_rows.lua")

WIDE = f"""
CREATE TABLE {SCHEMA}.wide (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer INT UNSIGNED NOT NULL,
  status ENUM('new', 'paid', 'sent', 'gone') NOT NULL,
  marks SET('fragile', 'gift', 'express', 'fresh') NOT NULL,
  amount DECIMAL(14,4) NOT NULL,
  ratio DOUBLE,
  score FLOAT,
  level TINYINT NOT NULL,
  created DATETIME(6) NOT NULL,
  changed TIMESTAMP NOT NULL,
  day DATE,
  took TIME(3),
  code CHAR(12) CHARACTER SET latin1 NOT NULL,
  name VARCHAR(80) NOT NULL,
  email VARCHAR(120) NOT NULL,
  note TEXT,
  document JSON NOT NULL,
  token BINARY(16) NOT NULL,
  picture VARBINARY(255),
  flag BIT(1) NOT NULL,
  KEY customer (customer),
  KEY created (created)
) DEFAULT CHARACTER SET utf8mb4"""

WIDE_ROWS = f"""
INSERT INTO {SCHEMA}.wide
SELECT seq, seq * 7919 % 100003, 1 + seq % 4, seq % 16, seq * 104729 % 99999999 / 10000,
  IF(seq % 9, seq / 7, NULL), seq % 1000 / 8, CAST(seq % 200 AS SIGNED) - 100,
  '2020-01-01' + INTERVAL seq * 37 SECOND + INTERVAL seq * 31 % 1000000 MICROSECOND,
  FROM_UNIXTIME(1600000000 + seq * 13), '2000-01-01' + INTERVAL seq % 9000 DAY,
  SEC_TO_TIME(seq % 86400 + 0.125), CONCAT('c-', LPAD(seq, 8, '0')),
  CONCAT(ELT(1 + seq % 5, 'Zoë Müller', '山田花子', 'Ольга', 'O''Neill', 'Łukasz'), ' ', seq),
  CONCAT('user.', seq, '@mail', seq % 50, '.example.net'),
  IF(seq % 4, CONCAT('line one\\nline two\\tof ', seq, ' ', REPEAT('text ', seq % 20)), NULL),
  JSON_OBJECT('theme', ELT(1 + seq % 3, 'dark', 'light', 'none'), 'n', seq, 'list', JSON_ARRAY(1, 2, 3)),
  UNHEX(LEFT(SHA2(seq, 256), 32)), IF(seq % 3, UNHEX(REPEAT(LEFT(SHA2(seq, 256), 40), 1 + seq % 9)), NULL), seq % 2
FROM {{numbers}}"""


def load_sysbench(source, rows, tables=SYSBENCH_TABLES):
    source.execute(f"CREATE DATABASE {SCHEMA}")
    _sysbench(source, rows, "--threads=2", "prepare", tables=tables)


def load_wide(engine, source, rows):
    source.execute("SET time_zone = '+00:00'", WIDE, WIDE_ROWS.format(numbers=engine.numbers(rows)), database=SCHEMA)


def write_backlog(source, rows, transactions, workload=WRITE_ONLY):
    """Runs transactions of sysbench on its tables of `rows` rows."""
    _sysbench(source, rows, "--threads=4", f"--events={transactions}", "--time=0", "run",
              workload=workload)


def _sysbench(source, rows, *arguments, workload=WRITE_ONLY, tables=SYSBENCH_TABLES):
    install("sysbench")
    run(["sysbench", workload, "--db-driver=mysql", f"--mysql-socket={source.socket}",
         "--mysql-user=root", f"--mysql-db={SCHEMA}", f"--tables={tables}",
         f"--table-size={rows}", "--rand-type=special", *arguments])
