#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/status.h"
#include "model/position.h"

namespace godwit::connector {

// How much a relay keeps of what no task needs any more: a file goes when either is exceeded.
struct RelayLimits {
  std::optional<std::chrono::milliseconds> keep;  // since it was last written to
  std::optional<uint64_t> most_bytes;             // of all files together
  bool operator==(const RelayLimits&) const = default;
};

struct RelayStatus {
  std::string folder;          // of the server that it reads, or last read; empty: none yet
  bool running = false;        // what the source logs comes in
  uint64_t files = 0;          // that are there
  uint64_t bytes = 0;          // of these
  std::string oldest;          // of these, by name
  model::Position end;         // all before this is there, as far back as the oldest
  model::Position source_end;  // as far as is known
  std::optional<uint64_t> bytes_behind;  // of the source's log, between these two; none: not known
  std::vector<std::string> readers;      // tasks that need the log from some place on
  uint64_t purged_files = 0, purged_bytes = 0;  // by this object
  uint64_t bytes_over = 0;  // of RelayLimits::most_bytes, as tasks need what is there
};

// A source's log on this machine's disk, as the source wrote it: read from there once, however many
// change streams follow it, and kept for as long as they need it. From any thread.
class Relay {
 public:
  virtual ~Relay() = default;

  // Takes in the log until `stop`; goes on where it has got to, also in an earlier process. One
  // call at a time; streams that have read all there is go on from the source's own log while there
  // is none. kCancelled: stopped. kUnavailable: the connection was lost: call again.
  // kResourceExhausted: the disk is full: call again when there is room. kFailedPrecondition: the
  // operator is needed. kPermissionDenied: likewise, as what follows is not to be kept here; what
  // is there is read all the same.
  virtual base::Status Run(std::stop_token stop) = 0;

  // A task needs the log from there on, and nothing before that: nothing from there on is deleted
  // until it says a later place or is forgotten. Its source and its streams say so by themselves;
  // to be said before Run for tasks that began in an earlier process.
  virtual void Need(const std::string& task, const model::Position& position) = 0;
  virtual void Forget(const std::string& task) = 0;

  virtual RelayStatus Status() const = 0;
};

}  // namespace godwit::connector
