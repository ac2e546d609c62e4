"""Every type of PostgreSQL with values at its edges, and what is done with them."""

from harness.postgres import version

# name: (type, values as SQL; NULL is added)
NUMBERS = {
    "smallint": ("smallint", ["-32768", "32767", "0"]),
    "integer": ("integer", ["-2147483648", "2147483647"]),
    "bigint": ("bigint", ["-9223372036854775808", "9223372036854775807"]),
    "numeric": ("numeric", ["'NaN'", "'Infinity'", "'-Infinity'", "'1e131071'", "'-1e-16383'", "'0.000'", "'1.10'", "'-0'",
                            "repeat('9', 1000) || '.' || repeat('9', 1000)"]),
    "numeric_10_2": ("numeric(10,2)", ["99999999.99", "-0.01", "'NaN'", "1"]),
    "numeric_rounded": ("numeric(5,-2)", ["12300", "-9999900"]),
    "real": ("real", ["'NaN'", "'Infinity'", "'-Infinity'", "'-0'", "0.1", "'3.4028235e38'", "'1e-45'", "16777217"]),
    "double": ("double precision", ["'NaN'", "'-Infinity'", "'-0'", "'0'", "0.1", "'1.7976931348623157e308'", "'5e-324'",
                                    "0.30000000000000004"]),
    "money": ("money", ["'-92233720368547758.08'", "'92233720368547758.07'", "'0.01'"]),
    "boolean": ("boolean", ["true", "false"]),
    "bit": ("bit(12)", ["B'000000000000'", "B'101010101010'"]),
    "bit_varying": ("bit varying(70)", ["B''", "B'1'", "repeat('10', 35)::bit varying"]),
    "oid": ("oid", ["4294967295", "0"]),
    "uuid": ("uuid", ["'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'"]),
    "pg_lsn": ("pg_lsn", ["'0/0'", "'FFFFFFFF/FFFFFFFF'"]),
}
TEXTS = {
    "text": ("text", ["''", "' '", "'a '", r"E'tab\t nl\n cr\r vt\v bs\b \x01'", r"'\'", r"'\N'", r"'\.'", r"E'\n\\.\n'", "'NULL'",
                      "'it''s \"quoted\", {curled} (round)'", "'🦆👩‍👩‍👧'", "repeat('é\\', 100000)"]),
    "varchar": ("varchar(300)", ["''", "repeat('ü', 300)", "'a  '"]),
    "char": ("char(10)", ["''", "'a'", "'ÄÖÜ🦆'", r"'\N'"]),
    "char_1": ('"char"', ["'a'", "''", r"'\'"]),
    "name": ("name", ["'a'", "repeat('n', 63)::name"]),
    "bytea": ("bytea", ["''", r"'\x00'", r"'\xff5c4e090a0d00'", "decode(repeat('00ff5c0a', 50000), 'hex')"]),
    "json": ("json", ["'{}'", """' { "b" : 1,  "a" : 2, "a": "\\u00e9\\n" } '""", "'null'", "'[1e1000]'"]),
    "jsonb": ("jsonb", ["'{}'", """'{"b": 1, "a": [null, 1.10, "\\\\ \\" 🦆"]}'""", "'null'", "'\"x\"'", "'1e300'"]),
    "jsonpath": ("jsonpath", ["'$.a[*] ? (@ > 1)'"]),
    "xml": ("xml", ["'<a b=\"1\">x &amp; y</a>'", "'text'", "'<?xml version=\"1.0\"?><é/>'", "''"]),
    "tsvector": ("tsvector", ["''", "'a:1A,3B fat:2 ''it''''s'' \\\\'", "to_tsvector('simple', repeat('word other ', 500))"]),
    "tsquery": ("tsquery", ["'a & !b | (c <-> d:*A)'", "''"]),
}
TIMES = {
    "date": ("date", ["'infinity'", "'-infinity'", "'4713-01-01 BC'", "'5874897-12-31'", "'0001-12-31 BC'", "'2024-02-29'"]),
    "time": ("time", ["'00:00'", "'24:00:00'", "'23:59:59.999999'"]),
    "time_2": ("time(2)", ["'23:59:59.99'"]),
    "timetz": ("timetz", ["'24:00:00-15:59:59'", "'00:00:00.000001+15:59:59'", "'12:00:00+05:30'"]),
    "timestamp": ("timestamp", ["'infinity'", "'-infinity'", "'4713-01-01 00:00:00 BC'", "'294276-12-31 23:59:59.999999'",
                                "'0044-03-15 12:00 BC'", "'2021-03-28 02:30:00.000001'"]),
    "timestamp_3": ("timestamp(3)", ["'2021-01-01 00:00:00.999'"]),
    "timestamptz": ("timestamptz", ["'infinity'", "'-infinity'", "'4713-01-01 00:00:00 BC+00'", "'294276-12-31 23:59:59.999999+00'",
                                    "'1883-11-18 12:00:00+00'", "'2021-10-31 01:30:00+00'", "'2021-10-31 00:30:00+00'"]),
    "interval": ("interval", ["'178000000 years'", "'-178000000 years'", "'1 mon -1 day +00:00:00.000001'",
                              "'-1 year 2 mons -3 days 04:05:06.7'", "'0'", "'-00:00:01'"]),
    "interval_months": ("interval year to month", ["'-1-11'"]),
    "interval_1": ("interval second(1)", ["'1.9'"]),
}
PLACES = {
    "inet": ("inet", ["'0.0.0.0'", "'192.0.2.1/24'", "'::'", "'2001:db8::1/64'", "'::ffff:1.2.3.4'"]),
    "cidr": ("cidr", ["'10.0.0.0/8'", "'2001:db8::/32'"]),
    "macaddr": ("macaddr", ["'08:00:2b:01:02:03'"]),
    "macaddr8": ("macaddr8", ["'08:00:2b:01:02:03:04:05'"]),
    "point": ("point", ["'(1.5,-2)'", "'(NaN,Infinity)'", "'(0.1,5e-324)'"]),
    "line": ("line", ["'{1,-1,0.1}'"]),
    "lseg": ("lseg", ["'[(0,0),(1e300,0.1)]'"]),
    "box": ("box", ["'((2,2),(0,0.1))'"]),
    "path": ("path", ["'[(0,0),(1,1),(2,0.1)]'", "'((0,0),(1,1))'"]),
    "polygon": ("polygon", ["'((0,0),(4,0),(4,0.1))'"]),
    "circle": ("circle", ["'<(1,2),0.1>'"]),
    "int4range": ("int4range", ["'empty'", "'(,)'", "'[1,5)'", "'(,-1]'"]),
    "numrange": ("numrange", ["'[1.10,2.0]'", "'(NaN,]'"]),
    "tstzrange": ("tstzrange", ["'[2021-01-01 00:00:00+00,infinity]'", "'empty'"]),
    "datemultirange": ("datemultirange", ["'{}'", "'{[2020-01-01,2021-01-01),[2022-01-01,)}'"]),
    "int8range": ("int8range", ["'[-9223372036854775808,9223372036854775807)'", "'empty'", "'[,5)'"]),
    "tsrange": ("tsrange", ["'[-infinity,2021-01-01 00:00:00.000001)'", "'(,)'"]),
    "daterange": ("daterange", ["'[4713-01-01 BC,infinity)'", "'(2021-01-01,2021-01-05]'"]),
    "int4multirange": ("int4multirange", ["'{}'", "'{(,-5),[1,2),[7,)}'"]),
    "int8multirange": ("int8multirange", ["'{[1,9223372036854775807)}'"]),
    "nummultirange": ("nummultirange", ["'{[1.10,2.0],(NaN,)}'", "'{(,)}'"]),
    "tsmultirange": ("tsmultirange", ["'{[2021-01-01 00:00:00,infinity]}'"]),
    "tstzmultirange": ("tstzmultirange", ["'{[2021-01-01 00:00:00+00,2022-01-01 00:00:00+00),(infinity,)}'"]),
}
# What the server's own tables are made of.
SYSTEM = {
    "xid": ("xid", ["'4294967295'", "'0'"]),
    "xid8": ("xid8", ["'18446744073709551615'", "'0'"]),
    "cid": ("cid", ["'4294967295'"]),
    "tid": ("tid", ["'(4294967295,65535)'", "'(0,0)'"]),
    "int2vector": ("int2vector", ["'1 -2 32767'", "''"]),
    "oidvector": ("oidvector", ["'1 4294967295'", "''"]),
    "regclass": ("regclass", ["'pg_class'", "'information_schema.tables'", "'-'", "'4294967295'"]),
    "regtype": ("regtype", ["'double precision'", "'text[]'", "'-'"]),
    "regproc": ("regproc", ["'pg_backend_pid'", "'-'"]),
    "regprocedure": ("regprocedure", ["'abs(integer)'", "'-'"]),
    "regoper": ("regoper", ["'||/'"]),
    "regoperator": ("regoperator", ["'+(integer,integer)'"]),
    "regconfig": ("regconfig", ["'simple'"]),
    "regdictionary": ("regdictionary", ["'simple'"]),
    "regrole": ("regrole", ["'pg_monitor'"]),
    "regnamespace": ("regnamespace", ["'information_schema'"]),
    "regcollation": ("regcollation", ["'\"C\"'"]),
    "aclitem": ("aclitem", ["'pg_monitor=r*/pg_read_all_settings'", "'=X/pg_monitor'"]),
    "refcursor": ("refcursor", ["'c'", "''"]),
    "pg_snapshot": ("pg_snapshot", ["'10:20:10,14,15'", "'1:1:'"]),
    "txid_snapshot": ("txid_snapshot", ["'10:20:10,14,15'"]),
}
ARRAYS = {
    "integers": ("integer[]", ["'{}'", "'{1,NULL,-3}'", "'[0:1]={1,2}'", "'[-1:0][5:6]={{1,2},{3,4}}'"]),
    "texts": ("text[]", [r"""ARRAY['', 'NULL', NULL, 'a"b', 'c\d', '{e}', ' f ', 'g,h', E'\n\t', '🦆']""", "ARRAY[['a', 'b'], ['c', NULL]]"]),
    "byteas": ("bytea[]", [r"ARRAY['\x005c22'::bytea, NULL, '']"]),
    "jsonbs": ("jsonb[]", ["""ARRAY['{"a": "b\\\\c"}'::jsonb, 'null', NULL]"""]),
    "times": ("timestamptz[]", ["ARRAY['2021-01-01 00:00:00+00'::timestamptz, '-infinity', '0001-01-01 00:00:00 BC']"]),
    "ranges": ("numrange[]", ["ARRAY['[1.1,2)'::numrange, 'empty']"]),
    "varchars": ("varchar(5)[]", ["ARRAY['a', 'b  ']"]),
    "booleans": ("boolean[]", ["'{t,f,NULL}'"]),
    "doubles": ("double precision[]", ["'{NaN,-Infinity,5e-324,-0}'"]),
    "intervals": ("interval[]", ["ARRAY['1 mon -1 day'::interval, '-00:00:01']"]),
    "addresses": ("inet[]", ["'{10.0.0.1/8,2001:db8::/32}'"]),
    "boxes": ("box[]", ["'{(2,2),(0,0.1);(1,1),(0,0)}'"]),
    "bit_strings": ("bit(3)[]", ["'{101,000}'"]),
    "uuids": ("uuid[]", ["'{ffffffff-ffff-ffff-ffff-ffffffffffff}'"]),
    "names": ("name[]", ["'{a,\"b c\"}'"]),
}
OWN_TYPES = [
    "CREATE TYPE mood AS ENUM ('', 'a', 'ünï', 'it''s', 'b, \"c\"')", "ALTER TYPE mood ADD VALUE 'between' BEFORE 'a'",
    'CREATE TYPE "Odd Type" AS ENUM (\'x\')',
    "CREATE DOMAIN even AS int DEFAULT 4 CHECK (VALUE % 2 = 0)",
    "CREATE DOMAIN evens AS even[] CONSTRAINT few CHECK (cardinality(VALUE) < 9)",
    "CREATE TYPE pair AS (a int, \"B c\" text)", "CREATE TYPE nested AS (p pair, m mood[], at timestamptz)",
    "CREATE TYPE span AS RANGE (subtype = double precision, subtype_diff = float8mi)",
    "CREATE DOMAIN few AS even CHECK (VALUE < 100)", "CREATE DOMAIN humour AS mood", "CREATE DOMAIN pairing AS pair CHECK ((VALUE).a > 0)",
    "CREATE TYPE with_domains AS (e even, f humour, d date[])",
    "CREATE EXTENSION citext WITH SCHEMA public", "CREATE EXTENSION hstore WITH SCHEMA public", "CREATE EXTENSION ltree WITH SCHEMA public",
]
OWN = {
    "enum": ("mood", ["''", "'ünï'", "'it''s'", "'b, \"c\"'", "'between'"]),
    "odd": ('"Odd Type"', ["'x'"]),
    "enums": ("mood[]", ["ARRAY['', 'b, \"c\"', NULL]::mood[]"]),
    "domain": ("even", ["2", "-4"]),
    "domain_of_array": ("evens", ["ARRAY[2, 4]", "'{}'"]),
    "composite": ("pair", [r"""ROW(1, 'a,"b" \ (c)')""", "ROW(NULL, '')", "ROW(NULL, NULL)"]),
    "composites": ("pair[]", [r"""ARRAY[ROW(1, 'x"\'), NULL, ROW(NULL, NULL)]::pair[]"""]),
    "nested": ("nested", ["ROW(ROW(1, 'a, b'), ARRAY['it''s']::mood[], '2021-01-01 00:00:00+00')"]),
    "range": ("span", ["'[0.1,NaN]'", "'empty'"]),
    "multirange": ("span_multirange", ["'{[0.1,0.2),[5,NaN]}'", "'{}'"]),
    "domain_of_domain": ("few", ["2", "98"]),
    "domain_of_enum": ("humour", ["''", "'between'"]),
    "domain_of_composite": ("pairing", ["ROW(1, 'a')"]),
    "domains": ("even[]", ["'{2,NULL,-4}'"]),
    "composite_of_domains": ("with_domains", ["ROW(2, 'ünï', '{2020-01-01,infinity}')", "ROW(NULL, NULL, NULL)"]),
    "citext": ("public.citext", ["'A'", "'a'", "''"]),
    "hstore": ("public.hstore", ["'\"a\"=>\"b,c\", \"d\"=>NULL'", "''"]),
    "ltree": ("public.ltree", ["'Top.Sub.a_1'", "''"]),
    "lquery": ("public.lquery", ["'Top.*{1,2}.a@|b'"]),
}
GROUPS = {"numbers": NUMBERS, "texts": TEXTS, "times": TIMES, "places": PLACES, "system": SYSTEM, "arrays": ARRAYS, "own": OWN}
SINCE = {15: ("numeric_rounded",), 13: ("xid8", "regcollation", "pg_snapshot"), 14: tuple(name for group in GROUPS.values() for name in group if "multirange" in name)}
for since, names in SINCE.items():
    for group in GROUPS.values():
        for name in names if version() < since else ():
            group.pop(name, None)
