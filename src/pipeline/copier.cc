#include "pipeline/copier.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/channel.h"
#include "base/failpoint.h"
#include "pipeline/copy_order.h"
#include "pipeline/copy_queue.h"
#include "pipeline/kept_tables.h"
#include "pipeline/large_row_turns.h"
#include "pipeline/task_scope.h"

namespace godwit::pipeline {
namespace {

using connector::ChunkEnd;
using connector::ChunkOutcome;
using connector::RowBlock;
using connector::TableStage;
using connector::TableState;

constexpr std::chrono::seconds kLongestWaitOnceWriting(2);

// Blocks on their way from a reader to its writer, and how the reading ended.
class BlockQueue : public connector::RowBlockSink, public connector::RowBlockSource {
 public:
  BlockQueue(size_t budget, LargeRowTurns& turns, Progress& progress)
      : channel_(budget), turns_(turns), progress_(progress) {}
  ~BlockQueue() override {
    if (has_turn_) turns_.GiveBack();
    progress_.copy_queue_bytes -= queued_;
  }

  bool Put(RowBlock block) override {
    const size_t bytes = block.size();
    progress_.bytes_read += bytes;
    has_put_ = true;
    queued_ += bytes, progress_.copy_queue_bytes += bytes;
    return channel_.Push(std::move(block), bytes);
  }
  bool AwaitTurn() override {
    const std::stop_token stop = abandoned_.get_token();
    if (has_turn_) return true;
    if (!has_put_) return has_turn_ = turns_.Take(stop);
    // Whoever has the turn may wait for what the writer's transaction holds by now.
    has_turn_ = turns_.TakeWithin(kLongestWaitOnceWriting, stop);
    return !stop.stop_requested();
  }
  bool AwaitWritten() override { return channel_.AwaitDone(); }
  // The reader is through, well or not.
  void Finish(base::StatusOr<ChunkEnd> end) {
    end_ = std::move(end);
    channel_.Close();
  }
  // The writer wants no more.
  void Abandon() {
    abandoned_.request_stop();
    channel_.Close();
  }

  base::StatusOr<std::optional<RowBlock>> Take() override {
    std::optional<RowBlock> block = channel_.Pop();
    if (block) {
      queued_ -= block->size(), progress_.copy_queue_bytes -= block->size();
      return block;
    }
    GODWIT_RETURN_IF_ERROR(end_.status());
    if (end_->outcome == ChunkOutcome::kTableChanged || end_->outcome == ChunkOutcome::kTableGone) {
      return base::Aborted("the chunk is void");
    }
    return std::optional<RowBlock>();
  }
  // After the reader's thread has ended.
  const base::StatusOr<ChunkEnd>& end() const { return end_; }

 private:
  base::Channel<RowBlock> channel_;
  LargeRowTurns& turns_;
  bool has_turn_ = false;  // the reader's, until it has ended
  bool has_put_ = false;
  std::stop_source abandoned_;
  std::atomic<size_t> queued_ = 0;  // bytes
  Progress& progress_;
  base::StatusOr<ChunkEnd> end_ = base::Internal("the chunk was not read");
};

class Copier {
 public:
  Copier(const config::Task& task, connector::Source& source, const model::Position& t0,
         connector::Destination& destination, TaskTables& tables, const TableSizes& sizes,
         Progress& progress)
      : task_(task),
        source_(source),
        t0_(t0),
        destination_(destination),
        sizes_(sizes),
        progress_(progress),
        queue_(tables, source, sizes),
        turns_(task.memory_limit) {}

  base::Status Run(std::stop_token stop) {
    const auto threads = static_cast<size_t>(task_.copy.threads);
    GODWIT_ASSIGN_OR_RETURN(const std::string target, destination_.Dialect());
    GODWIT_ASSIGN_OR_RETURN(const connector::RowFormat format, CommonFormat());
    for (size_t i = 0; i < threads; ++i) {
      Lane& lane = lanes_.emplace_back();
      GODWIT_ASSIGN_OR_RETURN(lane.reader, source_.OpenChunkReader(format, t0_, target));
      GODWIT_ASSIGN_OR_RETURN(lane.writer, destination_.OpenChunkWriter(format));
    }
    {
      std::stop_callback cancel(stop, [this] { Fail(base::Cancelled("stopped by the operator")); });
      std::vector<std::jthread> running;
      for (Lane& lane : lanes_) running.emplace_back([this, &lane] { Work(lane); });
    }
    std::lock_guard lock(mutex_);
    return status_;
  }

