"""Tables and rows that the server's own test suite makes, by its own statements."""

import os
import re
import zlib
from pathlib import Path

import pymysql

from ddl_corpus.extract import SUITE, Script, kind_of, scripts, without_comments
from harness.compare import quoted

# Whole databases: the files that make each.
DATABASES = {
    "world": ("include/world_schema.inc", "include/world.inc"),
    "world_foreign_keys": ("include/world_schema1.inc", "include/world.inc"),
    "world_utf8": ("include/world_schema_utf8.inc", "include/world.inc"),
    "orders_and_parts": ("include/dbt3_s001.inc",),
}
# Of the scripts that load data files, the ones with much data, unusual charsets or unusual types.
LOADING = {"ctype_eucjpms", "ctype_gbk", "ctype_sjis", "ctype_ujis", "gis", "gis-loaddata", "jp_convert_sjis", "jp_convert_utf8",
           "jp_select_ujis", "loaddata", "loadxml", "mysqlbinlog", "rpl_loaddata2", "rpl_loaddata_charset", "rpl_mixed_dml", "trigger", "warnings"}
# Clients in charsets other than Unicode and latin1, whose DDL with characters beyond ASCII a task does not follow (docs/operations.md).
OTHER_CLIENTS = re.compile(rb"(?i)(set\s+names|set\s+character\s+set|character_set_client\s*=)\s*'?(?!utf8|latin1|binary|default|@)\w+")
# Of all others, by default one in so many is copied, and another one in so many run while a task follows.
CHOICE = os.environ.get("GODWIT_PUBLIC_DATA", "800")
SAMPLE = 1 if CHOICE == "full" else int(CHOICE)

KEPT = "tables kept that were dropped"

_SETTINGS = r"""sql_mode|time_zone|timestamp|foreign_key_checks|unique_checks|check_constraint_checks|insert_id|last_insert_id|autocommit
    |auto_increment_\w+|innodb_strict_mode|system_versioning_\w+|explicit_defaults_for_timestamp|character_set_\w+|collation_\w+|rand_seed\d
    |binlog_row_image|names|@\w+"""
_WANTED = re.compile(rf"""(?isx)^(set\s+statement\s.*?\sfor\s+)?((insert|replace|update|delete|with|call|begin|commit|rollback|savepoint|release)(?!\w)
                       | load\s+(data|xml)\s | start\s+transaction | xa\s
                       | create\s+(or\s+replace\s+)?(definer\s*=\s*\S+\s+)?(trigger|procedure|function)(?!\w) | drop\s+(trigger|procedure|function)(?!\w)
                       | set\s+(session\s+|local\s+|@@session\.|@@local\.|@@)?({_SETTINGS})(?!\w))""")
_UNWANTED = re.compile(r"(?is)\b(set\s+(@@)?global|outfile|dumpfile|soname|sleep|get_lock|benchmark|sys_exec)\b|\bglobal\.|sql_log_bin|binlog_format")
_FILE = re.compile(r"""(?is)\binfile\s+(['"])[^'"]*?std_data/""")
_SCHEMA = re.compile(r"(?i)(?<![\w'\".@`])(test|`test`)\s*\.\s*(?=[\w`])")
_DROP = re.compile(r"(?is)^drop\s+tables?\s+(if\s+exists\s+)?([\w`, ]+?)\s*(cascade|restrict)?$")


class DataScript(Script):
    """A file's statements that make tables and rows, in order, as bytes in the file's own charset."""

    def __init__(self, path):
        try:
            Path(path).read_bytes().decode()
            self._charset = "utf-8"
        except UnicodeDecodeError:
            self._charset = "latin-1"
        super().__init__(path)

    def _add(self, text, has_variables):
        if has_variables:
            text = self._resolve(text)
        if text is None:
            self.unresolved += 1
            return
        text = without_comments(text)
        kind = kind_of(text)
        if not (_WANTED.match(text) or (kind and "schema" not in kind)) or _UNWANTED.search(text):
            return
        text = re.sub(r"(?i)\blocal\s+infile", "INFILE", text)
        text = _FILE.sub(lambda match: f"LOCAL INFILE {match[1]}{SUITE}/std_data/", text)
        text = _SCHEMA.sub("", text)
        self.statements.append(text.encode(self._charset))


def chosen_scripts(share):
    """The scripts of share 0, 1, ...; with `GODWIT_PUBLIC_DATA=full` all there are, in two shares."""
    files = [path for path in scripts() if path.suffix == ".test"]
    shares = 2 if SAMPLE == 1 else SAMPLE
    found = [path for path in files if zlib.crc32(str(path.relative_to(SUITE)).encode()) % shares == share]
    if share == 0:
        found += [path for path in files if path.stem in LOADING and path not in found]
    return sorted(found)


class Loader:
    """Runs scripts on a server, each in a schema of its own; leaves aside what the server refuses. Tables keep their rows
    under another name where the script drops them. `counts` says what became of all that."""

    def __init__(self, server, counts):
        self._server, self.counts, self.schemas, self.not_followed = server, counts, [], []

    def databases(self):
        for schema, files in DATABASES.items():
            self.run(schema, *(SUITE / file for file in files))

    def scripts(self, share, followed=False):
        """`followed`: without those whose DDL a task cannot follow; their names are in `not_followed`."""
        for path in chosen_scripts(share):
            if followed and OTHER_CLIENTS.search(path.read_bytes()):
                self.not_followed.append(path.name)
                continue
            self.run(f"{path.stem[:50]}_{len(self.schemas)}".lower(), path)

    def run(self, schema, *files):
        self.schemas.append(schema)
        with self._server.connect(local_infile=True, charset="latin1") as connection, connection.cursor() as cursor:
            cursor.execute("SET max_statement_time = 2, lock_wait_timeout = 1, innodb_lock_wait_timeout = 1")
            cursor.execute(f"CREATE DATABASE {quoted(schema)} CHARACTER SET latin1")
            cursor.execute(f"USE {quoted(schema)}")
            for path in files:
                self.counts["scripts"] += 1
                for statement in DataScript(path).statements:
                    self._run(cursor, statement)
            cursor.execute("COMMIT")

    def _run(self, cursor, statement):
        dropped = _DROP.match(statement.decode("latin-1"))
        try:
            if dropped:
                self._keep(cursor, dropped[2].split(","))
            cursor.execute(statement)
            self.counts["statements run"] += 1
            self.counts["files loaded"] += statement[:4].lower() == b"load"
        except pymysql.err.InterfaceError:
            raise
        except (pymysql.MySQLError, OSError) as error:  # of the scripts' statements many are errors on purpose
            if error.args[0] in (2006, 2013):
                raise
            self.counts["statements refused"] += 1

    def _keep(self, cursor, names):
        """What has rows stays under another name."""
        for name in (name.strip().strip("`") for name in names):
            try:
                cursor.execute(f"SELECT 1 FROM {quoted(name)} LIMIT 1")
                if cursor.fetchall():
                    cursor.execute(f"RENAME TABLE {quoted(name)} TO {quoted(f'{name[:40]}_kept_{self.counts[KEPT]}')}")
                    self.counts[KEPT] += 1
            except pymysql.MySQLError:
                pass  # it is not there, or not a table
