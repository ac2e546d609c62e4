#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Text in the charsets of MariaDB and MySQL, as UTF-8: what CONVERT(... USING utf8mb4) makes of it,
// save that bytes which it makes question marks of are told, and that two characters for which it
// has the same one stay two (the full-width backslash of sjis and ujis).
namespace godwit::wire::mysql {

// Whether text in it can be read; by the servers' current names (utf8mb3, not utf8).
bool KnowsCharset(std::string_view charset);

// How many bytes of `text` from its head on are whole characters of UTF-8, without surrogates and
// nothing beyond U+10FFFF.
size_t Utf8Head(std::string_view text);
inline bool IsUtf8(std::string_view text) { return Utf8Head(text) == text.size(); }

enum class IllText : uint8_t {
  kRefuse,
  kReplace,  // with U+FFFD
};

// Reads text in one charset. Cheap to copy; any number of threads.
class TextDecoder {
 public:
  // Of a charset that is known (KnowsCharset); of any other all bytes are ill.
  explicit TextDecoder(std::string_view charset);

  // Whether all its text is UTF-8 as it stands, if it is well.
  bool is_utf8() const { return form_ == Form::kUtf8; }

  // Appends `bytes` in UTF-8. False: they are no text in this charset, and may be appended in part.
  bool Append(std::string& out, std::string_view bytes, IllText ill = IllText::kRefuse) const;

 private:
  enum class Form : uint8_t {
    kUtf8,
    kTable,     // one byte: the character at its number in `table_`
    kTwoBytes,  // from 0x80 on two, or one: the character at their number
    kEuc,       // likewise, and after 0x8f two more: from 0x10000 on in the table
    kGb18030,   // likewise two, or four
    kUcs2,
    kUtf16,
    kUtf16Le,
    kUtf32,
    kUnknown,
  };
  struct Character {
    char32_t code = 0;
    size_t bytes = 0;  // 0: there is none at the head
  };
  Character Next(std::string_view bytes) const;

  Form form_ = Form::kUnknown;
  bool ascii_ = false;                                  // bytes below 0x80 are ASCII
  std::shared_ptr<const std::vector<char16_t>> table_;  // 0xfffd: no character
};

}  // namespace godwit::wire::mysql
