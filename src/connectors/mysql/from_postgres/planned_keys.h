#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sql/definition.h"
#include "sql/postgres/definition.h"
#include "sql/translate_column.h"

namespace godwit::connectors::mysql {

// A key of PostgreSQL that the target may have.
struct PlannedKey {
  struct Part {
    int column = -1;         // among the table's; -1: an expression
    std::string expression;  // as PostgreSQL has it
    bool descending = false;
    uint32_t prefix = 0;  // characters or bytes; 0: the whole column
  };
  sql::KeyKind kind = sql::KeyKind::kIndex;
  std::string name;
  std::string place;  // for notes: "key `k`"
  std::string comment;
  std::vector<Part> parts;

  bool IsUnique() const { return kind == sql::KeyKind::kPrimary || kind == sql::KeyKind::kUnique; }
};

// The keys of a table. Those of which the target has nothing alike are left out with a note.
std::vector<PlannedKey> ReadKeys(const sql::postgres::Definition& table, sql::NoteTaker& notes);

// What a note of a unique key that is left out ends with.
inline constexpr std::string_view kNotKeptApart = "; the target does not keep rows apart by it";

// The index of a column by its very name; -1: there is none.
int ColumnOf(const sql::postgres::Definition& table, std::string_view name);
// Those that an expression may name.
std::vector<int> ColumnsIn(const sql::postgres::Definition& table, std::string_view expression);

}  // namespace godwit::connectors::mysql
