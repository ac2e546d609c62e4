#include "connectors/postgres/definition/definition.h"

#include <memory>

namespace godwit::connectors::postgres {

connector::TableDefinition ToTableDefinition(const Definition& definition) {
  return {std::make_shared<const model::Table>(ToTable(definition)), ToJson(definition),
          std::string(kDialect)};
}

std::set<std::string> SchemasOf(const Definition& definition) {
  std::set<std::string> schemas = {definition.name.schema};
  for (const PartitionDefinition& partition : definition.partitions)
    schemas.insert(partition.name.schema);
  for (const ColumnDefinition& column : definition.columns) schemas.insert(column.sequence.schema);
  schemas.erase("");
  return schemas;
}

std::map<std::pair<model::TableName, std::string>, const ConstraintDefinition*> ForeignKeysOf(
    const std::vector<Definition>& tables) {
  std::map<std::pair<model::TableName, std::string>, const ConstraintDefinition*> keys;
  for (const Definition& table : tables) {
    for (const ConstraintDefinition& one : table.constraints) {
      if (one.kind != 'f') continue;
      const model::TableName& on = one.table.table.empty() ? table.name : one.table;
      keys.emplace(std::pair(on, one.name), &one);
    }
  }
  return keys;
}

bool IsStill(const std::string& statement, const Definition& now) {
  if (statement == ToJson(now)) return true;
  const auto without_types = [](Definition definition) {
    for (ColumnDefinition& column : definition.columns) {
      column.base_type.clear();
      column.labels.clear();
    }
    return definition;
  };
  const base::StatusOr<Definition> before = FromJson(statement);
  return before.ok() && without_types(*before) == without_types(now);
}

}  // namespace godwit::connectors::postgres
