#include "pipeline/table_board.h"

namespace godwit::pipeline {

using connector::TableStage;
using connector::TableState;

void TableBoard::Take(const TableState& state, Table& table) {
  table.stage = state.stage;
  table.form = state.form;
  // Once its changes are applied the state has no ranges any more: what was copied stays known.
  if (state.ranges.empty() && state.stage >= TableStage::kCopied) return;
  table.ranges = state.ranges.size();
  table.ranges_done = table.rows = table.bytes = 0;
  for (const connector::RangeState& range : state.ranges) {
    if (range.done) ++table.ranges_done;
    table.rows += range.rows;
    table.bytes += range.bytes;
  }
}

void TableBoard::Reset(const std::map<model::TableName, TableState>& states) {
  std::lock_guard lock(mutex_);
  ++version_;
  std::erase_if(tables_, [&](const auto& table) { return !states.contains(table.first); });
  for (const auto& [name, state] : states) {
    Table& table = tables_[name];
    Take(state, table);
    table.error.clear();
  }
}

void TableBoard::Put(const TableState& state) {
  std::lock_guard lock(mutex_);
  ++version_;
  const bool is_of_task = state.stage < TableStage::kRemoved;
  if (is_of_task) {
    Take(state, tables_[state.name]);
  } else {
    tables_.erase(state.name);
  }
}

void TableBoard::Estimate(const model::TableName& name, uint64_t rows) {
  std::lock_guard lock(mutex_);
  ++version_;
  if (const auto table = tables_.find(name); table != tables_.end())
    table->second.rows_estimate = rows;
}

void TableBoard::GiveSeries(Table& table) {
  if (table.has_series || series_ == kMostSeries) return;
  table.has_series = true;
  ++series_;
}

void TableBoard::Copied(const model::TableName& name, uint64_t rows, uint64_t bytes,
                        bool ends_range) {
  std::lock_guard lock(mutex_);
  ++version_;
  const auto found = tables_.find(name);
  if (found == tables_.end()) return;
  Table& table = found->second;
  if (rows > 0) GiveSeries(table);
  table.rows += rows, table.rows_of_run += rows;
  table.bytes += bytes, table.bytes_of_run += bytes;
  if (ends_range) ++table.ranges_done;
}

void TableBoard::Applied(const std::vector<connector::ChangeSegment>& segments) {
  std::lock_guard lock(mutex_);
  ++version_;
  for (const connector::ChangeSegment& segment : segments) {
    for (const connector::TableChanges& changes : segment.tables) {
      const auto found = tables_.find(changes.table->name);
      if (found == tables_.end()) continue;
      GiveSeries(found->second);
      found->second.changes += changes.deletes.size() + changes.inserts.size() +
                               changes.updates.size() + changes.partial_updates.size() +
                               changes.claims.size() + changes.ordered.size();
    }
  }
}

void TableBoard::Failed(const model::TableName& name, std::string why) {
  std::lock_guard lock(mutex_);
  ++version_;
  if (const auto table = tables_.find(name); table != tables_.end())
    table->second.error = std::move(why);
}

bool TableBoard::Has(const model::TableName& name) const {
  std::lock_guard lock(mutex_);
  return tables_.contains(name);
}

uint64_t TableBoard::version() const {
  std::lock_guard lock(mutex_);
  return version_;
}

}  // namespace godwit::pipeline
