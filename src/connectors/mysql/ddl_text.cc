#include "connectors/mysql/ddl_text.h"

#include <algorithm>

#include "base/text.h"
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

void DropStartTransaction(std::string& statement) {
  constexpr std::string_view kClause = " START TRANSACTION";
  if (statement.ends_with(kClause)) statement.resize(statement.size() - kClause.size());
}

}  // namespace godwit::connectors::mysql
