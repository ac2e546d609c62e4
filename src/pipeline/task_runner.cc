#include "pipeline/task_runner.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>

#include "base/backoff.h"
#include "base/failpoint.h"
#include "pipeline/copier.h"
#include "pipeline/copy_preparation.h"
#include "pipeline/large_objects.h"
#include "pipeline/log_guard.h"
#include "pipeline/retry.h"
#include "pipeline/source_move.h"
#include "pipeline/stream_runner.h"
#include "pipeline/table_making.h"
#include "pipeline/task_objects.h"
#include "pipeline/task_preparation.h"
#include "pipeline/task_scope.h"
#include "pipeline/task_tables.h"

namespace godwit::pipeline {
namespace {

using connector::TableStage;
using connector::TableState;
using connector::TaskPhase;
using connector::TaskState;

class TaskRunner {
 public:
  TaskRunner(const config::Task& task, connector::Source& source,
             connector::Destination& destination, const RunOptions& options, Progress& progress,
             std::stop_token stop, std::stop_token cut_off)
      : task_(task),
        source_(source),
        destination_(destination),
        options_(options),
        progress_(progress),
        stop_(std::move(stop)),
        cut_off_(std::move(cut_off)) {}

  base::Status Run() {
    std::stop_callback cancel(stop_, [this] { source_.Cancel(); });
    base::Backoff backoff(task_.retry_for);
    while (true) {
      const uint64_t before = Achieved();
      base::Status status = Attempt();
      TellUnfit();
      if (std::exchange(joins_, false)) {
        progress_.Note(std::string(status.message()));
        continue;
      }
      switch (DecisionFor(status)) {
        case Decision::kStop:
          return status;
        case Decision::kFail:
          return WhyEnded(std::move(status));
        case Decision::kRetry:
          break;
      }
      if (Achieved() != before) backoff.Succeeded();
      const std::optional<std::chrono::milliseconds> wait = backoff.Next();
      if (!wait) return base::Annotate(status, "gave up after retry_for");
      ++progress_.retries;
      progress_.Note(fmt::format("{}; trying again", status.message()));
      if (!Sleep(*wait)) return base::Cancelled("stopped by the operator");
    }
  }

 private:
  uint64_t Achieved() const {
    return progress_.bytes_copied + progress_.groups + progress_.ddls + progress_.tables_done;
  }

  // To a worker whose connections a later one has ended, that may look like anything.
  base::Status WhyEnded(base::Status status) {
    if (options_.generation == 0 || !claimed_) return status;
    base::Status claim = Claim();
    // The connection was one of those.
    if (DecisionFor(claim) == Decision::kRetry) claim = Claim();
    if (!absl::IsFailedPrecondition(claim) || claim == status) return status;
    return base::FailedPrecondition("{}. The run itself ended with: {}",
                                    std::string(claim.message()), std::string(status.message()));
  }

  // False when stopped.
  bool Sleep(std::chrono::milliseconds time) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any condition;
    condition.wait_for(lock, stop_, time, [] { return false; });
    return !stop_.stop_requested();
  }

  // What has been written in place of values that the target cannot hold (R7).
  void TellUnfit() {
    std::vector<connector::UnfitCount> counts = source_.UnfitValues();
    for (connector::UnfitCount& count : destination_.UnfitValues())
      counts.push_back(std::move(count));
    uint64_t all = 0;
    for (const connector::UnfitCount& count : counts) all += count.values;
    if (all == progress_.values_replaced.exchange(all)) return;
    for (const connector::UnfitCount& count : counts) progress_.Note(connector::ToText(count));
  }

