#include "cli/text/json_fields.h"

namespace godwit::cli {

const Json& FieldOf(const Json& object, const char* field) {
  static const Json kNull;
  const auto found = object.find(field);
  return found == object.end() ? kNull : *found;
}

std::string TextOf(const Json& object, const char* field) {
  const Json& text = FieldOf(object, field);
  return text.is_string() ? text.get<std::string>() : "";
}

uint64_t CountOf(const Json& object, const char* field) {
  const Json& count = FieldOf(object, field);
  return count.is_number() ? count.get<uint64_t>() : 0;
}

bool FlagOf(const Json& object, const char* field) {
  const Json& flag = FieldOf(object, field);
  return flag.is_boolean() && flag.get<bool>();
}

const Json& ListOf(const Json& object, const char* field) {
  static const Json kEmpty = Json::array();
  const Json& list = FieldOf(object, field);
  return list.is_array() ? list : kEmpty;
}

std::vector<std::string> TextsOf(const Json& object, const char* field) {
  std::vector<std::string> texts;
  for (const Json& one : ListOf(object, field)) {
    if (one.is_string()) texts.push_back(one.get<std::string>());
  }
  return texts;
}

}  // namespace godwit::cli
