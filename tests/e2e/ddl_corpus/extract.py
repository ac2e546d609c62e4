"""The statements that a test file of the server's own suite holds.

The files are scripts of the server's test program: SQL up to a delimiter, and between it the program's
own commands. What is here reads them as far as finding statements about tables, indexes and databases
takes; nothing is executed but plain assignments to variables."""

import re
from pathlib import Path

SUITE = Path("/usr/share/mysql/mysql-test")

# Of the statements that change what a later one means.
SESSION = re.compile(
    r"(?is)^\s*(use\s|set\s+(@@)?(session\s+|local\s+)?(@@)?(session\.|local\.)?(sql_mode|foreign_key_checks|"
    r"explicit_defaults_for_timestamp|innodb_strict_mode|"
    r"system_versioning_alter_history|alter_algorithm|check_constraint_checks|"
    r"sql_generate_invisible_primary_key|sql_require_primary_key|timestamp|time_zone)\s*(:)?=)")

_KIND = re.compile(r"""(?isx)^(?:set\s+statement\s.*?\sfor\s+)?
    (?:(create)\s+(?:or\s+replace\s+)? (?:temporary\s+)? (table)(?!\w)
     | (create)\s+(?:or\s+replace\s+)? (?:(?:online|offline)\s+)?
       (?:unique\s+|fulltext\s+|spatial\s+)? (index)(?!\w)
     | (create)\s+(?:or\s+replace\s+)? (database|schema)(?!\w)
     | (alter)\s+(?:(?:online|offline)\s+)?(?:ignore\s+)? (table)(?!\w)
     | (alter)\s+ (database|schema)(?!\w)
     | (drop)\s+(?:temporary\s+)? (tables?)(?!\w)
     | (drop)\s+(?:(?:online|offline)\s+)?(index)(?!\w)
     | (drop)\s+(database|schema)(?!\w)
     | (rename)\s+(tables?)(?!\w)
     | (truncate)\s+(table)(?!\w))""")

_BLOCK = re.compile(r"(?i)(if|while)\s*\(")
_DATA = re.compile(r"(?i)(perl|write_file|append_file)\b([^\n;]*)")
_VARIABLE = re.compile(r"\$(\w+|\{\w+\})")


def without_comments(text):
    """The text without what stands before its first word."""
    while True:
        text = text.lstrip()
        if text.startswith("#") or re.match(r"--(\s|$)", text):
            text = text.partition("\n")[2]
        elif text.startswith("/*") and not re.match(r"/\*M?!", text):
            text = text.partition("*/")[2]
        else:
            return text


def kind_of(statement):
    """"create table" and its like, or None for what is none of them. Version comments are entered."""
    plain = re.sub(r"/\*M?!\d*|\*/", " ", without_comments(statement)) if "/*" in statement else statement
    plain = re.sub(r"(?s)/\*.*?(\*/|$)", " ", plain) if "/*" in plain else plain
    matched = _KIND.match(without_comments(plain))
    if not matched:
        return None
    verb, noun = [group.lower() for group in matched.groups() if group]
    noun = {"tables": "table", "database": "schema"}.get(noun, noun)
    return f"{verb} {noun}"


class Script:
    """A file's statements about definitions and those of the session that change their meaning, in order:
    `statements`. `unresolved`: how many were left out for a variable whose value only a run can tell."""

    def __init__(self, path):
        raw = Path(path).read_bytes()
        try:
            self._text = raw.decode()
        except UnicodeDecodeError:
            self._text = raw.decode("latin-1")
        self.statements = []
        self.unresolved = 0
        self._variables = {name: "InnoDB" for name in ("engine_type", "ENGINE", "engine", "storage_engine",
                                                       "default_engine", "ENG", "ENGINE_TABLE")}
        self._delimiter = ";"
        self._at = 0
        while self._at < len(self._text):
            self._step()

    def _line(self):
        """The rest of the line, which is passed over."""
        end = self._text.find("\n", self._at)
        end = len(self._text) if end < 0 else end
        line = self._text[self._at:end]
        self._at = end + 1
        return line

    def _step(self):
        text = self._text
        if text[self._at].isspace():
            self._at += 1
        elif text[self._at] in "{}":
            self._at += 1
        elif text[self._at] == "#":
            self._line()
        elif text.startswith("--", self._at):
            self._command(self._line()[2:].strip())
        elif _BLOCK.match(text, self._at):
            end = text.find("{", self._at)
            self._at = len(text) if end < 0 else end + 1
        elif match := _DATA.match(text, self._at):
            self._line()
            self._skip_data(match[1], match[2])
        else:
            self._command(self._statement())

    def _statement(self):
        """Up to the delimiter, outside of quotes."""
        text, begin, at, quote = self._text, self._at, self._at, None
        while at < len(text):
            character = text[at]
            if quote:
                if character == "\\" and quote != "`":
                    at += 1
                elif character == quote:
                    quote = None
            elif text.startswith(self._delimiter, at):
                break
            elif character in "'\"`":
                quote = character
            elif text.startswith(("\n#", "\n--"), at):
                end = text.find("\n", at + 1)
                at = len(text) if end < 0 else end
                continue
            at += 1
        self._at = at + len(self._delimiter)
        return text[begin:at].strip()

    def _skip_data(self, word, rest):
        names = rest.split()
        marker = "EOF"
        if names and (word.lower() == "perl" or len(names) > 1):
            marker = names[-1]
        while self._at < len(self._text) and self._line().strip() != marker:
            pass

    def _command(self, text):
        word, _, rest = text.partition(" ")
        word = word.lower()
        if word == "delimiter":
            self._delimiter = rest.strip() or self._delimiter
        elif word == "let":
            self._assign(rest)
        elif word in ("perl", "write_file", "append_file"):
            self._skip_data(word, rest.rstrip(";"))
        elif word in ("eval", "evalp", "send", "send_eval", "query_vertical", "query_horizontal", "query"):
            self._add(rest, word.startswith(("eval", "send_eval")) or "$" in rest)
        else:
            self._add(text, False)

    def _assign(self, text):
        match = re.match(r"(?s)\s*\$(\w+)\s*=\s*(.*)", text)
        if not match:
            return
        name, value = match[1], self._resolve(match[2].strip())
        if value is None or value.startswith("`") or "query_get_value(" in value:
            self._variables.pop(name, None)
        else:
            self._variables[name] = value

    def _resolve(self, text):
        missing = False

        def value(match):
            nonlocal missing
            known = self._variables.get(match[1].strip("{}"))
            missing = missing or known is None
            return known or ""

        text = _VARIABLE.sub(value, text)
        return None if missing else text

    def _add(self, text, has_variables):
        if not kind_of(text) and not SESSION.match(without_comments(text)):
            if not (has_variables and _VARIABLE.match(text)):
                return
        if has_variables:
            text = self._resolve(text)
            if text is None:
                self.unresolved += 1
                return
            if not kind_of(text) and not SESSION.match(without_comments(text)):
                return
        if text:
            self.statements.append(text)


def scripts(root=SUITE):
    """The files, in a fixed order."""
    return sorted(path for path in Path(root).rglob("*") if path.suffix in (".test", ".inc"))
