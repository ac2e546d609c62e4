"""Runs statements on a server and holds what the tracker says against what the server says."""

import re
from collections import Counter

import pymysql

from ddl_corpus.catalog import SYSTEM, Catalog, differences, quote
from ddl_corpus.extract import kind_of, without_comments

# The server did not understand the statement: nor need we.
NOT_SQL = {1064, 1149}
# Nor where it could not mean what is written, whatever else there is: no log can hold it.
NEVER_TAKEN = {
    1074,  # column length too big
    1221,  # incorrect usage of one with the other
    1241,  # operand should contain 1 column
    1426,  # too big precision
    1439,  # display width out of range
    1653,  # inconsistency in usage of column lists for partitioning
    1901,  # function cannot be used in the clause
    4161,  # unknown data type
}
# What src/sql does not do, each with its reason; any other difference is a fault.
KNOWN = (
    # Only the server can tell what they are in UTF-8; the statement is refused with this message.
    (r"a label as text, not as bytes beyond ASCII", "labels given as bytes beyond ASCII, refused"),
    # The server compares names by utf8mb3_general_ci, src/sql by ASCII: the statement is refused.
    (r"(has no column|foreign key t1c2:) [^\n]*[^\x00-\x7f]", "a column named in another case beyond ASCII, refused"),
    # ALTER takes their bytes as those of another charset: what is left means nothing to anybody.
    (r"(?m)type \"(enum|set)\([^\n]* not \"(enum|set)\([^\n]*\\\\0", "labels of UCS-2 taken through `binary`"),
    # A temporary model of another schema: the log's own statement does not say its charset.
    (r"CREATE TABLE db\.t1 LIKE t2", "made like a temporary table, by what the log says"),
    # The server takes the length of the hash for a prefix.
    (r"(?s)key [^\n]* not [^\n]*, 8, (False|True)[^\n]*\n.*(MODIFY|CHANGE)", "a unique shape that became a BLOB"),
    # MariaDB sorts a key that an ALTER makes one of plain values among those over hashes, until it sorts them anew.
    (r"(?is)keys in the order [^\n]*\n.*alter table t1 modify\s+column a\s+int\s*,\s*modify column e int", "a key that was over a hash until now"),
    # It sorts keys by whether they may be NULL when a table is made, and not always when a column changes.
    (r"(?is)keys in the order \['PRIMARY', 'x', 'y'\], not \['PRIMARY', 'y', 'x'\]\n.*alter table t1 change x xx", "keys left as they were sorted"),
    # A copying ALTER without foreign_key_checks loses foreign keys whose index it drops, and leaves children with the parent's old name.
    (r"ALTER TABLE (t2 DROP INDEX `f2`|t1 RENAME TO tm1), ALGORITHM=COPY", "foreign keys lost without foreign_key_checks"),
    # The server shows a default that is not one.
    (r"(?is)default False, not True\n.*COMPRESSED\s+NOT\s+NULL", "compressed columns that are NOT NULL"),
    # MySQL's information_schema goes on to show it.
    (r"(?is)default False, not True\n.*alter column \w+ drop default", "a dropped default that is still shown"),
    # Identifiers are of utf8mb3.
    (r"columns \[[^\n]*[\U00010000-\U0010ffff][^\n]*\?", "names of characters beyond the basic plane"),
    # Its model was a temporary table by then, of other columns.
    (r"(?s)test\.m2: columns [^\n]*\n.*CREATE TABLE m2 LIKE m1", "made like a temporary table, by what the log says"),
    # Tables that there are without having been made.
    (r"\bseq_\d+_to_\d+", "tables of the engine SEQUENCE"),
    (r"(?i)engine\s*=?\s*rocksdb", "an engine that is not there, replaced by the session's default"),
)
_NAME = r"(?:`(?:[^`]|``)+`|\"(?:[^\"]|\"\")+\"|[\w$\x80-\uffff]+)"
_OBJECT = re.compile(rf"(?isx)(?:(?:table|tables|database|schema)\s+|\son\s+)"
                     rf"(?:if\s+(?:not\s+)?exists\s*)?(?!if\s)(\.?{_NAME}(?:\s*\.\s*{_NAME})?)")


