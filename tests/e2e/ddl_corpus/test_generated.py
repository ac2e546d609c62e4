"""Random sequences of statements: after each, the tracker's tables are those of the server.

The same sequences each time; GODWIT_DDL_SEED=random takes new ones, GODWIT_DDL_SEED=n runs one again."""

import os
import random

from ddl_corpus.follow import Follower
from ddl_corpus.generator import Generator
from ddl_corpus.probe import Probe
from harness.server import SOURCE_OPTIONS

SEQUENCES, STEPS = 40, 40


def follow_sequences(server, probe):
    """Runs them; gives the follower with what it found."""
    follower = Follower(server, probe)
    seed = os.environ.get("GODWIT_DDL_SEED")
    one = seed is not None and seed != "random"
    first = int(seed) if one else random.randrange(1_000_000_000) if seed else 1
    for number in range(first, first + (1 if one else SEQUENCES)):
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


def test_random_sequences_on_mariadb(server):
    probe = Probe()
    check(follow_sequences(server("source", **SOURCE_OPTIONS), probe))
    probe.close()
