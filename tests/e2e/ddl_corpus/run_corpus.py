"""python3 -m ddl_corpus.run_corpus [PATTERN [PART OF]]: by hand."""
import sys, tempfile, time
from collections import Counter
from pathlib import Path
from harness.server import MariaDb
from ddl_corpus.extract import *
from ddl_corpus.probe import Probe
from ddl_corpus.follow import Follower
pattern = sys.argv[1] if len(sys.argv) > 1 else ""
part, of = (int(sys.argv[2]), int(sys.argv[3])) if len(sys.argv) > 3 else (0, 1)
folder = Path(tempfile.mkdtemp(prefix="godwit-corpus-"))
server = MariaDb(folder / "server", log_bin="binlog", binlog_format="ROW", max_binlog_size="1G").start()
probe = Probe("mariadb")
follower = Follower(server, probe)
began = time.time()
unresolved = 0
names = [p for p in scripts() if pattern in str(p)][part::of]
for path in names:
    script = Script(path)
    unresolved += script.unresolved
    if not any(kind_of(s) for s in script.statements): continue
    follower.begin(str(path.relative_to(SUITE)))
    t = time.time()
    for statement in script.statements:
        try:
            if kind_of(statement): follower.run(statement)
            else: follower.set_session(statement)
        except Exception as e:
            print("LOST", path, repr(e)[:300], statement[:200])
            break
    if time.time() - t > 20: print("slow", path, time.time() - t)
follower.counts["unresolved"] = unresolved
print(len(names), "files", round(time.time() - began), "s")
for f in follower.faults: print(f)
for k, v in sorted(follower.counts.items()): print(v, k)
server.remove()
