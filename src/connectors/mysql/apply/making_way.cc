#include "connectors/mysql/apply/making_way.h"

#include <algorithm>

#include "base/text.h"

namespace godwit::connectors::mysql {
namespace {

// What the target computes need not be what the log says of it.
bool HoldsComputed(const model::Table& table, const model::Key& key) {
  return std::ranges::any_of(key.columns, [&](int c) {
    const model::Column& column = table.columns[static_cast<size_t>(c)];
    return column.generated && column.row_period == model::RowPeriod::kNone;
  });
}

// The key that a row stands in the way of, by the words of the server: "... for key 't.name'",
// where MariaDB says no table.
std::string KeyInTheWay(std::string message, const model::Table& table) {
  constexpr std::string_view kBefore = " for key '";
  const size_t begin = message.rfind(kBefore);
  if (begin == std::string::npos) return "";
  message.erase(0, begin + kBefore.size());
  message.resize(std::min(message.size(), message.rfind('\'')));
  const std::string of_table = table.name.table + ".";
  return message.starts_with(of_table) ? message.substr(of_table.size()) : message;
}

bool IsKeyOfSource(std::string_view name, const model::Table& table) {
  return !table.target_has_keys || name == "PRIMARY" ||
         std::ranges::any_of(table.unique_keys, [&](const model::Key& key) {
           return !key.target_only && base::EqualsIgnoreCase(key.name, name);
         });
}

}  // namespace

bool MakesWayByHand(const model::Table& table, bool strict) {
  return !strict && table.target_has_keys;
}

base::Status DeleteHoldersOfOwnKeys(sql::Flavour target, const model::Table& table,
                                    const std::vector<model::Row>& rows,
                                    const StatementSink& sink) {
  const std::vector<int> identity = table.RowIdentity();
  for (const model::Key& key : table.unique_keys) {
    if (key.target_only || key.columns == identity || HoldsComputed(table, key)) continue;
    GODWIT_RETURN_IF_ERROR(DeleteHolders(target, table, key.columns, rows, sink));
  }
  return base::OkStatus();
}

base::Status LostToAnother(const model::Table& table) {
  return base::FailedPrecondition(
      "table {}: while it was being copied, a row got a value of a unique key in a row image that "
      "lacks columns, and the row, or a place for it, is not on the target; set "
      "binlog_row_image=FULL for the sessions that write to the table, and copy anew with `godwit "
      "run --restart`",
      table.name.ToString());
}

base::Status RowInTheWay(std::string_view message, const model::Table& table, bool must_be_found) {
  if (!IsKeyOfSource(KeyInTheWay(std::string(message), table), table)) {
    return base::FailedPrecondition(
        "table {}: a row of the source is in the way of another by a unique key that the target "
        "has since a DDL was not executed there (`godwit ddl` lists those), and the source has not "
        "or has over other prefixes or expressions: {}; drop that key on the target and run again",
        table.name.ToString(), message);
  }
  if (must_be_found) return LostToAnother(table);
  return base::FailedPrecondition(
      "table {}: a row that the source inserted is on the target already: {}. Something else has "
      "written to the target, or a DDL of the source was not executed there (`godwit ddl` lists "
      "those): `godwit verify` lists the rows that differ; remove them, or copy anew with `godwit "
      "run --restart`",
      table.name.ToString(), message);
}

}  // namespace godwit::connectors::mysql
