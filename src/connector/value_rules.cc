#include "connector/value_rules.h"

#include <absl/strings/escaping.h>

#include <algorithm>

namespace godwit::connector {
namespace {

std::string_view Remedy(Unfit why) {
  switch (why) {
    case Unfit::kZeroByte:
      return "take it out of the value on the source";
    case Unfit::kIllText:
      return "correct the value on the source, or make the column one of bytes";
    case Unfit::kNoDay:
      return "set it to NULL or to a date on the source";
    case Unfit::kOutOfRange:
      return "change it on the source, or give the column another type on the target (`casts`)";
  }
  return "";
}

// "the column is part of the key shop_key"; empty: of none that keeps rows apart.
std::string PartOfKey(const model::Table& table, int column) {
  if (std::ranges::find(table.primary_key, column) != table.primary_key.end())
    return "the column is part of the primary key";
  for (const model::Key& key : table.unique_keys) {
    if (std::ranges::find(key.columns, column) != key.columns.end())
      return "the column is part of the unique key " + key.name;
  }
  return "";
}

}  // namespace

std::string WhatIsUnfit(Unfit why, const model::Column& column) {
  switch (why) {
    case Unfit::kZeroByte:
      return "text with a zero byte";
    case Unfit::kIllText:
      return fmt::format("bytes that are no text in charset {}",
                         column.charset.empty() ? "utf8mb4" : column.charset);
    case Unfit::kNoDay:
      return "a date that is none, with zeros or beyond its month";
    case Unfit::kOutOfRange:
      return "a value that the type of the column does not reach";
  }
  return "";
}

std::string ToText(const UnfitCount& count) {
  constexpr std::array<std::string_view, 4> kWith = {
      "with zero bytes", "that are no text in their charset", "that are no date",
      "that their type does not reach"};
  return fmt::format("table {}, column {}: {} value{} {} {} written as {} (on_unrepresentable)",
                     count.table.ToString(), count.column, count.values,
                     count.values == 1 ? "" : "s", kWith[static_cast<size_t>(count.why)],
                     count.values == 1 ? "was" : "were",
                     count.action == UnfitAction::kNull ? "NULL" : "what comes nearest");
}

base::StatusOr<UnfitAction> ValueRules::Meet(const model::Table& table, int column, Unfit why,
                                             absl::FunctionRef<std::string()> row,
                                             std::string_view what, bool replaceable) {
  const model::Column& of = table.columns[static_cast<size_t>(column)];
  const UnfitAction action = actions_[static_cast<size_t>(why)];
  const bool no_null = action == UnfitAction::kNull && !of.nullable;
  const bool none_near = action == UnfitAction::kReplace && !replaceable;
  // Two rows would become one, and a delete of one of them take the other.
  const std::string key = action == UnfitAction::kError ? "" : PartOfKey(table, column);
  if (action == UnfitAction::kError || no_null || none_near || !key.empty()) {
    const std::string name = row();
    return base::FailedPrecondition(
        "table {}, column {}{}{}: it holds {}, which the target cannot{}: {}, or leave the table "
        "out "
        "with `tables.exclude`",
        table.name.ToString(), of.name, name.empty() ? "" : ", row ", name,
        what.empty() ? WhatIsUnfit(why, of) : std::string(what),
        !key.empty() ? fmt::format(", and {}, so that nothing is written in its place", key)
        : no_null    ? ", and the column must not be NULL"
        : none_near  ? ", and no value comes near it"
                     : "",
        Remedy(why));
  }
  std::lock_guard lock(mutex_);
  ++counts_[{table.name, of.name, why}];
  return action;
}

std::vector<UnfitCount> ValueRules::Counts() const {
  std::lock_guard lock(mutex_);
  std::vector<UnfitCount> counts;
  for (const auto& [entry, values] : counts_) {
    const auto& [table, column, why] = entry;
    counts.push_back({table, column, why, actions_[static_cast<size_t>(why)], values});
  }
  return counts;
}

base::Status UnknownCharset(const model::Table& table, const model::Column& column,
                            std::string_view charset) {
  return base::FailedPrecondition(
      "table {}, column {}: text in charset {} cannot be converted; change the column's charset on "
      "the source, or leave the table out with `tables.exclude`",
      table.name.ToString(), column.name, charset);
}

std::string NameOfRow(const model::Table& table,
                      absl::FunctionRef<std::optional<std::string_view>(size_t column)> value_of) {
  std::string name;
  for (const int c : table.RowIdentity()) {
    const auto column = static_cast<size_t>(c);
    const std::optional<std::string_view> value = value_of(column);
    if (!value) continue;
    name += fmt::format("{}{}={}", name.empty() ? "" : ", ", table.columns[column].name,
                        ShownValue(*value));
  }
  return name;
}

std::string ShownValue(std::string_view value) {
  constexpr size_t kMost = 60;
  const std::string_view head = value.substr(0, kMost);
  const char* cut = head.size() < value.size() ? "..." : "";
  const bool plain = std::ranges::all_of(head, [](char c) { return c >= 0x20 && c < 0x7f; });
  if (plain) return fmt::format("'{}'{}", head, cut);
  return fmt::format("0x{}{}", absl::BytesToHexString({head.data(), head.size()}), cut);
}

}  // namespace godwit::connector
