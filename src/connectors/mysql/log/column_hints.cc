#include "connectors/mysql/log/column_hints.h"

#include <algorithm>

#include "base/text.h"

namespace godwit::connectors::mysql {
namespace {

using model::TypeKind;
using wire::mysql::ColumnType;

bool Fits(ColumnType type, TypeKind kind) {
  switch (type) {
    case ColumnType::kTiny:
    case ColumnType::kShort:
    case ColumnType::kLong:
    case ColumnType::kLongLong:
    case ColumnType::kInt24:
      return kind == TypeKind::kInt || kind == TypeKind::kUint;
    case ColumnType::kFloat:
      return kind == TypeKind::kFloat;
    case ColumnType::kDouble:
      return kind == TypeKind::kDouble;
    case ColumnType::kNewDecimal:
      return kind == TypeKind::kDecimal;
    case ColumnType::kBit:
      return kind == TypeKind::kBit;
    case ColumnType::kYear:
      return kind == TypeKind::kYear;
    case ColumnType::kDate:
    case ColumnType::kNewDate:
      return kind == TypeKind::kDate;
    case ColumnType::kTime:
    case ColumnType::kTime2:
      return kind == TypeKind::kTime;
    case ColumnType::kDateTime:
    case ColumnType::kDateTime2:
      return kind == TypeKind::kDateTime;
    case ColumnType::kTimestamp:
    case ColumnType::kTimestamp2:
      return kind == TypeKind::kTimestamp;
    case ColumnType::kEnum:
      return kind == TypeKind::kEnum;
    case ColumnType::kSet:
      return kind == TypeKind::kSet;
    case ColumnType::kGeometry:
      return kind == TypeKind::kGeometry;
    default:  // all kinds of strings
      return kind == TypeKind::kText || kind == TypeKind::kBinary || kind == TypeKind::kJson ||
             kind == TypeKind::kUuid || kind == TypeKind::kInet4 || kind == TypeKind::kInet6;
  }
}

// How many columns with hashes the rows may have: one for each unique key too long for an index.
size_t MostHashes(const model::Table& table) {
  return static_cast<size_t>(std::count_if(table.unique_keys.begin(), table.unique_keys.end(),
                                           [](const model::Key& key) { return key.by_hash; }));
}

}  // namespace

std::vector<wire::mysql::ColumnHint> ColumnHints(const wire::mysql::TableMap& map,
                                                 const model::Table& table) {
  std::vector<wire::mysql::ColumnHint> hints;
  hints.reserve(map.columns.size());
  for (const model::Column& column : table.columns) {
    wire::mysql::ColumnHint& hint = hints.emplace_back();
    hint.is_unsigned = column.kind == TypeKind::kUint;
    hint.is_binary = column.kind == TypeKind::kBinary && column.fixed_length;
    hint.fraction_digits = column.scale;
    if (column.kind == TypeKind::kUuid) hint.special = wire::mysql::ColumnHint::Special::kUuid;
    if (column.kind == TypeKind::kInet4) hint.special = wire::mysql::ColumnHint::Special::kInet4;
    if (column.kind == TypeKind::kInet6) hint.special = wire::mysql::ColumnHint::Special::kInet6;
  }
  hints.resize(map.columns.size());  // what is left are hashes
  return hints;
}

base::Status CheckPeriods(const model::Table& table) {
  for (const model::Column& column : table.columns) {
    if (column.row_period == model::RowPeriod::kNone || column.kind == TypeKind::kTimestamp)
      continue;
    return base::FailedPrecondition(
        "table {}: column {} ({}) keeps the history of its rows by transactions, whose numbers are "
        "others on every server; exclude the table, or keep its history by TIMESTAMP(6) columns",
        table.name.ToString(), column.name, column.type_text);
  }
  return base::OkStatus();
}

base::Status CheckAgainstDefinition(const wire::mysql::TableMap& map, const model::Table& table) {
  constexpr std::string_view kRemedy =
      "; the schema history does not fit the log: copy the table again";
  const size_t most = table.columns.size() + MostHashes(table);
  if (map.columns.size() < table.columns.size() || map.columns.size() > most) {
    return base::FailedPrecondition(
        "table {}: rows of {} columns in the log, where its definition has {}{}",
        table.name.ToString(), map.columns.size(), table.columns.size(), kRemedy);
  }
  for (size_t i = table.columns.size(); i < map.columns.size(); ++i) {
    if (map.columns[i].type != ColumnType::kLongLong ||
        (map.has_names && !map.columns[i].name.starts_with("DB_ROW_HASH_"))) {
      return base::FailedPrecondition(
          "table {}: column {} of the log's rows is not one of its definition{}",
          table.name.ToString(), i + 1, kRemedy);
    }
  }
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const model::Column& column = table.columns[i];
    if (!Fits(map.columns[i].type, column.kind)) {
      return base::FailedPrecondition("table {}: column {} is {}, but the log has type {} there{}",
                                      table.name.ToString(), column.name, column.type_text,
                                      static_cast<int>(map.columns[i].type), kRemedy);
    }
    if (map.has_names && !base::EqualsIgnoreCase(map.columns[i].name, column.name)) {
      return base::FailedPrecondition("table {}: column {} is called {} in the log{}",
                                      table.name.ToString(), column.name, map.columns[i].name,
                                      kRemedy);
    }
  }
  return CheckPeriods(table);
}

}  // namespace godwit::connectors::mysql
