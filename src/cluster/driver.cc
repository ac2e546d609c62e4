#include "cluster/driver.h"

#include <algorithm>
#include <ctime>

#include "base/log.h"

namespace godwit::cluster {
namespace {

constexpr int kPerformers = 4;
constexpr std::chrono::milliseconds kPause(200);  // before the store is asked again
constexpr std::chrono::seconds kLongestWait(1);

// Until the time has passed, or the token asks to stop.
void Pause(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any condition;
  std::unique_lock lock(mutex);
  condition.wait_for(lock, stop, kPause, [] { return false; });
}

// Says that the store is away: at once, and then now and again.
class Complaints {
 public:
  void Hear(const base::Status& status) {
    const Time now = Now();
    if (status.ok()) {
      if (said_) spdlog::info("the store answers again");
      said_.reset();
    } else if (!said_ || now >= *said_ + kSilence) {
      spdlog::warn("the store cannot be read: {}", status.message());
      said_ = now;
    }
  }

 private:
  static constexpr std::chrono::seconds kSilence{30};
  std::optional<Time> said_;
};

}  // namespace

Time Now() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return Time(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

Driver::Driver(store::Store& store, Machine& machine)
    : store_(store),
      machine_(machine),
      // What keeps a lease alive waits for nothing else.
      lease_performer_(store, 1, [this](const auto&... answered) { Answered(answered...); }),
      performer_(store, kPerformers, [this](const auto&... answered) { Answered(answered...); }),
      watcher_([this](const std::stop_token& stop) { Watch(stop); }) {}

void Driver::Post(std::function<void(const View&)> act) {
  Inform([this, act = std::move(act)] { act(view_); });
}

void Driver::Inform(std::function<void()> act) {
  {
    std::lock_guard lock(mutex_);
    if (has_ended_) return;
    posted_.push_back(std::move(act));
  }
  woken_.notify_one();
}

void Driver::Answered(const Request& request, const Answer& answer) {
  Inform([=, this] { machine_.OnAnswer(request, answer, Now()); });
}

void Driver::Run() {
  while (true) {
    std::deque<std::function<void()>> posted;
    {
      std::lock_guard lock(mutex_);
      posted.swap(posted_);
    }
    for (const auto& act : posted) act();
    Time wake = Time::max();
    if (view_.revision() > 0) {
      const Time now = Now();
      for (Request& request : machine_.Poll(now, view_)) {
        const bool is_lease = request.kind != Request::Kind::kCommit;
        (is_lease ? lease_performer_ : performer_).Perform(std::move(request));
      }
      wake = machine_.NextWake(now);
    }
    std::unique_lock lock(mutex_);
    if (machine_.HasEnded()) {
      has_ended_ = true;
      posted.swap(posted_);
      return;
    }
    // By a clock that stands still while the machine sleeps, and so not for long.
    const auto wait = std::clamp<Time::duration>(wake - Now(), Time::duration(0), kLongestWait);
    woken_.wait_for(lock, wait, [this] { return !posted_.empty(); });
  }
}

void Driver::Watch(const std::stop_token& stop) {
  Complaints complaints;
  while (!stop.stop_requested()) {
    base::StatusOr<store::Snapshot> snapshot = store_.Range("");
    complaints.Hear(snapshot.status());
    if (!snapshot.ok()) {
      Pause(stop);
      continue;
    }
    store::Revision revision = snapshot->revision;
    Inform([this, snapshot = *std::move(snapshot)] {
      view_.Reset(snapshot);
      machine_.OnChanges(view_, {});
    });
    while (!stop.stop_requested()) {
      const base::Status status =
          Follow(revision, stop, [&] { complaints.Hear(base::OkStatus()); });
      if (absl::IsOutOfRange(status) || absl::IsCancelled(status)) break;
      complaints.Hear(status);
      Pause(stop);
    }
  }
}

base::Status Driver::Follow(store::Revision& revision, const std::stop_token& stop,
                            const std::function<void()>& on_answer) {
  GODWIT_ASSIGN_OR_RETURN(const std::unique_ptr<store::Watch> watch,
                          store_.WatchFrom("", revision));
  const std::stop_callback cancel(stop, [&] { watch->Cancel(); });
  while (true) {
    GODWIT_ASSIGN_OR_RETURN(std::vector<store::Watch::Change> changes,
                            watch->Next(std::chrono::seconds(10)));
    on_answer();
    revision = watch->revision();
    if (changes.empty()) continue;
    Inform([this, changes = std::move(changes), revision] {
      view_.Apply(changes, revision);
      machine_.OnChanges(view_, changes);
    });
  }
}

}  // namespace godwit::cluster
