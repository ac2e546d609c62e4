"""A source that is another server than before: one that has taken its place is read on, any other is refused and nothing of it applied."""

import pytest
from harness import replica, shop
from harness.compare import assert_equal
from harness.godwit import DONE, FAILED, FOUND, KILLED
from harness.proxy import Proxy
from harness.writer import Writer

BOTH = [("mysql", "mysql"), ("mariadb", "mariadb")]


@pytest.fixture
def source_options(kinds):
    return replica.OPTIONS[kinds[0]]


@pytest.fixture
def second(start, kinds, source_options):
    """Another server that could be the source; not a replica yet."""
    return start(kinds[0], "source", **source_options)


def notes(run):
    return {one["last_note"] for one in run.result().progress()}


def has_noted(run, text):
    return lambda: any(text in note for note in notes(run))


def rows(server, table="orders"):
    return server.value(f"SELECT COUNT(*) FROM shop.{table}")


@pytest.mark.parametrize("kinds", BOTH)
def test_a_replica_that_was_promoted_is_read_on(kinds, source, second, target, godwit):
    shop.load(source, 0.01)
    replica.follow(second, source)
    task = godwit(source, target)
    task.configure(source={"url": replica.hosts(source, second)})
    task.run().expect(DONE)
    run = task.start()
    with Writer(source) as writer:
        writer.wait_for(20)
        replica.hold(second)
        writer.wait_for(20)
    run.wait_until(lambda: rows(target) == rows(source) and rows(target, "order_item") == rows(source, "order_item"))
    replica.wait_until_received(second, source)
    everything = replica.logged(source)
    source.kill()
    # The target has what the replica has yet to apply.
    run.wait_until(has_noted(run, "It is waited for, as a replica may be behind"))
    replica.release(second)
    replica.wait_until_logged(second, everything)
    with Writer(second) as writer:
        run.wait_until(has_noted(run, "Its log goes on from where the target stands"))
        replica.promote(second)
        writer.wait_for(30)
    run.interrupt()
    run.wait()
    # In a new process too, which has the earlier one first, and that one runs again.
    source.start()
    last = task.run().expect(DONE).progress()[-1]
    assert last["drifted_rows"] == 0
    assert last["server"]["address"] == f"127.0.0.1:{second.port}"
    assert_equal(second, target)
    status = task.status("--json").expect(DONE).json()
    assert status["server"] == last["server"]["identity"] and not status["problems"]


def test_a_replica_that_was_written_to_too_early_is_refused(source, second, target, godwit):
    """The target has come by the numbers of what MariaDB's replica wrote itself before it had applied all, and would not get that."""
    shop.load(source, 0.002)
    replica.follow(second, source)
    with Proxy(source) as address:
        task = godwit(source, target, source={"url": address.url})
        task.run().expect(DONE)
        replica.wait_until_equal(second, source)
        # As yet it is in order, in a file that is not its last.
        second.execute("FLUSH BINARY LOGS", "FLUSH BINARY LOGS")
        address.server = second
        assert "no transaction" not in task.check().expect(DONE).text
        address.server = source
        replica.hold(second)
        source.execute("USE shop", *[f"UPDATE product SET title = 'late {number}' ORDER BY sku LIMIT 1" for number in range(3)])
        task.run().expect(DONE)
        replica.wait_until_received(second, source)
        domain, _, number = replica.logged(second).split("-")
        second.execute("UPDATE shop.customer SET name = 'early' ORDER BY id LIMIT 1", "FLUSH BINARY LOGS")
        early = replica.logged(second)
        assert early == f"{domain}-{second.value('SELECT @@server_id')}-{int(number) + 1}"
        late = f"{domain}-{source.value('SELECT @@server_id')}-{int(number) + 1}"
        replica.release(second)
        replica.wait_until_equal(second, source)
        second.execute("FLUSH BINARY LOGS")
        address.server = second
        assert f"its log has {early} before {late}" in task.check().expect(FOUND).text
        refused = task.run("--skip-checks").expect(FAILED).text
        assert f"its log has {early} before {late}" in refused and f"to go on after {replica.logged(source)} there" in refused
        assert "was written to before it had applied all" in refused and "Nothing was applied from it" in refused
        assert target.value("SELECT COUNT(*) FROM shop.customer WHERE name = 'early'") == 0
        task.run("--restart").expect(DONE)
        assert_equal(second, target)


