#include "sql/table_parser.h"

#include <absl/strings/ascii.h>

#include <iterator>

#include "base/text.h"
#include "sql/clauses.h"
#include "sql/column_parser.h"
#include "sql/foreign_key_parser.h"
#include "sql/writer.h"

namespace godwit::sql {
namespace {

// The options whose `=` may be missing. Others are an engine's, and need it.
constexpr std::string_view kServerOptions[] = {
    "AVG_ROW_LENGTH",     "CHECKSUM",   "CONNECTION",     "DELAY_KEY_WRITE",   "INSERT_METHOD",
    "KEY_BLOCK_SIZE",     "MAX_ROWS",   "MIN_ROWS",       "PACK_KEYS",         "PAGE_CHECKSUM",
    "PASSWORD",           "ROW_FORMAT", "SEQUENCE",       "STATS_AUTO_RECALC", "STATS_PERSISTENT",
    "STATS_SAMPLE_PAGES", "STORAGE",    "TABLE_CHECKSUM", "TABLESPACE",        "TRANSACTIONAL",
};
constexpr std::string_view kMySqlOptions[] = {
    "AUTOEXTEND_SIZE",  "COMPRESSION",      "DELAY_KEY_WRITE",
    "ENCRYPTION",       "ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE",
    "SECONDARY_ENGINE",
};

bool IsServerOption(std::string_view name, Flavour flavour) {
  auto named = [&](std::string_view option) { return base::EqualsIgnoreCase(option, name); };
  return std::ranges::any_of(kServerOptions, named) ||
         (flavour == Flavour::kMySql && std::ranges::any_of(kMySqlOptions, named));
}

base::StatusOr<KeyPart> ParseKeyPart(TokenCursor& cursor) {
  KeyPart part;
  if (cursor.options().flavour == Flavour::kMySql && cursor.IsSymbol('(')) {
    GODWIT_ASSIGN_OR_RETURN(part.expression, cursor.ExpectExpression());
  } else {
    GODWIT_ASSIGN_OR_RETURN(part.column, cursor.ExpectName("a column name"));
  }
  if (part.expression.empty() && cursor.AcceptSymbol('(')) {
    GODWIT_ASSIGN_OR_RETURN(part.prefix, cursor.ExpectNumber("a length"));
    GODWIT_RETURN_IF_ERROR(cursor.ExpectSymbol(')'));
  }
  if (cursor.Accept("DESC")) {
    part.descending = true;
  } else {
    cursor.AcceptAny("ASC");
  }
  return part;
}

bool AtKeyListEnd(const TokenCursor& cursor) { return AtElementEnd(cursor); }

base::StatusOr<KeyDefinition> ParseKey(TokenCursor& cursor, KeyKind kind,
                                       const std::string& constraint, bool& if_not_exists) {
  KeyDefinition key;
  key.kind = kind;
  key.name = constraint;
  if (cursor.Accept("IF", "NOT", "EXISTS")) if_not_exists = true;
  if (cursor.IsName() && !cursor.Is("USING") && !cursor.Is("TYPE")) {
    GODWIT_ASSIGN_OR_RETURN(key.name, cursor.ExpectName("a key name"));
  } else if (cursor.Is("TYPE") && cursor.IsSymbol('(', 1)) {  // a name after all
    GODWIT_ASSIGN_OR_RETURN(key.name, cursor.ExpectName("a key name"));
  }
  if (kind == KeyKind::kPrimary) key.name = "PRIMARY";
  GODWIT_RETURN_IF_ERROR(ParseKeyMethod(cursor, key));
  GODWIT_RETURN_IF_ERROR(ParseKeyParts(cursor, key));
  while (!AtKeyListEnd(cursor)) GODWIT_RETURN_IF_ERROR(ParseKeyOption(cursor, key));
  return key;
}

base::StatusOr<model::ForeignKey> ParseForeignKey(TokenCursor& cursor, const std::string& schema,
                                                  const std::string& constraint,
                                                  bool& if_not_exists) {
  model::ForeignKey foreign_key;
  if (cursor.Accept("IF", "NOT", "EXISTS")) if_not_exists = true;
  if (cursor.IsName()) {
    GODWIT_ASSIGN_OR_RETURN(foreign_key.name, cursor.ExpectName("a name"));
  }
  if (!constraint.empty()) foreign_key.name = constraint;
  GODWIT_RETURN_IF_ERROR(cursor.ExpectSymbol('('));
  do {
    GODWIT_ASSIGN_OR_RETURN(KeyPart part, ParseKeyPart(cursor));
    foreign_key.columns.push_back(std::move(part.column));
  } while (cursor.AcceptSymbol(','));
  GODWIT_RETURN_IF_ERROR(cursor.ExpectSymbol(')'));
  GODWIT_RETURN_IF_ERROR(ParseReferences(cursor, schema, foreign_key));
  return foreign_key;
}

base::StatusOr<PeriodDefinition> ParsePeriod(TokenCursor& cursor, bool& if_not_exists) {
  PeriodDefinition period;
  if (cursor.Accept("IF", "NOT", "EXISTS")) if_not_exists = true;
  GODWIT_ASSIGN_OR_RETURN(period.name, cursor.ExpectName("a period's name"));
  if (base::EqualsIgnoreCase(period.name, "SYSTEM_TIME")) period.name = "SYSTEM_TIME";
  GODWIT_RETURN_IF_ERROR(cursor.ExpectSymbol('('));
  GODWIT_ASSIGN_OR_RETURN(period.start, cursor.ExpectName("a column name"));
  GODWIT_RETURN_IF_ERROR(cursor.ExpectSymbol(','));
  GODWIT_ASSIGN_OR_RETURN(period.end, cursor.ExpectName("a column name"));
  GODWIT_RETURN_IF_ERROR(cursor.ExpectSymbol(')'));
  return period;
}

// What the keyword before a key says about it; nothing where no key begins.
std::optional<KeyKind> AcceptKeyKind(TokenCursor& cursor) {
  if (cursor.Accept("PRIMARY", "KEY")) return KeyKind::kPrimary;
  if (cursor.AcceptAny("KEY", "INDEX")) return KeyKind::kIndex;
  std::optional<KeyKind> kind;
  if (cursor.Accept("UNIQUE")) kind = KeyKind::kUnique;
  if (cursor.Accept("FULLTEXT")) kind = KeyKind::kFulltext;
  if (cursor.Accept("SPATIAL")) kind = KeyKind::kSpatial;
  if (kind) cursor.AcceptAny("KEY", "INDEX");
  return kind;
}

base::Status ParseDefinitionList(TokenCursor& cursor, TableDefinition& definition) {
  do {
    GODWIT_ASSIGN_OR_RETURN(ParsedElement element, ParseElement(cursor, definition.name.schema));
    if (!element.found()) {
      GODWIT_ASSIGN_OR_RETURN(ParsedColumn parsed, ParseColumn(cursor, definition.name.schema));
      definition.columns.push_back(std::move(parsed.column));
      element.keys = std::move(parsed.keys);
      element.foreign_keys = std::move(parsed.foreign_keys);
      element.checks = std::move(parsed.checks);
    }
    std::ranges::move(element.keys, std::back_inserter(definition.keys));
    std::ranges::move(element.foreign_keys, std::back_inserter(definition.foreign_keys));
    std::ranges::move(element.checks, std::back_inserter(definition.checks));
    std::ranges::move(element.periods, std::back_inserter(definition.periods));
  } while (cursor.AcceptSymbol(','));
  return cursor.ExpectSymbol(')');
}

bool AtSelect(const TokenCursor& cursor) {
  size_t ahead = cursor.Is("IGNORE") || cursor.Is("REPLACE") ? 1 : 0;
  return cursor.Is("AS", ahead) || cursor.Is("SELECT", ahead) || cursor.IsSymbol('(', ahead) ||
         (cursor.Is("WITH", ahead) && !cursor.Is("SYSTEM", ahead + 1)) ||
         cursor.Is("VALUES", ahead) ||
         (cursor.Is("TABLE", ahead) && cursor.options().flavour == Flavour::kMySql);
}

base::Status ParseOtherOption(TokenCursor& cursor, TableOptions& options) {
  std::string name;
  if (cursor.Accept("DATA", "DIRECTORY")) {
    name = "DATA DIRECTORY";
  } else if (cursor.Accept("INDEX", "DIRECTORY")) {
    name = "INDEX DIRECTORY";
  } else {
    GODWIT_ASSIGN_OR_RETURN(std::string word, cursor.ExpectName("an option"));
    name = absl::AsciiStrToUpper(word);
    bool servers_own = IsServerOption(name, cursor.options().flavour) || name == "UNION";
    if (!servers_own) name = QuoteIdentifier(word);
  }
  cursor.AcceptSymbol('=');
  size_t begin = cursor.position();
  if (cursor.IsSymbol('(')) {
    GODWIT_RETURN_IF_ERROR(cursor.ExpectParenthesized().status());
  } else if (cursor.Peek().kind == TokenKind::kSymbol || cursor.AtEnd()) {
    return cursor.Error("the option's value");
  } else {
    const bool tablespace = name == "TABLESPACE";
    cursor.Skip();
    if (tablespace && cursor.Accept("STORAGE"))
      GODWIT_RETURN_IF_ERROR(cursor.ExpectName("a storage").status());
  }
  options.other.emplace_back(std::move(name), cursor.TextFrom(begin));
  return base::OkStatus();
}

}  // namespace

base::Status ParseKeyMethod(TokenCursor& cursor, KeyDefinition& key) {
  if (!cursor.AcceptAny("USING", "TYPE")) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(std::string method, cursor.ExpectPlainName("an index method"));
  if (!key.options.empty()) key.options += ' ';
  key.options += "USING " + absl::AsciiStrToUpper(method);
  return base::OkStatus();
}

base::Status ParseKeyOption(TokenCursor& cursor, KeyDefinition& key) {
  if (cursor.Accept("IGNORED")) {
    key.ignored = true;
    return base::OkStatus();
  }
  if (cursor.Accept("NOT", "IGNORED")) {
    key.ignored = false;
    return base::OkStatus();
  }
  if (cursor.Is("USING") || cursor.Is("TYPE")) return ParseKeyMethod(cursor, key);
  const bool mysql = cursor.options().flavour == Flavour::kMySql;
  if (cursor.Accept("VISIBLE")) {
    key.ignored = false;
    return base::OkStatus();
  }
  if (mysql && cursor.Accept("INVISIBLE")) {
    key.ignored = true;
    return base::OkStatus();
  }
  size_t begin = cursor.position();
  if (cursor.Accept("COMMENT")) {
    cursor.AcceptSymbol('=');
    GODWIT_RETURN_IF_ERROR(cursor.ExpectString("a comment").status());
  } else if (cursor.Accept("WITH", "PARSER")) {
    GODWIT_RETURN_IF_ERROR(cursor.ExpectName("a parser's name").status());
  } else if (mysql && cursor.AcceptAny("ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE")) {
    cursor.AcceptSymbol('=');
    GODWIT_RETURN_IF_ERROR(cursor.ExpectString("an attribute").status());
  } else if (cursor.Is("KEY_BLOCK_SIZE") || (cursor.IsName() && cursor.IsSymbol('=', 1))) {
    cursor.Skip();
    cursor.AcceptSymbol('=');
    if (AtKeyListEnd(cursor)) return cursor.Error("a value");
    cursor.Skip();
  } else {
    return cursor.Error("an option of a key");
  }
  if (!key.options.empty()) key.options += ' ';
  key.options += cursor.TextFrom(begin);
  return base::OkStatus();
}

base::Status ParseKeyParts(TokenCursor& cursor, KeyDefinition& key) {
  GODWIT_RETURN_IF_ERROR(cursor.ExpectSymbol('('));
  do {
    if (cursor.Is("WITHOUT", 1) && cursor.Is("OVERLAPS", 2) && !key.parts.empty()) {
      GODWIT_ASSIGN_OR_RETURN(key.without_overlaps, cursor.ExpectName("a period's name"));
      cursor.Accept("WITHOUT", "OVERLAPS");
      break;
    }
    GODWIT_ASSIGN_OR_RETURN(KeyPart part, ParseKeyPart(cursor));
    key.parts.push_back(std::move(part));
  } while (cursor.AcceptSymbol(','));
  return cursor.ExpectSymbol(')');
}

base::StatusOr<ParsedElement> ParseElement(TokenCursor& cursor, const std::string& schema) {
  ParsedElement element;
  const bool if_not_exists = cursor.Accept("PERIOD", "IF", "NOT", "EXISTS", "FOR");
  if (if_not_exists || cursor.Accept("PERIOD", "FOR")) {
    element.if_not_exists = if_not_exists;
    GODWIT_ASSIGN_OR_RETURN(PeriodDefinition period, ParsePeriod(cursor, element.if_not_exists));
    element.periods.push_back(std::move(period));
    return element;
  }
  std::string constraint;
  bool is_constraint = cursor.Accept("CONSTRAINT");
  if (is_constraint) {
    element.if_not_exists = cursor.Accept("IF", "NOT", "EXISTS");
    bool named = cursor.IsName() && !cursor.Is("PRIMARY") && !cursor.Is("UNIQUE") &&
                 !cursor.Is("FOREIGN") && !cursor.Is("CHECK");
    if (named) {
      GODWIT_ASSIGN_OR_RETURN(constraint, cursor.ExpectName("a constraint's name"));
    }
  }
  if (cursor.Accept("CHECK")) {
    CheckDefinition check{constraint};
    GODWIT_ASSIGN_OR_RETURN(check.expression, cursor.ExpectExpression());
    ParseEnforcement(cursor, check);
    element.checks.push_back(std::move(check));
  } else if (cursor.Accept("FOREIGN", "KEY")) {
    GODWIT_ASSIGN_OR_RETURN(model::ForeignKey foreign_key,
                            ParseForeignKey(cursor, schema, constraint, element.if_not_exists));
    element.keys.push_back(KeyFor(foreign_key));
    // To MySQL the name behind FOREIGN KEY is that of the index alone.
    if (constraint.empty() && cursor.options().flavour == Flavour::kMySql) foreign_key.name.clear();
    element.foreign_keys.push_back(std::move(foreign_key));
  } else if (std::optional<KeyKind> kind = AcceptKeyKind(cursor)) {
    GODWIT_ASSIGN_OR_RETURN(KeyDefinition key,
                            ParseKey(cursor, *kind, constraint, element.if_not_exists));
    element.keys.push_back(std::move(key));
  } else if (is_constraint) {
    return cursor.Error("PRIMARY KEY, UNIQUE, FOREIGN KEY or CHECK");
  }
  return element;
}

base::StatusOr<bool> ParseTableOption(TokenCursor& cursor, TableOptions& options) {
  GODWIT_ASSIGN_OR_RETURN(bool charset, ParseCharset(cursor, options.charset));
  if (charset) return true;
  if (cursor.AcceptAny("ENGINE", "TYPE")) {
    cursor.AcceptSymbol('=');
    GODWIT_ASSIGN_OR_RETURN(options.engine, cursor.ExpectPlainName("an engine"));
    return true;
  }
  if (cursor.Accept("AUTO_INCREMENT")) {
    cursor.AcceptSymbol('=');
    options.auto_increment = base::ParseInteger<uint64_t>(cursor.Peek().raw);
    if (!options.auto_increment) return cursor.Error("a number");
    cursor.Skip();
    return true;
  }
  if (cursor.Accept("COMMENT")) {
    cursor.AcceptSymbol('=');
    GODWIT_ASSIGN_OR_RETURN(options.comment, cursor.ExpectString("a comment"));
    return true;
  }
  if (cursor.options().flavour == Flavour::kMySql && cursor.Accept("START", "TRANSACTION")) {
    return true;  // its rows follow in the same transaction
  }
  bool servers_own = cursor.Peek().kind == TokenKind::kWord &&
                     IsServerOption(cursor.Peek().raw, cursor.options().flavour);
  bool here = servers_own || (cursor.IsName() && cursor.IsSymbol('=', 1)) ||
              (cursor.Is("UNION") && cursor.IsSymbol('(', 1)) ||
              ((cursor.Is("DATA") || cursor.Is("INDEX")) && cursor.Is("DIRECTORY", 1));
  if (!here) return false;
  GODWIT_RETURN_IF_ERROR(ParseOtherOption(cursor, options));
  return true;
}

base::Status ParseTableBody(TokenCursor& cursor, TableDefinition& definition) {
  definition.flavour = cursor.options().flavour;
  const bool select_in_parentheses =
      cursor.IsSymbol('(') && (cursor.Is("SELECT", 1) || cursor.Is("WITH", 1) ||
                               cursor.Is("VALUES", 1) || cursor.IsSymbol('(', 1));
  if (cursor.IsSymbol('(') && !select_in_parentheses) {
    cursor.Skip();
    GODWIT_RETURN_IF_ERROR(ParseDefinitionList(cursor, definition));
  }
  while (!cursor.AtEnd()) {
    if (cursor.Accept("WITH", "SYSTEM", "VERSIONING")) {
      definition.system_versioned = true;
    } else if (cursor.Accept("PARTITION", "BY")) {
      GODWIT_ASSIGN_OR_RETURN(definition.partitioning, ParsePartitioning(cursor));
    } else if (AtSelect(cursor)) {
      break;
    } else {
      GODWIT_ASSIGN_OR_RETURN(bool option, ParseTableOption(cursor, definition.options));
      if (!option) return cursor.Error("a table option");
      cursor.AcceptSymbol(',');
    }
  }
  ChooseUtf8mb4(cursor.options(), definition.options.charset);
  return base::OkStatus();
}

}  // namespace godwit::sql
