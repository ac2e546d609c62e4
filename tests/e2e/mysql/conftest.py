"""The fixtures of all scenarios, with MySQL servers."""

import pytest
from harness.mysql import SOURCE_OPTIONS, MySql


@pytest.fixture
def mysql(tmp_path):
    """Starts servers: mysql("name", option=value). They are gone after the test."""
    servers = []

    def start(name, **options):
        servers.append(MySql(tmp_path / name, **options))
        return servers[-1].start()

    yield start
    for one in servers:
        one.remove()


@pytest.fixture
def source(mysql):
    return mysql("source", **SOURCE_OPTIONS)


@pytest.fixture
def target(mysql):
    return mysql("target", local_infile="ON")
