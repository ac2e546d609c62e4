#pragma once

#include <optional>
#include <string>

#include "server/task_status.h"
#include "store/store.h"

namespace godwit::server {

// A task's last run as the store keeps it: status/subtask/<task>. Thread-safe as the store is.
class RunRecord {
 public:
  // `store` is borrowed.
  RunRecord(store::Store& store, const std::string& task)
      : store_(store), key_("status/subtask/" + task) {}

  base::Status Write(const TaskStatus& status) { return store_.Put(key_, ToJson(status)); }

  // Nothing when the task has never run over this store.
  base::StatusOr<std::optional<TaskStatus>> Read() {
    GODWIT_ASSIGN_OR_RETURN(std::optional<store::Entry> entry, store_.Get(key_));
    if (!entry) return std::optional<TaskStatus>();
    GODWIT_ASSIGN_OR_RETURN(TaskStatus status, TaskStatusFromJson(entry->value));
    return std::optional<TaskStatus>(std::move(status));
  }

  // Whether there is one, readable or not.
  base::StatusOr<bool> Exists() {
    GODWIT_ASSIGN_OR_RETURN(std::optional<store::Entry> entry, store_.Get(key_));
    return entry.has_value();
  }

  base::Status Delete() { return store_.Delete(key_); }

 private:
  store::Store& store_;
  const std::string key_;
};

}  // namespace godwit::server
