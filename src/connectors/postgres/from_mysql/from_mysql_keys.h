#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

#include "connectors/postgres/definition/definition.h"
#include "connectors/postgres/from_mysql/from_mysql_types.h"
#include "sql/definition.h"
#include "sql/translate_column.h"

namespace godwit::connectors::postgres {

inline constexpr size_t kLongestName = 63;  // bytes

// The name, or where the server would cut it off its beginning and a hash of the whole.
std::string ShortName(std::string name);

// Keys and sequences are one schema's in PostgreSQL, among its tables, and a table's in MySQL. No
// two of these names are the same for two tables, as the place where table and key meet can be
// told.
std::string NameInSchema(std::string_view table, std::string_view own, std::string_view suffix);

// The names of one table's constraints, of which each is to be another.
class ConstraintNames {
 public:
  std::string Take(std::string name);

 private:
  std::set<std::string, std::less<>> taken_;
};

// Primary key, unique keys and indexes.
void TranslateKeys(const sql::TableDefinition& table, std::span<const PlannedColumn> columns,
                   Definition& definition, ConstraintNames& names, sql::NoteTaker& notes);

void TranslateForeignKeys(const sql::TableDefinition& table, std::span<const PlannedColumn> columns,
                          Definition& definition, ConstraintNames& names, sql::NoteTaker& notes);

// What pg_get_constraintdef would write of a foreign key, but for its quotes.
std::string ForeignKeyText(const ConstraintDefinition& key);

}  // namespace godwit::connectors::postgres
