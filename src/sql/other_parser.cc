#include "sql/other_parser.h"

namespace godwit::sql {
namespace {

struct KindOfWord {
  std::string_view word;
  OtherKind kind;
};

constexpr KindOfWord kObjects[] = {
    {"TRIGGER", OtherKind::kTrigger},  {"PROCEDURE", OtherKind::kRoutine},
    {"FUNCTION", OtherKind::kRoutine}, {"PACKAGE", OtherKind::kRoutine},
    {"EVENT", OtherKind::kEvent},      {"SEQUENCE", OtherKind::kSequence},
    {"USER", OtherKind::kAccount},     {"ROLE", OtherKind::kAccount},
    {"SERVER", OtherKind::kServer},    {"TABLESPACE", OtherKind::kServer},
    {"LOGFILE", OtherKind::kServer},   {"UNDO", OtherKind::kServer},
    {"LIBRARY", OtherKind::kRoutine},  {"RESOURCE", OtherKind::kServer},
    {"INSTANCE", OtherKind::kServer},  {"SPATIAL", OtherKind::kServer},  // REFERENCE SYSTEM
};

// By their first word, those that begin with CREATE, ALTER and DROP aside.
constexpr KindOfWord kStatements[] = {
    {"INSERT", OtherKind::kRows},
    {"REPLACE", OtherKind::kRows},
    {"UPDATE", OtherKind::kRows},
    {"DELETE", OtherKind::kRows},
    {"LOAD", OtherKind::kRows},
    {"CALL", OtherKind::kRows},
    {"SELECT", OtherKind::kRows},
    {"DO", OtherKind::kRows},
    {"WITH", OtherKind::kRows},
    {"SET", OtherKind::kSession},
    {"USE", OtherKind::kSession},
    {"BEGIN", OtherKind::kTransaction},
    {"START", OtherKind::kTransaction},
    {"COMMIT", OtherKind::kTransaction},
    {"ROLLBACK", OtherKind::kTransaction},
    {"SAVEPOINT", OtherKind::kTransaction},
    {"RELEASE", OtherKind::kTransaction},
    {"XA", OtherKind::kTransaction},
    {"GRANT", OtherKind::kAccount},
    {"REVOKE", OtherKind::kAccount},
    {"RENAME", OtherKind::kAccount},
    {"ANALYZE", OtherKind::kMaintenance},
    {"OPTIMIZE", OtherKind::kMaintenance},
    {"REPAIR", OtherKind::kMaintenance},
    {"CHECK", OtherKind::kMaintenance},
    {"CHECKSUM", OtherKind::kMaintenance},
    {"FLUSH", OtherKind::kMaintenance},
    {"CACHE", OtherKind::kMaintenance},
    {"RESET", OtherKind::kMaintenance},
    {"PURGE", OtherKind::kMaintenance},
    {"LOCK", OtherKind::kMaintenance},
    {"UNLOCK", OtherKind::kMaintenance},
    {"KILL", OtherKind::kServer},
    {"INSTALL", OtherKind::kServer},
    {"UNINSTALL", OtherKind::kServer},
    {"SHUTDOWN", OtherKind::kServer},
    {"CHANGE", OtherKind::kServer},
    {"STOP", OtherKind::kServer},
    {"BACKUP", OtherKind::kServer},
    {"CLONE", OtherKind::kServer},
    {"RESTART", OtherKind::kServer},
    {"IMPORT", OtherKind::kServer},
};

void SkipPast(TokenCursor& cursor, std::string_view word) {
  while (!cursor.AtEnd() && !cursor.Is(word)) cursor.Skip();
  cursor.Skip();
}

// The tables of a list of joins, up to one of the words that end it; sub-queries are passed over.
base::Status CollectTables(TokenCursor& cursor, std::string_view end,
                           std::vector<model::TableName>& tables) {
  bool at_table = true;
  while (!cursor.AtEnd() && !cursor.Is(end) && !cursor.Is("WHERE") && !cursor.Is("ORDER") &&
         !cursor.Is("LIMIT")) {
    if (cursor.IsSymbol('(') && cursor.Is("SELECT", 1)) {
      GODWIT_RETURN_IF_ERROR(cursor.ExpectParenthesized().status());
      at_table = false;
    } else if (cursor.AcceptSymbol('{')) {  // { OJ t LEFT JOIN ... }
      cursor.Skip();
    } else if (at_table && cursor.IsName()) {
      GODWIT_ASSIGN_OR_RETURN(model::TableName table, cursor.ExpectTable());
      tables.push_back(std::move(table));
      at_table = false;
    } else {
      if (cursor.IsSymbol(',') || cursor.Is("JOIN") || cursor.Is("STRAIGHT_JOIN")) at_table = true;
      if (cursor.Is("ON") || cursor.Is("USING")) at_table = false;
      cursor.Skip();
    }
  }
  return base::OkStatus();
}

// INSERT and REPLACE [LOW_PRIORITY | DELAYED | HIGH_PRIORITY] [IGNORE] [INTO] t
base::Status ParseInsert(TokenCursor& cursor, std::vector<model::TableName>& tables) {
  while (cursor.AcceptAny("LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE")) {
  }
  cursor.AcceptAny("INTO");
  GODWIT_ASSIGN_OR_RETURN(model::TableName table, cursor.ExpectTable());
  tables.push_back(std::move(table));
  return base::OkStatus();
}

base::Status ParseRowTables(TokenCursor& cursor, std::vector<model::TableName>& tables) {
  if (cursor.AcceptAny("INSERT", "REPLACE")) return ParseInsert(cursor, tables);
  if (cursor.Accept("LOAD")) {
    SkipPast(cursor, "TABLE");
    return cursor.AtEnd() ? base::OkStatus() : ParseInsert(cursor, tables);
  }
  if (cursor.Accept("UPDATE")) {
    while (cursor.AcceptAny("LOW_PRIORITY", "IGNORE")) {
    }
    return CollectTables(cursor, "SET", tables);
  }
  if (cursor.Accept("DELETE")) {
    while (cursor.AcceptAny("LOW_PRIORITY", "QUICK", "IGNORE", "HISTORY")) {
    }
    GODWIT_RETURN_IF_ERROR(CollectTables(cursor, "FROM", tables));
    cursor.AcceptAny("FROM");
    // Without USING these are the tables written to; with it all are named.
    return CollectTables(cursor, "RETURNING", tables);
  }
  return base::OkStatus();
}

// OPTIMIZE [NO_WRITE_TO_BINLOG] TABLE t, t
base::Status ParseMaintainedTables(TokenCursor& cursor, std::vector<model::TableName>& tables) {
  cursor.Skip();
  cursor.AcceptAny("NO_WRITE_TO_BINLOG", "LOCAL");
  if (!cursor.AcceptAny("TABLE", "TABLES")) return base::OkStatus();
  while (cursor.IsName() && !cursor.Is("WITH")) {
    GODWIT_ASSIGN_OR_RETURN(model::TableName table, cursor.ExpectTable());
    tables.push_back(std::move(table));
    if (!cursor.AcceptSymbol(',')) break;
  }
  return base::OkStatus();
}

}  // namespace

std::optional<OtherKind> OtherObjectKind(const TokenCursor& cursor) {
  for (const KindOfWord& object : kObjects) {
    if (cursor.Is(object.word)) return object.kind;
  }
  return std::nullopt;
}

base::StatusOr<OtherStatement> ParseOtherObject(TokenCursor& cursor, OtherKind kind) {
  OtherStatement statement{kind, {}};
  cursor.Skip();
  if (kind == OtherKind::kAccount || kind == OtherKind::kServer) return statement;
  cursor.AcceptAny("BODY");
  if (!cursor.Accept("IF", "NOT", "EXISTS")) cursor.Accept("IF", "EXISTS");
  do {
    GODWIT_ASSIGN_OR_RETURN(model::TableName name, cursor.ExpectTable());
    statement.names.push_back(std::move(name));
  } while (kind == OtherKind::kSequence && cursor.AcceptSymbol(','));
  return statement;
}

base::StatusOr<OtherStatement> ParseOther(TokenCursor& cursor) {
  if (cursor.AtEnd()) return OtherStatement{};  // a comment alone
  for (const KindOfWord& known : kStatements) {
    if (!cursor.Is(known.word)) continue;
    OtherStatement statement{known.kind, {}};
    if (known.kind == OtherKind::kRows)
      GODWIT_RETURN_IF_ERROR(ParseRowTables(cursor, statement.names));
    if (known.kind == OtherKind::kMaintenance) {
      GODWIT_RETURN_IF_ERROR(ParseMaintainedTables(cursor, statement.names));
    }
    return statement;
  }
  return cursor.Error("a statement");
}

}  // namespace godwit::sql
