#include "connectors/mysql/online_ddl.h"

#include <algorithm>
#include <utility>

#include "connectors/mysql/ddl_kinds.h"
#include "connectors/mysql/ddl_text.h"
#include "sql/alter.h"
#include "sql/difference.h"
#include "sql/parser.h"
#include "sql/placement.h"
#include "sql/row_values.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {
namespace {

using connector::OnlineDdlRole;
using model::TableName;

// The one ALTER is executed as such a tool works: rows are not held against foreign keys, values
// that do not fit are errors, and 0 is no wish for a number.
constexpr std::string_view kSession =
    "SET SESSION sql_mode='STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO', foreign_key_checks=0";

std::vector<sql::RenameTable::Pair> PairsOf(const sql::Statement& statement) {
  if (const auto* rename = std::get_if<sql::RenameTable>(&statement)) return rename->pairs;
  if (const auto* alter = std::get_if<sql::AlterTable>(&statement)) {
    for (const sql::AlterAction& action : alter->actions) {
      const auto* to = std::get_if<sql::RenameTo>(&action);
      if (to != nullptr && to->name != alter->table) return {{alter->table, to->name}};
    }
  }
  return {};
}

// Where the tables are that were under a name before, by their new names.
std::map<TableName, TableName> Moves(const std::vector<sql::RenameTable::Pair>& pairs) {
  std::map<TableName, TableName> origin;
  for (const auto& pair : pairs) {
    const auto moved = origin.find(pair.from);
    const TableName first = moved == origin.end() ? pair.from : moved->second;
    if (moved != origin.end()) origin.erase(moved);
    origin[pair.to] = first;
  }
  std::erase_if(origin, [](const auto& move) { return move.first == move.second; });
  return origin;
}

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

// The ALTER TABLE that makes of the target's table what a tool has made by copying its rows.
struct Amounting {
  std::string alter;  // empty: there is none, or nothing to do
  std::string by_copy;
  std::string obstacle;
};
Amounting AlterFor(sql::TableDefinition before, sql::TableDefinition after,
                   const std::vector<sql::ColumnRename>& renames, sql::Flavour target) {
  const std::vector<std::string> origins = sql::Origins(before, after, renames);
  Amounting result;
  result.by_copy = sql::WhyValuesDiffer(before, after, origins, sql::RowsBy::kCopy);
  // The next number is what the rows make it.
  before.options.auto_increment.reset();
  after.options.auto_increment.reset();
  sql::TakeOutPlaces(before);
  sql::TakeOutPlaces(after);
  const sql::Alter alter = sql::MakeAlter(before, after, origins, target);
  if (!alter.refused.empty())
    result.obstacle = NotOnTheTarget(alter.refused);
  else if (!alter.unknown.empty())
    result.by_copy = alter.unknown;
  else
    result.alter = alter.Text(after.name);
  return result;
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
  if (const std::vector<sql::RenameTable::Pair> pairs = PairsOf(statement); !pairs.empty())
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

base::StatusOr<OnlineDdl::Change> OnlineDdl::Rename(
    const std::vector<sql::RenameTable::Pair>& pairs, const sql::Statement& statement) {
  const std::map<TableName, TableName> moves = Moves(pairs);
  std::optional<TableName> set_aside, switched;
  std::vector<TableName> back;  // what was set aside, or another table in its place
  bool others = false;          // more than a tool does
  for (const auto& [to, from] : moves) {
    const OnlineDdlRole role = scope_.wanted(from) ? RoleFor(to, from.table) : OnlineDdlRole::kNone;
    if (role != OnlineDdlRole::kNone && scope_.ours(from) && tracker_.Find(from) != nullptr &&
        from.schema == to.schema) {
      others |= std::exchange(set_aside, from).has_value();
    } else if (IsKnownShadow(from) && scope_.wanted(to) && from.schema == to.schema &&
               RoleFor(from, to.table) == OnlineDdlRole::kShadow) {
      others |= std::exchange(switched, to).has_value();
    } else if (aside_.contains(to)) {
      if (scope_.wanted(from)) {
        return base::FailedPrecondition(
            "table {}: the source gives its name to {} in the midst of an online schema change: "
            "copy anew with `godwit run --restart`",
            to.ToString(), from.ToString());
      }
      back.push_back(to);
    } else {
      others |= scope_.wanted(from) || scope_.wanted(to);
    }
  }
  others |= set_aside && switched && *set_aside != *switched;
  // With what rows they come is not known; where the statement is followed like all others, that
  // finds them to have come into the task.
  for (const TableName& name : back) aside_.erase(name);
  if (others) return nullptr;
  if (!set_aside && !switched && back.empty()) return ForgetMoved(moves);
  GODWIT_ASSIGN_OR_RETURN(
      Change change, switched    ? Switch(moves.at(*switched), *switched, statement)
                     : set_aside ? SetAside(*set_aside, moves, statement)
                                 : base::StatusOr<Change>(std::make_shared<model::DdlChange>()));
  for (const TableName& name : back) {
    const TableName& from = moves.at(name);
    tracker_.RemoveTable(from);
    scope_.ignore(name);
    if (shadows_.contains(from)) TellShadow(from, *change);
    change->effects.push_back({.table = name, .to_copy = true});
  }
  return change;
}

OnlineDdl::Change OnlineDdl::ForgetMoved(const std::map<TableName, TableName>& moves) {
  auto change = std::make_shared<model::DdlChange>();
  for (const auto& [to, from] : moves) {
    for (const TableName& name : {to, from}) {
      if (!shadows_.contains(name)) continue;
      tracker_.RemoveTable(name);
      TellShadow(name, *change);
    }
  }
  return change->effects.empty() ? nullptr : change;
}

base::StatusOr<OnlineDdl::Change> OnlineDdl::SetAside(const TableName& real,
                                                      const std::map<TableName, TableName>& moves,
                                                      const sql::Statement& statement) {
  auto change = std::make_shared<model::DdlChange>();
  aside_[real] = {tracker_.Find(real), Place::kSetAside};
  GODWIT_ASSIGN_OR_RETURN(const std::vector<sql::TableChange> changes, tracker_.Apply(statement));
  for (const auto& [to, from] : moves) tracker_.RemoveTable(to);
  change->effects.push_back({.table = real, .place = Place::kSetAside});
  TellOthers(changes, real, *change);
  TellKeys(changes, {real, {}, nullptr, nullptr}, *change);
  return change;
}

base::StatusOr<OnlineDdl::Change> OnlineDdl::Switch(const TableName& shadow, const TableName& real,
                                                    const sql::Statement& statement) {
  const auto aside = aside_.find(real);
  const bool is_aside = aside != aside_.end();
  const bool ours = scope_.ours(real);
  const sql::DefinitionPtr before = is_aside ? aside->second.definition : tracker_.Find(real);
  const std::vector<sql::ColumnRename> renames = shadows_[shadow];
  const std::string why_other_rows = filling_.WhyOtherRows(shadow);
  auto change = std::make_shared<model::DdlChange>();
  GODWIT_ASSIGN_OR_RETURN(const std::vector<sql::TableChange> changes, tracker_.Apply(statement));
  for (const auto& [to, from] : Moves(PairsOf(statement))) {
    if (to != real) tracker_.RemoveTable(to);
  }
  TellShadow(shadow, *change);
  if (is_aside) aside_.erase(aside);
  if (!ours) {  // its copy has it
    tracker_.RemoveTable(real);
    return change;
  }
  const sql::DefinitionPtr after = tracker_.Find(real);
  TellOthers(changes, real, *change);
  TellKeys(changes, {real, {}, before, after}, *change);
  if (before == nullptr || after == nullptr) {
    scope_.ignore(real);
    change->effects.push_back({.table = real, .to_copy = true});
    return change;
  }
  Amounting amounting = AlterFor(*before, *after, renames, scope_.target);
  if (!why_other_rows.empty()) amounting = {"", why_other_rows};
  change->statement = std::move(amounting.alter);
  change->obstacle = std::move(amounting.obstacle);
  change->default_schema = real.schema;
  change->session = kSession;
  if (!change->obstacle.empty() || !amounting.by_copy.empty()) {
    change->touched = {real};
    change->by_alter = true;
    change->kinds = {model::DdlKind::kAlterTable};
  }
  if (!change->statement.empty()) {
    change->touched = {real};
    change->by_alter = true;
    GODWIT_ASSIGN_OR_RETURN(const sql::Statement parsed,
                            sql::ParseStatement(change->statement, {.flavour = scope_.target}));
    change->kinds = KindsOf(parsed);
  }
  model::DdlChange::Effect& effect = change->effects.emplace_back();
  effect.table = real;
  effect.after = scope_.table(real);
  effect.definition = sql::WriteCreateTable(*after);
  effect.by_copy = std::move(amounting.by_copy);
  effect.other_rows = !why_other_rows.empty();
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

void OnlineDdl::TellOthers(const std::vector<sql::TableChange>& changes, const TableName& but,
                           model::DdlChange& change) {
  for (const sql::TableChange& other : changes) {
    if (other.name == but || other.after == nullptr || !scope_.ours(other.name)) continue;
    model::DdlChange::Effect& effect = change.effects.emplace_back();
    effect.table = other.name;
    effect.after = scope_.table(other.name);
    effect.definition = sql::WriteCreateTable(*other.after);
  }
}

void OnlineDdl::TellKeys(std::vector<sql::TableChange> changes, const sql::TableChange& switched,
                         model::DdlChange& change) const {
  std::erase_if(changes, [&](const sql::TableChange& one) { return one.name == switched.name; });
  changes.push_back(switched);
  scope_.look_at_keys(changes, change);
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