  base::Status Attempt() {
    // Claimed each time: raising the epoch waits for a commit that is still under way on a
    // connection we lost, and shuts out any later one.
    GODWIT_RETURN_IF_ERROR(Claim());
    const bool begins_anew =
        (options_.restart && !restarted_) || state_.restarted < options_.restart_order;
    const connector::LogNeed need = begins_anew ? connector::LogNeed{} : NeedOf(state_);
    GODWIT_ASSIGN_OR_RETURN(const connector::SettledServer server, source_.Settle(need));
    // What the earlier server has kept of its log is nothing to look for at this one.
    if (server.moved && !need.needs_log) progress_.EnterPhase(TaskPhase::kPreparing);
    if (options_.generation != 0) GODWIT_RETURN_IF_ERROR(source_.EndOtherRuns(options_.generation));
    if (begins_anew) {
      // The tables stay on record, so that what the task has made is known to be its own. With the
      // order in the same transaction, it is carried out once, whatever ends the run.
      GODWIT_RETURN_IF_ERROR(destination_.SaveHead(
          TaskState{.restarted = std::max(state_.restarted, options_.restart_order)}));
      restarted_ = true;
    }
    GODWIT_ASSIGN_OR_RETURN(std::optional<TaskState> loaded, destination_.LoadState());
    if (!loaded)
      return base::FailedPrecondition(
          "the task's state has gone from the target; run it again to begin anew");
    // One that was frozen in between may have ended a later run's connections to the source just
    // now; no later run will end those that it would go on with.
    if (loaded->epoch != state_.epoch)
      return base::Unavailable("the task was claimed by another run just now");
    state_ = *std::move(loaded);
    GODWIT_ASSIGN_OR_RETURN(const std::string moved, GoOnAt(server, destination_, state_));
    if (!moved.empty()) {
      progress_.Note(moved);
      until_ = {};  // it was a place of the other one
    }
    progress_.SetServer(server.address, server.identity);
    if (state_.phase == TaskPhase::kPreparing) {
      progress_.EnterPhase(TaskPhase::kPreparing);
      GODWIT_RETURN_IF_ERROR(PrepareTask(task_, source_, destination_, state_));
      GODWIT_RETURN_IF_ERROR(
          Enter(task_.mode == config::Mode::kStream ? TaskPhase::kStreaming : TaskPhase::kSchema));
    }
    GODWIT_ASSIGN_OR_RETURN(TaskTables tables, TaskTables::Make(source_, std::move(state_.tables)));
    progress_.tables.Reset(tables.states());
    if (state_.phase == TaskPhase::kSchema) GODWIT_RETURN_IF_ERROR(CreateSchema(tables));
    if (state_.phase == TaskPhase::kCopying || tables.SomeToCopy()) {
      GODWIT_RETURN_IF_ERROR(Copy(tables));
    }
    const bool needs_end = options_.until_caught_up && until_.empty();
    if (needs_end || state_.phase == TaskPhase::kCatchingUp) {
      // What was copied is no later than this, which the stream reaches.
      GODWIT_ASSIGN_OR_RETURN(const model::Position end, source_.CurrentPosition());
      if (needs_end) until_ = end;
    }
    if (state_.phase == TaskPhase::kCatchingUp) GODWIT_RETURN_IF_ERROR(CatchUp(tables));
    if (task_.mode == config::Mode::kCopy) {
      if (state_.phase != TaskPhase::kFinished) GODWIT_RETURN_IF_ERROR(Complete(tables));
      GODWIT_RETURN_IF_ERROR(Enter(TaskPhase::kFinished));
      base::Failpoint("task.before_release");
      return source_.ReleaseLog();
    }
    GODWIT_RETURN_IF_ERROR(Stream(tables));
    return Complete(tables);
  }

  // All has been applied: what the log does not tell, and what would have acted on the changes.
  base::Status Complete(const TaskTables& tables) {
    GODWIT_RETURN_IF_ERROR(TakeLargeObjects());
    GODWIT_RETURN_IF_ERROR(destination_.LetKeysAct(tables.Definitions()));
    return CreateLastObjects(task_, source_, destination_);
  }

  base::Status TakeLargeObjects() {
    return CopyLargeObjects(task_, source_, destination_, progress_, stop_);
  }

  // Begins the task where it is not known; but not one that has gone since this run began.
  base::Status Claim() {
    if (!claimed_) {
      GODWIT_ASSIGN_OR_RETURN(state_, destination_.Claim(options_.generation));
      claimed_ = true;
      return base::OkStatus();
    }
    GODWIT_ASSIGN_OR_RETURN(std::optional<TaskState> known,
                            destination_.ClaimIfKnown(options_.generation));
    if (!known) {
      return base::FailedPrecondition(
          "the task has been removed from the target while it ran (`godwit remove`); what it has "
          "written stays as it is");
    }
    state_ = *std::move(known);
    return base::OkStatus();
  }

  base::Status Enter(TaskPhase phase) {
    state_.phase = phase;
    GODWIT_RETURN_IF_ERROR(destination_.SaveHead(state_));
    progress_.EnterPhase(phase);
    return base::OkStatus();
  }

