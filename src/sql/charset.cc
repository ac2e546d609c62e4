#include "sql/charset.h"

#include <absl/strings/ascii.h>

#include "base/text.h"

namespace godwit::sql {
namespace {

struct Charset {
  std::string_view name;
  std::string_view default_collation;
  int max_bytes;
};

// information_schema.CHARACTER_SETS of MariaDB 10.11, and what MySQL 9.7 has beyond it.
constexpr Charset kCharsets[] = {
    {"big5", "big5_chinese_ci", 2},
    {"dec8", "dec8_swedish_ci", 1},
    {"cp850", "cp850_general_ci", 1},
    {"hp8", "hp8_english_ci", 1},
    {"koi8r", "koi8r_general_ci", 1},
    {"latin1", "latin1_swedish_ci", 1},
    {"latin2", "latin2_general_ci", 1},
    {"swe7", "swe7_swedish_ci", 1},
    {"ascii", "ascii_general_ci", 1},
    {"ujis", "ujis_japanese_ci", 3},
    {"sjis", "sjis_japanese_ci", 2},
    {"hebrew", "hebrew_general_ci", 1},
    {"tis620", "tis620_thai_ci", 1},
    {"euckr", "euckr_korean_ci", 2},
    {"koi8u", "koi8u_general_ci", 1},
    {"gb2312", "gb2312_chinese_ci", 2},
    {"greek", "greek_general_ci", 1},
    {"cp1250", "cp1250_general_ci", 1},
    {"gbk", "gbk_chinese_ci", 2},
    {"latin5", "latin5_turkish_ci", 1},
    {"armscii8", "armscii8_general_ci", 1},
    {"utf8mb3", "utf8mb3_general_ci", 3},
    {"ucs2", "ucs2_general_ci", 2},
    {"cp866", "cp866_general_ci", 1},
    {"keybcs2", "keybcs2_general_ci", 1},
    {"macce", "macce_general_ci", 1},
    {"macroman", "macroman_general_ci", 1},
    {"cp852", "cp852_general_ci", 1},
    {"latin7", "latin7_general_ci", 1},
    {"utf8mb4", "utf8mb4_general_ci", 4},
    {"cp1251", "cp1251_general_ci", 1},
    {"utf16", "utf16_general_ci", 4},
    {"utf16le", "utf16le_general_ci", 4},
    {"cp1256", "cp1256_general_ci", 1},
    {"cp1257", "cp1257_general_ci", 1},
    {"utf32", "utf32_general_ci", 4},
    {"binary", "binary", 1},
    {"geostd8", "geostd8_general_ci", 1},
    {"cp932", "cp932_japanese_ci", 2},
    {"eucjpms", "eucjpms_japanese_ci", 3},
    {"gb18030", "gb18030_chinese_ci", 4},
    {"filename", "filename", 5},
};

const Charset* Find(std::string_view name) {
  for (const Charset& charset : kCharsets) {
    if (charset.name == name) return &charset;
  }
  return nullptr;
}

std::string CurrentCharset(std::string_view name) {
  std::string lower = absl::AsciiStrToLower(std::string(name));
  return lower == "utf8" ? "utf8mb3" : lower;
}

std::string CurrentCollation(std::string_view name) {
  std::string lower = absl::AsciiStrToLower(std::string(name));
  return lower.starts_with("utf8_") ? "utf8mb3_" + lower.substr(5) : lower;
}

// Collations without a charset in their name go with any: uca1400_..., and "bin", the attribute
// BINARY.
bool NamesNoCharset(std::string_view collation) {
  return collation.starts_with("uca1400") || collation == "bin";
}

std::string CharsetOf(std::string_view collation) {
  return std::string(collation.substr(0, collation.find('_')));
}

}  // namespace

CharsetChoice Resolve(const CharsetChoice& choice, const CharsetChoice& fallback, Flavour flavour) {
  CharsetChoice result{CurrentCharset(choice.charset), CurrentCollation(choice.collation)};
  if (result.charset == "default") {
    result.charset = fallback.charset;
    // To MariaDB it is the charset alone, with the collation that this has by itself.
    if (result.collation.empty() && flavour == Flavour::kMySql)
      result.collation = fallback.collation;
  }
  if (result.collation == "default") {
    result.collation.clear();
    if (result.charset.empty()) result.charset = fallback.charset;
  }
  if (result.charset.empty()) {
    if (result.collation.empty()) return fallback;
    result.charset =
        NamesNoCharset(result.collation) ? fallback.charset : CharsetOf(result.collation);
  }
  if (result.charset == "binary") {
    result.collation = "binary";
  } else if (NamesNoCharset(result.collation)) {
    result.collation = result.charset + "_" + result.collation;
  } else if (result.collation.empty() && flavour == Flavour::kMySql &&
             result.charset == "utf8mb4") {
    result.collation = "utf8mb4_0900_ai_ci";
  } else if (result.collation.empty()) {
    const Charset* charset = Find(result.charset);
    if (charset != nullptr) result.collation = charset->default_collation;
  }
  return result;
}

int MaxBytesPerCharacter(std::string_view charset) {
  const Charset* found = Find(charset);
  return found == nullptr ? 1 : found->max_bytes;
}

}  // namespace godwit::sql
