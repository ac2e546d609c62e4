#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace godwit::portal {

// The text that an object of etcd's has under `key`; empty: none.
inline std::string TextIn(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace godwit::portal
