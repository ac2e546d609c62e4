"""Tasks that are to begin at a place in the log: what is not there any more, or never was, is said before anything is done."""

import time

import pytest
from harness.compare import assert_equal
from harness.godwit import DONE, FOUND

TABLE = ("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)", "INSERT INTO shop.t VALUES (1)")


@pytest.fixture(params=["mariadb", "mysql"])
def kinds(request):
    return request.param, request.param


def end_of_log(server):
    """File, offset and GTIDs."""
    row = server.execute("SHOW BINARY LOG STATUS" if server.is_mysql else "SHOW MASTER STATUS")[0]
    return row[0], row[1], row[4] if server.is_mysql else server.value("SELECT @@gtid_binlog_pos")


def purge(server):
    """All of the log but its last file; the server keeps what somebody may read yet."""
    deadline = time.monotonic() + 20
    while len(logs := server.execute("SHOW BINARY LOGS")) > 1:
        assert time.monotonic() < deadline
        server.execute(f"PURGE BINARY LOGS TO '{logs[-1][0]}'")
        time.sleep(0.1)


def test_it_has_to_be_there(source, target, godwit):
    source.execute(*TABLE)
    target.execute(*TABLE)
    file, offset, gtids = end_of_log(source)
    source.execute("INSERT INTO shop.t VALUES (2)", "FLUSH BINARY LOGS", "INSERT INTO shop.t VALUES (3)")
    purge(source)
    now_file, now_offset, now_gtids = end_of_log(source)
    later = gtids.split(":")[0] + ":1-1000" if source.is_mysql else f"0-{source.port}-1000"
    task = godwit(source, target, mode="stream")

    def refused(start, *words):
        task.configure(stream={"start": start})
        found = {item["name"]: item for item in task.check("--json").expect(FOUND).json()["items"]}
        assert {name for name, item in found.items() if item["result"] == "fail"} == {"source: log position"}
        item = found["source: log position"]
        for word in words:
            assert word in item["finding"] + item["remedy"], item
        assert words[0] in task.run().expect(FOUND).text
        assert not target.execute("SHOW DATABASES LIKE 'godwit'")

    refused({"gtid": gtids}, "purged", gtids, "mode: migrate")
    refused({"file": file, "offset": offset}, f"has no {file}", now_file)
    refused({"gtid": later}, "the source", ":6-1000" if source.is_mysql else "1236")
    refused({"file": now_file, "offset": now_offset + 1000}, f"no more than {now_offset} bytes")
    refused({"gtid": "nonsense"}, "nonsense")
    task.configure(stream={"start": {"gtid": now_gtids}})
    found = {item["name"]: item for item in task.check("--json").expect(DONE).json()["items"]}
    assert found["source: log position"]["result"] == "pass" and now_gtids in found["source: log position"]["finding"]
    target.execute("INSERT INTO shop.t VALUES (2), (3)")
    source.execute("INSERT INTO shop.t VALUES (4)")
    task.run().expect(DONE)
    source.execute("INSERT INTO shop.t VALUES (5)")
    task.run().expect(DONE)
    assert_equal(source, target)
