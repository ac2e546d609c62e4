#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connector/destination.h"
#include "connectors/mysql/connection/connection.h"
#include "sql/definition.h"

namespace godwit::connectors::mysql {

// Re-creates tables of the MySQL family on a target: first what a copy needs, later the keys. All
// methods look at the target's catalogue first, so that they may be repeated after a crash. The
// connection is one with UTF-8 text.

base::Status CreateSchemas(Connection& target,
                           const std::vector<connector::CatalogSchema>& schemas);

// The statements that CreateTable, FinishTable and CreateForeignKeys would execute now. Errors as
// NeedsCreating's. `source`: the dialect in which the source gave the table, which may be one of
// another family.
base::StatusOr<connector::TablePlan> PlanTable(Connection& target,
                                               const connector::TableDefinition& table,
                                               connector::IfExists if_exists,
                                               std::string_view source);

base::StatusOr<bool> NeedsCreating(Connection& target, const connector::TableDefinition& table,
                                   connector::IfExists if_exists, std::string_view source);
// The table as the target has it; nothing when it does not exist.
base::StatusOr<std::optional<sql::TableDefinition>> FindTable(Connection& target,
                                                              const model::TableName& name);
base::StatusOr<bool> HasSchema(Connection& target, const std::string& schema);
base::StatusOr<bool> HasTable(Connection& target, const model::TableName& name);
base::Status CreateTable(Connection& target, const connector::TableDefinition& table);
base::Status FinishTable(Connection& target, const connector::TableDefinition& table,
                         connector::UniqueKeys unique_keys);
base::Status CreateForeignKeys(Connection& target, const connector::TableDefinition& table);

}  // namespace godwit::connectors::mysql