 private:
  struct Lane {
    std::unique_ptr<connector::ChunkReader> reader;
    std::unique_ptr<connector::ChunkWriter> writer;
  };

  // The first that the source gives and the target takes.
  base::StatusOr<connector::RowFormat> CommonFormat() const {
    const std::vector<connector::RowFormat> taken = destination_.row_formats();
    for (connector::RowFormat format : source_.row_formats()) {
      if (std::ranges::find(taken, format) != taken.end()) return format;
    }
    return base::FailedPrecondition(
        "rows of a source of this kind cannot be copied to a target of this kind");
  }

  void Work(Lane& lane) {
    while (true) {
      const CopyQueue::Item item = queue_.Next();
      base::Status status;
      switch (item.work) {
        case CopyQueue::Work::kNone:
          return;
        case CopyQueue::Work::kChunk:
          status = CopyChunk(lane, item);
          break;
        case CopyQueue::Work::kCircle:
          status = CopyCircle(lane, item);
          break;
        case CopyQueue::Work::kFinishTable:
          status = FinishTable(item.table);
          break;
        case CopyQueue::Work::kRecopyTable:
          status = RecopyTable(item.table);
          break;
        case CopyQueue::Work::kDropTable:
          status = DropTable(item.table);
          break;
      }
      if (!status.ok()) return Fail(std::move(status), &item.table);
    }
  }

  // The first error stops all lanes; what they have not committed is done again. `table`: where it
  // was met.
  void Fail(base::Status status, const model::TableName* table = nullptr) {
    {
      std::lock_guard lock(mutex_);
      if (!status_.ok()) return;
      if (table != nullptr) progress_.tables.Failed(*table, std::string(status.message()));
      status_ = std::move(status);
    }
    queue_.Stop();
    for (Lane& lane : lanes_) {
      lane.reader->Cancel();
      lane.writer->Cancel();
    }
  }

  base::Status CopyChunk(Lane& lane, const CopyQueue::Item& item) {
    const connector::TableDefinition table = queue_.Definition(item.table);
    const bool whole = !item.circle.empty() || NeedsOneSnapshot(*table.table);
    const std::optional<uint64_t> chunk_bytes =
        whole ? std::nullopt : std::optional<uint64_t>(task_.copy.chunk_bytes);
    BlockQueue blocks(task_.memory_limit / 8 / static_cast<size_t>(task_.copy.threads), turns_,
                      progress_);
    std::jthread reading(
        [&] { blocks.Finish(lane.reader->Read(table, item.rest, chunk_bytes, blocks)); });
    base::Status written = lane.writer->Write(table.table, PlaceOf(item), blocks);
    blocks.Abandon();
    reading.join();
    const base::StatusOr<ChunkEnd>& end = blocks.end();
    if (end.ok() &&
        (end->outcome == ChunkOutcome::kTableChanged || end->outcome == ChunkOutcome::kTableGone)) {
      lane.writer->Rollback();
      if (!item.circle.empty()) return ReadAnew(item);
      queue_.ChunkDone(item, *end);
      return base::OkStatus();
    }
    // Where both sides failed, the reader's error says why, unless it only noticed that the writer
    // had gone.
    if (!end.ok() && (written.ok() || !absl::IsCancelled(end.status()))) written = end.status();
    if (!written.ok()) {
      lane.writer->Rollback();
      return written;
    }
    GODWIT_RETURN_IF_ERROR(lane.writer->Commit({item.table, item.range, *end}));
    progress_.NoteLock(end->locked);
    progress_.rows_copied += end->rows;
    progress_.bytes_copied += end->bytes;
    progress_.tables.Copied(item.table, end->rows, end->bytes,
                            end->outcome == ChunkOutcome::kRangeDone);
    queue_.ChunkDone(item, *end);
    return base::OkStatus();
  }

