#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/status.h"
#include "connector/relay.h"
#include "server/relay_run.h"

namespace godwit::server {

// How a source's relay stands at its worker.
struct RelayStanding {
  std::string source;
  // off: its file has no relay, or the worker keeps none; else starting, running, retrying, paused,
  // or error, in which it waits for the operator.
  std::string state;
  std::string problem;  // of retrying and error
  connector::RelayStatus status;
};

// The relays of the sources that a worker has, each in a folder of its own below one. The folder of
// a source that has left is kept for a day, in which the source may come back, and then deleted.
// Thread-safe.
class SourceRelays {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::hours kKeepDeparted{24};

  // `folder`: empty, no source has one.
  explicit SourceRelays(std::string folder);

  // Takes the source's log in, if its file says so.
  base::Status Start(const std::string& source, const std::string& source_config);
  // By another file, unless it is paused.
  base::Status Reconfigure(const std::string& source, const std::string& source_config);
  // Takes in nothing more; tasks that have read what is there go on from the server.
  void Pause(const std::string& source);
  // Waits for nothing: what calls this keeps the worker's lease alive.
  void Stop(const std::string& source);

  std::vector<RelayStanding> List() const;

  // Deletes the folders of sources that have not been here for kKeepDeparted, as far as this object
  // has seen; called by itself now and again.
  void DeleteDeparted(Time now);

  // For a task that begins; null: it reads from the server.
  std::shared_ptr<connector::Relay> Of(const std::string& source) const;

 private:
  struct Kept {
    std::string config;
    bool is_paused = false;
    bool is_off = false;  // by its file
    std::shared_ptr<connector::Relay> relay;
    std::unique_ptr<RelayRun> run;
  };

  // With mutex_ held.
  void EndLater(Kept& kept);

  const std::string folder_;
  mutable std::mutex mutex_;
  std::map<std::string, Kept> relays_;
  std::vector<std::unique_ptr<RelayRun>> ending_;
  std::map<std::string, Time> departed_;  // folders of no source that is here, since when
  std::jthread sweeper_;
};

}  // namespace godwit::server
