// The end of an online schema change: the shadow takes its table's place.

#include <algorithm>
#include <utility>

#include "connectors/mysql/ddl/ddl_kinds.h"
#include "connectors/mysql/ddl/ddl_text.h"
#include "connectors/mysql/ddl/online_ddl.h"
#include "connectors/mysql/ddl/rename_plan.h"
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

}  // namespace

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
  for (const auto& [to, from] : Moves(RenamesOf(statement))) {
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
  const std::vector<std::string> origins = sql::Origins(*before, *after, renames);
  for (size_t i = 0; i < origins.size(); ++i)
    change->column_origins.emplace_back(after->columns[i].name, origins[i]);
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

}  // namespace godwit::connectors::mysql
