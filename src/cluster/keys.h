#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

// The keys of the control plane, relative to the root /godwit/v1 (docs/cluster.md): made and taken
// apart here and nowhere else.
namespace godwit::cluster {

constexpr std::string_view kLeaderKey = "leader";
constexpr std::string_view kOperationKey = "operation";
constexpr std::string_view kEraKey = "era";

std::string SourceKey(std::string_view source);
std::string TaskKey(std::string_view task);
std::string SubtaskKey(std::string_view source, std::string_view task);
std::string RelayStageKey(std::string_view source);
std::string SubtaskStageKey(std::string_view source, std::string_view task);
std::string MasterKey(std::string_view master);
std::string WorkerKey(std::string_view worker);
std::string AliveKey(std::string_view worker);
std::string BoundKey(std::string_view source);
std::string HeldKey(std::string_view source);
std::string StateKey(std::string_view source, std::string_view task);

// A key taken apart; its names are views into the text that it was.
struct Key {
  enum class Kind {
    kLeader,
    kOperation,
    kEra,
    kMaster,
    kSource,
    kTask,
    kSubtask,
    kRelayStage,
    kSubtaskStage,
    kWorker,
    kAlive,
    kBound,
    kHeld,
    kState,
    kOther,  // of another version, or of another part of Godwit
  };
  Kind kind = Kind::kOther;
  std::string_view name;  // the source, worker, master, or, of a task's own key, the task
  std::string_view task;  // of a subtask's keys
};
Key ParseKey(std::string_view key);

// Whether something may be called so. `what` is for the error: "a source".
base::Status CheckName(std::string_view what, std::string_view name);

}  // namespace godwit::cluster
