#include "connectors/mysql/from_postgres/from_postgres_default.h"

#include <absl/algorithm/container.h>
#include <fmt/format.h>

#include <optional>

#include "base/text.h"
#include "connectors/mysql/from_postgres/expression_cursor.h"
#include "connectors/mysql/from_postgres/number_text.h"
#include "connectors/mysql/from_postgres/postgres_expression.h"
#include "connectors/mysql/from_postgres/time_text.h"
#include "sql/data_type.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {
namespace {

using model::TypeKind;
using sql::Flavour;
using std::string_view;
using Token = PostgresToken;

// A constant as pg_get_expr writes it, with the types that it is cast to.
struct Constant {
  enum class Kind : uint8_t { kNull, kNumber, kBoolean, kString, kBits, kEmptyArray };
  Kind kind = Kind::kNull;
  std::string text;
  std::vector<PostgresType> casts;
};

std::optional<Constant> ReadConstant(ExpressionCursor& cursor) {
  Constant constant;
  const bool negative = cursor.AtOperator() && cursor.Peek().text == "-";
  if (negative) cursor.Skip();
  const Token& token = cursor.Peek();
  if (!negative && cursor.AcceptSymbol("(")) {
    std::optional<Constant> inner = ReadConstant(cursor);
    if (!inner || !cursor.AcceptSymbol(")")) return std::nullopt;
    constant = *std::move(inner);
  } else if (token.kind == Token::Kind::kNumber) {
    constant = {Constant::Kind::kNumber, (negative ? "-" : "") + token.text, {}};
    cursor.Skip();
  } else if (negative) {
    return std::nullopt;
  } else if (token.kind == Token::Kind::kString || token.kind == Token::Kind::kBits) {
    constant.kind =
        token.kind == Token::Kind::kBits ? Constant::Kind::kBits : Constant::Kind::kString;
    constant.text = token.text;
    cursor.Skip();
  } else if (cursor.Is("true") || cursor.Is("false")) {
    constant = {Constant::Kind::kBoolean, cursor.Is("true") ? "t" : "f", {}};
    cursor.Skip();
  } else if (cursor.Is("ARRAY") && cursor.IsSymbol("[", 1) && cursor.IsSymbol("]", 2)) {
    constant.kind = Constant::Kind::kEmptyArray;
    cursor.Skip(3);
  } else if (!cursor.Accept("NULL")) {
    return std::nullopt;
  }
  while (cursor.AcceptSymbol("::")) {
    base::StatusOr<PostgresType> type = ParsePostgresType(cursor);
    if (!type.ok()) return std::nullopt;
    constant.casts.push_back(*std::move(type));
  }
  return constant;
}

bool IsNumber(PostgresKind kind) {
  return kind == PostgresKind::kInteger || kind == PostgresKind::kNumeric ||
         kind == PostgresKind::kReal || kind == PostgresKind::kDouble;
}
bool IsText(PostgresKind kind) {
  return kind == PostgresKind::kText || kind == PostgresKind::kPaddedText;
}

// Whether a value of such a type is in the column what its text says. A cast to fewer digits or
// characters may have made another value of it.
bool IsSame(const PostgresType& cast, const PlannedColumn& column) {
  // Of a domain the type is its own, or what is below it.
  const bool own = cast.dimensions == column.from.dimensions &&
                   (cast.name == column.from.name || cast.name == column.source->type);
  const PostgresKind kind = KindOf(cast);
  const bool whole = cast.modifiers.empty() || (own && cast.modifiers == column.from.modifiers);
  if (!whole) return false;
  if (IsNumber(kind)) return own || IsNumber(column.kind);
  if (IsText(kind)) return IsText(column.kind);
  if (kind == PostgresKind::kDate && column.kind == PostgresKind::kDateTime) return true;
  const bool bits = kind == PostgresKind::kBits || kind == PostgresKind::kVarBits;
  return own || (bits && column.kind == PostgresKind::kVarBits);
}

// Whole digits without zeros before them.
std::optional<std::string> WholeText(string_view text) {
  const auto fitting = FitDecimalText(text, 65, 0);
  return fitting ? std::optional<std::string>(*fitting) : std::nullopt;
}

// With just so many digits behind the point.
std::optional<std::string> DecimalText(string_view text, const sql::DataType& type) {
  const unsigned scale = type.decimals.value_or(0);
  const auto fitting = FitDecimalText(text, type.length.value_or(10) - scale, scale);
  if (!fitting) return std::nullopt;
  std::string digits(*fitting);
  if (digits.starts_with('.')) digits.insert(0, "0");
  if (digits.starts_with("-.")) digits.insert(1, "0");
  if (scale == 0) return digits;
  size_t point = digits.find('.');
  if (point == std::string::npos) {
    point = digits.size();
    digits.push_back('.');
  }
  digits.resize(point + 1 + scale, '0');
  return digits;
}

std::optional<std::string> RealText(string_view text, PostgresKind kind) {
  std::optional<double> value = ReadDouble(text);
  if (value && kind == PostgresKind::kReal) value = static_cast<double>(static_cast<float>(*value));
  if (!value) return std::nullopt;
  std::string digits = fmt::format("{}", *value);
  if (const size_t plus = digits.find("e+"); plus != std::string::npos) digits.erase(plus + 1, 1);
  return digits;
}

// A day or a time of one, with as many digits of seconds as the column has.
std::optional<std::string> TimeText(string_view text, const PlannedColumn& column) {
  const bool is_time = column.type.name == "time";
  if (column.kind == PostgresKind::kInstant) {
    if (!text.ends_with("+00")) return std::nullopt;
    text.remove_suffix(3);
  }
  if (is_time ? !IsTime(text) : !IsDay(text)) return std::nullopt;
  std::string value(text);
  if (column.type.name == "date") {
    return value.size() == 10 ? std::optional(value) : std::nullopt;
  }
  if (!is_time && value.size() == 10) value += " 00:00:00";
  const size_t digits = column.type.length.value_or(0);
  const size_t point = value.find('.');
  const size_t has = point == std::string::npos ? 0 : value.size() - point - 1;
  if (has > digits) return std::nullopt;
  if (digits > 0 && has == 0) value.push_back('.');
  return value + std::string(digits - has, '0');
}

// What a value's text is in the column; nothing: the column has no such value.
std::optional<std::string> ValueHere(const Constant& constant, const PlannedColumn& column) {
  const sql::DataType& type = column.type;
  const std::string& text = constant.text;
  if (column.kind == PostgresKind::kArray) {
    const bool empty = constant.kind == Constant::Kind::kEmptyArray || text == "{}";
    return empty ? std::optional<std::string>("[]") : std::nullopt;
  }
  if (constant.kind == Constant::Kind::kEmptyArray) return std::nullopt;
  if (column.IsDocument()) return text;
  const bool yes = text == "t" || text == "true", no = text == "f" || text == "false";
  const TypeKind here = sql::FindType(type.name)->kind;
  switch (here) {
    case TypeKind::kInt:
      if (column.kind == PostgresKind::kBoolean)
        return yes || no ? std::optional<std::string>(yes ? "1" : "0") : std::nullopt;
      return WholeText(text);
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return RealText(text, column.kind);
    case TypeKind::kDecimal:
      return DecimalText(text, type);
    case TypeKind::kBit:
      return text.size() == type.length.value_or(1) ? std::optional(text) : std::nullopt;
    case TypeKind::kDate:
    case TypeKind::kTime:
    case TypeKind::kDateTime:
    case TypeKind::kTimestamp:
      return TimeText(text, column);
    case TypeKind::kEnum:
      return absl::c_linear_search(type.labels, text) ? std::optional(text) : std::nullopt;
    case TypeKind::kUuid:
      return text.size() == 36 ? std::optional(text) : std::nullopt;
    case TypeKind::kBinary:
      return text.starts_with("\\x") ? std::optional(text.substr(2)) : std::nullopt;
    case TypeKind::kText: {
      std::string value = text;
      if (column.kind == PostgresKind::kPaddedText) value.resize(value.find_last_not_of(' ') + 1);
      if (type.name == "char" && value.ends_with(' ')) return std::nullopt;
      const auto characters = absl::c_count_if(value, [](char c) { return (c & 0xC0) != 0x80; });
      const bool fits = !type.length || static_cast<uint64_t>(characters) <= *type.length;
      return fits ? std::optional(value) : std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

// As SHOW CREATE TABLE has it.
std::string LiteralHere(const std::string& value, const PlannedColumn& column, Flavour to) {
  const bool mysql = to == Flavour::kMySql;
  switch (sql::FindType(column.type.name)->kind) {
    case TypeKind::kInt:
    case TypeKind::kFloat:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
      return mysql ? fmt::format("'{}'", value) : value;
    case TypeKind::kBit:
      return fmt::format("b'{}'", value);
    case TypeKind::kBinary:
      return mysql ? fmt::format("(unhex('{}'))", value) : fmt::format("unhex('{}')", value);
    default: {
      const std::string text = sql::QuoteString(value);
      return mysql && column.IsLong() ? fmt::format("(_utf8mb4{})", text) : text;
    }
  }
}

// What a default that is a constant is here.
struct ConstantHere {
  bool known = false;  // that it is one, and what its value is
  std::string text;    // empty: the column has no such value
};

ConstantHere OfConstant(const PlannedColumn& column, Flavour to) {
  base::StatusOr<std::vector<Token>> tokens = LexPostgres(column.source->default_value);
  if (!tokens.ok()) return {};
  ExpressionCursor cursor(*std::move(tokens));
  const std::optional<Constant> constant = ReadConstant(cursor);
  if (!constant || !cursor.AtEnd()) return {};
  if (constant->kind == Constant::Kind::kNull) return {true, "NULL"};
  const bool same = absl::c_all_of(constant->casts,
                                   [&](const PostgresType& cast) { return IsSame(cast, column); });
  if (!same) return {};
  const std::optional<std::string> value = ValueHere(*constant, column);
  return {true, value ? LiteralHere(*value, column, to) : ""};
}

}  // namespace

std::string DefaultFor(const PlannedColumn& column, const sql::postgres::Definition& table,
                       const sql::TableDefinition& here, sql::NoteTaker& notes) {
  const std::string& text = column.source->default_value;
  if (text.empty()) return "";
  if (const ConstantHere constant = OfConstant(column, here.flavour); constant.known) {
    if (constant.text.empty()) {
      notes.Lossy(column.place,
                  fmt::format("its default {} is left out: the target has no such value of {}",
                              text, sql::TypeText(column.type, here.flavour)));
    }
    return constant.text == "NULL" ? "" : constant.text;
  }
  std::vector<std::string> caveats;
  ExpressionContext context;
  context.column = column.source;
  context.here = &here;
  context.caveats = &caveats;
  base::StatusOr<std::string> translated =
      FromPostgresExpression(text, table, ExpressionUse::kDefault, here.flavour, context);
  if (!translated.ok()) {
    notes.Lossy(column.place,
                fmt::format("its default {} is left out: {} is not known to be the same on the "
                            "target",
                            text, std::string(translated.status().message())));
    return "";
  }
  for (const std::string& caveat : caveats) notes.Lossy(column.place, caveat);
  return *std::move(translated);
}

}  // namespace godwit::connectors::mysql
