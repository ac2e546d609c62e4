#!/usr/bin/env python3
"""Makes the binlog files in this folder, and what a SELECT says of their rows, with a MariaDB server of its own.

Run by hand when a type or an event is to be added: generate.py [PORT]. Needs mariadbd, mariadb-install-db, mariadb.

FILE.binlog holds events; FILE.expected the rows that were inserted, in log order: a line "#table NAME HINT ..." names a
table's columns' hints (- none, u unsigned, b BINARY, U UUID, 4 INET4, 6 INET6, 1..6 fraction digits), a line
"NAME<tab>value..." is a row, with \\N for NULL and strings in hexadecimal digits.
"""
import os, shutil, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
PORT = sys.argv[1] if len(sys.argv) > 1 else "43318"


class Column:
    def __init__(self, type_, values, hint="-", select="{}"):
        self.type, self.values, self.hint, self.select = type_, values, hint, select


def text(type_, *values):
    return Column(type_, values, select="HEX({})")


def integer(name, bits):
    signed = Column(name, [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1, 0, -1, 1, None])
    return [signed, Column(name + " UNSIGNED", [0, 2**bits - 1, 1, 2 ** (bits - 1), None], "u")]


def decimal(precision, scale):
    whole, part = "9" * (precision - scale) or "0", "9" * scale
    point = "." if scale else ""
    digits = ("1234567890" * 7)[:precision]
    mixed = (digits[: precision - scale] or "0") + point + digits[precision - scale :]
    smallest = "0." + "0" * (scale - 1) + "1" if scale else "1"
    values = [whole + point + part, "-" + whole + point + part, "0", smallest, "-" + smallest, mixed, "-" + mixed, None]
    return Column(f"DECIMAL({precision},{scale})", values)


def labels(count):
    return ",".join(f"'l{i}'" for i in range(1, count + 1))


def number(type_, *values):
    return Column(type_, values, select="CAST({}+0 AS UNSIGNED)")


TIMES = ["00:00:00", "838:59:59{f9}", "-838:59:59{f9}", "-00:00:00{f1}", "-00:00:01", "12:34:56{f5}", "-12:34:56{f5}",
         "100:00:00", "-99:59:59{f9}", None]
DATETIMES = ["0000-00-00 00:00:00", "1000-01-01 00:00:00", "9999-12-31 23:59:59{f9}", "2024-02-29 12:34:56{f5}",
             "2024-00-00 00:00:00{f1}", "0000-01-01 01:02:03", "2024-02-31 10:11:12", None]
TIMESTAMPS = ["0000-00-00 00:00:00", "1970-01-01 00:00:01", "2038-01-19 03:14:07{f9}", "2024-02-29 23:59:59{f5}",
              "2000-03-01 00:00:00{f1}", "1999-12-31 23:59:60", None]
DATES = ["0000-00-00", "1000-01-01", "9999-12-31", "2024-02-29", "2024-00-00", "2024-02-31", "0001-12-00", None]


def fraction(values, digits):
    def put(last):
        return "." + last if digits else ""
    return [v and v.format(f9=put("9" * digits), f1=put("0" * (digits - 1) + "1"), f5=put("123456"[:digits]))
            for v in values]


def temporal(hint=False):
    def column(name, values, digits):
        null = " NULL" if name == "TIMESTAMP" else ""
        return Column(f"{name}({digits}){null}", fraction(values, digits), str(digits) if hint and digits else "-")
    return [[column(name, values, digits) for digits in range(7)]
            for name, values in (("TIME", TIMES), ("DATETIME", DATETIMES), ("TIMESTAMP", TIMESTAMPS))]


UUIDS = ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
         "12345678-9abc-1def-8123-456789abcdef", "12345678-9abc-4def-8123-456789abcd00",
         "01890a5d-ac96-774b-bcce-b302099a8057", "12345678-9abc-4def-0123-000000000000", None]
INET6 = ["::", "::1", "1::", "2001:db8::ff00:42:8329", "::ffff:1.2.3.4", "::1.2.3.4", "1:0:2:3:4:5:6:7",
         "1:0:0:2:0:0:0:3", "0:0:1:2::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::ffff:0:0", "::fffe:1:2",
         "0:1:2:3:4:5:6:7", "::1:2:3", "1:2:3:4:5:6:7:0", None]
