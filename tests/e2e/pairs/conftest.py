"""The fixtures of all scenarios, with a MySQL and a MariaDB server as source and target."""

import functools

import pytest

OTHER = {"mysql": "mariadb", "mariadb": "mysql"}


@pytest.fixture(params=["mysql", "mariadb"], ids=["from_mysql", "from_mariadb"])
def kinds(request):
    return request.param, OTHER[request.param]


@pytest.fixture
def from_kind(start, godwit):
    """from_kind("mysql"): a MySQL source, a MariaDB target and a task between them."""

    @functools.cache
    def make(kind, **task):
        source, target = start(kind, "source"), start(OTHER[kind], "target")
        return source, target, godwit(source, target, **task)

    return make
