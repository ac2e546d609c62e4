#include "connectors/postgres/definition/definition.h"

#include <memory>

namespace godwit::connectors::postgres {

connector::TableDefinition ToTableDefinition(const Definition& definition) {
  return {std::make_shared<const model::Table>(ToTable(definition)), ToJson(definition),
          std::string(kDialect)};
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
