#include "connectors/postgres/followed_tables.h"

#include <algorithm>

namespace godwit::connectors::postgres {
namespace {

using wire::postgres::Relation;
using wire::postgres::RelationColumn;

// Whether the log has rows with this column.
bool IsLogged(const ColumnDefinition& column) { return column.generated == 0; }

// What has become of a table, in words; empty: it is as defined.
std::string WhatChanged(const Definition& definition, const Relation& relation) {
  for (const ColumnDefinition& column : definition.columns) {
    if (!IsLogged(column)) continue;
    const auto now = std::ranges::find(relation.columns, column.name, &RelationColumn::name);
    if (now == relation.columns.end()) return fmt::format("column {} has gone", column.name);
    if (now->type_oid != column.type_oid || now->type_modifier != column.type_modifier)
      return fmt::format("column {} is no longer {}", column.name, column.type);
  }
  for (const RelationColumn& column : relation.columns) {
    const auto known = std::ranges::find(definition.columns, column.name, &ColumnDefinition::name);
    if (known == definition.columns.end()) return fmt::format("column {} is new", column.name);
    if (!IsLogged(*known)) return fmt::format("column {} is no longer generated", column.name);
  }
  return "";
}

// Whether the log tells rows of the relation apart by what its table does.
bool IsIdentified(const FollowedTable& table, const Relation& relation) {
  if (relation.replica_identity == 'f' || relation.replica_identity == 'n') return true;
  return std::ranges::all_of(table.identity, [&](int c) {
    const std::string& name = table.definition.columns[static_cast<size_t>(c)].name;
    return std::ranges::any_of(relation.columns, [&](const RelationColumn& column) {
      return column.is_key && column.name == name;
    });
  });
}

base::Status Changed(const model::TableName& name, std::string_view how) {
  return base::FailedPrecondition(
      "source: the definition of table {} has changed: {}. PostgreSQL's log does not tell the "
      "statement; copy anew with `godwit run --restart`",
      name.ToString(), how);
}

}  // namespace

bool FollowedTable::HasSeen(uint32_t xid, wire::postgres::Lsn commit) const {
  if (!from) return false;
  if (!from->snapshot) return commit < from->lsn;
  return from->snapshot->Sees(wire::postgres::FullXidNear(xid, from->snapshot->xmax));
}

// Of a table that was read in one snapshot all is left out that was seen then.
bool FollowedTable::MayBeAhead(wire::postgres::Lsn commit) const {
  return upto && commit < upto->lsn && !(from && from->snapshot == upto->snapshot);
}

base::StatusOr<FollowedTables> FollowedTables::Make(
    const std::vector<connector::TrackedTable>& tables) {
  FollowedTables followed;
  for (const connector::TrackedTable& tracked : tables) {
    if (tracked.definition.empty()) continue;
    FollowedTable& one = followed.tables_[tracked.name];
    GODWIT_ASSIGN_OR_RETURN(one.definition, FromJson(tracked.definition));
    one.table = std::make_shared<const model::Table>(ToTable(one.definition));
    one.identity = one.table->RowIdentity();
    followed.by_name_[tracked.name] = &one;
    for (const PartitionDefinition& partition : one.definition.partitions)
      followed.by_name_[partition.name] = &one;
    if (!tracked.from.empty()) {
      GODWIT_ASSIGN_OR_RETURN(one.from, LogPosition::Parse(tracked.from));
    }
    if (!tracked.upto.empty()) {
      GODWIT_ASSIGN_OR_RETURN(one.upto, LogPosition::Parse(tracked.upto));
    }
  }
  return followed;
}

base::Status FollowedTables::Describe(const Relation& relation) {
  const model::TableName name{relation.schema.empty() ? "pg_catalog" : std::string(relation.schema),
                              std::string(relation.name)};
  FollowedRelation& described = relations_[relation.id] = FollowedRelation{};
  const auto found = by_name_.find(name);
  // The publication has the task's tables alone, with their partitions.
  if (found == by_name_.end()) return Changed(name, "it is new, or a new partition of another");
  FollowedTable& table = *found->second;
  if (const std::string changed = WhatChanged(table.definition, relation); !changed.empty())
    return Changed(name, changed);
  if (!IsIdentified(table, relation)) {
    return Changed(name, "its replica identity is not the key by which the target finds its rows");
  }
  described.table = &table;
  if (name == table.definition.name) {
    described.itself = table.table;
  } else {
    model::Table partition;
    partition.name = name;
    described.itself = std::make_shared<const model::Table>(std::move(partition));
  }
  const std::vector<ColumnDefinition>& columns = table.definition.columns;
  for (const RelationColumn& column : relation.columns) {
    const auto known = std::ranges::find(columns, column.name, &ColumnDefinition::name);
    described.column_of.push_back(static_cast<int>(known - columns.begin()));
  }
  return base::OkStatus();
}

base::StatusOr<const FollowedRelation*> FollowedTables::Find(uint32_t relation) const {
  const auto found = relations_.find(relation);
  if (found == relations_.end())
    return base::DataLoss("source: rows of relation {}, which the log has not described", relation);
  return &found->second;
}

}  // namespace godwit::connectors::postgres
