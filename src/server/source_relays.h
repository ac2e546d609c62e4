#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/status.h"
#include "connector/relay.h"
#include "server/relay_run.h"

namespace godwit::server {

// The relays of the sources that a worker has, each in a folder of its own below one. Thread-safe.
class SourceRelays {
 public:
  // `folder`: empty, no source has one.
  explicit SourceRelays(std::string folder) : folder_(std::move(folder)) {}

  // Takes the source's log in, if its file says so.
  base::Status Start(const std::string& source, const std::string& source_config);
  // By another file, unless it is paused.
  base::Status Reconfigure(const std::string& source, const std::string& source_config);
  // Takes in nothing more; tasks that have read what is there go on from the server.
  void Pause(const std::string& source);
  void Stop(const std::string& source);

  // For a task that begins; null: it reads from the server.
  std::shared_ptr<connector::Relay> Of(const std::string& source) const;

 private:
  struct Kept {
    std::string config;
    bool is_paused = false;
    std::shared_ptr<connector::Relay> relay;
    std::unique_ptr<RelayRun> run;
  };

  const std::string folder_;
  mutable std::mutex mutex_;
  std::map<std::string, Kept> relays_;
};

}  // namespace godwit::server