GEOMETRY = ["ST_GeomFromText('POINT(1 2)',4326)", "ST_GeomFromText('POLYGON((0 0,0 1,1 1,0 0))')",
            "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))')", None]
BYTES = ["''", "'a'", "' a  '", r"'\0a\0\0'", "x'00'", "x'ff00'", None]

TABLES = {
    "ints": [c for n, b in (("TINYINT", 8), ("SMALLINT", 16), ("MEDIUMINT", 24), ("INT", 32), ("BIGINT", 64))
             for c in integer(n, b)],
    "reals": [Column("FLOAT", ["3.4028234e38", "-3.4028234e38", "1.17549435e-38", "0", "-0.1", None],
                     select="CAST({} AS DOUBLE)"),
              Column("DOUBLE", ["1.7976931348623157e308", "-1.7976931348623157e308", "2.2250738585072014e-308", "0.1",
                                "-123456.789", None])],
    "decimals": [decimal(*d) for d in ((1, 0), (1, 1), (9, 0), (9, 9), (10, 2), (10, 10), (18, 9), (19, 9), (20, 1),
                                       (38, 38), (64, 0), (65, 0), (65, 30), (65, 38), (30, 25))],
    "bits": [number(f"BIT({n})", 0, 1, 2**n - 1, 2 ** (n - 1), None) for n in (1, 7, 8, 9, 17, 63, 64)],
    "years": [number("YEAR", 0, 1901, 2024, 2155, None), Column("DATE", DATES)],
    "times": temporal()[0], "datetimes": temporal()[1], "timestamps": temporal()[2],
    "chars": [
        text("CHAR(10) CHARACTER SET latin1", "''", "'a'", "' a  '", r"'\0a'", "x'e9ff80'", None),
        text("CHAR(63) CHARACTER SET utf8mb4", "'\N{SNOWMAN}'", "REPEAT('\N{GRINNING FACE}',63)", "''", None),
        text("CHAR(64) CHARACTER SET utf8mb4", "'a'", "REPEAT('\N{GRINNING FACE}',64)", "''", None),
        text("CHAR(255) CHARACTER SET utf8mb4", "REPEAT('\N{GRINNING FACE}',255)", "'x'", None),
        text("CHAR(5) CHARACTER SET ucs2", "'a'", "'\N{SNOWMAN}b  '", None),
        text("CHAR(5) CHARACTER SET gbk", "x'b0a1'", "'a'", None),
        text("VARCHAR(10) CHARACTER SET latin1", *BYTES),
        text("VARCHAR(255) CHARACTER SET latin1", "REPEAT('x',255)", "''", None),
        text("VARCHAR(256) CHARACTER SET latin1", "REPEAT('x',256)", "'a '", None),
        text("VARCHAR(300) CHARACTER SET utf8mb4", "REPEAT('\N{SNOWMAN}',300)", "''", None),
        text("TINYTEXT", "'a '", "REPEAT('t',255)", None), text("TEXT", "'a'", "REPEAT('t',300)", None),
        text("MEDIUMTEXT", "'m'", "''", None), text("LONGTEXT", "'l'", "''", None),
        text("JSON", """'{"a": [1, "\N{SNOWMAN}"]}'""", "'[]'", None),
    ],
    "binaries": [
        Column("BINARY(1)", ["'a'", "x'00'", None], "b", "HEX({})"),
        Column("BINARY(5)", BYTES, "b", "HEX({})"),
        Column("BINARY(255)", ["REPEAT('x',255)", "''", "'a'", None], "b", "HEX({})"),
        text("VARBINARY(5)", *BYTES), text("VARBINARY(300)", "REPEAT(x'00',300)", "''", None),
        text("TINYBLOB", *BYTES), text("BLOB", *BYTES), text("MEDIUMBLOB", "REPEAT(x'ff',300)", None),
        text("LONGBLOB", "'x'", "''", None),
        text("GEOMETRY", *GEOMETRY), text("POINT", "ST_GeomFromText('POINT(-1 1e300)')", None),
    ],
    "compressed": [
        text("VARCHAR(100) COMPRESSED", "''", "'a'", "REPEAT('a',100)", None),
        text("VARCHAR(20) CHARACTER SET latin1 COMPRESSED", "REPEAT('b',20)", "''", "'c'", None),
        text("VARBINARY(1000) COMPRESSED", "REPEAT(x'00',1000)", "x'00'", None),
        text("TINYTEXT COMPRESSED", "REPEAT('t',200)", "'t'", "''", None),
        text("TEXT COMPRESSED", "REPEAT('abc',300)", "'t'", None),
        text("MEDIUMBLOB COMPRESSED", "REPEAT('abc',300)", "x'0000'", None),
        text("LONGBLOB COMPRESSED", "REPEAT('abc',3000)", "''", None),
    ],
    "label_sets": [
        number(f"ENUM({labels(3)})", "'l1'", "'l3'", "''", None),
        number(f"ENUM({labels(300)})", "'l1'", "'l300'", "'l256'", None),
        *[number(f"SET({labels(n)})", 1, 0, 2**n - 1, 2 ** (n - 1), None) for n in (1, 8, 9, 17, 33, 64)],
    ],
    "addresses": [
        Column("UUID", UUIDS, "U", "CAST({} AS CHAR)"),
        Column("INET4", ["0.0.0.0", "1.2.3.4", "255.255.255.255", "10.0.0.0", None], "4", "CAST({} AS CHAR)"),
        Column("INET6", INET6, "6", "CAST({} AS CHAR)"),
    ],
}
OLD_TABLES = dict(zip(("old_times", "old_datetimes", "old_timestamps"), temporal(hint=True)))
RAW = ("REPEAT(", "x'", "ST_", "'")  # values that are SQL already


