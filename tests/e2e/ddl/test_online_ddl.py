"""Online schema changes by gh-ost and pt-online-schema-change, by the statements that these tools issue: their
tables are not copied, and their change reaches the target as the one DDL it amounts to, whatever way they switch."""

import re
import threading
import time

import pytest
from harness.compare import assert_equal
from harness.godwit import BAD_USAGE, DONE, FAILED, KILLED
from harness.writer import Writer

SETUP = ["CREATE DATABASE shop", "USE shop",
         "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a VARCHAR(20) DEFAULT 'none', b INT, KEY (b))",
         "INSERT INTO t (a, b) SELECT CONCAT('a', seq), seq % 7 FROM seq_1_to_3000",
         "CREATE TABLE other (id INT PRIMARY KEY, v INT)", "INSERT INTO other VALUES (1, 1)"]

# name: clauses of the ALTER, columns of the old table and what they are called in the new one.
CHANGES = {
    "column_added": ("ADD COLUMN n INT NOT NULL DEFAULT 7 AFTER id", "id, a, b", "id, a, b"),
    "column_dropped": ("DROP COLUMN a", "id, b", "id, b"),
    "column_renamed": ("CHANGE a label VARCHAR(40) NOT NULL DEFAULT ''", "id, a, b", "id, label, b"),
    "columns_moved": ("MODIFY b BIGINT FIRST, ADD KEY ab (a, b), DROP KEY b", "id, a, b", "id, a, b"),
    "rebuilt": ("ENGINE=InnoDB", "id, a, b", "id, a, b"),
    "options": ("COMMENT='x', CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "id, a, b", "id, a, b"),
    "several": ("ADD c DATE, DROP KEY b, MODIFY a TEXT, ADD UNIQUE KEY u (b, id)", "id, a, b", "id, a, b"),
    "partitioned": ("PARTITION BY HASH (id) PARTITIONS 3", "id, a, b", "id, a, b"),
}


def gh_ost_begins(alter):
    return ["CREATE /* gh-ost */ TABLE `shop`.`_t_gho` LIKE `shop`.`t`",
            "CREATE /* gh-ost */ TABLE `shop`.`_t_ghc` (id bigint unsigned auto_increment, last_update timestamp not null DEFAULT "
            "CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, hint varchar(64) charset ascii not null, value varchar(4096) charset ascii "
            "not null, primary key(id), unique key hint_uidx(hint)) auto_increment=256",
            f"ALTER /* gh-ost */ TABLE `shop`.`_t_gho` {alter}",
            "INSERT /* gh-ost */ INTO `shop`.`_t_ghc` (id, hint, value) VALUES (NULLIF(1, 0), 'state', 'x') ON DUPLICATE KEY UPDATE value = 'x'"]


def fill(shadow, old, new):
    return [*(triggers(shadow, old, new) if shadow.endswith("_new") else []),
            f"INSERT /* row copy */ IGNORE INTO `shop`.`{shadow}` ({new}) SELECT {old} FROM `shop`.`t` FORCE INDEX (`PRIMARY`)"]


SENTRY = ["CREATE /* gh-ost */ TABLE `shop`.`_t_del` (id int auto_increment primary key) ENGINE=InnoDB COMMENT='ghost-cut-over-sentry'",
          "DROP /* gh-ost */ TABLE IF EXISTS `shop`.`_t_del`"]

# name: (shadow, statements of the switch).
SWITCHES = {
    "gh_ost": ("_t_gho", [*SENTRY, "RENAME /* gh-ost */ TABLE `shop`.`t` TO `shop`.`_t_del`, `shop`.`_t_gho` TO `shop`.`t`",
                          "DROP TABLE `_t_ghc`", "DROP TABLE `_t_del`"]),
    "gh_ost_two_step": ("_t_gho", ["ALTER /* gh-ost */ TABLE `shop`.`t` RENAME `_t_del`", "INSERT INTO other VALUES (50, 50)",
                                   "ALTER /* gh-ost */ TABLE `shop`.`_t_gho` RENAME `t`", "DROP TABLE `_t_ghc`"]),
    "gh_ost_two_renames": ("_t_gho", ["RENAME TABLE t TO _t_20260102030405_del", "RENAME TABLE _t_gho TO t"]),
    "gh_ost_keeps_the_old": ("_t_gho", ["RENAME TABLE t TO _t_20260102030405_del, _t_gho TO t"]),
    "pt": ("_t_new", ["ANALYZE TABLE `shop`.`_t_new`", "RENAME TABLE `shop`.`t` TO `shop`.`_t_old`, `shop`.`_t_new` TO `shop`.`t`",
                      "DROP TABLE IF EXISTS `shop`.`_t_old`"]),
    "pt_underscores": ("__t_new", ["RENAME TABLE `shop`.`t` TO `shop`.`__t_old`, `shop`.`__t_new` TO `shop`.`t`"]),
    "pt_drop_swap": ("_t_new", ["SET foreign_key_checks=0", "DROP TABLE IF EXISTS `shop`.`t`", "INSERT INTO other VALUES (51, 51)",
                                "RENAME TABLE `shop`.`_t_new` TO `shop`.`t`", "SET foreign_key_checks=1"]),
}


def begins(shadow, alter):
    if shadow == "_t_gho":
        return gh_ost_begins(alter)
    return [f"CREATE TABLE `shop`.`{shadow}` (`id` int(11) NOT NULL AUTO_INCREMENT, `a` varchar(20) DEFAULT 'none', `b` int(11) DEFAULT NULL, "
            "PRIMARY KEY (`id`), KEY `b` (`b`)) ENGINE=InnoDB", f"ALTER TABLE `shop`.`{shadow}` {alter}"]


def triggers(shadow, old, new):
    """Those by which pt-online-schema-change carries changes to its new table."""
    values = ", ".join(f"NEW.`{column}`" for column in old.split(", "))
    return [f"CREATE TRIGGER pt_osc_shop_t_del AFTER DELETE ON t FOR EACH ROW DELETE IGNORE FROM `{shadow}` WHERE `{shadow}`.id <=> OLD.id",
            f"CREATE TRIGGER pt_osc_shop_t_upd AFTER UPDATE ON t FOR EACH ROW BEGIN DELETE IGNORE FROM `{shadow}` WHERE !(OLD.id <=> NEW.id) "
            f"AND `{shadow}`.id <=> OLD.id; REPLACE INTO `{shadow}` ({new}) VALUES ({values}); END",
            f"CREATE TRIGGER pt_osc_shop_t_ins AFTER INSERT ON t FOR EACH ROW REPLACE INTO `{shadow}` ({new}) VALUES ({values})"]


def write(cursor, rng):
    """Like any application: it knows the columns that stay."""
    cursor.execute("INSERT INTO t (b) VALUES (%s)", (rng.randrange(50),))
    cursor.execute("UPDATE t SET b = b + 1 WHERE id = %s", (rng.randrange(3000),))
    cursor.execute("DELETE FROM t WHERE id = %s", (rng.randrange(3000),))


def tables(server):
    return [row[0] for row in server.execute("SHOW TABLES IN shop")]


def expect_followed(source, target, result, again=False):
    """As one ALTER of the target's table, without another copy."""
    assert ("it is copied by itself first" in result.text) == again, result.text[-3000:]
    assert tables(target) == [name for name in tables(source) if not name.startswith("_")]
    compared = {"shop": ["t", "other"]}
    for name in compared["shop"]:
        assert source.execute(f"SELECT * FROM shop.{name} ORDER BY id") == target.execute(f"SELECT * FROM shop.{name} ORDER BY id")
        one, two = (server.execute(f"SHOW CREATE TABLE shop.{name}")[0][1] for server in (source, target))
        assert strip(one) == strip(two)


def strip(definition):
    """Without the next AUTO_INCREMENT, and the keys in any order."""
    return sorted(line.rstrip(",") for line in re.sub(r" AUTO_INCREMENT=\d+", "", definition).splitlines())


# Each change with every other way to switch, and each way with every other change.
EVERY_OTHER = [(change, switch) for i, change in enumerate(CHANGES) for j, switch in enumerate(SWITCHES) if (i + j) % 2 == 0]


@pytest.mark.parametrize("change, switch", EVERY_OTHER)
def test_in_the_stream(source, target, godwit, change, switch):
    alter, old, new = CHANGES[change]
    shadow, switching = SWITCHES[switch]
    source.execute(*SETUP)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", *begins(shadow, alter), "UPDATE t SET b = 99 WHERE id = 5")
    task.run().expect(DONE)  # what is known of the shadow outlives a run
    source.execute("USE shop", *fill(shadow, old, new), *switching, "UPDATE t SET b = 98 WHERE id = 6", "INSERT INTO t (b) VALUES (1000)")
    result = task.run().expect(DONE)
    expect_followed(source, target, result)
    source.execute("USE shop", "DELETE FROM t WHERE id < 10", "ALTER TABLE t ADD last INT")
    expect_followed(source, target, task.run().expect(DONE))


def by_triggers(source, alter, old, new):
    """As pt-online-schema-change: while triggers carry the changes."""
    definition = source.execute("SHOW CREATE TABLE shop.t")[0][1].replace("TABLE `t`", "TABLE `_t_new`")
    source.execute("USE shop", definition, f"ALTER TABLE _t_new {alter}", *fill("_t_new", old, new))
    time.sleep(0.3)
    source.execute("USE shop", *SWITCHES["pt"][1])


def behind_a_lock(source, alter, old, new):
    """As gh-ost: the RENAME waits for a lock, behind which the shadow is brought up to date."""
    source.execute("USE shop", *gh_ost_begins(alter), *fill("_t_gho", old, new))
    holder = source.connect(database="shop")
    with holder, holder.cursor() as cursor:
        cursor.execute(SENTRY[0])
        cursor.execute("LOCK TABLES t READ, _t_del WRITE")
        source.execute("DELETE FROM shop._t_gho", *fill("_t_gho", old, new))
        renaming = threading.Thread(target=source.execute, args=(
            "RENAME /* gh-ost */ TABLE `shop`.`t` TO `shop`.`_t_del`, `shop`.`_t_gho` TO `shop`.`t`",))
        renaming.start()
        while not source.execute("SELECT id FROM information_schema.processlist WHERE info LIKE 'RENAME%' AND state LIKE 'Waiting%'"):
            time.sleep(0.01)
        cursor.execute("DROP TABLE _t_del")
        time.sleep(0.3)  # now it waits for t, before all who write
        cursor.execute("UNLOCK TABLES")
        renaming.join()
    source.execute("USE shop", "DROP TABLE _t_ghc", "DROP TABLE _t_del")


@pytest.mark.parametrize("tool", [by_triggers, behind_a_lock])
@pytest.mark.parametrize("consistency", ["prefix", "row"])
def test_while_the_table_is_written_to(source, target, godwit, tool, consistency):
    source.execute(*SETUP)
    task = godwit(source, target, stream={"consistency": consistency, "lanes": 3})
    run = task.start()
    turns = [("CHANGE a label VARCHAR(40) NOT NULL DEFAULT ''", "id, a, b", "id, label, b"),
             ("ADD COLUMN n INT DEFAULT 3 FIRST", "id, label, b", "id, label, b")]
    with Writer(source, [write]) as writer:
        writer.wait_for(50)
        run.wait_until(lambda: '"phase":"streaming"' in run.result().out)
        for alter, old, new in turns:
            writer.wait_for(50)
            tool(source, alter, old, new)
            assert not run.ended, run.result().text
        writer.wait_for(50)
    run.interrupt()
    first = run.wait()
    result = task.run().expect(DONE)
    assert "it is copied by itself first" not in first.text
    expect_followed(source, target, result)


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("failpoint", ["ddl.after_pending", "ddl.after_execute", "ddl.before_done", "ddl.after_done"])
def test_killed_on_the_way(source, target, godwit, switch, failpoint):
    alter, old, new = CHANGES["column_renamed"]
    shadow, switching = SWITCHES[switch]
    source.execute(*SETUP)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", *begins(shadow, alter), *fill(shadow, old, new), *switching, "INSERT INTO t (b) VALUES (1000)")
    kills = 0
    for passage in (1, 2, 1, 2):
        kills += task.run(failpoints=f"{failpoint}:{passage}").code == KILLED
    assert kills >= 2
    expect_followed(source, target, task.run().expect(DONE))


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("chunks, change", [(1, "column_renamed"), (3, "rebuilt")])
def test_during_the_copy(source, target, godwit, switch, chunks, change):
    """The switch comes between two chunks of the table; then as it is being caught up with."""
    alter, old, new = CHANGES[change]
    shadow, switching = SWITCHES[switch]
    source.execute(*SETUP, "INSERT INTO t (a, b) SELECT REPEAT('x', 20), seq FROM seq_1_to_20000")
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 1})
    source.execute("USE shop", *begins(shadow, alter), *fill(shadow, old, new))
    assert task.run(failpoints=f"copy.after_chunk_commit:{chunks}").code == KILLED
    source.execute("USE shop", "DELETE FROM t WHERE id = 3", f"DELETE FROM {shadow} WHERE id = 3", *switching, "INSERT INTO t (b) VALUES (1000)")
    task.run().expect(DONE)
    source.execute("USE shop", "UPDATE t SET b = 1 WHERE id < 5")
    expect_followed(source, target, task.run().expect(DONE))


