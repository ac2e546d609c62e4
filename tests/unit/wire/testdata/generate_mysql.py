#!/usr/bin/env python3
"""Makes the mysql_*.binlog files in this folder and what a SELECT says of their rows, with a MySQL server of its own.

Run by hand when a type or an event is to be added: generate_mysql.py MYSQLD [ARGUMENT ...]. MYSQLD and its arguments start
a 9.7 server; needs the client mariadb. The files are as generate.py says; JSON is written as CAST(j AS CHAR) prints it.
"""
import os, shutil, subprocess, sys, tempfile, time

import generate
from generate import BYTES, Column, HERE, MODES, create, insert, text

UUID = "3e11fa47-71ca-11e1-9e33-c80aa9429562"
PORT = "43319"


def json(*values):
    return Column("JSON", [v if v is None else "(" + v + ")" for v in values], select="CAST({} AS CHAR)")


def document(text_):
    return "'" + text_.replace("\\", "\\\\").replace("'", "''") + "'"


JSON_TEXTS = [
    "{}", "[]", "null", "true", "false", "0", "1", "-1", "32767", "32768", "-32768", "-32769", "65535", "65536",
    "2147483647", "2147483648", "-2147483648", "-2147483649", "4294967295", "4294967296", "9223372036854775807",
    "-9223372036854775808", "9223372036854775808", "18446744073709551615", "1.0", "-0.0", "0.1", "1e15", "1e14",
    "123456789012345.6", "1e-15", "1e-16", "1.5e300", "5e-324", "1.7976931348623157e308", "100.5", "1e20", "-2.5e-7",
    "18446744073709551616", "1743226253479490.8", "12345678901234567.0", "9007199254740993.5", "-1e-14", '""', '"a"', '"\\u0000\\u0001\\u001f\\u007f"', '"\\"\\\\\\/\\b\\f\\n\\r\\t"',
    '"\N{SNOWMAN} \N{GRINNING FACE}"', '{"": 1, "b": 2, "a": 3, "aa": 4, "B": 5}', '[[[[[]]]], {"a": {"b": {"c": [1, {}]}}}]',
    '[null, true, false, 1, -1, 70000, -70000, 5000000000, 1.5, "x", [], {}]', '{"k\\"ey\\n": "v", "\N{SNOWMAN}": null}',
]
JSON_MADE = [
    *[f"CAST(CAST({n} AS UNSIGNED) AS JSON)" for n in (5, 70000, 5000000000)],
    "JSON_ARRAY(CAST('1.10' AS DECIMAL(3,2)), CAST('-0.5' AS DECIMAL(5,3)), CAST('0' AS DECIMAL(1,0)))",
    "CAST(CAST(5000000001 AS SIGNED) AS JSON)", "CAST(CAST('0383773432268200993218173935.5' AS DECIMAL(61,25)) AS JSON)",
    "CAST(CAST('12345678901234567890.123456789012345678901234567890' AS DECIMAL(65,30)) AS JSON)",
    "JSON_ARRAY(CAST('2024-02-29' AS DATE), CAST('-23:24:25.5' AS TIME(1)), CAST('838:59:59' AS TIME), "
    "CAST('2024-02-29 23:59:59.000001' AS DATETIME(6)), CAST('00:00:00' AS TIME))",
    "JSON_OBJECT('bytes', x'00ff61', 'empty', x'', 'line', CAST(REPEAT('a', 57) AS BINARY), 'lines', "
    "CAST(REPEAT('a', 58) AS BINARY))",
    "JSON_ARRAY(REPEAT('x', 127), REPEAT('x', 128), REPEAT('y', 300))",
    "JSON_OBJECT('n', 1, 'm', 100000, 'o', JSON_OBJECT('p', -1), 'large', "
    "JSON_ARRAY(1, 100000, CAST(100000 AS UNSIGNED), REPEAT('l', 66000), -100000, 'end'))",
    "(SELECT JSON_ARRAY(ts, y, b, tb, bl, mb, lb, vb, bi, e, s, f, g) FROM typed)",
]
TYPED = """
CREATE TABLE typed(ts TIMESTAMP(3), y YEAR, b BIT(13), tb TINYBLOB, bl BLOB, mb MEDIUMBLOB, lb LONGBLOB, vb VARBINARY(9),
                   bi BINARY(5), e ENUM('a','b'), s SET('x','y'), f FLOAT, g POINT);
INSERT INTO typed VALUES('2020-01-01 00:00:00.123', 2020, b'1000000000101', x'ff01', x'ff02', x'ff03', x'ff04', x'ff05',
                         x'ff06', 'a', 'x,y', 1.1, ST_GeomFromText('POINT(1 2)'));
"""

