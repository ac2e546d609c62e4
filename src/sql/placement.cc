#include "sql/placement.h"

#include <algorithm>

#include "base/text.h"

namespace godwit::sql {
namespace {

constexpr std::string_view kTablespace = "TABLESPACE";

bool Is(const Token& token, std::string_view word) {
  return token.kind == TokenKind::kWord && base::EqualsIgnoreCase(token.raw, word);
}

bool IsSymbol(const Token& token, char symbol) {
  return token.kind == TokenKind::kSymbol && token.raw == std::string_view(&symbol, 1);
}

// The index of the value of the "DATA DIRECTORY = 'x'" that begins at `i`; 0: none does.
size_t DirectoryAt(const std::vector<Token>& tokens, size_t i) {
  if (i + 2 >= tokens.size() || !Is(tokens[i + 1], "DIRECTORY") ||
      !(Is(tokens[i], "DATA") || Is(tokens[i], "INDEX")))
    return 0;
  const size_t value = IsSymbol(tokens[i + 2], '=') ? i + 3 : i + 2;
  return value < tokens.size() && tokens[value].kind == TokenKind::kString ? value : 0;
}

// Takes the directories out of a statement, or of a part of one.
std::string WithoutDirectories(const std::string& text, const ParseOptions& options,
                               std::vector<std::string>& taken) {
  const auto tokens = Lex(text, options);
  if (!tokens.ok()) return text;
  std::string kept;
  size_t from = 0, next = 0;  // in the text, and of the tokens, after what was taken out
  int depth = 0;
  for (size_t i = 0; i < tokens->size(); ++i) {
    depth += IsSymbol((*tokens)[i], '(') ? 1 : IsSymbol((*tokens)[i], ')') ? -1 : 0;
    const size_t value = DirectoryAt(*tokens, i);
    if (value == 0) continue;
    // Commas may stand between options of a table. Those in parentheses are between partitions.
    const bool comma_before = depth == 0 && i > next && IsSymbol((*tokens)[i - 1], ',');
    const bool comma_after = depth == 0 && !comma_before && IsSymbol((*tokens)[value + 1], ',');
    const size_t begin = (*tokens)[comma_before ? i - 1 : i].offset;
    const Token& last = (*tokens)[comma_after ? value + 1 : value];
    const std::string option = Render(std::span(*tokens).subspan(i, value + 1 - i));
    if (std::ranges::find(taken, option) == taken.end()) taken.push_back(option);
    kept += text.substr(from, begin - from);
    while (kept.ends_with(' ')) kept.pop_back();
    from = last.offset + last.raw.size();
    i = comma_after ? value + 1 : value;
    next = i + 1;
  }
  return kept + text.substr(from);
}

// A name without its quotes.
std::string NameOf(const Token& token) {
  return token.kind == TokenKind::kIdentifier ? token.value : std::string(token.raw);
}

// Empty: none.
std::string TablespaceOf(const TableOptions& options, const ParseOptions& parse) {
  for (const auto& [name, value] : options.other) {
    if (name != kTablespace) continue;
    const auto tokens = Lex(value, {.flavour = parse.flavour});  // as rendered, with backticks
    if (tokens.ok()) return NameOf(tokens->front());
  }
  return "";
}

std::string TablespaceOf(const Statement& statement, const ParseOptions& parse) {
  if (const auto* create = std::get_if<CreateTable>(&statement))
    return TablespaceOf(create->definition.options, parse);
  std::string tablespace;
  if (const auto* alter = std::get_if<AlterTable>(&statement)) {
    for (const AlterAction& action : alter->actions) {
      const auto* set = std::get_if<SetOptions>(&action);
      if (set != nullptr && tablespace.empty()) tablespace = TablespaceOf(set->options, parse);
    }
  }
  return tablespace;
}

// Puts files of the table's own in the place of a tablespace.
std::string InOwnFiles(const std::string& text, const std::string& tablespace,
                       const ParseOptions& options) {
  if (tablespace.empty()) return text;
  const auto tokens = Lex(text, options);
  if (!tokens.ok()) return text;
  std::string rewritten;
  size_t from = 0;
  for (size_t i = 0; i + 2 < tokens->size(); ++i) {
    if (!Is((*tokens)[i], kTablespace)) continue;
    const Token& value = (*tokens)[i + (IsSymbol((*tokens)[i + 1], '=') ? 2 : 1)];
    // What is so called elsewhere in the statement is followed by something else.
    if (NameOf(value) != tablespace) continue;
    rewritten += text.substr(from, value.offset - from) + "innodb_file_per_table";
    from = value.offset + value.raw.size();
  }
  return rewritten + text.substr(from);
}

}  // namespace

std::vector<std::string> TakeOutPlaces(TableDefinition& definition) {
  std::vector<std::string> taken;
  std::erase_if(definition.options.other, [&](const auto& option) {
    const auto& [name, value] = option;
    if (name != kTablespace && !name.ends_with(" DIRECTORY")) return false;
    taken.push_back(name + "=" + value);
    return true;
  });
  if (definition.partitioning) {
    for (Partition& partition : definition.partitioning->partitions)
      partition.text = WithoutDirectories(partition.text, {.flavour = definition.flavour}, taken);
  }
  return taken;
}

std::string WithoutPlaces(const Statement& statement, const std::string& text,
                          const ParseOptions& options) {
  if (!std::holds_alternative<CreateTable>(statement) &&
      !std::holds_alternative<AlterTable>(statement))
    return text;
  std::vector<std::string> taken;
  return InOwnFiles(WithoutDirectories(text, options, taken), TablespaceOf(statement, options),
                    options);
}

}  // namespace godwit::sql
