#include "connectors/mysql/ddl/ddl_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sql/definition_text.h"
#include "sql/lexer.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {

std::string Repeatable(const sql::ViewStatement& statement, const std::string& text,
                       const sql::ParseOptions& options) {
  if (statement.action == sql::ViewAction::kDrop) {
    std::string drop = "DROP VIEW IF EXISTS ";
    for (const model::TableName& view : statement.views) {
      drop += (drop.ends_with(' ') ? "" : ", ") + sql::QuoteName(view);
    }
    return drop;
  }
  auto tokens = sql::Lex(text, options);
  if (statement.action != sql::ViewAction::kCreate || !tokens.ok() || tokens->size() < 3)
    return text;
  auto is = [](const sql::Token& token, std::string_view word) {
    return token.kind == sql::TokenKind::kWord && base::EqualsIgnoreCase(token.raw, word);
  };
  if (is((*tokens)[1], "OR")) return text;
  // IF NOT EXISTS bears repeating as it is, and does not go with OR REPLACE.
  const auto view = std::find_if(tokens->begin(), tokens->end(),
                                 [&](const sql::Token& token) { return is(token, "VIEW"); });
  if (view + 1 < tokens->end() && is(view[1], "IF")) return text;
  const size_t after_create = (*tokens)[0].offset + (*tokens)[0].raw.size();
  return text.substr(0, after_create) + " OR REPLACE" + text.substr(after_create);
}

bool Replaces(const sql::Statement& statement) {
  if (const auto* create = std::get_if<sql::CreateTable>(&statement)) return create->or_replace;
  const auto* database = std::get_if<sql::CreateDatabase>(&statement);
  return database != nullptr && database->or_replace;
}

std::optional<std::string> ToRepeat(const sql::Statement& statement, const std::string& text,
                                    const sql::ParseOptions& options) {
  if (const auto* drop = std::get_if<sql::DropTable>(&statement))
    return sql::WriteDropTable({drop->tables, /*if_exists=*/true, drop->temporary});
  if (const auto* drop = std::get_if<sql::DropDatabase>(&statement))
    return "DROP DATABASE IF EXISTS " + sql::QuoteIdentifier(drop->schema);
  if (const auto* view = std::get_if<sql::ViewStatement>(&statement);
      view != nullptr && view->action == sql::ViewAction::kDrop)
    return Repeatable(*view, text, options);
  if (Replaces(statement) || std::holds_alternative<sql::TruncateTable>(statement)) return text;
  return std::nullopt;
}

std::string WithoutIfNotExists(const std::string& text, const sql::ParseOptions& options) {
  auto tokens = sql::Lex(text, options);
  if (!tokens.ok()) return text;
  auto is = [&](size_t i, std::string_view word) {
    return (*tokens)[i].kind == sql::TokenKind::kWord &&
           base::EqualsIgnoreCase((*tokens)[i].raw, word);
  };
  for (size_t i = 0; i + 2 < tokens->size() && i < 4; ++i) {
    if (!is(i, "IF") || !is(i + 1, "NOT") || !is(i + 2, "EXISTS")) continue;
    const size_t end = (*tokens)[i + 2].offset + (*tokens)[i + 2].raw.size();
    return text.substr(0, (*tokens)[i].offset) + text.substr(end);
  }
  return text;
}

std::string WithCharset(const std::string& text, const sql::ParseOptions& options,
                        const sql::CharsetChoice& charset) {
  const auto tokens = sql::Lex(text, options);
  if (!tokens.ok()) return text;
  int depth = 0;
  for (const sql::Token& token : *tokens) {
    if (token.raw == "(") ++depth;
    if (token.raw != ")" || --depth > 0) continue;
    const std::string after = text.substr(token.offset + 1);
    return fmt::format("{} DEFAULT CHARSET={} COLLATE={}{}{}", text.substr(0, token.offset + 1),
                       charset.charset, charset.collation,
                       after.empty() || after.starts_with(' ') ? "" : " ", after);
  }
  return text;
}

std::string AlterInstead(const sql::CreateDatabase& create, const std::string& text,
                         const sql::ParseOptions& options, const sql::CharsetChoice& charset) {
  std::string alter = "ALTER DATABASE " + sql::QuoteIdentifier(create.schema);
  if (const auto tokens = sql::Lex(text, options); tokens.ok()) {
    auto is = [&](size_t i, std::string_view word) {
      return i < tokens->size() && base::EqualsIgnoreCase((*tokens)[i].raw, word);
    };
    size_t i = is(1, "OR") ? 4 : 2;  // after CREATE [OR REPLACE] DATABASE
    if (is(i, "IF")) i += 3;
    std::vector<sql::Token> rest;
    for (++i; i + 1 < tokens->size() && !is(i, ";"); ++i) rest.push_back((*tokens)[i]);
    if (!rest.empty()) alter += " " + sql::Render(rest);
  }
  if (create.charset.charset.empty() && create.charset.collation.empty())
    alter += sql::CharsetText(charset);
  return alter;
}

std::string Beginning(std::string_view statement) { return std::string(statement.substr(0, 200)); }

std::string NotOnTheTarget(const std::string& why) {
  return fmt::format(
      "it cannot be said in the SQL of the target, which is of another kind than the source "
      "(docs/mysql-mariadb.md), so that to try it again comes to the same: {}",
      why);
}

void DropStartTransaction(std::string& statement) {
  constexpr std::string_view kClause = " START TRANSACTION";
  if (statement.ends_with(kClause)) statement.resize(statement.size() - kClause.size());
}

}  // namespace godwit::connectors::mysql
