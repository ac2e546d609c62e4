#include "pipeline/copy_order.h"

#include <algorithm>

namespace godwit::pipeline {
namespace {

using Order = std::map<model::TableName, std::set<model::TableName>>;

bool LeadsTo(const Order& order, const model::TableName& from, const model::TableName& to) {
  if (from == to) return true;
  auto it = order.find(from);
  return it != order.end() &&
         std::any_of(it->second.begin(), it->second.end(),
                     [&](const auto& next) { return LeadsTo(order, next, to); });
}

}  // namespace

bool Acts(const model::ForeignKey& key) {
  auto acts = [](model::ReferenceAction action) {
    return action != model::ReferenceAction::kRestrict &&
           action != model::ReferenceAction::kNoAction;
  };
  return acts(key.on_delete) || acts(key.on_update);
}

bool NeedsOneSnapshot(const model::Table& table) {
  return std::any_of(
      table.foreign_keys.begin(), table.foreign_keys.end(),
      [&](const model::ForeignKey& key) { return Acts(key) && key.parent == table.name; });
}

Order CopiedBefore(const TaskTables& tables) {
  Order order;
  for (const connector::TableDefinition& definition : tables.Definitions()) {
    const model::Table& table = *definition.table;
    for (const model::ForeignKey& key : table.foreign_keys) {
      if (Acts(key) && !LeadsTo(order, key.parent, table.name))
        order[table.name].insert(key.parent);
    }
  }
  return order;
}

}  // namespace godwit::pipeline