LEFT_OUT = ("compressed", "addresses")  # MariaDB's own
TABLES = {name: columns for name, columns in generate.TABLES.items() if name not in LEFT_OUT}
TABLES["decimals"] = [generate.decimal(*d) for d in ((1, 0), (1, 1), (9, 9), (10, 2), (19, 9), (65, 0), (65, 30), (30, 25))]
TABLES["chars"] = TABLES["chars"][:-1]
TABLES["json"] = [json(*map(document, JSON_TEXTS), *JSON_MADE, None)]
VECTORS = ["TO_VECTOR('[1,2,3]')", "TO_VECTOR('[-0.5]')", None]
# Without hints: all that is needed is in the table map.
TABLES["mixed"] = [
    Column("TINYINT UNSIGNED", [255, 0, None]), Column("YEAR", [2024, 0, None], select="CAST({}+0 AS UNSIGNED)"),
    Column("INT", [-5, 5, None]), Column("BIGINT UNSIGNED", [2**64 - 1, 1, None]),
    Column("VECTOR(3)", VECTORS, select="HEX({})"), text("BINARY(5)", *BYTES), text("TEXT", "'t'", "''", None),
    text("VECTOR(7)", *VECTORS), text("CHAR(3) CHARACTER SET latin1", "'a'", "''", None),
    Column("FLOAT UNSIGNED", [1.5, 0, None], select="CAST({} AS DOUBLE)"), Column("INT UNSIGNED", [2**32 - 1, 1, None]),
    Column("DECIMAL(5,2) UNSIGNED", [1.5, 0, None]), Column("SMALLINT UNSIGNED", [65535, 0, None]),
]
RAW = ("REPEAT(", "x'", "ST_", "'", "TO_VECTOR", "(")
generate.RAW = RAW

# Changes in part: each statement changes documents where they are; the test takes the rows from the log one after the other.
PARTIAL = """
CREATE TABLE p(id INT PRIMARY KEY, a JSON, n INT, b JSON);
SET SESSION binlog_transaction_compression = ON;
INSERT INTO p VALUES(1, '{"name": "x", "list": [1, [2, 3], {"k": "v"}], "o": {"deep": {"er": [true, null]}}, "pad": "------------------------------------------------------------------------------------------------------------------------"}', 1,
                        '[1, 2, 3, "ten characters and more, so that something is left to change in part", {"a": 1.5}]');
INSERT INTO p VALUES(2, JSON_OBJECT('s', REPEAT('s', 60000), 't', 1, 'u', JSON_ARRAY(1, 2)), 2, JSON_ARRAY(REPEAT('z', 100), 1));
SET SESSION binlog_row_value_options = PARTIAL_JSON;
UPDATE p SET a = JSON_SET(a, '$.name', 'yy') WHERE id = 1;
UPDATE p SET a = JSON_SET(a, '$.new', 5, '$.list[1][0]', CAST('1.10' AS DECIMAL(3,2))) WHERE id = 1;
UPDATE p SET a = JSON_REMOVE(a, '$.list[0]', '$.o.deep.er[1]'), b = JSON_REPLACE(b, '$[3]', 'short') WHERE id = 1;
UPDATE p SET b = JSON_SET(b, '$[9]', JSON_ARRAY(), '$[4]."a key \\\\"quoted\\\\"\\\\n"', TRUE) WHERE id = 1;
UPDATE p SET a = JSON_SET(a, '$."\N{SNOWMAN}"', 1, '$."with space"', 2, '$.$dollar_1', 3, '$."1st"', 4, '$.""', 5) WHERE id = 1;
UPDATE p SET a = JSON_SET(a, '$."\N{SNOWMAN}"', 'one', '$.\u00e9', '\u00e9', '$."with space"', 'two', '$.$dollar_1', 'three', '$."1st"', 4.5) WHERE id = 1;
UPDATE p SET a = JSON_SET(a, '$.o', JSON_OBJECT('whole', CAST('2020-01-01' AS DATE))), n = n + 1;
UPDATE p SET a = JSON_SET(a, '$.v', REPEAT('v', 6000), '$.u[1]', CAST(100000 AS UNSIGNED)) WHERE id = 2;
UPDATE p SET a = JSON_REMOVE(a, '$.s') WHERE id = 2;
UPDATE p SET b = JSON_REPLACE(b, '$[1]', 2), n = NULL, a = NULL WHERE id = 2;
UPDATE p SET n = 9;
SET SESSION binlog_row_image = MINIMAL;
UPDATE p SET b = JSON_REPLACE(b, '$[0]', 'last') WHERE id = 1;
UPDATE p SET b = JSON_ARRAY('whole') WHERE id = 1;
"""
PARTIAL_EXPECTED = "SELECT CONCAT_WS('\\t', id, IFNULL(CAST(a AS CHAR), '\\\\N'), IFNULL(n, '\\\\N'), IFNULL(CAST(b AS CHAR), '\\\\N')) FROM p ORDER BY id;"

