#include "pipeline/stream_runner.h"

#include <chrono>
#include <optional>

#include "pipeline/change_merger.h"
#include "pipeline/fitted_tables.h"
#include "pipeline/group_writer.h"
#include "pipeline/stream_ddl.h"
#include "pipeline/stream_reader.h"
#include "pipeline/task_scope.h"

namespace godwit::pipeline {
namespace {

using connector::ApplyMode;
using model::ChangeBatch;
using model::ChangeEvent;
using model::ChangeKind;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPoll(20);
// While the log has more at once, and where there is nothing to write but the position.
constexpr milliseconds kGather(50);
constexpr std::chrono::seconds kLagPeriod(2);
constexpr milliseconds kAppliedPeriod(500);
constexpr std::chrono::seconds kStopPatience(5);
// Of a group. The more changes, the more of them are of the same rows; beyond this little is
// gained, and what they do to the target is seen later.
constexpr size_t kMostRows = 100'000;
// Likewise: for each table that a transaction comes to, a server looks through all that it has been
// to.
constexpr size_t kMostTables = 500;

class StreamRunner {
 public:
  StreamRunner(const config::Task& task, connector::Source& source,
               connector::Destination& destination, TaskTables& tables, const StreamGoal& goal,
               Progress& progress)
      : task_(task),
        source_(source),
        destination_(destination),
        tables_(tables),
        goal_(goal),
        progress_(progress),
        group_bytes_(task.memory_limit / 8),
        idempotent_until_(goal.idempotent_until),
        until_(goal.until),
        graph_at_(goal.after),
        ddl_(task.ddl, destination, tables, fitted_, progress, !goal.idempotent_until.empty()),
        open_group_(goal.open_group),
        idempotent_(!goal.idempotent_until.empty()) {}

  base::Status Run(std::stop_token stop) {
    const bool reached = Reached(goal_.after);
    if (reached && idempotent_) return base::OkStatus();
    // Before the log is held open: the target may not answer.
    if (!reached) GODWIT_RETURN_IF_ERROR(fitted_.Refresh(tables_, destination_, progress_));
    // Opened also where nothing is to come: the source may not keep what would come later.
    GODWIT_ASSIGN_OR_RETURN(std::string dialect, destination_.Dialect());
    GODWIT_ASSIGN_OR_RETURN(
        std::unique_ptr<connector::ChangeStream> stream,
        source_.OpenChangeStream({goal_.after, tables_.Tracked(), FilterOf(task_),
                                  std::move(dialect), goal_.schemas, goal_.catalog_read}));
    if (reached) return base::OkStatus();
    reader_.emplace(std::move(stream), task_.memory_limit, group_bytes_);
    reader_->set_unbounded(open_group_.has_value());  // it ends where it ended, whatever it takes
    GODWIT_RETURN_IF_ERROR(OpenWriter());
    StartGroup();
    std::stop_callback cut_off(goal_.cut_off, [this] { reader_->Cancel(), writer_->Cancel(); });
    reader_->Start();
    base::Status status = Build(stop);
    reader_->Stop();
    // What was built is applied also where the stream has failed: it is whole up to the last
    // commit.
    base::Status written = writer_->Drain();
    progress_.change_queue_bytes = 0;
    return written.ok() ? status : written;
  }

 private:
  base::Status OpenWriter() {
    const bool lanes = task_.stream.consistency == config::Consistency::kRow;
    const int count = lanes ? task_.stream.lanes : 1;
    std::vector<std::unique_ptr<connector::ChangeApplier>> appliers;
    for (int i = 0; i < count; ++i) {
      GODWIT_ASSIGN_OR_RETURN(appliers.emplace_back(), destination_.OpenApplier(count > 1));
    }
    writer_ =
        std::make_unique<GroupWriter>(std::move(appliers), progress_, [this] { reader_->Wake(); });
    return base::OkStatus();
  }

