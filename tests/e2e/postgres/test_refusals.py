"""What PostgreSQL servers have to be asked for first is said clearly, with what to do, and nothing is harmed."""

import resource
import time

import pytest
from harness.godwit import BAD_USAGE, DONE, FAILED, FOUND, INTERRUPTED
from harness.postgres import version
from harness.postgres_compare import assert_equal

REFUSED = (FAILED, FOUND)


def says(result, *words):
    for word in words:
        assert word.lower() in result.text.lower(), f"says nothing of {word!r}:\n{result.text}"


def refuses(task, *words):
    """Both when it is checked and when it is run, with such words."""
    says(task.check().expect(*REFUSED), *words)
    says(task.run(timeout=30).expect(*REFUSED), *words)


@pytest.fixture
def small(source):
    source.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, v int)", "INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)")
    return source


def nothing_was_made(source, target):
    assert not target.has_tables()
    assert source.value("SELECT count(*) FROM pg_replication_slots") == 0


@pytest.mark.parametrize("level", ["replica", "minimal"])
def test_wal_level(small, target, godwit, level):
    small.restart(wal_level=level, max_wal_senders=0 if level == "minimal" else 10)
    task = godwit(small, target)
    refuses(task, "source", "wal_level", "logical", level)
    nothing_was_made(small, target)
    small.restart(wal_level="logical", max_wal_senders=10)
    task.run().expect(DONE)
    assert_equal(small, target)


@pytest.mark.parametrize("identity", ["DEFAULT", "NOTHING"])
def test_no_replica_identity(small, target, godwit, identity):
    table = "bare" if identity == "DEFAULT" else "t"
    small.execute("CREATE TABLE bare (v int)", f"ALTER TABLE {table} REPLICA IDENTITY {identity}",
                  *(["DROP TABLE bare"] if table == "t" else []))
    task = godwit(small, target)
    refuses(task, f"shop.{table}", "REPLICA IDENTITY")
    says(task.check(), "ALTER TABLE", "FULL")
    nothing_was_made(small, target)
    small.execute(f"ALTER TABLE {table} REPLICA IDENTITY FULL")
    task.run().expect(DONE)
    assert_equal(small, target)


def test_a_key_that_is_deferrable_is_no_replica_identity(small, target, godwit):
    small.execute("CREATE TABLE late (id int PRIMARY KEY DEFERRABLE)")
    refuses(godwit(small, target), "shop.late", "REPLICA IDENTITY")
    nothing_was_made(small, target)


def test_an_index_that_was_the_replica_identity_has_gone(small, target, godwit):
    small.execute("CREATE TABLE once (id int NOT NULL)", "CREATE UNIQUE INDEX i ON once (id)", "ALTER TABLE once REPLICA IDENTITY USING INDEX i",
                  "DROP INDEX i")
    refuses(godwit(small, target), "shop.once", "REPLICA IDENTITY")
    nothing_was_made(small, target)


def test_a_partition_without_a_replica_identity(small, target, godwit):
    small.execute("CREATE TABLE parted (id int) PARTITION BY RANGE (id)", "CREATE TABLE part PARTITION OF parted DEFAULT",
                  "ALTER TABLE parted REPLICA IDENTITY FULL")
    refuses(godwit(small, target), "shop.part", "REPLICA IDENTITY")
    nothing_was_made(small, target)


def test_an_unlogged_table(small, target, godwit):
    """Its changes are in no log."""
    small.execute("CREATE UNLOGGED TABLE scratch (id int PRIMARY KEY)", "INSERT INTO scratch VALUES (1)")
    task = godwit(small, target)
    says(task.check(), "shop.scratch", "unlogged")
    task.run().expect(DONE, *REFUSED)


@pytest.mark.parametrize("side, variable", [("source", "SRC_PASSWORD"), ("target", "DST_PASSWORD")])
def test_a_wrong_password(small, target, godwit, side, variable):
    task = godwit(small, target)
    task.environment[variable] = "not-this-one"
    started = time.monotonic()
    for result in (task.run(), task.check()):
        says(result.expect(*REFUSED), side, "password", "godwit")
        assert "not-this-one" not in result.text
    assert time.monotonic() - started < 10, "retried what no retry can heal"


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_user_that_is_not_there(small, target, godwit, side):
    server = {"source": small, "target": target}[side]
    refuses(godwit(small, target, **{side: {"url": server.url_of("shop", "nobody")}}), side, "nobody")


@pytest.mark.parametrize("side", ["source", "target"])
def test_a_missing_database(small, target, godwit, side):
    server = {"source": small, "target": target}[side]
    task = godwit(small, target, **{side: {"url": server.url_of("nowhere")}})
    started = time.monotonic()
    refuses(task, side, "nowhere", "does not exist")
    assert time.monotonic() - started < 10, "retried what no retry can heal"
    server.execute('CREATE DATABASE nowhere TEMPLATE "shop"', database="postgres")
    task.run().expect(DONE)


