"""Throw-away PostgreSQL servers, with the life of the others of server.py."""

import base64
import contextlib
import functools
import hashlib
import hmac
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg2
from harness.server import DIES_WITH_PARENT, PASSWORD, USER, Server, free_port, template_folder

# Small and quick to start; durability is not what these servers are for. What a killed server has
# committed is with the kernel, which goes on.
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "wal_level": "logical",
    "fsync": "off",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "max_connections": 100,
    "jit": "off",
    "dynamic_shared_memory_type": "mmap",  # in the data folder: a kill leaves nothing elsewhere
    "log_line_prefix": "%m [%p] %u %a ",
    "lc_messages": "C",
}
DATABASE = "shop"


def program(name, folders=("GODWIT_TEST_POSTGRES",)):
    """A program of the version in the first folder that one of these environment variables names, else of the latest that is
    installed; Debian has them out of everybody's PATH."""
    for folder in folders:
        chosen = Path(os.environ.get(folder, "/nowhere")) / name
        if chosen.exists():
            return str(chosen)
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    return str(found[-1]) if found else shutil.which(name) or name


@functools.cache
def version(folders=("GODWIT_TEST_POSTGRES",)):
    """Of the servers, as 15; 0: there are none."""
    try:
        told = subprocess.run([program("postgres", folders), "--version"], stdout=subprocess.PIPE, text=True).stdout
    except FileNotFoundError:
        return 0
    return int(re.search(r"\d+", told)[0])


@functools.cache
def _account():
    """Whose the servers are, for subprocess and chown: they refuse to be root's."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam("postgres")
    return {"user": account.pw_uid, "group": account.pw_gid}


def _process_settings():
    """Of subprocess. The account may not enter the folder of who starts it."""
    return {"cwd": "/", **({**_account(), "extra_groups": []} if _account() else {})}


def hand_over(path):
    """To the account whose the servers are."""
    if _account():
        shutil.chown(path, **_account())


def _verifier(password):
    """What the server keeps of a password, for scram with one round of hashing: with the usual 4096, logging in is a third
    of what a run costs."""
    salt = os.urandom(16)
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1)
    stored = hashlib.sha256(hmac.digest(key, b"Client Key", "sha256")).digest()
    salt, stored, server = (base64.b64encode(part).decode() for part in (salt, stored, hmac.digest(key, b"Server Key", "sha256")))
    return f"SCRAM-SHA-256$1:{salt}${stored}:{server}"


@functools.cache
def _empty_data_folder(initdb, postgres, wal_segment):
    """Has the accounts root and USER, and the database DATABASE. `initdb`, `postgres`: the programs. `wal_segment`: the size of
    the log's files in MiB."""
    folder = template_folder()
    hand_over(folder)
    statements = [f"CREATE ROLE {USER} SUPERUSER LOGIN PASSWORD '{_verifier(PASSWORD)}'",
                  f"CREATE DATABASE {DATABASE} TEMPLATE template0"]
    for command, text in [
        ([initdb, f"--pgdata={folder}/data", "--username=root", "--auth-local=trust",
          "--auth-host=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", f"--wal-segsize={wal_segment}",
          "--no-sync"], ""),
        ([postgres, "--single", "-D", f"{folder}/data", "-c", "fsync=off", "postgres"],
         "".join(statement + "\n" for statement in statements)),
    ]:
        made = subprocess.run([*DIES_WITH_PARENT, *command], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              **_process_settings())
        if made.returncode != 0 or "ERROR:" in made.stdout:
            raise RuntimeError(made.stdout)
    return folder / "data"