def test_a_copy_begins_anew_on_the_replica(source, second, target, godwit):
    shop.load(source, 0.01)
    replica.follow(second, source)
    task = godwit(source, target, copy={"threads": 1})
    task.configure(source={"url": replica.hosts(source, second)})
    assert task.run(failpoints="copy.before_table_finished").code == KILLED
    # What the chunks have seen, and the replica never gets.
    replica.wait_until_equal(second, source)
    source.kill()
    replica.promote(second)
    second.execute("USE shop", "DELETE FROM order_item LIMIT 5", "UPDATE product SET title = 'other' LIMIT 5")
    assert task.run(failpoints="task.before_move").code == KILLED
    done = task.run().expect(DONE)
    assert any("What was copied from that one is copied again" in one["last_note"] for one in done.progress())
    assert_equal(second, target)


def test_files_of_the_same_names_are_not_the_relays(source, second, target, godwit, tmp_path):
    """The log of the promoted replica has files that are called as those that the relay has of the earlier server."""
    shop.load(source, 0.01)
    replica.follow(second, source)
    task = godwit(source, target, source={"relay": {"dir": str(tmp_path / "relay")}})
    task.configure(source={"url": replica.hosts(source, second)})
    task.run().expect(DONE)
    run = task.start(failpoints="task.before_move")
    with Writer(source) as writer:
        writer.wait_for(30)
    run.wait_until(lambda: rows(target) == rows(source))
    replica.wait_until_equal(second, source)
    source.kill()
    replica.promote(second)
    assert run.wait().code == KILLED
    run = task.start()
    with Writer(second) as writer:
        run.wait_until(has_noted(run, "Its log goes on from where the target stands"))
        writer.wait_for(30)
    run.wait_until(lambda: len(list((tmp_path / "relay").iterdir())) == 2)
    run.kill()
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    assert_equal(second, target)


@pytest.mark.parametrize("kinds", BOTH)
def test_a_server_with_another_history_is_refused(kinds, source, second, target, godwit):
    for server in (source, second):
        shop.load(server, 0.002)
    before = rows(source)
    with Proxy(source) as address:
        task = godwit(source, target, source={"url": address.url})
        task.run().expect(DONE)
        run = task.start()
        source.execute("UPDATE shop.product SET title = 'seen'")
        run.wait_until(lambda: target.value("SELECT COUNT(*) FROM shop.product WHERE title <> 'seen'") == 0)
        address.server = second
        second.execute("DELETE FROM shop.order_item", "DELETE FROM shop.orders")
        source.cut_connections()
        refused = run.wait().expect(FAILED).text
        assert "no transaction in common" in refused and "Nothing was applied from it" in refused and "--restart" in refused
        assert "no transaction in common" in task.check().expect(FOUND).text
        task.run("--skip-checks").expect(FAILED)
        assert rows(target) == before
        # The way out.
        address.server = source
        task.run().expect(DONE)
        assert_equal(source, target)
        address.server = second
        task.run("--restart").expect(DONE)
        assert_equal(second, target)


class TestWithoutGtids:
    @pytest.fixture
    def kinds(self):
        return "mysql", "mysql"

    @pytest.fixture
    def source_options(self):
        return {"gtid_mode": "OFF", "enforce_gtid_consistency": "OFF"}

    def test_a_file_and_offset_are_of_one_server(self, source, second, target, godwit):
        for server in (source, second):
            server.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)", "INSERT INTO shop.t VALUES (1)")
        task = godwit(source, target)
        task.run().expect(DONE)
        second.execute("INSERT INTO shop.t VALUES (2)")
        task.configure(source={"url": second.url})
        assert "is no place on another server" in task.run().expect(FOUND).text
        assert rows(target, "t") == 1
        # The same server under another name, and the first host away, is the same.
        source.execute("INSERT INTO shop.t VALUES (3)")
        source.restart()
        with Proxy(source) as other_name:
            task.configure(source={"url": f"mysql://godwit@127.0.0.1:1,127.0.0.1:{other_name.port}"})
            task.run().expect(DONE)
        assert_equal(source, target)
