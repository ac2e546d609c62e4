"""Servers for measuring: all data fits in memory, and the disk does not decide."""

import shutil
import subprocess

from harness.server import PASSWORD, SOURCE_OPTIONS, USER, MariaDb

SCHEMA = "bench"
OPTIONS = {
    "innodb_buffer_pool_size": "4G",
    "innodb_log_file_size": "2G",
    "innodb_flush_log_at_trx_commit": 2,
    "sync_binlog": 0,
    "max_allowed_packet": "64M",
}


def certificate(folder):
    """Options of a server that takes encrypted connections, and plain ones as well."""
    cert, key = folder / "server.pem", folder / "server.key"
    if not cert.exists():
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                        "/CN=bench", "-keyout", key, "-out", cert], check=True, capture_output=True)
    return {"ssl_cert": cert, "ssl_key": key}


def connections(mode):
    """The keys of a task that say how its connections are encrypted."""
    return {"source": {"ssl": {"mode": mode}}, "target": {"ssl": {"mode": mode}}}


def new_source(folder, **options):
    """A running source that logs what is written to it. One file holds the log of a backlog."""
    return MariaDb(folder / "source", **{**OPTIONS, **SOURCE_OPTIONS, "max_binlog_size": "1G", **options}).start()


def new_target(folder, **options):
    """A running, empty target. It writes no log of its own."""
    return MariaDb(folder / "target", **{**OPTIONS, **options}).start()


class Twin:
    """A target that holds what the source held when this was made, again and again; `options` are its
    own. The source is restarted once, so that its log goes on in a new file."""

    def __init__(self, folder, source, **options):
        self._saved = folder / "saved"
        source.stop()
        _copy(source.folder / "data", self._saved)
        for file in self._saved.glob("binlog.*"):
            file.unlink()
        source.start()
        self.server = MariaDb(folder / "target", **OPTIONS, **options)

    def renew(self):
        """Gives the running target, its data as at the beginning and in its buffer pool."""
        if self.server.process:
            self.server.kill()
        shutil.rmtree(self.server.folder / "data")
        _copy(self._saved, self.server.folder / "data")
        self.server.start()
        warm(self.server)
        return self.server


def replicate(source, target, after, threads):
    """Starts the target's own replication of what the source commits after the GTID `after`."""
    password = PASSWORD.replace("\\", "\\\\").replace("'", "''")
    target.execute(
        f"SET GLOBAL gtid_slave_pos = '{after}'",
        f"SET GLOBAL slave_parallel_threads = {threads}",
        f"CHANGE MASTER TO master_host = '127.0.0.1', master_port = {source.port}, "
        f"master_user = '{USER}', master_password = '{password}', master_use_gtid = slave_pos",
        "START SLAVE")


def tables(server):
    return [name for (name,) in server.execute(f"SHOW TABLES IN {SCHEMA}")]


def checksums(server):
    """The checksum of every table: equal on both ends, or a measurement is worth nothing."""
    names = ", ".join(f"{SCHEMA}.{name}" for name in tables(server))
    return server.execute(f"CHECKSUM TABLE {names}")


def warm(server):
    """Reads every index of every table, so that all pages are in memory."""
    indexes = server.execute(
        "SELECT DISTINCT table_name, index_name, FIRST_VALUE(column_name) OVER (PARTITION BY "
        "table_name, index_name ORDER BY seq_in_index) FROM information_schema.statistics "
        f"WHERE table_schema = '{SCHEMA}'")
    for table, index, column in indexes:
        server.execute(f"SELECT COUNT({column}) FROM {SCHEMA}.{table} FORCE INDEX (`{index}`)")


def _copy(origin, copy):
    subprocess.run(["cp", "-a", "--sparse=always", origin, copy], check=True)
