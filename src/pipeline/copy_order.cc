#include "pipeline/copy_order.h"

#include <algorithm>

#include "connector/keys_from_outside.h"

namespace godwit::pipeline {
namespace {

// The children that each table acts on.
TableOrder Children(const TaskTables& tables) {
  TableOrder children;
  for (const connector::TableDefinition& definition : tables.Definitions()) {
    for (const model::ForeignKey& key : definition.table->foreign_keys) {
      const bool in_task = tables.states().contains(key.parent);
      if (Acts(key) && in_task) children[key.parent].insert(definition.table->name);
    }
  }
  return children;
}

// All that `from` leads to in one step or more.
std::set<model::TableName> Reached(const TableOrder& order, const model::TableName& from) {
  std::set<model::TableName> reached;
  std::vector<model::TableName> open = {from};
  while (!open.empty()) {
    const auto next = order.find(open.back());
    open.pop_back();
    if (next == order.end()) continue;
    for (const model::TableName& name : next->second) {
      if (reached.insert(name).second) open.push_back(name);
    }
  }
  return reached;
}

// The circle that each table is in, where it is in one with others.
TableOrder CircleOf(const TableOrder& children) {
  TableOrder reached, circles;
  for (const auto& [parent, own] : children) reached[parent] = Reached(children, parent);
  for (const auto& [name, those] : reached) {
    for (const model::TableName& other : those) {
      const auto back = reached.find(other);
      if (other == name || back == reached.end() || !back->second.contains(name)) continue;
      circles[name].insert({name, other});
    }
  }
  return circles;
}

}  // namespace

base::Status RefuseKeysFromOutside(connector::Source& source, const connector::TableFilter& filter,
                                   const model::Table& table) {
  const std::vector<model::ForeignKey> keys =
      connector::KeysFromOutside(filter, table.foreign_keys);
  if (keys.empty()) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(const bool logged, source.LogsWhatKeysDo());
  if (logged) return base::OkStatus();
  return base::FailedPrecondition(
      "table {}: its foreign key {} changes its rows when {} changes, which is outside of the "
      "task, and the source's log does not hold that: add that one to `tables.include`, or leave "
      "this one out with `tables.exclude`, and copy anew with `godwit run --restart`; or drop "
      "the key on the source and run again",
      table.name.ToString(), keys.front().name, keys.front().parent.ToString());
}

bool NeedsOneSnapshot(const model::Table& table) {
  return table.ChangesInOrder() ||
         std::any_of(table.foreign_keys.begin(), table.foreign_keys.end(),
                     [&](const model::ForeignKey& key) {
                       return key.on_update == model::ReferenceAction::kCascade ||
                              (Acts(key) && key.parent == table.name);
                     });
}

TableCircles Circles(const TaskTables& tables) {
  std::set<std::set<model::TableName>> circles;
  for (const auto& [name, circle] : CircleOf(Children(tables))) circles.insert(circle);
  return {circles.begin(), circles.end()};
}

bool IsInCircle(const TableCircles& circles, const model::TableName& name) {
  return std::any_of(circles.begin(), circles.end(),
                     [&](const auto& circle) { return circle.contains(name); });
}

TableOrder CopiedAfter(const TaskTables& tables) { return Children(tables); }

TableOrder CopiedBefore(const TaskTables& tables) {
  const TableOrder children = Children(tables);
  const TableOrder circles = CircleOf(children);
  TableOrder before;
  for (const auto& [parent, own] : children) {
    const auto circle = circles.find(parent);
    for (const model::TableName& child : own) {
      const bool same = circle != circles.end() && circle->second.contains(child);
      if (child != parent && !same) before[child].insert(parent);
    }
  }
  return before;
}

}  // namespace godwit::pipeline
