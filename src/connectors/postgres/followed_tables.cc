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

}  // namespace

bool FollowedTable::HasSeen(uint32_t xid, wire::postgres::Lsn commit) const {
  if (!from) return false;
  if (!from->snapshot) return commit < from->lsn;
  return from->snapshot->Sees(wire::postgres::FullXidNear(xid, from->snapshot->xmax));
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
    if (tracked.from.empty()) continue;
    GODWIT_ASSIGN_OR_RETURN(one.from, LogPosition::Parse(tracked.from));
  }
  return followed;
}

base::Status FollowedTables::Describe(const Relation& relation) {
  const model::TableName name{relation.schema.empty() ? "pg_catalog" : std::string(relation.schema),
                              std::string(relation.name)};
  const auto found = tables_.find(name);
  if (found == tables_.end()) {
    by_relation_[relation.id] = nullptr;
    return base::OkStatus();
  }
  FollowedTable& table = found->second;
  if (const std::string changed = WhatChanged(table.definition, relation); !changed.empty()) {
    return base::FailedPrecondition(
        "source: the definition of table {} has changed: {}. PostgreSQL's log does not tell the "
        "statement; copy anew with `godwit run --restart`",
        name.ToString(), changed);
  }
  table.column_of.clear();
  const std::vector<ColumnDefinition>& columns = table.definition.columns;
  for (const RelationColumn& column : relation.columns) {
    const auto known = std::ranges::find(columns, column.name, &ColumnDefinition::name);
    table.column_of.push_back(static_cast<int>(known - columns.begin()));
  }
  by_relation_[relation.id] = &table;
  return base::OkStatus();
}

base::StatusOr<const FollowedTable*> FollowedTables::Find(uint32_t relation) const {
  const auto found = by_relation_.find(relation);
  if (found == by_relation_.end())
    return base::DataLoss("source: rows of relation {}, which the log has not described", relation);
  return found->second;
}

}  // namespace godwit::connectors::postgres
