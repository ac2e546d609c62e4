"""Servers by their kind, with what a task needs of them in their role."""

from harness import mysql, postgres, server

KINDS = {"mariadb": server.MariaDb, "mysql": mysql.MySql}  # of one family
ALL_KINDS = {**KINDS, "postgres": postgres.Postgres}


def options(kind, role):
    """`role`: "source" or "target"."""
    if kind == "postgres":
        return {}
    if role == "target":
        return {"local_infile": "ON"}
    return mysql.SOURCE_OPTIONS if kind == "mysql" else server.SOURCE_OPTIONS
