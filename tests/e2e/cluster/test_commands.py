"""The commands of a cluster: what docs/commands.md shows is what happens, and what is wrong is said clearly."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from harness import shop
from harness.cluster import wait_for
from harness.compare import assert_equal
from harness.godwit import BINARY, DONE, FAILED

PAGE = Path(__file__).resolve().parents[3] / "docs" / "commands.md"
LOOKS = {"list", "status"}  # what they print comes to be after a while


@pytest.fixture
def godwit_on(cluster, tmp_path):
    """Runs godwit with the cluster's masters named, in a folder of its own; gives the process when it has ended."""

    def run(*arguments, **environment):
        return subprocess.run(
            [str(BINARY), *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
            env={**os.environ, "GODWIT_MASTER": ",".join(cluster.urls.values()), **cluster.environment, **environment})

    return run


def examples():
    """(words of the command, lines shown after it), for each command of the page."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", PAGE.read_text(), re.M | re.S):
        for line in block.splitlines():
            if line.startswith("$ godwit "):
                found.append((shlex.split(line)[2:], []))
            elif line != "...":
                found[-1][1].append(line)
    return found


def shape(line):
    """What of a line stays the same from run to run."""
    line = re.sub(r"(?<=\s)-(?=\s|$)|\d[\d,.]*( (s|B|KiB|MiB)\b)?", "N", line)
    return " ".join(line.split())


def missing(shown, result):
    printed = {shape(line) for line in (result.stdout + result.stderr).splitlines()}
    return [line for line in shown if shape(line) not in printed]


def test_the_commands_do_what_the_page_shows(source, target, cluster, godwit_on, tmp_path):
    shop.load(source, 0.01)
    cluster.start(masters=2, workers=2)
    (tmp_path / "shop-db.yaml").write_text(cluster.source_file("shop-db", source))
    (tmp_path / "shop.yaml").write_text(cluster.task_file("shop", ["shop-db"], target))
    for words, shown in examples():
        expected = FAILED if any(line.startswith("godwit: error: ") for line in shown) else DONE
        results = []

        def is_so():
            results[:] = [godwit_on(*words)]
            return results[0].returncode == expected and not missing(shown, results[0])

        wait_for(is_so, 20 if LOOKS & set(words) else 0,
                 lambda: f"{words} ends with {results[0].returncode}, lacks {missing(shown, results[0])}:\n"
                         f"{results[0].stdout}{results[0].stderr}\n{cluster.logs()}")
        if words[:2] == ["task", "stop"]:
            wait_for(lambda: cluster.status("shop")["stage"] in ("Stopped", "New"), what="it does not stop")
            assert_equal(source, target)


def test_who_may_not_is_told_what_to_do(cluster, godwit_on, tmp_path):
    tokens, secret = tmp_path / "tokens.yaml", tmp_path / "reader"
    made = subprocess.run([str(BINARY), "token", "new", "--name", "eve", "--role", "read"],
                          capture_output=True, text=True, check=True)
    token = made.stdout.strip()
    tokens.write_text(made.stderr.splitlines()[-1] + "\n")
    secret.write_text(token + "\n")
    secret.chmod(0o600)
    cluster.start_master("m1", "--tokens", str(tokens))
    cluster.wait_until(lambda: godwit_on("member", "list", "--token-file", str(secret)).returncode == DONE)
    away = "http://127.0.0.1:1"

    def refused(*arguments, **environment):
        result = godwit_on(*arguments, **environment)
        assert result.returncode == FAILED and not result.stdout, result
        assert token not in result.stderr
        return result.stderr

    assert "set GODWIT_TOKEN" in refused("member", "list")
    assert "does not know the token" in refused("member", "list", GODWIT_TOKEN="guessed")
    assert "operate" in refused("leader", "evict", GODWIT_TOKEN=token)
    assert f"{away} cannot be connected to" in refused("member", "list", "--master", away)
    master = f"{away},{cluster.urls['m1']}"
    assert "m1" in godwit_on("member", "list", "--master", master, GODWIT_TOKEN=token).stdout
    secret.chmod(0o644)
    assert str(secret) in godwit_on("member", "list", "--token-file", str(secret)).stderr
