"""Replicas of the throw-away servers, by the servers' own replication."""

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


def standby_of(primary, folder):
    """A PostgreSQL standby, which runs and follows it. To be removed by who asked for it."""
    standby = postgres.Postgres(folder)
    shutil.rmtree(standby.data)
    subprocess.run([postgres.program("pg_basebackup"), "-D", standby.data, "-h", primary.socket, "-p", str(primary.port), "-U", "root",
                    "-R", "--checkpoint=fast", "--no-sync"], check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **postgres._process_settings())
    return standby.start(wal_retrieve_retry_interval="100ms")
