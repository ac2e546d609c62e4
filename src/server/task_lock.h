#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/status.h"

namespace godwit::server {

// Held by the process that runs a task, so that a second one on the same state directory is
// refused. A lock on <state-dir>/<task>.lock, which ends with the process however that ends; the
// file stays, and names the last holder's process id, until the task is removed.
class TaskLock {
 public:
  // Of the file.
  static std::string Path(const std::string& state_dir, const std::string& task);

  // kFailedPrecondition, naming the process, when another one runs the task.
  static base::StatusOr<TaskLock> Take(const std::string& state_dir, const std::string& task);
  ~TaskLock();
  TaskLock(TaskLock&& other) noexcept : file_(other.file_), path_(std::move(other.path_)) {
    other.file_ = -1;
  }
  TaskLock(const TaskLock&) = delete;
  TaskLock& operator=(const TaskLock&) = delete;

  // The process that runs the task; nothing when none does. Takes no lock itself.
  static std::optional<int64_t> Holder(const std::string& state_dir, const std::string& task);

  // Deletes the file. From then on the lock keeps nobody out.
  base::Status RemoveFile();

 private:
  TaskLock(int file, std::string path) : file_(file), path_(std::move(path)) {}
  int file_;
  std::string path_;
};

}  // namespace godwit::server
