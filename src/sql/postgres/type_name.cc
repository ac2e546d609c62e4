#include "sql/postgres/type_name.h"

namespace godwit::sql::postgres {
namespace {

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

}  // namespace godwit::sql::postgres
