#include "pipeline/copy_queue.h"

#include "pipeline/copy_order.h"

namespace godwit::pipeline {

using connector::TableStage;
using connector::TableState;

namespace {

uint64_t Less(uint64_t bytes, uint64_t done) { return bytes - std::min(bytes, done); }

}  // namespace

CopyQueue::CopyQueue(TaskTables& tables, const connector::Source& source, const TableSizes& sizes)
    : tables_(tables), source_(source), after_(CopiedBefore(tables)), circles_(Circles(tables)) {
  for (const auto& [name, state] : tables_.states()) {
    if (state.stage != TableStage::kCopying) continue;
    Table& table = work_[name];
    table.taken.resize(state.ranges.size());
    if (auto size = sizes.find(name); size != sizes.end()) table.bytes_left = size->second;
    for (const connector::RangeState& range : state.ranges) {
      table.bytes_left = Less(table.bytes_left, range.bytes);
    }
  }
}

CopyQueue::Item CopyQueue::Next() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (stopped_ || work_.empty()) {
      changed_.notify_all();
      return {};
    }
    Item item = NextLocked();
    if (item.work != Work::kNone) return item;
    changed_.wait(lock);
  }
}

CopyQueue::Item CopyQueue::NextLocked() {
  Item best;
  const Table* best_table = nullptr;
  for (const std::set<model::TableName>& circle : circles_) {
    Item item = NextCircle(circle);
    if (item.work != Work::kNone) return item;
  }
  for (auto& [name, table] : work_) {
    const TableState& state = tables_.states().at(name);
    if (table.finishing || HasToWait(name)) continue;
    if (table.changed || table.gone) {
      if (table.lanes > 0) continue;
      table.finishing = true;
      return {table.gone ? Work::kDropTable : Work::kRecopyTable, name, 0, {}, {}};
    }
    bool all_done = true;
    for (size_t i = 0; i < state.ranges.size(); ++i) {
      const connector::RangeState& range = state.ranges[i];
      if (range.done) continue;
      all_done = false;
      if (InCircle(name) || table.taken[i] || best.table == name) continue;
      if (best_table != nullptr && !ComesBefore(table, *best_table)) continue;
      best = {Work::kChunk,
              name,
              static_cast<int>(i),
              {range.cursor.empty() ? range.range.after : range.cursor, range.range.upto},
              {}};
      best_table = &table;
    }
    if (all_done && table.lanes == 0) {
      table.finishing = true;
      return {Work::kFinishTable, name, 0, {}, {}};
    }
  }
  if (best.work == Work::kChunk) {
    Table& table = work_.at(best.table);
    ++table.lanes;
    table.taken[static_cast<size_t>(best.range)] = true;
  }
  return best;
}

bool CopyQueue::ComesBefore(const Table& a, const Table& b) {
  return a.lanes != b.lanes ? a.lanes < b.lanes : a.bytes_left > b.bytes_left;
}

bool CopyQueue::InCircle(const model::TableName& name) const {
  return std::any_of(circles_.begin(), circles_.end(),
                     [&](const auto& circle) { return circle.contains(name); });
}

CopyQueue::Item CopyQueue::NextCircle(const std::set<model::TableName>& circle) {
  for (const model::TableName& name : circle) {
    const auto work = work_.find(name);
    if (work == work_.end() || work->second.lanes > 0 || work->second.finishing || HasToWait(name))
      return {};
    for (const connector::RangeState& range : tables_.states().at(name).ranges) {
      if (range.done) return {};
    }
  }
  Item item;
  item.work = Work::kCircle;
  item.table = *circle.begin();
  item.circle = circle;
  for (const model::TableName& name : circle) {
    ++work_.at(name).lanes;
    work_.at(name).taken[0] = true;
  }
  return item;
}

std::vector<CopyQueue::Item> CopyQueue::ItemsOf(const Item& circle) {
  std::lock_guard lock(mutex_);
  std::vector<Item> items;
  for (const model::TableName& name : circle.circle) {
    items.push_back(
        {Work::kChunk, name, 0, tables_.states().at(name).ranges.at(0).range, circle.circle});
  }
  return items;
}

bool CopyQueue::IsKept(const model::TableName& name) {
  std::lock_guard lock(mutex_);
  return tables_.states().at(name).kept;
}

bool CopyQueue::HasToWait(const model::TableName& name) const {
  auto it = after_.find(name);
  return it != after_.end() &&
         std::any_of(it->second.begin(), it->second.end(),
                     [&](const auto& other) { return work_.contains(other); });
}

void CopyQueue::Release(const Item& item) {
  Table& table = work_.at(item.table);
  --table.lanes;
  table.taken[static_cast<size_t>(item.range)] = false;
  changed_.notify_all();
}

connector::TableDefinition CopyQueue::Definition(const model::TableName& name) {
  std::lock_guard lock(mutex_);
  return tables_.Definition(name);
}

connector::TableState CopyQueue::CopiedState(const model::TableName& name) {
  std::lock_guard lock(mutex_);
  TableState state = tables_.states().at(name);
  for (const connector::RangeState& range : state.ranges) {
    if (state.low.empty() || source_.Compare(range.low, state.low) == std::partial_ordering::less)
      state.low = range.low;
    if (state.high.empty() ||
        source_.Compare(state.high, range.high) == std::partial_ordering::less)
      state.high = range.high;
  }
  state.stage = TableStage::kCopied;
  return state;
}

void CopyQueue::ChunkDone(const Item& item, const connector::ChunkEnd& end) {
  std::lock_guard lock(mutex_);
  Release(item);
  Table& table = work_.at(item.table);
  if (end.outcome == connector::ChunkOutcome::kTableChanged) table.changed = true;
  if (end.outcome == connector::ChunkOutcome::kTableGone) table.gone = true;
  if (table.changed || table.gone) return;
  connector::RangeState& range =
      tables_.states().at(item.table).ranges[static_cast<size_t>(item.range)];
  if (!end.cursor.empty()) range.cursor = end.cursor;
  range.done = end.outcome == connector::ChunkOutcome::kRangeDone;
  range.rows += end.rows;
  range.bytes += end.bytes;
  table.bytes_left = Less(table.bytes_left, end.bytes);
  if (range.low.empty()) range.low = end.low;
  range.high = end.high;
}

void CopyQueue::TableFinished(TableState state) {
  std::lock_guard lock(mutex_);
  work_.erase(state.name);
  tables_.PutState(std::move(state));
  changed_.notify_all();
}

void CopyQueue::TableReset(TableState state, model::TablePtr definition) {
  std::lock_guard lock(mutex_);
  Table& table = work_.at(state.name);
  table = {};
  table.taken.resize(state.ranges.size());
  tables_.PutTable(std::move(state), std::move(definition));
  changed_.notify_all();
}

void CopyQueue::Stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

}  // namespace godwit::pipeline
