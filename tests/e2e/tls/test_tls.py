"""Encrypted connections: all that crosses them, and servers that are not who they have to be."""

import subprocess

import pytest
from harness import shop
from harness.compare import assert_equal
from harness.godwit import BAD_USAGE, DONE, FAILED, FOUND
from harness.proxy import Proxy
from harness.server import PASSWORD, USER
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


@pytest.fixture(params=["mariadb", "mysql"])
def kinds(request):
    return request.param, request.param


@pytest.fixture
def source_options(certificates):
    return {"ssl_ca": certificates / "ca.pem", "ssl_cert": certificates / "server.pem",
            "ssl_key": certificates / "server.key"}


@pytest.fixture
def target(start, kinds, source_options):
    return start(kinds[1], "target", **source_options)


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
                   "INSERT INTO t VALUES (1, REPEAT('a', 20 << 20)), (2, REPEAT('b', 20 << 20))")
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


def test_a_server_without_encryption(source, start, kinds, godwit):
    plain = start(kinds[1], "plain", **{"tls_version": ""} if kinds[1] == "mysql" else {})
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


# MySQL's accounts as it makes them: the server knows only a hash of the password, until somebody has logged in by proving
# it whole, which it asks for through TLS or sealed with its public key.
on_mysql = pytest.mark.parametrize("kinds", [("mysql", "mysql")], ids=["mysql"])


def forget_logins(*servers):
    for one in servers:
        one.execute("FLUSH PRIVILEGES")


@on_mysql
def test_a_password_under_the_servers_public_key(source, target, godwit):
    for one in (source, target):
        assert one.value(f"SELECT plugin FROM mysql.user WHERE user = '{USER}'") == "caching_sha2_password"
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)", "INSERT INTO shop.t VALUES (1)")
    plain = {"ssl": {"mode": "disabled"}}
    task = godwit(source, target, source=plain, target=plain)
    forget_logins(source, target)
    found = {item["name"]: item["finding"] for item in task.check("--json").expect(DONE).json()["items"]}
    assert "not encrypted" in found["source: connection"] and "not encrypted" in found["target: connection"]
    forget_logins(source, target)
    task.run().expect(DONE)
    source.execute("INSERT INTO shop.t VALUES (2)")
    forget_logins(source, target)
    task.run().expect(DONE)
    assert_equal(source, target)
    task.environment["DST_PASSWORD"] = "wrong"
    forget_logins(target)
    refused = task.check().expect(FOUND).text
    assert "target: connection" in refused and "password" in refused


@on_mysql
@pytest.mark.parametrize("mode, codes", [("preferred", [DONE]), ("required", [FOUND, FAILED]), ("verify-ca", [FOUND, FAILED])])
def test_a_password_is_not_shown_to_a_server_without_encryption(mode, codes, source, start, godwit, certificates):
    plain = start("mysql", "plain", tls_version="", local_infile="ON")
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)", "INSERT INTO shop.t VALUES (1)")
    forget_logins(plain)
    with Proxy(plain) as proxy:
        proxy.records = True
        ssl = {"mode": mode, **({"ca": str(certificates / "ca.pem")} if mode == "verify-ca" else {})}
        godwit(source, proxy, target={"ssl": ssl}).run().expect(*codes)
        # Who is refused is not even told the user's name.
        assert bool(proxy.sent) == (codes == [DONE]) and PASSWORD.encode() not in proxy.sent
    assert plain.has_tables() == (codes == [DONE])


@on_mysql
def test_a_server_without_a_public_key(source, target, godwit):
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)", "INSERT INTO shop.t VALUES (1)")
    (target.folder / "data" / "private_key.pem").unlink()
    target.restart(caching_sha2_password_auto_generate_rsa_keys="OFF")
    task = godwit(source, target, target={"ssl": {"mode": "disabled"}})
    forget_logins(target)
    refused = task.check().expect(FOUND).text
    assert "target: connection" in refused and "ssl.mode" in refused and PASSWORD not in refused, refused
    task.configure(target={"ssl": {"mode": "preferred"}})
    forget_logins(target)
    task.run().expect(DONE)
    assert_equal(source, target)


@on_mysql
@pytest.mark.parametrize("encrypted", [0, 1, 2])
@pytest.mark.parametrize("mode", ["required", "verify-ca", "verify-full"])
def test_somebody_in_between_who_takes_the_encryption_away(source, target, godwit, certificates, mode, encrypted):
    """From the first connection on, or from a later one."""
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)", "INSERT INTO shop.t VALUES (1)")
    with Proxy(target) as proxy:
        proxy.records = True
        proxy.with_tls = encrypted
        ssl = {"mode": mode, **({"ca": str(certificates / "ca.pem")} if mode != "required" else {})}
        forget_logins(target)
        refused = godwit(source, proxy, target={"ssl": ssl, "url": proxy.url.replace("127.0.0.1", "localhost")}).run()
        assert refused.code in (FOUND, FAILED), refused.text
        assert "encryption" in refused.text or "SSL is required" in refused.text, refused.text
        assert PASSWORD.encode() not in proxy.sent
    assert encrypted or not target.has_tables()


@on_mysql
def test_one_log_in_for_each_connection(source, target, godwit):
    """None is refused first, which the server would count against the host."""
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)", "INSERT INTO shop.t VALUES (1)")
    forget_logins(source, target)
    status = "SHOW GLOBAL STATUS LIKE 'Aborted_connects'"
    before = [one.execute(status) for one in (source, target)]
    godwit(source, target).run().expect(DONE)
    assert before == [one.execute(status) for one in (source, target)]
