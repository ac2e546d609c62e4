#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "connectors/mysql/from_postgres/expression_cursor.h"

namespace godwit::connectors::mysql {

// A type as format_type writes it: "timestamp(3) without time zone", "shop.mood[]".
struct PostgresType {
  std::string name;            // without modifiers: "timestamp without time zone", "shop.mood"
  std::vector<int> modifiers;  // of "numeric(10,2)": 10, 2
  int dimensions = 0;          // of an array
  bool operator==(const PostgresType&) const = default;

  bool Is(std::string_view type) const { return dimensions == 0 && name == type; }
  int Modifier(int otherwise) const { return modifiers.empty() ? otherwise : modifiers[0]; }
};

base::StatusOr<PostgresType> ParsePostgresType(ExpressionCursor& cursor);
// All of `text`.
base::StatusOr<PostgresType> ParsePostgresType(std::string_view text);

}  // namespace godwit::connectors::mysql
