"""Workers, masters, etcd and databases fail while two migrations go on under writers: both ends end equal, row for row, tables without keys
included. `scripts/chaos` does this for longer, at random."""

import os
import time

from harness.chaos import Chaos
from harness.cluster_migration import FAMILIES, Migration

ROUND = ["a worker killed", "a database restarted", "a worker cut off from etcd", "a master frozen"]


def test_a_round(cluster, start):
    minutes = float(os.environ.get("GODWIT_CHAOS_MINUTES") or 0)
    seed = int(os.environ.get("GODWIT_CHAOS_SEED") or time.time())
    print(f"seed {seed}")
    migrations = [Migration(cluster, start(kind, "source"), start(kind, "target"), family, kind) for kind, family in FAMILIES.items()]
    with Chaos(cluster, migrations, workers=3, seed=seed) as chaos:
        for migration in migrations:
            migration.add(0.2)
        writers = [migration.family.writer(migration.source, seed=seed).start() for migration in migrations]
        try:
            end = time.monotonic() + 60 * minutes
            for kind in ROUND if not minutes else []:
                chaos.fault(kind)
            while time.monotonic() < end:
                chaos.fault()
        finally:
            for writer in writers:
                writer.stop()
        chaos.finish()
    print(chaos.figures.text())