@pytest.mark.parametrize("switch", SWITCHES)
def test_while_it_is_caught_up_with(source, target, godwit, switch):
    alter, old, new = CHANGES["column_added"]
    shadow, switching = SWITCHES[switch]
    source.execute(*SETUP)
    task = godwit(source, target)
    assert task.run(failpoints="task.before_catching_up").code == KILLED
    source.execute("USE shop", *begins(shadow, alter), *fill(shadow, old, new), *switching, "INSERT INTO t (b) VALUES (1000)")
    task.run().expect(DONE)
    expect_followed(source, target, task.run().expect(DONE))


@pytest.mark.parametrize("switch", SWITCHES)
def test_begun_before_the_task(source, target, godwit, switch):
    """What the shadow is cannot be known from the log: the table is copied again."""
    alter, old, new = CHANGES["column_renamed"]
    shadow, switching = SWITCHES[switch]
    source.execute(*SETUP, *begins(shadow, alter))
    task = godwit(source, target)
    task.run().expect(DONE)
    assert shadow not in tables(target)
    source.execute("USE shop", *fill(shadow, old, new), *switching, "INSERT INTO t (b) VALUES (1000)")
    expect_followed(source, target, task.run().expect(DONE), again=True)


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("alter", ["", "ADD COLUMN n INT DEFAULT 3"])
def test_a_table_that_takes_the_place_empty(source, target, godwit, switch, alter):
    """The old one goes to the archive: no tool has filled the new one with its rows."""
    shadow, switching = SWITCHES[switch]
    source.execute(*SETUP)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", f"CREATE TABLE {shadow} LIKE t", *([f"ALTER TABLE {shadow} {alter}"] if alter else []))
    task.run().expect(DONE)
    made = ["CREATE TABLE _t_ghc (id INT PRIMARY KEY)"] if switch.startswith("gh_ost") and any("_t_ghc" in one for one in switching) else []
    source.execute("USE shop", *made, *switching, "INSERT INTO t (b) VALUES (1000)")
    expect_followed(source, target, task.run().expect(DONE), again=True)
    assert target.value("SELECT COUNT(*) FROM shop.t") == 1


