#include "sql/collation_twin.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::sql {
namespace {

using std::string_view;

constexpr string_view kOtherVersion =
    "another version of the Unicode collation algorithm, so that some characters compare and sort "
    "otherwise";

// Languages under MySQL's names (utf8mb4_<name>_0900_...) and MariaDB's (uca1400_<name>_...).
// MariaDB's persian and sinhala, and MySQL's bg, bs, gl, ja, mn_cyrl, nb, nn, ru, sr_latn and zh,
// have none on the other side.
struct Language {
  string_view mysql, mariadb;
};
constexpr Language kLanguages[] = {
    {"", ""},
    {"cs", "czech"},
    {"da", "danish"},
    {"de_pb", "german2"},
    {"eo", "esperanto"},
    {"es", "spanish"},
    {"es_trad", "spanish2"},
    {"et", "estonian"},
    {"hr", "croatian"},
    {"hu", "hungarian"},
    {"is", "icelandic"},
    {"la", "roman"},
    {"lt", "lithuanian"},
    {"lv", "latvian"},
    {"pl", "polish"},
    {"ro", "romanian"},
    {"sk", "slovak"},
    {"sl", "slovenian"},
    {"sv", "swedish"},
    {"tr", "turkish"},
    {"vi", "vietnamese"},
};

// What accents and case count for, as both write it. MySQL has as_ci without a language only.
constexpr string_view kStrengths[] = {"ai_ci", "as_ci", "as_cs"};

string_view CharsetOf(string_view collation) { return collation.substr(0, collation.find('_')); }
string_view AfterCharset(string_view collation) {
  return collation.substr(std::min(collation.size(), CharsetOf(collation).size() + 1));
}
bool Has(string_view text, string_view part) { return text.find(part) != string_view::npos; }

bool IsUnicode(string_view charset) {
  return charset == "utf8mb3" || charset == "utf8mb4" || charset == "ucs2" || charset == "utf16" ||
         charset == "utf32";
}

std::string MySqlName(const Language& language, string_view strength) {
  return fmt::format("utf8mb4_{}{}0900_{}", language.mysql, language.mysql.empty() ? "" : "_",
                     strength);
}
std::string MariaDbName(const Language& language, string_view pad, string_view strength) {
  return fmt::format("utf8mb4_uca1400_{}{}{}{}", language.mariadb,
                     language.mariadb.empty() ? "" : "_", pad, strength);
}

std::optional<CollationTwin> OfMariaDb(string_view collation) {
  const string_view charset = CharsetOf(collation);
  const string_view rest = AfterCharset(collation);
  if (collation == "utf8mb4_0900_bin") return CollationTwin{"utf8mb4_nopad_bin", ""};
  // Of this name MariaDB has one with rules of its own.
  if (rest == "croatian_ci" && IsUnicode(charset))
    return CollationTwin{fmt::format("{}_croatian_mysql561_ci", charset), ""};
  for (const Language& language : kLanguages) {
    for (string_view strength : kStrengths) {
      if (collation == MySqlName(language, strength))
        return CollationTwin{MariaDbName(language, "nopad_", strength), std::string(kOtherVersion)};
    }
  }
  if (Has(collation, "_0900_") || charset == "gb18030" || collation == "utf8mb3_tolower_ci")
    return std::nullopt;
  return CollationTwin{std::string(collation), ""};
}

std::optional<CollationTwin> OfMySql(string_view collation) {
  const string_view charset = CharsetOf(collation);
  const string_view rest = AfterCharset(collation);
  if (collation == "utf8mb4_nopad_bin") return CollationTwin{"utf8mb4_0900_bin", ""};
  if (rest == "croatian_mysql561_ci")
    return CollationTwin{fmt::format("{}_croatian_ci", charset), ""};
  if (collation == "utf8mb4_croatian_ci")
    return CollationTwin{"utf8mb4_hr_0900_ai_ci",
                         fmt::format("{}; blanks at the end of a value count", kOtherVersion)};
  if (rest == "croatian_ci" && IsUnicode(charset)) return std::nullopt;
  for (const Language& language : kLanguages) {
    for (string_view strength : kStrengths) {
      if (strength == "as_ci" && !language.mysql.empty()) continue;
      if (collation == MariaDbName(language, "nopad_", strength))
        return CollationTwin{MySqlName(language, strength), std::string(kOtherVersion)};
      if (collation == MariaDbName(language, "", strength))
        return CollationTwin{MySqlName(language, strength),
                             fmt::format("{}; blanks at the end of a value count", kOtherVersion)};
    }
  }
  if (rest == "uca1400_ai_ci")
    return CollationTwin{fmt::format("{}_unicode_520_ci", charset), std::string(kOtherVersion)};
  if (Has(rest, "uca1400") || Has(rest, "nopad") || rest == "thai_520_w2" || rest == "myanmar_ci")
    return std::nullopt;
  return CollationTwin{std::string(collation), ""};
}

}  // namespace

std::optional<CollationTwin> TwinOf(string_view collation, Flavour to) {
  return to == Flavour::kMariaDb ? OfMariaDb(collation) : OfMySql(collation);
}

}  // namespace godwit::sql
