#include "server/subtask.h"

#include <absl/strings/str_replace.h>

#include "base/log.h"
#include "config/cluster_task.h"

namespace godwit::server {

using cluster::Stage;

namespace {

// Where messages say what to do in the words of `godwit run`: the same in those of a cluster.
std::string ForCluster(const std::string& message, const cluster::Assignment& assignment) {
  return absl::StrReplaceAll(
      message, {{"godwit run --restart", fmt::format("godwit task restart {} --source {} --yes",
                                                     assignment.task, assignment.source)}});
}

}  // namespace

Subtask::Subtask(cluster::Assignment assignment, const SourceRelays& relays, OnStage on_stage)
    : relays_(relays), on_stage_(std::move(on_stage)), assignment_(std::move(assignment)) {
  standing_ = {.source = assignment_.source, .task = assignment_.task, .epoch = assignment_.epoch};
  thread_ = std::jthread([this] { Run(); });
}

Subtask::~Subtask() { End(Stage::kStopped); }

bool Subtask::End(Stage stage) {
  std::lock_guard lock(mutex_);
  if (has_ended_) return false;
  wanted_ = stage;
  stop_.request_stop();
  return true;
}

void Subtask::Reconfigure(const std::string& source_config) {
  std::lock_guard lock(mutex_);
  if (assignment_.source_config == source_config) return;
  assignment_.source_config = source_config;
  stop_.request_stop();
}

Subtask::Standing Subtask::standing() const {
  std::lock_guard lock(mutex_);
  return standing_;
}

void Subtask::Run() {
  on_stage_(standing());
  std::optional<Standing> end;
  while (!end) end = RunOnce();
  on_stage_(*end);
}

std::optional<Subtask::Standing> Subtask::RunOnce() {
  cluster::Assignment assignment;
  std::stop_token stop;
  std::optional<TaskStatus> before;
  {
    std::lock_guard lock(mutex_);
    assignment = assignment_;
    if (!wanted_) stop_ = {};
    stop = stop_.get_token();
  }
  RunResult result;
  const base::StatusOr<config::Task> task =
      config::ParseSubtask(assignment.config, fmt::format("task {}", assignment.task),
                           assignment.source_config, fmt::format("source {}", assignment.source));
  if (task.ok()) {
    result = RunTask(*task,
                     {.restart_order = static_cast<uint64_t>(assignment.restart),
                      .generation = static_cast<uint64_t>(assignment.epoch),
                      .relay = relays_.Of(assignment.source)},
                     {}, *this, stop);
  } else {
    result.status = task.status();
  }

  std::lock_guard lock(mutex_);
  if (result.end == RunEnd::kStopped && !wanted_) return {};  // to go on with what is new
  has_ended_ = true;
  standing_.stage = wanted_.value_or(Stage::kPaused);
  switch (result.end) {
    case RunEnd::kDone:
      if (!wanted_) standing_.stage = Stage::kFinished;
      break;
    case RunEnd::kStopped:
      break;
    case RunEnd::kCheckFailed:
      standing_.error = fmt::format(
          "checks failed, and nothing was changed; do what they say, and resume the task: {}",
          ForCluster(failed_checks_, assignment));
      break;
    case RunEnd::kFailed:
      standing_.error = ForCluster(std::string(result.status.message()), assignment);
      break;
  }
  if (!standing_.error.empty()) {
    spdlog::error("task {} on source {}: {}", assignment.task, assignment.source, standing_.error);
  }
  return standing_;
}

void Subtask::OnChecks(const connector::CheckReport& report) {
  failed_checks_.clear();
  for (const connector::CheckItem& item : report) {
    if (item.result != connector::CheckResult::kFail) continue;
    if (!failed_checks_.empty()) failed_checks_ += "; ";
    failed_checks_ += fmt::format("{}: {}: {}", item.name, item.finding, item.remedy);
  }
}

void Subtask::OnStatus(const TaskStatus& status) {
  std::lock_guard lock(mutex_);
  standing_.status = status;
  if (!status.error.empty()) standing_.status->error = ForCluster(status.error, assignment_);
}

void Subtask::OnBegin(std::shared_ptr<const pipeline::Progress> progress) {
  std::lock_guard lock(mutex_);
  standing_.progress = std::move(progress);
}

void Subtask::OnNote(const std::string& note) {
  spdlog::warn("task {} on source {}: {}", standing_.task, standing_.source, note);
}

}  // namespace godwit::server