  // What is left of a range that has no ends is all of the table.
  connector::ChunkPlace PlaceOf(const CopyQueue::Item& item) {
    const bool whole = item.rest.after.empty() && item.rest.upto.empty();
    const auto size = sizes_.find(item.table);
    return {whole && !queue_.IsKept(item.table), size == sizes_.end() ? 0 : size->second};
  }

  // One after the other, by one reader in one snapshot. What is committed of it alone, when a run
  // ends in between, is copied again (PrepareCopies).
  base::Status CopyCircle(Lane& lane, const CopyQueue::Item& item) {
    const base::Status held = lane.reader->HoldSnapshot({item.circle.begin(), item.circle.end()});
    if (absl::IsNotFound(held)) return ReadAnew(item);
    GODWIT_RETURN_IF_ERROR(held);
    for (const CopyQueue::Item& one : queue_.ItemsOf(item))
      GODWIT_RETURN_IF_ERROR(CopyChunk(lane, one));
    return lane.reader->ReleaseSnapshot();
  }

  // A table of a circle is not the one that was to be read: all of them are read anew, as they are
  // by then.
  base::Status ReadAnew(const CopyQueue::Item& item) {
    std::vector<TableState> states;
    for (const model::TableName& name : item.circle) {
      states.push_back(ToBeRead(name));
    }
    GODWIT_RETURN_IF_ERROR(destination_.SaveTables(states));
    return base::Aborted("{}: its definition changed during its copy; it is copied again",
                         item.table.ToString());
  }

  // As PrepareCopies takes it: one that was kept has to be dropped by the operator first.
  TableState ToBeRead(const model::TableName& name) {
    TableState state;
    state.name = name;
    state.kept = queue_.IsKept(name);
    state.stage = state.kept ? TableStage::kPending : TableStage::kCreating;
    return state;
  }

  // The rows copied are among rows of the target's own: only this table is copied again, once those
  // are out of the way.
  base::Status LeaveKept(const model::TableName& name) {
    GODWIT_RETURN_IF_ERROR(destination_.SaveTables({ToBeRead(name)}));
    base::Failpoint("copy.after_kept_left");
    GODWIT_RETURN_IF_ERROR(
        ExpectDropped(destination_, name, ", because its definition changed during its copy"));
    return base::Aborted("{}: its definition changed during its copy; it is copied again",
                         name.ToString());
  }

  base::Status FinishTable(const model::TableName& name) {
    TableState state = queue_.CopiedState(name);
    // Rows of chunks read at different moments may hold the same unique value, until the changes
    // between those moments have been applied. Where the log has whole rows, the one that is in
    // the way of another there comes back; where it has not, the keys themselves have to wait.
    const bool moments = state.low != state.high;
    bool leave_out = moments && !queue_.IsKept(name);
    if (leave_out) {
      GODWIT_ASSIGN_OR_RETURN(const bool whole_rows, source_.LogsWholeRows());
      leave_out = !whole_rows;
    }
    base::Status finished = destination_.FinishTable(
        queue_.Definition(name),
        leave_out ? connector::UniqueKeys::kLeaveOut : connector::UniqueKeys::kBuild);
    state.unique_keys_deferred = moments && (leave_out || absl::IsAlreadyExists(finished));
    if (!absl::IsAlreadyExists(finished) || !moments) GODWIT_RETURN_IF_ERROR(finished);
    base::Failpoint("copy.before_table_finished");
    GODWIT_RETURN_IF_ERROR(destination_.SaveTables({state}));
    progress_.tables.Put(state);
    ++progress_.tables_done;
    queue_.TableFinished(std::move(state));
    return base::OkStatus();
  }

