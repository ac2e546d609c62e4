#!/usr/bin/python3
"""Runs statements.sql on a MariaDB server and writes recorded.txt: each statement, with SHOW CREATE
TABLE of every table that it changed and the names of those that it removed.

usage: record.py SOCKET   (a throw-away server: the schemas shop and depot are dropped)
"""
import pathlib
import sys

import pymysql

SCHEMAS = ("shop", "depot")
folder = pathlib.Path(__file__).parent
cursor = pymysql.connect(unix_socket=sys.argv[1], user="root", charset="utf8mb4",
                         autocommit=True).cursor()


def tables():
    cursor.execute("SELECT table_schema, table_name FROM information_schema.tables "
                   "WHERE table_schema IN %s AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')",
                   (SCHEMAS,))
    found = {}
    for schema, table in cursor.fetchall():
        cursor.execute("SHOW CREATE TABLE `%s`.`%s`" % (schema, table.replace("`", "``")))
        found[schema + "." + table] = cursor.fetchone()[1]
    return found


cursor.execute("SET foreign_key_checks=0")
for schema in SCHEMAS:
    cursor.execute("DROP DATABASE IF EXISTS " + schema)
cursor.execute("SET foreign_key_checks=1, sql_mode='', innodb_strict_mode=0, system_versioning_alter_history=keep")
before, lines = {}, []
for statement in (folder / "statements.sql").read_text().rstrip(";\n").split(";\n"):
    try:
        cursor.execute(statement)
    except pymysql.Error as error:
        sys.exit(f"{statement}\n{error}")
    if statement.startswith("use "):
        lines.append("-- " + statement)
        continue
    lines += ["-- statement", statement]
    after = tables()
    for name in sorted(after):
        if after[name] != before.get(name):
            lines += ["-- table " + name, after[name]]
    lines += ["-- dropped " + name for name in sorted(before) if name not in after]
    before = after
(folder / "recorded.txt").write_text("\n".join(lines) + "\n")
