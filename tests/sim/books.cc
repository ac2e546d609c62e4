#include "tests/sim/books.h"

#include "cluster/keys.h"

namespace godwit::sim {
namespace {

using cluster::Stage;
using cluster::TaskRequest;
using Kind = Operation::Kind;

std::string SubtaskConfig(const std::string& config, const std::string& source) {
  return config + "@" + source;
}

cluster::TaskConfig ConfigOf(const Operation& operation) {
  cluster::TaskConfig config{operation.config, {}};
  for (const std::string& source : operation.sources) {
    config.subtasks[source] = SubtaskConfig(operation.config, source);
  }
  return config;
}

}  // namespace

Operation RandomOperation(Random& random, int sources, int tasks, int workers) {
  // Adding is likelier, so that there is something.
  static constexpr Kind kKinds[] = {
      Kind::kAddSource,     Kind::kAddSource,    Kind::kAddSource,      Kind::kAddTask,
      Kind::kAddTask,       Kind::kUpdateSource, Kind::kRemoveSource,   Kind::kDisableSource,
      Kind::kRemoveSource,  Kind::kRemoveTask,   Kind::kEnableSource,   Kind::kTransferSource,
      Kind::kSetRelayStage, Kind::kUpdateTask,   Kind::kRemoveTask,     Kind::kChangeTask,
      Kind::kChangeTask,    Kind::kRemoveWorker, Kind::kTransferSource, Kind::kEvictLeader};
  Operation operation;
  operation.kind = kKinds[random.Below(std::size(kKinds))];
  operation.source = "s" + std::to_string(random.Below(sources));
  operation.task = "t" + std::to_string(random.Below(tasks));
  operation.worker = "w" + std::to_string(random.Below(workers));
  operation.config = "v" + std::to_string(random.Below(1000000));
  operation.request = static_cast<TaskRequest>(random.Below(4));
  operation.stage = random.Percent(50) ? Stage::kRunning : Stage::kPaused;
  const int64_t mask = random.Between(1, (int64_t{1} << std::min(sources, 8)) - 1);
  for (int i = 0; i < std::min(sources, 8); ++i) {
    if (mask >> i & 1) operation.sources.push_back("s" + std::to_string(i));
  }
  return operation;
}

cluster::Wanted Decide(const Operation& o, const cluster::View& view, store::Revision leadership) {
  switch (o.kind) {
    case Kind::kAddSource:
      return AddSource(view, leadership, o.source, o.config);
    case Kind::kUpdateSource:
      return UpdateSource(view, leadership, o.source, o.config);
    case Kind::kRemoveSource:
      return RemoveSource(view, leadership, o.source);
    case Kind::kDisableSource:
      return DisableSource(view, leadership, o.source);
    case Kind::kEnableSource:
      return EnableSource(view, leadership, o.source);
    case Kind::kTransferSource:
      return TransferSource(view, leadership, o.source, o.worker);
    case Kind::kSetRelayStage:
      return SetRelayStage(view, leadership, o.source, o.stage);
    case Kind::kAddTask:
      return AddTask(view, leadership, o.task, ConfigOf(o));
    case Kind::kUpdateTask: {
      Operation update = o;
      if (const auto* task = view.FindTask(o.task)) update.sources = task->record.sources;
      return UpdateTask(view, leadership, o.task, ConfigOf(update));
    }
    case Kind::kRemoveTask:
      return RemoveTask(view, leadership, o.task);
    case Kind::kChangeTask:
      return ChangeTask(view, leadership, o.task, o.request);
    case Kind::kRemoveWorker:
      return RemoveWorker(view, leadership, o.worker);
    case Kind::kEvictLeader:
      break;
  }
  return EvictLeader(view, leadership);
}

std::string Books::Apply(const Operation& o) {
  const auto source = sources_.find(o.source);
  const auto task = tasks_.find(o.task);
  const bool is_known_source = source != sources_.end(), is_known_task = task != tasks_.end();
  switch (o.kind) {
    case Kind::kAddSource:
      if (is_known_source) return "a source was added twice: " + o.source;
      sources_[o.source] = {.config = o.config};
      break;
    case Kind::kUpdateSource:
    case Kind::kDisableSource:
    case Kind::kEnableSource:
    case Kind::kSetRelayStage:
      if (!is_known_source) return "a source was changed that is not there: " + o.source;
      if (o.kind == Kind::kUpdateSource) source->second.config = o.config;
      if (o.kind == Kind::kDisableSource) source->second.is_enabled = false;
      if (o.kind == Kind::kEnableSource) source->second.is_enabled = true;
      if (o.kind == Kind::kSetRelayStage) source->second.relay = o.stage;
      break;
    case Kind::kRemoveSource:
      for (const auto& [name, used_by] : tasks_) {
        if (used_by.stages.contains(o.source)) {
          return "a source was removed that is used: " + o.source;
        }
      }
      sources_.erase(o.source);
      break;
    case Kind::kAddTask:
      if (is_known_task) return "a task was added twice: " + o.task;
      tasks_[o.task].config = o.config;
      for (const std::string& name : o.sources) {
        if (!sources_.contains(name)) return "a task was added to a source that is not there";
        tasks_[o.task].stages[name] = Stage::kRunning;
      }
      break;
    case Kind::kUpdateTask:
    case Kind::kChangeTask:
      if (!is_known_task) return "a task was changed that is not there: " + o.task;
      if (o.kind == Kind::kUpdateTask) {
        task->second.config = o.config;
        break;
      }
      for (auto& [name, stage] : task->second.stages) {
        if (o.request == TaskRequest::kStart && !stage) stage = Stage::kRunning;
        if (o.request == TaskRequest::kStop) stage.reset();
        if (o.request == TaskRequest::kPause && stage) stage = Stage::kPaused;
        if (o.request == TaskRequest::kResume && stage) stage = Stage::kRunning;
      }
      break;
    case Kind::kRemoveTask:
      if (!is_known_task) return "a task was removed that is not there: " + o.task;
      for (const auto& [name, stage] : task->second.stages) {
        values_.erase(cluster::SubtaskKey(name, o.task));
        values_.erase(cluster::SubtaskStageKey(name, o.task));
      }
      tasks_.erase(task);
      break;
    case Kind::kTransferSource:
    case Kind::kRemoveWorker:
    case Kind::kEvictLeader:
      return "";
  }
  const bool is_of_task = o.kind == Kind::kAddTask || o.kind == Kind::kUpdateTask ||
                          o.kind == Kind::kChangeTask || o.kind == Kind::kRemoveTask;
  is_of_task ? WriteTask(o.task) : WriteSource(o.source);
  return "";
}

void Books::WriteSource(const std::string& name) {
  const auto source = sources_.find(name);
  if (source == sources_.end()) {
    values_.erase(cluster::SourceKey(name));
    values_.erase(cluster::RelayStageKey(name));
    return;
  }
  const auto& [config, is_enabled, relay] = source->second;
  values_[cluster::SourceKey(name)] = ToJson(cluster::SourceRecord{config, is_enabled});
  values_[cluster::RelayStageKey(name)] = ToJson(cluster::ExpectedStage{relay});
}

void Books::WriteTask(const std::string& name) {
  const auto task = tasks_.find(name);
  if (task == tasks_.end()) {
    values_.erase(cluster::TaskKey(name));
    return;
  }
  cluster::TaskRecord record{task->second.config, {}};
  for (const auto& [source, stage] : task->second.stages) {
    record.sources.push_back(source);
    values_[cluster::SubtaskKey(source, name)] =
        ToJson(cluster::SubtaskRecord{SubtaskConfig(task->second.config, source)});
    const std::string key = cluster::SubtaskStageKey(source, name);
    values_.erase(key);
    if (stage) values_[key] = ToJson(cluster::ExpectedStage{*stage});
  }
  values_[cluster::TaskKey(name)] = ToJson(record);
}

std::string Books::Compare(const store::Snapshot& snapshot) const {
  auto expected = values_.begin();
  for (const store::Entry& entry : snapshot.entries) {
    const char first = entry.key[0];  // of source, stage, subtask and task; and of no other key
    if (first != 's' && first != 't') continue;
    if (expected == values_.end() || expected->first != entry.key) {
      return "the store has, or lacks, what it should not: at " + entry.key;
    }
    if (expected->second != entry.value) return "the store has another value: " + entry.key;
    ++expected;
  }
  return expected == values_.end() ? "" : "the store lacks " + expected->first;
}

}  // namespace godwit::sim
