"""A task that is copied anew in a cluster: once, whichever worker ends in the midst of it."""

import subprocess

import psycopg2.errors
import pymysql
import pytest
from harness.cluster import wait_for
from harness.cluster_migration import FAMILIES
from harness.godwit import BINARY, DONE, FAILED


@pytest.fixture(params=["mariadb", "postgres"])
def kinds(request):
    return request.param, request.param


def test_once_also_when_its_worker_dies_in_the_midst(cluster, source, target, kinds, tmp_path):
    table = FAMILIES[kinds[0]].qualified + "t"

    def rows():
        """None while there is no such table."""
        try:
            return target.execute(f"SELECT COUNT(*) FROM {table}")[0][0]
        except (pymysql.ProgrammingError, psycopg2.errors.UndefinedTable):
            return None

    def restarted():
        return target.execute("SELECT restarted FROM godwit.task WHERE task = 'shop'")[0][0]

    def restart(*arguments):
        return subprocess.run([str(BINARY), "task", "restart", "shop", *arguments, "--master", cluster.urls["m1"]],
                              capture_output=True, text=True, timeout=60)

    FAMILIES[kinds[0]].load(source, 0.01)
    source.execute(f"CREATE TABLE {table} (id INT PRIMARY KEY)", f"INSERT INTO {table} VALUES (1), (2), (3)")
    cluster.start(workers=0)
    # It ends itself when it comes to the second copy, once the order is written down as carried out.
    plain = dict(cluster.environment)
    cluster.environment["GODWIT_FAILPOINTS"] = "task.before_prepared:2"
    cluster.start_worker("w1")
    cluster.environment = plain
    cluster.post("sources", cluster.source_file("a", source))
    cluster.post("tasks", cluster.task_file("shop", ["a"], target))
    cluster.wait_until(lambda: cluster.phase("shop") == "streaming")
    target.execute(f"DELETE FROM {table} WHERE id = 2")
    assert restarted() == 0

    unsure = restart()
    assert unsure.returncode == FAILED and "--yes" in unsure.stderr, unsure
    assert restarted() == 0 and rows() == 2
    done = restart("--source", "a", "--yes")
    assert done.returncode == DONE and "copied anew on a" in done.stdout, done
    wait_for(lambda: cluster.workers["w1"].ended, 20, "its worker has not ended")
    order = restarted()
    assert order > 0
    cluster.start_worker("w2")
    cluster.wait_until(lambda: cluster.status("shop")["worker"] == "w2" and cluster.phase("shop") == "streaming", 30)
    assert rows() == 3 and restarted() == order
    FAMILIES[kinds[0]].compare_live(source, target)

    # What has been carried out is not done again by who takes the task up after that.
    target.execute(f"DELETE FROM {table} WHERE id = 2")
    cluster.post("tasks/shop/stop")
    cluster.wait_until(lambda: cluster.status("shop")["stage"] == "Stopped")
    cluster.post("tasks/shop/start")
    source.execute(f"INSERT INTO {table} VALUES (4)")
    cluster.wait_until(lambda: rows() == 3)
    assert restarted() == order and cluster.status("shop")["status"]["copy"]["rows_of_run"] == 0
    # Of one that is stopped too; and another time is another order.
    cluster.post("tasks/shop/stop")
    assert restart("--yes").returncode == DONE
    cluster.wait_until(lambda: restarted() > order and rows() == 4)
