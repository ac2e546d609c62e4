#include "connectors/mysql/from_postgres/expression_value.h"

#include <absl/algorithm/container.h>

#include <algorithm>

#include "base/text.h"
#include "connectors/mysql/from_postgres/from_postgres_types.h"
#include "connectors/mysql/literal.h"

namespace godwit::connectors::mysql {

using std::string_view;

void ExpressionScope::Warn(std::string caveat) {
  if (!absl::c_linear_search(caveats, caveat)) caveats.push_back(std::move(caveat));
}

ExpressionValue MakeValue(std::string sql, ValueKind kind) {
  ExpressionValue value;
  value.sql = std::move(sql);
  value.kind = kind;
  return value;
}

ExpressionValue MakeCondition(std::string sql) {
  ExpressionValue value = MakeValue(std::move(sql), ValueKind::kBoolean);
  value.is_condition = true;
  return value;
}

ExpressionValue MakeInteger(std::string sql, int whole_digits) {
  ExpressionValue value = MakeValue(std::move(sql), ValueKind::kInteger);
  value.whole_digits = whole_digits;
  return value;
}

ExpressionValue MakeText(std::string sql, const ExpressionValue& like) {
  ExpressionValue value = MakeValue(std::move(sql), ValueKind::kText);
  value.order = like.order;
  value.sorts_by_bytes = like.sorts_by_bytes;
  value.is_ascii = like.is_ascii;
  value.most_length = like.most_length;
  return value;
}

ExpressionValue MakeTextLiteral(std::string text) {
  ExpressionValue value = MakeValue(TextSql(text), ValueKind::kText);
  value.is_literal = true;
  value.is_ascii = absl::c_all_of(text, [](char c) { return (c & 0x80) == 0; });
  value.sorts_by_bytes = true;
  value.most_length =
      static_cast<uint32_t>(absl::c_count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
  value.literal = std::move(text);
  return value;
}

base::StatusOr<ExpressionValue> MakeNumber(std::string digits) {
  const bool negative = digits.starts_with('-');
  const string_view plain = string_view(digits).substr(negative ? 1 : 0);
  const size_t point = plain.find('.');
  const auto other = plain.find_first_not_of("0123456789.");
  if (other != string_view::npos || plain.empty() ||
      plain.find('.', point == string_view::npos ? 0 : point + 1) != string_view::npos)
    return NotTranslated(fmt::format("the number {}", digits));
  const size_t whole = std::min(point, plain.size());
  const size_t decimals = point == string_view::npos ? 0 : plain.size() - point - 1;
  if (whole > 35 || decimals > 30) return NotTranslated(fmt::format("the number {}", digits));
  const bool fits = base::ParseInteger<int64_t>(digits).has_value();
  ExpressionValue value =
      MakeValue(digits, decimals == 0 && fits ? ValueKind::kInteger : ValueKind::kDecimal);
  if (value.sql.ends_with('.')) value.sql.pop_back();
  // Without a point it would be an unsigned integer.
  if (value.kind == ValueKind::kDecimal && decimals == 0) value.sql += ".0";
  if (value.sql.starts_with('.')) value.sql.insert(0, 1, '0');
  if (negative) value.sql = "(" + value.sql + ")";
  value.is_literal = true;
  value.whole_digits = static_cast<int>(whole);
  value.decimals = static_cast<int>(decimals);
  value.literal = std::move(digits);
  return value;
}

std::string TextSql(string_view text) { return "_utf8mb4" + QuoteText(text); }

std::string BytesCollation(sql::Flavour to) { return UsualCharset(to).collation; }

bool IsExact(ValueKind kind) { return kind == ValueKind::kInteger || kind == ValueKind::kDecimal; }

namespace {

base::StatusOr<ValueKind> CommonKind(const ExpressionValue& a, const ExpressionValue& b) {
  if (a.kind == ValueKind::kNull) return b.kind;
  if (b.kind == ValueKind::kNull || a.kind == b.kind) return a.kind;
  if (IsExact(a.kind) && IsExact(b.kind)) return ValueKind::kDecimal;
  return NotTranslated("values of two types of which one is taken");
}

// Text of which parts go by another collation, or none of them by any.
TextOrder CommonOrder(TextOrder a, TextOrder b) { return std::max(a, b); }

}  // namespace

base::StatusOr<ExpressionValue> OneOf(std::span<const ExpressionValue> values) {
  ExpressionValue result = MakeValue("", ValueKind::kNull);
  result.fraction = 0;
  result.is_ascii = result.sorts_by_bytes = true;
  result.most_length = 0;
  for (const ExpressionValue& value : values) {
    GODWIT_ASSIGN_OR_RETURN(result.kind, CommonKind(result, value));
    if (value.kind == ValueKind::kOther || value.kind == ValueKind::kInterval)
      return NotTranslated("a value of a type of its own");
    if (value.kind == ValueKind::kNull) continue;
    result.whole_digits = std::max(result.whole_digits, value.whole_digits);
    result.decimals = std::max(result.decimals, value.decimals);
    result.fraction = std::max(result.fraction, value.fraction);
    result.order = CommonOrder(result.order, value.order);
    result.sorts_by_bytes = result.sorts_by_bytes && value.sorts_by_bytes;
    result.is_ascii = result.is_ascii && value.is_ascii;
    result.padded = result.padded || value.padded;
    if (!value.most_length || !result.most_length) {
      result.most_length.reset();
    } else {
      result.most_length = std::max(*result.most_length, *value.most_length);
    }
    if (value.kind != ValueKind::kEnum) continue;
    if (!result.enum_type.empty() && result.enum_type != value.enum_type)
      return NotTranslated("values of two types of which one is taken");
    result.enum_type = value.enum_type;
  }
  if (result.whole_digits + result.decimals > 65)
    return NotTranslated("numbers with more digits than a DECIMAL has");
  return result;
}

}  // namespace godwit::connectors::mysql
