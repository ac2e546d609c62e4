"""Every statement about tables, indexes and databases in the server's own test suite: what src/sql makes
of it is what the server makes of it.

By default a fixed eighth of the suite's files; GODWIT_DDL_CORPUS=full takes all."""

import os
import zlib

import pytest
from ddl_corpus.extract import SUITE, Script, kind_of, scripts
from ddl_corpus.follow import Follower
from ddl_corpus.probe import Probe
from harness.server import SOURCE_OPTIONS

PARTS = 2
SAMPLE = 1 if os.environ.get("GODWIT_DDL_CORPUS") == "full" else 8


def chosen(part):
    files = scripts()
    assert len(files) > 5000, f"{SUITE} is not there: install the package mariadb-test-data"
    return [path for path in files if zlib.crc32(str(path).encode()) % SAMPLE == 0][part::PARTS]


@pytest.mark.parametrize("part", range(PARTS))
def test_the_tracker_says_what_the_server_says(server, part):
    source = server("source", **SOURCE_OPTIONS | {"max_binlog_size": "1G"})
    probe = Probe()
    follower = Follower(source, probe)
    for path in chosen(part):
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
