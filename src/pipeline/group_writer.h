#pragma once

#include <condition_variable>
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
  model::Position position;  // of its last commit; empty: more of the transaction follows
  int64_t commit_time_us = 0;
  uint64_t transactions = 0;
  size_t rows = 0;
  size_t bytes = 0;                                                // of the batches
  std::vector<std::shared_ptr<const model::ChangeBatch>> batches;  // what the segments point into
};

// Writes groups in order on a thread of its own, one while the next is being built. Put, Drain and
// idle belong to one thread.
class GroupWriter {
 public:
  GroupWriter(std::unique_ptr<connector::ChangeApplier> applier, Progress& progress);
  ~GroupWriter();

  // Waits until the group before is written. The first error of any group, when there was one.
  base::Status Put(ChangeGroup group);
  // Waits until nothing is being written.
  base::Status Drain();
  bool idle() const;
  // The first error of any group so far.
  base::Status status() const;

 private:
  void Work(std::stop_token stop);
  base::Status Write(const ChangeGroup& group);

  std::unique_ptr<connector::ChangeApplier> applier_;
  Progress& progress_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<ChangeGroup> next_;
  bool writing_ = false;
  base::Status status_;
  std::jthread thread_;
};

}  // namespace godwit::pipeline
