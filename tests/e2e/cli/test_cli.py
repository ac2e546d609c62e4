"""What an operator sees: progress, status, plan, stopping, and a task that is refused."""

import json
import os
import pty
import re
import signal
import subprocess
import threading
import time

import pytest
from harness import shop
from harness.compare import assert_equal, user_schemas
from harness.godwit import BINARY, DONE, FAILED, FOUND, INTERRUPTED, KILLED
from harness.server import PASSWORD
from harness.writer import Writer


def wait_until(condition, what, timeout=30):
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def is_streaming(run):
    return any(line["phase"] == "streaming" for line in run.result().progress())


def on_a_terminal(task, *arguments):
    """Runs godwit with a terminal as its standard error; gives the exit code and all that was drawn."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [str(BINARY), "run", str(task.task_file), "--state-dir", str(task.state), *arguments],
        env={**os.environ, **task.environment, "TERM": "xterm"}, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    drawn = bytearray()

    def read():
        try:
            while piece := os.read(ours, 4096):
                drawn.extend(piece)
        except OSError:
            pass  # the other end was closed

    reader = threading.Thread(target=read)
    reader.start()
    code = process.wait(60)
    reader.join()
    os.close(ours)
    return code, drawn.decode()


def test_help_names_every_command_and_its_exit_codes():
    text = subprocess.run([str(BINARY), "--help"], capture_output=True, text=True, check=True).stdout
    for command in ("run", "check", "plan", "status", "verify", "ddl", "remove", "import", "version"):
        assert re.search(rf"^  {command}\b", text, re.M), text
        help_text = subprocess.run([str(BINARY), command, "--help"], capture_output=True, text=True,
                                   check=True).stdout
        assert "Usage" in help_text
    assert "130" in text


def test_progress_as_json_counts_everything(source, target, godwit):
    shop.load(source, 0.1)
    rows = sum(source.value(f"SELECT COUNT(*) FROM shop.{table}") for table in
               ("country", "customer", "product", "orders", "order_item", "visit"))
    result = godwit(source, target).run().expect(DONE)
    lines = result.progress()
    assert result.out.count("\n") == len(lines), "something else was printed on standard output"
    last = lines[-1]
    assert last["state"] == "done" and last["phase"] == "streaming"
    assert last["copy"]["rows"] == rows
    assert last["copy"]["tables"] == last["copy"]["tables_done"] == 6
    assert last["copy"]["bytes"] > rows
    assert last["position"]
    assert last["retries"] == last["drifted_rows"] == 0
    phases = [line["phase"] for line in lines]
    assert phases.index("copying") < phases.index("streaming")
    copied = [line["copy"]["rows"] for line in lines]
    assert copied == sorted(copied)


def test_changes_are_counted(source, target, godwit):
    shop.load(source, 0.01)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", "UPDATE country SET name = 'X' WHERE code = 'de'",
                   "UPDATE country SET name = CONCAT(name, '!')", "CREATE TABLE later (id INT PRIMARY KEY)")
    last = task.run().expect(DONE).progress()[-1]["changes"]
    assert last["transactions"] == 2 and last["row_changes"] == 11 and last["ddls"] == 1, last
    assert 0 <= last["lag_seconds"] < 60


def test_plain_lines_where_there_is_no_terminal(source, target, godwit):
    shop.load(source, 0.02)
    task = godwit(source, target)
    result = task.command("run", "--until", "caught-up").wait().expect(DONE)
    assert result.out == ""
    lines = result.err.splitlines()
    for phase in ("copying", "catching up"):
        assert any(re.match(rf"\d{{4}}-\d\d-\d\dT[\d:]+Z shop {phase}", line) for line in lines), result.err
    assert "caught up" in result.err and "copied" in result.err and "\x1b" not in result.err


def test_live_lines_on_a_terminal(source, target, godwit):
    shop.load(source, 0.2)
    code, drawn = on_a_terminal(godwit(source, target), "--until", "caught-up")
    assert code == DONE, drawn
    assert "copying" in drawn and "\x1b[A" in drawn and "shop: caught up" in drawn
    assert PASSWORD not in drawn


def test_no_progress_where_none_is_wanted(source, target, godwit):
    shop.load(source, 0.01)
    result = godwit(source, target).command("run", "--until", "caught-up", "--progress", "none").wait()
    assert result.expect(DONE).out == ""
    assert not [line for line in result.err.splitlines() if not line.startswith("warn")], result.err


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_with_everything_saved(source, target, godwit, which):
    shop.load(source, 0.05)
    task = godwit(source, target)
    run = task.start()
    with Writer(source) as writer:
        wait_until(lambda: is_streaming(run), "it does not stream")
        writer.wait_for(50)
        run.interrupt(which)
        last = run.wait(20).expect(INTERRUPTED).progress()[-1]
    assert last["state"] == "stopped" and not last["error"]
    task.run().expect(DONE)
    assert_equal(source, target)


def test_stopped_in_the_copy_it_keeps_what_was_copied(source, target, godwit):
    shop.load(source, 0.5)
    task = godwit(source, target, copy={"threads": 1, "chunk_bytes": "64KiB"})
    run = task.start()
    wait_until(lambda: any(line["copy"]["rows"] > 1000 for line in run.result().progress()),
               "nothing is copied")
    run.interrupt()
    stopped = run.wait(20).expect(INTERRUPTED).progress()[-1]
    assert stopped["phase"] == "copying"
    result = task.run().expect(DONE)
    last = result.progress()[-1]["copy"]
    assert last["rows"] > last["rows_of_run"] > 0, "all was copied again"
    assert_equal(source, target)


def test_a_second_signal_ends_it_at_once(source, target, godwit):
    shop.load(source, 0.02)
    task = godwit(source, target)
    run = task.start()
    wait_until(lambda: is_streaming(run), "it does not stream")
    target.pause()
    try:
        source.execute("UPDATE shop.country SET name = 'paused'")
        time.sleep(0.5)
        run.interrupt()
        time.sleep(0.5)
        if not run.ended:
            run.interrupt()
        assert run.wait(5).code in (-signal.SIGINT, INTERRUPTED)
    finally:
        target.unpause()
    task.run().expect(DONE)
    assert_equal(source, target)


def test_status_through_a_tasks_life(source, target, godwit):
    shop.load(source, 0.02)
    task = godwit(source, target)
    before = task.status("--json").expect(DONE).json()
    assert before["running"] is False and before["phase"] is None and before["run"] is None
    assert "never run" in task.status().expect(DONE).out

    run = task.start()
    wait_until(lambda: is_streaming(run), "it does not stream")
    source.execute("UPDATE shop.country SET name = 'status'")
    wait_until(lambda: (task.status("--json").expect(DONE).json()["run"] or {"changes": {"transactions": 0}})
               ["changes"]["transactions"] == 1, "the record is not kept up")
    during = task.status("--json").expect(DONE).json()
    assert during["running"] and during["pid"] == run.process.pid
    assert during["phase"] == "streaming" and during["tables"] == {"streaming": 6}
    assert during["position"]["applied"] and during["bytes_behind"] == 0
    text = task.status().expect(DONE).out
    assert f"running, process {run.process.pid}" in text and "streaming" in text

    run.kill()
    killed = task.status("--json").expect(DONE).json()
    assert killed["running"] is False and killed["run"]["state"] == "running"
    assert "ended without a word" in task.status().out

    source.execute("UPDATE shop.country SET name = 'behind'")
    assert task.status("--json").json()["bytes_behind"] > 0
    task.run().expect(DONE)
    after = task.status("--json").expect(DONE).json()
    assert after["run"]["state"] == "done" and after["epoch"] == during["epoch"] + 1
    assert PASSWORD not in json.dumps(after)


def test_status_while_the_target_is_away(source, target, godwit):
    shop.load(source, 0.01)
    task = godwit(source, target)
    task.run().expect(DONE)
    target.stop()
    standing = task.status("--json").expect(DONE).json()
    assert standing["run"]["state"] == "done" and "target" in standing["problems"][0]
    target.start()
    source.stop()
    standing = task.status("--json").expect(DONE).json()
    assert standing["phase"] == "streaming" and standing["bytes_behind"] is None
    assert "source" in standing["problems"][0]


def test_status_of_a_failed_run_says_why(source, target, godwit):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", "SET SESSION binlog_format = 'STATEMENT'", "INSERT INTO t VALUES (1)")
    failed = task.run().expect(FAILED)
    assert "godwit: error: task shop: " in failed.err
    standing = task.status("--json").expect(DONE).json()
    assert standing["run"]["state"] == "failed" and "statement" in standing["run"]["error"].lower()


def test_the_same_task_is_refused_and_the_process_named(source, target, godwit):
    shop.load(source, 0.01)
    task = godwit(source, target)
    run = task.start()
    wait_until(lambda: is_streaming(run), "it does not stream")
    for second in (task.run(timeout=20), task.start("--restart").wait(20)):
        assert str(run.process.pid) in second.expect(FAILED).err
    assert not run.ended
    run.interrupt()
    run.wait().expect(INTERRUPTED)
    task.run().expect(DONE)


def test_a_killed_run_leaves_no_lock(source, target, godwit):
    shop.load(source, 0.01)
    task = godwit(source, target)
    run = task.start()
    wait_until(lambda: is_streaming(run), "it does not stream")
    assert run.kill().code == KILLED
    task.run().expect(DONE)


def test_a_plan_is_what_is_done(source, target, godwit):
    shop.load(source, 0.5)
    task = godwit(source, target)
    plan = task.plan("--json").expect(DONE).json()
    assert user_schemas(target) == [] and not target.execute("SHOW DATABASES LIKE 'godwit'")
    assert plan["goes_on_from"] is None
    tables = {table["name"]: table for table in plan["tables"]}
    assert len(tables) == 6
    assert tables["shop.orders"]["estimated_rows"] > 10_000
    assert tables["shop.visit"]["one_snapshot"] and tables["shop.visit"]["chunks"] == 1
    assert plan["estimated_rows"] == sum(table["estimated_rows"] for table in tables.values())
    # Executed as they are, in their order, they make what a run makes.
    for statement in plan["ddl"]["before_copy"] + plan["ddl"]["after_table"] + plan["ddl"]["after_copy"]:
        target.execute("CREATE DATABASE IF NOT EXISTS shop", "USE shop", statement.replace(
            "CREATE DATABASE `shop`", "CREATE DATABASE IF NOT EXISTS `shop`"))
    for table in tables:
        name = table.split(".")[1]
        definitions = [re.sub(r" AUTO_INCREMENT=\d+", "", server.execute(f"SHOW CREATE TABLE shop.{name}")[0][1])
                       for server in (source, target)]
        assert definitions[0] == definitions[1]


def test_a_plan_shows_what_is_in_the_way(source, target, godwit):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)")
    target.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v BIGINT)")
    task = godwit(source, target)
    text = task.plan().expect(FOUND).out
    assert "CONFLICT" in text and "bigint" in text
    task.configure(target={"if_exists": "replace"})
    statements = task.plan("--json").expect(DONE).json()["ddl"]["before_copy"]
    assert [statement.split()[0] for statement in statements] == ["CREATE", "DROP", "CREATE"]


def test_a_plan_of_a_task_that_has_begun_makes_nothing_again(source, target, godwit):
    shop.load(source, 0.01)
    task = godwit(source, target)
    task.run().expect(DONE)
    plan = task.plan("--json").expect(DONE).json()
    assert plan["goes_on_from"] == "streaming"
    assert plan["ddl"] == {"before_copy": [], "after_table": [], "after_copy": []}
    assert "goes on from" in task.plan().expect(DONE).out


def test_check_as_json(source, target, godwit):
    shop.load(source, 0.01)
    report = godwit(source, target).check("--json").expect(DONE).json()
    assert report["failed"] == 0 and report["passed"] > 0
    assert {"name", "result", "finding", "remedy"} <= set(report["items"][0])


def test_a_failed_check_stops_a_run_before_it_begins(source, target, godwit):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)")
    source.restart(binlog_format="MIXED")
    task = godwit(source, target)
    refused = task.run().expect(FOUND)
    assert "binlog_format" in refused.err and "nothing has been changed" in refused.err
    assert not target.execute("SHOW DATABASES LIKE 'godwit'")
    task.run("--skip-checks").expect(DONE)


def test_a_task_that_is_done_is_done_again(source, target, godwit):
    shop.load(source, 0.01)
    task = godwit(source, target, mode="copy")
    task.run().expect(DONE)
    result = task.command("run").wait(20).expect(DONE)
    assert "finished" in result.err
    assert_equal(source, target)


def test_another_name_of_the_source_is_told_of_where_its_server_is_not_known(source, target, godwit):
    shop.load(source, 0.01)
    task = godwit(source, target)
    task.run().expect(DONE)
    task.configure(source={"url": source.url.replace("127.0.0.1", "127.1")})
    target.execute("UPDATE godwit.task SET server = ''")  # as an earlier version left it
    assert "has to be the same server" in task.command("run", "--until", "caught-up").wait().err
    # From then on it is, and who it is counts, not what it is called (moved_source).
    task.configure(source={"url": source.url})
    assert "has to be the same server" not in task.command("run", "--until", "caught-up").wait().expect(DONE).err


def test_the_state_directory_follows_xdg(source, target, godwit, tmp_path):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)")
    task = godwit(source, target)
    home = tmp_path / "home"
    for variable, folder in (({"XDG_STATE_HOME": str(home / "xdg")}, home / "xdg" / "godwit"),
                             ({"HOME": str(home)}, home / ".local" / "state" / "godwit")):
        environment = {**os.environ, **task.environment}
        environment.pop("XDG_STATE_HOME", None)
        done = subprocess.run([str(BINARY), "run", str(task.task_file), "--until", "caught-up"],
                              env={**environment, **variable}, capture_output=True, text=True)
        assert done.returncode == DONE, done.stderr
        assert (folder / "godwit.db").stat().st_mode & 0o777 == 0o600
        assert folder.stat().st_mode & 0o777 == 0o700
