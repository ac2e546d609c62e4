"""An independent comparison of two PostgreSQL databases: row for row, as the server itself writes them, and what
their catalogues say.

Partitions are compared one by one. Of a sequence that belongs to a column, the target's next number has to be one
that the source has not given yet."""

import hashlib
from collections import Counter
from contextlib import closing

from harness.compare import Comparison

# The same text for the same value, whatever the servers' settings are; names are qualified.
SESSION = ("-csearch_path= -ctimezone=UTC -cdatestyle=ISO -cintervalstyle=postgres -cextra_float_digits=1 "
           "-cbytea_output=hex -clc_monetary=C -cquote_all_identifiers=off -crow_security=off")
SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'godwit')"

# What the catalogue says of each kind of thing: its name, then all that has to be the same. Several may have one
# name: constraints and indexes of partitions that come from the parent's are named by each server.
CATALOGUE = {
    "table": """
        SELECT c.oid::regclass::text, c.relkind, c.relpersistence, c.relreplident, c.reloptions,
               (SELECT i.indexrelid::regclass::text FROM pg_index i WHERE i.indrelid = c.oid AND i.indisreplident),
               CASE c.relkind WHEN 'p' THEN pg_get_partkeydef(c.oid) END, pg_get_expr(c.relpartbound, c.oid),
               (SELECT array_agg(inhparent::regclass::text ORDER BY inhseqno) FROM pg_inherits WHERE inhrelid = c.oid),
               obj_description(c.oid, 'pg_class')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY(%s)""",
    "column": """
        SELECT format('%%s."%%s"', c.oid::regclass, a.attname),
               CASE WHEN NOT c.relispartition THEN row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum) END,
               format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attgenerated,
               a.attidentity, CASE WHEN a.attcollation <> t.typcollation THEN (SELECT collname FROM pg_collation o WHERE o.oid = a.attcollation) END,
               a.attstorage, coalesce(to_jsonb(a) ->> 'attcompression', ''), col_description(c.oid, a.attnum)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
             JOIN pg_type t ON t.oid = a.atttypid
             LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname = ANY(%s)""",
    "constraint": """
        SELECT format('%%s.%%s', o.conrelid::regclass, CASE o.conparentid WHEN 0 THEN quote_ident(o.conname) END),
               o.contype, pg_get_constraintdef(o.oid), o.convalidated, obj_description(o.oid, 'pg_constraint')
        FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE (o.contype IN ('p', 'u', 'f', 'c', 'x') OR o.contype = 'n' AND NOT o.convalidated) AND n.nspname = ANY(%s)""",
    "index": """
        SELECT format('%%s.%%s', i.indrelid::regclass, CASE WHEN NOT c.relispartition THEN quote_ident(c.relname) END),
               substring(pg_get_indexdef(c.oid) FROM ' ON .*'), i.indisunique, i.indisprimary, i.indisvalid,
               i.indisready, i.indisclustered, i.indisreplident, obj_description(c.oid, 'pg_class')
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = ANY(%s)""",
    "view": """
        SELECT c.oid::regclass::text, c.relkind, c.relispopulated, pg_get_viewdef(c.oid), c.reloptions,
               obj_description(c.oid, 'pg_class')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('v', 'm') AND n.nspname = ANY(%s)""",
    "sequence": """
        SELECT s.seqrelid::regclass::text, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin,
               s.seqmax, s.seqcache, s.seqcycle, d.deptype, format('%%s.%%I', d.refobjid::regclass, a.attname)
        FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
             JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
             JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE n.nspname = ANY(%s)""",
    # Those that no column has need not be there.
    "type": """
        SELECT format_type(t.oid, NULL), t.typtype, t.typnotnull, t.typdefault,
               CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod) END,
               (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
               (SELECT array_agg(pg_get_constraintdef(o.oid) ORDER BY o.conname) FROM pg_constraint o
                WHERE o.contypid = t.oid AND o.contype = 'c'),
               (SELECT array_agg(format('%%I %%s', a.attname, format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum)
                FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped),
               (SELECT format_type(r.rngsubtype, NULL) FROM pg_range r WHERE r.rngtypid = t.oid)
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
        WHERE (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c') AND n.nspname = ANY(%s)
              AND EXISTS (SELECT FROM pg_attribute u JOIN pg_class uc ON uc.oid = u.attrelid
                          WHERE uc.relkind IN ('r', 'p') AND NOT u.attisdropped AND u.atttypid IN (t.oid, t.typarray))""",
}
TABLES = """
    SELECT c.oid::regclass::text, array_agg('"' || replace(a.attname, '"', '""') || '"' ORDER BY a.attnum)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind = 'r' AND n.nspname = ANY(%s) GROUP BY c.oid"""

