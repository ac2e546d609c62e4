#include "wire/mysql/json_path.h"

#include <charconv>

#include "wire/mysql/json_string.h"

namespace godwit::wire::mysql {
namespace {

bool TakeLeg(std::string_view& text, JsonLeg& leg) {
  if (text.starts_with('[')) {
    text.remove_prefix(1);
    auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), leg.index);
    if (error != std::errc()) return false;
    text.remove_prefix(static_cast<size_t>(stop - text.data()));
    if (!text.starts_with(']')) return false;
    text.remove_prefix(1);
    return true;
  }
  if (!text.starts_with('.')) return false;
  text.remove_prefix(1);
  leg.is_member = true;
  if (text.starts_with('"')) {
    text.remove_prefix(1);
    return TakeJsonString(text, leg.key);
  }
  leg.key = text.substr(0, text.find_first_of(".["));
  text.remove_prefix(leg.key.size());
  return !leg.key.empty();
}

}  // namespace

bool ParseJsonPath(std::string_view text, std::vector<JsonLeg>& legs) {
  if (!text.starts_with('$')) return false;
  text.remove_prefix(1);
  while (!text.empty()) {
    if (!TakeLeg(text, legs.emplace_back())) return false;
  }
  return true;
}

}  // namespace godwit::wire::mysql
