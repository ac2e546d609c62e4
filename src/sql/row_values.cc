#include "sql/row_values.h"

#include <absl/strings/ascii.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "base/text.h"
#include "sql/lexer.h"
#include "sql/writer.h"

namespace godwit::sql {
namespace {

// What an expression's value depends on; the last of these that one of its parts depends on.
enum class DependsOn : uint8_t { kNothing, kRow, kTime, kServer };

// Functions, and words that may stand before a bracket, whose value follows from their arguments.
const std::set<std::string_view>& PureWords() {
  static const std::set<std::string_view> words = {
      "abs",      "and",      "binary",     "case",        "cast",     "ceil",     "ceiling",
      "char",     "coalesce", "concat",     "concat_ws",   "date",     "date_add", "date_format",
      "date_sub", "datediff", "datetime",   "day",         "decimal",  "div",      "else",
      "end",      "floor",    "greatest",   "hour",        "if",       "ifnull",   "in",
      "interval", "is",       "json_array", "json_object", "last_day", "least",    "left",
      "length",   "lower",    "lpad",       "ltrim",       "md5",      "mod",      "month",
      "not",      "nullif",   "or",         "pow",         "power",    "repeat",   "replace",
      "reverse",  "right",    "round",      "rpad",        "rtrim",    "sha1",     "sha2",
      "sign",     "signed",   "substr",     "substring",   "then",     "time",     "trim",
      "truncate", "unsigned", "upper",      "when",        "xor",      "year"};
  return words;
}

bool IsClock(std::string_view word) {
  static const std::set<std::string_view> words = {
      "curdate",        "current_date", "current_time",   "current_timestamp",
      "curtime",        "localtime",    "localtimestamp", "now",
      "unix_timestamp", "utc_date",     "utc_time",       "utc_timestamp"};
  return words.contains(word);
}

DependsOn OfWord(const std::string& word, bool before_bracket) {
  // Words of the server's own, and of sequences (NEXT VALUE FOR s).
  static const std::set<std::string_view> session = {"current_user", "current_role", "for"};
  if (word == "null" || word == "true" || word == "false" || word.starts_with('_'))
    return DependsOn::kNothing;
  if (IsClock(word)) return DependsOn::kTime;
  if (session.contains(word)) return DependsOn::kServer;
  if (!before_bracket) return DependsOn::kRow;  // a column, or between what is looked at itself
  return PureWords().contains(word) ? DependsOn::kRow : DependsOn::kServer;
}

DependsOn OfExpression(const std::string& expression) {
  auto tokens = Lex(expression, ParseOptions());
  if (!tokens.ok()) return DependsOn::kServer;
  DependsOn most = DependsOn::kNothing;
  for (size_t i = 0; i < tokens->size(); ++i) {
    const Token& token = (*tokens)[i];
    DependsOn one = DependsOn::kNothing;
    if (token.kind == TokenKind::kWord) {
      const bool literal = (*tokens)[i + 1].kind == TokenKind::kString && !(*tokens)[i + 1].gap;
      if (!literal)  // b'', x'', _utf8mb4''
        one = OfWord(absl::AsciiStrToLower(std::string(token.raw)), (*tokens)[i + 1].raw == "(");
    } else if (token.kind == TokenKind::kIdentifier) {
      one = (*tokens)[i + 1].raw == "(" ? DependsOn::kServer : DependsOn::kRow;
    } else if (token.kind == TokenKind::kVariable || token.raw == "/") {
      one = DependsOn::kServer;  // the decimals of a quotient are the session's
    }
    most = std::max(most, one);
  }
  return most;
}

bool IsTimestamp(const ColumnDefinition& column) { return column.type.name == "timestamp"; }

std::string Of(const ColumnDefinition& column, std::string_view what) {
  return fmt::format("column {} {}", QuoteIdentifier(column.name), what);
}

std::string WhyNewDiffers(const ColumnDefinition& column, RowsBy by) {
  if (column.auto_increment)
    return Of(column, "gets numbers by AUTO_INCREMENT, in the order in which the server has rows");
  if (column.generated != Generated::kNo) return "";
  const DependsOn depends = OfExpression(column.default_value);
  if (depends > (by == RowsBy::kCopy ? DependsOn::kNothing : DependsOn::kTime)) {
    return Of(column, fmt::format("gets the value of {}, which need not be the same elsewhere",
                                  column.default_value));
  }
  return "";
}

std::string WhyOldDiffers(const TableDefinition& table, const ColumnDefinition& before,
                          const ColumnDefinition& column, RowsBy by) {
  if (column.auto_increment && !before.auto_increment) {
    // Only NULL and 0 get numbers; one row at most has them in a column that is a key by itself.
    const bool one = !before.nullable && std::ranges::any_of(table.keys, [&](const auto& key) {
      return (key.kind == KeyKind::kPrimary || key.kind == KeyKind::kUnique) &&
             key.parts.size() == 1 && key.parts[0].prefix == 0 &&
             base::EqualsIgnoreCase(key.parts[0].column, before.name);
    });
    if (by == RowsBy::kCopy || !one)
      return Of(column,
                "gets numbers by AUTO_INCREMENT, in the order in which the server has rows");
  }
  if (by == RowsBy::kStatement) return "";
  if (by == RowsBy::kCopy && before.generated != column.generated)
    return Of(column, "is computed otherwise than before");
  if (IsTimestamp(before) != IsTimestamp(column))
    return Of(column, "has times that depend on the time zone of the session that made them");
  return "";
}

}  // namespace

std::string WhyValuesDiffer(const TableDefinition& before, const TableDefinition& after,
                            const std::vector<std::string>& origins, RowsBy by) {
  if (by == RowsBy::kCopy && (before.system_versioned || after.system_versioned))
    return "the history of its rows is not the one that the tool's copy has";
  for (size_t i = 0; i < after.columns.size(); ++i) {
    const ColumnDefinition& column = after.columns[i];
    const ColumnDefinition* origin =
        origins[i].empty() ? nullptr
                           : &before.columns[static_cast<size_t>(before.FindColumn(origins[i]))];
    // A time as text means another moment in each session's time zone.
    const bool same = origin != nullptr && origin->default_value == column.default_value;
    if (by != RowsBy::kStatement && IsTimestamp(column) && !same &&
        column.default_value.find('\'') != std::string::npos)
      return Of(column, "has a default that depends on the session's time zone");
    std::string why =
        origin == nullptr ? WhyNewDiffers(column, by) : WhyOldDiffers(before, *origin, column, by);
    if (!why.empty()) return why;
  }
  return "";
}

std::string WhyOtherRowsStay(const TableDefinition& before,
                             const std::vector<AlterAction>& actions) {
  // In which rows are looked at. Other engines read their files.
  const bool ordered =
      before.FindKey("PRIMARY") >= 0 && base::EqualsIgnoreCase(before.options.engine, "InnoDB");
  const bool chooses = std::ranges::any_of(actions, [](const AlterAction& action) {
    return std::holds_alternative<AddKey>(action) || std::holds_alternative<ChangeColumn>(action) ||
           std::holds_alternative<ConvertCharset>(action);
  });
  if (ordered || !chooses) return "";
  return "IGNORE keeps the first of some rows, and without a primary key of InnoDB's they have no "
         "order";
}

}  // namespace godwit::sql