  // From the reader's batches into groups, and those to the writer.
  base::Status Build(std::stop_token stop) {
    while (true) {
      GODWIT_RETURN_IF_ERROR(writer_->status());
      std::optional<StreamReader::Batch> batch = reader_->Take(Patience());
      const bool idle = !batch;
      if (!idle) {
        read_at_ = batch->read_at;
        GODWIT_RETURN_IF_ERROR(Take(std::move(batch->batch), stop));
        if (!in_transaction_ && !done_)
          GODWIT_RETURN_IF_ERROR(MaybeCloseGroup(reader_->has_more()));
      } else if (reader_->ended()) {
        if (!in_transaction_) GODWIT_RETURN_IF_ERROR(CloseGroup());
        const base::Status& why = reader_->status();
        return why.ok() ? base::Cancelled("the stream was closed") : why;
      } else if (!in_transaction_) {
        GODWIT_RETURN_IF_ERROR(MaybeCloseGroup(false));
      }
      if (done_) return CloseGroup();
      if (stop.stop_requested()) GODWIT_RETURN_IF_ERROR(Stop());
      UpdateLag(idle);
    }
  }

  // Ends at a commit; a transaction that goes on for long is left to the next run instead.
  base::Status Stop() {
    const auto now = steady_clock::now();
    if (!stop_deadline_) stop_deadline_ = now + kStopPatience;
    if (in_transaction_ && now < *stop_deadline_) return base::OkStatus();
    if (!in_transaction_) GODWIT_RETURN_IF_ERROR(CloseGroup());
    return base::Cancelled("stopped by the operator");
  }

  base::Status Take(std::shared_ptr<const ChangeBatch> batch, std::stop_token stop) {
    progress_.log_bytes += batch->log_bytes;
    current_ = std::move(batch);
    KeepCurrent();
    GODWIT_RETURN_IF_ERROR(StayIdempotentUntil(current_->ahead_until));
    for (const ChangeEvent& event : current_->events) {
      switch (event.kind) {
        case ChangeKind::kBegin:
          GODWIT_RETURN_IF_ERROR(Begin(event));
          break;
        case ChangeKind::kInsert:
        case ChangeKind::kUpdate:
        case ChangeKind::kDelete:
        case ChangeKind::kTruncate:
          GODWIT_RETURN_IF_ERROR(Add(event));
          break;
        case ChangeKind::kCommit:
        case ChangeKind::kHeartbeat:
          if (event.kind == ChangeKind::kCommit) {
            ++group_.transactions;
            group_.last_commit = event.position;
          }
          in_transaction_ = false;
          GODWIT_RETURN_IF_ERROR(CloseOpenGroupAt(event.position));
          Move(event);
          if (done_) return base::OkStatus();
          GODWIT_RETURN_IF_ERROR(std::exchange(follows_ddl_, false) ? CloseGroup()
                                                                    : MaybeCloseGroup(true));
          if (stop.stop_requested()) GODWIT_RETURN_IF_ERROR(Stop());
          break;
        case ChangeKind::kDdl:
          GODWIT_RETURN_IF_ERROR(ApplyDdl(event));
          if (done_) return base::OkStatus();
          break;
      }
    }
    current_.reset();
    if (group_.bytes < group_bytes_) return base::OkStatus();
    // A transaction that outgrows the group is written piece by piece, inside one transaction of
    // the target.
    return in_transaction_ ? PassPiece() : CloseGroup();
  }

  // Rows are of moments beyond the copy's end: only from there on is the target as the source was.
  // Saved before any of them is written.
  base::Status StayIdempotentUntil(const std::map<model::TableName, model::Position>& ahead) {
    if (ahead.empty() || !idempotent_) return base::OkStatus();
    std::vector<connector::TableState> changed;
    for (const auto& [table, position] : ahead) {
      changed.push_back(tables_.SetAheadUntil(table, position));
      if (source_.Compare(idempotent_until_, position) != std::partial_ordering::less) continue;
      if (until_ == idempotent_until_) until_ = position;
      idempotent_until_ = position;
    }
    return destination_.SaveTables(changed);
  }

  void KeepCurrent() {
    if (current_ == nullptr) return;
    group_.batches.push_back(current_);
    group_.bytes += current_->bytes;
  }

  base::Status Add(const ChangeEvent& event) {
    base::StatusOr<FittedTables::Change> change = fitted_.Take(event, *current_, progress_);
    base::Status status = change.status();
    if (status.ok()) {
      status = change->written ? merger_->Add(event, *change->table)
                               : merger_->AddUnwritten(event, *change->table);
    }
    if (status.ok()) return status;
    status = base::Annotate(status, fmt::format("transaction at {}", graph_at_.text));
    if (event.table != nullptr)
      progress_.tables.Failed(event.table->name, std::string(status.message()));
    return status;
  }

