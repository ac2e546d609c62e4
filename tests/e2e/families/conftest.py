"""The fixtures of all scenarios, with a server of the MySQL family as source and PostgreSQL as target."""

import functools

import pytest
from harness.family_compare import assert_migrated
from harness.godwit import DONE
from harness.postgres import Postgres


@pytest.fixture(params=["mariadb", "mysql"], ids=["from_mariadb", "from_mysql"])
def kinds(request):
    return request.param, "postgres"


@pytest.fixture
def target(server):
    return server("target", kind=Postgres)


@pytest.fixture
def assert_same(source, target):
    return functools.partial(assert_migrated, source, target)


@pytest.fixture
def follow(source, assert_same, target, godwit):
    """follow(setup, changes, **task): runs the statements of `setup` on the source in database `shop`, migrates it
    and compares; then runs those of `changes`, catches up and compares again. Gives the task."""

    def run(setup, changes, **task):
        session = ["USE shop", "SET sql_mode = 'STRICT_ALL_TABLES', time_zone = '+00:00'"]
        source.execute("CREATE DATABASE shop", *session, *setup)
        one = godwit(source, target, **task)
        one.run().expect(DONE)
        assert_same()
        source.execute(*session, *changes)
        assert one.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
        assert_same()
        one.verify().expect(DONE)
        return one

    return run
