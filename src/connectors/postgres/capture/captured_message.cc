#include "connectors/postgres/capture/captured_message.h"

#include <nlohmann/json.hpp>

#include "connectors/postgres/definition/definition_reader.h"

namespace godwit::connectors::postgres {
namespace {

using nlohmann::ordered_json;

// As a connection would give it.
std::optional<std::string> Field(const ordered_json& value) {
  if (value.is_null()) return std::nullopt;
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "t" : "f";
  return value.dump();
}

// Throws nlohmann's exceptions, as all below.
std::vector<ResultRow> Rows(const ordered_json& json, const char* name) {
  std::vector<ResultRow> rows;
  if (!json.contains(name)) return rows;
  for (const ordered_json& object : json.at(name)) {
    ResultRow& row = rows.emplace_back();
    for (const ordered_json& field : object) row.push_back(Field(field));
  }
  return rows;
}

std::set<uint32_t> Numbers(const ordered_json& json, const char* name) {
  std::set<uint32_t> numbers;
  if (!json.contains(name)) return numbers;
  for (const ordered_json& number : json.at(name)) numbers.insert(number.get<uint32_t>());
  return numbers;
}

std::string Text(const ordered_json& json, const char* name) {
  return json.contains(name) && json.at(name).is_string() ? json.at(name).get<std::string>() : "";
}

base::StatusOr<CapturedMessage> Parse(const ordered_json& json) {
  CapturedMessage message;
  message.event = json.at("event").get<std::string>();
  message.tag = Text(json, "tag");
  message.query = Text(json, "query");
  message.error = Text(json, "error");
  message.made = Numbers(json, "made");
  message.added = Numbers(json, "added");
  message.published = Numbers(json, "published");
  message.rewritten = Numbers(json, "rewritten");
  if (json.contains("reason")) message.reason = json.at("reason").get<int>();
  if (json.contains("dropped")) {
    for (const ordered_json& dropped : json.at("dropped")) {
      message.dropped.push_back({Text(dropped, "type") == "index",
                                 dropped.at("oid").get<uint32_t>(),
                                 {Text(dropped, "schema"), Text(dropped, "name")}});
    }
  }
  if (json.contains("missing")) {
    for (const ordered_json& one : json.at("missing")) {
      message.missing[one.at(0).get<uint32_t>()][one.at(1).get<std::string>()].insert(
          one.at(2).get<std::string>());
    }
  }
  DefinitionRows rows{Rows(json, "tables"), Rows(json, "partitions"), Rows(json, "columns"),
                      Rows(json, "constraints"), Rows(json, "indexes")};
  GODWIT_ASSIGN_OR_RETURN(message.tables, Assemble("source", rows));
  return message;
}

}  // namespace

base::StatusOr<CapturedMessage> ParseCapturedMessage(std::string_view content) {
  try {
    return Parse(ordered_json::parse(content));
  } catch (const nlohmann::json::exception& error) {
    return base::DataLoss("source: a message about a DDL that is none: {}", error.what());
  }
}

}  // namespace godwit::connectors::postgres
