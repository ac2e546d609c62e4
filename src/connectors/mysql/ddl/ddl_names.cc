// What DdlFollower makes of statements that give tables other names.

#include "connectors/mysql/ddl/ddl_follower.h"
#include "sql/writer.h"

namespace godwit::connectors::mysql {
namespace {

bool IsIfExists(const sql::Statement& statement) {
  const auto* rename = std::get_if<sql::RenameTable>(&statement);
  return rename != nullptr && rename->if_exists;
}

}  // namespace

std::optional<RenamePlan> DdlFollower::PlanNames(const sql::Statement& statement) const {
  const sql::RenameTable rename{RenamesOf(statement), IsIfExists(statement)};
  if (rename.pairs.empty()) return std::nullopt;
  return PlanRename(
      rename,
      {[&](const model::TableName& name) { return IsOurs(name) && tracker_.Find(name) != nullptr; },
       [&](const model::TableName& name) { return filter_.table(name.schema, name.table); },
       [&](const model::TableName& name) { return ignored_.contains(name); }});
}

void DdlFollower::FollowNames(const RenamePlan& plan, const sql::Statement& statement,
                              model::DdlChange& change) {
  // The effects pass over the names that the tables pass over on the target.
  for (auto pair = plan.pairs.begin(); pair != plan.pairs.end(); ++pair) {
    model::TableName last = pair->to;
    for (auto next = pair + 1; next != plan.pairs.end(); ++next) {
      if (next->from == last) last = next->to;
    }
    const sql::DefinitionPtr definition = tracker_.Find(last);
    if (definition == nullptr) {  // left over
      change.effects.push_back({.table = pair->from});
    } else {
      change.effects.push_back({.table = pair->to,
                                .renamed_from = pair->from,
                                .after = Find(last),
                                .definition = sql::WriteCreateTable(*definition)});
    }
  }
  for (const model::TableName& name : plan.gone) change.effects.push_back({.table = name});
  for (const model::TableName& name : plan.joined) {
    change.effects.push_back({.table = name, .to_copy = true});
    Ignore(name);
  }
  change.left_over = plan.left_over;
  if (plan.pairs.empty()) {
    change.statement.clear();
  } else if (std::holds_alternative<sql::RenameTable>(statement)) {
    change.statement = sql::WriteRenameTable({plan.pairs, false});
    change.only_renames = true;
    change.touched.clear();
    for (const auto& pair : plan.pairs) {
      change.touched.push_back(pair.from);
      change.touched.push_back(pair.to);
    }
  }
}

}  // namespace godwit::connectors::mysql
