#include "connectors/postgres/definition/catalog_sql.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {

uint64_t NumberOf(const std::optional<std::string>& field) {
  return base::ParseInteger<uint64_t>(field.value_or("")).value_or(0);
}

std::vector<std::string> TextsOf(const std::optional<std::string>& field) {
  std::vector<std::string> texts;
  if (!field) return texts;
  const nlohmann::json array = nlohmann::json::parse(*field, nullptr, /*allow_exceptions=*/false);
  if (!array.is_array()) return texts;
  for (const nlohmann::json& element : array) {
    if (element.is_string()) texts.push_back(element.get<std::string>());
  }
  return texts;
}

std::string WithOptions(const std::vector<std::string>& options) {
  if (options.empty()) return "";
  std::vector<std::string> written;
  for (const std::string& option : options) {
    const size_t equals = option.find('=');
    // The server lets no name in that would have to be quoted.
    written.push_back(equals == std::string::npos
                          ? option
                          : option.substr(0, equals + 1) + QuoteText(option.substr(equals + 1)));
  }
  return " WITH (" + absl::StrJoin(written, ", ") + ")";
}

}  // namespace godwit::connectors::postgres
