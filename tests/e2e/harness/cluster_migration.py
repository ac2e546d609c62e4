"""A live migration of the shop in a cluster."""

import contextlib
import functools
import time

import psycopg2
import pymysql
from harness import compare, postgres_compare, postgres_shop, postgres_writer, shop, writer
from harness.cluster import wait_for
from harness.godwit import DONE


class MySql:
    """The shop, on MariaDB."""

    qualified = "shop."
    writer = writer.Writer
    compare = compare_live = staticmethod(compare.assert_equal)
    load = staticmethod(shop.load)
    drop = "DROP DATABASE IF EXISTS shop"


class Postgres:
    """The shop, on PostgreSQL."""

    qualified = ""
    writer = postgres_writer.PostgresWriter
    compare = staticmethod(postgres_compare.assert_equal)
    compare_live = staticmethod(functools.partial(postgres_compare.assert_equal, sequences=False))  # they are set in the end
    load = staticmethod(postgres_shop.load)
    drop = "DROP SCHEMA IF EXISTS shop CASCADE"


FAMILIES = {"mariadb": MySql, "postgres": Postgres}


@contextlib.contextmanager
def question(server, statement):
    """A function that asks it again and again, on one connection, and gives the first row."""
    with contextlib.closing(server.connect()) as connection:

        def ask():
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchone()

        yield ask


class Migration:
    """A task of one source in `cluster`."""

    def __init__(self, cluster, source, target, family, name="shop"):
        """`name`: of the task; the source is named after it."""
        self.cluster, self.source, self.target, self.family = cluster, source, target, family
        self.name, self.source_name = name, f"{name}-db"
        self.beats = 0

    def add(self, scale, **task):
        self.prepare(scale)
        self.begin(self.name, **task)

    def prepare(self, scale):
        """The source is filled, and known to the cluster."""
        self.family.load(self.source, scale)
        self.source.execute(f"CREATE TABLE {self.family.qualified}beat (id INT PRIMARY KEY)")
        self.cluster.post("sources", self.cluster.source_file(self.source_name, self.source))

    def begin(self, name, **task):
        self.name = name
        self.cluster.post("tasks", self.cluster.task_file(
            self.name, [self.source_name], self.target, copy={"chunk_bytes": "64KiB", "threads": 2}, **task))

    def remove(self):
        """The task, and all that is on the target."""
        self.cluster.wait_until(lambda: self.cluster.ask("DELETE", f"tasks/{self.name}?stop=true")[0] in (200, 404), 60)
        self.target.execute(self.family.drop)

    def state(self, what):
        """Of the task, as the target has it; None where it has none yet."""
        try:
            rows = self.target.execute(f"SELECT {what} FROM godwit.task WHERE task = '{self.name}'")
        except (pymysql.ProgrammingError, psycopg2.errors.UndefinedTable, psycopg2.errors.InvalidSchemaName):
            return None
        return rows[0][0] if rows else None

    def wait_for_state(self):
        """Until the target keeps the task's state, and rows are being copied, if they are not there already."""
        self.cluster.wait_until(lambda: (self.state("phase") or 0) >= 2)

    def bound(self):
        """Which worker has the source, and under which epoch."""
        one = self.cluster.get(f"sources/{self.source_name}")
        return (one["worker"], one["epoch"]) if one["state"] == "bound" else None

    def wait_for_other(self, than, timeout=20):
        return self.cluster.wait_until(lambda: (now := self.bound()) and now[0] != than and now, timeout)

    def wait_for_phase(self, *phases, timeout=60):
        self.cluster.wait_until(lambda: self.cluster.phase(self.name) in phases, timeout)

    def beat(self, timeout=60):
        """A row goes all the way; gives how long it took."""
        self.beats += 1
        self.source.execute(f"INSERT INTO {self.family.qualified}beat VALUES ({self.beats})")
        began = time.monotonic()
        with question(self.target, f"SELECT COUNT(*) FROM {self.family.qualified}beat WHERE id = {self.beats}") as count:
            wait_for(lambda: count() == (1,), timeout, self.cluster.logs)
        return time.monotonic() - began

    def finish(self):
        """All has come through: stops it, has `godwit run` carry it on to its end, and compares."""
        self.beat()
        self.cluster.post(f"tasks/{self.name}/stop")
        self.cluster.wait_until(lambda: self.cluster.status(self.name)["stage"] == "Stopped")
        file = self.cluster.folder / f"{self.name}.yaml"
        file.write_text(self.cluster.get(f"tasks/{self.name}/export")["files"][0]["config"])
        run = self.cluster.run("run", str(file), "--until", "caught-up", "--state-dir", str(self.cluster.folder / "state"))
        run.wait().expect(DONE)
        self.family.compare(self.source, self.target)
