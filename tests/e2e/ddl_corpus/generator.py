"""Random statements that define and change tables, in the SQL of MariaDB or of MySQL.

What comes next depends on the tables that there are, so that most of it is taken by the server; what is
not does no harm. The same seed makes the same statements."""

import random

from ddl_corpus.catalog import quote

SCHEMAS = ("test", "depot")
CHARSETS = {"latin1": ["latin1_swedish_ci", "latin1_bin", "latin1_german1_ci"],
            "utf8mb4": ["utf8mb4_general_ci", "utf8mb4_bin", "utf8mb4_unicode_ci"],
            "utf8mb3": ["utf8mb3_general_ci", "utf8mb3_bin"], "utf8": ["utf8mb3_unicode_ci"],
            "ascii": ["ascii_general_ci"], "ucs2": ["ucs2_bin"], "utf16": ["utf16_general_ci"],
            "cp1251": ["cp1251_bin"], "binary": ["binary"]}
MODES = ("", "ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "REAL_AS_FLOAT", "STRICT_ALL_TABLES", "PIPES_AS_CONCAT")


class Generator:
    def __init__(self, seed, catalog):
        self.random = random.Random(seed)
        self.catalog = catalog
        self.mysql = catalog.mysql
        self.ansi = False
        self.types = {}  # of the columns of the table in hand, as text

    # What there is.

    def tables(self):
        return [(schema, table) for schema in SCHEMAS for table in self.catalog.tables(schema)]

    def columns(self, name):
        described = self.catalog.describe(*name)
        if not described:
            return ["a"]
        self.types = {column["name"]: column["type"] for column in described["columns"]}
        return list(self.types)

    def keys(self, name):
        described = self.catalog.describe(*name)
        return [key["name"] for key in described["keys"]] if described else []

    # Small choices.

    def chance(self, percent):
        return self.random.randrange(100) < percent

    def one(self, *choices):
        return self.random.choice(choices)

    def maybe(self, percent, text):
        return " " + text if self.chance(percent) else ""

    def name(self, text):
        """The name, quoted as the session's mode has it, or not."""
        if text.isidentifier() and text not in ("order", "key") and self.chance(50):
            return text
        return f'"{text}"' if self.ansi and self.chance(50) else quote(text)

    def qualified(self, name):
        schema, table = name
        return (self.name(schema) + "." if schema != "test" or self.chance(30) else "") + self.name(table)

    def new_column(self):
        return self.one("a", "b", "c", "d", "e", "f", "g", "Id", "a b", "sélect", "order", "n1", "n2", "n3")

    def new_key(self):
        return self.one("k1", "k2", "k3", "K4", "a", "b", "primary_", "über", "key")

    def new_table(self):
        schema = self.one(*SCHEMAS)
        return schema, self.one("t1", "t2", "t3", "t4", "T5", "a b", "tabellé")

    def charset(self):
        charset = self.one(*CHARSETS)
        collation = self.one(*CHARSETS[charset])
        if self.mysql and charset == "utf8mb4" and self.chance(50):
            collation = self.one("utf8mb4_0900_ai_ci", "utf8mb4_0900_bin", "utf8mb4_ja_0900_as_cs")
        if not self.mysql and charset in ("utf8mb4", "utf8mb3", "ucs2") and self.chance(30):
            collation = self.one("uca1400_ai_ci", f"{charset}_uca1400_as_cs")
        word = self.one("CHARACTER SET", "CHARSET")
        return self.one(f"{word} {charset}", f"{word} {charset} COLLATE {collation}", f"COLLATE {collation}")

    # Columns.

    def type(self):
        """A type and what its values are like: int, number, text, blob, time, geometry, json, other."""
        pick = self.random.randrange(100)
        if pick < 25:
            width = self.one("", "", "(1)", "(5)", "(11)")
            word = self.one("int", "integer", "tinyint", "smallint", "mediumint", "bigint", "int1", "int4", "int8")
            return word + width + self.one("", "", " unsigned", " zerofill", " unsigned zerofill", " signed"), "int"
        if pick < 30:
            return self.one("bool", "boolean", "bit", "bit(7)", "bit(64)"), "int"
        if pick < 40:
            return self.one("decimal", "decimal(5)", "numeric(10,2)", "dec(3,3) unsigned", "fixed", "float",
                            "float(3)", "float(30)", "float(7,3)", "double", "double precision", "real",
                            "double(10,2) unsigned"), "number"
        if pick < 65:
            size = self.one(1, 10, 40, 255)
            text = self.one(f"char({size})", f"varchar({size})", "char", f"varchar({size * 20})", "tinytext", "text",
                            "mediumtext", "longtext", f"text({size * 30})", f"character varying({size})",
                            f"nchar({size})", f"national varchar({size})", "long", "nvarchar(7)")
            if self.chance(35) and not text.startswith(("n",)):
                text += " " + self.one(self.charset(), self.charset(), self.charset(), "binary", "ascii", "unicode")
            return text, "text"
        if pick < 70:
            labels = self.one("'a','b'", "'x y','it''s','z '", "'é','ß'", "'1'")
            return self.one("enum", "set") + f"({labels})" + self.maybe(30, self.charset()), "label"
        if pick < 78:
            return self.one("binary(4)", "binary", "varbinary(20)", "blob", "tinyblob", "longblob", "blob(70000)",
                            "long varbinary", "char byte"), "blob"
        if pick < 90:
            return self.one("date", "time", "time(3)", "datetime", "datetime(6)", "timestamp null", "timestamp(2)",
                            "year", "year(4)"), "time"
        if pick < 94:
            return self.one("point", "geometry", "linestring", "polygon", "geometrycollection", "multipoint"), "geometry"
        if pick < 97:
            return "json", "json"
        if self.mysql:
            return self.one("vector(3)", "vector", "serial"), "other"
        return self.one("uuid", "inet6", "inet4", "serial"), "other"

    def default(self, kind):
        if kind in ("int", "number"):
            return self.one("0", "-1", "'1'", "NULL", "(1 + 2)", "+1")
        if kind == "text":
            if self.chance(20):
                return "NULL"
            return self.one("''", "'x'", "('it''s')", "(concat('a', ','))")
        if kind == "time":
            return self.one("NULL", "NULL", "'2020-01-01'")
        if kind == "label":
            return self.one("NULL", "'a'")
        return self.one("NULL", "('x')")

    def column(self, name):
        """`name type attributes`."""
        type_text, kind = self.type()
        self.types[name] = type_text
        text = f"{self.name(name)} {type_text}"
        if type_text == "serial":
            return text
        if self.chance(10):
            text = text.removesuffix(" null")
            expression = self.one("1 + 1", "concat('a,', \")\")" if not self.ansi else "concat('a,')", "NULL", "(2)")
            text += self.one(" GENERATED ALWAYS AS", " AS") + f" ({expression})"
            text += self.one("", " VIRTUAL", " STORED", *(() if self.mysql else (" PERSISTENT",)))
            if self.mysql:
                text += self.maybe(20, self.one("NULL", "NOT NULL"))
        else:
            text += self.one("", "", " NOT NULL", " NULL")
            if self.chance(30) and kind not in ("blob", "geometry") and not text.endswith("NOT NULL"):
                text += " DEFAULT " + self.default(kind)
            if kind == "time" and type_text.startswith(("datetime", "timestamp")) and self.chance(30):
                digits = type_text[type_text.index("("):] if "(" in type_text else ""
                text += f" ON UPDATE CURRENT_TIMESTAMP{digits}"
            if kind == "int" and self.chance(8):
                text += " AUTO_INCREMENT" + self.one(" UNIQUE", " PRIMARY KEY", " KEY")
            elif kind in ("int", "time") and self.chance(10):
                text += self.one(" UNIQUE", " UNIQUE KEY", " PRIMARY KEY", " KEY")
        text += self.maybe(8, "INVISIBLE")
        text += self.maybe(10, "COMMENT 'it''s, (a) comment'")
        if self.chance(6):
            text += self.one("", " CONSTRAINT " + self.name(self.one("chk1", "chk2"))) if self.mysql else ""
            text += f" CHECK ({self.name(name)} is not null)" + (self.one("", " NOT ENFORCED") if self.mysql else "")
        if self.mysql:
            text += self.maybe(4, self.one("COLUMN_FORMAT FIXED", "STORAGE DISK", "NOT SECONDARY", "VISIBLE"))
        return text

    # Keys.

    def part(self, column):
        if self.mysql and self.chance(12):
            return self.one(f"(({quote(column)} + 1))"[1:-1], f"(upper({quote(column)}))", "((1 + 1))"[1:-1])
        text = self.types.get(column, "")
        prefix = ""
        if any(word in text for word in ("text", "blob", "long")):
            prefix = self.one("(3)", "(10)", "(100)") if self.mysql else self.one("(3)", "(10)", "(100)", "")
        elif "char" in text or "binary" in text:
            prefix = self.one("", "", "(1)", "(3)", "(10)")
        return self.name(column) + prefix + self.one("", "", " ASC", " DESC")

    def alike(self, columns, *words):
        """Those whose type has one of the words, or one of all."""
        return [column for column in columns if any(word in self.types.get(column, "") for word in words)] or columns[:1]

    def key(self, columns):
        """`UNIQUE KEY name (parts) options` and its like."""
        kind = self.one("KEY", "KEY", "INDEX", "UNIQUE", "UNIQUE KEY", "PRIMARY KEY", "FULLTEXT KEY", "SPATIAL KEY")
        chosen = self.random.sample(columns, min(len(columns), self.one(1, 1, 2, 3)))
        if kind in ("FULLTEXT KEY", "SPATIAL KEY"):
            fitting = (self.alike(columns, "char", "text") if kind[0] == "F" else
                       self.alike(columns, "point", "geom", "poly", "line"))
            parts = self.name(self.one(*fitting))
        else:
            parts = ", ".join(self.part(column) for column in chosen)
        if self.mysql and kind == "KEY" and self.chance(8):
            parts = f"(CAST({quote(chosen[0])}->'$.a' AS UNSIGNED ARRAY))"
        name = "" if kind == "PRIMARY KEY" or self.chance(40) else " " + self.name(self.new_key())
        text = self.maybe(10, "CONSTRAINT uq")[1:] + " " if kind.startswith("UNIQUE") else ""
        text = f"{text}{kind}{name} ({parts})"
        text += self.maybe(8, "USING BTREE") if kind[0] not in "FS" else ""
        text += self.maybe(8, "COMMENT 'a key''s'")
        if kind != "PRIMARY KEY" and self.chance(8):
            text += " " + (self.one("INVISIBLE", "VISIBLE") if self.mysql else self.one("IGNORED", "NOT IGNORED"))
        return text.strip()

    def foreign_key(self, columns):
        tables = self.tables()
        parent = self.one(*tables) if tables else ("test", "t1")
        action = self.one("", " ON DELETE CASCADE", " ON UPDATE SET NULL", " ON DELETE NO ACTION ON UPDATE RESTRICT")
        constraint = self.one("", "", "CONSTRAINT " + self.name(self.one("fk1", "fk2", "fk3")) + " ")
        return (f"{constraint}FOREIGN KEY{self.maybe(20, self.name(self.new_key()))} ({self.name(self.one(*columns))}) "
                f"REFERENCES {self.qualified(parent)} ({self.name(self.one(*self.columns(parent)))}){action}")

    def check(self, columns):
        return (self.one("", "CONSTRAINT " + self.name(self.one("chk1", "chk2", "chk3")) + " ") +
                f"CHECK ({self.name(self.one(*columns))} is not null)" +
                (self.one("", "", " NOT ENFORCED", " ENFORCED") if self.mysql else ""))

    # Tables.

    def option(self):
        options = [f"DEFAULT {self.charset()}", self.charset(), "COMMENT = 'it''s'", "ENGINE = InnoDB",
                   "ROW_FORMAT=DYNAMIC", "AUTO_INCREMENT 5", "STATS_PERSISTENT=1", "MAX_ROWS 100", "ENGINE MyISAM"]
        if self.mysql:
            options += ["AUTOEXTEND_SIZE=4M", "COMPRESSION='zlib'", "SECONDARY_ENGINE=NULL", "ENCRYPTION='N'",
                        "TABLESPACE innodb_file_per_table"]
        else:
            options += ["PAGE_CHECKSUM=1", "ENGINE=Aria", "TRANSACTIONAL=0"]
        return self.one(*options)

    def partitioning(self, columns):
        column = self.name(self.one(*columns))
        return "PARTITION BY " + self.one(
            f"HASH ({column}) PARTITIONS 3", f"KEY ({column})", f"LINEAR HASH ({column})",
            f"RANGE ({column}) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)",
            f"RANGE COLUMNS ({column}) (PARTITION p0 VALUES LESS THAN (10) COMMENT 'x', PARTITION p1 VALUES LESS "
            "THAN (MAXVALUE))", f"LIST ({column}) (PARTITION p0 VALUES IN (1, 2), PARTITION p1 VALUES IN (NULL, 3))")

    def create_table(self):
        name = self.new_table()
        tables = self.tables()
        if tables and self.chance(12):
            return (f"CREATE TABLE {self.maybe(30, 'IF NOT EXISTS')[1:]} {self.qualified(name)} "
                    f"LIKE {self.qualified(self.one(*tables))}")
        columns = self.random.sample(["a", "b", "c", "d", "e", "Id", "a b", "sélect", "order"], self.one(1, 3, 5, 7))
        self.types = {}
        elements = [self.column(column) for column in columns]
        elements += [self.key(columns) for _ in range(self.one(0, 1, 2, 3))]
        if self.chance(20):
            elements.append(self.foreign_key(columns))
        if self.chance(15):
            elements.append(self.check(columns))
        replace = "" if self.mysql else self.maybe(25, "OR REPLACE")
        text = f"CREATE{replace} TABLE{'' if replace else self.maybe(15, 'IF NOT EXISTS')} {self.qualified(name)} (" + ", ".join(elements)
        text += ") " + self.one(" ", ", ").join(self.option() for _ in range(self.one(0, 0, 1, 2)))
        if not self.mysql and self.chance(8):
            text += " WITH SYSTEM VERSIONING"
        if self.chance(10):
            text += " " + self.partitioning(columns)
        return text

    def place(self, columns):
        return self.one("", "", "", " FIRST", f" AFTER {self.name(self.one(*columns))}")

    def action(self, name, columns, keys):
        column, key = self.one(*columns), self.one(*(keys or ["k1"]))
        more = ["add"] * 4 + ["drop"] * 2 + ["modify"] * 3 + ["change"] * 2 + ["rename column"] * 2 + ["key"] * 4 + [
            "drop key", "drop key", "rename key", "default", "default", "visibility", "fk", "check", "constraint",
            "convert", "option", "option", "many", "order", "algorithm", "primary", "column visibility", "force"]
        what = self.one(*more)
        word = self.one("", "COLUMN ")
        if what == "add":
            guard = "" if self.mysql else self.maybe(10, "IF NOT EXISTS")[1:] + " "
            return f"ADD {word}{guard}{self.column(self.new_column())}{self.place(columns)}"
        if what == "drop":
            return f"DROP {word}{'' if self.mysql else self.maybe(10, 'IF EXISTS')[1:] + ' '}{self.name(column)}"
        if what == "modify":
            return f"MODIFY {word}{self.column(column)}{self.place(columns)}"
        if what == "change":
            return f"CHANGE {word}{self.name(column)} {self.column(self.one(column, self.new_column()))}{self.place(columns)}"
        if what == "rename column":
            return f"RENAME COLUMN {self.name(column)} TO {self.name(self.new_column())}"
        if what == "key":
            return "ADD " + self.key(columns)
        if what == "drop key":
            return "DROP PRIMARY KEY" if key == "PRIMARY" else f"DROP {self.one('KEY', 'INDEX')} {self.name(key)}"
        if what == "rename key":
            return f"RENAME {self.one('KEY', 'INDEX')} {self.name(key)} TO {self.name(self.new_key())}"
        if what == "default":
            return f"ALTER {word}{self.name(column)} " + self.one("DROP DEFAULT", "SET DEFAULT 1", "SET DEFAULT 'x'",
                                                                   "SET DEFAULT (1 + 1)")
        if what == "visibility":
            states = ("VISIBLE", "INVISIBLE") if self.mysql else ("IGNORED", "NOT IGNORED")
            return f"ALTER INDEX {self.name(key)} {self.one(*states)}"
        if what == "column visibility":
            if not self.mysql:
                return f"MODIFY {self.name(column)} int INVISIBLE DEFAULT 1"
            return f"ALTER COLUMN {self.name(column)} SET {self.one('VISIBLE', 'INVISIBLE')}"
        if what == "fk":
            return self.one("ADD " + self.foreign_key(columns), f"DROP FOREIGN KEY {self.one('fk1', 'fk2', 'fk3')}")
        if what == "check":
            return "ADD " + self.check(columns)
        if what == "constraint":
            return "DROP CONSTRAINT " + self.one("chk1", "chk2", "chk3", "uq", "fk1")
        if what == "convert" and not "".join(self.types.values()).isascii():
            return "FORCE"  # labels in the charset "binary" become other ones
        labels = any(text.startswith(("enum", "set")) for text in self.types.values())
        if what == "convert" and labels:  # to and from UCS-2 too
            return "CONVERT TO CHARACTER SET utf8mb4"
        if what == "convert":
            return "CONVERT TO " + self.one("CHARACTER SET", "CHARSET") + " " + self.one(
                "latin1", "utf8mb4", "utf8", "utf8mb4 COLLATE utf8mb4_bin", "DEFAULT", "ascii COLLATE ascii_bin",
                # MySQL's catalogue shows no labels in UCS-2.
                "latin1" if self.mysql else "ucs2")
        if what == "many":
            return f"ADD ({self.column('m1')}, {self.column('m2')}, {self.key(columns)})"
        if what == "order":
            return f"ORDER BY {self.name(column)} DESC"
        if what == "algorithm":
            return self.one("ALGORITHM=COPY", "ALGORITHM = DEFAULT", "LOCK=DEFAULT", "LOCK = SHARED")
        if what == "primary":
            return f"ADD PRIMARY KEY ({self.name(column)})"
        return "FORCE" if what == "force" else self.option()

    def alter_table(self):
        tables = self.tables()
        if not tables:
            return self.create_table()
        name = self.one(*tables)
        columns, keys = self.columns(name), self.keys(name)
        head = f"ALTER{'' if self.mysql else self.maybe(5, 'IGNORE')} TABLE {self.qualified(name)} "
        pick = self.random.randrange(100)
        if pick < 4:
            return head + self.one("RENAME TO ", "RENAME ", "RENAME AS ") + self.qualified(self.new_table())
        if pick < 8:
            return head + self.one(self.partitioning(columns), "REMOVE PARTITIONING", "DROP PARTITION p0",
                                   "TRUNCATE PARTITION p1", "COALESCE PARTITION 1", "ADD PARTITION PARTITIONS 2",
                                   "REBUILD PARTITION ALL", "REORGANIZE PARTITION p1 INTO (PARTITION p1 VALUES LESS "
                                   "THAN (20), PARTITION p2 VALUES LESS THAN MAXVALUE)")
        if pick < 11 and not self.mysql:
            return head + self.one("ADD SYSTEM VERSIONING", "DROP SYSTEM VERSIONING")
        actions = [self.action(name, columns, keys) for _ in range(self.one(1, 1, 1, 1, 2, 3))]
        actions.sort(key=lambda action: action.startswith("ORDER BY"))  # it can only be the last
        return head + ", ".join(actions)

    def other(self):
        tables = self.tables()
        if not tables:
            return self.create_table()
        name = self.one(*tables)
        pick = self.random.randrange(10)
        if pick < 3:
            chosen = self.random.sample(self.columns(name), 1)
            return (f"CREATE {self.one('', 'UNIQUE ')}INDEX {self.name(self.new_key())} ON {self.qualified(name)} "
                    f"({self.part(chosen[0])}){self.maybe(10, 'COMMENT ' + chr(39) + 'x' + chr(39))}")
        if pick < 5:
            return f"DROP INDEX {self.name(self.one(*(self.keys(name) or ['k1'])))} ON {self.qualified(name)}"
        if pick < 7:
            to = self.new_table()
            other = self.one(*tables)
            return self.one(f"RENAME TABLE {self.qualified(name)} TO {self.qualified(to)}",
                            f"RENAME TABLE {self.qualified(name)} TO test.swap, {self.qualified(other)} TO "
                            f"{self.qualified(name)}, test.swap TO {self.qualified(other)}")
        if pick < 8:
            return f"DROP TABLE{self.maybe(50, 'IF EXISTS')} {self.qualified(name)}"
        if pick < 9:
            return f"ALTER DATABASE {self.one(*SCHEMAS)} {self.charset()}"
        return f"TRUNCATE TABLE {self.qualified(name)}"

    def statement(self):
        """The next one; SET statements are the session's."""
        pick = self.random.randrange(100)
        if pick < 4:
            mode = self.one(*MODES)
            self.ansi = mode == "ANSI_QUOTES"
            return f"SET sql_mode = '{mode}'"
        if pick < 30:
            return self.create_table()
        if pick < 85:
            return self.alter_table()
        return self.other()
