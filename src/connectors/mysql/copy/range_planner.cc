#include "connectors/mysql/copy/range_planner.h"

#include <absl/strings/escaping.h>

#include "base/text.h"
#include "connectors/mysql/copy/select_list.h"
#include "connectors/mysql/literal.h"

namespace godwit::connectors::mysql {
namespace {

using connector::KeyRange;
using model::TypeKind;

// Below this many rows (as the server estimates them) a table is one range.
constexpr uint64_t kLeastRowsPerRange = 20'000;

// Literals evenly spaced between two values of a column, both exclusive; none where its type has no
// sense of distance that is worth the trouble.
std::vector<std::string> SpacedIntegers(const std::string& least, const std::string& most,
                                        int parts) {
  __extension__ using Wide = __int128;  // the difference of two 64-bit values
  auto number = [](const std::string& text) -> Wide {
    if (auto value = base::ParseInteger<int64_t>(text)) return *value;
    return base::ParseInteger<uint64_t>(text).value_or(0);
  };
  const Wide low = number(least), high = number(most);
  std::vector<std::string> values;
  for (int i = 1; i < parts; ++i) {
    const Wide value = low + (high - low) * i / parts;
    values.push_back(value < 0 ? std::to_string(static_cast<int64_t>(value))
                               : std::to_string(static_cast<uint64_t>(value)));
  }
  return values;
}

// Texts as numbers to the base 256 after what they begin with alike. Where the column's order is
// another than that of its bytes, the ranges come out uneven, and no more than that.
std::vector<std::string> SpacedTexts(const std::string& least, const std::string& most, int parts,
                                     const std::string& charset) {
  size_t common = 0;
  while (common < least.size() && common < most.size() && least[common] == most[common]) ++common;
  auto number = [&](const std::string& text) {
    uint64_t value = 0;
    for (size_t i = 0; i < 4; ++i)
      value = value << 8 |
              (common + i < text.size() ? static_cast<unsigned char>(text[common + i]) : 0);
    return value;
  };
  const uint64_t low = number(least), high = number(most);
  std::vector<std::string> values;
  for (int i = 1; i < parts && high > low; ++i) {
    const uint64_t value =
        low + (high - low) * static_cast<uint64_t>(i) / static_cast<uint64_t>(parts);
    std::string text = least.substr(0, common);
    for (int shift = 24; shift >= 0; shift -= 8) {
      const char c = static_cast<char>(value >> shift);
      if (!charset.empty() && (c & 0x80) != 0) break;  // half a character is none
      text.push_back(c);
    }
    values.push_back((charset.empty() ? "" : "_" + charset + " ") + "0x" +
                     absl::BytesToHexString(text));
  }
  return values;
}

base::StatusOr<std::vector<std::string>> SpacedTimes(Connection& connection,
                                                     const std::string& least,
                                                     const std::string& most, int parts) {
  std::vector<std::string> values;
  for (int i = 1; i < parts; ++i) {
    GODWIT_ASSIGN_OR_RETURN(
        std::string value,
        connection.QueryValue(fmt::format(
            "SELECT {0} + INTERVAL TIMESTAMPDIFF(SECOND, {0}, {1}) * {2} DIV {3} SECOND",
            QuoteText(least), QuoteText(most), i, parts)));
    if (!value.empty()) values.push_back(QuoteText(value));
  }
  return values;
}

}  // namespace

base::StatusOr<std::vector<KeyRange>> PlanRanges(Connection& connection, const model::Table& table,
                                                 int parts) {
  const std::vector<KeyRange> whole = {KeyRange{}};
  const std::vector<int> identity = table.RowIdentity();
  if (identity.empty() || parts < 2) return whole;
  GODWIT_ASSIGN_OR_RETURN(
      ResultRow estimate,
      connection.QueryRow(fmt::format("SELECT table_rows FROM information_schema.tables WHERE "
                                      "table_schema = {} AND table_name = {}",
                                      QuoteText(table.name.schema), QuoteText(table.name.table))));
  const uint64_t rows = base::ParseInteger<uint64_t>(estimate[0].value_or("")).value_or(0);
  if (rows < kLeastRowsPerRange * 2) return whole;
  parts =
      static_cast<int>(std::min<uint64_t>(static_cast<uint64_t>(parts), rows / kLeastRowsPerRange));

  const SelectList list(table);
  const model::Column& column = table.columns[static_cast<size_t>(identity[0])];
  const std::string name = QuoteName(column.name), from = QuoteName(table.name);
  GODWIT_ASSIGN_OR_RETURN(ResultRow bounds, connection.QueryRow(fmt::format(
                                                "SELECT MIN({0}), MAX({0}) FROM {1}", name, from)));
  if (!bounds[0] || !bounds[1]) return whole;
  std::vector<std::string> values;
  switch (column.kind) {
    case TypeKind::kInt:
    case TypeKind::kUint:
      values = SpacedIntegers(*bounds[0], *bounds[1], parts);
      break;
    case TypeKind::kText:
    case TypeKind::kBinary:
      values = SpacedTexts(*bounds[0], *bounds[1], parts,
                           column.kind == TypeKind::kText ? column.charset : "");
      break;
    case TypeKind::kDate:
    case TypeKind::kDateTime:
    case TypeKind::kTimestamp: {
      GODWIT_ASSIGN_OR_RETURN(values, SpacedTimes(connection, *bounds[0], *bounds[1], parts));
      break;
    }
    default:
      return whole;
  }
  std::vector<KeyRange> ranges = whole;
  for (const std::string& value : values) {
    GODWIT_ASSIGN_OR_RETURN(
        std::vector<ResultRow> found,
        connection.Query(fmt::format("SELECT {} FROM {} WHERE {} >= {} ORDER BY {} LIMIT 1",
                                     list.text(), from, name, value, list.order_by())));
    if (found.empty()) break;
    std::vector<std::string_view> cells;
    for (const auto& cell : found[0])
      cells.push_back(cell ? std::string_view(*cell) : std::string_view());
    std::string key = list.KeyOf(cells);
    if (key == ranges.back().after) continue;
    ranges.back().upto = key;
    ranges.push_back({std::move(key), ""});
  }
  return ranges;
}

}  // namespace godwit::connectors::mysql
