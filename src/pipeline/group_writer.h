#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/status.h"
#include "connector/destination.h"
#include "model/change.h"
#include "pipeline/progress.h"

namespace godwit::pipeline {

// Source transactions that become one transaction of the target, or a piece of one that is too
// large to be held whole (no position).
struct ChangeGroup {
  std::vector<connector::ChangeSegment> segments;
  connector::ApplyMode mode = connector::ApplyMode::kStrict;
  model::Position position;     // where it ends; empty: more of its last transaction follows
  model::Position last_commit;  // of its last transaction, with nothing that came after
  int64_t commit_time_us = 0;
  int64_t first_commit_us = 0;  // of its first transaction; 0: not known
  // When that was read of the log; of a group without one: nothing.
  std::optional<std::chrono::steady_clock::time_point> read_at;
  uint64_t transactions = 0;
  size_t rows = 0;
  size_t bytes = 0;  // of the batches
  // Where an earlier run has written parts of this very group: those.
  std::optional<connector::OpenGroup> begun;
  std::vector<std::shared_ptr<const model::ChangeBatch>> batches;  // what the segments point into
};

// Writes groups in order on a thread of its own, one while the next is being built: each by one
// applier, or, where there are several, divided among them where it can be. Put, Drain and idle
// belong to one thread.
class GroupWriter {
 public:
  // At least one applier. `written` is called on the writer's thread after each group, when idle()
  // and status() tell what came of it.
  GroupWriter(std::vector<std::unique_ptr<connector::ChangeApplier>> appliers, Progress& progress,
              std::function<void()> written);
  ~GroupWriter();

  // Waits until the group before is written: with the one being built, there are two in memory at
  // most. The first error of any group, when there was one.
  base::Status Put(ChangeGroup group);
  // Waits until nothing is being written.
  base::Status Drain();
  // Ends what waits for the target; the group is not committed, or nobody knows. From any thread.
  void Cancel();
  bool idle() const;
  // The first error of any group so far.
  base::Status status() const;

 private:
  void Work(std::stop_token stop);
  base::Status Write(const ChangeGroup& group);
  base::Status WriteWhole(const ChangeGroup& group);
  base::Status WriteParts(const ChangeGroup& group, const connector::OpenGroup& division);
  base::Status WritePart(connector::ChangeApplier& applier, connector::ApplyMode mode,
                         const std::vector<connector::ChangeSegment>& changes,
                         const connector::OpenGroup& group, int part);
  // In the applier's open transaction, which an error rolls back.
  base::StatusOr<std::vector<connector::ApplyResult>> Apply(
      connector::ChangeApplier& applier, const std::vector<connector::ChangeSegment>& segments,
      connector::ApplyMode mode);
  bool Divides(const ChangeGroup& group) const;
  void Count(const std::vector<connector::ApplyResult>& results);

  std::vector<std::unique_ptr<connector::ChangeApplier>> appliers_;
  Progress& progress_;
  const std::function<void()> written_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<ChangeGroup> next_;
  bool writing_ = false;
  bool in_pieces_ = false;  // pieces of a transaction are written and not committed
  base::Status status_;
  std::jthread thread_;
};

}  // namespace godwit::pipeline
