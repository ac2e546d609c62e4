"""Masters that run their etcd themselves: three commands are a cluster, and it goes on whatever of it dies."""

import json
import shutil
import socket
import ssl
import subprocess
import urllib.request

import pytest
from harness.cluster import etcd_program, wait_for
from harness.cluster_migration import FAMILIES, Migration
from harness.godwit import BAD_USAGE, BINARY, FAILED
from harness.managed_etcd import ManagedCluster, lives

NAMES = ["m1", "m2", "m3"]


@pytest.fixture
def managed(tmp_path):
    """managed(names, ...): a cluster without processes yet."""
    made = []

    def make(names, **how):
        made.append(ManagedCluster(tmp_path / f"cluster-{len(made)}", names, **how))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_it_goes_on_whatever_dies(source, target, managed):
    cluster = managed(NAMES)
    cluster.start_master("m1")
    cluster.start_master("m2")
    # The first start takes all of them, and until then says who is missing.
    cluster.wait_for_log("m1", "etcd has no data here, and waits for 1 of 2 other members, as all have to be there for the first start: m3 (")
    assert cluster.ask("GET", "/readyz", master="m1")[0] == 503
    cluster.start_master("m3")
    cluster.start_worker()
    cluster.wait_until(lambda: cluster.get("members")["leader"] and cluster.get("members")["workers"])
    migration = Migration(cluster, source, target, FAMILIES["mariadb"])
    migration.add(0.02)
    migration.wait_for_phase("streaming")
    migration.beat()

    # A master's etcd alone: it is started again, and nothing else is.
    cluster.kill_etcd("m2")
    migration.beat()
    cluster.wait_for_log("m2", "etcd has ended by signal 9, Killed")
    cluster.wait_for_log("m2", "etcd answers at", times=2)

    # One machine: the others go on, and it comes back.
    cluster.kill_with_etcd("m1")
    migration.beat()
    cluster.start_master("m1")
    cluster.wait_for_log("m1", "etcd answers at")

    # One with its disk: it comes back as a new member.
    cluster.end("m3")
    shutil.rmtree(cluster.data_dir("m3"))
    cluster.start_master("m3")
    cluster.wait_for_log("m3", "etcd has lost its data here, and joins the cluster as a new member in place of")
    cluster.wait_for_log("m3", "etcd answers at")
    # It counts: with it and one other, writes are taken.
    cluster.kill_with_etcd("m1")
    migration.beat()
    cluster.wait_until(lambda: cluster.ask("POST", "tasks/shop/pause")[0] == 200)

    cluster.workers["w1"].interrupt()
    cluster.workers["w1"].wait()
    cluster.end("m2", "m3")


def test_alone_it_needs_no_peers_and_has_its_data_for_itself(managed):
    cluster = managed(["m1"])
    cluster.start_master("m1")
    cluster.wait_until(lambda: cluster.get("/readyz") == "ok\n")
    other = cluster.run("master", "--name", "m1", "--managed-etcd", "--peers", "m1=localhost:1:2", "--data-dir", str(cluster.data_dir("m1")),
                        "--listen", "127.0.0.1:0", "--etcd-binary", etcd_program())
    assert "is in use by another master" in other.wait().expect(FAILED).err
    cluster.end("m1")
    # What it was is there again; and it is that member's only.
    cluster.start_master("m1")
    cluster.wait_until(lambda: cluster.get("/readyz") == "ok\n")
    cluster.end("m1")
    other = cluster.run("master", "--name", "m2", "--managed-etcd", "--data-dir", str(cluster.data_dir("m1")), "--listen", "127.0.0.1:0",
                        "--etcd-binary", etcd_program())
    assert "has the data of the member m1, and this master is called m2" in other.wait().expect(FAILED).err


def test_a_full_etcd_makes_room_by_itself(managed):
    cluster = managed(["m1"])
    cluster.environment["ETCD_QUOTA_BACKEND_BYTES"] = str(2 << 20)
    cluster.start_master("m1")
    cluster.wait_until(lambda: cluster.get("/readyz") == "ok\n")

    def put():
        body = json.dumps({"key": "YQ==", "value": "A" * 400_000}).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(f"{cluster.etcd.url}/v3/kv/put", body), timeout=5):
                return True
        except urllib.error.HTTPError as refused:
            assert "space exceeded" in refused.read().decode()
            return False

    wait_for(lambda: not put(), what="it is never full")
    cluster.wait_for_log("m1", "etcd has made room and takes writes again")
    assert put()
    cluster.end("m1")


