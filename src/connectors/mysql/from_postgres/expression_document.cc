// Functions of documents.

#include <absl/algorithm/container.h>
#include <absl/strings/ascii.h>

#include "connectors/mysql/from_postgres/expression_functions.h"

namespace godwit::connectors::mysql {
namespace {

using Result = base::StatusOr<ExpressionValue>;
using std::string_view;

bool IsPlain(string_view key) {
  return !key.empty() && key.size() <= 64 && absl::c_all_of(key, [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == ' ';
  });
}

}  // namespace

// A member that is null is a document to `->` and NULL to `->>`.
Result Member(ExpressionScope& scope, const ExpressionValue& document, string_view op,
              const ExpressionValue& key) {
  if (document.kind != ValueKind::kJson || !key.is_literal || key.kind != ValueKind::kText ||
      !IsPlain(key.literal))
    return NotTranslated(fmt::format("the operator {} of such values", op));
  const std::string found = fmt::format("JSON_EXTRACT({}, {})", document.sql,
                                        TextSql(fmt::format("$.\"{}\"", key.literal)));
  if (op == "->") return MakeValue(found, ValueKind::kJson);
  scope.Warn(
      "numbers, arrays and objects in documents may be written with other digits and blanks as "
      "text");
  ExpressionValue text = MakeValue(
      fmt::format("((CASE WHEN JSON_TYPE({0}) = 'NULL' THEN NULL ELSE JSON_UNQUOTE({0}) END) "
                  "COLLATE {1})",
                  found, BytesCollation(scope.to)),
      ValueKind::kText);
  text.order = TextOrder::kBytes;
  return text;
}

Result CalledOfDocument(const ExpressionScope& scope, const std::string& name,
                        std::span<const ExpressionValue> args) {
  if (args.size() != 1 || args[0].kind != ValueKind::kJson)
    return NotTranslated(fmt::format("the function {}() of such values", name));
  const std::string& document = args[0].sql;
  if (name == "jsonb_array_length")
    return MakeInteger(fmt::format("JSON_LENGTH({})", document), 10);
  if (name != "jsonb_typeof") return NotTranslated(fmt::format("the function {}()", name));
  std::string sql = fmt::format("(CASE JSON_TYPE({})", document);
  for (const string_view same : {"object", "array", "string", "boolean", "null"}) {
    sql +=
        fmt::format(" WHEN '{}' THEN {}", absl::AsciiStrToUpper(std::string(same)), TextSql(same));
  }
  for (const string_view number : {"INTEGER", "UNSIGNED INTEGER", "DOUBLE", "DECIMAL"})
    sql += fmt::format(" WHEN '{}' THEN {}", number, TextSql("number"));
  ExpressionValue text =
      MakeText(fmt::format("({} END) COLLATE {})", sql, BytesCollation(scope.to)),
               MakeTextLiteral("boolean"));
  text.order = TextOrder::kBytes;
  text.sorts_by_bytes = false;
  return text;
}

}  // namespace godwit::connectors::mysql
