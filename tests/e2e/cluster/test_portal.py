"""The REST interface of masters, by real processes and servers."""

import json
import os
import re
import ssl
import subprocess
import urllib.request

import pytest
from harness.compare import assert_equal
from harness.godwit import BAD_USAGE, BINARY, FAILED
from harness.openapi import OpenApi
from harness.server import PASSWORD


@pytest.fixture
def checked(cluster):
    """The cluster, with each answer held to its document."""
    document = []
    plain = cluster.ask

    def ask(method, path, body=None, **how):
        status, answer = plain(method, path, body, **how)
        if not document:
            document.append(OpenApi(plain("GET", "openapi.json")[1]))
        if not path.startswith("/"):
            document[0].check(method, f"/{path}", status, answer)
        return status, answer

    cluster.ask = ask
    cluster.openapi = lambda: document[0]
    return cluster


def test_a_migration_from_the_first_request_to_the_last(checked, source, target):
    cluster = checked.start(workers=1)
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v VARCHAR(20))",
                   "INSERT INTO shop.t VALUES (1, 'one'), (2, 'two')")
    file, task = cluster.source_file("a", source), cluster.task_file("shop", ["a"], target)

    # What is wrong is refused before anything is written down.
    wrong = cluster.source_file("a", source, password_env="DST_PASSWORD", url=source.url.replace("//godwit", "//nobody"))
    assert "check" in cluster.expect(409, "POST", "sources", wrong)["error"]["message"]
    assert cluster.expect(400, "POST", "sources", json.dumps({"name": "a", "url": source.url, "password": PASSWORD}))
    cluster.expect(404, "POST", "tasks", task)
    assert cluster.get("sources") == {"sources": []}

    cluster.post("sources", file)
    assert cluster.get("sources/a")["url"] == source.url
    assert {"name": "shop", "tables": 1} in cluster.get("sources/a/schemas")["schemas"]
    assert [one["name"] for one in cluster.get("sources/a/schemas/shop/tables")["tables"]] == ["t"]
    cluster.expect(404, "GET", "sources/a/schemas/none/tables")
    cluster.wait_until(lambda: cluster.get("sources/a")["state"] == "bound")
    assert cluster.get("members")["workers"][0]["state"] == "bound"

    assert cluster.post("tasks/check", task)["subtasks"][0]["failed"] == 0
    assert cluster.post("tasks/plan", task)["subtasks"][0]["tables"][0]["name"] == "shop.t"
    cluster.post("tasks?start=false", task)
    assert cluster.get("tasks/shop")["stages"] == {"a": "Stopped"}
    cluster.post("tasks/shop/start")
    cluster.wait_until(lambda: cluster.phase("shop") == "streaming")
    status = cluster.status("shop")
    assert status["live"] and status["worker"] == "w1" and status["stage"] == "Running", status
    assert status["status"]["copy"]["rows"] == 2
    source.execute("INSERT INTO shop.t VALUES (3, 'three')")
    cluster.wait_until(lambda: target.execute("SELECT COUNT(*) FROM shop.t") == ((3,),))
    assert_equal(source, target)
    cluster.wait_until(lambda: cluster.status("shop")["status"]["tables"]["by_state"] == {"streaming": 1})
    tables = cluster.get("tasks/shop/tables?state=streaming&most=1")["subtasks"][0]
    assert tables["live"] and tables["tables"][0]["name"] == "shop.t" and tables["tables"][0]["rows"] == 2, tables
    assert cluster.get("tasks/shop/tables?state=not-well")["subtasks"][0]["tables"] == []
    cluster.expect(400, "GET", "tasks/shop/tables?state=ill")
    worker = urllib.request.urlopen(cluster.get("members")["workers"][0]["address"] + "/metrics").read().decode()
    assert re.search(r'^godwit_table_rows_total{task="shop",source="a",table="shop.t",phase="copying"} 2$', worker, re.M), worker
    assert re.search(r'^godwit_table_rows_total{task="shop",source="a",table="shop.t",phase="streaming"} 1$', worker, re.M), worker
    assert re.search(r'^godwit_apply_latency_seconds_count{task="shop",source="a"} [1-9]', worker, re.M), worker
    assert re.search(r'^godwit_position_timestamp_seconds{task="shop",source="a"} \d', worker, re.M), worker

    # A statement that waits for the operator.
    target.execute("ALTER TABLE shop.t ADD COLUMN w INT")
    source.execute("ALTER TABLE shop.t ADD COLUMN w INT")
    cluster.wait_until(lambda: cluster.status("shop")["stage"] == "Paused")
    errors = cluster.get("tasks/shop/errors")["subtasks"][0]
    ill = cluster.get("tasks/shop/tables?state=not-well")["subtasks"][0]["tables"]
    assert [(one["name"], one["state"]) for one in ill] == [("shop.t", "error")] and "ADD COLUMN w" in ill[0]["problem"], ill
    assert cluster.status("shop")["status"]["tables"]["not_well"][0]["table"] == "shop.t"
    assert errors["error"] and errors["action"] and "ADD COLUMN w" in errors["ddl"]["waiting"]["statement"], errors
    cluster.expect(400, "POST", "tasks/shop/ddl/skip", {"statements": ["SELECT 1"]})
    cluster.post("tasks/shop/ddl/skip", {})
    cluster.wait_until(lambda: cluster.status("shop")["stage"] == "Running")
    source.execute("INSERT INTO shop.t VALUES (4, 'four', 4)")
    cluster.wait_until(lambda: target.execute("SELECT COUNT(*) FROM shop.t WHERE w = 4") == ((1,),))

    cluster.post("tasks/shop/pause", {"sources": ["a"]})
    cluster.wait_until(lambda: cluster.status("shop")["stage"] == "Paused")
    cluster.post("tasks/shop/resume")
    cluster.expect(400, "POST", "tasks/shop/restart", {})
    cluster.post("sources/a/relay/pause")
    relay = cluster.get("sources/a/relay")
    assert relay["expected_stage"] == "Paused" and relay["live"], relay
    cluster.wait_until(lambda: cluster.get("sources/a/relay")["relay"]["state"] == "paused")
    cluster.post("sources/a/relay/resume")
    assert cluster.get("sources/a/status")["subtasks"][0]["task"] == "shop"
    exported = cluster.get("tasks/shop/export")["files"][0]["config"]
    assert PASSWORD not in exported and "sources" not in exported
    cluster.expect(409, "DELETE", "tasks/shop")
    removed = cluster.expect(200, "DELETE", "tasks/shop?stop=true")
    assert removed["subtasks"][0]["removed"], removed
    cluster.post("tasks/import?start=false", exported.replace("shop", "moved", 1))
    assert {one["name"] for one in cluster.get("sources")["sources"]} == {"a", "moved"}
    cluster.expect(200, "PUT", "tasks/moved", cluster.get("tasks/moved")["config"])
    cluster.expect(200, "DELETE", "tasks/moved?keep=true")
    cluster.expect(200, "PUT", "sources/a", file)
    cluster.expect(409, "POST", "sources/a/transfer", {"worker": "w1"})
    cluster.post("sources/a/disable")
    cluster.post("sources/a/enable")
    cluster.expect(200, "DELETE", "sources/a")
    cluster.get("tasks")
    cluster.get("status")
    cluster.expect(409, "DELETE", "members/workers/w1")
    cluster.post("leader/evict")
    unseen = cluster.openapi().routes() - cluster.openapi().seen
    assert {path for _, path in unseen} <= {"/tasks/{task}/check", "/tasks/{task}/plan", "/tasks/{task}/stop",
                                            "/tasks/{task}/ddl/retry", "/tasks/{task}/ddl/replace"}, unseen

    metrics = urllib.request.urlopen(cluster.urls["m1"] + "/metrics").read().decode()
    assert re.search(r'^godwit_workers{state="bound"} 1$', metrics, re.M), metrics
    logged = cluster.masters["m1"].result().err
    assert "POST /api/v1/sources/a/disable by anybody from 127.0.0.1: 200" in logged
    assert PASSWORD not in logged