CONTROL = """
CREATE TABLE c(id INT PRIMARY KEY AUTO_INCREMENT, a VARCHAR(30) DEFAULT 'd', b INT, h INT INVISIBLE DEFAULT 7, v VECTOR(5),
               e ENUM('x','y') CHARACTER SET latin1, j JSON, UNIQUE KEY f((b + 1)), KEY m((CAST(j->'$.n' AS UNSIGNED ARRAY))));
INSERT INTO c(b, v, e, j) VALUES(1, TO_VECTOR('[1,2]'), 'y', '{"n": [1, 2]}');
SET gtid_next = 'AUTOMATIC:my_tag'; INSERT INTO c(b) VALUES(2); SET gtid_next = 'AUTOMATIC';
SET SESSION binlog_rows_query_log_events = ON; INSERT INTO c(b) VALUES(3); SET SESSION binlog_rows_query_log_events = OFF;
XA START 'gtrid', 'bqual', 17; INSERT INTO c(b) VALUES(4); XA END 'gtrid', 'bqual', 17; XA PREPARE 'gtrid', 'bqual', 17;
XA COMMIT 'gtrid', 'bqual', 17;
XA START 'g2'; INSERT INTO c(b) VALUES(5); XA END 'g2'; XA COMMIT 'g2' ONE PHASE;
CREATE TABLE parts(id INT PRIMARY KEY, a INT) PARTITION BY RANGE(id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20));
INSERT INTO parts VALUES(11, 1); UPDATE parts SET id = 1; DELETE FROM parts;
CREATE TABLE parent(id INT PRIMARY KEY); CREATE TABLE child(id INT PRIMARY KEY, p INT, FOREIGN KEY(p) REFERENCES parent(id) ON DELETE CASCADE);
INSERT INTO parent VALUES(1); INSERT INTO child VALUES(1, 1); DELETE FROM parent;
SET SESSION binlog_row_image = MINIMAL; UPDATE c SET a = 'minimal' WHERE id = 1; DELETE FROM c WHERE id = 2;
SET SESSION binlog_row_image = NOBLOB; UPDATE c SET a = 'noblob' WHERE id = 1; SET SESSION binlog_row_image = FULL;
SET gtid_next = 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa:other:7'; INSERT INTO c(b) VALUES(6); SET gtid_next = 'AUTOMATIC';
FLUSH BINARY LOGS;
"""
COMPRESSED = """
SET SESSION binlog_transaction_compression = ON, cte_max_recursion_depth = 10000;
BEGIN; INSERT INTO z VALUES(1, REPEAT('a', 1000)), (2, REPEAT('b', 1000)); UPDATE z SET t = CONCAT(t, 'x') WHERE id = 2; COMMIT;
BEGIN; INSERT INTO z WITH RECURSIVE r(n) AS (SELECT 10 UNION ALL SELECT n + 1 FROM r WHERE n < 2009) SELECT n, REPEAT(CHAR(97 + n % 26), 300) FROM r; COMMIT;
SET SESSION binlog_transaction_compression_level_zstd = 22; DELETE FROM z WHERE id < 10;
"""