if version() < 14:
    NUMBERS["numeric"] = ("numeric", [value for value in NUMBERS["numeric"][1] if "Infinity" not in value])


def rows(values, first):
    return ", ".join(f"({first + i}, {value})" for i, value in enumerate([*values, "NULL"]))


def scenario(types):
    """All values are copied, inserted, changed and deleted, in tables with a key and without. Values are cast by an
    assignment, as that to a column."""
    setup, changes = [], []
    for name, (type_name, values) in types.items():
        values = [f"CAST({value} AS {type_name})" for value in values]
        for table, key in ((f"{name}_keyed", " PRIMARY KEY"), (f"{name}_keyless", "")):
            setup += [f"CREATE TABLE {table} (id int{key}, v {type_name})", f"INSERT INTO {table} VALUES {rows(values, 0)}"]
            changes.append(f"INSERT INTO {table} VALUES {rows(values, 100)}")
            if not key:
                setup += [f"ALTER TABLE {table} REPLICA IDENTITY FULL", f"INSERT INTO {table} SELECT * FROM {table}"]
            # Each value becomes the next one; then every second row goes.
            changes += [f"UPDATE {table} SET v = {value} WHERE id = {100 + (i + 1) % (len(values) + 1)}"
                        for i, value in enumerate(values)]
            changes += [f"UPDATE {table} SET v = NULL WHERE id = 0", f"UPDATE {table} SET v = {values[-1]} WHERE id = {len(values)}",
                        f"UPDATE {table} SET id = id + 1000 WHERE id % 4 = 0", f"DELETE FROM {table} WHERE id % 2 = 1"]
            if not key:
                changes.append(f"DELETE FROM {table} WHERE ctid IN (SELECT min(ctid) FROM {table} GROUP BY id)")
    return setup, changes
