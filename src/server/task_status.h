#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "connector/source.h"
#include "connector/task_state.h"

namespace godwit::server {

enum class RunState : uint8_t {
  kRunning,
  kDone,     // all that was asked for is done
  kStopped,  // by the operator, with everything saved
  kFailed,   // `error` says why
};
std::string_view ToString(RunState state);  // "running", "done", "stopped", "failed"

// How a run stands, or stood when it ended: plain values, for showing and for keeping.
struct TaskStatus {
  std::string task;
  std::string mode;  // as the task file writes it
  std::string task_file;
  std::string source, target;  // urls; no passwords
  std::string host;            // where it runs
  int64_t pid = 0;

  RunState state = RunState::kRunning;
  std::string error;
  connector::TaskPhase phase = connector::TaskPhase::kPreparing;
  int64_t started_ms = 0;  // Unix milliseconds
  int64_t updated_ms = 0;

  // The copy; counts what earlier runs have copied too, except where it says otherwise.
  struct Copy {
    uint64_t tables = 0, tables_done = 0;
    uint64_t rows = 0, rows_estimate = 0;  // the estimate is the server's, and may be far off
    uint64_t bytes = 0, bytes_estimate = 0;
    uint64_t rows_of_run = 0, bytes_of_run = 0;  // of this run alone
    uint64_t tables_again = 0;                   // begun anew since their definition had changed
    uint64_t source_locks = 0;                   // that snapshots of this run needed
    double longest_lock_ms = 0;                  // for so long a table could not be written to
    double fraction = 0;                         // of the whole, 0 to 1
    double seconds = 0;                          // that this run has spent on the copy
    double bytes_per_second = 0;                 // lately
    std::optional<double> seconds_left;          // nothing when it cannot be known
    bool operator==(const Copy&) const = default;
  } copy;

  // The changes applied by this run.
  struct Changes {
    uint64_t transactions = 0, row_changes = 0, statements = 0, groups = 0, ddls = 0;
    uint64_t ddls_not_executed = 0;    // of these: ignored, skipped or replaced
    uint64_t rows_left_out = 0;        // of tables that the target has not
    uint64_t rows_in_part = 0;         // without the values of columns that it has not
    uint64_t updates_left_to_log = 0;  // of rows that the log brings later (pipeline/progress.h)
    uint64_t values_replaced = 0;      // as the target cannot hold them (on_unrepresentable)
    std::map<std::string, uint64_t> left_out_by_table;  // both
    uint64_t log_bytes = 0;                             // read of the source's log
    double transactions_per_second = 0;                 // lately
    double row_changes_per_second = 0;                  // lately
    std::optional<double> lag_seconds;     // from commit on the source to commit on the target
    std::optional<uint64_t> bytes_behind;  // of the source's log
    bool operator==(const Changes&) const = default;
  } changes;

  // Of all tables of the task, by their state (table_states.h), and of those that are not well the
  // first kMostTroubled by name.
  struct Tables {
    struct Trouble {
      std::string table, state, problem;
      bool operator==(const Trouble&) const = default;
    };
    static constexpr size_t kMostTroubled = 20;
    std::map<std::string, uint64_t> by_state;
    uint64_t troubled = 0;
    std::vector<Trouble> not_well;
    bool operator==(const Tables&) const = default;
  } tables;

  // The server of the source that is read, who it says it is, and since when.
  struct Server {
    std::string address, identity;
    int64_t since_ms = 0;  // Unix milliseconds; of this run
    bool operator==(const Server&) const = default;
  };
  std::optional<Server> server;  // nothing: none yet
  std::string position;          // changes up to here are on the target; empty before the first
  std::optional<connector::LogHold> log_hold;  // what the source keeps of its log for the task
  uint64_t retries = 0;
  uint64_t drifted_rows = 0;  // found in another state on the target than expected
  uint64_t notes = 0;
  std::string last_note;

  bool operator==(const TaskStatus&) const = default;
};

// As a JSON object.
std::string ToJson(const connector::LogHold& hold);

// One JSON object on one line, and back. kDataLoss when the text is not such an object.
std::string ToJson(const TaskStatus& status);
base::StatusOr<TaskStatus> TaskStatusFromJson(std::string_view text);

}  // namespace godwit::server