  base::Status RecopyTable(const model::TableName& name) {
    GODWIT_ASSIGN_OR_RETURN(std::optional<connector::CatalogTable> now, source_.ReadTable(name));
    if (!now) return DropTable(name);
    if (queue_.IsKept(name)) return LeaveKept(name);
    const bool other_keys =
        now->definition.table->foreign_keys != queue_.Definition(name).table->foreign_keys;
    if (other_keys) {
      GODWIT_RETURN_IF_ERROR(
          RefuseKeysFromOutside(source_, FilterOf(task_), *now->definition.table));
    }
    ++progress_.tables_copied_again;
    progress_.Note(fmt::format("{}: its definition changed during its copy; it is copied again",
                               name.ToString()));
    TableState state;
    state.name = name;
    state.stage = TableStage::kCreating;
    state.definition = now->definition.statement;
    GODWIT_RETURN_IF_ERROR(destination_.SaveTables({state}));
    if (other_keys)
      return base::Aborted("{}: its foreign keys changed during its copy", name.ToString());
    base::Failpoint("copy.before_recreate_table");
    GODWIT_RETURN_IF_ERROR(destination_.CreateTable(now->definition));
    GODWIT_RETURN_IF_ERROR(PlanCopy(source_, *now, task_.copy.threads, state));
    GODWIT_RETURN_IF_ERROR(destination_.SaveTables({state}));
    progress_.tables.Put(state);
    queue_.TableReset(std::move(state), now->definition.table);
    return base::OkStatus();
  }

  // The position is taken before the table is looked for once more: were it made anew before that,
  // it would be found, and were it made after, the log would say so from there on.
  base::Status DropTable(const model::TableName& name) {
    TableState state;
    state.name = name;
    state.stage = TableStage::kDropped;
    state.kept = queue_.IsKept(name);
    GODWIT_ASSIGN_OR_RETURN(state.low, source_.CurrentPosition());
    GODWIT_ASSIGN_OR_RETURN(std::optional<connector::CatalogTable> now, source_.ReadTable(name));
    if (now) return RecopyTable(name);
    progress_.Note(
        fmt::format("{}: it was dropped on the source during its copy", name.ToString()));
    if (!queue_.IsKept(name)) GODWIT_RETURN_IF_ERROR(destination_.DropTable(name));
    base::Failpoint("copy.before_table_dropped");
    GODWIT_RETURN_IF_ERROR(destination_.SaveTables({state}));
    progress_.tables.Put(state);
    ++progress_.tables_done;
    queue_.TableFinished(std::move(state));
    return base::OkStatus();
  }

  const config::Task& task_;
  connector::Source& source_;
  const model::Position& t0_;
  connector::Destination& destination_;
  const TableSizes& sizes_;
  Progress& progress_;
  CopyQueue queue_;
  LargeRowTurns turns_;
  std::vector<Lane> lanes_;
  std::mutex mutex_;  // of status_
  base::Status status_;
};

}  // namespace

base::Status PlanCopy(connector::Source& source, const TaskTables& tables,
                      const TableCircles& circles, const model::TableName& name, int parts,
                      TableState& state) {
  if (IsInCircle(circles, name)) parts = 1;
  return PlanCopy(source, {tables.Definition(name), 0, 0}, parts, state);
}

base::Status PlanCopy(connector::Source& source, const connector::CatalogTable& table, int parts,
                      TableState& state) {
  GODWIT_ASSIGN_OR_RETURN(
      std::vector<connector::KeyRange> ranges,
      source.PlanRanges(table, NeedsOneSnapshot(*table.definition.table) ? 1 : parts));
  state.stage = TableStage::kCopying;
  for (connector::KeyRange& range : ranges) {
    connector::RangeState& planned = state.ranges.emplace_back();
    planned.range = std::move(range);
  }
  return base::OkStatus();
}

base::Status CopyTables(const config::Task& task, connector::Source& source,
                        const model::Position& t0, connector::Destination& destination,
                        TaskTables& tables, const TableSizes& sizes, Progress& progress,
                        std::stop_token stop) {
  return Copier(task, source, t0, destination, tables, sizes, progress).Run(stop);
}

}  // namespace godwit::pipeline
