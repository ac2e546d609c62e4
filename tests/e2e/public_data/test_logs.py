"""The logs that the server's own test suite has saved, of MariaDB and of old and new MySQL, whole and broken ones: our reader
finds the events and rows in them that mariadb-binlog finds, or both say that something is wrong."""

from collections import Counter

from ddl_corpus.extract import SUITE
from public_data.logs import ours, saved_logs, theirs

# What mariadb-binlog prints and Godwit refuses, with what it says of it: logs of servers before MySQL 5.6, which it does not
# support (some have other heads than any release), and one that is encrypted, where mariadb-binlog stops in silence.
REFUSED = {
    "binlog_before_20574.bin": "the file is encrypted from here on",
    "bug47142_master-bin.000001": "begins with a Start_v3 event",
    "master-bin.000001": "begins with a Start_v3 event",
    "trunc_binlog.000001": "begins with a Start_v3 event",
    "binlog_old_version_4_1.000001": "begins with a Start_v3 event",
    "bug11747416_32228_binlog.000001": "checksum algorithm 8 is not known",
    "bug32407.001": "checksum algorithm 26 is not known",
    "ver_5_1-telco.001": "checksum algorithm 26 is not known",
    "ver_5_1_17.001": "checksum algorithm 26 is not known",
    "mdev-4645-binlog_group_id.binlog": "Query event: head cut off",
    "mdev-4645-binlog_group_id_checksum.binlog": "Query event: head cut off",
}
# What it refuses and Godwit reads: an event that tells of an incident, whose text is broken and is not looked at.
READ = {"bug40482-bin.000001"}


def test_saved_logs_hold_what_the_servers_program_says():
    files = saved_logs()
    assert len(files) > 30, f"{SUITE} is not there: install the package mariadb-test-data"
    counts, faults = Counter(), []
    for path in files:
        us, them = ours(path), theirs(path)
        counts["files"] += 1
        if path.name in REFUSED:
            counts["too old or encrypted"] += 1
            agree = not them.error and REFUSED[path.name] in us.error
        elif path.name in READ:
            counts["read by Godwit alone"] += 1
            agree = them.error and not us.error
        elif us.error or them.error:
            counts["broken, refused by both"] += 1
            agree = us.error and them.error
        else:
            counts.update({"read alike": 1, "events": us.events, "rows": us.rows})
            agree = us.counts == them.counts
        if not agree:
            faults.append(f"{path.relative_to(SUITE)}: {us} and {them}")
    print(", ".join(f"{what}: {count}" for what, count in counts.items()))
    assert not faults, "\n".join(faults)
    assert counts["read alike"] > 15 and counts["rows"] > 8000
