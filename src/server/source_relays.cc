#include "server/source_relays.h"

#include <condition_variable>
#include <filesystem>
#include <system_error>

#include "base/log.h"
#include "config/source_file.h"
#include "server/connectors.h"

namespace godwit::server {

constexpr std::chrono::minutes kSweepPeriod(10);

SourceRelays::SourceRelays(std::string folder) : folder_(std::move(folder)) {
  if (folder_.empty()) return;
  sweeper_ = std::jthread([this](const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    while (!stop.stop_requested()) {
      DeleteDeparted(std::chrono::steady_clock::now());
      std::unique_lock lock(mutex);
      never.wait_for(lock, stop, kSweepPeriod, [] { return false; });
    }
  });
}

void SourceRelays::DeleteDeparted(Time now) {
  std::lock_guard lock(mutex_);  // a source that comes back waits
  std::error_code error;
  std::map<std::string, Time> departed;
  for (std::filesystem::directory_iterator entry(folder_, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string source = entry->path().filename().string();
    const auto kept = relays_.find(source);
    if (!entry->is_directory() || (kept != relays_.end() && !kept->second.is_off)) continue;
    const auto since = departed_.find(source);
    departed[source] = since == departed_.end() ? now : since->second;
  }
  departed_.swap(departed);
  for (const auto& [source, since] : departed_) {
    if (now - since < kKeepDeparted) continue;
    const base::Status deleted = DeleteRelay(folder_ + "/" + source);
    if (deleted.ok()) {
      spdlog::info("source {}: it has not been here for {} h; its relay's files are deleted",
                   source, kKeepDeparted.count());
    } else {
      spdlog::warn("source {}: {}", source, deleted.message());
    }
  }
}

base::Status SourceRelays::Start(const std::string& source, const std::string& source_config) {
  GODWIT_ASSIGN_OR_RETURN(const config::SourceFile file,
                          config::ParseSourceFile(source_config, "source " + source));
  std::lock_guard lock(mutex_);
  Kept& kept = relays_[source];
  kept.is_paused = false;
  if (kept.config != source_config) {
    EndLater(kept);  // until then the next one finds the folder in use, and tries again
    kept.relay.reset();
    kept.config = source_config;
  }
  kept.is_off = !file.relay;
  if (!file.relay || folder_.empty()) return base::OkStatus();
  if (kept.relay == nullptr) {
    config::RelayOptions options = file.relay_limits;
    options.dir = folder_ + "/" + source;
    GODWIT_ASSIGN_OR_RETURN(kept.relay, MakeRelay(file.endpoint, source, options));
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
  EndLater(kept);
}

void SourceRelays::Stop(const std::string& source) {
  std::lock_guard lock(mutex_);
  const auto kept = relays_.find(source);
  if (kept == relays_.end()) return;
  EndLater(kept->second);
  relays_.erase(kept);
}

void SourceRelays::EndLater(Kept& kept) {
  std::erase_if(ending_, [](const auto& run) { return run->has_finished(); });
  if (kept.run == nullptr) return;
  kept.run->RequestStop();
  ending_.push_back(std::move(kept.run));
}

std::vector<RelayStanding> SourceRelays::List() const {
  std::lock_guard lock(mutex_);
  std::vector<RelayStanding> list;
  for (const auto& [source, kept] : relays_) {
    RelayStanding& one = list.emplace_back(RelayStanding{.source = source});
    if (kept.relay != nullptr) one.status = kept.relay->Status();
    if (kept.is_paused) {
      one.state = "paused";
    } else if (kept.relay == nullptr || kept.run == nullptr) {
      one.state = "off";
    } else if (kept.run->has_ended()) {
      one.state = "error";
    } else if (one.status.running) {
      one.state = "running";
    } else {
      one.state = kept.run->problem().empty() ? "starting" : "retrying";
    }
    if (one.state == "error" || one.state == "retrying") one.problem = kept.run->problem();
  }
  return list;
}

std::shared_ptr<connector::Relay> SourceRelays::Of(const std::string& source) const {
  std::lock_guard lock(mutex_);
  const auto kept = relays_.find(source);
  return kept == relays_.end() ? nullptr : kept->second.relay;
}

}  // namespace godwit::server
