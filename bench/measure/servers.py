"""Servers for measuring: all data fits in memory, and the disk does not decide."""

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

from harness.server import PASSWORD, USER
from measure.processes import run

SCHEMA = "bench"


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


def new_source(engine, folder, **options):
    """A running source that logs what is written to it. One file holds the log of a backlog."""
    return engine.server(folder / "source", **{**engine.options, **engine.source_options,
                                               "max_binlog_size": "1G", **options}).start()


def new_target(engine, folder, **options):
    """A running, empty target. It writes no log of its own."""
    return engine.server(folder / "target", **{**engine.options, **options}).start()


class Twin:
    """A target that holds what the source held when this was made, again and again; `options` are its
    own. The source is restarted once, so that its log goes on in a new file."""

    def __init__(self, engine, folder, source, **options):
        self._saved = folder / "saved"
        source.stop()
        copy_folder(source.folder / "data", self._saved)
        for file in [*self._saved.glob("binlog.*"), *self._saved.glob("auto.cnf")]:
            file.unlink()  # its log, and who it is
        source.start()
        self.server = engine.server(folder / "target", **engine.options, **options)

    def renew(self):
        """Gives the running target, its data as at the beginning and in its buffer pool."""
        if self.server.process:
            self.server.kill()
        shutil.rmtree(self.server.folder / "data")
        copy_folder(self._saved, self.server.folder / "data")
        self.server.start()
        warm(self.server)
        return self.server


def log_bytes(source):
    return sum(row[1] for row in source.execute("SHOW BINARY LOGS"))


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


def login(server):
    """Arguments of MariaDB's clients and of mydumper."""
    return ["--host=127.0.0.1", f"--port={server.port}", f"--user={USER}", f"--password={PASSWORD}"]


def read_to_nowhere(server):
    """Reads all tables with a client that throws them away."""
    for table in tables(server):
        run(["mariadb", "--no-defaults", *login(server), "--quick", "--batch",
             "--execute", f"SELECT * FROM {SCHEMA}.{table}"])


class TextFiles:
    """The rows of a server as its own text files, and its definitions."""

    def __init__(self, engine, server, folder):
        self._engine = engine
        self._definitions = {}
        self._files = {table: folder / f"{table}.txt" for table in tables(server)}
        for table, file in self._files.items():
            self._definitions[table] = server.execute(f"SHOW CREATE TABLE {SCHEMA}.{table}")[0][1].split("\n")
            server.execute("SET time_zone = '+00:00'",
                           f"SELECT * INTO OUTFILE '{file}' CHARACTER SET binary FROM {SCHEMA}.{table}")
        self.bytes = sum(file.stat().st_size for file in self._files.values())

    def load(self, target):
        """The files into tables without secondary indexes, as many at once as there are cores; then these."""
        target.execute(f"CREATE DATABASE {SCHEMA}")
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda table: self._load_file(target, table), self._files))

    def _load_file(self, target, table):
        definition = self._definitions[table]
        keys = [line.strip().rstrip(",") for line in definition if line.startswith("  KEY ")]
        columns = [line.rstrip(",") for line in definition[1:-1] if not line.startswith("  KEY ")]
        target.execute(f"USE {SCHEMA}", "SET sql_mode = 'STRICT_ALL_TABLES', time_zone = '+00:00'",
                       "\n".join([definition[0], ",\n".join(columns), definition[-1]]),
                       *self._engine.load(self._files[table], table, columns),
                       f"ALTER TABLE {table} " + ", ".join(f"ADD {key}" for key in keys))


def copy_folder(origin, copy):
    subprocess.run(["cp", "-a", "--sparse=always", origin, copy], check=True)
