"""The demonstration behind scripts/quickstart."""

import argparse
import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from harness import postgres_shop, postgres_writer, shop, writer
from harness.godwit import BINARY, Godwit
from harness.postgres import Postgres
from harness.server import DIES_WITH_PARENT, SOURCE_OPTIONS, MariaDb


class OfMariaDb:
    """What servers of a kind are called, and what is done with the source."""

    name, server, options = "MariaDB", MariaDb, SOURCE_OPTIONS
    load = staticmethod(shop.load)

    @staticmethod
    def writer(source, target):
        return writer.Writer(source, writer.SHOP if target is OfMariaDb else writer.SHOP_FOR_POSTGRES)


class OfPostgres:
    name, server, options = "PostgreSQL", Postgres, {}
    load = staticmethod(postgres_shop.load)

    @staticmethod
    def writer(source, target):
        if target is OfPostgres:
            return postgres_writer.PostgresWriter(source)
        source.execute(postgres_shop.FOR_MYSQL)
        return postgres_writer.PostgresWriter(source, postgres_writer.SHOP_FOR_MYSQL)


PAIRS = {"mariadb": (OfMariaDb, OfMariaDb), "postgres": (OfPostgres, OfPostgres),
         "mariadb-to-postgres": (OfMariaDb, OfPostgres), "postgres-to-mariadb": (OfPostgres, OfMariaDb)}


def say(text):
    print(f"\n=== {text}", flush=True)


class Command:
    """A command of godwit, with what it prints on this screen; what its checks warn of once only."""

    _warned = set()

    def __init__(self, task, command, *arguments):
        words = [command, task.task_file.name, *arguments]
        say(f"godwit {' '.join(words)}")
        self.process = subprocess.Popen(
            [*DIES_WITH_PARENT, BINARY, *words, "--state-dir", task.state], cwd=task.folder, env={**os.environ, **task.environment},
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self._printer = threading.Thread(target=self._print, daemon=True)
        self._printer.start()

    def _print(self):
        for line in self.process.stderr:
            if line not in self._warned:
                print(line, end="", flush=True)
            if line.startswith("warn "):
                self._warned.add(line)

    def wait_until(self, condition, timeout=300):
        deadline = time.monotonic() + timeout
        while not condition():
            if self.process.poll() is not None:
                sys.exit(f"the migration ended with exit code {self.process.returncode}")
            if time.monotonic() > deadline:
                sys.exit("the migration makes no headway")
            time.sleep(0.01)

    def end(self, which):
        self.process.send_signal(which)
        return self._wait()

    def succeeds(self):
        return self._wait() == 0

    def _wait(self):
        code = self.process.wait(300)
        self._printer.join()
        return code


def rows_on(server):
    """The rows of the shop that are there, whatever the tables."""
    tables = server.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'shop'")
    return sum(server.value(f"SELECT COUNT(*) FROM shop.{table}") for (table,) in tables)


def wait_for_a_new_row(source, target, migration):
    """Writes a row to the source, waits until it is on the target, and gives the seconds between."""
    page = f"/lag/{time.monotonic_ns()}"
    source.execute(f"INSERT INTO shop.visit (page) VALUES ('{page}')")
    start = time.monotonic()
    query = f"SELECT COUNT(*) FROM shop.visit WHERE page = '{page}'"
    migration.wait_until(lambda: target.value(query))
    return time.monotonic() - start


def demonstrate(pair, folder, cleanup):
    kinds = dict(zip(("source", "target"), pair))
    say(f"starting two servers on loopback, {pair[0].name} as the source and {pair[1].name} as the target")
    servers = {side: kind.server(folder / side, **(kind.options if side == "source" else {}))
               for side, kind in kinds.items()}
    for side, server in servers.items():
        cleanup.callback(server.remove)
        server.start()
        print(f"{side}: {server.url}")
    source, target = servers.values()

    say("loading the sample shop into the source")
    kinds["source"].load(source)
    clients = kinds["source"].writer(source, kinds["target"])
    rows = rows_on(source)
    print(f"{rows:,} rows; a writer starts to change them, 200 transactions a second")
    clients.start()
    cleanup.callback(clients.stop)

    task = Godwit(folder / "task", source, target)
    started = time.monotonic()
    migration = Command(task, "run")
    cleanup.callback(lambda: migration.process.kill())
    migration.wait_until(lambda: rows_on(target) > rows / 4)
    migration.end(signal.SIGKILL)
    say(f"killed (SIGKILL) on the way: {rows_on(target):,} rows are there, and the writer goes on; the same again")
    migration = Command(task, "run")
    migration.wait_until(lambda: target.has_table("visit"))
    wait_for_a_new_row(source, target, migration)
    seconds = time.monotonic() - started
    lag = statistics.median(wait_for_a_new_row(source, target, migration) for _ in range(10))

    say("cutting over: the writer stops, the run is interrupted, and one more applies all that is left")
    clients.stop()
    migration.end(signal.SIGINT)
    equal = Command(task, "run", "--until", "caught-up").succeeds() and Command(task, "verify").succeeds()
    print(f"""
{rows:,} rows were there in the beginning, of which {rows / seconds:,.0f} a second came to the target
{clients.commits:,} transactions were committed by the writer meanwhile
{seconds:.1f} s after its start, the kill included, the target followed the source
{lag * 1000:.0f} ms (median) lay between a commit on the source and its sight on the target
source and target are {"equal" if equal else "NOT EQUAL"}""")
    return 0 if equal else 1


def main():
    parser = argparse.ArgumentParser(prog="scripts/quickstart", description="A live migration between two throw-away servers.")
    parser.add_argument("--servers", choices=PAIRS, default="mariadb", help="their kinds (default mariadb)")
    pair = PAIRS[parser.parse_args().servers]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        with tempfile.TemporaryDirectory(prefix="godwit-quickstart-") as folder, \
                contextlib.ExitStack() as cleanup:
            sys.exit(demonstrate(pair, Path(folder), cleanup))
    except KeyboardInterrupt:
        sys.exit("interrupted; everything has been stopped")


main()
