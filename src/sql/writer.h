#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sql/definition.h"
#include "sql/statement.h"

// Writes MariaDB's SQL, to be read under the default SQL mode.
namespace godwit::sql {

std::string QuoteIdentifier(std::string_view name);  // `a``b`
std::string QuoteString(std::string_view value);     // 'it''s \\'
// `schema`.`table`, or `table` alone where the schema is empty.
std::string QuoteName(const model::TableName& name);

struct CreateTableParts {
  std::optional<model::TableName> name;  // instead of the definition's own
  bool if_not_exists = false;
  bool foreign_keys = true;
  std::span<const std::string> left_out_keys;  // by name
};

// CREATE TABLE for a complete definition, in the form that SHOW CREATE TABLE has.
std::string WriteCreateTable(const TableDefinition& definition, const CreateTableParts& parts = {});

// The names of the keys that a table can be created without, to be added when its rows are in: all
// but the primary key, the key that an AUTO_INCREMENT column needs, and, where there is no primary
// key, the unique key that rows are identified by. Leave foreign keys out as well: they need their
// indexes.
std::vector<std::string> DeferrableKeys(const TableDefinition& definition);

// One ALTER TABLE that adds the named keys to `name`, or all foreign keys; empty when there are
// none.
std::string WriteAddKeys(const TableDefinition& definition, const model::TableName& name,
                         std::span<const std::string> keys);
std::string WriteAddForeignKeys(const TableDefinition& definition, const model::TableName& name);

// The statements for some of their tables.
std::string WriteDropTable(const DropTable& statement);
std::string WriteRenameTable(const RenameTable& statement);

}  // namespace godwit::sql
