"""A source with `relay: on`: its worker reads the source's log once, however many tasks follow it; and without the relay they go on."""

import re
import urllib.request

from harness.compare import assert_equal


def test_two_tasks_read_the_log_once(cluster, source, target, tmp_path):
    def dumps():
        return source.value("SELECT COUNT(*) FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%'")

    def goes_through(number):
        for table in ("one", "two"):
            source.execute(f"INSERT INTO shop.{table} VALUES ({number})")
        cluster.wait_until(lambda: all(target.value(f"SELECT COUNT(*) FROM shop.{table} WHERE id = {number}") for table in ("one", "two")))

    source.execute("CREATE DATABASE shop", *(f"CREATE TABLE shop.{table} (id INT PRIMARY KEY)" for table in ("one", "two")))
    relay = tmp_path / "relay"
    cluster.start(workers=0)
    cluster.start_worker("w1", "--relay-dir", str(relay))
    cluster.post("sources", cluster.source_file("a", source, relay="on"))
    for table in ("one", "two"):
        cluster.post("tasks", cluster.task_file(table, ["a"], target, tables={"include": [f"shop.{table}"]}))
    cluster.wait_until(lambda: all(cluster.phase(table) == "streaming" for table in ("one", "two")))
    goes_through(1)
    cluster.wait_until(lambda: dumps() == 1)
    goes_through(2)
    assert any((relay / "a").iterdir())

    def standing():
        return cluster.get("sources/a/relay")["relay"]

    cluster.wait_until(lambda: standing()["bytes_behind"] == 0)
    now = standing()
    assert now["state"] == "running" and now["readers"] == ["one", "two"] and str(relay / "a") in now["folder"], now
    assert now["files"] == 1 and now["bytes"] > 0 and now["newest"].startswith(now["oldest"]), now
    metrics = urllib.request.urlopen(cluster.get("members")["workers"][0]["address"] + "/metrics").read().decode()
    assert re.search(r'^godwit_relay_running{source="a"} 1$', metrics, re.M), metrics

    cluster.post("sources/a/relay/pause")
    cluster.wait_until(lambda: dumps() == 2)
    assert standing()["state"] == "paused"
    goes_through(3)
    cluster.post("sources/a/relay/resume")
    goes_through(4)
    cluster.wait_until(lambda: dumps() == 1)
    goes_through(5)
    assert_equal(source, target)
