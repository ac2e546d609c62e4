"""Changes that are hard, in schemas of their own; what foreign keys do; tables in parts; and numbers that go on."""

import re

import pymysql
import pytest
from harness.godwit import DONE, FAILED
from harness.postgres_changes import CASES

TO_MARIADB = pytest.mark.parametrize("kinds", [("postgres", "mariadb")], ids=["to_mariadb"])
# A key of 2500 letters is none that MySQL can have (test_types.py).
LEFT_OUT = {"toast_in_the_key"}


def in_schema(schema, statements):
    """In place of the schema shop; and without numbers that are none."""
    return [f"SET search_path = {schema}", *(re.sub(r"\bshop\.", f"{schema}.", one).replace("'NaN'", "'77'") for one in statements)]


@TO_MARIADB
def test_all_cases(follow):
    setup, changes = [], []
    for name, (tables, statements) in CASES.items():
        if name not in LEFT_OUT:
            setup += [f"CREATE SCHEMA {name}", *in_schema(name, tables)]
            changes += in_schema(name, statements)
    follow(setup, changes, stream={"consistency": "row", "lanes": 3})


ACTS = "ON DELETE CASCADE ON UPDATE CASCADE"
CHAINS = [
    "CREATE TABLE parent (id int PRIMARY KEY, v int)",
    f"CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent {ACTS})",
    f"CREATE TABLE grandchild (id int PRIMARY KEY, child int REFERENCES child {ACTS}, note text)",
    "CREATE TABLE loose (id int PRIMARY KEY, child int REFERENCES child ON DELETE SET NULL ON UPDATE SET NULL)",
    "CREATE TABLE wide (a int, b varchar(9), PRIMARY KEY (a, b))",
    f"CREATE TABLE of_wide (id int PRIMARY KEY, b varchar(9), a int, FOREIGN KEY (a, b) REFERENCES wide {ACTS})",
    "CREATE TABLE hen (id int PRIMARY KEY, egg int)",
    "CREATE TABLE egg (id int PRIMARY KEY, hen int REFERENCES hen ON DELETE CASCADE)",
    "CREATE TABLE tree (id int PRIMARY KEY, up int REFERENCES tree ON DELETE CASCADE)",
    "CREATE TABLE word (w text PRIMARY KEY)", f"CREATE TABLE of_word (id int PRIMARY KEY, w text REFERENCES word {ACTS})",
    "INSERT INTO parent SELECT i, i FROM generate_series(1, 400) i", "INSERT INTO child SELECT i * 10, i FROM generate_series(1, 400) i",
    "INSERT INTO grandchild SELECT i * 100, i * 10, 'x' FROM generate_series(1, 400) i", "INSERT INTO loose SELECT i, i * 10 FROM generate_series(1, 400) i",
    "INSERT INTO wide VALUES (1, 'x'), (1, 'y'), (2, 'x'), (1, 'X')",
    "INSERT INTO of_wide VALUES (1, 'x', 1), (2, 'y', 1), (3, 'x', 2), (4, NULL, 1), (5, 'nowhere', NULL), (6, 'X', 1)",
    "INSERT INTO hen VALUES (1, 2), (2, 3), (3, 1)", "INSERT INTO egg VALUES (1, 1), (2, 2), (3, 3)",
    "ALTER TABLE hen ADD FOREIGN KEY (egg) REFERENCES egg ON DELETE CASCADE",
    "INSERT INTO tree VALUES (1, 1), (2, 1), (3, 2), (4, 4), (5, NULL)",
    "INSERT INTO word VALUES ('a'), ('A'), ('a '), ('ä')", "INSERT INTO of_word VALUES (1, 'a'), (2, 'A'), (3, 'a '), (4, 'ä'), (5, NULL)",
]
CHANGES = [
    "DELETE FROM parent WHERE id < 100", "UPDATE parent SET id = id + 1000 WHERE id > 300", "UPDATE child SET id = -id WHERE id < 2000",
    "UPDATE wide SET b = 'xx' WHERE a = 1 AND b = 'x'", "UPDATE wide SET a = 9 WHERE a = 2", "DELETE FROM wide WHERE b = 'y'",
    "DELETE FROM hen WHERE id = 2", "DELETE FROM tree WHERE id = 1", "UPDATE word SET w = 'A ' WHERE w = 'A'", "DELETE FROM word WHERE w = 'a'",
    "BEGIN", "INSERT INTO parent VALUES (9, 9)", "INSERT INTO child VALUES (90, 9)", "INSERT INTO loose VALUES (1009, 90)",
    "DELETE FROM parent WHERE id = 9", "INSERT INTO child VALUES (90, 200)", "COMMIT",
    "SET session_replication_role = replica", "DELETE FROM parent WHERE id = 150", "SET session_replication_role = origin",
]


