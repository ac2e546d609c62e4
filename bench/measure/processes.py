"""Runs programs to their end and counts what they and the servers took."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from harness.server import DIES_WITH_PARENT

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Taken:
    """What one piece of work took: seconds on the wall, CPU seconds of each side, peak memory."""
    seconds: float
    tool_cpu: float = 0
    tool_mib: float = 0  # the largest resident set of one process
    source_cpu: float = 0
    target_cpu: float = 0

    def __str__(self):
        return f"{self.seconds:.2f} s"


def run(*pipeline, environment=None, output=subprocess.DEVNULL, expect=0):
    """Runs commands as a pipeline to their end; gives their CPU seconds in all, and the peak memory in MiB of
    the largest. The last one writes to `output`. A command that does not exit with `expect` ends the
    benchmark with what it printed."""
    errors = tempfile.TemporaryFile()
    processes, feed = [], subprocess.DEVNULL
    for command in pipeline:
        last = command is pipeline[-1]
        processes.append(subprocess.Popen(
            [*DIES_WITH_PARENT, *(str(word) for word in command)], env={**os.environ, **(environment or {})}, stdin=feed,
            stdout=output if last else subprocess.PIPE, stderr=errors))
        if feed is not subprocess.DEVNULL:
            feed.close()  # so that a writer sees it when its reader is gone
        feed = processes[-1].stdout
    cpu, peak = 0.0, 0.0
    for command, process in zip(pipeline, processes):
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:  # interrupted: the server that they talk to would wait for them
            for left in processes:
                left.kill()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
        cpu += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss / 1024)
        if process.returncode != expect:
            errors.seek(0)
            sys.exit(f"{command[0]} exited with {process.returncode}\n{errors.read()[-4000:].decode()}")
    return cpu, peak


class Background:
    """A command that goes on until stop(), which gives what run() gives."""

    def __init__(self, command, environment=None):
        self._command = [str(word) for word in command]
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [*DIES_WITH_PARENT, *self._command], env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=self._errors)

    def stop(self, expect):
        """Interrupts it; with another exit code than `expect` the benchmark ends."""
        self._process.send_signal(signal.SIGINT)
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        if self._process.returncode != expect:
            self._errors.seek(0)
            sys.exit(f"{self._command[0]} exited with {self._process.returncode}\n"
                     f"{self._errors.read()[-4000:].decode()}")
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def cpu_seconds(server):
    """User and system time of a server's processes up to now, those that have ended among them."""
    main = server.process.pid
    children = Path(f"/proc/{main}/task/{main}/children").read_text(encoding="ascii").split()
    return (_ticks(main, ended=True) + sum(_ticks(child) for child in children)) / TICKS


def _ticks(process, ended=False):
    """`ended`: with those of its children that have ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0  # it has ended just now
    return sum(map(int, fields[11:15 if ended else 13]))


def measure(work, source=None, target=None):
    """Runs work(), which gives what run() gives (or None, where all is done by the servers)."""
    os.sync()  # what was written before must not be paid for here
    servers = (source, target)
    before = [cpu_seconds(server) if server else 0 for server in servers]
    started = time.monotonic()
    tool = work() or (0, 0)
    seconds = time.monotonic() - started
    after = [cpu_seconds(server) if server else 0 for server in servers]
    return Taken(seconds, *tool, *(end - begin for begin, end in zip(before, after)))


def install(*packages):
    """Installs the Debian packages whose program, of the same name, is missing."""
    missing = [package for package in packages if not shutil.which(package)]
    if missing:
        rights = [] if os.geteuid() == 0 else ["sudo", "-n"]
        run([*rights, "apt-get", "-q", "-y", "install", "--no-install-recommends", *missing],
            environment={"DEBIAN_FRONTEND": "noninteractive"})
