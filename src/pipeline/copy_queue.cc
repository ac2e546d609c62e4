#include "pipeline/copy_queue.h"

#include "pipeline/copy_order.h"

namespace godwit::pipeline {

using connector::TableStage;
using connector::TableState;

namespace {

// Copied tables that wait to be finished; their rows are likely to be in the target's memory still.
constexpr size_t kMostUnfinished = 8;

uint64_t Less(uint64_t bytes, uint64_t done) { return bytes - std::min(bytes, done); }

}  // namespace

CopyQueue::CopyQueue(TaskTables& tables, const connector::Source& source, const TableSizes& sizes)
    : tables_(tables), source_(source), after_(CopiedBefore(tables)), circles_(Circles(tables)) {
  for (const auto& [name, others] : after_) {
    for (const model::TableName& other : others) awaited_by_[other].push_back(name);
  }
  for (const auto& [name, state] : tables_.states()) {
    if (state.stage != TableStage::kCopying) continue;
    Table& table = work_[name];
    table.taken.resize(state.ranges.size());
    if (auto size = sizes.find(name); size != sizes.end()) table.bytes_left = size->second;
    for (const connector::RangeState& range : state.ranges) {
      table.bytes_left = Less(table.bytes_left, range.bytes);
    }
  }
  for (const auto& [name, table] : work_) Place(name);
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
  for (const std::set<model::TableName>& circle : circles_) {
    Item item = NextCircle(circle);
    if (item.work != Work::kNone) return item;
  }
  if (!due_.empty()) {
    const model::TableName name = *due_.begin();
    Table& table = work_.at(name);
    table.finishing = true;
    Place(name);
    return {table.gone ? Work::kDropTable : Work::kRecopyTable, name, 0, {}, {}};
  }
  if (const Rank* finish = NextToFinish(); finish != nullptr) {
    const model::TableName name = finish->name;
    work_.at(name).finishing = true;
    Place(name);
    return {Work::kFinishTable, name, 0, {}, {}};
  }
  if (ready_.empty()) return {};
  const model::TableName name = ready_.begin()->name;
  Table& table = work_.at(name);
  const std::vector<connector::RangeState>& ranges = tables_.states().at(name).ranges;
  std::optional<size_t> least;
  for (size_t at = 0; at < ranges.size(); ++at) {
    if (ranges[at].done || table.taken[at]) continue;
    if (!least || ranges[at].bytes < ranges[*least].bytes) least = at;
  }
  const size_t i = *least;
  ++table.lanes;
  table.taken[i] = true;
  Place(name);
  const connector::RangeState& range = ranges[i];
  return {Work::kChunk,
          name,
          static_cast<int>(i),
          {range.cursor.empty() ? range.range.after : range.cursor, range.range.upto},
          {}};
}

const CopyQueue::Rank* CopyQueue::NextToFinish() const {
  if (copied_.empty()) return nullptr;
  for (const Rank& rank : copied_) {  // a few
    if (awaited_by_.contains(rank.name)) return &rank;
  }
  const bool idle = ready_.empty() || ready_.begin()->lanes > 0;
  return idle || copied_.size() > kMostUnfinished ? &*copied_.begin() : nullptr;
}

bool CopyQueue::Rank::operator<(const Rank& other) const {
  if (lanes != other.lanes) return lanes < other.lanes;
  if (bytes != other.bytes) return bytes > other.bytes;
  return name < other.name;
}

void CopyQueue::Place(const model::TableName& name) {
  const auto it = work_.find(name);
  if (it == work_.end()) return;
  Table& table = it->second;
  if (table.rank) {
    ready_.erase(*table.rank);
    copied_.erase(*table.rank);
    table.rank.reset();
  }
  due_.erase(name);
  if (table.finishing || HasToWait(name)) return;
  const std::vector<connector::RangeState>& ranges = tables_.states().at(name).ranges;
  bool all_done = true, some_free = false;
  uint64_t bytes = 0;
  for (size_t i = 0; i < ranges.size(); ++i) {
    bytes += ranges[i].bytes;
    all_done = all_done && ranges[i].done;
    some_free = some_free || (!ranges[i].done && !table.taken[i]);
  }
  const bool anew = table.changed || table.gone;
  if (table.lanes == 0 && anew) {
    due_.insert(name);
  } else if (table.lanes == 0 && all_done) {
    table.rank = Rank{0, bytes, name};
    copied_.insert(*table.rank);
  } else if (!anew && some_free && !IsInCircle(circles_, name)) {
    table.rank = Rank{table.lanes, table.bytes_left, name};
    ready_.insert(*table.rank);
  }
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
    Place(name);
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
  Table& table = work_.at(item.table);
  --table.lanes;
  table.taken[static_cast<size_t>(item.range)] = false;
  if (end.outcome == connector::ChunkOutcome::kTableChanged) table.changed = true;
  if (end.outcome == connector::ChunkOutcome::kTableGone) table.gone = true;
  if (!table.changed && !table.gone) Advance(item, end);
  Place(item.table);
  changed_.notify_all();
}

void CopyQueue::Advance(const Item& item, const connector::ChunkEnd& end) {
  connector::RangeState& range =
      tables_.states().at(item.table).ranges[static_cast<size_t>(item.range)];
  if (!end.cursor.empty()) range.cursor = end.cursor;
  range.done = end.outcome == connector::ChunkOutcome::kRangeDone;
  range.rows += end.rows;
  range.bytes += end.bytes;
  Table& table = work_.at(item.table);
  table.bytes_left = Less(table.bytes_left, end.bytes);
  if (range.low.empty()) range.low = end.low;
  range.high = end.high;
}

void CopyQueue::TableFinished(TableState state) {
  std::lock_guard lock(mutex_);
  const model::TableName name = state.name;
  work_.erase(name);
  tables_.PutState(std::move(state));
  if (const auto others = awaited_by_.find(name); others != awaited_by_.end()) {
    for (const model::TableName& other : others->second) Place(other);
  }
  changed_.notify_all();
}

void CopyQueue::TableReset(TableState state, model::TablePtr definition) {
  std::lock_guard lock(mutex_);
  const model::TableName name = state.name;
  Table& table = work_.at(name);
  table = {};
  table.taken.resize(state.ranges.size());
  tables_.PutTable(std::move(state), std::move(definition));
  Place(name);
  changed_.notify_all();
}

void CopyQueue::Stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

}  // namespace godwit::pipeline
