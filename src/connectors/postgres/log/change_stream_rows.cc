// What the log says of rows: that they have changed, and that tables were emptied.
#include <algorithm>
#include <set>

#include "connectors/postgres/log/change_stream.h"
#include "connectors/postgres/log/row_builder.h"

namespace godwit::connectors::postgres {
namespace {

using model::ChangeBatch;
using model::ChangeEvent;
using model::ChangeKind;
using wire::postgres::OldTuple;

// Whether the row has got another identity.
bool HasMoved(const FollowedTable& table, const ChangeEvent& event) {
  return event.kind == ChangeKind::kUpdate && std::ranges::any_of(table.identity, [&](int c) {
           return event.before[static_cast<size_t>(c)] != event.after[static_cast<size_t>(c)];
         });
}

void KeepTable(const model::TablePtr& table, ChangeBatch& batch) {
  if (batch.tables.empty() || batch.tables.back() != table) batch.tables.push_back(table);
}

base::Status Unfit(const FollowedRelation& relation) {
  return base::Internal("source: the log has rows of table {} in a form that it has not described",
                        relation.name->ToString());
}

// The log names a partitioned table's leaves alone, which have all its rows.
bool EmptiesWhole(const wire::postgres::Truncate& truncate, const Definition& table) {
  return std::ranges::all_of(table.partitions, [&](const PartitionDefinition& part) {
    return !part.key.empty() ||
           std::ranges::find(truncate.relations, part.oid) != truncate.relations.end();
  });
}

}  // namespace

base::Status SlotStream::TakeRow(ChangeKind kind, uint32_t relation, OldTuple old,
                                 ChangeBatch& batch) {
  if (captured_ != nullptr && captured_->LeavesOutRow(relation)) return base::OkStatus();
  GODWIT_ASSIGN_OR_RETURN(const FollowedRelation* found, tables_.Find(relation));
  if (found->table == nullptr) return base::OkStatus();
  FollowedTable& table = *found->table;
  if (table.HasSeen(begin_.xid, begin_.commit)) return base::OkStatus();
  if (!found->fits) return Unfit(*found);
  TellBegin(batch);
  ChangeEvent event;
  event.kind = kind;
  event.table = table.table.get();
  GODWIT_RETURN_IF_ERROR(BuildRows(*found, rows_, old, batch.arena, event));
  if (event.partial && table.MayBeAhead(begin_.commit) && HasMoved(table, event))
    GODWIT_RETURN_IF_ERROR(lookup_.Complete(table, event, batch));
  KeepTable(table.table, batch);
  batch.events.push_back(std::move(event));
  return base::OkStatus();
}

base::Status SlotStream::TakeTruncate(const wire::postgres::Truncate& truncate,
                                      ChangeBatch& batch) {
  const auto leaves_out = [&](uint32_t relation) {
    return captured_ != nullptr && captured_->LeavesOutRow(relation);
  };
  std::set<const FollowedTable*> emptied;
  for (uint32_t relation : truncate.relations) {
    if (leaves_out(relation)) continue;
    GODWIT_ASSIGN_OR_RETURN(const FollowedRelation* found, tables_.Find(relation));
    if (found->table == nullptr || found->table->HasSeen(begin_.xid, begin_.commit)) continue;
    if (!found->fits) return Unfit(*found);
    const bool whole = EmptiesWhole(truncate, found->table->definition);
    if (whole && !emptied.insert(found->table).second) continue;
    TellBegin(batch);
    ChangeEvent& event = batch.events.emplace_back();
    event.kind = ChangeKind::kTruncate;
    event.table = found->table->table.get();
    KeepTable(found->table->table, batch);
    if (whole || *found->name == event.table->name) continue;
    event.partition = found->name.get();
    batch.pinned.push_back(found->name);
  }
  return base::OkStatus();
}

}  // namespace godwit::connectors::postgres
