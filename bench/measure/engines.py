"""The kinds of server that benchmarks run on, and what they call their settings and their replication."""

from harness import mysql, postgres
from harness import server as mariadb
from harness.server import PASSWORD, USER
from measure.servers import SCHEMA

# All data fits in memory. The disk does not decide, but what servers do for it by default they do.
OPTIONS = {
    "innodb_buffer_pool_size": "4G",
    "innodb_flush_log_at_trx_commit": 2,
    "innodb_flush_method": "O_DIRECT",
    "innodb_doublewrite": "ON",
    "sync_binlog": 0,
    "max_allowed_packet": "64M",
}


class MariaDb:
    server = mariadb.MariaDb
    options = {**OPTIONS, "innodb_log_file_size": "2G"}
    source_options = mariadb.SOURCE_OPTIONS
    workers = "slave_parallel_threads"
    worker_counts = (0, 2, 4)

    @staticmethod
    def connect(server, **settings):
        """A connection that finds tables in the schema."""
        return server.connect(database=SCHEMA, **settings)

    @staticmethod
    def numbers(rows):
        """A table of the numbers `seq` from 1 to `rows`."""
        return f"seq_1_to_{rows}"

    @staticmethod
    def load(file, table, columns):
        """Statements that load a file of rows as bytes; `columns`: their definitions. JSON_VALID refuses text that comes as
        bytes."""
        return ["SET check_constraint_checks = 0", _load(file, table, columns, text="uuid")]

    @staticmethod
    def position(source):
        return source.value("SELECT @@gtid_binlog_pos")

    @staticmethod
    def replicate(source, target, after, workers):
        """Starts the target's own replication of what the source commits after the GTID `after`."""
        target.execute(
            f"SET GLOBAL gtid_slave_pos = '{after}'",
            f"SET GLOBAL slave_parallel_threads = {workers}",
            f"CHANGE MASTER TO master_host = '127.0.0.1', master_port = {source.port}, "
            f"master_user = '{USER}', master_password = {_quoted(PASSWORD)}, master_use_gtid = slave_pos",
            "START SLAVE")

    @staticmethod
    def reached(target, position):
        """Waits until replication has executed all up to `position`; gives whether it came there."""
        return target.value(f"SELECT MASTER_GTID_WAIT('{position}', 3600)") == 0

    @staticmethod
    def stop_replication(target):
        target.execute("STOP SLAVE")


class MySql:
    server = mysql.MySql
    options = {**OPTIONS, "innodb_redo_log_capacity": "4G", "innodb_log_buffer_size": "64M", "gtid_mode": "ON",
               "enforce_gtid_consistency": "ON", "local_infile": "ON"}
    source_options = mysql.SOURCE_OPTIONS
    workers = "replica_parallel_workers"
    worker_counts = (1, 2, 4)
    connect = MariaDb.connect

    @staticmethod
    def numbers(rows):
        digits = "(SELECT 0 AS d UNION ALL " + " UNION ALL ".join(f"SELECT {d}" for d in range(1, 10)) + ")"
        places = len(str(rows))
        value = " + ".join(f"n{place}.d * {10 ** place}" for place in range(places))
        names = ", ".join(f"{digits} AS n{place}" for place in range(places))
        return f"(SELECT {value} AS seq FROM {names} HAVING seq BETWEEN 1 AND {rows}) AS numbers"

    @staticmethod
    def load(file, table, columns):
        return [_load(file, table, columns, text="json")]

    @staticmethod
    def position(source):
        return source.value("SELECT @@GLOBAL.gtid_executed")

    @staticmethod
    def replicate(source, target, after, workers):
        target.execute(
            "RESET BINARY LOGS AND GTIDS",
            f"SET GLOBAL gtid_purged = '{after}'",
            f"SET GLOBAL replica_parallel_workers = {workers}",
            f"CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = {source.port}, "
            f"SOURCE_USER = '{USER}', SOURCE_PASSWORD = {_quoted(PASSWORD)}, SOURCE_AUTO_POSITION = 1, "
            "GET_SOURCE_PUBLIC_KEY = 1",
            "START REPLICA")

    @staticmethod
    def reached(target, position):
        return target.value(f"SELECT WAIT_FOR_EXECUTED_GTID_SET('{position}', 3600)") == 0

    @staticmethod
    def stop_replication(target):
        target.execute("STOP REPLICA")


class LargePostgres(postgres.Postgres):
    """As in the tests, with the size that the log's files have by default."""

    wal_segment = 16


class Postgres:
    """What is measured on it, and how, is of its own: postgres*.py."""

    server = LargePostgres
    # As for the others: a commit is with the kernel, torn pages are guarded against. No autovacuum, of which some
    # runs would have more than others.
    options = {
        "shared_buffers": "4GB",
        "fsync": "off",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "max_wal_size": "16GB",
        "checkpoint_timeout": "1h",
        "wal_buffers": "64MB",
        "maintenance_work_mem": "512MB",
        "autovacuum": "off",
    }

    @staticmethod
    def connect(server, **settings):
        return server.connect(options=f"-csearch_path={SCHEMA}", **settings)


class Pair:
    """Two kinds of server; those of PAIRS are PostgreSQL and one of the others: mixed*.py."""

    def __init__(self, source, target):
        self.source, self.target = source, target


ENGINES = {"mariadb": MariaDb, "mysql": MySql, "postgres": Postgres}
PAIRS = {f"{source}-to-{target}": Pair(ENGINES[source], ENGINES[target])
         for other in ("mariadb", "mysql") for source, target in ((other, "postgres"), ("postgres", other))}


def _load(file, table, columns, text):
    """Columns of the type `text` take no bytes."""
    names = {line.split("`")[1]: f" {text} " in f"{line} " for line in columns if line.startswith("  `")}
    into = ", ".join(f"@{name}" if is_text else name for name, is_text in names.items())
    texts = ", ".join(f"{name} = CONVERT(@{name} USING utf8mb4)" for name, is_text in names.items() if is_text)
    return (f"LOAD DATA INFILE '{file}' INTO TABLE {table} CHARACTER SET binary ({into})"
            + (f" SET {texts}" if texts else ""))


def _quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
