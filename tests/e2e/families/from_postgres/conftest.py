"""The fixtures of all scenarios, with PostgreSQL as source and a server of the MySQL family as target. The servers are started
once, and are empty for each test."""

import functools
import time

import pytest
from harness.compare import quoted, user_schemas
from harness.from_postgres_compare import assert_migrated
from harness.godwit import DONE
from harness.kinds import KINDS, options
from harness.postgres import Postgres, version


@pytest.fixture(params=["mariadb", "mysql"], ids=["to_mariadb", "to_mysql"])
def kinds(request):
    return "postgres", request.param


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """shared("mysql"): the server of that kind, which runs from then on."""
    servers = {}

    def get(kind):
        if kind not in servers:
            folder = tmp_path_factory.mktemp("shared") / kind
            made = Postgres(folder, max_prepared_transactions=5, max_replication_slots=30) if kind == "postgres" else KINDS[kind](folder, **options(kind, "target"))
            servers[kind] = made.start()
        return servers[kind]

    yield get
    for one in servers.values():
        one.remove()


@pytest.fixture
def source(shared):
    server = shared("postgres")
    used = functools.partial(server.execute, database="postgres")
    used("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active_pid IS NOT NULL")
    deadline = time.monotonic() + 10
    while used("SELECT 1 FROM pg_replication_slots WHERE active"):
        assert time.monotonic() < deadline, "a slot is still in use"
        time.sleep(0.01)
    used("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots", "DROP DATABASE IF EXISTS shop" + (" WITH (FORCE)" if version() >= 13 else ""),
         "CREATE DATABASE shop TEMPLATE template0")
    return server


@pytest.fixture
def target(shared, kinds):
    server = shared(kinds[1])
    server.cut_connections()
    server.execute("SET foreign_key_checks = 0", *(f"DROP DATABASE IF EXISTS {quoted(name)}" for name in [*user_schemas(server), "godwit"]))
    return server


@pytest.fixture
def assert_same(source, target):
    return functools.partial(assert_migrated, source, target)


@pytest.fixture
def follow(source, assert_same, target, godwit):
    """follow(setup, changes, **task): runs the statements of `setup` on the source, migrates all of its database and compares; then
    runs those of `changes`, catches up and compares again. Gives the task."""

    def run(setup, changes, **task):
        source.execute("CREATE SCHEMA shop", *setup)
        one = godwit(source, target, **{"tables": {"include": ["*.*"]}, **task})
        one.run().expect(DONE)
        assert_same()
        source.execute(*changes)
        caught_up = one.run().expect(DONE)
        assert caught_up.progress()[-1]["drifted_rows"] == 0, caught_up.text
        assert_same()
        one.verify().expect(DONE)
        return one

    return run
