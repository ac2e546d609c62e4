"""What src/sql makes of statements, as ddl_probe tells it."""

import json
import os
import subprocess
from pathlib import Path

from harness.godwit import BINARY
from harness.server import DIES_WITH_PARENT

# Where the build of the binary under test has it.
PROBE = Path(os.environ.get("GODWIT_DDL_PROBE",
                            BINARY.resolve().parents[2] / "tests" / "e2e" / "ddl_corpus" / "ddl_probe"))


class Probe:
    def __init__(self, flavour="mariadb", charset="utf8mb4", collation="utf8mb4_general_ci", engine="InnoDB"):
        self._start = {"do": "start", "flavour": flavour, "charset": charset, "collation": collation, "engine": engine}
        self._process = subprocess.Popen([*DIES_WITH_PARENT, PROBE], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.restart()

    def restart(self):
        """Forgets all schemas and tables."""
        self.ask(**self._start)

    def ask(self, **request):
        request = request.pop("session", {}) | request
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the probe ended on {request}"
        return json.loads(line)

    def describe(self, schema, table):
        return self.ask(do="describe", schema=schema, table=table)["table"]

    def close(self):
        self._process.stdin.close()
        self._process.wait(10)
