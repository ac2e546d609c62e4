"""Runs the binary under test on one task, with a state folder of its own."""

import json
import os
import random
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from harness.server import DIES_WITH_PARENT, PASSWORD

# GODWIT_BINARY tests another build, as with sanitizers.
BINARY = Path(os.environ.get("GODWIT_BINARY", Path(__file__).resolve().parents[3] / "build" / "godwit"))

DONE, FAILED, BAD_USAGE, FOUND, INTERRUPTED = 0, 1, 2, 3, 130
KILLED = -signal.SIGKILL


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def text(self):
        return self.out + self.err

    def expect(self, *codes):
        """Itself when the exit code is one of `codes`; else fails with all that was printed."""
        assert self.code in codes, f"exit code {self.code}, not {codes}\n{self.text[-6000:]}"
        return self

    def json(self):
        return json.loads(self.out)

    def progress(self):
        """The objects of --progress json, in order. A line that was cut short by a kill is left out."""
        lines = [line for line in self.out.splitlines() if line.startswith("{")]
        if self.code == KILLED and lines and not lines[-1].endswith("}"):
            lines.pop()
        return [json.loads(line) for line in lines]


class Running:
    """A run in the background. Its output goes to files, so that it never waits for a reader."""

    def __init__(self, command, environment, folder):
        self._files = [folder / "stdout", folder / "stderr"]
        with open(self._files[0], "wb") as out, open(self._files[1], "wb") as err:
            self.process = subprocess.Popen(
                [*DIES_WITH_PARENT, *command], env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err)

    @property
    def ended(self):
        return self.process.poll() is not None

    def result(self):
        """What was printed up to now; the code is None while it runs."""
        code = self.process.poll()
        out, err = (file.read_text(errors="replace") for file in self._files)
        assert PASSWORD not in out + err, "a password was printed"
        return Result(code, out, err)

    def wait(self, timeout=120):
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(
                f"still running after {timeout} s\n{self.result().text[-6000:]}") from None
        return self.result()

    def wait_until(self, condition, timeout=60):
        """Waits until `condition()` holds, with the run going on."""
        deadline = time.monotonic() + timeout
        while not condition():
            assert not self.ended, self.result().text[-6000:]
            assert time.monotonic() < deadline, f"waited {timeout} s in vain"
            time.sleep(0.01)

    def interrupt(self, which=signal.SIGINT):
        self.process.send_signal(which)

    def kill(self):
        """SIGKILL."""
        self.process.kill()
        self.process.wait()
        return self.result()


def is_stopped(run):
    """By a signal, or a failpoint."""
    return Path(f"/proc/{run.process.pid}/stat").read_text().rsplit(") ", 1)[1].startswith("T")


class Godwit:
    """A task from `source` to `target`. `task` overrides or adds keys of the task file, by nested
    dictionaries: Godwit(..., stream={"group_ms": 20})."""

    def __init__(self, folder, source, target, /, **task):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.task_file = self.folder / "task.yaml"
        self.state = self.folder / "state"
        self._runs = 0
        self._running = []
        self.environment = {"SRC_PASSWORD": PASSWORD, "DST_PASSWORD": PASSWORD}
        self.task = {
            "name": "shop",
            "mode": "migrate",
            "source": {"url": source.url, "password_env": "SRC_PASSWORD"},
            "target": {"url": target.url, "password_env": "DST_PASSWORD"},
            "tables": {"include": ["shop.*"]},
        }
        self.configure(**task)

    def configure(self, **task):
        """Merges `task` into the task and writes the file anew. JSON is YAML."""
        for key, value in task.items():
            if isinstance(value, dict) and isinstance(self.task.get(key), dict):
                self.task[key] = {**self.task[key], **value}
            else:
                self.task[key] = value
        self.task_file.write_text(json.dumps(self.task, indent=2))

    def command(self, *arguments, failpoints=None):
        """Starts `godwit ARGUMENTS`, with the task file put after the first one, which may be several words."""
        self._runs += 1
        folder = self.folder / f"run-{self._runs}"
        folder.mkdir()
        environment = {**os.environ, **self.environment}
        if failpoints:
            environment["GODWIT_FAILPOINTS"] = failpoints
        first, *others = arguments
        running = Running(
            [str(BINARY), *([first] if isinstance(first, str) else first), str(self.task_file), "--state-dir", str(self.state), *others],
            environment, folder)
        self._running.append(running)
        return running

    def start(self, *arguments, failpoints=None):
        """`godwit run` in the background, until interrupted."""
        return self.command("run", "--progress", "json", *arguments, failpoints=failpoints)

    def run(self, *arguments, failpoints=None, timeout=120):
        """`godwit run --until caught-up`, to its end."""
        return self.start("--until", "caught-up", *arguments, failpoints=failpoints).wait(timeout)

    def kill_at_random_moments(self, times, seed, longest=1.5):
        """Runs it so many times, each until it is killed; one that ends by itself has failed."""
        rng = random.Random(seed)
        for _ in range(times):
            run = self.start()
            try:
                run.process.wait(rng.uniform(0.1, longest))
            except subprocess.TimeoutExpired:
                run.kill()
            else:
                raise AssertionError(run.result().text[-6000:])

    def check(self, *arguments):
        return self.command("check", *arguments).wait(60)

    def plan(self, *arguments):
        return self.command("plan", *arguments).wait(60)

    def status(self, *arguments):
        return self.command("status", *arguments).wait(60)

    def ddl(self, *arguments):
        """`godwit ddl`, with or without a verb first."""
        verb = [] if not arguments or arguments[0].startswith("-") else [arguments[0]]
        return self.command(["ddl", *verb], *arguments[len(verb):]).wait(60)

    def remove(self, *arguments, failpoints=None):
        return self.command("remove", *arguments, failpoints=failpoints).wait(60)

    def verify(self, *arguments):
        return self.command("verify", *arguments).wait(120)

    def close(self):
        """Ends what still runs."""
        for running in self._running:
            if not running.ended:
                running.kill()
