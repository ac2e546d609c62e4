"""What the scenarios share: servers that are new to each test, and the binary on a task between them."""

import functools

import pytest
from harness.compare import assert_alike, assert_equal
from harness.godwit import BINARY, DONE, Godwit
from harness.kinds import ALL_KINDS, options
from harness.pool import Pool
from harness.server import MariaDb


@pytest.fixture(scope="session")
def pool(tmp_path_factory):
    pool = Pool(tmp_path_factory.mktemp("servers"))
    yield pool
    pool.close()


@pytest.fixture
def server(pool):
    """Starts servers: server("name", option=value); the name is for who reads the test. They are not the test's after it."""
    servers = []

    def start(_, kind=MariaDb, **options):
        servers.append(pool.start(kind, options))
        return servers[-1]

    yield start
    for one in servers:
        pool.give_back(one)


@pytest.fixture
def start(server):
    """start("mysql", "source", option=value): a server of that kind in that role."""
    return lambda kind, role, **more: server(f"{role}-{kind}", kind=ALL_KINDS[kind], **{**options(kind, role), **more})


@pytest.fixture
def kinds():
    """The kinds of source and target. Tests of others have a fixture or a parameter of this name."""
    return "mariadb", "mariadb"


@pytest.fixture
def source_options():
    """Besides those that a source has to have."""
    return {}


@pytest.fixture
def source(start, kinds, source_options):
    return start(kinds[0], "source", **source_options)


@pytest.fixture
def target(start, kinds):
    return start(kinds[1], "target")


@pytest.fixture
def assert_same(source, target, kinds):
    """Compares the two as far as their kinds can be the same."""
    return functools.partial(assert_equal if kinds[0] == kinds[1] else assert_alike, source, target)


@pytest.fixture
def godwit(tmp_path):
    """Makes tasks: godwit(source, target, mode="copy"). What they still run is ended after the test."""
    assert BINARY.exists(), f"{BINARY} is not there: run scripts/build"
    tasks = []

    def make(source, target, /, **task):
        tasks.append(Godwit(tmp_path / f"task-{len(tasks)}", source, target, **task))
        return tasks[-1]

    yield make
    for one in tasks:
        one.close()


@pytest.fixture
def follow(source, target, kinds, assert_same, godwit):
    """follow(setup, changes, **task): runs the statements of `setup` on the source in database `shop`,
    migrates it and compares; then runs those of `changes`, catches up and compares again, with servers of two
    kinds by `godwit verify` too. Gives the task."""

    def run(setup, changes, sql_mode="STRICT_ALL_TABLES", **task):
        session = ["USE shop", f"SET sql_mode = '{sql_mode}', time_zone = '+00:00'"]
        source.execute("CREATE DATABASE shop", *session, *setup)
        one = godwit(source, target, **task)
        one.run().expect(DONE)
        assert_same()
        source.execute(*session, *changes)
        assert one.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
        assert_same()
        if kinds[0] != kinds[1]:
            one.verify().expect(DONE)
        return one

    return run
