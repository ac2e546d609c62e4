"""What a server says of its tables, in the probe's form."""

import re

import pymysql

SYSTEM = ("mysql", "information_schema", "performance_schema", "sys")
_SHAPES = ("geometry", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
           "geometrycollection")
_NO_SUCH_TABLE = (1146, 1049, 1305, 1051, 1109)


def quote(name):
    return "`" + name.replace("`", "``") + "`"


class Catalog:
    def __init__(self, connection):
        self._cursor = connection.cursor()
        self._cursor.execute("SELECT VERSION()")
        self.mysql = "MariaDB" not in self._cursor.fetchone()[0]

    def rows(self, statement, arguments=None):
        self._cursor.execute(statement, arguments)
        return self._cursor.fetchall()

    def kind(self, schema, table):
        """TABLE, VIEW, SEQUENCE; None: it is not there."""
        rows = self.rows("SELECT table_type FROM information_schema.tables "
                         "WHERE table_schema = %s AND table_name = %s", (schema, table))
        if not rows:
            return None
        return "TABLE" if rows[0][0] in ("BASE TABLE", "SYSTEM VERSIONED") else rows[0][0]

    def tables(self, schema):
        return sorted(name for (name,) in self.rows(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s AND "
            "table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')", (schema,)))

    def definition(self, schema, table):
        return self.rows(f"SHOW CREATE TABLE {quote(schema)}.{quote(table)}")[0][1]

    def describe(self, schema, table):
        """Columns, keys and foreign keys; None where there is no such table."""
        columns = self.rows(
            "SELECT column_name, column_type, is_nullable, character_set_name, collation_name, extra, "
            "generation_expression, column_default, column_comment FROM information_schema.columns WHERE table_schema = %s AND "
            "table_name = %s ORDER BY ordinal_position", (schema, table))
        if not columns:
            return None
        try:
            keys = self.rows(f"SHOW INDEX FROM {quote(schema)}.{quote(table)}")
        except pymysql.MySQLError as error:
            if error.args[0] in _NO_SUCH_TABLE:
                return None
            return {"unreadable": str(error)}
        shapes = {row[0] for row in columns if row[1] in _SHAPES}
        return {"columns": [self._column(*row) for row in columns], "keys": self._keys(keys, shapes),
                "foreign_keys": self._foreign_keys(schema, table)}

    def _foreign_keys(self, schema, table):
        rules = self.rows("SELECT constraint_name, delete_rule, update_rule FROM information_schema.referential_constraints "
                          "WHERE constraint_schema = %s AND table_name = %s", (schema, table))
        if not rules:
            return []
        found = {name: {"name": name, "columns": [], "parent_columns": [], "on_delete": delete, "on_update": update}
                 for name, delete, update in rules}
        for name, column, *parent, parent_column in self.rows(
                "SELECT constraint_name, column_name, referenced_table_schema, referenced_table_name, referenced_column_name "
                "FROM information_schema.key_column_usage WHERE table_schema = %s AND table_name = %s "
                "AND referenced_table_name IS NOT NULL ORDER BY ordinal_position", (schema, table)):
            found[name]["parent"] = parent
            found[name]["columns"].append(column)
            found[name]["parent_columns"].append(parent_column)
        return list(found.values())

    def _column(self, name, type_text, nullable, charset, collation, extra, expression, default, comment):
        extra = extra.upper()
        # Some modes of the session show a binary collation, or the length of a BLOB.
        type_text = re.sub(r" /\*M?!.*?\*/", "", type_text)
        type_text = re.sub(r"^((?:tiny|medium|long)?(?:blob|text))\(\d+\)", r"\1", type_text)
        if (collation or "").endswith("_bin"):
            type_text = type_text.removesuffix(" binary")
        described = {"name": name, "type": type_text,
                "nullable": nullable == "YES", "charset": charset or "", "collation": collation or "",
                "generated": bool(expression), "stored": "STORED GENERATED" in extra,
                "invisible": "INVISIBLE" in extra, "auto_increment": "AUTO_INCREMENT" in extra,
                "default": self._has_default(default, extra), "on_update": "ON UPDATE" in extra,
                "comment": comment}
        # Outside of the strict modes MySQL takes the literal '' as a default of these, and forgets it.
        if self.mysql and re.match(r"(tiny|medium|long)?(text|blob)|json|geom", type_text) and not described["default"]:
            del described["default"]
        return described

    def _has_default(self, default, extra):
        """Whether one was given. MySQL does not show those of TEXT and BLOB columns; MariaDB shows the zero date, which is that of
        the type, as one of columns with an ON UPDATE."""
        if self.mysql:
            return default is not None or "DEFAULT_GENERATED" in extra
        return default is not None and default.upper() != "NULL" and not (not self.mysql and "ON UPDATE" in extra and default.startswith("'0000-00-00"))

    def _keys(self, rows, shapes):
        keys = {}
        for row in rows:
            name = row[2]
            kind = {"FULLTEXT": "fulltext", "SPATIAL": "spatial"}.get(row[10])
            hidden = row[13] == ("NO" if self.mysql else "YES")
            key = keys.setdefault(name, {"name": name, "ignored": hidden, "parts": [],
                                         "kind": kind or ("index" if row[1] else "unique")})
            column = row[4] if row[4] is not None else "(expression)"
            # The prefix of a spatial key is the size of its boxes, that of a hash over shapes the hash's.
            whole = kind or (not row[1] and column in shapes and row[7] == 8)
            key["parts"].append([column, 0 if whole else row[7] or 0, row[5] == "D" and not kind])
        return list(keys.values())


