#include "pipeline/partial_run.h"

#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <new>
#include <set>

namespace godwit::pipeline {
namespace {

using connector::ApplyMode;
using model::Cell;
using model::CellKind;
using model::ChangeEvent;
using model::ChangeKind;
using model::Row;

bool IsAbsent(const Cell& cell) { return cell.kind() == CellKind::kAbsent; }

bool Equal(Row a, Row b, const std::vector<int>& columns) {
  return std::all_of(columns.begin(), columns.end(),
                     [&](int c) { return a[static_cast<size_t>(c)] == b[static_cast<size_t>(c)]; });
}

}  // namespace

PartialRun::PartialRun(const model::Table& table, ApplyMode mode,
                       const std::vector<NetChange>& so_far)
    : table_(table), mode_(mode), identity_(table.RowIdentity()) {
  std::set<int> unique;
  for (const model::Key& key : table.unique_keys) {
    unique.insert(key.columns.begin(), key.columns.end());
    all_take_ = all_take_ || key.has_expression ||
                std::any_of(key.columns.begin(), key.columns.end(),
                            [&](int c) { return table.columns[static_cast<size_t>(c)].generated; });
  }
  for (int c : identity_) unique.erase(c);
  unique_columns_.assign(unique.begin(), unique.end());
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const model::Column& column = table.columns[i];
    if (column.left_out) continue;
    if (!column.generated || column.row_period != model::RowPeriod::kNone)
      written_.push_back(static_cast<int>(i));
  }
  for (const NetChange& net : so_far) {
    index_.emplace(RowKey{net.key, &identity_}, entries_.size());
    entries_.push_back({.net = net});
  }
}

bool PartialRun::IsComplete(Row row) const {
  return std::none_of(written_.begin(), written_.end(),
                      [&](int c) { return IsAbsent(row[static_cast<size_t>(c)]); });
}

size_t PartialRun::EntryAt(Row row) {
  auto [it, is_new] = index_.try_emplace(RowKey{row.data(), &identity_}, entries_.size());
  if (is_new) entries_.push_back({.net = {row.data(), {}, {}}});
  return it->second;
}

void PartialRun::Remove(Row before) {
  const size_t count = entries_.size();
  Entry& entry = entries_[EntryAt(before)];
  if (entries_.size() > count) entry.net.before = before;
  entry.net.after = {};
  entry.whole = true;
  entry.claims = false;
}

void PartialRun::Put(const Cell* key, Row after, std::span<Cell> own) {
  auto [it, is_new] = index_.try_emplace(RowKey{key, &identity_}, entries_.size());
  // Of a row that came here from another identity and went, the target has to be rid there.
  if (!is_new && entries_[it->second].moved) {
    it->second = entries_.size();
    is_new = true;
  }
  if (is_new) entries_.push_back({.net = {key, {}, {}}});
  Entry& entry = entries_[it->second];
  entry.net.after = after;
  entry.own = own;
  entry.whole = true;
  entry.claims = false;
}

base::Status PartialRun::Add(const ChangeEvent& event, const Standing& standing) {
  switch (event.kind) {
    case ChangeKind::kInsert:
      Put(event.after.data(), event.after, {});
      return base::OkStatus();
    case ChangeKind::kDelete:
      Remove(event.before);
      return base::OkStatus();
    default:
      break;
  }
  if (event.partial) return ChangePart(event, standing);
  if (!Equal(event.before, event.after, identity_)) {
    Remove(event.before);
    Put(event.after.data(), event.after, {});
    return base::OkStatus();
  }
  const size_t count = entries_.size();
  Entry& entry = entries_[EntryAt(event.before)];
  if (entries_.size() > count) entry.net.before = event.before;
  entry.net.after = event.after;
  entry.own = {};
  entry.whole = true;
  entry.claims = false;
  return base::OkStatus();
}

