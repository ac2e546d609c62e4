#include "connectors/postgres/row_key.h"

#include "connectors/postgres/sql_text.h"
#include "wire/postgres/copy_text.h"

namespace godwit::connectors::postgres {

std::string EncodeKey(const std::vector<std::string_view>& values) {
  std::string key;
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) key += '\t';
    for (char c : values[i]) {
      switch (c) {
        case '\\':
          key += "\\\\";
          break;
        case '\t':
          key += "\\t";
          break;
        case '\n':
          key += "\\n";
          break;
        default:
          key += c;
      }
    }
  }
  return key;
}

std::string EncodeKey(const ResultRow& row) {
  std::vector<std::string_view> values;
  for (const std::optional<std::string>& value : row)
    values.push_back(value ? *value : std::string_view());
  return EncodeKey(values);
}

base::StatusOr<std::vector<std::string>> DecodeKey(std::string_view key, size_t values) {
  wire::postgres::CopyTextRow row;
  std::vector<std::string> decoded;
  for (const auto& value : row.Parse(key)) decoded.emplace_back(value.value_or(""));
  if (decoded.size() != values) return base::DataLoss("'{}' is not the key of a row", key);
  return decoded;
}

std::string KeyColumns(const model::Table& table) {
  std::string list;
  for (int c : table.RowIdentity()) {
    if (!list.empty()) list += ", ";
    list += QuoteName(table.columns[static_cast<size_t>(c)].name);
  }
  return list;
}

base::StatusOr<std::string> KeyLiteral(const model::Table& table, std::string_view key) {
  const std::vector<int> identity = table.RowIdentity();
  GODWIT_ASSIGN_OR_RETURN(const std::vector<std::string> values, DecodeKey(key, identity.size()));
  std::string list;
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) list += ", ";
    list += QuoteText(values[i]) +
            "::" + CastType(table.columns[static_cast<size_t>(identity[i])].type_text);
  }
  return "(" + list + ")";
}

base::StatusOr<std::string> RangeCondition(const model::Table& table, std::string_view after,
                                           std::string_view upto) {
  std::string condition;
  if (!after.empty()) {
    GODWIT_ASSIGN_OR_RETURN(const std::string key, KeyLiteral(table, after));
    condition = fmt::format(" WHERE ({}) > {}", KeyColumns(table), key);
  }
  if (!upto.empty()) {
    GODWIT_ASSIGN_OR_RETURN(const std::string key, KeyLiteral(table, upto));
    condition +=
        fmt::format(" {} ({}) <= {}", condition.empty() ? "WHERE" : "AND", KeyColumns(table), key);
  }
  return condition;
}

std::string FromTable(const model::TableName& name, bool partitioned) {
  return (partitioned ? "" : "ONLY ") + QuoteName(name);
}

}  // namespace godwit::connectors::postgres