class Follower:
    """`counts` says what became of the statements, `faults` what is wrong."""

    def __init__(self, server, probe):
        self.server, self.probe = server, probe
        self.connection = None
        self.counts = Counter()
        self.faults = []
        self.session = {}
        self.temporary = set()
        self.blurred = set()  # names of temporary tables that statements were about which the log may hold for others
        self.where = ""

    def begin(self, where, charset="latin1", collation="latin1_swedish_ci"):
        """An empty server with one schema, `test`."""
        self.where = where
        self.temporary.clear()
        self.blurred.clear()
        if self.connection:
            self.connection.close()
        self.connection = self.server.connect()
        self.catalog = Catalog(self.connection)
        rows = self.catalog.rows
        rows("SET foreign_key_checks = 0")
        for (name,) in rows("SHOW DATABASES"):
            if name not in SYSTEM:
                rows(f"DROP DATABASE {quote(name)}")
        rows("SET SESSION foreign_key_checks = DEFAULT, sql_mode = DEFAULT, default_storage_engine = DEFAULT, "
             "explicit_defaults_for_timestamp = DEFAULT, timestamp = DEFAULT, time_zone = DEFAULT")
        if not self.catalog.mysql:
            rows("SET SESSION max_statement_time = 20, alter_algorithm = DEFAULT, "
                 "check_constraint_checks = DEFAULT, system_versioning_alter_history = DEFAULT")
        rows("SET SESSION lock_wait_timeout = 5")
        rows(f"CREATE DATABASE test CHARACTER SET {charset} COLLATE {collation}")
        rows("USE test")
        self.probe.restart()
        self.probe.ask(do="schema", name="test", charset=charset, collation=collation)
        self._read_session()

    def default_charset(self):
        """The default of a new schema, for `begin`."""
        with self.server.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT @@character_set_server, @@collation_server")
            return cursor.fetchone()

    def summary(self):
        """All counts, one a line."""
        return "\n".join(f"{count:7} {what}" for what, count in sorted(self.counts.items()))

    def _known(self):
        return sum(count for what, count in self.counts.items() if what.startswith("known: "))

    def set_session(self, statement):
        """USE and SET; what the server refuses is passed over."""
        if re.match(r"(?is)\s*use\s+`?(mysql|sys|information_schema|performance_schema)`?\s*$", statement):
            return
        try:
            self.catalog.rows(statement)
        except pymysql.MySQLError:
            pass
        self._read_session()

    def _read_session(self):
        schema, mode, explicit = self.catalog.rows(
            "SELECT DATABASE(), @@sql_mode, @@explicit_defaults_for_timestamp")[0]
        modes = mode.split(",")
        self.session = {"schema": schema or "", "explicit_defaults_for_timestamp": bool(explicit),
                        "ansi_quotes": "ANSI_QUOTES" in modes,
                        "bracket_quotes": "MSSQL" in modes, "oracle_types": "ORACLE" in modes, "timestamp_is_datetime": "MAXDB" in modes,
                        "real_as_float": "REAL_AS_FLOAT" in modes,
                        "no_backslash_escapes": "NO_BACKSLASH_ESCAPES" in modes}

    def _log_position(self):
        return self.catalog.rows("SHOW BINARY LOG STATUS" if self.catalog.mysql else "SHOW MASTER STATUS")[0][:2]

    def fault(self, statement, what):
        for pattern, reason in KNOWN:
            if re.search(pattern, f"{what}\n{statement}"):
                self.counts[f"known: {reason}"] += 1
                return
        self.counts["mismatches"] += 1
        self.faults.append(f"{self.where}: {what}\n    {' '.join(statement.split())[:600]}")

    def run(self, statement):
        """Runs a statement of definitions; gives whether the server took it."""
        self.counts["found"] += 1
        parsed = self.probe.ask(do="parse", sql=statement, session=self.session)
        names = [tuple(name) for name in parsed.get("tables", [])]
        if self._about_system(statement, names, parsed):
            self.counts["left aside: system schemas"] += 1
            return False
        if re.match(r"(?is)\s*set\s+statement\b.*\b(sql_mode|explicit_defaults_for_timestamp)\b", statement):
            self.counts["left aside: settings for one statement, which the log gives with it"] += 1
            return self._leave_aside(statement, names)
        like = parsed.get("like")
        if like and self.probe.describe(*like) is None and tuple(like) not in self.temporary:
            self.counts["left aside: made like a table that was"] += 1
            return self._leave_aside(statement, names)
        before = self._log_position()
        try:
            self.catalog.rows(statement)
        except pymysql.err.InterfaceError:
            raise
        except pymysql.MySQLError as error:
            if error.args[0] in (2006, 2013):
                raise
            self._refused(statement, parsed, names, error)
            return False
        self.counts["accepted"] += 1
        if not self._classified(statement, parsed):
            self._renew(names)
            return True
        after = self._log_position()
        if parsed.get("temporary"):
            self.temporary.update(names)
        if before == after:
            self.counts["left aside: not in the log (temporary tables, nothing to do)"] += 1
        elif self.temporary.intersection(names):
            if parsed["kind"] == "rename table":
                self.temporary.update(names)
            self.counts["left aside: a temporary table's name"] += 1
            self.blurred.update(names)
            self._renew(names)
        else:
            self._compare(statement, parsed, before)
        if "schema" in parsed["kind"]:
            self._read_session()
        if parsed["kind"] == "drop table":
            self.temporary.difference_update(names)
        return True

    def _leave_aside(self, statement, names):
        try:
            self.catalog.rows(statement)
        except pymysql.MySQLError:
            return False
        self._renew(names)
        return True

    @staticmethod
    def _about_system(statement, names, parsed):
        return (any(name[0].lower() in SYSTEM for name in names) or parsed.get("schema", "").lower() in SYSTEM or
                re.search(r"(?i)\b(mysql|performance_schema|information_schema|sys)`?\s*\.", statement))

    def _refused(self, statement, parsed, names, error):
        self.counts["refused by the server"] += 1
        code = error.args[0]
        if "error" in parsed and code in NEVER_TAKEN:
            self.counts["neither taken by the server nor understood"] += 1
        elif code not in NOT_SQL:
            self._classified(statement, parsed, f" (the server: {error.args})")
        kind = kind_of(statement)
        if kind == "drop schema":
            self._forget_lost(parsed.get("schema", ""))
        elif kind in ("drop table", "rename table", "create table"):
            for name in names:  # some of them may be done
                known = self.probe.describe(*name) is not None
                if known != (self.catalog.kind(*name) == "TABLE"):
                    self._renew_one(*name)

    def _classified(self, statement, parsed, note=""):
        if "error" in parsed:
            self.fault(statement, "not understood: " + parsed["error"] + note)
            return False
        kind = kind_of(statement)
        self.counts["classified"] += 1
        if kind == "create table" and re.search(r"(?i)\bsequence\s*=\s*1", statement):
            kind = "another"  # a sequence as SHOW CREATE TABLE has it
        if parsed["kind"] != kind:
            self.fault(statement, f"is {kind}, not {parsed['kind']}")
            return False
        found = _OBJECT.search(without_comments(statement))
        if found and "/*" not in statement and "[" not in statement and kind not in ("alter schema", "another"):
            first = [self._plain(part) for part in re.findall(_NAME, found[1])]
            ours = [parsed["schema"]] if "schema" in kind else parsed["tables"][0]
            expected = first if "schema" in kind or len(first) == 2 else [self.session["schema"], *first]
            if list(ours) != expected:
                self.fault(statement, f"is about {expected}, not {ours}")
                return False
        return True

    @staticmethod
    def _plain(name):
        return name[1:-1].replace(name[0] * 2, name[0]) if name[0] in "`\"" else name

    def _compare(self, statement, parsed, before):
        text, session = statement, self.session
        if parsed.get("select") or tuple(parsed.get("like", ())) in self.temporary:
            text, session = self._logged(before)
            if text is None:
                self.counts["left aside: rows only"] += 1
                return
        applied = self.probe.ask(do="apply", sql=text, session=session)
        if "error" in applied:
            self.fault(statement, "not followed: " + applied["error"])
            self._renew([tuple(name) for name in parsed["tables"]])
            return
        known = self._known()
        self.counts["compared"] += 1
        names = {tuple(name) for name in parsed["tables"] + applied["changed"]}
        faults = []
        if "schema" in parsed["kind"]:
            faults = self._schema_differences(parsed["schema"])
        for schema, table in sorted(names):
            ours = self.probe.describe(schema, table)
            server = self.catalog.describe(schema, table)
            if server is None and ours and not table.isascii() and self._can_be_shown(schema, table):
                self.counts["tables left aside: information_schema does not find their names"] += 1
                continue
            if server and self.catalog.kind(schema, table) != "TABLE":
                server = None
            if server and "unreadable" in server:
                self.counts["tables left aside: their engine cannot open them"] += 1
                continue
            found = differences(ours, server)
            if found:
                faults += [f"{schema}.{table}: {what}" for what in found]
                self._renew_one(schema, table)
        if faults:
            self.fault(statement, "; ".join(faults[:6]))
            self.counts["compared"] -= self._known() - known
        else:
            self.counts["equal"] += 1

    def check_all(self):
        """Compares all that there is, what no statement named included."""
        for (schema,) in self.catalog.rows("SHOW DATABASES"):
            if schema in SYSTEM:
                continue
            ours, server = ([table for table in tables if (schema, table) not in self.temporary | self.blurred] for tables in
                            (self.probe.ask(do="tables", schema=schema)["tables"], self.catalog.tables(schema)))
            if sorted(ours) != server:
                self.fault("", f"schema {schema}: tables {ours}, not {server}")
            for table in set(ours) & set(server):
                described = self.catalog.describe(schema, table)
                if described and "unreadable" in described:
                    continue
                found = differences(self.probe.describe(schema, table), described)
                if found:
                    self.fault("", f"at the end {schema}.{table}: {'; '.join(found)}")

    def _can_be_shown(self, schema, table):
        try:
            self.catalog.definition(schema, table)
        except pymysql.MySQLError:
            return False
        return True

    def _schema_differences(self, schema):
        rows = self.catalog.rows(
            "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata "
            "WHERE schema_name = %s", (schema,))
        ours = self.probe.ask(do="tables", schema=schema)
        if not rows:
            return [] if not ours["tables"] else [f"{ours['tables']} are gone"]
        if [ours["charset"], ours["collation"]] != list(rows[0]):
            self.probe.ask(do="schema", name=schema, charset=rows[0][0], collation=rows[0][1])
            return [f"schema's default {ours['charset']} {ours['collation']}, not {rows[0]}"]
        return []

    def _logged(self, before):
        """The statement that the log holds since then, and its session."""
        for row in self.catalog.rows(f"SHOW BINLOG EVENTS IN '{before[0]}' FROM {before[1]} LIMIT 6"):
            match = re.match(r"(?s)use `((?:[^`]|``)*)`; (\s*CREATE .*)", row[5])
            if match and row[2] == "Query":
                return match[2], self.session | {"schema": match[1].replace("``", "`")}
        return None, None

    def _renew(self, names):
        for name in names:
            self._renew_one(*name)

    def _renew_one(self, schema, table):
        """Takes the server's own definition from here on."""
        try:
            if self.catalog.kind(schema, table) != "TABLE":
                self.probe.ask(do="forget", schema=schema, table=table)
                return
            if (schema, table) in self.temporary:
                return
            answer = self.probe.ask(do="put", sql=self.catalog.definition(schema, table), schema=schema, table=table,
                                    session=self.session | {"schema": schema})
        except pymysql.MySQLError:
            return
        if "error" in answer:
            self.fault(f"SHOW CREATE TABLE {schema}.{table}", answer["error"])

    def _forget_lost(self, schema):
        there = self.catalog.tables(schema)
        for table in self.probe.ask(do="tables", schema=schema)["tables"]:
            if table not in there:
                self.probe.ask(do="forget", schema=schema, table=table)
