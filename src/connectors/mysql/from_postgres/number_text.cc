#include "connectors/mysql/from_postgres/number_text.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "base/text.h"

namespace godwit::connectors::mysql {
namespace {

constexpr std::string_view kInfinity = "Infinity";
// Any decimal number of so many digits is shown again by the double that it is read as.
constexpr size_t kDigitsOfDouble = 15;
constexpr size_t kDigitsOfInteger = 18;  // of any integer of 64 bits

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// A decimal number taken apart, without the zeros that say nothing.
struct Decimal {
  bool negative = false;
  std::string_view before, after;  // the digits before and behind the point
};

std::optional<Decimal> Parse(std::string_view text) {
  Decimal number;
  if (text.starts_with('-')) {
    number.negative = true;
    text.remove_prefix(1);
  }
  size_t point = 0;
  while (point < text.size() && IsDigit(text[point])) ++point;
  number.before = text.substr(0, point);
  if (point < text.size()) {
    if (text[point] != '.') return std::nullopt;
    number.after = text.substr(point + 1);
    if (!std::ranges::all_of(number.after, IsDigit)) return std::nullopt;
  }
  if (number.before.empty() && number.after.empty()) return std::nullopt;
  while (number.before.starts_with('0')) number.before.remove_prefix(1);
  while (number.after.ends_with('0')) number.after.remove_suffix(1);
  return number;
}

std::string Greatest(bool negative, unsigned before, unsigned after) {
  std::string text = negative ? "-" : "";
  text.append(before, '9');
  if (before == 0) text += "0";
  if (after > 0) text.append(".").append(after, '9');
  return text;
}

// Digits and the power of ten of the last, by which two numbers are the same that are.
struct Scaled {
  bool negative = false;
  std::string digits;
  int64_t exponent = 0;
  bool operator==(const Scaled&) const = default;
};

std::optional<Scaled> ParseScaled(std::string_view text) {
  Scaled number;
  const size_t e = std::min(text.find_first_of("eE"), text.size());
  if (e < text.size()) {
    std::string_view exponent = text.substr(e + 1);
    if (exponent.starts_with('+')) exponent.remove_prefix(1);
    const auto parsed = base::ParseInteger<int64_t>(exponent);
    if (!parsed) return std::nullopt;
    number.exponent = *parsed;
  }
  const std::optional<Decimal> mantissa = Parse(text.substr(0, e));
  if (!mantissa) return std::nullopt;
  number.digits.append(mantissa->before).append(mantissa->after);
  number.exponent -= static_cast<int64_t>(mantissa->after.size());
  number.digits.erase(0, number.digits.find_first_not_of('0'));
  while (number.digits.ends_with('0')) {
    number.digits.pop_back();
    ++number.exponent;
  }
  if (number.digits.empty()) return Scaled();  // zero, of either sign
  number.negative = mantissa->negative;
  return number;
}

bool IsInteger(std::string_view text) {
  return text.find_first_of(".eE") == std::string_view::npos;
}

JsonNumbers HeldNumber(std::string_view text) {
  if (IsInteger(text) && (text.size() <= kDigitsOfInteger || base::ParseInteger<int64_t>(text) ||
                          base::ParseInteger<uint64_t>(text))) {
    return JsonNumbers::kHeld;
  }
  if (!ReadDouble(text)) return JsonNumbers::kTooLarge;
  return IsHeldByDouble(text) ? JsonNumbers::kHeld : JsonNumbers::kRounded;
}

}  // namespace

bool BeginsAsNumber(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && (IsDigit(text.front()) || text.front() == '.');
}

std::optional<std::string_view> FitDecimalText(std::string_view text, unsigned before,
                                               unsigned after) {
  const std::optional<Decimal> number = Parse(text);
  if (!number || number->before.size() > before || number->after.size() > after)
    return std::nullopt;
  const size_t point = text.find('.');
  if (point == std::string_view::npos) return text;
  return text.substr(0, point + (after == 0 ? 0 : 1 + after));
}

std::optional<std::string> NearestDecimalText(std::string_view text, unsigned before,
                                              unsigned after) {
  const bool is_negative = text.starts_with('-');
  if (text.substr(is_negative ? 1 : 0) == kInfinity) return Greatest(is_negative, before, after);
  const std::optional<Decimal> number = Parse(text);
  if (!number) return std::nullopt;
  if (number->before.size() > before) return Greatest(is_negative, before, after);
  std::string digits = std::string(number->before) + std::string(number->after.substr(0, after));
  size_t before_point = number->before.size();
  digits.append(after - std::min<size_t>(after, number->after.size()), '0');
  if (number->after.size() > after && number->after[after] >= '5') {
    size_t i = digits.size();
    while (i > 0 && digits[i - 1] == '9') digits[--i] = '0';
    if (i > 0) {
      ++digits[i - 1];
    } else {
      digits.insert(0, 1, '1');
      if (++before_point > before) return Greatest(is_negative, before, after);
    }
  }
  if (before_point == 0) {
    digits.insert(0, 1, '0');
    before_point = 1;
  }
  if (after > 0) digits.insert(before_point, 1, '.');
  return (is_negative ? "-" : "") + digits;
}

void AppendShortest(std::string& out, double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  out.append(text, end);
}

std::optional<double> ReadDouble(std::string_view text) {
  if (!BeginsAsNumber(text)) return std::nullopt;
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return value;
}

bool IsHeldByDouble(std::string_view text) {
  const std::optional<double> value = ReadDouble(text);
  if (!value) return false;
  const bool has_exponent = text.find_first_of("eE") != std::string_view::npos;
  if (text.size() <= kDigitsOfDouble && !has_exponent) return true;
  std::string shown;
  AppendShortest(shown, *value);
  return ParseScaled(text) == ParseScaled(shown);
}

JsonNumbers HeldNumbers(std::string_view json) {
  auto held = JsonNumbers::kHeld;
  for (size_t i = 0; i < json.size();) {
    const char c = json[i];
    if (c == '"') {
      for (++i; i < json.size() && json[i] != '"'; ++i) {
        if (json[i] == '\\') ++i;
      }
      ++i;
    } else if (c == '-' || IsDigit(c)) {
      const size_t end = std::min(json.find_first_not_of("0123456789+-.eE", i), json.size());
      held = std::max(held, HeldNumber(json.substr(i, end - i)));
      i = end;
    } else {
      ++i;
    }
  }
  return held;
}

}  // namespace godwit::connectors::mysql
