#include "sql/foreign_key_parser.h"

namespace godwit::sql {
namespace {

base::StatusOr<model::ReferenceAction> ParseReferenceAction(TokenCursor& cursor) {
  if (cursor.Accept("RESTRICT")) return model::ReferenceAction::kRestrict;
  if (cursor.Accept("CASCADE")) return model::ReferenceAction::kCascade;
  if (cursor.Accept("NO", "ACTION")) return model::ReferenceAction::kNoAction;
  if (cursor.Accept("SET", "NULL")) return model::ReferenceAction::kSetNull;
  if (cursor.Accept("SET", "DEFAULT")) return model::ReferenceAction::kSetDefault;
  return cursor.Error("RESTRICT, CASCADE, SET NULL, SET DEFAULT or NO ACTION");
}

}  // namespace

KeyDefinition KeyFor(const model::ForeignKey& foreign_key) {
  KeyDefinition key;
  key.name = foreign_key.name;
  for (const std::string& column : foreign_key.columns) key.parts.push_back({column});
  key.for_foreign_key = true;
  return key;
}

base::Status ParseReferences(TokenCursor& cursor, const std::string& schema,
                             model::ForeignKey& foreign_key) {
  GODWIT_RETURN_IF_ERROR(cursor.Expect("REFERENCES"));
  GODWIT_ASSIGN_OR_RETURN(foreign_key.parent, cursor.ExpectTable(schema));
  if (cursor.AcceptSymbol('(')) {
    GODWIT_ASSIGN_OR_RETURN(foreign_key.parent_columns, cursor.ExpectNames("a column name"));
    GODWIT_RETURN_IF_ERROR(cursor.ExpectSymbol(')'));
  }
  while (true) {
    if (cursor.Accept("MATCH")) {
      if (!cursor.AcceptAny("FULL", "PARTIAL", "SIMPLE"))
        return cursor.Error("FULL, PARTIAL or SIMPLE");
    } else if (cursor.Accept("ON", "DELETE")) {
      GODWIT_ASSIGN_OR_RETURN(foreign_key.on_delete, ParseReferenceAction(cursor));
    } else if (cursor.Accept("ON", "UPDATE")) {
      GODWIT_ASSIGN_OR_RETURN(foreign_key.on_update, ParseReferenceAction(cursor));
    } else {
      return base::OkStatus();
    }
  }
}

}  // namespace godwit::sql
