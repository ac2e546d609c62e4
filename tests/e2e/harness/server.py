"""Throw-away servers on loopback, each with its own data folder, socket and port."""

import atexit
import contextlib
import functools
import itertools
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pymysql

USER = "godwit"
PASSWORD = "pass-word's \\ 1"  # a quote, a backslash and a space, so that a lost escape shows

# Small and quick to start; durability is not what these servers are for.
OPTIONS = {
    "bind_address": "127.0.0.1",
    "innodb_buffer_pool_size": "128M",
    "innodb_log_file_size": "64M",
    "innodb_doublewrite": "OFF",
    "innodb_flush_method": "nosync",
    "innodb_flush_log_at_trx_commit": 2,
    "sync_binlog": 0,
    "performance_schema": "OFF",
    "skip_name_resolve": True,
    "character_set_server": "utf8mb4",
    "max_connections": 100,
}
SOURCE_OPTIONS = {"log_bin": "binlog", "binlog_format": "ROW", "binlog_row_image": "FULL"}

# Not in everybody's PATH.
MARIADBD = shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin") or "mariadbd"


# Before a command: the kernel kills it when the thread that started it is gone. A function of ours in the child would do it too,
# but might wait for ever there for a lock that another thread had at the fork.
DIES_WITH_PARENT = ["setpriv", "--pdeathsig", "KILL", "--"]


def as_root():
    return ["--user=root"] if os.geteuid() == 0 else []


