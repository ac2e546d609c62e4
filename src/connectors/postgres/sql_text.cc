#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

// With each character of `doubled` twice.
void AppendDoubling(std::string& out, std::string_view text, std::string_view doubled) {
  for (const char c : text) {
    if (doubled.find(c) != std::string_view::npos) out.push_back(c);
    out.push_back(c);
  }
}

}  // namespace

std::string QuoteName(std::string_view name) {
  std::string out = "\"";
  AppendDoubling(out, name, "\"");
  out.push_back('"');
  return out;
}

std::string QuoteName(const model::TableName& name) {
  return QuoteName(name.schema) + "." + QuoteName(name.table);
}

std::string QuoteText(std::string_view text) {
  std::string out = text.find('\\') == std::string_view::npos ? "'" : "E'";
  AppendDoubling(out, text, "'\\");
  out.push_back('\'');
  return out;
}

std::string QuoteNames(std::span<const std::string> names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ", ";
    out += QuoteName(name);
  }
  return out;
}

}  // namespace godwit::connectors::postgres