base::Status PartialRun::ChangePart(const ChangeEvent& event, const Standing& standing) {
  const bool is_ahead = mode_ == ApplyMode::kIdempotent && !standing.exact;
  const size_t count = entries_.size();
  const size_t at = EntryAt(event.before);
  Entry& entry = entries_[at];
  if (entries_.size() > count) {
    entry.net.before = entry.net.after = event.before;
    entry.whole = false;
  } else if (entry.net.after.empty() && is_ahead && standing.looked_up) {
    // It came here by a change whose image lacked columns, which its source could not tell any more
    // as the row had gone on: so the target does not have it, and will by a change yet to come.
    ++left_to_log_;
    return base::OkStatus();
  } else if (entry.net.after.empty()) {
    return base::DataLoss("table {}: the source's log changes a row that it has deleted before",
                          table_.name.ToString());
  }
  Overlay(entry, event.before, event.after);
  entry.whole = entry.whole || IsComplete(entry.net.after);
  const bool moves = !Equal(event.before, event.after, identity_);
  if (entry.whole) {
    if (!moves) return base::OkStatus();
    const Row row = entry.net.after;
    const std::span<Cell> own = entry.own;
    entry.net.after = {};
    entry.own = {};
    Put(event.after.data(), row, own);
    return base::OkStatus();
  }
  if (moves) {
    if (is_ahead) {
      return base::FailedPrecondition(
          "table {}: while it was being copied, a row got another key in a row image that lacks "
          "columns: the copy may have it under neither key, and the log does not tell the rest of "
          "it; set binlog_row_image=FULL for the sessions that change keys, and copy anew with "
          "`godwit run --restart`",
          table_.name.ToString());
    }
    index_.erase(RowKey{event.before.data(), &identity_});
    index_.insert_or_assign(RowKey{event.after.data(), &identity_}, at);
    entry.moved = true;
  }
  entry.claims = entry.claims || moves || TakesUniqueValue(event);
  steps_.push_back({at, {event.before, event.after}});
  return base::OkStatus();
}

void PartialRun::Overlay(Entry& entry, Row before, Row after) {
  if (entry.own.empty()) {
    const Row found = entry.net.after;
    auto* cells = reinterpret_cast<Cell*>(memory_->Allocate(found.size() * sizeof(Cell)));
    for (size_t i = 0; i < found.size(); ++i) new (cells + i) Cell(found[i]);
    entry.own = {cells, found.size()};
    entry.net.after = entry.own;
  }
  for (size_t i = 0; i < entry.own.size(); ++i) {
    if (!IsAbsent(after[i]))
      entry.own[i] = after[i];
    else if (IsAbsent(entry.own[i]))
      entry.own[i] = before[i];
  }
}

bool PartialRun::TakesUniqueValue(const ChangeEvent& event) const {
  return all_take_ || !Equal(event.before, event.after, unique_columns_);
}

// Absent values are not known, so that not even they are the same.
bool PartialRun::KeepsUniqueValues(Row before, Row after) const {
  return !all_take_ && std::all_of(unique_columns_.begin(), unique_columns_.end(), [&](int c) {
    const Cell& cell = after[static_cast<size_t>(c)];
    return !IsAbsent(cell) && cell == before[static_cast<size_t>(c)];
  });
}

void PartialRun::NetEffect(connector::TableChanges& changes) {
  changes.partial = true;
  absl::flat_hash_set<RowKey> left_by_claims;
  for (const Step& step : steps_) {
    const Entry& entry = entries_[step.entry];
    if (entry.net.after.empty() || entry.whole || !entry.claims) continue;
    changes.claims.push_back(step.change);
    if (entry.moved) left_by_claims.insert(RowKey{step.change.before.data(), &identity_});
  }
  const bool strict = mode_ == ApplyMode::kStrict;
  // What a row takes one of the whole ones may have left and taken back: they make way.
  const bool make_way = !changes.claims.empty();
  for (const Entry& entry : entries_) {
    const auto& [key, before, after] = entry.net;
    const Row found(key, table_.columns.size());
    // What is to be deleted is so before the claims: the row that one finds here would be.
    if (before.empty() && left_by_claims.contains(RowKey{key, &identity_})) {
      if (!after.empty() && entry.whole) changes.inserts.push_back(after);
      continue;
    }
    if (after.empty()) {
      if (!before.empty() || !strict) changes.deletes.push_back(found);
    } else if (!entry.whole) {
      if (!entry.claims) changes.partial_updates.push_back({before, after});
    } else if (before.empty() && (strict || !make_way)) {
      changes.inserts.push_back(after);
    } else if (make_way || entry.moved ||
               (strict && (!IsComplete(after) || !KeepsUniqueValues(before, after)))) {
      changes.deletes.push_back(found);
      changes.inserts.push_back(after);
    } else if (!strict) {
      changes.inserts.push_back(after);
    } else if (!IsComplete(before)) {
      changes.partial_updates.push_back({before, after});
    } else if (!Equal(before, after, written_)) {
      changes.updates.push_back({before, after});
    }
  }
}

}  // namespace godwit::pipeline
