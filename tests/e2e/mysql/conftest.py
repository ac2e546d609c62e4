"""The fixtures of all scenarios, with MySQL servers."""

import functools

import pytest
from harness.mysql import SOURCE_OPTIONS, MySql


@pytest.fixture
def mysql(server):
    """Starts MySQL servers: mysql("name", option=value)."""
    return functools.partial(server, kind=MySql)


@pytest.fixture
def source(mysql):
    return mysql("source", **SOURCE_OPTIONS)


@pytest.fixture
def target(mysql):
    return mysql("target", local_infile="ON")