FILLED_BY_HAND = {
    "some_rows": ["CREATE TABLE _t_new LIKE t", "INSERT INTO _t_new SELECT * FROM t WHERE id > 2990"],
    "other_values": ["CREATE TABLE _t_new LIKE t", "INSERT INTO _t_new SELECT id, 'made anew', b FROM t"],
    "triggers_gone": ["CREATE TABLE _t_new LIKE t", *triggers("_t_new", "id, a, b", "id, a, b"), "INSERT INTO _t_new SELECT * FROM t",
                      *[f"DROP TRIGGER pt_osc_shop_t_{event}" for event in ("del", "upd", "ins")], "DELETE FROM t WHERE id < 10"],
    "emptied": ["CREATE TABLE _t_new LIKE t", *triggers("_t_new", "id, a, b", "id, a, b"), "INSERT INTO _t_new SELECT * FROM t", "TRUNCATE _t_new"],
    "another_of_that_name": ["CREATE TABLE _t_new LIKE t", *triggers("_t_new", "id, a, b", "id, a, b"), "INSERT INTO _t_new SELECT * FROM t",
                             "RENAME TABLE _t_new TO _x_gone", "CREATE TABLE _y LIKE t", "RENAME TABLE _y TO _t_new"],
}


@pytest.mark.parametrize("runs", [1, 2])
@pytest.mark.parametrize("case", FILLED_BY_HAND)
def test_a_table_that_takes_the_place_with_rows_of_its_own(source, target, godwit, case, runs):
    source.execute(*SETUP)
    task = godwit(source, target, tables={"include": ["shop.t", "shop.other"]})
    task.run().expect(DONE)
    source.execute("USE shop", *FILLED_BY_HAND[case])
    if runs == 2:
        task.run().expect(DONE)
    source.execute("USE shop", "RENAME TABLE t TO _t_old, _t_new TO t", "INSERT INTO t (b) VALUES (1000)")
    assert "it is copied by itself first" in task.run().expect(DONE).text
    for table in ("t", "other"):
        assert source.execute(f"SELECT * FROM shop.{table} ORDER BY id") == target.execute(f"SELECT * FROM shop.{table} ORDER BY id")