def test_any_master_answers_and_the_next_one_leads(cluster):
    cluster.start(masters=2, workers=0)
    leader = cluster.get("members")["leader"]["name"]
    other = "m2" if leader == "m1" else "m1"
    file = json.dumps({"name": "a", "url": "mysql://godwit@127.0.0.1:1"})
    cluster.post("sources?check=false", file, master=other)
    assert cluster.get("sources/a", master=leader)["state"] == "waiting"
    assert "free slot" in cluster.get("sources/a/status", master=other)["action"]
    cluster.masters[leader].kill()
    cluster.wait_until(lambda: cluster.get("members", master=other)["leader"]["name"] == other)
    assert cluster.get("sources/a", master=other)["enabled"]
    assert cluster.ask("GET", "/healthz", master=other) == (200, "ok\n")
    assert cluster.ask("GET", "/readyz", master=other) == (200, "ok\n")

    # What happens is told as it does.
    listening = urllib.request.urlopen(cluster.urls[other] + "/api/v1/events", timeout=10)
    assert listening.headers["Content-Type"] == "text/event-stream"
    cluster.post("sources/a/disable", master=other)
    lines = iter(listening.readline, b"")
    assert any(b'"key":"source/a"' in line and b'"enabled":false' in line for line in lines)
    listening.close()


