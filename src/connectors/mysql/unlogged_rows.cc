#include "connectors/mysql/unlogged_rows.h"

#include <algorithm>

namespace godwit::connectors::mysql {
namespace {

// The table that an action moves a partition's rows from or to; null: none.
const model::TableName* OtherTable(const sql::AlterAction& action) {
  if (const auto* exchange = std::get_if<sql::ExchangePartition>(&action)) return &exchange->table;
  if (const auto* in = std::get_if<sql::ConvertTableToPartition>(&action)) return &in->table;
  return nullptr;
}

}  // namespace

UnloggedRows UnloggedRowsOf(const sql::Statement& statement,
                            const std::function<bool(const model::TableName&)>& has) {
  const auto* alter = std::get_if<sql::AlterTable>(&statement);
  if (alter == nullptr) return UnloggedRows::kNone;
  auto rows = UnloggedRows::kNone;
  for (const sql::AlterAction& action : alter->actions) {
    const model::TableName* other = OtherTable(action);
    if (std::holds_alternative<sql::ImportTablespace>(action) ||
        (other != nullptr && (!has(*other) || !has(alter->table))))
      return UnloggedRows::kFromFar;
    if (std::holds_alternative<sql::DiscardTablespace>(action)) rows = UnloggedRows::kGoing;
  }
  return rows;
}

}  // namespace godwit::connectors::mysql