  connector::TableFilter Filter() const { return FilterOf(task_); }

  base::Status CreateSchema(TaskTables& tables) {
    progress_.EnterPhase(TaskPhase::kSchema);
    base::Failpoint("task.before_schema");
    GODWIT_ASSIGN_OR_RETURN(connector::Catalog catalog, source_.ReadCatalog(Filter(), {}));
    ForgetGone(catalog, tables);
    GODWIT_RETURN_IF_ERROR(PrepareCopies(source_, destination_, Filter(), tables, progress_));
    GODWIT_RETURN_IF_ERROR(destination_.CreateSchemas(catalog.schemas));
    GODWIT_RETURN_IF_ERROR(CreateObjectsBeforeTables(task_, source_, destination_));
    GODWIT_RETURN_IF_ERROR(MakeTables(task_, source_, destination_, tables, stop_));
    return Enter(TaskPhase::kCopying);
  }

  base::Status Copy(TaskTables& tables) {
    if (state_.phase == TaskPhase::kCopying) {
      progress_.EnterPhase(TaskPhase::kCopying);
    } else {
      GODWIT_RETURN_IF_ERROR(Enter(TaskPhase::kCopying));
    }
    GODWIT_ASSIGN_OR_RETURN(connector::Catalog catalog, source_.ReadCatalog(Filter(), {}));
    GODWIT_RETURN_IF_ERROR(PrepareCopies(source_, destination_, Filter(), tables, progress_));
    GODWIT_RETURN_IF_ERROR(destination_.CreateSchemas(SchemasToCopyInto(catalog, tables)));
    GODWIT_RETURN_IF_ERROR(MakeTables(task_, source_, destination_, tables, stop_));
    uint64_t done = 0, rows = 0, bytes = 0;
    for (const auto& [name, state] : tables.states()) {
      if (state.stage != TableStage::kCopying) ++done;
      for (const connector::RangeState& range : state.ranges)
        rows += range.rows, bytes += range.bytes;
    }
    progress_.tables_total = tables.states().size();
    progress_.tables_done = done;
    progress_.rows_copied = rows;
    progress_.bytes_copied = progress_.bytes_read = bytes;
    progress_.tables.Reset(tables.states());
    const TableSizes sizes = SizesToCopy(catalog, tables, progress_);
    // Tables that were kept may have those of an earlier run.
    GODWIT_RETURN_IF_ERROR(HoldBack(tables));
    GODWIT_RETURN_IF_ERROR(
        CopyTables(task_, source_, state_.t0, destination_, tables, sizes, progress_, stop_));
    // Most of the work; mode `copy` ends with it anyway.
    if (task_.mode != config::Mode::kCopy) GODWIT_RETURN_IF_ERROR(TakeLargeObjects());
    state_.copy_end = tables.CopyEnd();
    base::Failpoint("task.before_catching_up");
    return Enter(TaskPhase::kCatchingUp);
  }

  // As StreamChanges; notes where the attempt ends because a table has joined.
  base::Status Follow(TaskTables& tables, StreamGoal goal) {
    goal.schemas = state_.schemas;
    goal.catalog_read = state_.catalog_read;
    goal.cut_off = cut_off_;
    base::Status status =
        StreamChanges(task_, source_, destination_, tables, goal, progress_, stop_);
    joins_ = absl::IsAborted(status) && tables.SomeToCopy();
    return status;
  }

