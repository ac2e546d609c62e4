#include "server/source_relays.h"

#include "base/log.h"
#include "config/source_file.h"
#include "server/connectors.h"

namespace godwit::server {

base::Status SourceRelays::Start(const std::string& source, const std::string& source_config) {
  GODWIT_ASSIGN_OR_RETURN(const config::SourceFile file,
                          config::ParseSourceFile(source_config, "source " + source));
  std::lock_guard lock(mutex_);
  Kept& kept = relays_[source];
  kept.is_paused = false;
  if (kept.config != source_config) {
    kept.run.reset();  // one at a time in a folder
    kept.relay.reset();
    kept.config = source_config;
  }
  if (!file.relay || folder_.empty()) return base::OkStatus();
  if (kept.relay == nullptr) {
    GODWIT_ASSIGN_OR_RETURN(kept.relay,
                            MakeRelay(file.endpoint, source, {.dir = folder_ + "/" + source}));
  }
  if (kept.run == nullptr) {
    kept.run = std::make_unique<RelayRun>(kept.relay, [source](const std::string& what) {
      spdlog::warn("source {}: {}", source, what);
    });
  }
  return base::OkStatus();
}

base::Status SourceRelays::Reconfigure(const std::string& source,
                                       const std::string& source_config) {
  {
    std::lock_guard lock(mutex_);
    const auto kept = relays_.find(source);
    if (kept == relays_.end() || kept->second.is_paused) return base::OkStatus();
  }
  return Start(source, source_config);
}

void SourceRelays::Pause(const std::string& source) {
  std::lock_guard lock(mutex_);
  Kept& kept = relays_[source];
  kept.is_paused = true;
  kept.run.reset();
}

void SourceRelays::Stop(const std::string& source) {
  std::lock_guard lock(mutex_);
  relays_.erase(source);
}

std::shared_ptr<connector::Relay> SourceRelays::Of(const std::string& source) const {
  std::lock_guard lock(mutex_);
  const auto kept = relays_.find(source);
  return kept == relays_.end() ? nullptr : kept->second.relay;
}

}  // namespace godwit::server
