"""The fixtures of all scenarios, with a MySQL and a MariaDB server as source and target."""

import functools

import pytest
from harness import mysql
from harness.compare import assert_alike
from harness.godwit import DONE
from harness.mysql import MySql
from harness.server import SOURCE_OPTIONS, MariaDb

KINDS = {"mysql": MySql, "mariadb": MariaDb}
OPTIONS = {"mysql": mysql.SOURCE_OPTIONS, "mariadb": SOURCE_OPTIONS}


@pytest.fixture
def start(server):
    """start("mysql", "source"): a server of that kind in that role."""

    def run(kind, role):
        options = OPTIONS[kind] if role == "source" else {"local_infile": "ON"}
        return server(f"{role}-{kind}", kind=KINDS[kind], **options)

    return run


@pytest.fixture(params=["mysql", "mariadb"], ids=["from_mysql", "from_mariadb"])
def kind(request):
    """The source's kind."""
    return request.param


@pytest.fixture
def source(start, kind):
    return start(kind, "source")


@pytest.fixture
def target(start, kind):
    return start("mariadb" if kind == "mysql" else "mysql", "target")


@pytest.fixture
def follow(source, target, godwit):
    """As the fixture of the same name elsewhere, for two kinds of server."""

    def run(setup, changes, sql_mode="STRICT_ALL_TABLES", **task):
        session = ["USE shop", f"SET sql_mode = '{sql_mode}', time_zone = '+00:00'"]
        source.execute("CREATE DATABASE shop", *session, *setup)
        one = godwit(source, target, **task)
        one.run().expect(DONE)
        assert_alike(source, target)
        source.execute(*session, *changes)
        one.run().expect(DONE)
        assert_alike(source, target)
        one.verify().expect(DONE)
        return one

    return run


@pytest.fixture
def from_kind(start, godwit):
    """from_kind("mysql"): a MySQL source, a MariaDB target and a task between them."""

    @functools.cache
    def make(kind, **task):
        source, target = start(kind, "source"), start("mariadb" if kind == "mysql" else "mysql", "target")
        return source, target, godwit(source, target, **task)

    return make
