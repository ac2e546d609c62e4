"""The fixtures of all scenarios, with PostgreSQL servers."""

import pytest
from harness.godwit import DONE
from harness.postgres import Postgres, TargetPostgres
from harness.postgres_compare import assert_equal


@pytest.fixture
def kinds():
    return "postgres", "postgres"


@pytest.fixture
def source(server, source_options):
    return server("source", kind=Postgres, **source_options)


@pytest.fixture
def target(server):
    return server("target", kind=TargetPostgres)


@pytest.fixture
def follow(source, target, godwit):
    """follow(setup, changes, **task): runs the statements of `setup` on the source in schema `shop`, migrates it and
    compares; then runs those of `changes`, catches up and compares again. Gives the task."""

    def run(setup, changes, **task):
        source.execute("CREATE SCHEMA shop", *setup)
        one = godwit(source, target, **task)
        one.run().expect(DONE)
        assert_equal(source, target)
        source.execute(*changes)
        assert one.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
        assert_equal(source, target)
        return one

    return run
