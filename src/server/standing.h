#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "config/task.h"
#include "server/task_status.h"

namespace godwit::server {

// What a target has committed of a task.
struct TargetStanding {
  connector::TaskPhase phase = connector::TaskPhase::kPreparing;
  uint64_t epoch = 0;                          // raised by each run that takes it up
  std::map<std::string, uint64_t> tables;      // how many, by stage
  uint64_t rows_copied = 0, bytes_copied = 0;  // while the copy goes on
  std::string server;                          // of the source, that positions are of
  std::string t0, applied, copy_end;           // positions
  int64_t applied_commit_us = 0;               // when the source committed the last change applied
  std::string pending_ddl;                     // begun and not yet known to be done
  std::string pending_ddl_why;                 // why it waits for the operator; empty: it does not
  std::vector<connector::DdlRecord> ddls;      // those that were not executed as they stood
};

// Where a task stands, put together from what the target, the source and the state directory say,
// each as far as it can be asked.
struct Standing {
  std::optional<int64_t> running_pid;  // the process that runs it on this state directory
  std::optional<TaskStatus> last_run;  // as the state directory has it: now, or when it ended

  // What the target has committed of it; nothing when it has never seen the task.
  std::optional<TargetStanding> target;
  std::optional<uint64_t> bytes_behind;        // of the source's log
  std::optional<connector::LogHold> log_hold;  // what the source keeps of its log for the task now

  // What could not be asked, and why.
  std::string store_problem, target_problem, source_problem;
};

// Reads it; takes no lock and changes nothing, so that it may be asked while the task runs. An
// error only when the state directory's as well as the target's word are missing.
base::StatusOr<Standing> ReadStanding(const config::Task& task, const std::string& state_dir);

}  // namespace godwit::server
