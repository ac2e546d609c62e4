"""What the scenarios share: fresh servers for each test, and the binary on a task between them."""

import pytest
from harness.compare import assert_equal
from harness.godwit import BINARY, DONE, Godwit
from harness.server import SOURCE_OPTIONS, MariaDb


@pytest.fixture
def server(tmp_path):
    """Starts servers: server("name", option=value). They are gone after the test."""
    servers = []

    def start(name, kind=MariaDb, **options):
        servers.append(kind(tmp_path / name, **options))
        return servers[-1].start()

    yield start
    for one in servers:
        one.remove()


@pytest.fixture
def source(server):
    return server("source", **SOURCE_OPTIONS)


@pytest.fixture
def target(server):
    return server("target")


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
def follow(source, target, godwit):
    """follow(setup, changes, **task): runs the statements of `setup` on the source in database `shop`,
    migrates it and compares; then runs those of `changes`, catches up and compares again. Gives the
    task."""

    def run(setup, changes, sql_mode="STRICT_ALL_TABLES", **task):
        session = ["USE shop", f"SET sql_mode = '{sql_mode}', time_zone = '+00:00'"]
        source.execute("CREATE DATABASE shop", *session, *setup)
        one = godwit(source, target, **task)
        one.run().expect(DONE)
        assert_equal(source, target)
        source.execute(*session, *changes)
        assert one.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
        assert_equal(source, target)
        return one

    return run