@pytest.mark.parametrize("chunks", [1, 3])
def test_a_table_that_takes_the_place_empty_during_the_copy(source, target, godwit, chunks):
    source.execute(*SETUP, "INSERT INTO t (a, b) SELECT REPEAT('x', 20), seq FROM seq_1_to_20000")
    task = godwit(source, target, copy={"chunk_bytes": "64KiB", "threads": 1})
    assert task.run(failpoints=f"copy.after_chunk_commit:{chunks}").code == KILLED
    source.execute("USE shop", "CREATE TABLE _t_new LIKE t", "RENAME TABLE t TO _t_old, _t_new TO t", "INSERT INTO t (b) VALUES (1000)")
    task.run().expect(DONE)
    assert source.execute("SELECT * FROM shop.t") == target.execute("SELECT * FROM shop.t")


@pytest.mark.parametrize("switch", SWITCHES)
def test_what_is_known_of_a_shadow_outlives_each_run(source, target, godwit, switch):
    """Filled in one run, switched in the next, and the run killed between."""
    alter, old, new = CHANGES["column_added"]
    shadow, switching = SWITCHES[switch]
    source.execute(*SETUP)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", *begins(shadow, alter), *fill(shadow, old, new), "UPDATE t SET b = 99 WHERE id = 5", "UPDATE other SET v = 2")
    if shadow == "_t_gho":
        source.execute(f"UPDATE shop.{shadow} SET b = 99 WHERE id = 5")
    assert task.run(failpoints="apply.after_commit:1").code == KILLED
    task.run().expect(DONE)
    source.execute("USE shop", *switching, "INSERT INTO t (b) VALUES (1000)")
    expect_followed(source, target, task.run().expect(DONE))