def start(cluster, *arguments, **environment):
    """A master that ends at once."""
    return subprocess.run([str(BINARY), "master", "--etcd", cluster.etcd.url, *arguments], capture_output=True, text=True,
                          timeout=20, env={**os.environ, **environment})


def test_options_come_from_a_file_the_command_line_and_the_environment(cluster, tmp_path):
    file = tmp_path / "master.yaml"
    file.write_text("name: m\nlisten: 0.0.0.0:0\nnmae: m\n")
    wrong = start(cluster, "--config", file)
    assert wrong.returncode == BAD_USAGE and "master.yaml:3:1: nmae is no option" in wrong.stderr, wrong.stderr
    file.write_text("name: m\nlisten: 0.0.0.0:0\n")
    refused = start(cluster, "--config", file)
    assert refused.returncode == FAILED and "0.0.0.0:0" in refused.stderr and "--insecure" in refused.stderr, refused.stderr
    assert "0.0.0.0:1 " in start(cluster, "--config", file, "--listen", "0.0.0.0:1").stderr
    assert "0.0.0.0:2 " in start(cluster, "--config", file, "--listen", "0.0.0.0:1", GODWIT_LISTEN="0.0.0.0:2").stderr
    unreachable = start(cluster, "--config", file, GODWIT_INSECURE="true")
    assert unreachable.returncode == BAD_USAGE and "--advertise" in unreachable.stderr, unreachable.stderr
    assert "--name" in start(cluster).stderr


