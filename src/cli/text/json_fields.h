#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

// Fields of a JSON object that another version of the program may have written: what is not there,
// or is of another kind, reads as empty.
namespace godwit::cli {

using Json = nlohmann::ordered_json;

const Json& FieldOf(const Json& object, const char* field);  // null
std::string TextOf(const Json& object, const char* field);
uint64_t CountOf(const Json& object, const char* field);
bool FlagOf(const Json& object, const char* field);
const Json& ListOf(const Json& object, const char* field);
std::vector<std::string> TextsOf(const Json& object, const char* field);

}  // namespace godwit::cli