class Server(generate.Server):
    def __init__(self, *command):
        self.dir = tempfile.mkdtemp(prefix="wire-testdata-")
        data = self.dir + "/data"
        own = [*command, "--datadir=" + data, "--secure-file-priv=" + self.dir]
        subprocess.run([*own, "--initialize-insecure"], check=True, stderr=subprocess.DEVNULL)
        with open(data + "/auto.cnf", "w") as file:
            print("[auto]", "server-uuid=" + UUID, sep="\n", file=file)
        self.socket = self.dir + "/s.sock"
        self.process = subprocess.Popen(
            [*own, "--socket=" + self.socket, "--bind-address=127.0.0.1", "--port=" + PORT, "--log-bin=bin",
             "--server-id=7", "--gtid-mode=ON", "--enforce-gtid-consistency=ON", "--pid-file=" + self.dir + "/pid",
             "--binlog-row-event-max-size=8192"],
            stderr=open(self.dir + "/log", "w"))
        for _ in range(200):
            if subprocess.run(["mariadb", "--no-defaults", "-uroot", "-S", self.socket, "-e", "SELECT 1"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
                return
            time.sleep(0.1)
        raise RuntimeError(open(self.dir + "/log").read())

    def sql(self, text_):
        return subprocess.run(["mariadb", "--no-defaults", "-uroot", "-S", self.socket, "-Nr",
                               "--default-character-set=utf8mb4"], input=text_.encode(), check=True,
                              stdout=subprocess.PIPE).stdout.decode("utf8")

    def log(self):
        return self.sql("SHOW BINARY LOG STATUS").split("\t")[0]

    def record(self, file, statements, settings="", reset=True):
        self.sql(settings + ";RESET BINARY LOGS AND GTIDS" if reset else settings + ";FLUSH BINARY LOGS")
        log = self.log()
        self.sql(";".join(statements))
        self.sql("FLUSH BINARY LOGS")
        shutil.copy(f"{self.dir}/data/{log}", f"{HERE}/{file}.binlog")


def main():
    server = Server(*sys.argv[1:])
    try:
        start = [MODES, "CREATE DATABASE t", "USE t"]
        server.sql(";".join(start) + ";" + TYPED)
        server.record("mysql_types", [MODES, "USE t", *create(TABLES), *insert(TABLES)])
        server.expected("mysql_types", TABLES)
        server.sql("USE t; DROP TABLE IF EXISTS c, parts")
        server.record("mysql_control", ["USE t", CONTROL], "SET GLOBAL binlog_row_metadata=FULL")
        log = server.log()
        server.sql("FLUSH BINARY LOGS")
        shutil.copy(f"{server.dir}/data/{log}", f"{HERE}/mysql_second_file.binlog")
        server.sql("SET GLOBAL binlog_row_metadata=MINIMAL; USE t; CREATE TABLE z(id INT PRIMARY KEY, t TEXT)")
        server.record("mysql_compressed", ["USE t", COMPRESSED])
        head, *rest = PARTIAL.strip().split(";\n")
        server.sql("USE t;" + head)
        server.record("mysql_partial", ["USE t", *[r.rstrip(";") for r in rest]])
        with open(f"{HERE}/mysql_partial.expected", "w") as out:
            out.write(server.sql("USE t; SET NAMES utf8mb4; " + PARTIAL_EXPECTED))
    finally:
        server.close()


if __name__ == "__main__":
    main()
