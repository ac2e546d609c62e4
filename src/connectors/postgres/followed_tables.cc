#include "connectors/postgres/followed_tables.h"

#include <algorithm>

namespace godwit::connectors::postgres {
namespace {

using wire::postgres::Relation;
using wire::postgres::RelationColumn;

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

std::string IdentityText(const FollowedTable& table) {
  std::string text;
  for (int c : table.identity) {
    text += text.empty() ? "(" : ", ";
    text += table.definition.columns[static_cast<size_t>(c)].name;
  }
  return text + ")";
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

FollowedRelation& FollowedTables::Describe(const Relation& relation, const model::TableName& name) {
  FollowedRelation& described = relations_[relation.id] = FollowedRelation{};
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return described;
  described.table = found->second;
  if (name == described.table->definition.name) {
    described.itself = described.table->table;
  } else {
    model::Table partition;
    partition.name = name;
    described.itself = std::make_shared<const model::Table>(std::move(partition));
  }
  return described;
}

base::Status FollowedTables::Map(const Relation& relation, FollowedRelation& described,
                                 const std::map<std::string, EarlierValue>& earlier) {
  const FollowedTable& table = *described.table;
  if (!IsIdentified(table, relation)) {
    return base::FailedPrecondition(
        "source: the replica identity of table {} is no longer the key by which the target finds "
        "its rows, {}: give it back, or copy anew with `godwit run --restart`",
        described.itself->name.ToString(), IdentityText(table));
  }
  const std::vector<ColumnDefinition>& columns = table.definition.columns;
  described.column_of.clear();
  for (const RelationColumn& column : relation.columns) {
    const auto known = std::ranges::find(columns, column.name, &ColumnDefinition::name);
    described.column_of.push_back(
        known == columns.end() ? -1 : static_cast<int>(known - columns.begin()));
  }
  for (size_t c = 0; c < columns.size(); ++c) {
    const auto value = earlier.find(columns[c].name);
    if (value != earlier.end())
      described.earlier.emplace_back(static_cast<int>(c), value->second.value);
  }
  described.fits = true;
  return base::OkStatus();
}

const FollowedTable* FollowedTables::Find(const model::TableName& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

// What relations of the table are mapped to stays where it is but where columns have gone, of which
// the log describes all its relations anew.
base::Status FollowedTables::Redefine(const model::DdlChange& ddl) {
  for (const model::DdlChange::Effect& effect : ddl.effects) {
    FollowedTable& table = tables_.at(effect.table);
    const size_t columns = table.definition.columns.size();
    GODWIT_ASSIGN_OR_RETURN(table.definition, FromJson(effect.definition));
    table.table = effect.after;
    table.identity = table.table->RowIdentity();
    for (const PartitionDefinition& partition : table.definition.partitions)
      by_name_[partition.name] = &table;
    absl::erase_if(relations_, [&](const auto& entry) {
      return entry.second.table == &table && table.definition.columns.size() < columns;
    });
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
