#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/mysql/from_postgres/from_postgres_types.h"
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

// Takes out, with a note, unique keys over expressions that may be the same on the target for rows
// that the source keeps apart (lower() of letters beyond ASCII). To be called before columns are
// made to fit their keys.
void LeaveOutStricterKeys(std::vector<PlannedKey>& keys, const sql::postgres::Definition& table,
                          const std::vector<PlannedColumn>& columns, sql::Flavour to,
                          sql::NoteTaker& notes);

// Adds them to `here`, which has its columns, with what has to be said of each.
void AddKeys(const std::vector<PlannedKey>& keys, const sql::postgres::Definition& table,
             const std::vector<PlannedColumn>& columns, sql::TableDefinition& here,
             sql::NoteTaker& notes);

// The index of a column by its very name; -1: there is none.
int ColumnOf(const sql::postgres::Definition& table, std::string_view name);
// Those that an expression may name.
std::vector<int> ColumnsIn(const sql::postgres::Definition& table, std::string_view expression);

// A name that begins with the table's, for what has names of its own in each table of PostgreSQL
// and in a whole database of the target.
std::string NameInDatabase(const std::string& table, const std::string& own);
// No longer than the target takes it, and without blanks at its end.
std::string FittingName(std::string name);

// A comment no longer than the target takes it.
std::string FittingComment(const std::string& comment, size_t most_characters,
                           const std::string& place, sql::NoteTaker& notes);

}  // namespace godwit::connectors::mysql
