#include "connectors/mysql/check/history_check.h"

#include <algorithm>

namespace godwit::connectors::mysql {
namespace {

bool IsByTransaction(const model::Column& column) {
  return column.row_period != model::RowPeriod::kNone && column.kind != model::TypeKind::kTimestamp;
}

}  // namespace

std::string WhyHistoryCannotBeFollowed(const model::Table& table,
                                       const sql::TableDefinition& definition) {
  if (!table.system_versioned) return "";
  if (std::any_of(table.columns.begin(), table.columns.end(), IsByTransaction))
    return "kept by numbers of transactions, which are others on every server";
  if (std::ranges::any_of(table.foreign_keys, [](const auto& key) { return Acts(key); }))
    return "foreign keys change its rows, and the log does not say when";
  if (definition.partitioning &&
      definition.partitioning->method.find(" LIMIT ") != std::string::npos)
    return "partitioned by LIMIT: what a partition holds depends on the server";
  return "";
}

}  // namespace godwit::connectors::mysql
