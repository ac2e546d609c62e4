"""Random sequences on a server that runs already, of either flavour; it loses all its schemas.

usage: python3 -m ddl_corpus.run_generator SOCKET FIRST_SEED COUNT"""

import sys

import pymysql

from ddl_corpus.follow import Follower
from ddl_corpus.probe import Probe
from ddl_corpus.test_generated import run_sequence


class Server:
    """As much of the harness's servers as a follower needs."""

    def __init__(self, socket):
        self.socket = socket

    def connect(self):
        return pymysql.connect(unix_socket=self.socket, user="root", charset="utf8mb4", autocommit=True)


def main(socket, first, count):
    server = Server(socket)
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT VERSION(), @@character_set_server, @@collation_server")
        version, charset, collation = cursor.fetchone()
    probe = Probe("mariadb" if "MariaDB" in version else "mysql", charset, collation)
    follower = Follower(server, probe)
    for seed in range(int(first), int(first) + int(count)):
        run_sequence(follower, seed)
    probe.close()
    print(*follower.faults, follower.summary(), sep="\n")
    return 1 if follower.faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
