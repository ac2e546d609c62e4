#include "wire/mysql/json_text_walk.h"

#include <algorithm>

namespace godwit::wire::mysql {

bool SkipJsonString(std::string_view text, size_t& at) {
  if (at >= text.size() || text[at] != '"') return false;
  ++at;
  while (true) {
    at = text.find_first_of("\"\\", at);
    if (at >= text.size()) return false;
    if (text[at] == '"') return ++at, true;
    at += 2;
  }
}

bool SkipJsonValue(std::string_view text, size_t& at) {
  size_t depth = 0;
  do {
    // From here to the next byte that ends or begins something.
    const size_t begin = at;
    at = std::min(text.find_first_of("\"{}[],", at), text.size());
    if (at == text.size() || (depth == 0 && at > begin)) return depth == 0 && at > begin;
    switch (text[at]) {
      case '"':
        if (!SkipJsonString(text, at)) return false;
        break;
      case '{':
      case '[':
        ++depth, ++at;
        break;
      case ',':
        if (depth == 0) return false;
        ++at;
        break;
      default:
        if (depth == 0) return false;
        --depth, ++at;
    }
  } while (depth > 0);
  return true;
}

}  // namespace godwit::wire::mysql
