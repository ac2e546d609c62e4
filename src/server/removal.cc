#include "server/removal.h"

#include <filesystem>
#include <memory>

#include "base/failpoint.h"
#include "server/connectors.h"
#include "server/patience.h"
#include "server/run_record.h"
#include "server/state_dir.h"
#include "server/task_lock.h"
#include "store/sqlite_store.h"

namespace godwit::server {
namespace {

using connector::TaskPhase;
using connector::TaskState;

// Whether a run would go on from it.
bool CanGoOn(const std::optional<TaskState>& state) {
  if (!state || state->phase == TaskPhase::kFinished) return false;
  return state->phase != TaskPhase::kPreparing || !state->tables.empty();
}

base::Status WithHint(const base::Status& status, std::string_view hint) {
  return base::MakeStatus(status.code(), "{}; {}", status.message(), hint);
}

void Note(RemovalStep& step, std::vector<std::string> what, RemovalOutcome outcome) {
  step.outcome = what.empty() ? RemovalOutcome::kNothing : outcome;
  step.what = std::move(what);
}

class Remover {
 public:
  Remover(const std::string& task, connector::Source* source, connector::Destination* destination,
          const RemovalOptions& options)
      : task_(task), source_(source), destination_(destination), options_(options) {}

  Removal Run() {
    removal_.status = Remove();
    // A lock that is there for this alone is nothing to be found by the next.
    if (lock_ && !had_lock_) lock_->RemoveFile().IgnoreError();
    return std::move(removal_);
  }

 private:
  base::Status Remove() {
    if (source_ == nullptr) removal_.source.outcome = RemovalOutcome::kLeftOut;
    if (destination_ == nullptr) removal_.target.outcome = RemovalOutcome::kLeftOut;
    GODWIT_RETURN_IF_ERROR(OpenStateDir());
    if (destination_ != nullptr) {
      GODWIT_ASSIGN_OR_RETURN(std::optional<TaskState> state, ReadState());
      GODWIT_ASSIGN_OR_RETURN(const bool others, HoldsForOthers(state));
      if (others) return PreviewOfHold();
      if (NeedsYes(state)) return Preview(*state);
      GODWIT_ASSIGN_OR_RETURN(state,
                              WithPatience([this] { return destination_->ClaimIfKnown(0); }));
      if (NeedsYes(state)) return Preview(*state);  // a run has come and gone in between
      if (state) removal_.phase = state->phase;
    }
    if (source_ != nullptr) GODWIT_RETURN_IF_ERROR(ReleaseSource());
    base::Failpoint("remove.after_source");
    if (destination_ != nullptr) GODWIT_RETURN_IF_ERROR(ForgetOnTarget());
    base::Failpoint("remove.after_target");
    return ForgetHere();
  }

  // Takes the lock where a run from here may hold it; a directory is not made for that.
  base::Status OpenStateDir() {
    namespace fs = std::filesystem;
    std::error_code error;
    const bool there = fs::exists(options_.state_dir, error);
    if (!error && there) {
      had_lock_ = fs::exists(TaskLock::Path(options_.state_dir, task_), error);
    }
    if (error) {
      return base::FailedPrecondition("state directory {}: {}", options_.state_dir,
                                      error.message());
    }
    if (!there) return base::OkStatus();
    GODWIT_ASSIGN_OR_RETURN(TaskLock lock, TaskLock::Take(options_.state_dir, task_));
    lock_.emplace(std::move(lock));
    const std::string store = StorePath(options_.state_dir);
    if (!fs::exists(store, error)) return base::OkStatus();
    GODWIT_ASSIGN_OR_RETURN(store_, store::SqliteStore::Open(store));
    return base::OkStatus();
  }

  base::StatusOr<std::optional<TaskState>> ReadState() {
    auto state = destination_->LoadState();
    if (state.ok()) return state;
    return WithHint(state.status(),
                    "nothing has been removed. Where the target exists no more, "
                    "`--target-is-gone` leaves it out");
  }

  bool NeedsYes(const std::optional<TaskState>& state) const {
    return !options_.yes && CanGoOn(state);
  }

  // What the source keeps goes by the task's name: where the target knows nothing of it, it may be
  // another task's.
  base::StatusOr<bool> HoldsForOthers(const std::optional<TaskState>& state) {
    if (options_.yes || state || source_ == nullptr) return false;
    GODWIT_ASSIGN_OR_RETURN(const std::vector<std::string> holds, ListHolds());
    return !holds.empty();
  }

  base::StatusOr<std::vector<std::string>> ListHolds() {
    auto holds = source_->ListLogHolds();
    if (holds.ok()) return holds;
    return WithHint(holds.status(),
                    "nothing has been removed. Where the source exists no more, "
                    "`--source-is-gone` leaves it out");
  }