def literal(value):
    if value is None:
        return "NULL"
    return str(value) if not isinstance(value, str) or value.startswith(RAW) else f"'{value}'"


def create(tables):
    for name, columns in tables.items():
        body = ",".join(f"c{i} {c.type}" for i, c in enumerate(columns))
        yield f"CREATE TABLE {name}(id INT PRIMARY KEY,{body})"


def insert(tables):
    for name, columns in tables.items():
        rows = max(len(c.values) for c in columns)
        for row in range(rows):
            values = ",".join(literal(c.values[row % len(c.values)]) for c in columns)
            yield f"INSERT INTO {name} VALUES({row},{values})"


def change(tables):
    for name in tables:
        yield f"UPDATE {name} SET id=id+1000 ORDER BY id DESC"
        yield f"DELETE FROM {name} ORDER BY id"


MODES = "SET sql_mode='ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION', time_zone='+00:00', NAMES utf8mb4"

CONTROL = """
CREATE TABLE c(id INT PRIMARY KEY AUTO_INCREMENT, a VARCHAR(30) DEFAULT 'd', b INT) ENGINE=InnoDB;
CREATE TABLE no_key(a INT DEFAULT 5, b INT);
SET gtid_domain_id=3, server_id=9;
INSERT INTO c(b) VALUES(1),(2);
SET gtid_domain_id=0, server_id=7;
BEGIN; UPDATE c SET b=3 WHERE id=1; SAVEPOINT s; DELETE FROM c WHERE id=2; ROLLBACK TO s; COMMIT;
XA START 'gtrid','bqual',17; INSERT INTO c(b) VALUES(4); XA END 'gtrid','bqual',17; XA PREPARE 'gtrid','bqual',17;
XA COMMIT 'gtrid','bqual',17;
SET binlog_row_image=MINIMAL;
INSERT INTO c() VALUES(); INSERT INTO no_key() VALUES(); INSERT INTO no_key(b) VALUES(1);
UPDATE c SET a='minimal' WHERE id=1; DELETE FROM c WHERE id=1; UPDATE no_key SET a=6; DELETE FROM no_key;
SET binlog_row_image=NOBLOB; INSERT INTO c(b) VALUES(9);
SET binlog_row_image=FULL;
SET binlog_alter_two_phase=1; ALTER TABLE c ADD COLUMN d INT; SET binlog_alter_two_phase=0;
SET binlog_format=STATEMENT, @v=5, foreign_key_checks=0, unique_checks=0, check_constraint_checks=0;
SET auto_increment_increment=3, auto_increment_offset=2, time_zone='Europe/Berlin', lc_time_names='de_DE', timestamp=1700000000.25;
INSERT INTO c(b) VALUES(RAND()*10),(@v); INSERT INTO c(a) VALUES(NOW(6));
DROP TABLE no_key;
"""


