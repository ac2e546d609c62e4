"""Encrypted connections: all that crosses them, and servers that are not who they have to be."""

import subprocess

import pytest
from harness import shop
from harness.compare import assert_equal
from harness.godwit import BAD_USAGE, DONE, FAILED, FOUND
from harness.server import SOURCE_OPTIONS, USER
from harness.writer import Writer

KEY = ["-newkey", "rsa:2048", "-nodes", "-days", "2"]


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def sign(folder, name, subject, host=None):
    """name.pem and name.key, signed by ca.pem."""
    (folder / "ext").write_text(f"subjectAltName=DNS:{host}\n" if host else "basicConstraints=CA:FALSE\n")
    openssl(folder, "req", *KEY[:-2], "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={subject}")
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "2", "-extfile", "ext", "-out", f"{name}.pem")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """A signer (ca) and another (other), a server's certificate for localhost, and a client's."""
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("ca", "other"):
        openssl(folder, "req", "-x509", *KEY, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}")
    sign(folder, "server", "a server", "localhost")
    sign(folder, "client", "a client")
    return folder


@pytest.fixture
def options(certificates):
    return {"ssl_ca": certificates / "ca.pem", "ssl_cert": certificates / "server.pem",
            "ssl_key": certificates / "server.key"}


@pytest.fixture
def source(server, options):
    return server("source", **SOURCE_OPTIONS, **options)


@pytest.fixture
def target(server, options):
    return server("target", **options)


def encrypted_only(*servers):
    for one in servers:
        one.execute(f"ALTER USER {USER}@'%' REQUIRE SSL")


def by_name(server):
    return server.url.replace("127.0.0.1", "localhost")


def test_a_live_migration_all_encrypted(source, target, godwit):
    encrypted_only(source, target)
    shop.load(source, 0.1)
    task = godwit(source, target)
    run = task.start()
    with Writer(source, threads=2, rate=500) as writer:
        run.wait_until(target.has_tables)
        writer.wait_for(500)
        source.cut_connections()
        target.cut_connections()
        writer.wait_for(1000)
        assert not run.ended, run.result().text
    run.interrupt()
    run.wait()
    task.run().expect(DONE)
    assert_equal(source, target)
    task.verify().expect(DONE)


def test_large_rows_cross_encrypted_connections(source, target, godwit):
    for one in (source, target):
        encrypted_only(one)
        one.execute("SET GLOBAL max_allowed_packet = 1 << 27")
    source.execute("CREATE DATABASE shop", "USE shop", "CREATE TABLE t (id INT PRIMARY KEY, v LONGBLOB)",
                   "INSERT INTO t SELECT seq, REPEAT(CHAR(seq), 20 << 20) FROM seq_1_to_3")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", "INSERT INTO t VALUES (9, REPEAT('z', 17 << 20))", "DELETE FROM t WHERE id = 2")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_the_check_says_how_a_connection_is_encrypted(source, target, godwit):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)")
    task = godwit(source, target, target={"ssl": {"mode": "disabled"}})
    found = {item["name"]: item["finding"] for item in task.check("--json").expect(DONE).json()["items"]}
    assert "encrypted with TLSv1." in found["source: connection"]
    assert "not encrypted" in found["target: connection"]
    encrypted_only(target)
    refused = task.check().expect(FOUND).text
    assert "target: connection" in refused and "Access denied" in refused


@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
def test_a_server_that_proves_who_it_is(mode, source, target, godwit, certificates):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)", "INSERT INTO shop.t VALUES (1)")
    ssl = {"mode": mode, "ca": str(certificates / "ca.pem")}
    url = by_name if mode == "verify-full" else (lambda server: server.url)
    task = godwit(source, target, source={"url": url(source), "ssl": ssl}, target={"url": url(target), "ssl": ssl})
    task.run().expect(DONE)
    assert_equal(source, target)


def test_a_server_that_cannot_prove_who_it_is(source, target, godwit, certificates):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)")
    ca, other = str(certificates / "ca.pem"), str(certificates / "other.pem")
    for mode, signer, url in (("verify-ca", other, source.url), ("verify-full", other, by_name(source)),
                              ("verify-full", ca, source.url)):  # the certificate is not of 127.0.0.1
        task = godwit(source, target, source={"url": url, "ssl": {"mode": mode, "ca": signer}})
        text = task.run().expect(FOUND, FAILED).text
        assert "certificate" in text and "ssl.mode" in text, text
    assert not target.has_tables()


def test_a_server_without_encryption(source, server, godwit):
    plain = server("plain")
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)")
    for mode in ("required", "verify-full"):
        text = godwit(source, plain, target={"ssl": {"mode": mode}}).run().expect(FOUND, FAILED).text
        assert "target" in text and "ssl.mode" in text, text
    assert not plain.has_tables()
    godwit(source, plain, target={"ssl": {"mode": "preferred"}}).run().expect(DONE)
    assert_equal(source, plain)


def test_a_client_that_has_to_prove_who_it_is(source, target, godwit, certificates):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)",
                   f"ALTER USER {USER}@'%' REQUIRE X509")
    assert "Access denied" in godwit(source, target).run().expect(FOUND, FAILED).text
    ssl = {"mode": "required", "cert": str(certificates / "client.pem"), "key": str(certificates / "client.key")}
    godwit(source, target, source={"ssl": ssl}).run().expect(DONE)
    assert_equal(source, target)


def test_files_that_are_not_there(source, target, godwit):
    task = godwit(source, target, source={"ssl": {"mode": "verify-ca", "ca": "nowhere.pem"}})
    text = task.run().expect(FOUND, FAILED).text
    assert "nowhere.pem" in text and "No such file" in text
    task.configure(source={"ssl": {"mode": "verify-ca"}})
    assert "needs ca" in task.run().expect(BAD_USAGE).text
