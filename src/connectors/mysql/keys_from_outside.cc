#include "connectors/mysql/keys_from_outside.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace godwit::connectors::mysql {
namespace {

using model::ForeignKey;
using model::ReferenceAction;

bool Acts(const ForeignKey& key) {
  auto acts = [](ReferenceAction action) {
    return action != ReferenceAction::kRestrict && action != ReferenceAction::kNoAction;
  };
  return acts(key.on_delete) || acts(key.on_update);
}

// Tools give a key another name when they build it anew.
bool IsSame(const ForeignKey& a, const ForeignKey& b) {
  auto but_name = [](const ForeignKey& key) {
    return std::tie(key.columns, key.parent, key.parent_columns, key.on_delete, key.on_update);
  };
  return but_name(a) == but_name(b);
}

}  // namespace

bool LogsWhatKeysDo(const Settings& settings) {
  return Setting(settings, "innodb_native_foreign_keys") == "OFF";
}

std::string NewKeysFromOutside(const sql::TableDefinition* before,
                               const sql::TableDefinition& after,
                               const std::function<bool(const model::TableName&)>& is_followed) {
  std::string keys;
  for (const ForeignKey& key : after.foreign_keys) {
    if (!Acts(key) || key.parent == after.name || is_followed(key.parent)) continue;
    const bool known = before != nullptr &&
                       std::ranges::any_of(before->foreign_keys, [&](const ForeignKey& other) {
                         return IsSame(key, other);
                       });
    if (known) continue;
    keys += fmt::format("{}{} of {} to {}", keys.empty() ? "" : ", ", key.name,
                        after.name.ToString(), key.parent.ToString());
  }
  return keys;
}

}  // namespace godwit::connectors::mysql
