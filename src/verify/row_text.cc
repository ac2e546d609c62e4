#include "verify/row_text.h"

#include <absl/strings/escaping.h>
#include <fmt/format.h>

#include <numeric>

#include "base/text.h"

namespace godwit::verify {
namespace {

using model::TypeKind;

constexpr size_t kMostOfValue = 100;
constexpr size_t kMostOfRow = 1000;

// How many bytes the printable character at the head of `text` has; 0: there is none.
size_t PrintableCharacter(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  const size_t size = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (size == 0 || first >= 0xf5 || size > text.size()) return 0;
  for (char c : text.substr(1, size - 1)) {
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) return 0;
  }
  return size;
}

std::string Digits(std::string_view value) {
  const std::string_view head = value.substr(0, kMostOfValue);
  return "0x" + absl::BytesToHexString({head.data(), head.size()}) +
         (head.size() < value.size() ? "..." : "");
}

// In single quotes if all of it is printable, else as hexadecimal digits.
std::string TextOrDigits(std::string_view value) {
  size_t end = 0;
  while (end < value.size() && end < kMostOfValue) {
    const size_t size = PrintableCharacter(value.substr(end));
    if (size == 0) return Digits(value);
    end += size;
  }
  return fmt::format("'{}'{}", value.substr(0, end), end < value.size() ? "..." : "");
}

bool IsBits(std::string_view value) {
  return value.find_first_not_of("01") == std::string_view::npos;
}

// `is_text`: as PostgreSQL writes it.
std::string ValueText(const model::Column& column, std::string_view value, bool is_text) {
  switch (column.kind) {
    case TypeKind::kInt:
    case TypeKind::kUint:
    case TypeKind::kFloat:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
    case TypeKind::kYear:
    case TypeKind::kSet:
      return std::string(value);
    case TypeKind::kEnum: {
      const size_t index = base::ParseInteger<size_t>(value).value_or(0);
      return index >= 1 && index <= column.labels.size() ? TextOrDigits(column.labels[index - 1])
                                                         : std::string(value);
    }
    case TypeKind::kBit:
      // Between servers of two families these are digits already.
      return value.size() == column.length && IsBits(value) ? std::string(value) : Digits(value);
    case TypeKind::kBinary:
    case TypeKind::kGeometry:
      return is_text ? TextOrDigits(value) : Digits(value);
    default:
      return TextOrDigits(value);
  }
}

}  // namespace

std::string RowText(const model::Table& table,
                    std::span<const std::optional<std::string_view>> values) {
  if (table.columns.empty()) return "a row without columns";
  std::vector<int> shown = table.RowIdentity();
  if (shown.empty()) {
    shown.resize(table.columns.size());
    std::iota(shown.begin(), shown.end(), 0);
  }
  std::string text;
  for (int c : shown) {
    const auto i = static_cast<size_t>(c);
    if (text.size() > kMostOfRow) return text + ", ...";
    if (!text.empty()) text += ", ";
    text += table.columns[i].name + "=" +
            (values[i] ? ValueText(table.columns[i], *values[i], table.cells_are_text) : "NULL");
  }
  return text;
}

}  // namespace godwit::verify
