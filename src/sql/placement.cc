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

// A name without its quotes.
std::string NameOf(const Token& token) {
  return token.kind == TokenKind::kIdentifier ? token.value : std::string(token.raw);
}

// The index of the value of the "DATA DIRECTORY = 'x'" or "TABLESPACE = x" that begins at `i`; 0:
// none does. `tablespace`: the one that counts; what is so called elsewhere in the statement is
// followed by something else.
size_t PlaceAt(const std::vector<Token>& tokens, size_t i, const std::string& tablespace) {
  auto after = [&](size_t word) {
    return word + 1 < tokens.size() && IsSymbol(tokens[word + 1], '=') ? word + 2 : word + 1;
  };
  if (Is(tokens[i], kTablespace) && !tablespace.empty()) {
    const size_t value = after(i);
    return value < tokens.size() && NameOf(tokens[value]) == tablespace ? value : 0;
  }
  if (i + 2 >= tokens.size() || !Is(tokens[i + 1], "DIRECTORY") ||
      !(Is(tokens[i], "DATA") || Is(tokens[i], "INDEX")))
    return 0;
  const size_t value = after(i + 1);
  return value < tokens.size() && tokens[value].kind == TokenKind::kString ? value : 0;
}

// The index of the first clause of a CREATE TABLE or ALTER TABLE, after the table's name.
size_t FirstClause(const std::vector<Token>& tokens) {
  size_t i = 0;
  while (i + 1 < tokens.size() && !Is(tokens[i], "TABLE")) ++i;
  ++i;
  while (i < tokens.size() &&
         (Is(tokens[i], "IF") || Is(tokens[i], "NOT") || Is(tokens[i], "EXISTS")))
    ++i;
  ++i;
  if (i + 1 < tokens.size() && IsSymbol(tokens[i], '.')) i += 2;
  if (i < tokens.size() && Is(tokens[i], "NOWAIT")) ++i;
  if (i + 1 < tokens.size() && Is(tokens[i], "WAIT")) i += 2;
  return i;
}

// Takes the places out of a statement, or of a part of one.
std::string Without(const std::string& text, const std::string& tablespace,
                    const ParseOptions& options, std::vector<std::string>& taken) {
  const auto lexed = Lex(text, options);
  if (!lexed.ok()) return text;
  const std::vector<Token>& tokens = *lexed;
  const size_t first = FirstClause(tokens);
  std::string kept;
  size_t from = 0;  // in the text, after what was taken out
  bool comma_taken = false;
  int depth = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    depth += IsSymbol(tokens[i], '(') ? 1 : IsSymbol(tokens[i], ')') ? -1 : 0;
    size_t value = 0;  // of the last of the places that stand here
    for (size_t next = i; size_t at = PlaceAt(tokens, next, tablespace); next = value + 1) {
      value = at;
      const std::string place = Render(std::span(tokens).subspan(next, value + 1 - next));
      if (std::ranges::find(taken, place) == taken.end()) taken.push_back(place);
    }
    if (value == 0) {
      comma_taken = false;
      continue;
    }
    // One of the two commas that clauses, or options of a table, stand between goes with it, where
    // nothing else of the same clause is left. Those in parentheses are between partitions.
    const Token& next = tokens[value + 1];
    const bool ends = next.kind == TokenKind::kEnd || IsSymbol(next, ';') ||
                      Is(next, "PARTITION") || Is(next, "REMOVE");
    const bool begins = i == 0 || i == first || IsSymbol(tokens[i - 1], ')') || comma_taken;
    const bool comma_after = depth == 0 && begins && IsSymbol(next, ',');
    const bool comma_before =
        depth == 0 && !begins && IsSymbol(tokens[i - 1], ',') && (ends || IsSymbol(next, ','));
    const size_t begin = tokens[comma_before ? i - 1 : i].offset;
    const Token& last = tokens[comma_after ? value + 1 : value];
    kept += text.substr(from, begin - from);
    while (kept.ends_with(' ')) kept.pop_back();
    from = last.offset + last.raw.size();
    if (comma_after && !kept.empty()) kept.push_back(' ');
    while (comma_after && text.substr(from).starts_with(' ')) ++from;
    i = comma_after ? value + 1 : value;
    comma_taken = comma_after;
  }
  return kept + text.substr(from);
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
      partition.text = Without(partition.text, "", {.flavour = definition.flavour}, taken);
  }
  return taken;
}

std::string PlaceNote(const std::string& place) {
  return place + " is left out: the target's own settings say where it stores rows";
}

std::string WithoutPlaces(const Statement& statement, const std::string& text,
                          const ParseOptions& options, std::vector<std::string>& taken) {
  if (!std::holds_alternative<CreateTable>(statement) &&
      !std::holds_alternative<AlterTable>(statement))
    return text;
  return Without(text, TablespaceOf(statement, options), options, taken);
}

}  // namespace godwit::sql
