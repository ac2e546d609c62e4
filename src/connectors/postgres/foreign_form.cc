#include "connectors/postgres/foreign_form.h"

#include <absl/strings/escaping.h>

#include <algorithm>
#include <vector>

#include "connectors/postgres/row_key.h"
#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

using model::TypeKind;

// What stands for true and false where a number is a boolean here.
std::string_view Digit(std::string_view value) {
  return value == "t" ? "1" : value == "f" ? "0" : value;
}

// Whether a type here orders values of a kind that has a common order as their own server does.
bool OrdersAs(TypeKind kind, std::string_view type) {
  switch (kind) {
    case TypeKind::kInt:
    case TypeKind::kUint:
      return type == "smallint" || type == "integer" || type == "bigint" || type == "numeric";
    case TypeKind::kDecimal:
      return type == "numeric";
    case TypeKind::kDate:
      return type == "date";
    case TypeKind::kDateTime:
      return type == "timestamp without time zone";
    case TypeKind::kTimestamp:
      return type == "timestamp with time zone";
    case TypeKind::kBinary:
      return type == "bytea";
    default:
      return false;
  }
}

}  // namespace

bool SortsAlike(const model::Table& source, const model::Table& here) {
  const std::vector<int> identity = source.RowIdentity();
  return identity == here.RowIdentity() && std::ranges::all_of(identity, [&](int c) {
           const auto column = static_cast<size_t>(c);
           const TypeKind kind = source.columns[column].kind;
           return connector::HasCommonOrder(kind) &&
                  OrdersAs(kind, CastType(here.columns[column].type_text));
         });
}

connector::ComparedRow ForeignForm::Row(std::span<const std::optional<std::string_view>> values) {
  row_.Begin();
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i]) {
      row_.Add(Value(table_.columns[i], *values[i]));
    } else {
      row_.AddNull();
    }
  }
  return row_.Finish();
}

std::string_view ForeignForm::Value(const model::Column& column, std::string_view value) {
  constexpr std::string_view kHex = "\\x", kMidnight = " 00:00:00";
  switch (column.kind) {
    case TypeKind::kInt:
    case TypeKind::kUint:
    case TypeKind::kBit:
    case TypeKind::kDecimal:
      return Digit(value);
    case TypeKind::kDate:  // as a timestamp
      return value.ends_with(kMidnight) ? value.substr(0, value.size() - kMidnight.size()) : value;
    case TypeKind::kBinary:
    case TypeKind::kGeometry:
      if (!value.starts_with(kHex)) return value;
      text_ = absl::HexStringToBytes({value.data() + kHex.size(), value.size() - kHex.size()});
      return text_;
    case TypeKind::kEnum:
      return text_ = connector::NumberOfLabel(column, value);
    case TypeKind::kSet:
      return text_ = connector::MaskOfLabels(column, value);
    default:
      return value;
  }
}

// 17,0x6162,'2024-01-01': no comma is within a literal.
std::string ForeignKey(std::string_view key) {
  std::vector<std::string> texts;
  for (std::string_view rest = key;;) {
    const size_t comma = rest.find(',');
    std::string_view literal = rest.substr(0, comma);
    if (literal.starts_with("0x")) {
      texts.push_back("\\x" + std::string(literal.substr(2)));
    } else {
      const bool quoted = literal.size() >= 2 && literal.starts_with('\'');
      texts.emplace_back(quoted ? literal.substr(1, literal.size() - 2) : literal);
    }
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  return EncodeKey(std::vector<std::string_view>(texts.begin(), texts.end()));
}

}  // namespace godwit::connectors::postgres
