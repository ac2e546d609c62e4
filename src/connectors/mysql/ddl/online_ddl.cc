#include "connectors/mysql/ddl/online_ddl.h"

#include <algorithm>
#include <utility>

#include "connectors/mysql/ddl/rename_plan.h"
#include "sql/alter.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {
namespace {

using connector::OnlineDdlRole;
using model::TableName;

// A change of names first follows the renames before it.
std::vector<sql::ColumnRename> Compose(std::vector<sql::ColumnRename> before,
                                       const std::vector<sql::ColumnRename>& after) {
  std::vector<sql::ColumnRename> fresh;
  for (const sql::ColumnRename& rename : after) {
    auto earlier = std::find_if(before.begin(), before.end(), [&](const sql::ColumnRename& one) {
      return one.to == rename.from;
    });
    if (earlier == before.end())
      fresh.push_back(rename);
    else
      fresh.push_back({earlier->from, rename.to}), before.erase(earlier);
  }
  before.insert(before.end(), fresh.begin(), fresh.end());
  return before;
}

bool MovesRows(const sql::AlterAction& action) {
  return std::holds_alternative<sql::ExchangePartition>(action) ||
         std::holds_alternative<sql::ConvertPartitionToTable>(action) ||
         std::holds_alternative<sql::ConvertTableToPartition>(action);
}

}  // namespace

void OnlineDdl::Know(const connector::TrackedTable& table, sql::DefinitionPtr definition) {
  if (table.place != Place::kShadow) {
    aside_[table.name] = {std::move(definition), table.place};
    return;
  }
  std::vector<sql::ColumnRename>& renames = shadows_[table.name];
  for (const auto& [from, to] : table.renamed_columns) renames.push_back({from, to});
}

OnlineDdlRole OnlineDdl::RoleFor(const TableName& table, const std::string& real) const {
  return role_ ? role_(table.schema, table.table, real) : OnlineDdlRole::kNone;
}

bool OnlineDdl::IsShadow(const TableName& table) const {
  return RoleFor(table, "") == OnlineDdlRole::kShadow;
}

bool OnlineDdl::IsKnownShadow(const TableName& table) const {
  return shadows_.contains(table) && tracker_.Find(table) != nullptr;
}

bool OnlineDdl::HasShadow(const TableName& real) const {
  return std::any_of(shadows_.begin(), shadows_.end(), [&](const auto& shadow) {
    return shadow.first.schema == real.schema &&
           RoleFor(shadow.first, real.table) == OnlineDdlRole::kShadow;
  });
}

base::StatusOr<OnlineDdl::Change> OnlineDdl::Follow(const sql::Statement& statement) {
  if (!role_) return nullptr;
  filling_.TakeStatement(statement);
  if (const std::vector<sql::RenameTable::Pair> pairs = RenamesOf(statement); !pairs.empty())
    return Rename(pairs, statement);
  if (const auto* create = std::get_if<sql::CreateTable>(&statement))
    return create->temporary ? nullptr : Create(*create, statement);
  if (const auto* drop = std::get_if<sql::DropTable>(&statement))
    return drop->temporary ? nullptr : Drop(*drop, statement);
  if (const auto* alter = std::get_if<sql::AlterTable>(&statement)) {
    if (std::any_of(alter->actions.begin(), alter->actions.end(), MovesRows)) return nullptr;
    return Alter(alter->table, sql::RenamedColumns(alter->actions), statement);
  }
  if (const auto* create = std::get_if<sql::CreateIndex>(&statement))
    return Alter(create->table, {}, statement);
  if (const auto* drop = std::get_if<sql::DropIndex>(&statement))
    return Alter(drop->table, {}, statement);
  return nullptr;
}

void OnlineDdl::FollowTrigger(const TableName& trigger, std::string_view text,
                              const sql::ParseOptions& options) {
  filling_.TakeTrigger(trigger, text, options,
                       [this](const TableName& shadow, const std::string& real) {
                         return RoleFor(shadow, real) == OnlineDdlRole::kShadow;
                       });
}

void OnlineDdl::TellShadow(const TableName& shadow, model::DdlChange& change) {
  model::DdlChange::Effect& effect = change.effects.emplace_back();
  effect.table = shadow;
  const sql::DefinitionPtr definition = tracker_.Find(shadow);
  if (definition == nullptr) {
    shadows_.erase(shadow);
    filling_.Forget(shadow);
    return;
  }
  effect.place = Place::kShadow;
  effect.definition = sql::WriteCreateTable(*definition);
  for (const sql::ColumnRename& rename : shadows_[shadow])
    effect.renamed_columns.emplace_back(rename.from, rename.to);
}

