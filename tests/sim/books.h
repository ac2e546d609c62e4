#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cluster/operations.h"
#include "store/memory_store.h"
#include "tests/sim/random.h"

namespace godwit::sim {

// An operator's request.
struct Operation {
  enum class Kind {
    kAddSource,
    kUpdateSource,
    kRemoveSource,
    kDisableSource,
    kEnableSource,
    kTransferSource,
    kSetRelayStage,
    kAddTask,
    kUpdateTask,
    kRemoveTask,
    kChangeTask,
    kRemoveWorker,
    kEvictLeader,
  };
  Kind kind = Kind::kAddSource;
  std::string source, task, worker, config;
  std::vector<std::string> sources;
  cluster::TaskRequest request = cluster::TaskRequest::kStart;
  cluster::Stage stage = cluster::Stage::kRunning;
};

Operation RandomOperation(Random& random, int sources, int tasks, int workers);
cluster::Wanted Decide(const Operation& operation, const cluster::View& view,
                       store::Revision leadership);

// What the operators' requests amount to, worked out in the order in which they have taken effect,
// without a look at the transactions.
class Books {
 public:
  struct Source {
    std::string config;
    bool is_enabled = true;
    cluster::Stage relay = cluster::Stage::kRunning;
  };
  struct Task {
    std::string config;
    std::map<std::string, std::optional<cluster::Stage>> stages;  // by source
  };

  // What is wrong with its having taken effect, or nothing.
  std::string Apply(const Operation& operation);
  // Where the store has other configurations or stages, or nothing.
  std::string Compare(const store::Snapshot& snapshot) const;

  const std::map<std::string, Source>& sources() const { return sources_; }
  const std::map<std::string, Task>& tasks() const { return tasks_; }

 private:
  void WriteSource(const std::string& name);
  void WriteTask(const std::string& name);

  std::map<std::string, Source> sources_;
  std::map<std::string, Task> tasks_;
  std::map<std::string, std::string> values_;  // by key, as they have to be
};

}  // namespace godwit::sim
