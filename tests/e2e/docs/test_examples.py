"""The examples of README.md and docs/ do what they show: each command runs, and prints what the page says,
other numbers aside."""

import json
import re
import shlex
from pathlib import Path

import pytest
from harness import shop
from harness.godwit import DONE, FOUND, INTERRUPTED
from harness.postgres import Postgres
from harness.writer import Writer

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page, language):
    """The fenced blocks of a page that are marked so."""
    return [text for marked, text in re.findall(r"^```(\w*)\n(.*?)^```", page.read_text(), re.M | re.S)
            if marked == language]


def examples(page):
    """(arguments of godwit, lines shown after it), for each command of the page's console blocks."""
    found = []
    for block in blocks(page, ""):
        for line in block.splitlines():
            command = re.match(r"(?:\$ )?godwit (\w.*)", line)
            if command:
                found.append((shlex.split(command[1], comments=True), []))
            elif found and line.strip() not in ("", "..."):
                found[-1][1].append(line)
    return found


def shape(line):
    """What of a line stays the same from run to run."""
    if time := re.match(r"\d{4}-\d\d-\d\dT[\d:]+Z (shop [^:]+)", line):
        return "at some time: " + time[1]  # what is told of a phase depends on the moment
    line = re.sub(r"\b(transaction|warning|row change|row|table)s\b", r"\1", line)
    line = re.sub(r"\S+\.\d{6}:\d+\S*", "POSITION", line)
    line = re.sub(r"\d[\d,.]*( [KMGT]?i?B\b)?", "N", line)
    line = line.replace(" (N/s)", "")  # not told of a copy that took no time
    return " ".join(line.split())


@pytest.fixture
def task(source, target, godwit):
    shop.load(source, 0.05)
    return godwit(source, target)


def run(task, source, arguments):
    """Runs the command on the task in hand, in the place of the page's."""
    first, _, *others = arguments
    if first != "run" or "--until" in others:
        return task.command(first, *others).wait()
    running = task.command(first, *others)
    with Writer(source) as writer:
        running.wait_until(lambda: "streaming" in running.result().text)
        writer.wait_for(50)
    running.interrupt()
    return running.wait()


def test_the_readme_shows_what_happens(task, source):
    shown = examples(PAGES[0])
    assert [arguments[0] for arguments, _ in shown] == ["check", "run", "run", "verify"]
    for arguments, lines in shown:
        if "--until" in arguments:
            source.execute("UPDATE shop.customer SET balance = 0 LIMIT 3")
        result = run(task, source, arguments).expect(DONE, INTERRUPTED)
        printed = {shape(line) for line in result.text.splitlines()}
        # A stop that is over at once is not announced.
        missing = [line for line in lines if shape(line) not in printed and "Z stopping" not in line]
        assert not missing, f"{arguments} does not print {missing}, but\n{result.text}"


@pytest.mark.parametrize("page", [page for page in PAGES[1:] if examples(page)], ids=lambda page: page.stem)
def test_the_commands_of_a_page_run(task, source, page):
    if page.stem == "verify":
        task.run().expect(DONE)
    for arguments, _ in examples(page):
        code = INTERRUPTED if arguments[0] == "run" and "--until" not in arguments else DONE
        run(task, source, arguments).expect(code)


def readmes_task_file(number, urls):
    """One of the task files of the README, with other urls in it."""
    text = blocks(PAGES[0], "yaml")[number]
    for shown, url in urls.items():
        assert shown in text
        text = text.replace(shown, url)
    return text


def test_the_readmes_task_file_is_whole(task, source, target):
    task.task_file.write_text(readmes_task_file(0, {
        "mysql://godwit@10.0.0.1": source.url, "mysql://godwit@10.0.0.2": target.url}))
    assert "CREATE TABLE" in task.plan().expect(DONE).out


def test_the_readmes_task_file_for_postgresql_is_whole(server, godwit):
    source, target = (server(name, kind=Postgres) for name in ("source", "target"))
    source.execute("CREATE SCHEMA shop", "CREATE TABLE shop.t (id int PRIMARY KEY)")
    task = godwit(source, target)
    task.task_file.write_text(readmes_task_file(1, {
        "postgres://godwit@10.0.0.1/shop": source.url, "postgres://godwit@10.0.0.2/shop": target.url}))
    assert "CREATE TABLE" in task.plan().expect(DONE).out


def test_a_failed_check_as_the_page_shows_it(task, source):
    (text,) = blocks(ROOT / "docs" / "checks.md", "json")
    shown = json.loads(text)
    source.execute("SET GLOBAL binlog_format = 'MIXED'")
    printed = task.check("--json").expect(FOUND).json()
    assert set(shown) == set(printed)
    (item,) = shown["items"]
    (found,) = [one for one in printed["items"] if one["name"] == item["name"]]
    assert {**found, "remedy": ""} == {**item, "remedy": ""}
    assert found["remedy"].startswith(item["remedy"].removesuffix("..."))
