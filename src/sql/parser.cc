#include "sql/parser.h"

#include "sql/alter_parser.h"
#include "sql/clauses.h"
#include "sql/complete.h"
#include "sql/other_parser.h"
#include "sql/pipes.h"
#include "sql/table_parser.h"

namespace godwit::sql {
namespace {

// `DEFINER = user[@host]`, `ALGORITHM = x`, `SQL SECURITY x`, AGGREGATE: between CREATE or ALTER
// and VIEW, TRIGGER, ...
base::Status SkipObjectAttributes(TokenCursor& cursor) {
  while (true) {
    if (cursor.Accept("DEFINER")) {
      cursor.AcceptSymbol('=');
      if (cursor.AtEnd()) return cursor.Error("a user");
      cursor.Skip();
      if (cursor.IsSymbol('(')) GODWIT_RETURN_IF_ERROR(cursor.ExpectParenthesized().status());
      if (cursor.Peek().kind == TokenKind::kVariable) cursor.Skip();  // @host
    } else if (cursor.Accept("ALGORITHM")) {
      cursor.AcceptSymbol('=');
      GODWIT_RETURN_IF_ERROR(cursor.ExpectName("an algorithm").status());
    } else if (cursor.Accept("SQL", "SECURITY")) {
      GODWIT_RETURN_IF_ERROR(cursor.ExpectName("DEFINER or INVOKER").status());
    } else if (!cursor.AcceptAny("AGGREGATE")) {
      return base::OkStatus();
    }
  }
}

base::StatusOr<std::vector<model::TableName>> ParseTableList(TokenCursor& cursor) {
  std::vector<model::TableName> tables;
  do {
    GODWIT_ASSIGN_OR_RETURN(model::TableName table, cursor.ExpectTable());
    tables.push_back(std::move(table));
  } while (cursor.AcceptSymbol(','));
  return tables;
}

base::StatusOr<std::string> ParseSchemaName(TokenCursor& cursor) {
  // A schema's name folds its case as a table's does.
  GODWIT_ASSIGN_OR_RETURN(model::TableName name, cursor.ExpectTable());
  return name.table;
}

// `[DEFAULT] ENCRYPTION [=] 'Y'`, `READ ONLY [=] 0`: they change nothing about tables.
base::StatusOr<bool> SkipMySqlDatabaseOption(TokenCursor& cursor) {
  if (cursor.Accept("DEFAULT", "ENCRYPTION") || cursor.Accept("ENCRYPTION")) {
    cursor.AcceptSymbol('=');
    GODWIT_RETURN_IF_ERROR(cursor.ExpectString("'Y' or 'N'").status());
    return true;
  }
  if (!cursor.Accept("READ", "ONLY")) return false;
  cursor.AcceptSymbol('=');
  if (!cursor.Accept("DEFAULT")) GODWIT_RETURN_IF_ERROR(cursor.ExpectNumber("0 or 1").status());
  return true;
}

base::StatusOr<CharsetChoice> ParseDatabaseOptions(TokenCursor& cursor) {
  CharsetChoice charset;
  while (!cursor.AtEnd()) {
    GODWIT_ASSIGN_OR_RETURN(bool found, ParseCharset(cursor, charset));
    if (found) continue;
    if (cursor.options().flavour == Flavour::kMySql) {
      GODWIT_ASSIGN_OR_RETURN(bool other, SkipMySqlDatabaseOption(cursor));
      if (other) continue;
    }
    if (!cursor.Accept("COMMENT")) return cursor.Error("an option of a database");
    cursor.AcceptSymbol('=');
    GODWIT_RETURN_IF_ERROR(cursor.ExpectString("a comment").status());
  }
  ChooseUtf8mb4(cursor.options(), charset);
  return charset;
}

base::StatusOr<Statement> ParseCreateTable(TokenCursor& cursor, CreateTable create) {
  create.if_not_exists = cursor.Accept("IF", "NOT", "EXISTS");
  GODWIT_ASSIGN_OR_RETURN(create.definition.name, cursor.ExpectTable());
  bool in_parentheses = cursor.IsSymbol('(') && cursor.Is("LIKE", 1);
  if (in_parentheses) cursor.Skip();
  if (cursor.Accept("LIKE")) {
    GODWIT_ASSIGN_OR_RETURN(create.like, cursor.ExpectTable());
    if (in_parentheses) GODWIT_RETURN_IF_ERROR(cursor.ExpectSymbol(')'));
    if (!cursor.AtEnd()) return cursor.Error("the end");
    return create;
  }
  GODWIT_RETURN_IF_ERROR(ParseTableBody(cursor, create.definition));
  create.select = !cursor.AtEnd();
  for (const auto& [name, value] : create.definition.options.other) {
    if (name == "SEQUENCE" && value == "1")
      return OtherStatement{OtherKind::kSequence, {create.definition.name}};
  }
  return create;
}

base::StatusOr<Statement> ParseCreateIndex(TokenCursor& cursor, KeyKind kind, bool or_replace) {
  CreateIndex create;
  create.or_replace = or_replace;
  create.key.kind = kind;
  create.if_not_exists = cursor.Accept("IF", "NOT", "EXISTS");
  GODWIT_ASSIGN_OR_RETURN(create.key.name, cursor.ExpectName("an index name"));
  GODWIT_RETURN_IF_ERROR(ParseKeyMethod(cursor, create.key));
  GODWIT_RETURN_IF_ERROR(cursor.Expect("ON"));
  GODWIT_ASSIGN_OR_RETURN(create.table, cursor.ExpectTable());
  GODWIT_RETURN_IF_ERROR(SkipWait(cursor));
  GODWIT_RETURN_IF_ERROR(ParseKeyParts(cursor, create.key));
  while (!cursor.AtEnd()) {
    GODWIT_RETURN_IF_ERROR(SkipWait(cursor));
    if (cursor.AtEnd()) break;
    GODWIT_ASSIGN_OR_RETURN(bool skipped, SkipAlgorithmOrLock(cursor));
    if (!skipped) GODWIT_RETURN_IF_ERROR(ParseKeyOption(cursor, create.key));
  }
  return create;
}

base::StatusOr<Statement> ParseView(TokenCursor& cursor, ViewAction action) {
  ViewStatement statement{action, {}};
  if (!cursor.Accept("IF", "NOT", "EXISTS")) cursor.Accept("IF", "EXISTS");
  do {
    GODWIT_ASSIGN_OR_RETURN(model::TableName view, cursor.ExpectTable());
    statement.views.push_back(std::move(view));
  } while (action == ViewAction::kDrop && cursor.AcceptSymbol(','));
  return statement;
}

base::StatusOr<Statement> ParseCreate(TokenCursor& cursor) {
  bool or_replace = cursor.Accept("OR", "REPLACE");
  if (cursor.Is("TABLE") || (cursor.Is("TEMPORARY") && cursor.Is("TABLE", 1))) {
    CreateTable create;
    create.session_schema = cursor.options().default_schema;
    create.or_replace = or_replace;
    create.temporary = cursor.Accept("TEMPORARY");
    cursor.Skip();
    return ParseCreateTable(cursor, std::move(create));
  }
  if (cursor.AcceptAny("DATABASE", "SCHEMA")) {
    CreateDatabase create;
    create.or_replace = or_replace;
    create.if_not_exists = cursor.Accept("IF", "NOT", "EXISTS");
    GODWIT_ASSIGN_OR_RETURN(create.schema, ParseSchemaName(cursor));
    GODWIT_ASSIGN_OR_RETURN(create.charset, ParseDatabaseOptions(cursor));
    return create;
  }
  cursor.AcceptAny("ONLINE", "OFFLINE");
  if (cursor.Accept("INDEX")) return ParseCreateIndex(cursor, KeyKind::kIndex, or_replace);
  if (cursor.Accept("UNIQUE", "INDEX"))
    return ParseCreateIndex(cursor, KeyKind::kUnique, or_replace);
  if (cursor.Accept("FULLTEXT", "INDEX"))
    return ParseCreateIndex(cursor, KeyKind::kFulltext, or_replace);
  if (cursor.Accept("SPATIAL", "INDEX"))
    return ParseCreateIndex(cursor, KeyKind::kSpatial, or_replace);
  GODWIT_RETURN_IF_ERROR(SkipObjectAttributes(cursor));
  if (cursor.Accept("VIEW")) return ParseView(cursor, ViewAction::kCreate);
  if (cursor.Is("TEMPORARY") && cursor.Is("SEQUENCE", 1)) cursor.Skip();
  if (auto kind = OtherObjectKind(cursor)) return ParseOtherObject(cursor, *kind);
  return cursor.Error("what to create");
}

base::StatusOr<Statement> ParseAlter(TokenCursor& cursor) {
  const bool online = cursor.AcceptAny("ONLINE", "OFFLINE");
  const bool ignore = cursor.AcceptAny("IGNORE");
  if (cursor.Accept("TABLE")) {
    GODWIT_ASSIGN_OR_RETURN(AlterTable alter, ParseAlterTable(cursor));
    alter.ignore = ignore;
    return alter;
  }
  if (online || ignore) return cursor.Error("TABLE");
  if (cursor.AcceptAny("DATABASE", "SCHEMA")) {
    AlterDatabase alter{cursor.options().default_schema, {}};
    bool comments = cursor.Is("COMMENT") &&
                    (cursor.IsSymbol('=', 1) || cursor.Peek(1).kind == TokenKind::kString);
    bool named = cursor.IsName() && !cursor.Is("CHARACTER") && !cursor.Is("CHARSET") &&
                 !cursor.Is("COLLATE") && !cursor.Is("DEFAULT") && !comments &&
                 !(cursor.Is("READ") && cursor.Is("ONLY", 1)) &&
                 !(cursor.Is("ENCRYPTION") && cursor.options().flavour == Flavour::kMySql);
    if (named) {
      GODWIT_ASSIGN_OR_RETURN(alter.schema, ParseSchemaName(cursor));
    }
    if (cursor.Accept("UPGRADE", "DATA", "DIRECTORY", "NAME")) return alter;
    GODWIT_ASSIGN_OR_RETURN(alter.charset, ParseDatabaseOptions(cursor));
    return alter;
  }
  GODWIT_RETURN_IF_ERROR(SkipObjectAttributes(cursor));
  if (cursor.Accept("VIEW")) return ParseView(cursor, ViewAction::kAlter);
  if (auto kind = OtherObjectKind(cursor)) return ParseOtherObject(cursor, *kind);
  return cursor.Error("what to alter");
}

base::StatusOr<Statement> ParseDropTable(TokenCursor& cursor, bool temporary) {
  DropTable drop;
  drop.temporary = temporary;
  drop.if_exists = cursor.Accept("IF", "EXISTS");
  GODWIT_ASSIGN_OR_RETURN(drop.tables, ParseTableList(cursor));
  GODWIT_RETURN_IF_ERROR(SkipWait(cursor));
  cursor.AcceptAny("RESTRICT", "CASCADE");
  if (!cursor.AtEnd()) return cursor.Error("the end");
  return drop;
}

base::StatusOr<Statement> ParseDrop(TokenCursor& cursor) {
  bool temporary = cursor.Accept("TEMPORARY");
  if (cursor.AcceptAny("TABLE", "TABLES")) return ParseDropTable(cursor, temporary);
  if (cursor.AcceptAny("DATABASE", "SCHEMA")) {
    DropDatabase drop;
    drop.if_exists = cursor.Accept("IF", "EXISTS");
    GODWIT_ASSIGN_OR_RETURN(drop.schema, ParseSchemaName(cursor));
    return drop;
  }
  cursor.AcceptAny("ONLINE", "OFFLINE");
  if (cursor.Accept("INDEX")) {
    DropIndex drop;
    drop.if_exists = cursor.Accept("IF", "EXISTS");
    GODWIT_ASSIGN_OR_RETURN(drop.key, cursor.ExpectName("an index name"));
    GODWIT_RETURN_IF_ERROR(cursor.Expect("ON"));
    GODWIT_ASSIGN_OR_RETURN(drop.table, cursor.ExpectTable());
    GODWIT_RETURN_IF_ERROR(SkipWait(cursor));
    while (!cursor.AtEnd()) {
      GODWIT_ASSIGN_OR_RETURN(bool skipped, SkipAlgorithmOrLock(cursor));
      if (!skipped) return cursor.Error("the end");
    }
    return drop;
  }
  if (cursor.Accept("VIEW")) return ParseView(cursor, ViewAction::kDrop);
  if (cursor.Is("PREPARE")) return OtherStatement{OtherKind::kSession, {}};
  if (auto kind = OtherObjectKind(cursor)) return ParseOtherObject(cursor, *kind);
  return cursor.Error("what to drop");
}

base::StatusOr<Statement> ParseRenameTable(TokenCursor& cursor) {
  RenameTable rename;
  rename.if_exists = cursor.Accept("IF", "EXISTS");
  do {
    RenameTable::Pair pair;
    GODWIT_ASSIGN_OR_RETURN(pair.from, cursor.ExpectTable());
    GODWIT_RETURN_IF_ERROR(SkipWait(cursor));
    GODWIT_RETURN_IF_ERROR(cursor.Expect("TO"));
    GODWIT_ASSIGN_OR_RETURN(pair.to, cursor.ExpectTable());
    rename.pairs.push_back(std::move(pair));
  } while (cursor.AcceptSymbol(','));
  if (!cursor.AtEnd()) return cursor.Error("the end");
  return rename;
}

// SET STATEMENT variable = value, ... FOR statement: the log holds it whole.
base::Status SkipSetStatement(TokenCursor& cursor) {
  while (!cursor.AtEnd() && !cursor.Is("FOR")) {
    if (cursor.IsSymbol('(')) {
      GODWIT_RETURN_IF_ERROR(cursor.ExpectParenthesized().status());
    } else {
      cursor.Skip();
    }
  }
  return cursor.Expect("FOR");
}

base::StatusOr<Statement> Parse(TokenCursor& cursor) {
  while (cursor.Accept("SET", "STATEMENT")) GODWIT_RETURN_IF_ERROR(SkipSetStatement(cursor));
  if (cursor.Accept("CREATE")) return ParseCreate(cursor);
  if (cursor.Accept("ALTER")) return ParseAlter(cursor);
  if (cursor.Accept("DROP")) return ParseDrop(cursor);
  if (cursor.Accept("RENAME", "TABLE") || cursor.Accept("RENAME", "TABLES"))
    return ParseRenameTable(cursor);
  if (cursor.Accept("TRUNCATE")) {
    cursor.AcceptAny("TABLE");
    TruncateTable truncate;
    GODWIT_ASSIGN_OR_RETURN(truncate.table, cursor.ExpectTable());
    GODWIT_RETURN_IF_ERROR(SkipWait(cursor));
    if (!cursor.Accept("DROP", "STORAGE")) cursor.Accept("REUSE", "STORAGE");
    if (!cursor.AtEnd()) return cursor.Error("the end");
    return truncate;
  }
  return ParseOther(cursor);
}

}  // namespace

base::StatusOr<Statement> ParseStatement(std::string_view text, const ParseOptions& options) {
  GODWIT_ASSIGN_OR_RETURN(std::vector<Token> tokens, Lex(text, options));
  while (tokens.size() >= 2 && tokens[tokens.size() - 2].raw == ";") tokens.erase(tokens.end() - 2);
  if (options.pipes_as_concat) WritePipesAsConcat(tokens);
  TokenCursor cursor(std::move(tokens), options);
  return Parse(cursor);
}

base::StatusOr<TableDefinition> ParseDefinition(std::string_view text, const ParseOptions& options,
                                                const CharsetChoice& schema_default) {
  GODWIT_ASSIGN_OR_RETURN(Statement statement, ParseStatement(text, options));
  auto* create = std::get_if<CreateTable>(&statement);
  if (create == nullptr || create->like || create->select) {
    return base::InvalidArgument("not a table's definition: {}", text.substr(0, 60));
  }
  // A server's own text lists all keys there are, those made for foreign keys included.
  std::erase_if(create->definition.keys,
                [](const KeyDefinition& key) { return key.for_foreign_key; });
  Complete(create->definition, schema_default, KeyOrder::kAsListed);
  return std::move(create->definition);
}

}  // namespace godwit::sql
