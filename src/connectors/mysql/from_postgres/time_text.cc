#include "connectors/mysql/from_postgres/time_text.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "wire/mysql/calendar.h"

namespace godwit::connectors::mysql {
namespace {

using model::TypeKind;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// "12:34:56" and what follows.
struct TimeParts {
  unsigned hours = 0, minutes = 0, seconds = 0;
  std::string_view fraction;  // with its point
};

std::optional<TimeParts> ParseTime(std::string_view text) {
  const size_t colon = text.find(':');
  constexpr size_t kMinutesAndSeconds = 6;
  if (colon == std::string_view::npos || colon < 2 || text.size() < colon + kMinutesAndSeconds ||
      text[colon + 3] != ':') {
    return std::nullopt;
  }
  const auto hours = base::ParseInteger<unsigned>(text.substr(0, colon));
  const auto minutes = base::ParseInteger<unsigned>(text.substr(colon + 1, 2));
  const auto seconds = base::ParseInteger<unsigned>(text.substr(colon + 4, 2));
  TimeParts parts;
  parts.fraction = text.substr(colon + kMinutesAndSeconds);
  const bool has_digits = parts.fraction.size() > 1 && parts.fraction[0] == '.' &&
                          std::ranges::all_of(parts.fraction.substr(1), IsDigit);
  if (!hours || !minutes || !seconds || !(parts.fraction.empty() || has_digits))
    return std::nullopt;
  parts.hours = *hours;
  parts.minutes = *minutes;
  parts.seconds = *seconds;
  if (parts.minutes > 59 || parts.seconds > 59) return std::nullopt;
  return parts;
}

constexpr unsigned kMostHours = 838;
constexpr std::string_view kMostTime = "838:59:59";

// As FitFraction, whatever the digits are.
std::string_view CutFraction(std::string_view text, unsigned scale) {
  const size_t point = text.find('.');
  return point == std::string_view::npos ? text
                                         : text.substr(0, point + (scale == 0 ? 0 : 1 + scale));
}

std::string Nines(unsigned scale) {
  return scale == 0 ? std::string() : "." + std::string(scale, '9');
}

}  // namespace

bool IsDay(std::string_view text) {
  if (!wire::mysql::NamesDay(text) || text[4] != '-' || text[7] != '-') return false;
  if (text.size() == kDaySize) return true;
  constexpr size_t kTime = kDaySize + 1;
  if (text[kDaySize] != ' ') return false;
  const std::optional<TimeParts> time = ParseTime(text.substr(kTime));
  return time && time->hours < 24 && text[kTime + 2] == ':';
}

bool IsMidnight(std::string_view day) {
  return std::ranges::all_of(day.substr(kDaySize),
                             [](char c) { return c == '0' || c == ':' || c == '.' || c == ' '; });
}

bool IsTime(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::optional<TimeParts> time = ParseTime(text);
  return time && time->hours <= kMostHours;
}

bool FitFraction(std::string_view text, unsigned scale, std::string_view& out) {
  out = CutFraction(text, scale);
  return std::ranges::all_of(text.substr(out.size()), [](char c) { return c == '0' || c == '.'; });
}

std::string NearestDay(std::string_view text, TypeKind kind, unsigned scale) {
  const bool before = text == "-infinity" || text.ends_with(" BC");
  const size_t year = std::min(text.find('-'), text.size());
  const bool after =
      text == "infinity" || (year > 4 && std::ranges::all_of(text.substr(0, year), IsDigit));
  if (!before && !after) return "";
  switch (kind) {
    case TypeKind::kDate:
      return before ? "0001-01-01" : "9999-12-31";
    case TypeKind::kTimestamp:  // of every server
      return before ? "1970-01-01 00:00:01" : "2038-01-19 03:14:07";
    default:
      return before ? "0001-01-01 00:00:00" : "9999-12-31 23:59:59" + Nines(scale);
  }
}

std::string NearestTime(std::string_view text, TypeKind kind, unsigned scale) {
  if (kind == TypeKind::kDate) return std::string(text.substr(0, kDaySize));
  if (kind != TypeKind::kTime || IsTime(text)) return std::string(CutFraction(text, scale));
  const bool is_negative = text.starts_with('-');
  const std::optional<TimeParts> time = ParseTime(text.substr(is_negative ? 1 : 0));
  if (!time) return "";
  return std::string(is_negative ? "-" : "") + std::string(kMostTime);
}

}  // namespace godwit::connectors::mysql
