#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/status.h"
#include "config/task.h"
#include "pipeline/task_check.h"
#include "server/task_status.h"

namespace godwit::server {

struct LocalRunOptions {
  std::string task_file;  // where the task was read from, for the record
  std::string state_dir;
  bool until_caught_up = false;
  bool restart = false;  // begin anew, in place of the tables that the task has made
  bool checks = true;    // look at both servers first, and stop at what fails
};

// What a run tells whoever started it. All calls come from RunLocally's own thread.
class RunListener {
 public:
  virtual ~RunListener() = default;

  // What the checks found; once, before anything is changed. With a failed item the run ends there.
  virtual void OnChecks(const connector::CheckReport& report) = 0;
  // How the run stands; several times a second, and once when it has ended.
  virtual void OnStatus(const TaskStatus& status) = 0;
  // Something worth telling: a retry and why, a row that had drifted, a table copied again.
  virtual void OnNote(const std::string& note) = 0;
};

enum class RunEnd : uint8_t {
  kDone,
  kStopped,      // with everything saved
  kCheckFailed,  // nothing was changed
  kFailed,
};

struct RunResult {
  RunEnd end = RunEnd::kFailed;
  base::Status status;  // why, where it failed
};

// Runs a task in this process, over the store in `state_dir`, until it is done, stopped or in need
// of the operator. Refuses a task that another process runs on the same state directory or target.
// `listener` is borrowed.
RunResult RunLocally(const config::Task& task, const LocalRunOptions& options,
                     RunListener& listener, std::stop_token stop);

}  // namespace godwit::server
