#include "cluster/keys.h"

#include <array>
#include <utility>

namespace godwit::cluster {
namespace {

using Kind = Key::Kind;

constexpr size_t kLongestName = 128;
constexpr std::string_view kSourceRoot = "source/", kTaskRoot = "task/", kSubtaskRoot = "subtask/",
                           kRelayStageRoot = "stage/relay/", kSubtaskStageRoot = "stage/subtask/",
                           kMasterRoot = "master/", kWorkerRoot = "worker/", kAliveRoot = "alive/",
                           kBoundRoot = "bound/", kHeldRoot = "held/", kStateRoot = "state/";
constexpr std::array<std::pair<std::string_view, Kind>, 11> kRoots = {{
    {kSourceRoot, Kind::kSource},
    {kTaskRoot, Kind::kTask},
    {kSubtaskRoot, Kind::kSubtask},
    {kRelayStageRoot, Kind::kRelayStage},
    {kSubtaskStageRoot, Kind::kSubtaskStage},
    {kMasterRoot, Kind::kMaster},
    {kWorkerRoot, Kind::kWorker},
    {kAliveRoot, Kind::kAlive},
    {kBoundRoot, Kind::kBound},
    {kHeldRoot, Kind::kHeld},
    {kStateRoot, Kind::kState},
}};

std::string Join(std::string_view root, std::string_view name) {
  std::string key;
  key.reserve(root.size() + name.size());
  return key.append(root).append(name);
}

std::string Join(std::string_view root, std::string_view source, std::string_view task) {
  std::string key;
  key.reserve(root.size() + source.size() + 1 + task.size());
  return key.append(root).append(source).append("/").append(task);
}

}  // namespace

std::string SourceKey(std::string_view source) { return Join(kSourceRoot, source); }
std::string TaskKey(std::string_view task) { return Join(kTaskRoot, task); }
std::string SubtaskKey(std::string_view source, std::string_view task) {
  return Join(kSubtaskRoot, source, task);
}
std::string RelayStageKey(std::string_view source) { return Join(kRelayStageRoot, source); }
std::string SubtaskStageKey(std::string_view source, std::string_view task) {
  return Join(kSubtaskStageRoot, source, task);
}
std::string MasterKey(std::string_view master) { return Join(kMasterRoot, master); }
std::string WorkerKey(std::string_view worker) { return Join(kWorkerRoot, worker); }
std::string AliveKey(std::string_view worker) { return Join(kAliveRoot, worker); }
std::string BoundKey(std::string_view source) { return Join(kBoundRoot, source); }
std::string HeldKey(std::string_view source) { return Join(kHeldRoot, source); }
std::string StateKey(std::string_view source, std::string_view task) {
  return Join(kStateRoot, source, task);
}

Key ParseKey(std::string_view key) {
  if (key == kLeaderKey) return {.kind = Kind::kLeader};
  if (key == kOperationKey) return {.kind = Kind::kOperation};
  if (key == kEraKey) return {.kind = Kind::kEra};
  for (const auto& [root, kind] : kRoots) {
    if (!key.starts_with(root)) continue;
    Key parsed{.kind = kind, .name = key.substr(root.size())};
    const size_t slash = parsed.name.find('/');
    const bool has_task =
        kind == Kind::kSubtask || kind == Kind::kSubtaskStage || kind == Kind::kState;
    if (has_task != (slash != std::string_view::npos)) return {};
    if (has_task) {
      parsed.task = parsed.name.substr(slash + 1);
      parsed.name = parsed.name.substr(0, slash);
      if (parsed.task.empty() || parsed.task.find('/') != std::string_view::npos) return {};
    }
    return parsed.name.empty() ? Key{} : parsed;
  }
  return {};
}

base::Status CheckName(std::string_view what, std::string_view name) {
  if (name.empty()) return base::InvalidArgument("{} has no name: give it one", what);
  if (name.find('/') != std::string_view::npos) {
    return base::InvalidArgument("{} cannot be called \"{}\": use a name without a slash", what,
                                 name);
  }
  if (name.size() > kLongestName) {
    return base::InvalidArgument("{} cannot be called \"{}...\": use a name of at most {} bytes",
                                 what, name.substr(0, 32), kLongestName);
  }
  return base::OkStatus();
}

}  // namespace godwit::cluster
