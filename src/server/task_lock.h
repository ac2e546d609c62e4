#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/status.h"

namespace godwit::server {

// Held by the process that runs a task, so that a second one on the same state directory is
// refused. A lock on <state-dir>/<task>.lock, which ends with the process however that ends; the
// file stays, and names the last holder's process id.
class TaskLock {
 public:
  // kFailedPrecondition, naming the process, when another one runs the task.
  static base::StatusOr<TaskLock> Take(const std::string& state_dir, const std::string& task);
  ~TaskLock();
  TaskLock(TaskLock&& other) noexcept : file_(other.file_) { other.file_ = -1; }
  TaskLock(const TaskLock&) = delete;
  TaskLock& operator=(const TaskLock&) = delete;

  // The process that runs the task; nothing when none does. Takes no lock itself.
  static std::optional<int64_t> Holder(const std::string& state_dir, const std::string& task);

 private:
  explicit TaskLock(int file) : file_(file) {}
  int file_;
};

}  // namespace godwit::server