class Postgres(Server):
    """A PostgreSQL server with the database DATABASE. `options` are its settings. Has the accounts root, which
    the socket lets in, and USER (PASSWORD, by scram), both superusers."""

    defaults = OPTIONS
    folders = ("GODWIT_TEST_POSTGRES",)  # of its programs
    wal_segment = 1

    def __init__(self, folder, **options):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True)
        # The server's account cannot enter a test's folder, whose path may be too long for a socket besides.
        self._place = Path(tempfile.mkdtemp(prefix="godwit-pg-"))
        hand_over(self._place)
        empty = _empty_data_folder(program("initdb", self.folders), program("postgres", self.folders), self.wal_segment)
        subprocess.run(["cp", "-a", "--reflink=auto", empty, self._place / "data"], check=True)
        self.data = self._place / "data"
        self.socket = str(self._place)
        self.port = free_port()
        self.options = {**self.defaults, **options}
        self.environment = {}  # of the process, besides ours
        self.process = None
        self.host = None  # as of the others

    @property
    def url(self):
        return self.url_of(DATABASE)

    def url_of(self, database, user=USER):
        return f"postgres://{user}@{self.address}:{self.port}/{database}"

    def be_on(self, host):
        self.host = host
        self.options["listen_addresses"] = host.address
        with open(self.data / "pg_hba.conf", "a") as rules:
            rules.write("host all all samenet scram-sha-256\nhost replication all samenet scram-sha-256\n")

    def start(self, **options):
        self.options.update(options)
        arguments = [argument for name, value in self.options.items() if value is not None
                     for argument in ("-c", f"{name}={value}")]
        with open(self.folder / "log", "ab") as log, self.inside():
            self.process = subprocess.Popen(
                [*DIES_WITH_PARENT, program("postgres", self.folders), "-D", self.data, "-k", self.socket, "-p", str(self.port), *arguments],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                env={**os.environ, **self.environment}, **_process_settings())
        deadline = time.monotonic() + 60
        while True:
            try:
                self.connect().close()
                return self
            except psycopg2.OperationalError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"server did not start:\n{self.log()[-3000:]}") from None
                time.sleep(0.05)

    def connect(self, database=DATABASE, autocommit=True, **settings):
        """A new connection of root; `settings` are psycopg2's. Names are looked for in the schema shop first."""
        settings = {"user": "root", "options": "-csearch_path=shop,public", **settings}
        connection = psycopg2.connect(host=self.socket, port=self.port, dbname=database, **settings)
        connection.autocommit = autocommit
        return connection

    def execute(self, *statements, **settings):
        """Runs the statements on one connection; gives the rows of the last."""
        with contextlib.closing(self.connect(**settings)) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def has_table(self, name, schema="shop"):
        return self.value(f"SELECT to_regclass('{schema}.{name}') IS NOT NULL")

    def frozen_pages(self, table):
        """How many pages of the table have nothing for a vacuum to do; and how many have rows, as the server makes some in advance."""
        self.execute("CREATE EXTENSION IF NOT EXISTS pg_visibility SCHEMA public")
        ((frozen, pages),) = self.execute(f"SELECT all_frozen, (SELECT count(DISTINCT (ctid::text::point)[0]) FROM {table}) FROM public.pg_visibility_map_summary('{table}')")
        return frozen, pages

    def wait_until_left(self, user=USER):
        """Until the server has noticed that the account's connections have gone."""
        deadline = time.monotonic() + 30
        while self.value(f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{user}'"):
            assert time.monotonic() < deadline, "waited 30 s in vain"
            time.sleep(0.01)

    def cut_connections(self, user=USER):
        return self.value("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                          f"WHERE usename = '{user}' AND pid <> pg_backend_pid()")

    def _parts(self):
        """The processes that the first one has started."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                if int(stat.read_text().rsplit(") ", 1)[1].split()[1]) == self.process.pid:
                    found.append(int(stat.parent.name))
        return found

    @staticmethod
    def _signal(processes, which):
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, which)

    def stop(self):
        """An orderly shutdown that does not wait for clients; for readers of the log it does."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)

    def kill(self):
        """All of it at once; the data stays."""
        parts = self.pause()
        self.process.kill()
        self.process.wait()
        self._signal(parts, signal.SIGKILL)
        deadline = time.monotonic() + 10
        # One that has ended may wait for a parent to hear of it.
        while any(re.search(r"^State:\s+[^ZX]", _status(part), re.M) for part in parts):
            assert time.monotonic() < deadline, "a killed server is still there"
            time.sleep(0.01)

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)  # first, so that it starts no more
        while self.process.poll() is None and "State:\tT" not in _status(self.process.pid):
            time.sleep(0.001)
        parts = self._parts()
        self._signal(parts, signal.SIGSTOP)
        return parts

    def unpause(self):
        self._signal([*self._parts(), self.process.pid], signal.SIGCONT)

    def remove(self):
        if self.process and self.process.poll() is None:
            self.unpause()
            self.process.send_signal(signal.SIGQUIT)  # at once, but gives back its shared memory
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self._place, ignore_errors=True)


class TargetPostgres(Postgres):
    """One that may be of another version."""

    folders = ("GODWIT_TEST_POSTGRES_TARGET", *Postgres.folders)


def _status(process):
    try:
        return Path(f"/proc/{process}/status").read_text()
    except OSError:
        return ""