def test_what_foreign_keys_do_is_done_once_and_later_by_the_target(follow, target):
    """PostgreSQL's log holds it. Children that its keys have lost sight of keep what they have."""
    follow(CHAINS, CHANGES)
    assert target.value("SELECT COUNT(*) FROM shop.child WHERE parent = 150") == 1
    with pytest.raises(pymysql.err.IntegrityError):
        target.execute("INSERT INTO shop.child VALUES (1, 12345)")
    target.execute("DELETE FROM shop.parent WHERE id = 200", "UPDATE shop.word SET w = 'b' WHERE w = 'ä'")
    assert target.value("SELECT COUNT(*) FROM shop.grandchild WHERE child IN (2000, 90)") == 0
    assert target.execute("SELECT id, w FROM shop.of_word WHERE id > 2 ORDER BY id") == ((3, "a "), (4, "b"), (5, None))


PARTED = [
    "CREATE TABLE sale (id int, at date, region text, v text, PRIMARY KEY (id, at, region)) PARTITION BY RANGE (at)",
    "CREATE TABLE sale_2020 PARTITION OF sale FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
    "CREATE TABLE sale_2021 PARTITION OF sale FOR VALUES FROM ('2021-01-01') TO ('2022-01-01') PARTITION BY LIST (region)",
    "CREATE TABLE sale_2021_eu PARTITION OF sale_2021 FOR VALUES IN ('de', 'fr')",
    'CREATE TABLE "Sale 2021 rest" PARTITION OF sale_2021 DEFAULT', "CREATE TABLE sale_rest PARTITION OF sale DEFAULT",
    "CREATE TABLE plain (id int PRIMARY KEY, v text) PARTITION BY RANGE (id)",
    "CREATE TABLE plain_low PARTITION OF plain FOR VALUES FROM (MINVALUE) TO (100)",
    "CREATE TABLE plain_high PARTITION OF plain FOR VALUES FROM (100) TO (1000)",
    "CREATE TABLE listed (kind int, id int, PRIMARY KEY (kind, id)) PARTITION BY LIST (kind)",
    "CREATE TABLE listed_1 PARTITION OF listed FOR VALUES IN (1, 3)", "CREATE TABLE listed_2 PARTITION OF listed FOR VALUES IN (2)",
    "CREATE TABLE spread (id bigserial PRIMARY KEY, v int) PARTITION BY HASH (id)",
    "CREATE TABLE spread_0 PARTITION OF spread FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
    "CREATE TABLE spread_1 PARTITION OF spread FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
    "CREATE TABLE bare (at int, v text) PARTITION BY RANGE (at)", "CREATE TABLE bare_1 PARTITION OF bare FOR VALUES FROM (0) TO (100)",
    "ALTER TABLE bare_1 REPLICA IDENTITY FULL",
    "INSERT INTO sale SELECT i, '2020-06-01'::date + i, (ARRAY['de', 'fr', 'jp'])[1 + i % 3], 'x' FROM generate_series(1, 700) i",
    "INSERT INTO plain SELECT i, 'x' FROM generate_series(-9, 900) i", "INSERT INTO listed SELECT 1 + i % 3, i FROM generate_series(1, 99) i",
    "INSERT INTO spread (v) SELECT i FROM generate_series(1, 99) i", "INSERT INTO bare VALUES (1, 'a'), (1, 'a'), (2, NULL)",
]
PARTED_CHANGES = [
    "TRUNCATE spread, bare", "INSERT INTO spread (v) SELECT i FROM generate_series(1, 99) i", "INSERT INTO bare VALUES (1, 'a'), (1, 'a'), (2, NULL)",
    "UPDATE sale SET at = at + 200 WHERE id % 5 = 0", "UPDATE sale SET region = 'is' WHERE id % 7 = 0", "DELETE FROM sale WHERE id > 600",
    "UPDATE plain SET id = id + 900 WHERE id BETWEEN 95 AND 99", "DELETE FROM plain WHERE id < 90", "INSERT INTO plain VALUES (50, 'new')",
    "UPDATE listed SET kind = 2 WHERE id < 20", "UPDATE spread SET id = id + 1000 WHERE v < 50", "INSERT INTO spread (v) VALUES (7)",
    "DELETE FROM bare WHERE ctid = (SELECT min(ctid) FROM bare)", "UPDATE bare SET v = 'b' WHERE v IS NULL",
    "INSERT INTO plain_high VALUES (950, 'by its part')",
]