@pytest.mark.parametrize("url, word", [
    ("postgres://godwit@127.0.0.1:5432", "database"),
    ("postgres://godwit@127.0.0.1:5432/", "database"),
    ("postgres://godwit:secret@127.0.0.1:5432/shop", "password"),
    ("postgre://godwit@127.0.0.1:5432/shop", "url"),
])
def test_a_bad_url(small, target, godwit, url, word):
    for command in ("run", "check", "plan"):
        result = godwit(small, target, source={"url": url}).command(command).wait().expect(BAD_USAGE)
        says(result, "task.yaml:", word)
        assert "secret" not in result.text


def test_nobody_listens(small, target, godwit):
    task = godwit(small, target, target={"url": "postgres://godwit@127.0.0.1:9/shop"}, retry_for="1s")
    says(task.run(timeout=30).expect(*REFUSED), "target", "127.0.0.1")


def make_user(server, name, rights=""):
    server.execute(f"CREATE ROLE {name} LOGIN {rights} PASSWORD 'w'")


def task_of(godwit, source, target, side, user):
    """A task whose user on that side is another."""
    server = {"source": source, "target": target}[side]
    task = godwit(source, target, **{side: {"url": server.url_of("shop", user)}})
    task.environment["SRC_PASSWORD" if side == "source" else "DST_PASSWORD"] = "w"
    return task


def test_no_right_to_replicate(small, target, godwit):
    make_user(small, "weak")
    small.execute("ALTER SCHEMA shop OWNER TO weak", "ALTER TABLE t OWNER TO weak", "GRANT CREATE ON DATABASE shop TO weak")
    task = task_of(godwit, small, target, "source", "weak")
    refuses(task, "source", "REPLICATION", "ALTER ROLE")
    nothing_was_made(small, target)
    small.execute("ALTER ROLE weak REPLICATION")
    task.run().expect(DONE)
    assert_equal(small, target)
    small.execute("INSERT INTO t VALUES (4, 4)")
    task.run().expect(DONE)
    assert_equal(small, target)


def test_no_right_to_read(small, target, godwit):
    make_user(small, "weak", "REPLICATION")
    small.execute("GRANT USAGE ON SCHEMA shop TO weak", "CREATE TABLE open (id int PRIMARY KEY)", "GRANT SELECT ON open TO weak",
                  "GRANT CREATE ON DATABASE shop TO weak")
    refuses(task_of(godwit, small, target, "source", "weak"), "source", "ALTER TABLE shop.t OWNER TO weak")
    nothing_was_made(small, target)


def test_rows_that_a_policy_would_hide(small, target, godwit):
    make_user(small, "weak", "REPLICATION")
    small.execute("GRANT CREATE ON DATABASE shop TO weak", "ALTER SCHEMA shop OWNER TO weak", "ALTER TABLE t OWNER TO weak",
                  "ALTER TABLE t ENABLE ROW LEVEL SECURITY", "ALTER TABLE t FORCE ROW LEVEL SECURITY",
                  "CREATE POLICY first ON t USING (id < 2)")
    task = task_of(godwit, small, target, "source", "weak")
    says(task.run(timeout=30).expect(*REFUSED), "source", "row-level security")
    assert not target.has_tables() or target.value("SELECT count(*) FROM t") == 0
    small.execute("ALTER ROLE weak BYPASSRLS")
    task.run().expect(DONE)
    assert target.value("SELECT count(*) FROM t") == 3


def test_no_right_to_create_on_the_target(small, target, godwit):
    make_user(target, "weak")
    refuses(task_of(godwit, small, target, "target", "weak"), "target", "GRANT", "CREATE")
    nothing_was_made(small, target)


def test_no_slot_is_free(small, target, godwit):
    small.restart(max_replication_slots=1)
    small.execute("SELECT pg_create_logical_replication_slot('taken', 'pgoutput')")
    task = godwit(small, target)
    refuses(task, "source", "max_replication_slots")
    assert not target.has_tables()
    small.execute("SELECT pg_drop_replication_slot('taken')")
    task.run().expect(DONE)


def test_the_target_is_read_only(small, target, godwit):
    target.restart(default_transaction_read_only="on")
    task = godwit(small, target)
    says(task.run(timeout=30).expect(*REFUSED), "target", "read-only")
    target.restart(default_transaction_read_only="off")
    task.run().expect(DONE)


