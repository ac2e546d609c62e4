"""The saved logs of the server's own test suite, as our reader reads them and as mariadb-binlog does."""

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ddl_corpus.extract import SUITE
from harness.godwit import BINARY

# Where the build of the binary under test has it.
PROBE = Path(os.environ.get("GODWIT_LOG_PROBE",
                            BINARY.resolve().parents[2] / "tests" / "e2e" / "public_data" / "log_probe"))
MAGIC = b"\xfebin"
_ROW = re.compile(rb"(?m)^### (INSERT INTO|UPDATE|DELETE FROM) ")
_EVENT = re.compile(rb"(?m)^# at \d+$")


@dataclass
class Reading:
    events: int
    rows: int
    error: str

    @property
    def counts(self):
        return self.events, self.rows


def saved_logs():
    """The files of the suite's data folders that begin as a log does, in a fixed order."""
    files = [path for path in SUITE.rglob("*") if "std_data" in path.parts and path.is_file()]
    return sorted(path for path in files if path.open("rb").read(4) == MAGIC)


def ours(path):
    line = subprocess.run([PROBE, path], check=True, stdout=subprocess.PIPE).stdout
    told = json.loads(line.decode("utf-8", "replace"))
    return Reading(told["events"], told["rows"], told["error"])


def theirs(path):
    ran = subprocess.run(["mariadb-binlog", "--no-defaults", "-v", "--base64-output=decode-rows", path], capture_output=True)
    error = ran.stderr.decode("utf-8", "replace").strip() if ran.returncode else ""
    return Reading(len(_EVENT.findall(ran.stdout)), len(_ROW.findall(ran.stdout)), error)
