#include "wire/mysql/json_scalar_sql.h"

#include <algorithm>

#include "wire/mysql/decimal.h"
#include "wire/mysql/digits.h"

namespace godwit::wire::mysql {
namespace {

template <typename... Args>
void Add(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

void AppendHex(std::string_view bytes, std::string& out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

void AppendHexLiteral(std::string_view bytes, std::string& out) {
  out += "x'";
  AppendHex(bytes, out);
  out += '\'';
}

// A value of a type that only columns have: JSON_TABLE has one made of the array's element.
void AppendFromColumn(std::string_view type, std::string_view array, std::string& out) {
  Add(out,
      "(SELECT CAST(c AS JSON) FROM JSON_TABLE({},_utf8mb4'$[*]' COLUMNS(c {} PATH _utf8mb4'$')) "
      "j)",
      array, type);
}

void AppendFromBytes(std::string_view type, std::string_view bytes, std::string& out) {
  out += "(SELECT CAST(c AS JSON) FROM JSON_TABLE(JSON_ARRAY(";
  AppendHexLiteral(bytes, out);
  Add(out, "),_utf8mb4'$[*]' COLUMNS(c {} PATH _utf8mb4'$')) j)", type);
}

base::Status CannotBeMade(uint8_t type) {
  return base::Unimplemented(
      "a JSON document holds an opaque value of type {}, which no SQL expression makes", type);
}

}  // namespace

void AppendUtf8Sql(std::string_view text, std::string& out) {
  out += "_utf8mb4 ";
  AppendHexLiteral(text, out);
}

void AppendPlainJsonSql(std::string_view text, std::string& out) {
  out += "CAST(";
  AppendUtf8Sql(text, out);
  out += " AS JSON)";
}

void AppendJsonIntegerSql(std::string_view digits, bool is_signed, std::string& out) {
  Add(out, "CAST({} AS {})", digits, is_signed ? "SIGNED" : "UNSIGNED");
}

// A literal has the precision that its digits need. What CAST gives has its digits before the point
// in whole groups of nine, as many as there are, leading zeros counted.
void AppendJsonDecimalSql(std::string_view text, int precision, int scale, std::string& out) {
  constexpr size_t kGroup = 9;
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto stored = static_cast<size_t>(precision - scale);
  const size_t digits = std::min(text.find('.'), text.size());
  const bool begins_with_point = stored == 0 && text.starts_with("0.");
  if (digits == stored || begins_with_point) {
    Add(out, "{}{}{}", negative ? "-" : "", text.substr(begins_with_point ? 1 : 0),
        scale > 0 ? "" : ".");
    return;
  }
  size_t zeros = 0;
  if ((digits + kGroup - 1) / kGroup < (stored + kGroup - 1) / kGroup) zeros = stored - digits;
  Add(out, "CAST('{}{:0<{}}{}' AS DECIMAL({},{}))", negative ? "-" : "", "", zeros, text,
      std::min(precision, kMostDecimalDigits), scale);
}

bool AppendJsonTimeSql(ColumnType type, std::string_view text, std::string& out) {
  switch (type) {
    case ColumnType::kDate:
      Add(out, "CAST('{}' AS DATE)", text);
      return true;
    case ColumnType::kTime:
      Add(out, "CAST('{}' AS TIME(6))", text);
      return true;
    case ColumnType::kDateTime:
      Add(out, "CAST('{}' AS DATETIME(6))", text);
      return true;
    case ColumnType::kTimestamp:
      AppendFromColumn("TIMESTAMP(6)", fmt::format("JSON_ARRAY(_utf8mb4'{}')", text), out);
      return true;
    default:
      return false;
  }
}

base::Status AppendJsonBytesSql(uint8_t type, std::string_view content, std::string& out) {
  switch (static_cast<ColumnType>(type)) {
    case ColumnType::kVarchar:
      AppendHexLiteral(content, out);
      break;
    case ColumnType::kBit:
      if (content.empty() || content.size() > 8) return CannotBeMade(type);
      AppendFromColumn(fmt::format("BIT({})", 8 * content.size()),
                       fmt::format("JSON_ARRAY({})", LoadBig(content.data(), content.size())), out);
      break;
    case ColumnType::kTinyBlob:
      AppendFromBytes("TINYBLOB", content, out);
      break;
    case ColumnType::kBlob:
      AppendFromBytes("BLOB", content, out);
      break;
    case ColumnType::kMediumBlob:
      AppendFromBytes("MEDIUMBLOB", content, out);
      break;
    case ColumnType::kLongBlob:
      AppendFromBytes("LONGBLOB", content, out);
      break;
    case ColumnType::kString:
      if (content.size() > 255) return CannotBeMade(type);
      AppendFromBytes(fmt::format("BINARY({})", content.size()), content, out);
      break;
    default:
      return CannotBeMade(type);
  }
  return base::OkStatus();
}

}  // namespace godwit::wire::mysql
