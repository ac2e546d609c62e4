#include "connectors/mysql/history_check.h"

#include <algorithm>

namespace godwit::connectors::mysql {
namespace {

using model::ReferenceAction;

bool IsByTransaction(const model::Column& column) {
  return column.row_period != model::RowPeriod::kNone && column.kind != model::TypeKind::kTimestamp;
}

bool Acts(const model::ForeignKey& key) {
  auto acts = [](ReferenceAction action) {
    return action != ReferenceAction::kRestrict && action != ReferenceAction::kNoAction;
  };
  return acts(key.on_delete) || acts(key.on_update);
}

}  // namespace

std::string WhyHistoryCannotBeFollowed(const model::Table& table,
                                       const sql::TableDefinition& definition) {
  if (!table.system_versioned) return "";
  if (std::any_of(table.columns.begin(), table.columns.end(), IsByTransaction))
    return "kept by numbers of transactions, which are others on every server";
  if (std::any_of(table.foreign_keys.begin(), table.foreign_keys.end(), Acts))
    return "foreign keys change its rows, and the log does not say when";
  if (definition.partitioning &&
      definition.partitioning->method.find(" LIMIT ") != std::string::npos)
    return "partitioned by LIMIT: what a partition holds depends on the server";
  return "";
}

}  // namespace godwit::connectors::mysql
