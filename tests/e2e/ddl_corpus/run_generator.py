"""python3 -m ddl_corpus.run_generator SOCKET SEED COUNT [STEPS]: by hand, on a throw-away server."""
import sys
from collections import Counter
import pymysql
from ddl_corpus.follow import Follower
from ddl_corpus.generator import Generator
from ddl_corpus.probe import Probe

class Server:
    def __init__(self, socket): self.socket = socket
    def connect(self): return pymysql.connect(unix_socket=self.socket, user="root", charset="utf8mb4", autocommit=True)

server = Server(sys.argv[1])
c = server.connect().cursor(); c.execute("select version()"); mysql = "MariaDB" not in c.fetchone()[0]
probe = Probe("mysql") if mysql else Probe("mariadb")
if mysql: probe._start |= {"collation": "utf8mb4_0900_ai_ci"}
first, count = int(sys.argv[2]), int(sys.argv[3])
steps = int(sys.argv[4]) if len(sys.argv) > 4 else 40
follower = Follower(server, probe)
errors = Counter()
refused = Follower._refused
def spy(self, statement, parsed, names, error):
    errors[error.args[0], str(error.args[1])[:90]] += 1
    if error.args[0] == 1064 and "-v" in sys.argv: print("1064", statement, str(error.args[1])[120:260])
    refused(self, statement, parsed, names, error)
Follower._refused = spy
for seed in range(first, first + count):
    follower.begin(f"seed {seed}", *((("utf8mb4", "utf8mb4_0900_ai_ci")) if mysql else ("latin1", "latin1_swedish_ci")))
    g = Generator(seed, follower.catalog)
    if not mysql: follower.set_session("SET system_versioning_alter_history = KEEP")
    follower.run("CREATE DATABASE depot CHARACTER SET utf8mb4")
    for _ in range(steps):
        s = g.statement()
        if s.startswith("SET"): follower.set_session(s)
        elif follower.run(s) and len(sys.argv) > 5: print("   ", s)
    follower.check_all()
for f in follower.faults: print(f)
for k, v in errors.most_common(12): print(v, k)
for k, v in sorted(follower.counts.items()): print(v, k)
