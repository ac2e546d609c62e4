#include "connectors/mysql/ddl/shadow_filling.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <absl/strings/str_split.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <variant>
#include <vector>

#include "base/text.h"

namespace godwit::connectors::mysql {
namespace {

using model::TableName;
using sql::Token;
using sql::TokenKind;

// Between shadows, and between what is known of one.
constexpr char kNext = ',', kWithin = '/';
constexpr std::string_view kFilled = "rows";

bool IsWord(const Token& token, std::string_view word) {
  return token.kind == TokenKind::kWord && base::EqualsIgnoreCase(token.raw, word);
}

std::string NameIn(const Token& token) {
  if (token.kind == TokenKind::kIdentifier) return token.value;
  return token.kind == TokenKind::kWord ? std::string(token.raw) : "";
}

// Names hold anything: in hexadecimal digits where they hold more than letters and digits.
std::string Encode(const std::string& name) {
  const bool plain =
      std::ranges::all_of(name, [](unsigned char c) { return absl::ascii_isalnum(c) || c == '_'; });
  return plain ? name : "=" + absl::BytesToHexString(name);
}

std::string Decode(const std::string& text) {
  const bool encoded = text.starts_with('=') && text.size() % 2 == 1 &&
                       std::all_of(text.begin() + 1, text.end(),
                                   [](unsigned char c) { return absl::ascii_isxdigit(c); });
  return encoded ? absl::HexStringToBytes(text.substr(1)) : text;
}

// What fires a trigger that a tool may have made, and on which table.
struct Firing {
  char event = 0;  // 'I', 'U', 'D'; 0: it is none of those
  TableName table;
};
Firing FiringOf(const std::vector<Token>& tokens, const std::string& default_schema) {
  Firing firing;
  for (size_t i = 0; i + 5 < tokens.size(); ++i) {
    if (!IsWord(tokens[i], "AFTER") || !IsWord(tokens[i + 2], "ON")) continue;
    const std::string event = absl::AsciiStrToUpper(std::string(tokens[i + 1].raw));
    if (event != "INSERT" && event != "UPDATE" && event != "DELETE") continue;
    firing.event = event.front();
    const bool qualified = tokens[i + 4].raw == ".";
    firing.table = {qualified ? NameIn(tokens[i + 3]) : default_schema,
                    NameIn(tokens[qualified ? i + 5 : i + 3])};
    break;
  }
  return firing;
}

// gh-ost's are known by their names alone, and names that the operator gives are taken at his word;
// but tables called like pt-online-schema-change's are made by hand as well.
bool NeedsTriggers(const TableName& shadow) {
  return shadow.table.starts_with('_') && shadow.table.ends_with("_new");
}

template <typename... Kinds>
bool IsOneOf(const sql::AlterAction& action) {
  return (std::holds_alternative<Kinds>(action) || ...);
}

// Without a trace in the log.
bool ChangesRows(const sql::AlterAction& action) {
  return IsOneOf<sql::ExchangePartition, sql::ConvertPartitionToTable, sql::ConvertTableToPartition,
                 sql::DropPartitions, sql::TruncatePartitions, sql::DiscardTablespace,
                 sql::ImportTablespace>(action);
}

}  // namespace

base::StatusOr<ShadowFilling> ShadowFilling::Parse(const std::string& text) {
  ShadowFilling filling;
  const std::vector<std::string> entries = absl::StrSplit(text, kNext, absl::SkipEmpty());
  for (const std::string& entry : entries) {
    const std::vector<std::string> parts = absl::StrSplit(entry, kWithin);
    if (parts.size() < 3)
      return base::InvalidArgument("'{}' says of no shadow what is known", text);
    Filling& one = filling.shadows_[{Decode(parts[0]), Decode(parts[1])}];
    one.has_rows = parts[2] == kFilled;
    for (size_t i = 3; i < parts.size(); ++i) {
      if (parts[i].empty()) return base::InvalidArgument("'{}' names no trigger", text);
      one.triggers[Decode(parts[i].substr(1))] = parts[i].front();
    }
  }
  return filling;
}

std::string ShadowFilling::ToText() const {
  std::string text;
  for (const auto& [name, filling] : shadows_) {
    if (!text.empty()) text.push_back(kNext);
    text += fmt::format("{}{}{}{}{}", Encode(name.schema), kWithin, Encode(name.table), kWithin,
                        filling.has_rows ? kFilled : "");
    for (const auto& [trigger, event] : filling.triggers)
      text += fmt::format("{}{}{}", kWithin, event, Encode(trigger));
  }
  return text;
}

void ShadowFilling::TakeRows(const TableName& shadow) {
  if (const auto found = shadows_.find(shadow); found != shadows_.end())
    found->second.has_rows = true;
}

void ShadowFilling::TakeStatement(const sql::Statement& statement) {
  if (const auto* truncate = std::get_if<sql::TruncateTable>(&statement)) {
    if (const auto found = shadows_.find(truncate->table); found != shadows_.end())
      found->second.has_rows = false;
  }
  const auto* alter = std::get_if<sql::AlterTable>(&statement);
  if (alter == nullptr) return;
  for (const sql::AlterAction& action : alter->actions) {
    if (alter->ignore || ChangesRows(action)) Forget(alter->table);
    if (const auto* exchange = std::get_if<sql::ExchangePartition>(&action))
      Forget(exchange->table);
    if (const auto* made = std::get_if<sql::ConvertPartitionToTable>(&action)) Forget(made->table);
  }
}

void ShadowFilling::TakeTrigger(const TableName& trigger, std::string_view text,
                                const sql::ParseOptions& options, const IsShadowOf& is_shadow_of) {
  for (auto& [shadow, filling] : shadows_) {
    if (shadow.schema == trigger.schema) filling.triggers.erase(trigger.table);
  }
  const auto tokens = sql::Lex(text, options);
  if (!tokens.ok() || tokens->empty() || !IsWord(tokens->front(), "CREATE")) return;
  const Firing firing = FiringOf(*tokens, options.default_schema);
  if (firing.event == 0) return;
  for (auto& [shadow, filling] : shadows_) {
    if (shadow.schema != firing.table.schema || !is_shadow_of(shadow, firing.table.table)) continue;
    const bool writes = std::ranges::any_of(
        *tokens, [&](const Token& token) { return NameIn(token) == shadow.table; });
    if (writes) filling.triggers[trigger.table] = firing.event;
  }
}

std::string ShadowFilling::WhyOtherRows(const TableName& shadow) const {
  const auto found = shadows_.find(shadow);
  if (found == shadows_.end())
    return fmt::format("how {}, which took its place, was filled is not known", shadow.ToString());
  if (!found->second.has_rows)
    return fmt::format("{}, which took its place, was empty", shadow.ToString());
  std::set<char> events;
  for (const auto& [trigger, event] : found->second.triggers) events.insert(event);
  if (NeedsTriggers(shadow) && events.size() < 3) {
    return fmt::format(
        "{}, which took its place, need not have its rows, as no triggers carried changes there "
        "like pt-online-schema-change's do",
        shadow.ToString());
  }
  return "";
}

}  // namespace godwit::connectors::mysql
