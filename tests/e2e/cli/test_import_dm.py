"""DM's files are written as Godwit's, and what has no counterpart is said."""

import subprocess

from harness.godwit import BINARY, DONE, FAILED, FOUND

SOURCE = """\
source-id: mysql-replica-01
enable-relay: true
from: {host: 10.0.0.1, port: 3306, user: dm, password: "6FbnQ0ZVzRVQHBI="}
"""

TASK = """\
name: test
task-mode: all
target-database: {host: 10.0.0.9, port: 3306, user: root, password: ""}
block-allow-list:
  bw-1: {do-dbs: [shop], ignore-tables: [{db-name: shop, tbl-name: "log_*"}]}
mysql-instances:
- source-id: mysql-replica-01
  block-allow-list: bw-1
"""


def import_dm(folder, task, source=SOURCE):
    (folder / "task.yaml").write_text(task)
    (folder / "source.yaml").write_text(source)
    return subprocess.run(
        [str(BINARY), "import", "dm", "task.yaml", "source.yaml", "--output", "ours"], cwd=folder,
        capture_output=True, text=True, timeout=60, check=False)


def test_files_of_dm_are_written_as_ours_and_never_written_over(tmp_path):
    done = import_dm(tmp_path, TASK)
    assert done.returncode == DONE, done.stderr
    assert done.stdout.split() == ["ours/mysql-replica-01.source.yaml", "ours/test.yaml"]
    assert "6FbnQ0ZV" not in done.stdout + done.stderr
    assert "source.yaml:3:56: from.password: passwords are not carried over" in done.stderr
    assert (tmp_path / "ours/mysql-replica-01.source.yaml").read_text() == """\
name: mysql-replica-01
url: mysql://dm@10.0.0.1:3306
password_env: GODWIT_MYSQL_REPLICA_01_PASSWORD
relay: on
"""
    assert (tmp_path / "ours/test.yaml").read_text() == """\
name: test
mode: migrate
sources: [mysql-replica-01]
target:
  url: mysql://root@10.0.0.9:3306
tables:
  include: [shop.*]
  exclude: [shop.log_*]
"""

    # The task is one of a cluster: a run says so.
    run = subprocess.run([str(BINARY), "check", str(tmp_path / "ours/test.yaml")],
                         capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 2 and "test.yaml:3:1: the task of a cluster" in run.stderr, run.stderr

    (tmp_path / "ours/mysql-replica-01.source.yaml").write_text("edited")
    again = import_dm(tmp_path, TASK)
    assert again.returncode == FAILED and "--output" in again.stderr, again.stderr
    assert (tmp_path / "ours/mysql-replica-01.source.yaml").read_text() == "edited"


def test_what_has_an_effect_and_no_counterpart_is_told_with_its_line(tmp_path):
    found = import_dm(tmp_path, TASK + "shard-mode: optimistic\n")
    assert found.returncode == FOUND
    assert "left out: task.yaml:9:1: shard-mode: sharded tables are not merged" in found.stderr
    wrong = import_dm(tmp_path, "name: test\n")
    assert wrong.returncode == 2 and "task.yaml:1:1: task-mode: " in wrong.stderr, wrong.stderr