@pytest.mark.parametrize("alter", ["ADD COLUMN made TIMESTAMP DEFAULT CURRENT_TIMESTAMP", "ADD COLUMN token VARCHAR(40) DEFAULT (UUID())"])
def test_values_that_only_a_copy_has(source, target, godwit, alter):
    source.execute(*SETUP)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", *gh_ost_begins(alter), *fill("_t_gho", "id, a, b", "id, a, b"), *SWITCHES["gh_ost"][1])
    expect_followed(source, target, task.run().expect(DONE), again=True)


def test_rows_that_the_tool_left_out(source, target, godwit):
    """A unique key that some rows break: the tool dropped them, and the target's ALTER waits for the operator."""
    source.execute(*SETUP)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", *gh_ost_begins("ADD UNIQUE KEY one (b)"), *fill("_t_gho", "id, a, b", "id, a, b"), *SWITCHES["gh_ost"][1])
    result = task.run().expect(FAILED)
    assert "Duplicate entry" in result.text and "ADD UNIQUE KEY `one`" in result.text
    keep = ", ".join(str(row[0]) for row in source.execute("SELECT id FROM shop.t"))
    task.ddl("replace", "--sql", f"DELETE FROM shop.t WHERE id NOT IN ({keep})", "--sql", "ALTER TABLE shop.t ADD UNIQUE KEY one (b)").expect(DONE)
    expect_followed(source, target, task.run().expect(DONE))