def test_what_a_role_lacks_is_said_at_once(small, target, godwit):
    """And what is said is enough: of tables of superusers, of a role that it has but does not inherit from, and of one that it has not.
    Nothing makes it a superuser."""
    for server in (small, target):
        server.execute("CREATE ROLE weak LOGIN NOINHERIT PASSWORD 'w'")
    small.execute("CREATE ROLE known", "CREATE ROLE \"Not known\"", "GRANT known TO weak", "CREATE TABLE k (id int PRIMARY KEY)",
                  "ALTER TABLE k OWNER TO known", "CREATE SCHEMA \"Apart\" AUTHORIZATION \"Not known\"", "CREATE TABLE \"Apart\".\"T\" (id int PRIMARY KEY)",
                  "INSERT INTO \"Apart\".\"T\" VALUES (1)", "ALTER TABLE \"Apart\".\"T\" OWNER TO \"Not known\"", "INSERT INTO k VALUES (1)")
    task = godwit(small, target, source={"url": small.url_of("shop", "weak")}, target={"url": target.url_of("shop", "weak")},
                  tables={"include": ["shop.*", "Apart.*"]})
    task.environment.update(SRC_PASSWORD="w", DST_PASSWORD="w")
    failed = {item["name"]: item["remedy"] for item in task.check("--json").expect(FOUND).json()["items"] if item["result"] == "fail"}
    assert failed.keys() == {"source: rights", "target: rights"}
    assert failed["source: rights"].split("; ") == [
        "ALTER ROLE weak REPLICATION", "GRANT CREATE ON DATABASE \"shop\" TO weak", "GRANT USAGE ON SCHEMA shop TO weak",
        *(["GRANT \"Not known\", known TO weak WITH INHERIT TRUE"] if version() >= 16 else ["ALTER ROLE weak INHERIT", "GRANT \"Not known\" TO weak"]),
        "ALTER TABLE shop.t OWNER TO weak"]
    small.execute(*failed["source: rights"].split("; "))
    target.execute(*failed["target: rights"].split("; "))
    task.run().expect(DONE)
    assert_equal(small, target)


def test_no_table_matches(small, target, godwit):
    says(godwit(small, target, tables={"include": ["shopp.*"]}).run().expect(*REFUSED), "tables.include")
    nothing_was_made(small, target)


def test_a_table_that_is_there_already_and_differs(small, target, godwit):
    target.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, v bigint)", "INSERT INTO t VALUES (1, 7)")
    task = godwit(small, target)
    says(task.check().expect(FOUND), "shop.t")
    says(task.run().expect(*REFUSED), "shop.t", "if_exists")
    assert target.execute("SELECT * FROM t") == [(1, 7)], "what was there was touched"
    task.configure(target={"if_exists": "append"})
    says(task.run().expect(*REFUSED), "shop.t", "bigint")
    task.configure(target={"if_exists": "replace"})
    says(task.check().expect(DONE), "warn  target: tables: these are dropped: shop.t")
    task.run().expect(DONE)
    assert_equal(small, target)


def test_append_meets_the_same_key(small, target, godwit):
    target.execute("CREATE SCHEMA shop", "CREATE TABLE t (id int PRIMARY KEY, v int)", "INSERT INTO t VALUES (2, 20)")
    task = godwit(small, target, target={"if_exists": "append"})
    says(task.run().expect(*REFUSED), "shop.t", "duplicate")
    target.execute("DELETE FROM t WHERE id = 2")
    task.run().expect(DONE)
    assert_equal(small, target)


@pytest.mark.parametrize("own_state", [False, True])
def test_the_same_task_twice_at_once(small, target, godwit, own_state):
    task = godwit(small, target)
    task.run().expect(DONE)
    run = task.start()
    time.sleep(1)
    second = godwit(small, target) if own_state else task
    says(second.run(timeout=30).expect(FAILED, BAD_USAGE), "running")
    assert not run.ended, run.result().text
    run.interrupt()
    run.wait().expect(INTERRUPTED)


@pytest.mark.parametrize("spoil, change", [("INSERT INTO t VALUES (4, 40)", "INSERT INTO t VALUES (4, 4)"),
                                           ("DELETE FROM t WHERE id = 1", "UPDATE t SET v = 10 WHERE id = 1"),
                                           ("DELETE FROM t WHERE id = 1", "DELETE FROM t WHERE id = 1")])
def test_somebody_wrote_to_the_target(small, target, godwit, spoil, change):
    task = godwit(small, target)
    task.run().expect(DONE)
    target.execute(spoil)
    small.execute(change)
    says(task.run(), "shop.t", "drift")


def restart_with_small_files(server):
    """No file of the server grows beyond some MiB, as where a disk is full: the last page is written in part."""
    most, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3 * 1024 * 1024 + 4096, hard))
    try:
        server.restart()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))


def test_the_targets_disk_is_full(small, target, godwit):
    restart_with_small_files(target)
    small.execute("INSERT INTO t SELECT i, i FROM generate_series(4, 400000) i")
    task = godwit(small, target, copy={"chunk_bytes": "1MiB"})
    says(task.run(timeout=60).expect(FAILED), "target", "shop.t", "could not extend file", *(["free space"] if version() < 16 else []))
    target.restart()
    task.run().expect(DONE)
    assert_equal(small, target)