  // Applies what happened while the copy was running; from the end of that on, the target is in a
  // state that the source went through, and what could not be made before can be.
  base::Status CatchUp(TaskTables& tables) {
    progress_.EnterPhase(TaskPhase::kCatchingUp);
    progress_.SetApplied(state_.applied);
    GODWIT_RETURN_IF_ERROR(HoldBack(tables));
    if (!state_.copy_end.empty()) {
      // An earlier run may have written rows of later moments than the copy's.
      state_.copy_end = tables.CopyEnd();
      GODWIT_RETURN_IF_ERROR(Follow(
          tables, {state_.applied, state_.copy_end, state_.copy_end, state_.open_group, true}));
    }
    for (auto& [name, state] : tables.states()) {
      if (state.stage == TableStage::kCopied && state.unique_keys_deferred) {
        GODWIT_RETURN_IF_ERROR(
            destination_.FinishTable(tables.Definition(name), connector::UniqueKeys::kBuild));
        state.unique_keys_deferred = false;
      }
    }
    GODWIT_RETURN_IF_ERROR(CreateForeignKeys(tables));
    GODWIT_RETURN_IF_ERROR(CreateObjectsWithLog(tables));
    std::vector<TableState> states;
    for (auto& [name, state] : tables.states()) {
      if (state.stage == TableStage::kDropped) continue;
      state.stage = TableStage::kStreaming;
      state.ranges.clear();
      states.push_back(state);
    }
    GODWIT_RETURN_IF_ERROR(destination_.SaveTables(states));
    progress_.tables.Reset(tables.states());
    GODWIT_RETURN_IF_ERROR(ReloadApplied());
    base::Failpoint("task.before_streaming");
    return Enter(TaskPhase::kStreaming);
  }

  base::Status ReloadApplied() {
    GODWIT_ASSIGN_OR_RETURN(std::optional<TaskState> now, destination_.LoadState());
    if (!now) return base::FailedPrecondition("the task's state has gone from the target");
    state_.applied = now->applied;
    state_.applied_commit_us = now->applied_commit_us;
    state_.open_group = std::move(now->open_group);
    state_.schemas = std::move(now->schemas);
    return base::OkStatus();
  }

  // Objects are made as they are now, over tables as they were at the checkpoint. Where that fails,
  // the log may have more to say of either.
  base::Status CreateObjectsWithLog(TaskTables& tables) {
    constexpr int kMostTries = 4;
    GODWIT_RETURN_IF_ERROR(ReloadApplied());
    for (int tries = 1;; ++tries) {
      base::Status created = state_.open_group
                                 ? base::OkStatus()
                                 : CreateObjectsAfterTables(task_, source_, destination_, tables);
      // One that is there and differs: the log may tell how it has become what it is by now.
      const bool differs = absl::IsAlreadyExists(created);
      if (!state_.open_group &&
          (tries == kMostTries || !(differs || absl::IsFailedPrecondition(created)))) {
        return created;
      }
      GODWIT_ASSIGN_OR_RETURN(const model::Position now, source_.CurrentPosition());
      if (source_.Compare(state_.applied, now) != std::partial_ordering::less) return created;
      GODWIT_RETURN_IF_ERROR(
          Follow(tables, {state_.applied, {}, now, state_.open_group, !differs}));
      GODWIT_RETURN_IF_ERROR(ReloadApplied());
    }
  }

  // Of the tables that were copied; those in the stream already have theirs.
  base::Status CreateForeignKeys(const TaskTables& tables) {
    std::vector<connector::TableDefinition> copied;
    for (connector::TableDefinition& table : tables.Definitions()) {
      if (tables.states().at(table.table->name).stage != TableStage::kStreaming)
        copied.push_back(std::move(table));
    }
    return destination_.CreateForeignKeys(copied);
  }

  // What would act on rows that are written.
  base::Status HoldBack(const TaskTables& tables) {
    GODWIT_RETURN_IF_ERROR(DropLastObjects(task_, source_, destination_));
    return destination_.HoldKeysBack(tables.Definitions());
  }

  base::Status Stream(TaskTables& tables) {
    GODWIT_RETURN_IF_ERROR(HoldBack(tables));
    progress_.EnterPhase(TaskPhase::kStreaming);
    progress_.SetApplied(state_.applied);
    return Follow(tables, {state_.applied, {}, until_, state_.open_group});
  }

  const config::Task& task_;
  connector::Source& source_;
  connector::Destination& destination_;
  const RunOptions& options_;
  Progress& progress_;
  std::stop_token stop_, cut_off_;
  TaskState state_;
  bool claimed_ = false;
  bool restarted_ = false;
  bool joins_ = false;     // the attempt ended because a table has come into the task
  model::Position until_;  // empty: until stopped
};

}  // namespace

base::Status RunTask(const config::Task& task, connector::Source& source,
                     connector::Destination& destination, const RunOptions& options,
                     Progress& progress, std::stop_token stop) {
  LogGuard guard(task, source, progress, std::move(stop));
  return guard.End(
      TaskRunner(task, source, destination, options, progress, guard.stop(), guard.cut_off())
          .Run());
}

}  // namespace godwit::pipeline