  base::Status PreviewOfHold() {
    GODWIT_ASSIGN_OR_RETURN(std::vector<std::string> holds, ListHolds());
    Note(removal_.source, std::move(holds), RemovalOutcome::kWouldRemove);
    Note(removal_.target, {}, RemovalOutcome::kWouldRemove);
    GODWIT_ASSIGN_OR_RETURN(std::vector<std::string> kept, ListHere());
    Note(removal_.state_dir, std::move(kept), RemovalOutcome::kWouldRemove);
    return base::FailedPrecondition(
        "task {}: the target knows nothing of it, and the source keeps its log for a task of this "
        "name: see that `target.url`, `meta_schema` and `name` are right. Nothing has been "
        "removed; "
        "`--yes` removes what is listed",
        task_);
  }

  base::Status Preview(const TaskState& state) {
    removal_.phase = state.phase;
    if (source_ != nullptr) {
      if (auto holds = source_->ListLogHolds(); holds.ok()) {
        Note(removal_.source, *std::move(holds), RemovalOutcome::kWouldRemove);
      } else {
        removal_.source.outcome = RemovalOutcome::kUnknown;
        removal_.source.left.emplace_back(holds.status().message());
      }
    }
    Note(removal_.target,
         {fmt::format("the task's state: {}, {} tables", connector::ToString(state.phase),
                      state.tables.size())},
         RemovalOutcome::kWouldRemove);
    GODWIT_ASSIGN_OR_RETURN(std::vector<std::string> kept, ListHere());
    Note(removal_.state_dir, std::move(kept), RemovalOutcome::kWouldRemove);
    return base::FailedPrecondition(
        "task {}: it has not ended (phase {}); once removed, it cannot go on, and a run would "
        "begin anew. Nothing has been removed; `--yes` removes what is listed",
        task_, connector::ToString(state.phase));
  }

  base::Status ReleaseSource() {
    GODWIT_ASSIGN_OR_RETURN(std::vector<std::string> holds, ListHolds());
    if (!holds.empty()) {
      const base::Status released = WithPatience([this] { return source_->ReleaseLog(); });
      if (!released.ok()) {
        return WithHint(released, fmt::format("what is left of {} keeps the source's log: remove "
                                              "the task again once this is put right",
                                              fmt::join(holds, " and ")));
      }
    }
    Note(removal_.source, std::move(holds), RemovalOutcome::kRemoved);
    return base::OkStatus();
  }

  base::Status ForgetOnTarget() {
    auto forgotten = destination_->Forget();
    if (!forgotten.ok()) {
      return WithHint(forgotten.status(),
                      "the target may still have some of the task's state: remove the task again");
    }
    Note(removal_.target, std::move(forgotten->removed), RemovalOutcome::kRemoved);
    removal_.target.left = std::move(forgotten->left);
    return base::OkStatus();
  }

  base::StatusOr<std::vector<std::string>> ListHere() {
    std::vector<std::string> kept;
    if (store_ != nullptr) {
      GODWIT_ASSIGN_OR_RETURN(const bool recorded, RunRecord(*store_, task_).Exists());
      if (recorded) {
        kept.push_back("the record of the last run in " + StorePath(options_.state_dir));
      }
    }
    if (had_lock_) kept.push_back(TaskLock::Path(options_.state_dir, task_));
    return kept;
  }

  base::Status ForgetHere() {
    GODWIT_ASSIGN_OR_RETURN(std::vector<std::string> kept, ListHere());
    if (store_ != nullptr) GODWIT_RETURN_IF_ERROR(RunRecord(*store_, task_).Delete());
    // Last: until then no run from here can come in between.
    if (lock_) GODWIT_RETURN_IF_ERROR(lock_->RemoveFile());
    Note(removal_.state_dir, std::move(kept), RemovalOutcome::kRemoved);
    return base::OkStatus();
  }

  const std::string& task_;
  connector::Source* const source_;
  connector::Destination* const destination_;
  const RemovalOptions& options_;
  std::optional<TaskLock> lock_;
  bool had_lock_ = false;  // the file was there before
  std::unique_ptr<store::SqliteStore> store_;
  Removal removal_;
};

}  // namespace

std::string_view ToString(RemovalOutcome outcome) {
  switch (outcome) {
    case RemovalOutcome::kNotReached:
      return "not-reached";
    case RemovalOutcome::kNothing:
      return "nothing";
    case RemovalOutcome::kRemoved:
      return "removed";
    case RemovalOutcome::kWouldRemove:
      return "would-remove";
    case RemovalOutcome::kUnknown:
      return "unknown";
    case RemovalOutcome::kLeftOut:
      return "left-out";
  }
  return "?";
}

Removal RemoveTask(const std::string& task, connector::Source* source,
                   connector::Destination* destination, const RemovalOptions& options) {
  return Remover(task, source, destination, options).Run();
}

Removal RemoveTask(const config::Task& task, const RemovalOptions& options) {
  Removal failed;
  std::unique_ptr<connector::Source> source;
  std::unique_ptr<connector::Destination> destination;
  if (!options.source_is_gone) {
    auto made = MakeSource(task);
    failed.status = made.status();
    if (!made.ok()) return failed;
    source = *std::move(made);
  }
  if (!options.target_is_gone) {
    auto made = MakeDestination(task);
    failed.status = made.status();
    if (!made.ok()) return failed;
    destination = *std::move(made);
  }
  return RemoveTask(task.name, source.get(), destination.get(), options);
}

}  // namespace godwit::server
