#include "server/subtasks.h"

namespace godwit::server {

using cluster::Stage;

void Subtasks::Start(const cluster::Assignment& assignment) {
  if (assignment.task
          .empty()) {  // of a source that keeps no log of its own there is nothing to run
    return on_stage_({.source = assignment.source, .epoch = assignment.epoch});
  }
  std::lock_guard lock(mutex_);
  std::unique_ptr<Subtask>& subtask = subtasks_[{assignment.source, assignment.task}];
  subtask = std::make_unique<Subtask>(assignment, on_stage_);
}

void Subtasks::Pause(const std::string& source, const std::string& task) {
  End(source, task, Stage::kPaused);
}

void Subtasks::Stop(const std::string& source, const std::string& task) {
  End(source, task, Stage::kStopped);
}

void Subtasks::End(const std::string& source, const std::string& task, Stage stage) {
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
  std::lock_guard lock(mutex_);
  for (const auto& [name, subtask] : subtasks_) {
    if (name.first == source) subtask->Reconfigure(source_config);
  }
}

std::vector<Subtask::Standing> Subtasks::List() const {
  std::vector<Subtask::Standing> standings;
  std::lock_guard lock(mutex_);
  for (const auto& [name, subtask] : subtasks_) standings.push_back(subtask->standing());
  return standings;
}

}  // namespace godwit::server
