"""The hosts of a source are changed while its tasks run, and these go on at the one that takes the place of the first."""

import pytest
from harness import replica
from harness.compare import assert_equal


@pytest.fixture
def source_options():
    return replica.OPTIONS["mariadb"]


def test_hosts_are_changed_while_a_task_runs(cluster, start, source_options, source, target):
    def goes_through(number, server):
        server.execute(f"INSERT INTO shop.t VALUES ({number})")
        cluster.wait_until(lambda: target.value(f"SELECT COUNT(*) FROM shop.t WHERE id = {number}"))

    def is_read(server):
        """As the worker says, which knows of none while it begins."""
        status = cluster.status("shop")["status"] or {}
        return (status.get("server") or {}).get("address") == f"127.0.0.1:{server.port}"

    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)")
    second = start("mariadb", "source", **source_options)
    replica.follow(second, source)
    stranger = start("mariadb", "source", **source_options)
    stranger.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)")
    cluster.start()
    cluster.post("sources", cluster.source_file("a", source))
    cluster.post("tasks", cluster.task_file("shop", ["a"], target))
    cluster.wait_until(lambda: cluster.phase("shop") == "streaming")
    goes_through(1, source)
    cluster.wait_until(lambda: is_read(source))

    status, answer = cluster.ask("PUT", "sources/a", cluster.source_file("a", stranger))
    assert status != 200 and "no transaction in common" in str(answer) and "task shop" in str(answer), (status, answer)
    cluster.expect(200, "PUT", "sources/a", cluster.source_file("a", source, url=replica.hosts(source, second)))
    goes_through(2, source)

    replica.wait_until_equal(second, source)
    source.kill()
    replica.promote(second)
    goes_through(3, second)
    cluster.wait_until(lambda: is_read(second))
    assert cluster.status("shop")["stage"] == "Running"
    assert_equal(second, target)
