"""Every type at its edges, in the copy and in the stream; and settings of the source under which values look different."""

import pytest
from harness.godwit import DONE
from harness.postgres import TargetPostgres, version
from harness.postgres_types import GROUPS, OWN_TYPES, scenario

# A database may have all of these for its sessions, and a reader of its log is one.
ODD_SETTINGS = {"timezone": "America/St_Johns", "datestyle": "SQL, DMY", "intervalstyle": "sql_standard", "bytea_output": "escape",
                "extra_float_digits": "-10", "xmlbinary": "hex", "quote_all_identifiers": "on", "array_nulls": "off",
                "backslash_quote": "off", "escape_string_warning": "off", "standard_conforming_strings": "off"}


@pytest.fixture(params=["usual", "odd"])
def source_options(request):
    return ODD_SETTINGS if request.param == "odd" else {}


@pytest.fixture
def target(server, source_options):
    return server("target", kind=TargetPostgres, **{**source_options, "quote_all_identifiers": "off"})


USUAL = ["SET datestyle = ISO", "SET standard_conforming_strings = on", "SET array_nulls = on"]


@pytest.mark.parametrize("group", GROUPS)
def test_types(follow, group):
    setup, changes = scenario(GROUPS[group])
    follow([*USUAL, *(OWN_TYPES if group == "own" else []), *setup], [*USUAL, *changes]).verify().expect(DONE)


def test_all_types_in_one_table(follow):
    """As a row that is changed in one column at a time, of which the others stay as they are."""
    types = {name: column for group in GROUPS.values() for name, column in group.items()}
    columns = ", ".join(f'"{name}" {type_name}' for name, (type_name, _) in types.items())
    values = ", ".join(f"CAST({values[-1]} AS {type_name})" for type_name, values in types.values())
    follow([*USUAL, *OWN_TYPES, f"CREATE TABLE t (id int PRIMARY KEY, {columns})", f"INSERT INTO t VALUES (1, {values}), (2, {values})",
            "INSERT INTO t (id) VALUES (3)"],
           [*USUAL, f"INSERT INTO t VALUES (10, {values})",
            *(f'UPDATE t SET "{name}" = CAST({values[0]} AS {type_name}) WHERE id IN (1, 3)' for name, (type_name, values) in types.items()),
            "DELETE FROM t WHERE id = 2"]).verify().expect(DONE)


def test_columns_that_are_made_of_others_or_have_defaults(follow):
    follow([*USUAL, "CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT 1 + 1, b int GENERATED ALWAYS AS (a * 2) STORED, "
            "c text DEFAULT 'it''s \\', d timestamptz DEFAULT now(), e uuid DEFAULT md5(random()::text)::uuid, f text COLLATE \"C\" DEFAULT NULL, "
            "g text[] DEFAULT ARRAY['x'], h text)",
            "ALTER TABLE t ALTER h SET STORAGE EXTERNAL" + (", ALTER h SET COMPRESSION pglz" if version() >= 14 else ""),
            "INSERT INTO t (id) VALUES (1), (2)", "ALTER TABLE t ADD late int NOT NULL DEFAULT 7", "COMMENT ON COLUMN t.late IS 'it''s late'"],
           [*USUAL, "INSERT INTO t (id, a) VALUES (3, 30)", "UPDATE t SET a = a + 1", "UPDATE t SET late = DEFAULT, e = DEFAULT WHERE id = 1",
            "DELETE FROM t WHERE id = 2"])
