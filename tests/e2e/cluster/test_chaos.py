"""Workers, masters, members of etcd and databases fail, each on a host of its own, while two migrations go on under writers: both ends end
equal, row for row, tables without keys included, and no two epochs have written. `scripts/chaos` does this for longer, at random."""

import os
import time

import pytest
from harness.chaos import Chaos
from harness.spread_cluster import SpreadCluster

# Those that need hosts or clocks of their own are left out where the machine has none.
ROUND = ["a worker killed", "a worker unplugged", "a database restarted", "two members of etcd lost", "a master's clock stepped"]


@pytest.fixture
def spread_cluster(tmp_path):
    with SpreadCluster(tmp_path) as cluster:
        yield cluster


def test_a_round(spread_cluster):
    minutes = float(os.environ.get("GODWIT_CHAOS_MINUTES") or 0)
    seed = int(os.environ.get("GODWIT_CHAOS_SEED") or time.time())
    print(f"seed {seed}")
    chaos = Chaos(spread_cluster, seed, 0.2 if minutes else 0.1)
    end = time.monotonic() + 60 * minutes
    try:
        chaos.round(None if minutes else ROUND)
        while time.monotonic() < end:
            print(f"round {chaos.figures.rounds}: both ends are equal", flush=True)
            chaos.end_round()
            chaos.round()
        chaos.finish()
    finally:
        print(chaos.figures.text())
