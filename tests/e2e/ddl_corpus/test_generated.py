"""Random sequences of statements: after each, the tracker's tables are those of the server.

The same sequences each time; GODWIT_DDL_SEED=random takes new ones, GODWIT_DDL_SEED=n runs one again."""

import os
import random

import pytest

from ddl_corpus.follow import Follower
from ddl_corpus.generator import Generator
from ddl_corpus.probe import Probe
from harness import mysql
from harness.mysql import MySql
from harness.server import SOURCE_OPTIONS, MariaDb

SEQUENCES, STEPS = 40, 40


def follow_sequences(server, probe, count):
    """Runs them; gives the follower with what it found."""
    follower = Follower(server, probe)
    seed = os.environ.get("GODWIT_DDL_SEED")
    one = seed is not None and seed != "random"
    first = int(seed) if one else random.randrange(1_000_000_000) if seed else 1
    for number in range(first, first + (1 if one else count)):
        run_sequence(follower, number)
    return follower


def run_sequence(follower, seed):
    follower.begin(f"GODWIT_DDL_SEED={seed}", *follower.default_charset())
    generator = Generator(seed, follower.catalog)
    if not generator.mysql:
        follower.set_session("SET system_versioning_alter_history = KEEP")
    follower.run("CREATE DATABASE depot CHARACTER SET utf8mb4")
    for _ in range(STEPS):
        statement = generator.statement()
        if statement.startswith("SET"):
            follower.set_session(statement)
        else:
            follower.run(statement)
    follower.check_all()


def check(follower):
    print(follower.summary())
    assert not follower.faults, "\n".join([*follower.faults[:20], follower.summary()])
    assert follower.counts["equal"] == follower.counts["compared"] > follower.counts["found"] / 4


def charset_of(server):
    return server.execute("SELECT @@character_set_server, @@collation_server")[0]


# Engines differ in what they make of keys; of foreign keys only InnoDB makes anything.
@pytest.mark.parametrize("engine", ["InnoDB", "MyISAM"])
@pytest.mark.parametrize("flavour", ["mariadb", "mysql"])
def test_random_sequences(server, flavour, engine):
    kind, options = (MariaDb, SOURCE_OPTIONS) if flavour == "mariadb" else (MySql, mysql.SOURCE_OPTIONS)
    source = server("source", kind=kind, **options, default_storage_engine=engine)
    probe = Probe(flavour, *charset_of(source), engine)
    check(follow_sequences(source, probe, SEQUENCES if engine == "InnoDB" else SEQUENCES // 4))
    probe.close()