base::StatusOr<OnlineDdl::Change> OnlineDdl::Create(const sql::CreateTable& create,
                                                    const sql::Statement& statement) {
  const TableName& name = create.definition.name;
  auto change = std::make_shared<model::DdlChange>();
  if (aside_.contains(name)) {
    // A new table, with which the tool has nothing to do, in place of the one that the target kept.
    aside_.erase(name);
    tracker_.RemoveTable(name);
    scope_.ignore(name);
    change->effects.push_back({.table = name, .to_copy = true});
    return change;
  }
  if (!IsShadow(name)) return nullptr;
  if (create.if_not_exists && IsKnownShadow(name)) return nullptr;
  tracker_.RemoveTable(name);
  shadows_.erase(name);
  filling_.Forget(name);
  // One whose definition cannot be known is no more than a table outside of the task.
  if (!create.select && tracker_.Apply(statement).ok()) {
    shadows_[name] = {};
    filling_.Begin(name);
  }
  TellShadow(name, *change);
  return change;
}

base::StatusOr<OnlineDdl::Change> OnlineDdl::Alter(const TableName& shadow,
                                                   const std::vector<sql::ColumnRename>& renames,
                                                   const sql::Statement& statement) {
  if (!IsKnownShadow(shadow)) return nullptr;
  auto change = std::make_shared<model::DdlChange>();
  if (tracker_.Apply(statement).ok()) {
    shadows_[shadow] = Compose(std::move(shadows_[shadow]), renames);
  } else {
    tracker_.RemoveTable(shadow);
  }
  TellShadow(shadow, *change);
  return change;
}

base::StatusOr<OnlineDdl::Change> OnlineDdl::Drop(const sql::DropTable& drop,
                                                  const sql::Statement& statement) {
  auto holds = [&](const TableName& name) {
    return scope_.ours(name) && tracker_.Find(name) != nullptr && HasShadow(name);
  };
  const bool concerned =
      std::any_of(drop.tables.begin(), drop.tables.end(),
                  [&](const TableName& name) { return IsKnownShadow(name) || holds(name); });
  if (!concerned) return nullptr;
  auto change = std::make_shared<model::DdlChange>();
  sql::DropTable dropped{{}, true, false};
  // Shadows first: what is dropped with its shadow is not held.
  for (const TableName& name : drop.tables) {
    if (!IsKnownShadow(name)) continue;
    tracker_.RemoveTable(name);
    TellShadow(name, *change);
    for (auto held = aside_.begin(); held != aside_.end();) {
      const bool waits = held->second.place == Place::kDropHeld &&
                         held->first.schema == name.schema &&
                         RoleFor(name, held->first.table) == OnlineDdlRole::kShadow;
      if (!waits) {
        ++held;
        continue;
      }
      dropped.tables.push_back(held->first);
      change->effects.push_back({.table = held->first});
      held = aside_.erase(held);
    }
  }
  for (const TableName& name : drop.tables) {
    if (!scope_.ours(name)) continue;
    if (holds(name)) {
      aside_[name] = {tracker_.Find(name), Place::kDropHeld};
      change->effects.push_back({.table = name, .place = Place::kDropHeld});
    } else {
      dropped.tables.push_back(name);
      change->effects.push_back({.table = name});
    }
  }
  GODWIT_RETURN_IF_ERROR(tracker_.Apply(statement).status());
  if (dropped.tables.empty()) return change;
  change->statement = sql::WriteDropTable(dropped);
  change->touched = dropped.tables;
  change->kinds = {model::DdlKind::kDropTable};
  change->repeatable = true;
  return change;
}

void OnlineDdl::ForgetNamedIn(std::string_view text, model::DdlChange& change) {
  std::vector<TableName> named;
  for (const auto& [name, renames] : shadows_) {
    if (text.find(name.table) != std::string_view::npos) named.push_back(name);
  }
  for (const TableName& name : named) {
    tracker_.RemoveTable(name);
    TellShadow(name, change);
  }
}

void OnlineDdl::Forget(const sql::Statement& statement, model::DdlChange& change) {
  const std::string schema =
      std::holds_alternative<sql::DropDatabase>(statement) ? sql::SchemaOf(statement) : "";
  std::vector<TableName> gone = sql::TablesOf(statement);
  for (const auto& [name, renames] : shadows_) {
    if (!schema.empty() && name.schema == schema) gone.push_back(name);
  }
  for (const TableName& name : gone) {
    if (shadows_.contains(name) && tracker_.Find(name) == nullptr) TellShadow(name, change);
  }
  if (schema.empty()) return;
  for (auto aside = aside_.begin(); aside != aside_.end();) {
    if (aside->first.schema != schema) {
      ++aside;
      continue;
    }
    change.effects.push_back({.table = aside->first});
    aside = aside_.erase(aside);
  }
}

}  // namespace godwit::connectors::mysql
