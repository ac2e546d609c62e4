#include "connectors/mysql/log/row_history.h"

#include <mysqld_error.h>

namespace godwit::connectors::mysql {
namespace {

using model::ChangeKind;
using model::RowPeriod;

std::string_view Period(const model::Table& table, model::Row row, RowPeriod period) {
  return row[static_cast<size_t>(table.FindPeriod(period))].view();
}

base::Status Missing(const model::TableName& name) {
  return base::FailedPrecondition(
      "table {}: the source's log updates a row and does not insert the version before, so that "
      "its "
      "history cannot be followed; copy anew with `godwit run --restart`",
      name.ToString());
}

}  // namespace

bool StillHolds(const model::Table& table, model::Row row) {
  return Period(table, row, RowPeriod::kEnd) == kStillHolds;
}

bool IsAboutPartitions(const ResultRow& warning) {
  return warning[1] == std::to_string(WARN_VERS_PART_FULL);
}

base::StatusOr<bool> RowHistory::Take(model::ChangeEvent& event) {
  const model::Table& table = *event.table;
  if (const auto it = expected_.find(table.name); it != expected_.end()) {
    const bool follows = event.kind == ChangeKind::kInsert &&
                         Period(table, event.after, RowPeriod::kStart) == it->second.start &&
                         Period(table, event.after, RowPeriod::kEnd) == it->second.end;
    if (!follows) return Missing(table.name);
    expected_.erase(it);
    return false;
  }
  switch (event.kind) {
    case ChangeKind::kUpdate: {
      if (!StillHolds(table, event.after)) {
        event.kind = ChangeKind::kDelete;
        break;
      }
      const std::string_view before = Period(table, event.before, RowPeriod::kStart);
      const std::string_view after = Period(table, event.after, RowPeriod::kStart);
      if (before < after) expected_[table.name] = {std::string(before), std::string(after)};
      break;
    }
    case ChangeKind::kDelete:
      // History is nobody's parent.
      if (!StillHolds(table, event.before)) event.keys_act = false;
      break;
    default:
      break;
  }
  return true;
}

base::Status RowHistory::Finish() {
  if (expected_.empty()) return base::OkStatus();
  const model::TableName name = expected_.begin()->first;
  expected_.clear();
  return Missing(name);
}

}  // namespace godwit::connectors::mysql
