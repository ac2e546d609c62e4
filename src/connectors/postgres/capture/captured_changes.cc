#include "connectors/postgres/capture/captured_changes.h"

#include <absl/strings/str_join.h>

#include <algorithm>

#include "connectors/postgres/definition/new_names.h"

namespace godwit::connectors::postgres {
namespace {

using model::TableName;

// pg_event_trigger_table_rewrite_reason: a default, another type. Others leave values as they are.
constexpr int kOtherValues = 2 | 4;

void DropPartition(Definition& table, uint32_t oid) {
  const auto partition = std::ranges::find(table.partitions, oid, &PartitionDefinition::oid);
  if (partition == table.partitions.end()) return;
  const auto is_on = [&](const auto& one) { return one.table == partition->name; };
  std::erase_if(table.constraints, is_on);
  std::erase_if(table.indexes, is_on);
  table.partitions.erase(partition);
}

bool HasIndex(const Definition& table, const TableName& name) {
  return std::ranges::any_of(table.indexes, [&](const IndexDefinition& index) {
    const TableName& on = index.table.table.empty() ? table.name : index.table;
    return index.name == name.table && on.schema == name.schema;
  });
}

}  // namespace

bool CapturedChanges::Concerns(const CapturedMessage& message, const FollowedTables& known,
                               const connector::TableFilter& filter, uint32_t xid,
                               wire::postgres::Lsn commit) {
  if (message.event == "unknown") return true;
  const auto concerns = [&](uint32_t oid) {
    const FollowedTable* table = known.FindTable(oid);
    return table != nullptr && !table->HasSeen(xid, commit);
  };
  if (std::ranges::any_of(message.rewritten, concerns)) return true;
  for (const CapturedMessage::Dropped& dropped : message.dropped) {
    if (!dropped.is_index && concerns(dropped.oid)) return true;
    if (!dropped.is_index) continue;
    for (const auto& [name, table] : known.tables()) {
      if (HasIndex(table.definition, dropped.name) && concerns(table.definition.oid)) return true;
    }
  }
  return std::ranges::any_of(message.tables, [&](const Definition& table) {
    if (known.FindTable(table.oid) != nullptr) return concerns(table.oid);
    return filter.table(table.name.schema, table.name.table);
  });
}

const Definition* CapturedChanges::Form(uint32_t oid, const FollowedTables& known) const {
  const auto changed = tables_.find(oid);
  if (changed != tables_.end() && changed->second.after) return &*changed->second.after;
  const FollowedTable* table = known.FindTable(oid);
  return table != nullptr && table->definition.oid == oid ? &table->definition : nullptr;
}

void CapturedChanges::Add(const CapturedMessage& message, const FollowedTables& known,
                          const std::set<uint32_t>& with_rows) {
  const std::string command = message.query.empty() ? message.tag : message.query;
  if (commands_.empty() || commands_.back() != command) commands_.push_back(command);
  if (message.event == "unknown") {
    if (failed_.empty()) failed_ = message.error.empty() ? "(no reason given)" : message.error;
    return;
  }
  for (const CapturedMessage::Dropped& dropped : message.dropped) Drop(dropped, known);
  if (message.reason & kOtherValues) {
    for (uint32_t oid : message.rewritten) tables_[oid].rewritten = true;
  }
  std::map<TableName, Renames> names;
  for (const Definition& table : message.tables) {
    const Definition* before = Form(table.oid, known);
    std::set<int> came;
    for (const ColumnDefinition& column : table.columns) {
      const bool is_new = before == nullptr ||
                          std::ranges::find(before->columns, column.number,
                                            &ColumnDefinition::number) == before->columns.end();
      if (is_new && column.not_null) came.insert(column.number);
    }
    if (before != nullptr) names.merge(NamesSince(*before, table));
    Table& changed = tables_[table.oid];
    changed.not_null_at_once.merge(came);
    changed.after = table;
    changed.rows_before = with_rows.contains(table.oid) ||
                          std::ranges::any_of(table.partitions, [&](const auto& partition) {
                            return with_rows.contains(partition.oid);
                          });
    if (message.added.contains(table.oid)) {
      changed.added = true;
      changed.made = message.made.contains(table.oid);
      changed.at_first = table;
    }
    changed.published = message.published.contains(table.oid);
    const auto missing = message.missing.find(table.oid);
    changed.missing = missing == message.missing.end()
                          ? std::map<std::string, std::set<std::string>>()
                          : missing->second;
    for (const PartitionDefinition& partition : table.partitions) {
      if (message.made.contains(partition.oid)) made_partitions_.insert(partition.oid);
    }
  }
  if (!names.empty()) FollowParents(message, names, known);
}

// The message does not have the tables whose keys refer to those that have got other names: it may
// only tell of what its command has locked.
void CapturedChanges::FollowParents(const CapturedMessage& message,
                                    const std::map<TableName, Renames>& names,
                                    const FollowedTables& known) {
  for (uint32_t oid : Numbers(known)) {
    const Definition* form = Form(oid, known);
    const auto refers = [&](const ConstraintDefinition& one) {
      return one.kind == 'f' && names.contains(one.parent);
    };
    if (form == nullptr || std::ranges::none_of(form->constraints, refers) ||
        std::ranges::find(message.tables, oid, &Definition::oid) != message.tables.end())
      continue;
    Definition after = *form;
    if (TakeNewParents(names, after)) tables_[oid].after = std::move(after);
  }
}

void CapturedChanges::Drop(const CapturedMessage::Dropped& dropped, const FollowedTables& known) {
  if (dropped.is_index) return DropIndex(dropped.name, known);
  dropped_.insert(dropped.oid);
  if (Form(dropped.oid, known) != nullptr) {
    tables_[dropped.oid].gone = true;
    return;
  }
  const FollowedTable* table = known.FindTable(dropped.oid);
  uint32_t root = table == nullptr ? 0 : table->definition.oid;
  for (const auto& [oid, changed] : tables_) {
    if (changed.after &&
        std::ranges::find(changed.after->partitions, dropped.oid, &PartitionDefinition::oid) !=
            changed.after->partitions.end())
      root = oid;
  }
  const Definition* form = Form(root, known);
  if (form == nullptr) return;
  Definition after = *form;
  DropPartition(after, dropped.oid);
  tables_[root].after = std::move(after);
}

// Only its name is known by then. It is in the schema of its table.
void CapturedChanges::DropIndex(const TableName& name, const FollowedTables& known) {
  for (uint32_t oid : Numbers(known)) {
    const Definition* form = Form(oid, known);
    if (form == nullptr || !HasIndex(*form, name)) continue;
    Definition after = *form;
    std::erase_if(after.indexes, [&](const IndexDefinition& index) {
      const TableName& on = index.table.table.empty() ? after.name : index.table;
      return index.name == name.table && on.schema == name.schema;
    });
    tables_[oid].after = std::move(after);
  }
}

std::set<uint32_t> CapturedChanges::Numbers(const FollowedTables& known) const {
  std::set<uint32_t> numbers;
  for (const auto& [name, table] : known.tables()) numbers.insert(table.definition.oid);
  for (const auto& [oid, changed] : tables_) numbers.insert(oid);
  return numbers;
}

std::string CapturedChanges::Commands() const { return absl::StrJoin(commands_, ";\n"); }

}  // namespace godwit::connectors::postgres
