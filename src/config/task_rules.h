#pragma once

#include "config/task_keys.h"

namespace godwit::config {

// The rules between keys, of all that has been read: what is not known yet, as the source of a task
// by itself, breaks none. What does goes to the draft's problems.
void CheckRules(TaskDraft& draft);

// The task that has been read, with its rules checked, or all that is wrong with it.
absl::StatusOr<Task> ToTask(TaskDraft& draft);

}  // namespace godwit::config
