#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "cluster/machinery.h"
#include "server/subtask.h"

namespace godwit::server {

// What a worker runs: its subtasks, each on a thread of its own, and its sources' relays.
// Thread-safe.
class Subtasks : public cluster::Machinery {
 public:
  // `on_stage` is told of each change of a stage, on any thread. `relay_folder`: where relays are.
  Subtasks(const std::string& relay_folder, Subtask::OnStage on_stage)
      : relays_(relay_folder), on_stage_(std::move(on_stage)) {}

  void Start(const cluster::Assignment& assignment) override;
  void Pause(const std::string& source, const std::string& task) override;
  void Stop(const std::string& source, const std::string& task) override;
  void Reconfigure(const std::string& source, const std::string& source_config) override;

  // How each stands, those that have paused or finished included.
  std::vector<Subtask::Standing> List() const;
  std::vector<RelayStanding> Relays() const { return relays_.List(); }

 private:
  void End(const std::string& source, const std::string& task, cluster::Stage stage);

  void StartRelay(const std::string& source, const std::string& source_config, int64_t epoch);

  SourceRelays relays_;
  const Subtask::OnStage on_stage_;
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<Subtask>> subtasks_;
};

}  // namespace godwit::server
