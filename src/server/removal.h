#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "config/task.h"
#include "connector/destination.h"
#include "connector/source.h"

namespace godwit::server {

struct RemovalOptions {
  std::string state_dir;
  bool yes = false;  // also of a task that has not ended, which cannot go on then
  // The operator says that the server exists no more: it is left out.
  bool source_is_gone = false;
  bool target_is_gone = false;
};

enum class RemovalOutcome : uint8_t {
  kNotReached,  // it ended before
  kNothing,     // there was nothing
  kRemoved,
  kWouldRemove,  // only looked at
  kUnknown,      // it could not be looked at; `left` says why
  kLeftOut,
};
std::string_view ToString(RemovalOutcome outcome);  // "not-reached", "nothing", "removed", ...

// What became of one of the places where something is kept for a task.
struct RemovalStep {
  RemovalOutcome outcome = RemovalOutcome::kNotReached;
  std::vector<std::string> what;  // was removed, or would be
  std::vector<std::string> left;  // what is still there, and why
};

struct Removal {
  base::Status status;                        // not OK: why it ended before all was removed
  std::optional<connector::TaskPhase> phase;  // where the task stood, if the target knows it
  RemovalStep source, target, state_dir;      // in this order
};

// Takes away all that is kept for a task and for nothing else: on the source what keeps its log, on
// the target its state, and what the state directory has of it. Its tables and rows stay. Nothing
// is removed while a process runs it, on whatever host: its locks are held meanwhile.
//
// What is on the source goes first: as long as the target or the state directory knows the task, it
// can be found. May be repeated, wherever it was ended.
Removal RemoveTask(const config::Task& task, const RemovalOptions& options);

// The same with both servers in hand, which are borrowed; null: one that is left out.
Removal RemoveTask(const std::string& task, connector::Source* source,
                   connector::Destination* destination, const RemovalOptions& options);

}  // namespace godwit::server
