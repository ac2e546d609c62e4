"""Where the source stores rows is not where the target does."""

from harness.compare import assert_equal
from harness.godwit import DONE


def test_directories_are_left_out(source, target, godwit, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir(mode=0o777)
    disk.chmod(0o777)
    place = f"DATA DIRECTORY '{disk}'"
    source.execute("CREATE DATABASE shop", f"CREATE TABLE shop.t (id INT PRIMARY KEY) {place}",
                   "INSERT INTO shop.t VALUES (1)", f"CREATE TABLE shop.p (id INT PRIMARY KEY) "
                   f"PARTITION BY LIST (id) (PARTITION a VALUES IN (1) {place})")
    task = godwit(source, target)
    assert f"DATA DIRECTORY='{disk}/' is left out" in task.check().expect(DONE).text
    task.run().expect(DONE)
    source.execute(f"ALTER TABLE shop.p ADD PARTITION (PARTITION b VALUES IN (2) {place})",
                   "INSERT INTO shop.p VALUES (2)", f"CREATE TABLE shop.u (id INT PRIMARY KEY) {place}",
                   "INSERT INTO shop.u VALUES (1)")
    task.run().expect(DONE)
    assert_equal(source, target)
    for table in "tpu":
        assert "DIRECTORY" not in target.execute(f"SHOW CREATE TABLE shop.{table}")[0][1]


def test_a_table_of_the_target_may_lie_where_it_lies(source, target, godwit, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    disk.chmod(0o777)
    source.execute("CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY)", "INSERT INTO shop.t VALUES (1)")
    target.execute("CREATE DATABASE shop", f"CREATE TABLE shop.t (id INT PRIMARY KEY) DATA DIRECTORY '{disk}'")
    godwit(source, target, target={"if_exists": "append"}).run().expect(DONE)
    assert_equal(source, target)
    assert "DIRECTORY" in target.execute("SHOW CREATE TABLE shop.t")[0][1]
