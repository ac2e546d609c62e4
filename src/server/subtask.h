#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "cluster/machinery.h"
#include "cluster/stage.h"
#include "server/source_relays.h"
#include "server/task_run.h"

namespace godwit::server {

// One subtask that a worker runs, on a thread of its own, as `godwit run` would. Thread-safe.
class Subtask : private RunListener {
 public:
  // How it stands.
  struct Standing {
    std::string source, task;
    int64_t epoch = 0;
    cluster::Stage stage = cluster::Stage::kRunning;
    std::string error;                 // why it has paused by itself
    std::optional<TaskStatus> status;  // of its run
    // Of the same: more than the status tells; null before it has begun.
    std::shared_ptr<const pipeline::Progress> progress;
  };
  // Told, on its thread, when its stage has changed; nothing follows kPaused, kStopped and
  // kFinished.
  using OnStage = std::function<void(const Standing&)>;

  // Begins to run. `relays` is borrowed.
  Subtask(cluster::Assignment assignment, const SourceRelays& relays, OnStage on_stage);
  // Waits until it has ended.
  ~Subtask() override;

  // Has it end in `stage`, kPaused or kStopped, if it has not ended already; the last one counts.
  // False: it has ended.
  bool End(cluster::Stage stage);
  // Has it go on with another configuration of its source.
  void Reconfigure(const std::string& source_config);

  Standing standing() const;

 private:
  void Run();
  // One run, from wherever the task stands; nothing: it is to run again.
  std::optional<Standing> RunOnce();

  void OnChecks(const connector::CheckReport& report) override;
  void OnStatus(const TaskStatus& status) override;
  void OnNote(const std::string& note) override;
  void OnBegin(std::shared_ptr<const pipeline::Progress> progress) override;

  const SourceRelays& relays_;
  const OnStage on_stage_;
  mutable std::mutex mutex_;
  cluster::Assignment assignment_;
  Standing standing_;
  std::optional<cluster::Stage> wanted_;  // the end that was asked for
  bool has_ended_ = false;
  std::stop_source stop_;  // of the run under way
  std::string failed_checks_;
  std::jthread thread_;
};

}  // namespace godwit::server