def test_one_that_is_given_up(source, target, godwit):
    source.execute(*SETUP)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", *gh_ost_begins("ADD COLUMN n INT"), *fill("_t_gho", "id, a, b", "id, a, b"))
    result = task.run().expect(DONE)
    expect_followed(source, target, result)
    check = task.check().expect(DONE).text
    assert "shop._t_gho" in check and "online schema changes" in check
    source.execute("USE shop", "DROP TABLE _t_gho", "DROP TABLE _t_ghc", "INSERT INTO t (b) VALUES (1)")
    expect_followed(source, target, task.run().expect(DONE))
    # And a drop of the table itself, while a shadow is there, is done when that goes too.
    source.execute("USE shop", *gh_ost_begins("ADD COLUMN n INT"), "DROP TABLE t")
    task.run().expect(DONE)
    assert "t" in tables(target)
    source.execute("USE shop", "DROP TABLE _t_gho")
    task.run().expect(DONE)
    assert tables(target) == ["other"]


def test_put_aside_and_back(source, target, godwit):
    source.execute(*SETUP)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", *gh_ost_begins("ADD COLUMN n INT"), "RENAME TABLE t TO _t_del")
    task.run().expect(DONE)
    assert "set-aside" in task.status().text
    source.execute("USE shop", "RENAME TABLE _t_del TO t", "INSERT INTO t (b) VALUES (1)")
    expect_followed(source, target, task.run().expect(DONE), again=True)
    source.execute("USE shop", "RENAME TABLE t TO _t_del", "CREATE TABLE t (id INT PRIMARY KEY, fresh INT)", "INSERT INTO t VALUES (1, 1)")
    expect_followed(source, target, task.run().expect(DONE), again=True)


def test_back_among_other_names(source, target, godwit):
    """What was set aside comes back in a statement that does more."""
    source.execute(*SETUP, "CREATE TABLE third (id INT PRIMARY KEY)", "INSERT INTO third VALUES (1)")
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", *gh_ost_begins("ADD COLUMN n INT"), "RENAME TABLE t TO _t_del")
    task.run().expect(DONE)
    source.execute("USE shop", "RENAME TABLE _t_del TO t, third TO fourth", "INSERT INTO t (b) VALUES (1)", "INSERT INTO fourth VALUES (2)")
    assert "it is copied by itself first" in task.run().expect(DONE).text
    source.execute("USE shop", "INSERT INTO t (b) VALUES (2)", "DROP TABLE _t_gho", "DROP TABLE _t_ghc")
    task.run().expect(DONE)
    assert_equal(source, target)
    # And as another one is set aside.
    source.execute("USE shop", "CREATE TABLE _t_gho LIKE t", "CREATE TABLE _other_gho LIKE other", "RENAME TABLE t TO _t_del")
    task.run().expect(DONE)
    source.execute("USE shop", "RENAME TABLE _t_del TO t, other TO _other_del", "INSERT INTO t (b) VALUES (3)")
    task.run().expect(DONE)
    source.execute("USE shop", "INSERT INTO _other_gho SELECT * FROM _other_del",
                   "RENAME TABLE _other_gho TO other", "INSERT INTO other VALUES (77, 7)", "DROP TABLE _other_del", "DROP TABLE _t_gho")
    task.run().expect(DONE)
    assert_equal(source, target)


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("alter", ["ADD COLUMN n INT DEFAULT 3", "ADD COLUMN made TIMESTAMP DEFAULT CURRENT_TIMESTAMP"])
def test_of_a_table_that_the_target_lacks(source, target, godwit, switch, alter):
    """By the rules it was never made there: it is left out in its new form too."""
    shadow, switching = SWITCHES[switch]
    source.execute("CREATE DATABASE shop", "USE shop", SETUP[4])
    task = godwit(source, target, ddl={"events": {"create_table": "ignore"}})
    task.run().expect(DONE)
    source.execute("USE shop", SETUP[2], "INSERT INTO t (b) VALUES (1), (2)", *begins(shadow, alter))
    task.run().expect(DONE)
    source.execute("USE shop", *fill(shadow, "id, a, b", "id, a, b"), *switching[:-1])
    task.run().expect(DONE)
    source.execute("USE shop", switching[-1], "INSERT INTO t (b) VALUES (1000)", "INSERT INTO other VALUES (60, 60)")
    result = task.run().expect(DONE)
    assert "copied by itself" not in result.text
    assert tables(target) == ["other"]
    assert source.execute("SELECT * FROM shop.other") == target.execute("SELECT * FROM shop.other")


