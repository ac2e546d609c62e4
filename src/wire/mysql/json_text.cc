#include "wire/mysql/json_text.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "wire/mysql/decimal.h"
#include "wire/mysql/digits.h"
#include "wire/mysql/json_string.h"
#include "wire/mysql/table_map.h"
#include "wire/mysql/temporal.h"

namespace godwit::wire::mysql {
namespace {

// The shortest digits that are read as the same number, like the server: without an exponent where
// that is not much longer, or where there are digits behind the point, and marked as no integer.
void AppendDouble(double value, std::string& out) {
  constexpr int kMostPlainExponent = 15;
  char text[32];
  auto [end, error] =
      std::to_chars(text, text + sizeof text, std::fabs(value), std::chars_format::scientific);
  const std::string_view scientific(text, static_cast<size_t>(end - text));
  const size_t e = scientific.find('e');
  std::string digits(scientific.substr(0, 1));
  if (e > 2) digits += scientific.substr(2, e - 2);
  const bool negative_exponent = scientific[e + 1] == '-';
  int exponent = 0;
  std::from_chars(text + e + 2, end, exponent);
  if (negative_exponent) exponent = -exponent;

  if (std::signbit(value)) out += '-';
  const int point = value == 0 ? 1 : exponent + 1;  // digits before the point
  const auto count = static_cast<int>(digits.size());
  const bool too_large = point > kMostPlainExponent && count <= point;
  if (too_large || point < 1 - kMostPlainExponent) {
    out += digits[0];
    if (count > 1) out.append(".").append(digits, 1);
    fmt::format_to(std::back_inserter(out), "e{}", exponent);
  } else if (point <= 0) {
    out.append("0.").append(static_cast<size_t>(-point), '0').append(digits);
  } else if (count <= point) {
    out.append(digits).append(static_cast<size_t>(point - count), '0').append(".0");
  } else {
    out.append(digits, 0, static_cast<size_t>(point)).append(".");
    out.append(digits, static_cast<size_t>(point));
  }
}

void AppendBase64(std::string_view bytes, std::string& out) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr size_t kBytesPerLine = 57;  // 76 digits
  for (size_t i = 0; i < bytes.size(); i += 3) {
    if (i > 0 && i % kBytesPerLine == 0) out += "\\n";
    const std::string_view group = bytes.substr(i, 3);
    const auto bits = static_cast<uint32_t>(LoadBig(group.data(), group.size()))
                      << (8 * (3 - group.size()));
    for (size_t digit = 0; digit < 4; ++digit)
      out += digit <= group.size() ? kDigits[bits >> (18 - 6 * digit) & 63] : '=';
  }
}

// A date or time is a number whose lowest 24 bits are microseconds. The next 17 are second, minute
// (6 bits each) and hour; of a date, day (5) and months, counted 13 to a year, come above; of a
// TIME, more hours. A negative TIME is the number negated.
bool FormatPackedTime(uint8_t type, std::string_view content, std::string& out) {
  if (content.size() != 8) return false;
  auto value = static_cast<int64_t>(LoadLittle(content.data(), 8));
  // What rows hold is the same, big-endian and with an offset for the sign.
  char row[8];
  char text[kTemporalTextSize];
  size_t size = 0;
  const auto big = [&row](uint64_t number, size_t bytes) {
    for (size_t i = 0; i < bytes; ++i)
      row[i] = static_cast<char>(number >> (8 * (bytes - 1 - i)) & 0xff);
  };
  if (type == static_cast<uint8_t>(ColumnType::kTime)) {
    constexpr int64_t kOffset = int64_t{0x800000} << 24;
    if (value <= -kOffset || value >= kOffset) return false;
    big(static_cast<uint64_t>(value + kOffset), 6);
    size = FormatTime2(row, kMostFractionDigits, text);
  } else {
    constexpr uint64_t kOffset = uint64_t{0x8000000000} << 24;
    if (value < 0 || (static_cast<uint64_t>(value) & kOffset) != 0) return false;
    big(static_cast<uint64_t>(value) + kOffset, 8);
    size = FormatDateTime2(row, kMostFractionDigits, text);
    constexpr size_t kDateSize = 10;
    if (type == static_cast<uint8_t>(ColumnType::kDate) && size != 0) size = kDateSize;
  }
  out.append(text, size);
  return size != 0;
}

// The server counts the digits before the point in whole groups of nine, so that the precision may
// be beyond what a column can have.
bool FormatPackedDecimal(std::string_view content, std::string& out) {
  constexpr int kMostPrecision = 2 * kMostDecimalDigits;
  if (content.size() < 2) return false;
  const int precision = static_cast<uint8_t>(content[0]);
  const int scale = static_cast<uint8_t>(content[1]);
  if (precision == 0 || precision > kMostPrecision || scale > precision ||
      scale > kMostDecimalScale || content.size() != 2 + DecimalSize(precision, scale)) {
    return false;
  }
  char text[kMostPrecision + kDecimalTextSize];
  const size_t size = FormatDecimal(content.data() + 2, precision, scale, text);
  out.append(text, size);
  return size != 0;
}

bool IsDecimal(uint8_t type) { return type == static_cast<uint8_t>(ColumnType::kNewDecimal); }

bool AppendOpaque(const JsonValue& value, std::string& out) {
  uint8_t type = 0;
  std::string_view content;
  std::string formatted;
  if (!JsonOpaque(value, type, content) || !FormatJsonOpaque(type, content, formatted))
    return false;
  if (IsDecimal(type)) {
    out += formatted;
  } else if (!formatted.empty()) {
    out.append("\"").append(formatted) += '"';
  } else {
    fmt::format_to(std::back_inserter(out), "\"base64:type{}:", type);
    AppendBase64(content, out);
    out += '"';
  }
  return true;
}

bool AppendScalar(const JsonValue& value, std::string& out) {
  switch (value.type) {
    case JsonType::kLiteral:
      switch (static_cast<JsonLiteral>(value.bytes.front())) {
        case JsonLiteral::kNull:
          out += "null";
          return true;
        case JsonLiteral::kTrue:
          out += "true";
          return true;
        case JsonLiteral::kFalse:
          out += "false";
          return true;
      }
      return false;
    case JsonType::kDouble: {
      double number = 0;
      std::memcpy(&number, value.bytes.data(), sizeof number);
      if (!std::isfinite(number)) return false;
      AppendDouble(number, out);
      return true;
    }
    case JsonType::kString: {
      std::string_view text;
      if (!JsonStringBytes(value.bytes, text)) return false;
      AppendJsonString(text, out);
      return true;
    }
    case JsonType::kOpaque:
      return AppendOpaque(value, out);
    default:
      break;
  }
  const uint64_t number = JsonInteger(value);
  if (JsonIsSigned(value.type)) {
    fmt::format_to(std::back_inserter(out), "{}", static_cast<int64_t>(number));
  } else {
    fmt::format_to(std::back_inserter(out), "{}", number);
  }
  return true;
}

bool AppendValue(const JsonValue& value, int depth, JsonBudget& budget, std::string& out) {
  if (!value.is_container()) return budget.Pay(value.bytes.size()) && AppendScalar(value, out);
  JsonContainer container;
  if (depth == kMostJsonDepth || !container.Open(value) || !budget.Pay(container.head_size()))
    return false;
  out += container.is_object() ? '{' : '[';
  for (size_t i = 0; i < container.size(); ++i) {
    if (i > 0) out += ", ";
    if (container.is_object()) {
      std::string_view key;
      if (!container.Key(i, key) || !budget.Pay(key.size())) return false;
      AppendJsonString(key, out);
      out += ": ";
    }
    JsonValue element;
    if (!container.Element(i, element) || !AppendValue(element, depth + 1, budget, out))
      return false;
  }
  out += container.is_object() ? '}' : ']';
  return true;
}

}  // namespace

bool FormatJsonOpaque(uint8_t type, std::string_view content, std::string& out) {
  switch (static_cast<ColumnType>(type)) {
    case ColumnType::kNewDecimal:
      return FormatPackedDecimal(content, out);
    case ColumnType::kDate:
    case ColumnType::kTime:
    case ColumnType::kDateTime:
    case ColumnType::kTimestamp:
      return FormatPackedTime(type, content, out);
    default:
      return true;
  }
}

base::Status AppendJsonText(std::string_view document, std::string& out) {
  JsonValue root;
  // Values that stand in an entry are paid for twice, by at most as much again.
  JsonBudget budget(2 * document.size() + 1);
  if (!JsonRoot(document, root) || !AppendValue(root, 0, budget, out))
    return base::DataLoss("binary JSON of {} bytes is malformed", document.size());
  return base::OkStatus();
}

}  // namespace godwit::wire::mysql
