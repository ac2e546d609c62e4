#include "server/relay_run.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace godwit::server {
namespace {

constexpr std::chrono::seconds kPause(1), kPauseForRoom(10);

bool PassesByItself(const base::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status);
}

}  // namespace

RelayRun::RelayRun(std::shared_ptr<connector::Relay> relay, std::function<void(std::string)> tell)
    : relay_(std::move(relay)),
      tell_(std::move(tell)),
      thread_([this](const std::stop_token& stop) {
        Run(stop);
        has_finished_ = true;
      }) {}

std::string RelayRun::problem() const {
  std::lock_guard lock(mutex_);
  return problem_;
}

void RelayRun::Tell(std::string what) {
  {
    std::lock_guard lock(mutex_);
    problem_ = what;
  }
  tell_(std::move(what));
}

void RelayRun::Run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::string told;
  while (!stop.stop_requested()) {
    const base::Status status = relay_->Run(stop);
    if (stop.stop_requested()) return;
    if (!PassesByItself(status)) {
      has_ended_ = true;
      Tell(fmt::format("{}. Until that is done the log is read from the source", status.message()));
      return;
    }
    const std::string why(status.message());
    if (why != std::exchange(told, why)) Tell(fmt::format("relay: trying again: {}", why));
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, absl::IsUnavailable(status) ? kPause : kPauseForRoom,
                   [] { return false; });
  }
}

}  // namespace godwit::server
