#include "server/subtasks.h"

#include "base/log.h"

namespace godwit::server {

using cluster::Stage;

void Subtasks::Start(const cluster::Assignment& assignment) {
  if (assignment.task.empty()) {
    return StartRelay(assignment.source, assignment.source_config, assignment.epoch);
  }
  std::lock_guard lock(mutex_);
  std::unique_ptr<Subtask>& subtask = subtasks_[{assignment.source, assignment.task}];
  subtask.reset();  // what it has to tell comes before what the next one does
  subtask = std::make_unique<Subtask>(assignment, relays_, on_stage_);
}

void Subtasks::StartRelay(const std::string& source, const std::string& source_config,
                          int64_t epoch) {
  const base::Status started = relays_.Start(source, source_config);
  if (!started.ok()) spdlog::error("source {}: relay: {}", source, started.message());
  // Without it tasks read from the server.
  on_stage_({.source = source,
             .epoch = epoch,
             .stage = started.ok() ? Stage::kRunning : Stage::kPaused,
             .error = std::string(started.message())});
}

void Subtasks::Pause(const std::string& source, const std::string& task) {
  End(source, task, Stage::kPaused);
}

void Subtasks::Stop(const std::string& source, const std::string& task) {
  End(source, task, Stage::kStopped);
}

void Subtasks::End(const std::string& source, const std::string& task, Stage stage) {
  if (task.empty()) {
    if (stage == Stage::kPaused) {
      relays_.Pause(source);
    } else {
      relays_.Stop(source);
    }
  }
  std::unique_lock lock(mutex_);
  // Of what has stopped before nothing is left but its thread's last breath.
  std::erase_if(subtasks_, [](const auto& subtask) {
    return subtask.second->standing().stage == Stage::kStopped;
  });
  const auto subtask = subtasks_.find({source, task});
  if (subtask != subtasks_.end()) {
    if (subtask->second->End(stage)) return;
    if (stage == Stage::kPaused) return on_stage_(subtask->second->standing());
    subtasks_.erase(subtask);
  }
  lock.unlock();
  on_stage_({.source = source, .task = task, .stage = stage});
}

void Subtasks::Reconfigure(const std::string& source, const std::string& source_config) {
  if (const base::Status changed = relays_.Reconfigure(source, source_config); !changed.ok()) {
    spdlog::error("source {}: relay: {}", source, changed.message());
  }
  std::lock_guard lock(mutex_);
  for (const auto& [name, subtask] : subtasks_) {
    if (name.first == source) subtask->Reconfigure(source_config);
  }
}

std::vector<Subtask::Standing> Subtasks::List() const {
  std::vector<Subtask::Standing> standings;
  std::lock_guard lock(mutex_);
  for (const auto& [name, subtask] : subtasks_) {
    Subtask::Standing standing = subtask->standing();
    if (standing.stage != Stage::kStopped) standings.push_back(std::move(standing));
  }
  return standings;
}

}  // namespace godwit::server