  std::shared_ptr<const connector::ForeignKeyGraph> Graph() const {
    return fitted_.Fit(tables_.GraphAt(graph_at_));
  }

  base::Status Begin(const ChangeEvent& event) {
    in_transaction_ = true;
    begun_at_ = read_at_;
    GODWIT_RETURN_IF_ERROR(CloseOpenGroupAt(event.position));
    if (!group_.read_at) group_.read_at = begun_at_;
    if (group_.first_commit_us == 0) group_.first_commit_us = event.commit_time_us;
    graph_at_ = event.position;
    if (!idempotent_) return base::OkStatus();
    if (source_.Compare(event.position, idempotent_until_) == std::partial_ordering::less) {
      // Tables join the keys that act as the log reaches the end of their copy.
      merger_->SetGraph(Graph());
      return base::OkStatus();
    }
    GODWIT_RETURN_IF_ERROR(CloseGroup());
    idempotent_ = false;
    StartGroup();
    return base::OkStatus();
  }

  void Move(const ChangeEvent& event) {
    group_.position = event.position;
    if (event.commit_time_us > 0) group_.commit_time_us = event.commit_time_us;
    if (Reached(event.position)) done_ = true;
  }

  bool Reached(const model::Position& position) const {
    if (until_.empty()) return false;
    const std::partial_ordering order = source_.Compare(position, until_);
    return order == std::partial_ordering::greater || order == std::partial_ordering::equivalent;
  }

  // Once the log has come to where the group ended that an earlier run has written parts of.
  base::Status CloseOpenGroupAt(const model::Position& position) {
    if (!open_group_) return base::OkStatus();
    const std::partial_ordering order = source_.Compare(position, open_group_->upto);
    if (order != std::partial_ordering::greater && order != std::partial_ordering::equivalent) {
      return base::OkStatus();
    }
    group_.position = group_.last_commit = open_group_->upto;
    group_.begun = std::exchange(open_group_, std::nullopt);
    reader_->set_unbounded(false);
    return CloseGroup();
  }

  void StartGroup() {
    merger_.emplace(idempotent_ ? ApplyMode::kIdempotent : ApplyMode::kStrict,
                    [this](const model::TableName& table) {
                      return ChangeMerger::Standing{!tables_.MayBeAhead(table, graph_at_),
                                                    tables_.UniqueKeysWait(table),
                                                    tables_.HasLookedUp(table)};
                    });
    merger_->SetGraph(Graph());
    group_ = {};
    if (in_transaction_) group_.read_at = begun_at_;
    group_.mode = idempotent_ ? ApplyMode::kIdempotent : ApplyMode::kStrict;
    KeepCurrent();
    opened_ = steady_clock::now();
  }

  // Hands what has been merged to the writer: with its position when it ends at a commit, as a
  // piece of a transaction when not.
  base::Status Pass(bool commit) {
    if (open_group_) return base::OkStatus();  // it ends where it ended then
    group_.rows = merger_->rows();
    progress_.updates_left_to_log += merger_->left_to_log();
    group_.segments = merger_->Take();
    if (!commit) group_.position = {};
    if (group_.segments.empty() && group_.position.empty()) {
      group_.batches.clear();  // nothing of the task's points into them
      group_.bytes = 0;
      KeepCurrent();
      return base::OkStatus();
    }
    // They are committed with the end of the transaction that the piece belongs to.
    const uint64_t uncommitted = commit ? 0 : group_.transactions;
    base::Status status = writer_->Put(std::exchange(group_, {}));
    StartGroup();
    group_.transactions = uncommitted;
    return status;
  }
  base::Status CloseGroup() { return Pass(true); }
  base::Status PassPiece() { return Pass(false); }

  // A group that the writer is free for waits for more only as long as the task asks for, but for
  // what is there already (`more`); one that holds the position alone does not hurry.
  milliseconds LongestWait(bool more) const {
    const bool hurries = !more && merger_->rows() > 0;
    return hurries ? task_.stream.group_ms : std::max(task_.stream.group_ms, kGather);
  }