def test_members_and_clients_prove_themselves(cluster, tmp_path):
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=tmp_path, check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=ca", "-days", "2")
    openssl("req", *key, "-keyout", "m.key", "-out", "m.csr", "-subj", "/CN=member")
    (tmp_path / "ext").write_text("subjectAltName=IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "m.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "ext", "-out", "m.pem")
    cluster.tls = ssl.create_default_context(cafile=tmp_path / "ca.pem")
    cluster.tls.load_cert_chain(tmp_path / "m.pem", tmp_path / "m.key")
    flags = [word for name, file in (("cert", "m.pem"), ("key", "m.key"), ("ca", "ca.pem"))
             for word in (f"--tls-{name}", str(tmp_path / file))]
    cluster.start_master("m1", *flags)
    cluster.start_master("m2", *flags)
    leader = cluster.wait_until(lambda: cluster.get("members")["leader"])
    assert leader["address"].startswith("https://")
    other = "m2" if leader["name"] == "m1" else "m1"
    cluster.post("sources?check=false", json.dumps({"name": "a", "url": "mysql://godwit@127.0.0.1:1"}), master=other)
    assert cluster.get("sources")["sources"][0]["name"] == "a"
    cluster.tls = ssl.create_default_context(cafile=tmp_path / "ca.pem")
    with pytest.raises(OSError):
        cluster.ask("GET", "members")

    def listed(*arguments):
        return subprocess.run([str(BINARY), "member", "list", "--master", cluster.urls["m1"], *arguments],
                              capture_output=True, text=True, timeout=20)

    trust, proof = ["--ca", tmp_path / "ca.pem"], ["--cert", tmp_path / "m.pem", "--key", tmp_path / "m.key"]
    assert "https://" in listed(*trust, *proof).stdout
    assert "no certificate that is signed by who is trusted" in listed(*proof).stderr
    unproved = listed(*trust)
    assert unproved.returncode == FAILED and "--cert and --key" in unproved.stderr, unproved
    assert listed(*trust, "--cert", tmp_path / "none", "--key", tmp_path / "m.key").returncode == BAD_USAGE


def test_tokens_say_who_may_what(cluster, tmp_path):
    tokens, lines = {}, []
    for role in ("read", "operate"):
        made = subprocess.run([str(BINARY), "token", "new", "--name", role, "--role", role], capture_output=True, text=True, check=True)
        tokens[role] = re.search(r"gwt_\S+", made.stdout + made.stderr)[0]
        lines.append(next(line for line in made.stdout.splitlines() + made.stderr.splitlines() if "sha256" in line).strip())
    (tmp_path / "tokens.yaml").write_text("\n".join(lines) + "\n")
    cluster.start_master("m1", "--tokens", str(tmp_path / "tokens.yaml"))
    cluster.wait_until(lambda: cluster.get("members", token=tokens["read"])["leader"])
    cluster.expect(401, "GET", "members")
    cluster.expect(401, "GET", "members", token="gwt_wrong")
    cluster.expect(403, "POST", "leader/evict", token=tokens["read"])
    cluster.expect(200, "POST", "leader/evict", token=tokens["operate"])
    logged = cluster.masters["m1"].result().err
    assert "POST /api/v1/leader/evict by operate from" in logged
    assert tokens["operate"] not in logged


def test_passwords_are_read_of_one_folder_alone(cluster, source, tmp_path):
    """What an operator's file names may not be any file of the machine."""
    secrets, outside = tmp_path / "secrets", tmp_path / "outside"
    secrets.mkdir()
    for file in (secrets / "a", outside):
        file.write_text(PASSWORD)
    (secrets / "link").symlink_to(outside)
    cluster.environment["GODWIT_SECRET_A"] = PASSWORD
    cluster.start_master("m1", "--secrets-dir", str(secrets))
    cluster.wait_until(lambda: cluster.get("members")["leader"])

    def file(**password):
        return json.dumps({"name": "a", "url": source.url, **password})

    for wrong in ({"password_file": str(outside)}, {"password_file": str(secrets / "link")}, {"password_env": "SRC_PASSWORD"}):
        refused = cluster.expect(409, "POST", "sources", file(**wrong))["error"]["message"]
        assert "--secrets-dir" in refused and "godwit encrypt" in refused and PASSWORD not in refused, refused
    for right in ({"password_env": "GODWIT_SECRET_A"}, {"password_file": str(secrets / "a")}):
        cluster.post("sources", file(**right))
        cluster.expect(200, "DELETE", "sources/a")
    refused = start(cluster, "--name", "m2", "--secrets-dir", "secrets")
    assert refused.returncode == BAD_USAGE and "--secrets-dir" in refused.stderr, refused.stderr
