#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cluster/stage.h"
#include "store/store.h"

// What the control plane's values are, and their form as JSON. Fields that are not known, of a
// later version, are passed over in reading, and so are lost when an older version writes the
// value.
namespace godwit::cluster {

// leader
struct LeaderRecord {
  std::string name, address;
  bool operator==(const LeaderRecord&) const = default;
};

// era: written by each leader when he wins: his wall clock, or what there was if that is later. It
// is what epochs are counted from, so that those of a store that was made anew, or restored from a
// backup, are above all that were given before.
struct Era {
  int64_t unix_us = 0;
  bool operator==(const Era&) const = default;
};

// operation: how many requests of operators have taken effect. Each writes it, so that one of which
// nothing is known can take effect only as long as no other one has been decided upon.
struct OperationCount {
  int64_t count = 0;
  bool operator==(const OperationCount&) const = default;
};

// source/<source>
struct SourceRecord {
  std::string config;      // opaque here
  bool is_enabled = true;  // a disabled one keeps all it has, but no worker runs it
  bool operator==(const SourceRecord&) const = default;
};

// task/<task>
struct TaskRecord {
  std::string config;                // opaque here
  std::vector<std::string> sources;  // those of its subtasks, in byte order
  bool operator==(const TaskRecord&) const = default;
};

// subtask/<source>/<task>
struct SubtaskRecord {
  std::string config;  // opaque here
  // The operator's last order to begin it anew (RestartTask), greater than all that were given
  // before; 0: none. The target remembers which was carried out.
  int64_t restart = 0;
  bool operator==(const SubtaskRecord&) const = default;
};

// stage/relay/<source>, stage/subtask/<source>/<task>: kRunning or kPaused
struct ExpectedStage {
  Stage stage = Stage::kRunning;
  bool operator==(const ExpectedStage&) const = default;
};

// master/<name>: one that lives
struct MasterRecord {
  std::string address, version;
  bool operator==(const MasterRecord&) const = default;
};

// worker/<name>
struct WorkerRecord {
  std::string address, version;
  int slots = 1;  // so many sources at a time
  bool operator==(const WorkerRecord&) const = default;
};

// alive/<name>: all that counts is that it is there, and with which lease
struct Alive {
  bool operator==(const Alive&) const = default;
};

// bound/<source>: who is to have it. No worker: it waits for one.
struct Binding {
  std::string worker;
  store::LeaseId lease = store::kNoLease;  // the worker's life that it was given to
  int64_t epoch = 0;                       // grows with each time that it is given to a life
  std::string next;  // the operator's wish: the worker has to let go of it, then this one gets it
  bool operator==(const Binding&) const = default;
};

// held/<source>: who has it, from before it runs anything of it until after it has stopped all;
// written with the worker's lease
struct Held {
  std::string worker;
  int64_t epoch = 0;
  bool operator==(const Held&) const = default;
};

// state/<source>/<task>: how a subtask stands, as its worker has seen it last; written whenever its
// stage has changed, on condition that the worker holds the source.
struct SubtaskState {
  Stage stage = Stage::kNew;
  std::string worker;
  int64_t epoch = 0;
  int64_t since_ms = 0;  // Unix milliseconds
  std::string error;     // why it has paused by itself
  std::string status;    // of its last run, as JSON; opaque here
  bool operator==(const SubtaskState&) const = default;
};

template <typename Record>
std::string ToJson(const Record& record);

// kDataLoss: it is none; the error names the key.
template <typename Record>
base::StatusOr<Record> FromJson(std::string_view key, std::string_view json);

}  // namespace godwit::cluster
