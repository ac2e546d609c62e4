// Defaults that are the current time, in the form in which SHOW CREATE TABLE has them.

#include "connectors/mysql/from_postgres/expression_assignment.h"
#include "connectors/mysql/from_postgres/expression_times.h"
#include "sql/data_type.h"

namespace godwit::connectors::mysql {
namespace {

using Kind = ExpressionNode::Kind;
using model::TypeKind;

}  // namespace

std::string TimeDefault(const ExpressionScope& scope, const ExpressionNode& node,
                        const sql::postgres::ColumnDefinition& column,
                        const sql::ColumnDefinition& here) {
  const auto from = ParsePostgresType(column.base_type.empty() ? column.type : column.base_type);
  const sql::TypeTraits* traits = sql::FindType(here.type.name);
  if (!from.ok() || traits == nullptr) return "";
  const ExpressionNode* now = &node;
  while (now->kind == Kind::kCast && now->type.modifiers.empty() &&
         (now->type.name.starts_with("timestamp") || (now->type.Is("date") && from->Is("date"))))
    now = &now->children[0];
  const bool in_utc = now->kind == Kind::kCall && now->text == "timezone" &&
                      now->children.size() == 2 && now->children[0].kind == Kind::kCast &&
                      IsUtc(now->children[0].children[0].text);
  if (in_utc) now = &now->children[1];
  if (now->kind != Kind::kCall || !IsTimeFunction(now->text)) return "";
  const std::string& name = now->text;
  const bool no_args = now->children.empty();
  const bool is_now =
      (name == "now" || name == "current_timestamp" || name == "transaction_timestamp" ||
       name == "statement_timestamp" || name == "clock_timestamp") &&
      no_args;
  const bool is_local = name == "localtimestamp" && no_args && !in_utc;
  const uint32_t digits = here.type.length.value_or(0);
  const std::string current =
      digits > 0 ? fmt::format("{}({})",
                               scope.IsMySql() ? "CURRENT_TIMESTAMP" : "current_timestamp", digits)
                 : (scope.IsMySql() ? "CURRENT_TIMESTAMP" : "current_timestamp()");
  // By a cast, of which the server keeps the time in UTC itself.
  if (traits->kind == TypeKind::kTimestamp)
    return from->Is("timestamp with time zone") && is_now && !in_utc ? current : "";
  if (traits->kind == TypeKind::kDateTime) {
    if (from->Is("timestamp with time zone") ? is_now && !in_utc : is_now && in_utc)
      return fmt::format("(UTC_TIMESTAMP({}))", digits);
    if (!from->Is("timestamp without time zone") || (!is_now && !is_local)) return "";
    return current;
  }
  if (traits->kind == TypeKind::kDate && from->Is("date")) {
    if (in_utc) return is_now ? "(UTC_DATE())" : "";
    return is_now || is_local || name == "current_date" ? "(CURDATE())" : "";
  }
  if (traits->kind == TypeKind::kTime && from->Is("time without time zone") && no_args &&
      (name == "localtime" || name == "current_time" || is_now || is_local))
    return fmt::format("(CURTIME({}))", digits);
  return "";
}

}  // namespace godwit::connectors::mysql
