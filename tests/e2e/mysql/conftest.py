"""The fixtures of all scenarios, with MySQL servers."""

import functools

import pytest
from harness.mysql import MySql


@pytest.fixture
def mysql(server):
    """Starts MySQL servers: mysql("name", option=value)."""
    return functools.partial(server, kind=MySql)


@pytest.fixture
def kinds():
    return "mysql", "mysql"
