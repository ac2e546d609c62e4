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

// `type` without what stands in parentheses outside of quoted names.
std::string WithoutParentheses(std::string_view type) {
  std::string out;
  bool quoted = false;
  int depth = 0;
  for (const char c : type) {
    if (c == '"') quoted = !quoted;
    if (!quoted && c == '(') ++depth;
    if (depth == 0) out.push_back(c);
    if (!quoted && c == ')') --depth;
  }
  return out;
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

std::string CastType(std::string_view type) {
  constexpr std::string_view kArray = "[]", kInterval = "interval";
  std::string base = WithoutParentheses(type);
  const bool array = base.ends_with(kArray);
  if (array) base.resize(base.size() - kArray.size());
  if (base == "character") base = "bpchar";  // CHARACTER without a length is one of 1
  if (base == "bit") base = "bit varying";   // likewise
  // Its fields are a modifier too: "interval year to month".
  if (base.starts_with("interval ")) base = kInterval;
  if (array) base += kArray;
  return base;
}

}  // namespace godwit::connectors::postgres
