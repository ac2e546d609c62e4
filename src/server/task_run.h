#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/status.h"
#include "config/task.h"
#include "connector/relay.h"
#include "pipeline/progress.h"
#include "pipeline/task_check.h"
#include "server/task_status.h"

namespace godwit::server {

struct TaskRunOptions {
  std::string task_file;  // where the task was read from, for the status
  bool until_caught_up = false;
  bool restart = false;        // begin anew, in place of the tables that the task has made
  uint64_t restart_order = 0;  // the same, once (pipeline::RunOptions)
  bool checks = true;          // look at both servers first, and stop at what fails
  // Of a cluster's binding: the task is taken over from whoever has it with a lesser one. 0: none.
  uint64_t generation = 0;
  // The source's, which is run elsewhere (relay_run.h); null: as the task says (RelayOptions).
  std::shared_ptr<connector::Relay> relay;
};

// What a run tells whoever started it. All calls come from the thread that has called.
class RunListener {
 public:
  virtual ~RunListener() = default;

  // What the checks found; once, before anything is changed. With a failed item the run ends there.
  virtual void OnChecks(const connector::CheckReport& report) = 0;
  // How the run stands; several times a second, and once when it has ended.
  virtual void OnStatus(const TaskStatus& status) = 0;
  // Something worth telling: a retry and why, a row that had drifted, a table copied again.
  virtual void OnNote(const std::string& note) = 0;
  // What the run reports of itself from here on, for whoever wants more of it than OnStatus tells;
  // once, when the checks have passed.
  virtual void OnBegin(std::shared_ptr<const pipeline::Progress> /*progress*/) {}
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

// Runs a task in this process until it is done, stopped or in need of the operator; the one way in
// which a task runs, by `godwit run` and in a worker. `before`: how its last run stood, if that is
// known. `listener` is borrowed. A stop takes 30 s at most: what has not ended in order after 20 s
// has its connections broken (stop_limit.h), and one that is just being made ends within 10 s.
RunResult RunTask(const config::Task& task, const TaskRunOptions& options,
                  const std::optional<TaskStatus>& before, RunListener& listener,
                  const std::stop_token& stop);

}  // namespace godwit::server
