#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::wire::mysql {

// One step of a JSON path: a member's key, or an array's index.
struct JsonLeg {
  bool is_member = false;
  std::string key;
  size_t index = 0;
};

// A path as the server writes it into its log: "$", then ".key" (letters, digits, _, $ and anything
// beyond ASCII), ."any key" (escaped as a JSON string) or "[index]". False: anything else.
bool ParseJsonPath(std::string_view text, std::vector<JsonLeg>& legs);

}  // namespace godwit::wire::mysql
