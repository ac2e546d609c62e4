#include "sql/rename.h"

#include <algorithm>

#include "base/text.h"
#include "sql/lexer.h"

namespace godwit::sql {
namespace {

const ColumnRename* Find(const std::vector<ColumnRename>& renames, std::string_view column) {
  for (const ColumnRename& rename : renames) {
    if (base::EqualsIgnoreCase(rename.from, column)) return &rename;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> Origins(const TableDefinition& before, const TableDefinition& after,
                                 const std::vector<ColumnRename>& renames,
                                 const std::vector<std::string>& added) {
  std::vector<std::string> origins;
  for (const ColumnDefinition& column : after.columns) {
    std::string& origin = origins.emplace_back();
    auto is = [&](const std::string& name) { return base::EqualsIgnoreCase(name, column.name); };
    if (std::ranges::any_of(added, is)) continue;
    const auto renamed = std::ranges::find_if(renames, is, &ColumnRename::to);
    // Another column has the name now that this one's was.
    if (renamed == renames.end() && Find(renames, column.name) != nullptr) continue;
    const int then = before.FindColumn(renamed == renames.end() ? column.name : renamed->from);
    if (then >= 0) origin = before.columns[static_cast<size_t>(then)].name;
  }
  return origins;
}

const std::string& NewName(const std::vector<ColumnRename>& renames, const std::string& column) {
  const ColumnRename* rename = Find(renames, column);
  return rename == nullptr ? column : rename->to;
}

bool RefersTo(const std::string& expression, std::string_view column) {
  auto tokens = Lex(expression, ParseOptions());
  if (!tokens.ok()) return false;
  for (size_t i = 0; i + 1 < tokens->size(); ++i) {
    const Token& token = (*tokens)[i];
    const bool word = token.kind == TokenKind::kWord && (*tokens)[i + 1].raw != "(";
    if (!word && token.kind != TokenKind::kIdentifier) continue;
    if (base::EqualsIgnoreCase(word ? token.raw : std::string_view(token.value), column))
      return true;
  }
  return false;
}

std::string RenameInExpression(const std::string& expression,
                               const std::vector<ColumnRename>& renames) {
  if (expression.empty() || renames.empty()) return expression;
  auto tokens = Lex(expression, ParseOptions());
  if (!tokens.ok()) return expression;
  for (size_t i = 0; i + 1 < tokens->size(); ++i) {
    Token& token = (*tokens)[i];
    bool word =
        token.kind == TokenKind::kWord && (*tokens)[i + 1].raw != "(";  // no function's name
    if (!word && token.kind != TokenKind::kIdentifier) continue;
    const ColumnRename* rename = Find(renames, word ? token.raw : std::string_view(token.value));
    if (rename == nullptr) continue;
    token.kind = TokenKind::kIdentifier;
    token.value = rename->to;
  }
  tokens->pop_back();
  return Render(*tokens);
}

void RenameReferences(TableDefinition& definition, const std::vector<ColumnRename>& renames) {
  if (renames.empty()) return;
  for (KeyDefinition& key : definition.keys) {
    for (KeyPart& part : key.parts) {
      part.column = NewName(renames, part.column);
      part.expression = RenameInExpression(part.expression, renames);
    }
  }
  for (model::ForeignKey& foreign_key : definition.foreign_keys) {
    for (std::string& column : foreign_key.columns) column = NewName(renames, column);
  }
  RenameInParents(definition, definition.name, renames);
  for (CheckDefinition& check : definition.checks)
    check.expression = RenameInExpression(check.expression, renames);
  for (PeriodDefinition& period : definition.periods) {
    period.start = NewName(renames, period.start);
    period.end = NewName(renames, period.end);
  }
  if (definition.partitioning) {
    Partitioning& partitioning = *definition.partitioning;
    partitioning.method = RenameInExpression(partitioning.method, renames);
    partitioning.subpartition = RenameInExpression(partitioning.subpartition, renames);
  }
}

bool RenameInParents(TableDefinition& definition, const model::TableName& parent,
                     const std::vector<ColumnRename>& renames) {
  bool renamed = false;
  for (model::ForeignKey& foreign_key : definition.foreign_keys) {
    if (foreign_key.parent != parent) continue;
    for (std::string& column : foreign_key.parent_columns) {
      const ColumnRename* rename = Find(renames, column);
      if (rename == nullptr) continue;
      column = rename->to;
      renamed = true;
    }
  }
  return renamed;
}

}  // namespace godwit::sql
