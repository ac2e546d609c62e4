#include "connectors/mysql/ddl/rename_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace godwit::connectors::mysql {
namespace {

using model::TableName;
using Pair = sql::RenameTable::Pair;

// What is under a name in the middle of the statement.
struct Occupant {
  enum class Kind { kNothing, kKnown, kUnknown } kind = Kind::kNothing;
  TableName first_name;  // of kKnown: the one before the statement
};
using Kind = Occupant::Kind;

std::map<TableName, Occupant> Follow(const sql::RenameTable& rename, const RenameScope& scope) {
  std::map<TableName, Occupant> at;
  auto look = [&](const TableName& name) {
    auto seen = at.find(name);
    if (seen != at.end()) return seen->second;
    return scope.known(name) ? Occupant{Kind::kKnown, name} : Occupant{Kind::kUnknown, {}};
  };
  for (const Pair& pair : rename.pairs) {
    const Occupant moving = look(pair.from);
    if (moving.kind == Kind::kNothing) continue;  // IF EXISTS, and it did not
    // The same: had it existed, the name would not have been free.
    if (rename.if_exists && look(pair.to).kind == Kind::kKnown) continue;
    at[pair.to] = moving;
    at[pair.from] = {};
  }
  return at;
}

}  // namespace

std::vector<Pair> RenamesOf(const sql::Statement& statement) {
  if (const auto* rename = std::get_if<sql::RenameTable>(&statement)) return rename->pairs;
  const auto* alter = std::get_if<sql::AlterTable>(&statement);
  if (alter == nullptr) return {};
  TableName to = alter->table;
  for (const sql::AlterAction& action : alter->actions) {
    if (const auto* rename = std::get_if<sql::RenameTo>(&action)) to = rename->name;
  }
  if (to == alter->table) return {};
  return {{alter->table, std::move(to)}};
}

RenamePlan PlanRename(const sql::RenameTable& rename, const RenameScope& scope) {
  RenamePlan plan;
  std::vector<Pair> moves, leaves;  // by first and last name
  std::set<TableName> first_names, last_names;
  bool all_stay = !rename.if_exists &&
                  std::all_of(rename.pairs.begin(), rename.pairs.end(), [&](const Pair& pair) {
                    return scope.wanted(pair.to) && !scope.copied_later(pair.to);
                  });
  for (const auto& [name, occupant] : Follow(rename, scope)) {
    if (occupant.kind == Kind::kUnknown) all_stay = false;
    const bool ours = scope.wanted(name) && !scope.copied_later(name);
    if (occupant.kind == Kind::kUnknown && ours) plan.joined.push_back(name);
    if (occupant.kind != Kind::kKnown || occupant.first_name == name) continue;
    first_names.insert(occupant.first_name);
    (ours ? moves : leaves).push_back({occupant.first_name, name});
    if (ours) last_names.insert(name);
  }
  if (all_stay) {
    plan.pairs = rename.pairs;
    return plan;
  }
  // Names that one table leaves and another takes are passed on over names that nobody has.
  std::vector<Pair> after;
  auto park = [&](const TableName& name) {
    TableName parked{name.schema, fmt::format("godwit_moved_{}", plan.pairs.size())};
    plan.pairs.push_back({name, parked});
    return parked;
  };
  for (const Pair& leave : leaves) {
    if (last_names.contains(leave.from)) {
      plan.left_over.push_back(park(leave.from));
      continue;
    }
    plan.gone.push_back(leave.from);
    if (scope.wanted(leave.to)) plan.left_over.push_back(leave.from);
  }
  for (const Pair& move : moves) {
    if (first_names.contains(move.to)) {
      const TableName parked = park(move.from);
      after.push_back({parked, move.to});
    } else {
      plan.pairs.push_back(move);
    }
  }
  plan.pairs.insert(plan.pairs.end(), after.begin(), after.end());
  return plan;
}

}  // namespace godwit::connectors::mysql