  base::Status MaybeCloseGroup(bool more) {
    if (group_.position.empty()) return base::OkStatus();
    const bool full = merger_->rows() >= kMostRows || merger_->tables() >= kMostTables;
    const bool due = writer_->idle() && steady_clock::now() - opened_ >= LongestWait(more);
    return full || due ? CloseGroup() : base::OkStatus();
  }

  // How long to wait for a batch before looking at the rest: the writer wakes this thread.
  milliseconds Patience() const {
    if (group_.position.empty() || in_transaction_ || !writer_->idle()) return kPoll;
    const auto left =
        std::chrono::ceil<milliseconds>(opened_ + LongestWait(false) - steady_clock::now());
    return std::clamp(left, milliseconds(0), kPoll);
  }

  // R6: all before it commits, then the statement with the new definitions.
  base::Status ApplyDdl(const ChangeEvent& event) {
    if (goal_.views_later && event.ddl->only_views) {
      Move(event);
      return base::OkStatus();
    }
    if (open_group_) {
      // Parts of a group are in that comes after the statement, which has been done before them:
      // one without a position leaves the checkpoint where it is (CREATE TABLE ... SELECT).
      if (event.position.empty()) return base::OkStatus();
      return base::Internal("a DDL at {} within the group up to {}, parts of which are written",
                            event.position.text, open_group_->upto.text);
    }
    GODWIT_RETURN_IF_ERROR(CloseGroup());
    GODWIT_RETURN_IF_ERROR(writer_->Drain());
    GODWIT_RETURN_IF_ERROR(ddl_.Apply(event));
    StartGroup();
    follows_ddl_ = true;
    if (!event.position.empty()) {
      progress_.SetApplied(event.position);
      if (Reached(event.position)) done_ = true;
    }
    return base::OkStatus();
  }

  void UpdateLag(bool idle) {
    progress_.change_queue_bytes = reader_->held_bytes();
    const auto now = steady_clock::now();
    if (now - applied_told_ >= kAppliedPeriod) {
      applied_told_ = now;
      reader_->Applied(progress_.applied());
    }
    if (idle && writer_->idle() && group_.position.empty() && !in_transaction_)
      progress_.lag_us = 0;
    if (now - lag_asked_ < kLagPeriod) return;
    lag_asked_ = now;
    if (auto behind = source_.LogBytesAfter(progress_.applied()); behind.ok())
      progress_.log_bytes_behind = static_cast<int64_t>(*behind);
  }

  const config::Task& task_;
  connector::Source& source_;
  connector::Destination& destination_;
  TaskTables& tables_;
  const StreamGoal& goal_;
  Progress& progress_;
  const size_t group_bytes_;

  model::Position idempotent_until_, until_;  // as in goal_, or later

  std::optional<StreamReader> reader_;  // outlives all that holds its batches
  std::unique_ptr<GroupWriter> writer_;
  std::optional<ChangeMerger> merger_;
  ChangeGroup group_;
  // Where the transaction begins that is the last one begun. The end of the one before may lie in
  // an earlier file of the log, and so before a token that it has reached.
  model::Position graph_at_;
  FittedTables fitted_;
  StreamDdl ddl_;
  std::shared_ptr<const ChangeBatch>
      current_;  // the batch being taken: every group begun meanwhile holds it
  steady_clock::time_point opened_, lag_asked_, applied_told_;
  // When the batch that is being taken was read, and that in which the last transaction began.
  steady_clock::time_point read_at_, begun_at_;
  std::optional<steady_clock::time_point> stop_deadline_;
  std::optional<connector::OpenGroup> open_group_;  // yet to be reached
  bool in_transaction_ = false;
  // A DDL came before the transaction, and may be of it: where its rows waited for others, and the
  // stream was opened anew, they would come without it.
  bool follows_ddl_ = false;
  bool idempotent_;
  bool done_ = false;
};

}  // namespace

base::Status StreamChanges(const config::Task& task, connector::Source& source,
                           connector::Destination& destination, TaskTables& tables,
                           const StreamGoal& goal, Progress& progress, std::stop_token stop) {
  return StreamRunner(task, source, destination, tables, goal, progress).Run(stop);
}

}  // namespace godwit::pipeline
