#include "connectors/postgres/compare/canonical_form.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <fmt/format.h>

#include <charconv>
#include <iterator>

#include "base/text.h"
#include "connectors/postgres/row_key.h"
#include "connectors/postgres/sql_text.h"
#include "wire/mysql/calendar.h"

namespace godwit::connectors::postgres {
namespace {

using model::TypeKind;

constexpr std::string_view kArray = "[]", kMidnight = " 00:00:00";

std::string Bytes(std::string_view digits) {
  return absl::HexStringToBytes({digits.data(), digits.size()});
}

// The double that a float is, whose own digits are fewer.
void AppendAsDouble(std::string& out, std::string_view real) {
  float value = 0;
  const auto [end, error] = std::from_chars(real.data(), real.data() + real.size(), value);
  if (error != std::errc() || end != real.data() + real.size()) {
    out += real;
  } else {
    fmt::format_to(std::back_inserter(out), "{}", static_cast<double>(value));
  }
}

bool IsUuid(std::string_view text) {
  constexpr std::string_view kShape = "00000000-0000-0000-0000-000000000000";
  if (text.size() != kShape.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool fits = kShape[i] == '-' ? text[i] == '-'
                                       : absl::ascii_isxdigit(static_cast<unsigned char>(text[i]));
    if (!fits) return false;
  }
  return true;
}

bool MayHold(std::string_view type, std::string_view value) {
  const std::string plain = CastType(type);
  if (plain == "smallint") return base::ParseInteger<int16_t>(value).has_value();
  if (plain == "integer") return base::ParseInteger<int32_t>(value).has_value();
  if (plain == "bigint") return base::ParseInteger<int64_t>(value).has_value();
  if (plain == "uuid") return IsUuid(value);
  if (plain == "date" || plain.starts_with("timestamp ")) return wire::mysql::NamesDay(value);
  return true;
}

}  // namespace

CanonicalForm::CanonicalForm(const model::Table& table, const model::Table& here)
    : table_(table), row_(table) {
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const std::string& type_here = here.columns[i].type_text;
    const std::string type = CastType(type_here);
    forms_.push_back(FormOf(table.columns[i], type));
    // Without a length it is text as it was given.
    if (forms_.back() == Form::kPadded && !type_here.ends_with(')')) forms_.back() = Form::kSame;
    elements_.emplace_back();
    if (forms_.back() == Form::kArray) {
      elements_.back() =
          wire::postgres::ElementsOf(std::string_view(type).substr(0, type.size() - kArray.size()));
    }
  }
}

CanonicalForm::Form CanonicalForm::FormOf(const model::Column& column, std::string_view type) {
  switch (column.kind) {
    case TypeKind::kInt:
    case TypeKind::kUint:
    case TypeKind::kBit:
    case TypeKind::kDecimal:
      return Form::kNumber;
    case TypeKind::kDouble:
      return type == "real" ? Form::kReal : Form::kSame;
    case TypeKind::kDate:
      return Form::kDay;
    case TypeKind::kDateTime:
    case TypeKind::kTimestamp:
      return Form::kMoment;
    case TypeKind::kBinary:
    case TypeKind::kGeometry:
      if (type.ends_with(kArray)) return Form::kArray;
      return type == "bytea" ? Form::kBytes : Form::kSame;
    case TypeKind::kEnum:
      return Form::kLabel;
    case TypeKind::kSet:
      return Form::kLabels;
    case TypeKind::kText:
    case TypeKind::kJson:
      return type.ends_with(kArray) ? Form::kArray : type == "bpchar" ? Form::kPadded : Form::kSame;
    default:
      return Form::kSame;
  }
}

connector::ComparedRow CanonicalForm::Row(std::span<const std::optional<std::string_view>> values) {
  row_.Begin();
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i]) {
      row_.Add(Value(i, *values[i]));
    } else {
      row_.AddNull();
    }
  }
  return row_.Finish();
}

base::StatusOr<std::string> CanonicalForm::Key(const std::string& key) {
  if (key.empty()) return key;
  const std::vector<int> identity = table_.RowIdentity();
  GODWIT_ASSIGN_OR_RETURN(const std::vector<std::string> values, DecodeKey(key, identity.size()));
  std::vector<std::optional<std::string_view>> row(table_.columns.size());
  for (size_t i = 0; i < identity.size(); ++i) row[static_cast<size_t>(identity[i])] = values[i];
  return std::string(Row(row).key);
}

std::string_view CanonicalForm::Value(size_t column, std::string_view value) {
  constexpr std::string_view kHex = "\\x";
  text_.clear();
  switch (forms_[column]) {
    case Form::kSame:
      return value;
    case Form::kNumber:
      return value == "t" ? "1" : value == "f" ? "0" : value;
    case Form::kReal:
      AppendAsDouble(text_, value);
      return text_;
    case Form::kDay:  // as a timestamp
      return value.ends_with(kMidnight) ? value.substr(0, value.size() - kMidnight.size()) : value;
    case Form::kMoment:  // as a date
      if (value.find(' ') != std::string_view::npos || value.ends_with("infinity")) return value;
      return text_.append(value).append(kMidnight);
    case Form::kPadded:
      return value.substr(0, value.find_last_not_of(' ') + 1);
    case Form::kBytes:
      if (!value.starts_with(kHex)) return value;
      return text_ = Bytes(value.substr(kHex.size()));
    case Form::kLabel:
      return text_ = connector::NumberOfLabel(table_.columns[column], value);
    case Form::kLabels:
      return text_ = connector::MaskOfLabels(table_.columns[column], value);
    case Form::kArray:
      // What JSON does not say all of stays as it is, and is a difference.
      return wire::postgres::AppendArrayAsJson(text_, value, elements_[column]) ==
                     wire::postgres::ArrayRead::kRead
                 ? std::string_view(text_)
                 : value;
  }
  return value;
}

// 17,0x6162,'2024-01-01',_utf8mb4 0x6162: no comma is within a literal.
std::vector<std::string> CanonicalKeyValues(std::string_view key) {
  constexpr std::string_view kText = "_utf8mb4 ", kHex = "0x";
  std::vector<std::string> values;
  for (std::string_view rest = key;;) {
    const size_t comma = rest.find(',');
    std::string_view literal = rest.substr(0, comma);
    const bool is_text = literal.starts_with(kText);
    if (is_text) literal.remove_prefix(kText.size());
    if (literal.starts_with(kHex)) {
      literal.remove_prefix(kHex.size());
      values.push_back(is_text ? Bytes(literal) : "\\x" + std::string(literal));
    } else {
      const bool quoted = literal.size() >= 2 && literal.starts_with('\'');
      values.emplace_back(quoted ? literal.substr(1, literal.size() - 2) : literal);
    }
    if (comma == std::string_view::npos) return values;
    rest.remove_prefix(comma + 1);
  }
}

bool MayHoldKey(const model::Table& here, std::string_view key) {
  const std::vector<std::string> values = CanonicalKeyValues(key);
  const std::vector<int> identity = here.RowIdentity();
  if (values.size() != identity.size()) return false;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!MayHold(here.columns[static_cast<size_t>(identity[i])].type_text, values[i])) return false;
  }
  return true;
}

}  // namespace godwit::connectors::postgres
