#include "connectors/postgres/followed_tables.h"

#include <algorithm>
#include <set>

namespace godwit::connectors::postgres {
namespace {

using wire::postgres::Relation;
using wire::postgres::RelationColumn;

// Whether the log tells rows of the relation apart by what its table does.
bool IsIdentified(const FollowedTable& table, const Relation& relation) {
  if (relation.replica_identity == 'f' || relation.replica_identity == 'n') return true;
  std::set<std::string_view> logged, identity;
  for (const RelationColumn& column : relation.columns) {
    if (column.is_key) logged.insert(column.name);
  }
  for (int c : table.identity)
    identity.insert(table.definition.columns[static_cast<size_t>(c)].name);
  return logged == identity;
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

base::Status NoIdentity(const FollowedTable& table) {
  return base::FailedPrecondition(
      "source: table {} or its replica identity has no longer the key by which the target finds "
      "its "
      "rows, {}: give it back, or copy anew with `godwit run --restart`",
      table.definition.name.ToString(), IdentityText(table));
}

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
    const std::vector<connector::TrackedTable>& tables, wire::postgres::Lsn after) {
  FollowedTables followed;
  for (const connector::TrackedTable& tracked : tables) {
    if (tracked.definition.empty()) continue;
    FollowedTable& one = followed.tables_[tracked.name];
    GODWIT_ASSIGN_OR_RETURN(one.definition, FromJson(tracked.definition));
    one.table = std::make_shared<const model::Table>(ToTable(one.definition));
    one.identity = one.table->RowIdentity();
    one.redefined_at = after;
    followed.Number(one);
    if (!tracked.from.empty()) {
      GODWIT_ASSIGN_OR_RETURN(one.from, LogPosition::Parse(tracked.from));
    }
    if (!tracked.upto.empty()) {
      GODWIT_ASSIGN_OR_RETURN(one.upto, LogPosition::Parse(tracked.upto));
    }
  }
  return followed;
}

void FollowedTables::Number(FollowedTable& table) {
  parts_[table.definition.oid] = {&table, table.definition.name};
  for (const PartitionDefinition& partition : table.definition.partitions)
    parts_[partition.oid] = {&table, partition.name};
}

FollowedRelation& FollowedTables::Describe(const Relation& relation) {
  FollowedRelation& described = relations_[relation.id] = FollowedRelation{};
  const auto found = parts_.find(relation.id);
  if (found == parts_.end()) return described;
  described.table = found->second.table;
  if (found->second.name == described.table->definition.name) {
    described.itself = described.table->table;
  } else {
    model::Table partition;
    partition.name = found->second.name;
    described.itself = std::make_shared<const model::Table>(std::move(partition));
  }
  return described;
}

base::Status FollowedTables::Map(const Relation& relation, FollowedRelation& described,
                                 const std::map<std::string, EarlierValue>& earlier) {
  const FollowedTable& table = *described.table;
  if (!IsIdentified(table, relation)) return NoIdentity(table);
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

const FollowedTable* FollowedTables::FindTable(uint32_t oid) const {
  const auto found = parts_.find(oid);
  return found == parts_.end() ? nullptr : found->second.table;
}

std::vector<Definition> FollowedTables::Definitions() const {
  std::vector<Definition> definitions;
  for (const auto& [name, table] : tables_) definitions.push_back(table.definition);
  return definitions;
}

// What relations of the table are mapped to stays where it is but where columns have gone, of which
// the log describes all its relations anew.
base::Status FollowedTables::Redefine(const model::DdlChange& ddl, wire::postgres::Lsn commit) {
  for (const model::DdlChange::Effect& effect : ddl.effects) {
    FollowedTable& table = tables_.at(effect.table);
    const bool has_gone = effect.after == nullptr;
    const size_t columns = table.definition.columns.size();
    if (!has_gone) {
      GODWIT_ASSIGN_OR_RETURN(table.definition, FromJson(effect.definition));
      table.table = effect.after;
      table.identity = table.table->RowIdentity();
      table.redefined_at = commit;
      Number(table);
    }
    if (!has_gone && table.definition.columns.size() >= columns) continue;
    for (auto& [oid, relation] : relations_) {
      if (relation.table != &table) continue;
      relation.fits = false;
      if (has_gone) relation.table = nullptr;
    }
    if (!has_gone) continue;
    absl::erase_if(parts_, [&](const auto& entry) { return entry.second.table == &table; });
    tables_.erase(effect.table);
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
