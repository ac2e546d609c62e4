"""Rounds, medians, ratios, and the lines that say how they came about."""

import argparse
import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from dataclasses import fields
from pathlib import Path

from harness.godwit import BINARY
from measure.engines import ENGINES, PAIRS

GODWIT = Path(os.environ.get("GODWIT", BINARY))


def arguments(description, engines=("mariadb", "mysql"), **extra):
    """The arguments of every benchmark, and those of one: name=(default, help). `engines`: which of them it knows."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--scale", type=float, default=1.0, help="size of the data, 1 is the full one")
    parser.add_argument("--rounds", type=int, default=3, help="the median of these counts (default 3)")
    parser.add_argument("--only", default="", help="run godwit and the contenders whose name has this word")
    parser.add_argument("--servers", choices=engines, default="mariadb", help="their kind (default mariadb)")
    parser.add_argument("--folder", default=tempfile.gettempdir(), help="where servers keep their data")
    for name, (default, text) in extra.items():
        parser.add_argument(f"--{name}", default=default, type=type(default), help=text)
    options = parser.parse_args()
    options.engine = (ENGINES | PAIRS)[options.servers]
    return options


@contextlib.contextmanager
def work_folder(parent):
    """A folder for servers and files, and a stack to put their removal on. Nothing is left of them."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    with tempfile.TemporaryDirectory(prefix="godwit-bench-", dir=parent) as folder, \
            contextlib.ExitStack() as cleanup:
        yield Path(folder), cleanup


def rounds(options, contenders):
    """Lets the contenders, functions that give what one run took, run in turn, each round beginning with another one;
    gives name to median."""
    chosen = [name for name in contenders if options.only in name or name == "godwit"]
    samples = {name: [] for name in chosen}
    for number in range(options.rounds):
        first = number * len(chosen) // options.rounds
        for name in chosen[first:] + chosen[:first]:
            taken = contenders[name]()
            samples[name].append(taken)
            print(f"round {number + 1}: {name}: {taken}", flush=True)
    return {name: _median(taken) for name, taken in samples.items()}


def _median(samples):
    return type(samples[0])(*(statistics.median(getattr(sample, field.name) for sample in samples)
                              for field in fields(samples[0])))


def table(medians, baseline="godwit"):
    """A Markdown table of the medians."""
    print("\n| What | seconds | times godwit's | own CPU s | peak MiB | source CPU s | target CPU s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, taken in medians.items():
        own = f"{taken.tool_cpu:.1f} | {taken.tool_mib:.0f}" if taken.tool_mib else "- | -"
        print(f"| {name} | {taken.seconds:.2f} | {taken.seconds / medians[baseline].seconds:.2f} | {own} "
              f"| {taken.source_cpu:.1f} | {taken.target_cpu:.1f} |")


def goal(text, value, at_least=None, at_most=None):
    """Prints a ratio beside what it should be."""
    met = value >= at_least if at_least else value <= at_most
    wanted = f"at least {at_least:g}" if at_least else f"at most {at_most:g}"
    print(f"{text}: {value:.2f} (goal: {wanted}; {'met' if met else 'missed'})")


def memory_goal(medians):
    """Judges the peak memory of godwit's runs."""
    peak = max(taken.tool_mib for name, taken in medians.items() if name.startswith("godwit"))
    goal("godwit's peak memory, MiB", peak, at_most=256)


def version():
    return f"{_output(GODWIT, 'version')} ({GODWIT.resolve()})"


def settings(engine=None, server=None, **more):
    """The line without which no number means anything."""
    words = {"cores": os.cpu_count(), "cpu": _cpu_model()}
    if server:
        words |= {"server": server.value("SELECT VERSION()"), **engine.options}
    print("\nsettings: " + ", ".join(f"{name} {value}" for name, value in (words | more).items()))


def _cpu_model():
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "unknown"


def _output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
