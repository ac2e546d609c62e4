"""The demonstration behind scripts/quickstart."""

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness import shop
from harness.compare import compare
from harness.godwit import BINARY, INTERRUPTED, Godwit
from harness.server import SOURCE_OPTIONS, MariaDb, die_with_parent
from harness.writer import Writer


def say(text):
    print(f"\n=== {text}", flush=True)


class Migration:
    """`godwit run` with its progress on this screen."""

    def __init__(self, task):
        self.process = subprocess.Popen(
            [BINARY, "run", task.task_file, "--state-dir", task.state],
            env={**os.environ, **task.environment}, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent)

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
        return self.process.wait(60)


def rows_on(server):
    """The rows of the shop that are there, whatever the tables."""
    tables = server.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'shop'")
    return sum(server.value(f"SELECT COUNT(*) FROM shop.`{table}`") for (table,) in tables)


def wait_for_a_new_row(source, target, migration):
    """Writes a row to the source, waits until it is on the target, and gives the seconds between."""
    page = f"/lag/{time.monotonic_ns()}"
    source.execute(f"INSERT INTO shop.visit (page) VALUES ('{page}')")
    start = time.monotonic()
    query = f"SELECT COUNT(*) FROM shop.visit WHERE page = '{page}'"
    migration.wait_until(lambda: target.value(query))
    return time.monotonic() - start


def demonstrate(folder, cleanup):
    say("starting two MariaDB servers on loopback")
    source = MariaDb(folder / "source", **SOURCE_OPTIONS)
    target = MariaDb(folder / "target")
    for name, server in (("source", source), ("target", target)):
        cleanup.callback(server.remove)
        server.start()
        print(f"{name}: 127.0.0.1:{server.port}")

    say("loading the sample shop into the source")
    shop.load(source)
    rows = rows_on(source)
    print(f"{rows:,} rows in 6 tables; a writer starts to change them, 200 transactions a second")
    writer = Writer(source).start()
    cleanup.callback(writer.stop)

    task = Godwit(folder / "task", source, target)
    say(f"godwit run {task.task_file}")
    started = time.monotonic()
    migration = Migration(task)
    cleanup.callback(lambda: migration.process.kill())
    migration.wait_until(lambda: rows_on(target) > rows / 4)
    migration.end(signal.SIGKILL)
    say(f"killed (SIGKILL) on the way: {rows_on(target):,} rows are there, the writer goes on; run again")
    migration = Migration(task)
    migration.wait_until(lambda: target.execute("SHOW TABLES IN shop LIKE 'visit'"))
    wait_for_a_new_row(source, target, migration)
    seconds = time.monotonic() - started
    lag = statistics.median(wait_for_a_new_row(source, target, migration) for _ in range(10))

    writer.stop()
    wait_for_a_new_row(source, target, migration)
    code = migration.end(signal.SIGINT)
    say("the writer has stopped and the last row has arrived; comparing row for row")
    result = compare(source, target)
    size = target.value("SELECT SUM(data_length + index_length) FROM information_schema.tables "
                        "WHERE table_schema = 'shop'")
    print(f"""
tables        {result.tables}
rows          {result.rows:,}
bytes         {result.bytes:,} as text, {int(size):,} on the target's disk
transactions  {writer.commits:,} committed by the writer meanwhile
seconds       {seconds:.1f} until the target followed the source, the kill included
rate          {rows / seconds:,.0f} rows/s
lag           {lag * 1000:.0f} ms from commit on the source to sight on the target (median)
result        {"equal" if result.equal else "NOT EQUAL"}""")
    print("\n".join(result.faults))
    return 0 if result.equal and code == INTERRUPTED else 1


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        with tempfile.TemporaryDirectory(prefix="godwit-quickstart-") as folder, \
                contextlib.ExitStack() as cleanup:
            sys.exit(demonstrate(Path(folder), cleanup))
    except KeyboardInterrupt:
        sys.exit("interrupted; everything has been stopped")


main()