def test_updates_that_change_nothing_are_no_drift_and_rows_that_are_missing_are(follow, source, target):
    """PostgreSQL logs both alike, and MySQL and MariaDB count the rows that are other than before. Many rows are sent apart from
    their statement, a single one in a statement that says less of itself."""
    task = follow(["CREATE TABLE many (id int PRIMARY KEY, v text)", "INSERT INTO many SELECT g, 'x' FROM generate_series(1, 1000) g",
                   "CREATE TABLE two (id text PRIMARY KEY, v jsonb)", "INSERT INTO two VALUES ('a', '1'), ('b', '2')",
                   "CREATE TABLE one (id text PRIMARY KEY, v int)", "INSERT INTO one VALUES ('a', 1)",
                   "CREATE TABLE bare (v double precision)", "ALTER TABLE bare REPLICA IDENTITY FULL", "INSERT INTO bare VALUES (0), (1)"],
                  ["UPDATE many SET v = v WHERE id > 7", "UPDATE two SET v = v", "UPDATE one SET v = v", "UPDATE bare SET v = -v"])
    target.execute("DELETE FROM shop.many WHERE id IN (10, 20, 30)", "DELETE FROM shop.two WHERE id = 'a'", "DELETE FROM shop.one")
    source.execute("UPDATE many SET v = CASE WHEN id % 2 = 0 THEN v ELSE 'y' END WHERE id > 7", "UPDATE two SET v = v", "UPDATE one SET v = v")
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 5
    task.verify().expect(DONE)


def test_tables_in_parts(follow, source, target, assert_same):
    """Rows go from part to part; each has the table's name on the target. One that is emptied is known there by a view."""
    task = follow(PARTED, PARTED_CHANGES)
    source.execute("INSERT INTO plain VALUES (51, 'x')", "BEGIN", "TRUNCATE plain_low", "INSERT INTO plain VALUES (52, 'y')", "COMMIT")
    target.execute("CREATE TABLE shop.plain_low (stranger INT)", "INSERT INTO shop.plain_low VALUES (1)")
    refused = task.run().expect(FAILED).err
    assert "table shop.plain: " in refused and "shop.plain_low" in refused and "CREATE VIEW `shop`.`plain_low`" in refused, refused
    assert target.execute("SELECT * FROM shop.plain_low") == ((1,),)
    target.execute("DROP TABLE shop.plain_low")
    target.execute("CREATE VIEW shop.plain_low AS SELECT * FROM shop.plain WHERE id < 100")
    assert task.run().expect(DONE).progress()[-1]["drifted_rows"] == 0
    assert target.execute("SELECT id FROM shop.plain WHERE id < 100") == ((52,),)
    assert_same()


# table: what makes its number, and statements that leave the sequence away from the largest row
NUMBERS = {
    "always": ("bigint GENERATED ALWAYS AS IDENTITY", ["INSERT INTO always (v) SELECT i FROM generate_series(1, 100) i", "DELETE FROM always WHERE id > 90"]),
    "serial_one": ("serial", ["INSERT INTO serial_one (v) SELECT i FROM generate_series(1, 50) i", "SELECT setval('serial_one_id_seq', 777)"]),
    "small_one": ("smallserial", ["INSERT INTO small_one (v) VALUES (1)"]),
    "never_used": ("bigserial", []),
    "Odd `Name`": ("serial", ['INSERT INTO "Odd `Name`" (v) VALUES (1), (2)']),
    "cached": ("int GENERATED BY DEFAULT AS IDENTITY (CACHE 20)", ["INSERT INTO cached (v) VALUES (1)", "INSERT INTO cached VALUES (5, 5)"]),
}


def test_numbers_go_on_after_the_cut_over_and_names_are_kept(follow, source, target):
    follow([*(f'CREATE TABLE "{name}" (id {column} PRIMARY KEY, v int)' for name, (column, _) in NUMBERS.items()),
            'CREATE SCHEMA "Other Shop"', 'CREATE TABLE "Other Shop"."T""1" ("Select" int PRIMARY KEY, "from`" text, "ünï" int DEFAULT 7)',
            'INSERT INTO "Other Shop"."T""1" VALUES (1, \'x\')', "CREATE TABLE public.t (id int PRIMARY KEY)", "INSERT INTO public.t VALUES (1)"],
           [*(statement for _, statements in NUMBERS.values() for statement in statements),
            'INSERT INTO "Other Shop"."T""1" VALUES (2, \'y\')', "INSERT INTO public.t VALUES (2)", 'UPDATE "Other Shop"."T""1" SET "Select" = 3 WHERE "Select" = 1'])
    for name in NUMBERS:
        expected = source.value(f'INSERT INTO "{name}" (v) VALUES (99) RETURNING id')
        quoted = "`" + name.replace("`", "``") + "`"
        target.execute(f"INSERT INTO shop.{quoted} (v) VALUES (99)")
        assert target.value(f"SELECT id FROM shop.{quoted} WHERE v = 99") >= expected, name
