#include "sql/writer.h"

#include <absl/strings/str_join.h>
#include <fmt/format.h>

namespace godwit::sql {

std::string QuoteIdentifier(std::string_view name) {
  std::string out = "`";
  for (char c : name) {
    if (c == '`') out.push_back('`');
    out.push_back(c);
  }
  out.push_back('`');
  return out;
}

std::string QuoteString(std::string_view value) {
  std::string out = "'";
  for (char c : value) {
    switch (c) {
      case '\'':
        out += "''";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\0':
        out += "\\0";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        out.push_back(c);
    }
  }
  out.push_back('\'');
  return out;
}

std::string QuoteName(const model::TableName& name) {
  if (name.schema.empty()) return QuoteIdentifier(name.table);
  return QuoteIdentifier(name.schema) + "." + QuoteIdentifier(name.table);
}

std::string WriteDropTable(const DropTable& statement) {
  return fmt::format(
      "DROP {}TABLE {}{}", statement.temporary ? "TEMPORARY " : "",
      statement.if_exists ? "IF EXISTS " : "",
      absl::StrJoin(statement.tables, ", ", [](std::string* out, const model::TableName& table) {
        *out += QuoteName(table);
      }));
}

std::string WriteRenameTable(const RenameTable& statement) {
  return fmt::format(
      "RENAME TABLE {}{}", statement.if_exists ? "IF EXISTS " : "",
      absl::StrJoin(statement.pairs, ", ", [](std::string* out, const RenameTable::Pair& pair) {
        *out += QuoteName(pair.from) + " TO " + QuoteName(pair.to);
      }));
}

}  // namespace godwit::sql
