#pragma once

#include <cstddef>
#include <string_view>

// Going through the text of a document as the server prints it: one blank behind a comma or a colon
// and none elsewhere. `at` is the place of a value's first byte. Each function is false where the
// text is not well-formed; what a scalar is made of is not looked at.
namespace godwit::wire::mysql {

inline bool AtJsonContainer(std::string_view text, size_t at) {
  return at < text.size() && (text[at] == '{' || text[at] == '[');
}

// Goes on behind the value.
bool SkipJsonValue(std::string_view text, size_t& at);
// Goes on behind a string, quotes and all.
bool SkipJsonString(std::string_view text, size_t& at);

// Calls `element` for each element of the container at `at`, with a member's quoted key; it is to
// move `at`, which then is the element's place, on behind the element, or to give false.
template <typename Element>
bool WalkJsonContainer(std::string_view text, size_t& at, Element element) {
  const char close = text[at] == '{' ? '}' : ']';
  ++at;
  if (at < text.size() && text[at] == close) return ++at, true;
  while (true) {
    std::string_view key;
    if (close == '}') {
      const size_t begin = at;
      if (!SkipJsonString(text, at)) return false;
      key = text.substr(begin, at - begin);
      if (text.substr(at, 2) != ": ") return false;
      at += 2;
    }
    if (!element(key) || at >= text.size()) return false;
    if (text[at] == close) return ++at, true;
    if (text.substr(at, 2) != ", ") return false;
    at += 2;
  }
}

}  // namespace godwit::wire::mysql
