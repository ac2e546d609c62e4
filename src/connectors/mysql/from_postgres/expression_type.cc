#include "connectors/mysql/from_postgres/expression_type.h"

namespace godwit::connectors::mysql {

base::StatusOr<PostgresType> ParsePostgresType(ExpressionCursor& cursor) {
  PostgresType type;
  GODWIT_ASSIGN_OR_RETURN(type.name, cursor.QualifiedName());
  if (type.name == "\"bit\"") type.name = "bit";  // as literals have it
  if (type.name == "bpchar") type.name = "character";
  if (type.name == "double" && cursor.Accept("precision")) type.name = "double precision";
  if ((type.name == "character" || type.name == "bit") && cursor.Accept("varying"))
    type.name += " varying";
  if (cursor.AcceptSymbol("(")) {
    do {
      const bool negative = cursor.AtOperator() && cursor.Peek().text == "-";
      if (negative) cursor.Skip();
      const auto number = base::ParseInteger<int>(cursor.Peek().text);
      if (!number) return cursor.Unknown();
      type.modifiers.push_back(negative ? -*number : *number);
      cursor.Skip();
    } while (cursor.AcceptSymbol(","));
    if (!cursor.AcceptSymbol(")")) return cursor.Unknown();
  }
  const bool with = cursor.Is("with");
  if ((type.name == "timestamp" || type.name == "time") && (with || cursor.Is("without")) &&
      cursor.Is("time", 1) && cursor.Is("zone", 2)) {
    cursor.Skip(3);
    type.name += with ? " with time zone" : " without time zone";
  }
  while (cursor.IsSymbol("[") && cursor.IsSymbol("]", 1)) {
    cursor.Skip(2);
    ++type.dimensions;
  }
  return type;
}

base::StatusOr<PostgresType> ParsePostgresType(std::string_view text) {
  GODWIT_ASSIGN_OR_RETURN(std::vector<PostgresToken> tokens, LexPostgres(text));
  ExpressionCursor cursor(std::move(tokens));
  GODWIT_ASSIGN_OR_RETURN(PostgresType type, ParsePostgresType(cursor));
  if (!cursor.AtEnd()) return cursor.Unknown();
  return type;
}

}  // namespace godwit::connectors::mysql