def template_folder():
    """A folder for a fresh data folder to copy from, which goes when this process does."""
    folder = Path(tempfile.mkdtemp(prefix="godwit-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def without_zeros(data):
    """Gives a copy in the same place in whose files pages of zeros take no room, nor time when it is copied in turn."""
    sparse = data.with_name("sparse")
    subprocess.run(["cp", "-a", "--sparse=always", data, sparse], check=True)
    shutil.rmtree(data)
    return sparse


@functools.cache
def plugin_folder():
    """Where MariaDB's plugins are."""
    script = Path(__file__).resolve().parents[3] / "scripts" / "mariadb-plugins"
    return subprocess.run([script], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


@functools.cache
def _empty_data_folder():
    folder = template_folder()
    command = ["mariadb-install-db", "--no-defaults", f"--datadir={folder}/data", "--skip-test-db",
               "--auth-root-authentication-method=normal", "--skip-name-resolve", f"--tmpdir={folder}",
               f"--innodb-log-file-size={OPTIONS['innodb_log_file_size']}", "--force",  # also where the machine's name has no address
               *as_root()]
    # A group of its own: it is a shell script, and interrupted it would leave its server behind.
    made = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            start_new_session=True)
    try:
        output, _ = made.communicate()
    except BaseException:
        os.killpg(made.pid, signal.SIGKILL)
        made.wait()
        raise
    if made.returncode != 0:
        raise RuntimeError(output)
    return without_zeros(folder / "data")


PORTS = 1500  # of each process that runs tests
_turn = itertools.count(random.randrange(PORTS))


def free_port():
    """A port that nobody listens on, below the range that outgoing connections take theirs from. Each process has its own, and
    takes them in turn: another server's is not taken while it is down for a moment."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    while True:
        port = 20000 + worker % 8 * PORTS + next(_turn) % PORTS
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Server:
    """One server; its kind is the subclass. `options` are server variables: `name=value` becomes --name=value, True --name, and
    None takes a default of ours away. Has the accounts root (no password) and USER (PASSWORD), both
    with all rights. Not running until start()."""

    defaults = {}
    is_mysql = False

    def _empty_data_folder(self):
        """A data folder to copy, made once per process."""
        raise NotImplementedError

    def _command(self):
        """The program and the options that it cannot do without."""
        raise NotImplementedError

    def __init__(self, folder, **options):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True)
        subprocess.run(["cp", "-a", self._empty_data_folder(), self.folder / "data"], check=True)
        (self.folder / "tmp").mkdir()
        # The path of a socket has at most 107 bytes; a test's folder may be longer.
        self._socket_folder = tempfile.mkdtemp(prefix="godwit-sock-")
        self.socket = f"{self._socket_folder}/s"
        self.port = free_port()
        self.options = {"server_id": self.port, **self.defaults, **options}
        self.environment = {}  # of the process, besides ours
        self.process = None
        self.host = None  # that it is on, of harness.hosts; None: this one
        self.disturbed = False  # no longer what it was when it started

    @property
    def url(self):
        return f"mysql://{USER}@{self.address}:{self.port}"

    @property
    def address(self):
        return self.host.address if self.host else "127.0.0.1"

    def inside(self):
        """What is started within the block is on its host."""
        return self.host.inside() if self.host else contextlib.nullcontext()

    def be_on(self, host):
        """From its first start on."""
        self.host = host
        self.options["bind_address"] = host.address

    def start(self, **options):
        """Starts the server and waits until it answers; `options` stay in force for later starts."""
        self.disturbed = self.process is not None
        self.options.update(options)
        arguments = [
            f"--{name.replace('_', '-')}" + ("" if value is True else f"={value}")
            for name, value in self.options.items() if value is not None
        ]
        with open(self.folder / "log", "ab") as log, self.inside():
            self.process = subprocess.Popen(
                [*DIES_WITH_PARENT, *self._command(), f"--datadir={self.folder}/data",
                 f"--tmpdir={self.folder}/tmp", f"--socket={self.socket}", f"--port={self.port}",
                 f"--pid-file={self.folder}/pid", *arguments],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                env={**os.environ, **self.environment})
        deadline = time.monotonic() + 60
        while True:
            try:
                connection = self.connect()
                break
            except pymysql.MySQLError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"server did not start:\n{self.log()[-3000:]}") from None
                time.sleep(0.05)
        with connection, connection.cursor() as cursor:
            cursor.execute("SET sql_log_bin = 0")
            cursor.execute(f"CREATE USER IF NOT EXISTS {USER}@'%%' IDENTIFIED BY %s", (PASSWORD,))
            cursor.execute(f"GRANT ALL ON *.* TO {USER}@'%' WITH GRANT OPTION")
        return self

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def connect(self, **settings):
        """A new connection of root, in autocommit; `settings` are pymysql's."""
        settings = {"user": "root", "charset": "utf8mb4", "autocommit": True, **settings}
        return pymysql.connect(unix_socket=self.socket, **settings)

    def execute(self, *statements, **settings):
        """Runs the statements on one connection; gives the rows of the last."""
        with self.connect(**settings) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall()

    def value(self, statement):
        """The first column of the first row."""
        return self.execute(statement)[0][0]

    def has_tables(self, schema="shop"):
        return self.value("SELECT COUNT(*) FROM information_schema.tables "
                          f"WHERE table_schema = '{schema}'") > 0

    def has_table(self, name, schema="shop"):
        return self.value("SELECT COUNT(*) FROM information_schema.tables "
                          f"WHERE table_schema = '{schema}' AND table_name = '{name}'") > 0

    def cut_connections(self, user=USER):
        """Kills every connection of `user`; gives how many there were."""
        rows, tries = None, 100
        while rows is None:
            tries -= 1
            try:
                rows = self.execute(f"SELECT id FROM information_schema.processlist WHERE user = '{user}'")
            except pymysql.OperationalError as error:
                # MySQL cannot show the statement that one of them is at, for the bytes in it.
                if error.args[0] != 3854 or tries == 0:
                    raise
                time.sleep(0.05)
        for (connection,) in rows:
            try:
                self.execute(f"KILL CONNECTION {connection}")
            except pymysql.MySQLError:
                pass  # it ended by itself
        return len(rows)

    def stop(self):
        """An orderly shutdown."""
        self.disturbed = True
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def kill(self):
        """SIGKILL; the data stays."""
        self.disturbed = True
        self.process.kill()
        self.process.wait()

    def restart(self, **options):
        self.stop()
        self.start(**options)

    def pause(self):
        """The server stops answering, its connections stay open."""
        self.disturbed = True
        self.process.send_signal(signal.SIGSTOP)

    def unpause(self):
        self.process.send_signal(signal.SIGCONT)

    def remove(self):
        """Ends the server and deletes all that it left."""
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self._socket_folder, ignore_errors=True)


class MariaDb(Server):
    """A MariaDB server."""

    defaults = OPTIONS

    def _empty_data_folder(self):
        return _empty_data_folder()

    def _command(self):
        return [MARIADBD, "--no-defaults", *as_root()]
