"""Servers that one test uses after the other: to start one costs up to a third of a second of the machine, to make it new
hundredths. It is given to the next test when, emptied, it is in all that can be asked of it as it was when it had started; else
another takes its place."""

import contextlib
import itertools
import os
import re
import time
from pathlib import Path

import pymysql
from harness.compare import SYSTEM_SCHEMAS, quoted
from harness.mysql import MySql
from harness.server import MariaDb

KINDS = (MariaDb, MySql)
IDLE = 4  # so many wait for a test at most
LARGE = 400 << 20  # so many bytes, of memory and of files of its own, are not kept

# They change by themselves, or are of no use.
NOT_COMPARED = re.compile(r"innodb_(table|index)_stats|gtid_.*|help_.*|general_log|slow_log|transaction_registry")


class InUse(Exception):
    """Something of a test is left that does not end by itself."""


class Pool:
    """Of one process, in `folder`."""

    def __init__(self, folder):
        self._folder, self._numbers = folder, itertools.count()
        self._idle, self._first = [], {}  # the last used is the last; how they were when they had started

    def start(self, kind, options):
        """A server that runs, with nothing in it."""
        for server in [one for one in reversed(self._idle) if (type(one), one.options) == (kind, self._all_options(kind, one, options))]:
            self._idle.remove(server)
            if self._renewed(server):
                return server
            self._remove(server)
        server = kind(self._folder / f"{next(self._numbers)}", **options)
        try:
            server.start()
            if kind in KINDS:
                _empty(server)
                self._first[server] = _state(server)
        except BaseException:
            self._remove(server)
            raise
        return server

    def give_back(self, server):
        if server not in self._first or server.disturbed or server.process.poll() is not None or _size(server) > LARGE:
            self._remove(server)
            return
        self._idle.append(server)
        if len(self._idle) > IDLE:
            self._remove(self._idle.pop(0))

    def close(self):
        while self._idle:
            self._remove(self._idle.pop())

    @staticmethod
    def _all_options(kind, server, options):
        return {"server_id": server.port, **kind.defaults, **options}

    def _remove(self, server):
        self._first.pop(server, None)
        server.remove()

    def _renewed(self, server):
        try:
            _empty(server)
            variables, others = self._first[server]
            for name, value in variables.items() - _state(server)[0].items():
                server.execute(f"SET GLOBAL {name} = " + (value if re.fullmatch(r"-?\d+(\.\d+)?", value) else "'" + pymysql.converters.escape_string(value) + "'"))
            return _state(server) == (variables, others)
        except (pymysql.MySQLError, InUse):
            return False


def _size(server):
    size = 0
    for file in os.scandir(server.folder / "data"):
        with contextlib.suppress(FileNotFoundError):
            size += 0 if file.name.startswith("binlog.") else file.stat().st_blocks * 512
    memory = re.search(r"VmRSS:\s*(\d+) kB", Path(f"/proc/{server.process.pid}/status").read_text())
    return size + int(memory[1]) * 1024


def _empty(server):
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SET lock_wait_timeout = 5, foreign_key_checks = 0, sql_log_bin = 0")
        _be_alone(cursor)
        if cursor.execute("XA RECOVER"):
            raise InUse
        cursor.execute("SELECT schema_name FROM information_schema.schemata")
        for (name,) in cursor.fetchall():
            if name == "godwit" or name not in SYSTEM_SCHEMAS:
                cursor.execute(f"DROP DATABASE {quoted(name)}")
        if server.is_mysql:
            cursor.execute("RESET BINARY LOGS AND GTIDS")
        elif server.options.get("log_bin"):
            cursor.execute("RESET MASTER")
        cursor.execute("FLUSH PRIVILEGES")  # and who has proved who he is


def _be_alone(cursor):
    deadline = time.monotonic() + 10
    while True:
        cursor.execute("SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND user NOT IN ('system user', 'event_scheduler')")
        others = cursor.fetchall()
        if not others:
            return
        if time.monotonic() > deadline:
            raise InUse
        for (one,) in others:
            with contextlib.suppress(pymysql.MySQLError):  # it has gone
                cursor.execute(f"KILL CONNECTION {one}")
        time.sleep(0.005)


def _state(server):
    """The settings, by name, and all else."""
    with server.connect() as connection, connection.cursor() as cursor:

        def rows(statement):
            cursor.execute(statement)
            return cursor.fetchall()

        tables = [name for (name,) in rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'mysql' "
                                           "AND table_type = 'BASE TABLE'") if not NOT_COMPARED.fullmatch(name)]
        spaces = "SELECT name FROM information_schema.innodb_tablespaces_brief WHERE space_type = 'General'" if server.is_mysql else "SELECT 1"
        return dict(rows("SHOW GLOBAL VARIABLES")), (
            rows("CHECKSUM TABLE " + ", ".join(f"mysql.{quoted(name)}" for name in tables)), rows(spaces),
            rows("SELECT plugin_name, plugin_status FROM information_schema.plugins"),
            rows("SELECT schema_name, default_collation_name FROM information_schema.schemata"))
