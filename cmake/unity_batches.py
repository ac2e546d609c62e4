"""Which sources of a target can be compiled as one: prints the number of each one's batch, divided by ";".

    unity_batches.py LINES FILE...

LINES is how many a batch has at most, unless one source has more.

A source may see nothing of another's: what one declares for itself (in an unnamed namespace, static), or brings in (by
`using`, also in its module's headers), must not even be mentioned in the others of its batch, so that each means the
same as it does when compiled alone. Goes by the form that clang-format gives the sources.
"""

import functools
import os.path
import re
import sys
from pathlib import Path

SRC = Path(__file__).resolve().parents[1] / "src"
INCLUDE = re.compile(r'^#include "(.*)"', re.M)
COMMENT = re.compile(r"(?<!:)//.*")  # but not in "mysql://"
WORD = re.compile(r"(?<![\w.:>])\w+|(?<=[^-]>)\w+|(?<=[^:]:)\w+")  # not what is asked of an object or of another scope
TYPE = re.compile(r"(?:struct|class|enum class|enum|union)\s+(\w+)|using (\w+) =")
ENUMERATORS = re.compile(r"^enum (?!class).*?\};", re.M | re.S)
BRINGS = re.compile(r"^\s*(?:using|namespace) ([\w:]*::(\w+))(?:;| \{)", re.M)
NO_NAME = re.compile(r"namespace|using|template|return|public|private|protected|(TYPED_)?TEST|INSTANTIATE")
DECLARED = re.compile(r"[^=({;]*?(\w+)\s*[=({;\[]")


def own_names(text):
    """Of the declarations, which stand at the beginning of lines."""
    names = {name for enum in ENUMERATORS.findall(text) for name in re.findall(r"\bk\w+", enum)}
    unnamed = False
    for line in text.splitlines():
        if line == "namespace {":
            unnamed = True
        elif line == "}  // namespace":
            unnamed = False
        elif line[:1].isalpha() and (unnamed or line.startswith("static ")):
            found = TYPE.match(line) or (None if NO_NAME.match(line) else DECLARED.match(line))
            if found:
                names.add(found[found.lastindex])
    return names


@functools.cache
def read(path):
    return Path(path).read_text()


def headers(path, module):
    """Those of the module that the source includes, and what they include."""
    found, left = set(), [path]
    while left:
        file = Path(left.pop())
        for name in INCLUDE.findall(read(file)):
            for header in (SRC / name, file.parent / name):
                if header not in found and header.is_relative_to(module) and header.exists():
                    found.add(header)
                    left.append(header)
    return found


class Source:
    def __init__(self, path, module):
        text = read(path)
        code = COMMENT.sub("", text)
        declared = "".join(COMMENT.sub("", read(header)) for header in headers(path, module))
        self.lines = text.count("\n")
        self.alone = "\n#define" in text
        self.own = own_names(text)
        self.brings = set(BRINGS.findall(code + declared))
        self.words = set(WORD.findall(code))
        self.declared = set(WORD.findall(declared))

    def disturbs(self, other):
        brings = {name for _, name in self.brings - other.brings}
        return self.alone or bool((self.own | brings) & other.words or brings & other.declared)


def main():
    most, paths = int(sys.argv[1]), sys.argv[2:]
    module = Path(os.path.commonpath([os.path.dirname(os.path.abspath(path)) for path in paths]))
    sources = [Source(path, module) for path in paths]
    batches, numbers = [], []
    for source in sources:
        for number, batch in enumerate(batches):
            if sum(one.lines for one in batch) + source.lines <= most and not any(
                    source.disturbs(one) or one.disturbs(source) for one in batch):
                break
        else:
            number, batch = len(batches), []
            batches.append(batch)
        batch.append(source)
        numbers.append(str(number))
    print(";".join(numbers))


if __name__ == "__main__":
    main()