COMMENT = 1024  # characters that are kept of one by a session that is not strict


def _same_but_lost(ours, server):
    """Whether they differ only where the column's charset has no such character as was typed."""
    return len(ours) == len(server) and all(
        a == b or (b == "?" and not a.isascii()) for a, b in zip(ours, server))


def differences(ours, server):
    """What of the server's description ours does not say, as short lines."""
    if ours is None or server is None:
        return [] if ours is server else ["the table " + ("is not known" if ours is None else "is gone")]
    found = []
    names = [column["name"] for column in ours["columns"]]
    expected = [column["name"] for column in server["columns"]]
    if names != expected:
        return [f"columns {names}, not {expected}"]
    for one, other in zip(ours["columns"], server["columns"]):
        if "?" in other["type"] and _same_but_lost(one["type"], other["type"]):
            other["type"] = one["type"]
        one["comment"] = one["comment"][:COMMENT]
        if one["charset"] == "binary" and other["charset"] == "":  # MySQL does not say so of an ENUM
            other["charset"] = other["collation"] = "binary"
        found += [f"column {one['name']}: {what} {one[what]!r}, not {value!r}"
                  for what, value in other.items() if one[what] != value]
    keys = {key["name"]: key for key in ours["keys"]}
    for key in server["keys"]:
        one = keys.pop(key["name"], None)
        if one is None:
            found.append(f"no key {key['name']} {key['parts']} {key['kind']}")
            continue
        found += [f"key {key['name']}: {what} {one[what]}, not {value}"
                  for what, value in key.items() if one[what] != value]
    found += [f"a key {key['name']} {key['parts']} too many" for key in keys.values()]
    shapes = {column["name"] for column in server["columns"] if column["type"] in _SHAPES}
    # A unique shape goes by a hash, whose length MariaDB takes for a prefix later on.
    hashed = any(key["kind"] == "unique" and part[0] in shapes for key in server["keys"] for part in key["parts"])
    # Where a unique key over an expression stands depends on whether that can be NULL, which MySQL knows of each of its functions,
    # by the session's mode too.
    anywhere = {key["name"] for key in server["keys"] if key["kind"] == "unique" and "(expression)" in (part[0] for part in key["parts"])}
    order, expected = ([key["name"] for key in side["keys"] if key["name"] not in anywhere] for side in (ours, server))
    if not found and not hashed and order != expected:
        found.append(f"keys in the order {order}, not {expected}")
    return found + _foreign_key_differences(ours["foreign_keys"], server["foreign_keys"])


def _foreign_key_differences(ours, server):
    def comparable(key):
        actions = [key[event].replace("NO ACTION", "RESTRICT") for event in ("on_delete", "on_update")]
        # Names as they were typed, or as the columns' are: either is right.
        columns = [[name.lower() for name in key[side]] for side in ("columns", "parent_columns")]
        return [columns[0], key["parent"], columns[1], *actions]

    ours, server = ({key["name"]: comparable(key) for key in keys} for keys in (ours, server))
    return [f"foreign key {name}: {ours.get(name)}, not {server.get(name)}"
            for name in sorted({*ours, *server}) if ours.get(name) != server.get(name)]
