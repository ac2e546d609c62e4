#include "pipeline/kept_tables.h"

#include <algorithm>
#include <map>

#include "pipeline/copy_order.h"

namespace godwit::pipeline {
namespace {

using connector::TableState;
using model::TableName;

// The tables that are copied again once the DDL has been executed, each with why: those that it
// leaves to a copy, and those that keys act on through them.
std::map<TableName, std::string> CopiedAgain(const model::DdlChange& ddl,
                                             const std::vector<TableState>& changed,
                                             const TaskTables& tables) {
  std::map<TableName, std::string> again;
  for (const TableState& state : changed) {
    if (IsToBeMade(state)) again[state.name] = connector::WhyCopied(ddl, state.name);
  }
  for (const model::DdlChange::Effect& effect : ddl.effects) {
    if (!effect.by_copy.empty() && effect.after != nullptr)
      again[effect.table] = connector::WhyCopied(ddl, effect.table);
  }
  if (again.empty()) return again;
  const TableOrder children = CopiedAfter(tables);
  std::vector<TableName> open;
  for (const auto& [name, why] : again) open.push_back(name);
  while (!open.empty()) {
    const TableName parent = std::move(open.back());
    open.pop_back();
    const auto own = children.find(parent);
    if (own == children.end()) continue;
    for (const TableName& child : own->second) {
      const std::string why =
          " together with " + parent.ToString() + ", whose keys act on it" + again.at(parent);
      if (again.emplace(child, why).second) open.push_back(child);
    }
  }
  return again;
}

// The name that the target has the table by before the statement.
TableName NameBefore(const model::DdlChange& ddl, const TableName& name) {
  const auto effect = std::ranges::find_if(ddl.effects, [&](const auto& one) {
    return one.table == name && !one.renamed_from.table.empty();
  });
  return effect == ddl.effects.end() ? name : effect->renamed_from;
}

std::string HadBefore(const TableName& name, const std::string& why) {
  return fmt::format(
      "table {}: it would have to be copied again{}, but the target had it before the task, with "
      "rows of its own",
      name.ToString(), why);
}

}  // namespace

base::Status ExpectDropped(connector::Destination& destination, const TableName& name,
                           const std::string& why) {
  GODWIT_ASSIGN_OR_RETURN(const bool there, destination.HasTable(name));
  if (!there) return base::OkStatus();
  return base::FailedPrecondition(
      "{}: drop it on the target, or give it another name there to keep those, and run again",
      HadBefore(name, why));
}

base::StatusOr<std::string> WhyKeptInTheWay(const model::DdlChange& ddl,
                                            const std::vector<TableState>& changed,
                                            const TaskTables& tables,
                                            connector::Destination& destination) {
  for (const auto& [name, why] : CopiedAgain(ddl, changed, tables)) {
    const auto state = tables.states().find(name);
    if (state == tables.states().end() || !state->second.kept) continue;
    const TableName before = NameBefore(ddl, name);
    GODWIT_ASSIGN_OR_RETURN(const bool there, destination.HasTable(before));
    if (there) {
      return fmt::format("{}; to have it copied, drop {} on the target before you retry",
                         HadBefore(name, why), before.ToString());
    }
  }
  return std::string();
}

}  // namespace godwit::pipeline