LONG = 2000  # of a line, in bytes: of longer ones a digest is kept


def compare(source, target, schemas=None, definitions=True, sequences=True, database="shop"):
    """Compares all tables of `schemas`, by default every schema of the source's users. `sequences`: the numbers that
    columns get next, too."""
    result = Comparison()
    with closing(_session(source, database)) as ours, closing(_session(target, database)) as theirs:
        schemas = schemas or sorted(name for (name,) in _rows(ours, SCHEMAS))
        for kind, query in CATALOGUE.items() if definitions else ():
            if kind == "view" and ours.server_version // 10000 != theirs.server_version // 10000:
                query = query.replace("pg_get_viewdef(c.oid)", "NULL")  # they have other words for one query
            _compare_catalogue(kind, *(_described(one, query, schemas) for one in (ours, theirs)), result)
        tables = [dict(_rows(one, TABLES, schemas)) for one in (ours, theirs)]
        for name in sorted({*tables[0], *tables[1]}):
            _compare_table(name, ours, theirs, *(columns.get(name) for columns in tables), result)
        if sequences:
            _compare_numbers(ours, theirs, schemas, result)
    return result


def assert_equal(source, target, schemas=None, definitions=True, sequences=True, database="shop"):
    result = compare(source, target, schemas, definitions, sequences, database)
    assert result.equal, "\n".join(result.faults[:30])
    return result


def _session(server, database):
    return server.connect(database=database, options=SESSION)


def _rows(connection, query, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(query, parameters or None)
        return cursor.fetchall()


def _described(connection, query, schemas):
    """The descriptions by name."""
    found = {}
    for name, *description in _rows(connection, query, schemas):
        found.setdefault(name, []).append(description)
    return {name: sorted(map(str, descriptions)) for name, descriptions in found.items()}


def _compare_catalogue(kind, ours, theirs, result):
    for name in sorted({*ours, *theirs}):
        if name not in theirs or name not in ours:
            result.faults.append(f"{kind} {name} is on the {'source' if name in ours else 'target'} alone")
        elif ours[name] != theirs[name]:
            result.faults.append(f"{kind} {name} is\n  " + "\n  ".join(ours[name]) + "\nand\n  " + "\n  ".join(theirs[name]))


class _Lines:
    """A file for COPY, which writes a row at a time: how many rows there are of each kind."""

    def __init__(self):
        self.counts, self.bytes = Counter(), 0

    def write(self, line):
        self.bytes += len(line)
        if len(line) > LONG:
            line = line[:LONG // 4] + b"... " + hashlib.sha256(line).hexdigest().encode()
        self.counts[line] += 1


def _read(connection, table, columns):
    lines = _Lines()
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY (SELECT {', '.join(columns)} FROM ONLY {table}) TO STDOUT", lines)
    return lines


def _compare_table(name, ours, theirs, our_columns, their_columns, result):
    if our_columns is None or their_columns is None:
        result.faults.append(f"table {name} is on the {'target' if our_columns is None else 'source'} alone")
        return
    if sorted(our_columns) != sorted(their_columns):
        result.faults.append(f"{name} has the columns {our_columns} and {their_columns}")
        return
    here, there = _read(ours, name, our_columns), _read(theirs, name, our_columns)
    result.tables += 1
    result.rows += here.counts.total()
    result.bytes += here.bytes
    for side, only in (("source", here.counts - there.counts), ("target", there.counts - here.counts)):
        result.faults += [f"{name}, on the {side} alone: {line.decode(errors='replace').rstrip()[:300]}"
                          for line in sorted(only)[:3]]
        if only:
            result.faults.append(f"{name}: {only.total()} rows are on the {side} alone")


def next_number(connection, sequence):
    """What a sequence would give next, and by how much it grows."""
    return _rows(connection, f"""
        SELECT last_value + CASE WHEN is_called THEN seqincrement ELSE 0 END, seqincrement
        FROM {sequence}, pg_sequence WHERE seqrelid = '{sequence.replace("'", "''")}'::regclass""")[0]


def _compare_numbers(ours, theirs, schemas, result):
    there = {name for name, *_ in _rows(theirs, CATALOGUE["sequence"], schemas)}
    for name in sorted(name for name, *_ in _rows(ours, CATALOGUE["sequence"], schemas) if name in there):
        (mine, step), (yours, _) = next_number(ours, name), next_number(theirs, name)
        if (yours - mine) * step < 0:
            result.faults.append(f"sequence {name} gives {mine} next on the source, and on the target {yours}, "
                                 "which the source has given already")