class Server:
    def __init__(self, *options):
        self.dir = tempfile.mkdtemp(prefix="wire-testdata-")
        subprocess.run(["mariadb-install-db", "--no-defaults", "--datadir=" + self.dir + "/data", "--skip-test-db",
                        "--auth-root-authentication-method=normal"], check=True, stdout=subprocess.DEVNULL)
        self.socket = self.dir + "/s.sock"
        self.process = subprocess.Popen(
            ["mariadbd", "--no-defaults", "--user=root", "--datadir=" + self.dir + "/data", "--socket=" + self.socket,
             "--bind-address=127.0.0.1", "--port=" + PORT, "--log-bin=" + self.dir + "/data/bin", "--server-id=7",
             "--binlog-format=ROW", "--innodb-buffer-pool-size=32M", *options],
            stderr=open(self.dir + "/log", "w"))
        for _ in range(100):
            if os.path.exists(self.socket):
                return
            time.sleep(0.1)
        raise RuntimeError(open(self.dir + "/log").read())

    def sql(self, text):
        return subprocess.run(["mariadb", "-uroot", "-S", self.socket, "-Nr", "--default-character-set=utf8mb4"],
                              input=text.encode(), check=True, stdout=subprocess.PIPE).stdout.decode("utf8")

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.dir)

    def record(self, file, statements, settings=""):
        """Runs statements with a binlog file of their own, and keeps that file."""
        self.sql(settings + ";RESET MASTER")
        self.sql(";".join(statements))
        log = self.sql("SHOW MASTER STATUS").split("\t")[0]
        self.sql("FLUSH BINARY LOGS")
        shutil.copy(f"{self.dir}/data/{log}", f"{HERE}/{file}.binlog")

    def expected(self, file, tables):
        with open(f"{HERE}/{file}.expected", "w") as out:
            for name, columns in tables.items():
                print("#table", name, "-", *[c.hint for c in columns], file=out)
                fields = [c.select.format(f"c{i}") for i, c in enumerate(columns)]
                select = "CONCAT_WS('\\t',id," + ",".join(f"IFNULL({f},'\\\\N')" for f in fields) + ")"
                for row in self.sql(f"{MODES}; USE t; SELECT {select} FROM {name} ORDER BY id").splitlines():
                    print(name, row, sep="\t", file=out)


def main():
    server = Server()
    try:
        for name, settings in (
                ("plain", "SET GLOBAL binlog_row_metadata=NO_LOG, binlog_checksum=CRC32, log_bin_compress=0"),
                ("full_metadata", "SET GLOBAL binlog_row_metadata=FULL, binlog_checksum=NONE, log_bin_compress=0"),
                ("compressed", "SET GLOBAL binlog_row_metadata=MINIMAL, binlog_checksum=CRC32, log_bin_compress=1,"
                               "log_bin_compress_min_len=10")):
            start = [MODES, "CREATE OR REPLACE DATABASE t", "USE t"]
            server.record(name, [*start, *create(TABLES), *insert(TABLES)], settings)
            if name == "plain":
                server.expected("all_types", TABLES)
                server.record("changes", [MODES, "USE t", *change(TABLES)], settings)
        server.sql("SET GLOBAL mysql56_temporal_format=0; SET GLOBAL binlog_row_metadata=NO_LOG, log_bin_compress=0")
        server.record("old_temporal", [MODES, "CREATE OR REPLACE DATABASE t", "USE t", *create(OLD_TABLES),
                                       *insert(OLD_TABLES)])
        server.expected("old_temporal", OLD_TABLES)
        zones = subprocess.run(["mariadb-tzinfo-to-sql", "/usr/share/zoneinfo"], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL).stdout.decode("utf8")
        server.sql("SET sql_log_bin=0; USE mysql; " + zones)
        server.record("control", ["SET NAMES utf8mb4; CREATE OR REPLACE DATABASE t; USE t", CONTROL])
    finally:
        server.close()


if __name__ == "__main__":
    main()
