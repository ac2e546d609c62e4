#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "connector/catalog.h"
#include "model/position.h"

namespace godwit::connector {

enum class CheckResult : uint8_t { kPass, kWarn, kFail };

// One line of `godwit check`: what was looked at, what was found, and what to do about it.
struct CheckItem {
  std::string name;  // e.g. "source: binlog_format"
  CheckResult result = CheckResult::kPass;
  std::string finding;
  std::string remedy;    // empty when passed
  bool is_away = false;  // found, or not, because a server did not answer, which may pass
};

using CheckReport = std::vector<CheckItem>;

// What becomes of large objects (large_objects.h). Undecided: a source that has any is refused.
enum class LargeObjectChoice : uint8_t { kUndecided, kCopy, kIgnore };

// What a check has to know of the task.
struct CheckScope {
  TableFilter filter;
  bool copies = true;               // rows are copied, not only changes followed
  std::vector<ObjectKind> objects;  // migrated besides tables
  LargeObjectChoice large_objects = LargeObjectChoice::kUndecided;
  IfExists if_exists = IfExists::kError;
  model::Position resume_at;  // where the log is to be read from; empty: its end
  // Of a task that has begun (LogNeed).
  std::string resume_server;
  bool resume_needs_log = true;
  bool finished = false;  // the task has ended, and needs no more of the log
  // The same where the user says it of a task that is yet to begin; `resume_at` is empty then.
  model::Position start_at;
};

}  // namespace godwit::connector
