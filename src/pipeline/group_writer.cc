#include "pipeline/group_writer.h"

#include <chrono>

namespace godwit::pipeline {

GroupWriter::GroupWriter(std::unique_ptr<connector::ChangeApplier> applier, Progress& progress)
    : applier_(std::move(applier)),
      progress_(progress),
      thread_([this](std::stop_token stop) { Work(stop); }) {}

GroupWriter::~GroupWriter() {
  thread_.request_stop();
  thread_.join();
}

base::Status GroupWriter::Put(ChangeGroup group) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !next_ || !status_.ok(); });
  GODWIT_RETURN_IF_ERROR(status_);
  next_ = std::move(group);
  changed_.notify_all();
  return base::OkStatus();
}

base::Status GroupWriter::Drain() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return (!next_ && !writing_) || !status_.ok(); });
  return status_;
}

base::Status GroupWriter::status() const {
  std::lock_guard lock(mutex_);
  return status_;
}

bool GroupWriter::idle() const {
  std::lock_guard lock(mutex_);
  return !next_ && !writing_;
}

void GroupWriter::Work(std::stop_token stop) {
  while (true) {
    std::optional<ChangeGroup> group;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return next_.has_value(); })) return;
      group = std::exchange(next_, std::nullopt);
      writing_ = true;
      changed_.notify_all();
    }
    base::Status status = Write(*group);
    group.reset();
    std::lock_guard lock(mutex_);
    writing_ = false;
    status_ = std::move(status);
    changed_.notify_all();
    if (!status_.ok()) return;
  }
}

base::Status GroupWriter::Write(const ChangeGroup& group) {
  for (const connector::ChangeSegment& segment : group.segments) {
    base::StatusOr<connector::ApplyResult> result = applier_->Apply(segment, group.mode);
    if (!result.ok()) {
      applier_->Rollback();
      return result.status();
    }
    progress_.statements += result->statements;
    if (result->drifted_rows > 0) {
      progress_.drifted_rows += result->drifted_rows;
      progress_.Note("drift on the target: " + result->drift);
    }
  }
  progress_.row_changes += group.rows;
  if (group.position.empty()) return base::OkStatus();
  GODWIT_RETURN_IF_ERROR(applier_->Commit(group.position, group.commit_time_us));
  progress_.transactions += group.transactions;
  ++progress_.groups;
  progress_.SetApplied(group.position);
  if (group.commit_time_us > 0) {
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    progress_.lag_us = std::max<int64_t>(0, now.count() - group.commit_time_us);
  }
  return base::OkStatus();
}

}  // namespace godwit::pipeline
