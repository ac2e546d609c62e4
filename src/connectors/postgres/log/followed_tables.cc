#include "connectors/postgres/log/followed_tables.h"

#include <algorithm>
#include <set>

namespace godwit::connectors::postgres {
namespace {

using wire::postgres::Relation;
using wire::postgres::RelationColumn;

// Whether the log tells rows of the relation apart by what its table does.
bool IsIdentified(const FollowedTable& table, const Relation& relation,
                  const std::vector<int>& column_of) {
  if (relation.replica_identity == 'f' || relation.replica_identity == 'n') return true;
  std::set<int> logged;
  for (size_t i = 0; i < column_of.size(); ++i) {
    if (relation.columns[i].is_key) logged.insert(column_of[i]);
  }
  return logged == std::set<int>(table.identity.begin(), table.identity.end());
}

// Where a column of `form` is among these; -1: nowhere. Definitions of old have no numbers.
int Place(const Definition& form, std::string_view name,
          const std::vector<ColumnDefinition>& columns) {
  const auto was = std::ranges::find(form.columns, name, &ColumnDefinition::name);
  const bool numbered = was != form.columns.end() && was->number != 0;
  const auto is = numbered ? std::ranges::find(columns, was->number, &ColumnDefinition::number)
                           : std::ranges::find(columns, name, &ColumnDefinition::name);
  return is == columns.end() ? -1 : static_cast<int>(is - columns.begin());
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
  FollowedRelation& described = relations()[relation.id] = FollowedRelation{};
  described.arrival = arrival_;
  const auto found = parts_.find(relation.id);
  if (found == parts_.end()) return described;
  described.table = found->second.table;
  described.name = std::make_shared<const model::TableName>(found->second.name);
  return described;
}

base::Status FollowedTables::MapAs(const Definition& form, const Relation& relation,
                                   FollowedRelation& described,
                                   const std::map<std::string, EarlierValue>& earlier) {
  const FollowedTable& table = *described.table;
  const std::vector<ColumnDefinition>& columns = table.definition.columns;
  described.column_of.clear();
  for (const RelationColumn& column : relation.columns)
    described.column_of.push_back(Place(form, column.name, columns));
  if (!IsIdentified(table, relation, described.column_of)) return NoIdentity(table);
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

std::vector<uint32_t> FollowedTables::Numbers() const {
  std::vector<uint32_t> numbers;
  numbers.reserve(tables_.size());
  for (const auto& [name, table] : tables_) numbers.push_back(table.definition.oid);
  return numbers;
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
    for (Relations* relations : {&relations_, &of_replay_}) {
      for (auto& [oid, relation] : *relations) {
        if (relation.table != &table) continue;
        relation.fits = false;
        if (has_gone) relation.table = nullptr;
      }
    }
    if (!has_gone) continue;
    absl::erase_if(parts_, [&](const auto& entry) { return entry.second.table == &table; });
    tables_.erase(effect.table);
  }
  return base::OkStatus();
}

// The server forgets what it has described when a definition changes (pgoutput.c: schema_sent and
// streamed_txns), so that of two descriptions between which it did not, either is right; of others
// the later one is.
void FollowedTables::EndReplay() {
  replaying_ = false;
  for (auto& [oid, relation] : of_replay_) {
    FollowedRelation& known = relations_[oid];
    if (known.arrival < relation.arrival) known = std::move(relation);
  }
  of_replay_.clear();
}

base::StatusOr<const FollowedRelation*> FollowedTables::Find(uint32_t relation) const {
  const Relations& relations = replaying_ ? of_replay_ : relations_;
  const auto found = relations.find(relation);
  if (found == relations.end())
    return base::DataLoss("source: rows of relation {}, which the log has not described", relation);
  return &found->second;
}

}  // namespace godwit::connectors::postgres
