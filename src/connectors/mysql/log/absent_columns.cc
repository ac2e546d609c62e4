#include "connectors/mysql/log/absent_columns.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "connectors/mysql/literal.h"
#include "sql/lexer.h"

namespace godwit::connectors::mysql {
namespace {

using sql::Token;
using sql::TokenKind;

// Statements longer than this are read up to their first quote only: they are long by what they
// insert, and their table is named before that.
constexpr size_t kShortStatement = 16 * 1024;

bool IsAbsent(const model::Cell& cell) { return cell.kind() == model::CellKind::kAbsent; }

// Reads the part of a statement that names the tables which it changes.
class Statement {
 public:
  explicit Statement(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  AbsentMeans Absent(const model::TableName& table) {
    if (Take("SET")) {  // SET STATEMENT variable=value,... FOR statement
      if (!Take("STATEMENT")) return AbsentMeans::kUnknown;
      if (!SkipTo("FOR")) return AbsentMeans::kUnknown;
    }
    if (Take("ANALYZE") && Take("FORMAT")) at_ += 2;
    if (Take("UPDATE")) return Updates(table) ? AbsentMeans::kUnchanged : AbsentMeans::kUnknown;
    if (Take("INSERT")) return IsNext(table) ? AbsentMeans::kUnchanged : AbsentMeans::kUnknown;
    if (Take("REPLACE")) return IsNext(table) ? AbsentMeans::kDefault : AbsentMeans::kUnknown;
    if (Take("LOAD") && SkipTo("REPLACE") && Take("INTO") && Take("TABLE"))
      return IsNext(table) ? AbsentMeans::kDefault : AbsentMeans::kUnknown;
    return AbsentMeans::kUnknown;
  }

 private:
  const Token& token() const { return tokens_[std::min(at_, tokens_.size() - 1)]; }
  bool at_end() const { return token().kind == TokenKind::kEnd; }
  bool Is(std::string_view word) const {
    return token().kind == TokenKind::kWord && base::EqualsIgnoreCase(token().raw, word);
  }
  bool Take(std::string_view word) {
    if (!Is(word)) return false;
    ++at_;
    return true;
  }
  bool TakeSymbol(char symbol) {
    if (token().kind != TokenKind::kSymbol || token().raw[0] != symbol) return false;
    ++at_;
    return true;
  }
  bool SkipTo(std::string_view word) {
    while (!at_end()) {
      if (Take(word)) return true;
      ++at_;
    }
    return false;
  }
  void SkipModifiers() {
    while (Take("LOW_PRIORITY") || Take("HIGH_PRIORITY") || Take("DELAYED") || Take("IGNORE") ||
           Take("INTO")) {
    }
  }

  std::string_view Name() {
    const Token& name = token();
    if (name.kind != TokenKind::kWord && name.kind != TokenKind::kIdentifier) return {};
    ++at_;
    return name.kind == TokenKind::kWord ? name.raw : std::string_view(name.value);
  }

  bool IsNext(const model::TableName& table) {
    SkipModifiers();
    std::string_view name = Name(), schema;
    if (TakeSymbol('.')) schema = std::exchange(name, Name());
    return base::EqualsIgnoreCase(name, table.table) &&
           (schema.empty() || base::EqualsIgnoreCase(schema, table.schema));
  }

  // Of several tables, each stands first, or after a comma or JOIN.
  bool Updates(const model::TableName& table) {
    bool expected = true;
    while (!at_end() && !Is("SET")) {
      if (expected && IsNext(table)) return true;
      expected = TakeSymbol(',') || Take("JOIN") || Take("STRAIGHT_JOIN") || TakeSymbol('(');
      if (!expected) ++at_;
    }
    return false;
  }

  std::vector<Token> tokens_;
  size_t at_ = 0;
};

base::Status Lacking(const model::Table& table, std::string_view what) {
  return base::FailedPrecondition(
      "table {}: a row image in the source's log lacks columns: {}; set binlog_row_image=FULL for "
      "the sessions that write to the table, and copy anew with `godwit run --restart`",
      table.name.ToString(), what);
}

}  // namespace

AbsentMeans AbsentIn(std::string_view statement, const model::TableName& table) {
  if (statement.size() > kShortStatement)
    statement = statement.substr(0, statement.find_first_of("'\""));
  auto tokens = sql::Lex(statement, {});
  if (!tokens.ok() || tokens->empty()) return AbsentMeans::kUnknown;
  return Statement(*std::move(tokens)).Absent(table);
}

bool HasAll(const model::Table& table, model::Row row) {
  for (size_t i = 0; i < row.size(); ++i) {
    if (IsAbsent(row[i]) && IsWritten(table.columns[i])) return false;
  }
  return true;
}

base::Status CheckAbsent(const model::Table& table, model::Row before, std::span<model::Cell> after,
                         AbsentMeans absent) {
  const std::vector<int> identity = table.RowIdentity();
  const auto identified = [&](model::Row row) {
    if (identity.empty()) return HasAll(table, row);
    return std::none_of(identity.begin(), identity.end(),
                        [&](int c) { return IsAbsent(row[static_cast<size_t>(c)]); });
  };
  if (!before.empty() && !after.empty() && absent != AbsentMeans::kDefault) {
    // What a REPLACE does, and an UPDATE hardly ever.
    const bool names_key = std::any_of(identity.begin(), identity.end(), [&](int c) {
      return !IsAbsent(after[static_cast<size_t>(c)]);
    });
    for (size_t i = 0; i < after.size(); ++i) {
      if (IsAbsent(after[i])) after[i] = before[i];
    }
    if (absent == AbsentMeans::kUnknown && names_key && !HasAll(table, after)) {
      return Lacking(table,
                     "they have kept their values if an UPDATE left them out, and got their "
                     "defaults if a REPLACE did, and the log does not tell which");
    }
  }
  if (!before.empty() && !identified(before)) return Lacking(table, "which row it is is not known");
  if (!after.empty() && !identity.empty() && !identified(after))
    return Lacking(table, "the row's key is a default");
  if (table.system_versioned &&
      ((!before.empty() && !HasAll(table, before)) || (!after.empty() && !HasAll(table, after)))) {
    return Lacking(table, "the history of its rows cannot be followed");
  }
  return base::OkStatus();
}

}  // namespace godwit::connectors::mysql