def test_members_and_masters_prove_themselves_to_each_other(managed, tmp_path):
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=tmp_path, check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=ca", "-days", "2")
    openssl("req", "-x509", *key, "-keyout", "m.key", "-out", "m.pem", "-subj", "/CN=m", "-days", "2", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=IP:127.0.0.1")
    files = {"ca": tmp_path / "ca.pem", "cert": tmp_path / "m.pem", "key": tmp_path / "m.key"}
    cluster = managed(["m1", "m2"], scheme="https", options=[word for name, file in files.items() for word in (f"--etcd-{name}", file)])
    for name in ("m1", "m2"):
        cluster.start_master(name)
    for name in ("m1", "m2"):
        cluster.wait_until(lambda: cluster.get("/readyz", master=name) == "ok\n")
    cluster.start_worker()
    cluster.wait_until(lambda: cluster.get("members")["workers"])
    # Neither kind of port lets anybody in who shows nothing.
    anybody = ssl.create_default_context(cafile=files["ca"])
    for port in cluster.ports["m1"]:
        with pytest.raises(OSError), socket.create_connection(("127.0.0.1", port)) as plain, \
                anybody.wrap_socket(plain, server_hostname="127.0.0.1") as connection:
            connection.sendall(b"GET /members HTTP/1.0\r\n\r\n")
            assert connection.recv(100) == b""
            raise OSError("nothing was said")


@pytest.mark.parametrize("options, code, said", [
    (["--managed-etcd", "--etcd", "http://127.0.0.1:2379"], BAD_USAGE, "--etcd and --managed-etcd do not go together"),
    (["--peers", "m1=127.0.0.1"], BAD_USAGE, "--peers is of the etcd that --managed-etcd runs"),
    (["--managed-etcd", "--peers", "m1"], BAD_USAGE, "\"m1\" is none: write NAME=HOST"),
    (["--managed-etcd", "--peers", "m2=127.0.0.1"], BAD_USAGE, "--peers has no m1"),
    (["--managed-etcd", "--peers", "m1=10.0.0.1"], FAILED, "without TLS etcd listens on loopback only"),
    (["--managed-etcd", "--etcd-ca", "ca.pem"], BAD_USAGE, "needs all of --etcd-cert, --etcd-key and --etcd-ca"),
    (["--managed-etcd", "--etcd-binary", "/nowhere/etcd"], FAILED,
     "/nowhere/etcd cannot be executed: No such file or directory: install Debian's package etcd-server"),
    (["--managed-etcd", "--etcd-binary", "no-etcd"], FAILED, "no-etcd is in no folder of PATH: install"),
    (["--managed-etcd", "--etcd-binary", "ETCD", "--data-dir", "/proc/none"], FAILED, "/proc/none cannot be written"),
])
def test_what_is_wrong_is_said(options, code, said, tmp_path):
    options = [etcd_program() if word == "ETCD" else word for word in options]
    run = subprocess.run([str(BINARY), "master", "--name", "m1", "--listen", "127.0.0.1:0", *options], capture_output=True, text=True,
                         timeout=30, env={"HOME": str(tmp_path), "PATH": "/nowhere"})
    assert run.returncode == code, run.stderr
    assert said in run.stderr


def test_a_port_that_is_taken_is_said(managed):
    cluster = managed(["m1"])
    with socket.create_server(("127.0.0.1", cluster.ports["m1"][1])):
        run = cluster.run("master", "--name", "m1", "--managed-etcd", "--peers", cluster.peers, "--data-dir", str(cluster.data_dir("m1")),
                          "--listen", "127.0.0.1:0", "--etcd-binary", etcd_program())
        error = run.wait().expect(FAILED).err
    assert "address already in use. What to do: another process listens there" in error.splitlines()[-1]
