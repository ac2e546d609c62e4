"""Replicas of the throw-away servers, by the servers' own replication."""

import contextlib
import os
import shutil
import subprocess
import time

from harness import postgres
from harness.server import PASSWORD, USER

# Of a server that others are to follow or that is to take another one's place, besides those of any source.
OPTIONS = {"mariadb": {"log_slave_updates": True}, "mysql": {}}


def hosts(*servers):
    """The url of a source that has all of them, in this order."""
    first, *others = (server.url.split("@")[1].split("/")[0] for server in servers)
    return servers[0].url.replace(first, ",".join([first, *others]))


def follow(replica, primary):
    """Has it replicate all that the other one logs, by GTIDs."""
    replica.disturbed = True
    password = PASSWORD.replace("\\", "\\\\").replace("'", "''")
    if replica.is_mysql:
        replica.execute(f"CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = {primary.port}, SOURCE_USER = '{USER}', "
                        f"SOURCE_PASSWORD = '{password}', SOURCE_AUTO_POSITION = 1, GET_SOURCE_PUBLIC_KEY = 1", "START REPLICA")
    else:
        replica.execute(f"CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = {primary.port}, MASTER_USER = '{USER}', "
                        f"MASTER_PASSWORD = '{password}', MASTER_USE_GTID = slave_pos", "START SLAVE")


def logged(server):
    """The GTIDs of all that it has logged."""
    return server.value("SELECT @@GLOBAL.gtid_executed" if server.is_mysql else "SELECT @@GLOBAL.gtid_binlog_pos").replace("\n", "")


def wait_until_equal(replica, primary, timeout=30):
    """Until the replica has applied all that the other one has logged; nobody writes there."""
    wait_until_logged(replica, logged(primary), timeout)


def wait_until_logged(server, gtids, timeout=30):
    """Until it has applied all that logged() gave of the other one, and nothing since."""
    deadline = time.monotonic() + timeout
    while logged(server) != gtids:
        assert time.monotonic() < deadline, f"the replica is at {logged(server)}, not {gtids}"
        time.sleep(0.02)


def hold(replica):
    """It still receives what the other one logs, and applies nothing of it until release()."""
    replica.execute("STOP REPLICA SQL_THREAD" if replica.is_mysql else "STOP SLAVE SQL_THREAD")


def release(replica):
    replica.execute("START REPLICA SQL_THREAD" if replica.is_mysql else "START SLAVE SQL_THREAD")


def wait_until_received(replica, primary, timeout=30):
    """Until the replica has received, and maybe not applied, all that the other one has logged."""
    statement, column = ("SHOW REPLICA STATUS", "Retrieved_Gtid_Set") if replica.is_mysql else ("SHOW SLAVE STATUS", "Gtid_IO_Pos")
    deadline = time.monotonic() + timeout
    while True:
        with replica.connect() as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            received = dict(zip([name for name, *_ in cursor.description], cursor.fetchone()))[column].replace("\n", "")
        if received == logged(primary):
            return
        assert time.monotonic() < deadline, f"the replica has received {received}, not {logged(primary)}"
        time.sleep(0.02)


def promote(replica):
    """It follows nobody any more."""
    replica.execute("STOP REPLICA" if replica.is_mysql else "STOP SLAVE", "RESET REPLICA ALL" if replica.is_mysql else "RESET SLAVE ALL")


# How a backup begins and ends: before PostgreSQL 15 under other names.
BACKUP = {True: ("pg_backup_start('standby', true)", "pg_backup_stop(false)"),
          False: ("pg_start_backup('standby', true, false)", "pg_stop_backup(false, false)")}


def standby_of(primary, folder, **options):
    """A PostgreSQL standby, which runs and follows it; `options` are settings of its own. To be removed by who asked for it."""
    standby = postgres.Postgres(folder)
    shutil.rmtree(standby.data)
    start, stop = BACKUP[postgres.version() >= 15]
    with contextlib.closing(primary.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT {start}")
        copy = subprocess.run(["cp", "-a", primary.data, standby.data], stderr=subprocess.PIPE, text=True, env={**os.environ, "LC_ALL": "C"})
        assert all("No such file" in line for line in copy.stderr.splitlines()), copy.stderr  # it has gone meanwhile
        cursor.execute(f"SELECT labelfile FROM {stop}")
        (standby.data / "backup_label").write_text(cursor.fetchone()[0])
    (standby.data / "standby.signal").touch()
    for made in ("backup_label", "standby.signal"):
        postgres.hand_over(standby.data / made)
    (standby.data / "postmaster.pid").unlink()
    for slot in (standby.data / "pg_replslot").iterdir():
        shutil.rmtree(slot)
    return standby.start(primary_conninfo=f"host={primary.socket} port={primary.port} user=root dbname={postgres.DATABASE}",
                         wal_retrieve_retry_interval="100ms", **options)
