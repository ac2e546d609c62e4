"""Every statement about tables, indexes and databases in MariaDB's own test suite: what src/sql makes of it is what MariaDB
makes of it, and MySQL of those that it takes.

By default a fixed sixteenth of the suite's files; GODWIT_DDL_CORPUS=1 to 15 takes another one, GODWIT_DDL_CORPUS=full all."""

import os
import zlib

import pytest
from ddl_corpus.extract import SUITE, Script, kind_of, scripts
from ddl_corpus.follow import Follower
from ddl_corpus.probe import Probe
from harness import mysql
from harness.mysql import MySql
from harness.server import SOURCE_OPTIONS, MariaDb

CHOICE = os.environ.get("GODWIT_DDL_CORPUS", "0")
SAMPLE, SHARE = (1, 0) if CHOICE == "full" else (16, int(CHOICE))
if CHOICE == "full":
    pytestmark = pytest.mark.timeout(0)


def chosen():
    files = scripts()
    assert len(files) > 5000, f"{SUITE} is not there: install the package mariadb-test-data"
    return [path for path in files if zlib.crc32(str(path).encode()) % SAMPLE == SHARE]


@pytest.mark.parametrize("flavour", ["mariadb", "mysql"])
def test_the_tracker_says_what_the_server_says(server, flavour):
    kind, options = (MariaDb, SOURCE_OPTIONS) if flavour == "mariadb" else (MySql, mysql.SOURCE_OPTIONS)
    source = server("source", kind=kind, **options | {"max_binlog_size": "1G"})
    probe = Probe(flavour, *source.execute("SELECT @@character_set_server, @@collation_server")[0])
    follower = Follower(source, probe)
    for path in chosen():
        script = Script(path)
        follower.counts["left aside: variables of the test program"] += script.unresolved
        if not any(kind_of(statement) for statement in script.statements):
            continue
        follower.begin(str(path.relative_to(SUITE)))
        for statement in script.statements:
            if kind_of(statement):
                follower.run(statement)
            else:
                follower.set_session(statement)
        follower.check_all()
    probe.close()
    print(follower.summary())
    assert not follower.faults, "\n".join([*follower.faults[:40], follower.summary()])
    assert follower.counts["compared"] > 2000 and follower.counts["equal"] == follower.counts["compared"]
