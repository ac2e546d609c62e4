"""The failpoints in the code, and runs that are killed at one after the other."""

import re
from pathlib import Path

from harness.godwit import KILLED

SRC = Path(__file__).resolve().parents[3] / "src"


def failpoints(*folders):
    """Those of all code in these folders of src; of all of it without any."""
    code = [file.read_text() for folder in folders or [""] for file in (SRC / folder).rglob("*.cc")]
    names = [name for text in code for name in re.findall(r'base::Failpoint\("([^"]+)"', text)]
    assert len(names) == sum(text.count("base::Failpoint(") for text in code), "a failpoint whose name is no literal"
    return set(names)


class Kills:
    """Kills at all of `names`, wherever a run comes by them; `met`: those where one has been."""

    def __init__(self, names):
        self._names, self.met = frozenset(names), set()

    def through(self, run, passage=1, then=None):
        """Calls run(failpoints=...) until it isn't killed, and gives that result: each time it is killed at a failpoint that it has not been
        killed at before, when it passes that for the so-manieth time. `then`: what is done after the kill there, by failpoint."""
        left = set(self._names)
        while True:
            result = run(failpoints=",".join(f"{name}:{passage}" for name in sorted(left)) or None)
            if result.code != KILLED:
                return result
            (name,) = re.findall(r"^killed at the failpoint (\S+)$", result.err, re.M)
            left.remove(name)
            self.met.add(name)
            if name in (then or {}):
                then[name]()