def test_children_of_the_table(source, target, godwit):
    """pt-online-schema-change's two ways with foreign keys: they are built anew, or the old table is dropped first."""
    child = ["CREATE TABLE child (id INT PRIMARY KEY, t INT, KEY (t), CONSTRAINT f FOREIGN KEY (t) REFERENCES t (id) ON DELETE CASCADE)",
             "INSERT INTO child SELECT seq, seq FROM seq_1_to_100"]
    source.execute(*SETUP, *child)
    task = godwit(source, target)
    task.run().expect(DONE)
    source.execute("USE shop", *begins("_t_new", "ADD n INT"), *fill("_t_new", "id, a, b", "id, a, b"),
                   "RENAME TABLE t TO _t_old, _t_new TO t", "DELETE FROM other", "ALTER TABLE child DROP FOREIGN KEY f, ADD CONSTRAINT _f FOREIGN KEY (t) REFERENCES t (id) ON DELETE CASCADE",
                   "DROP TABLE _t_old", "DELETE FROM t WHERE id < 20")
    assert "copied by itself" not in task.run().expect(DONE).text
    assert_equal(source, target)
    source.execute("USE shop", "CREATE TABLE _t_new LIKE t", "ALTER TABLE _t_new ADD m INT", *fill("_t_new", "id, a, b", "id, a, b"),
                   "SET foreign_key_checks=0", "DROP TABLE t", "RENAME TABLE _t_new TO t", "SET foreign_key_checks=1", "DELETE FROM t WHERE id < 40")
    assert "copied by itself" not in task.run().expect(DONE).text
    assert_equal(source, target)


def test_turned_off_they_are_tables_like_any_other(source, target, godwit):
    source.execute(*SETUP)
    task = godwit(source, target, online_ddl=False)
    task.run().expect(DONE)
    source.execute("USE shop", *begins("_t_new", "ADD n INT"), *fill("_t_new", "id, a, b", "id, a, b"))
    task.run().expect(DONE)
    assert_equal(source, target)
    source.execute("USE shop", "RENAME TABLE t TO _t_old, _t_new TO t", "INSERT INTO t (b) VALUES (1)")
    task.run().expect(DONE)
    assert_equal(source, target)


def test_other_names(source, target, godwit):
    source.execute(*SETUP)
    task = godwit(source, target, online_ddl_shadow=["^(.+)_shadow$"], online_ddl_trash=["^(.+)_gone$"])
    task.run().expect(DONE)
    source.execute("USE shop", "CREATE TABLE t_shadow LIKE t", "ALTER TABLE t_shadow ADD n INT", *fill("t_shadow", "id, a, b", "id, a, b"),
                   "RENAME TABLE t TO t_gone, t_shadow TO t", "DROP TABLE t_gone", "CREATE TABLE _x_old (id INT PRIMARY KEY)")
    assert "copied by itself" not in task.run().expect(DONE).text
    assert_equal(source, target)


@pytest.mark.parametrize("pattern, expected", [("^_(.+", "not a regular expression"), ("^_.+_new$", "one group"), ("^(_)(.+)$", "one group")])
def test_patterns_that_make_no_sense(source, target, godwit, pattern, expected):
    assert expected in godwit(source, target, online_ddl_shadow=[pattern]).check().expect(BAD_USAGE).text
