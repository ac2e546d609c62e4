#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>

#include "base/status.h"
#include "config/task.h"
#include "connector/source.h"
#include "pipeline/progress.h"

namespace godwit::pipeline {

// Watches what the source keeps of its log for a task, from the first row of the copy on, as long
// as a run goes on: tells it to `progress`, warns before it is too much, and ends the run where it
// is more than the task allows, or where the source has given it up, so that all further work would
// be in vain. A source that keeps nothing for tasks costs nothing.
//
// A run goes by stop() in place of the operator's token, and ends with what End makes of its
// status.
class LogGuard {
 public:
  struct Pace {
    std::chrono::milliseconds look{2'000};  // from one look to the next
    // How long the run may take to end in order before it is cut off.
    std::chrono::milliseconds patience{20'000};
  };

  // All are borrowed. `stop`: the operator's.
  LogGuard(const config::Task& task, connector::Source& source, Progress& progress,
           std::stop_token stop, Pace pace);
  LogGuard(const config::Task& task, connector::Source& source, Progress& progress,
           std::stop_token stop)
      : LogGuard(task, source, progress, std::move(stop), Pace()) {}

  // Asked for by the operator, or by the guard.
  std::stop_token stop() const { return stop_.get_token(); }
  // Asked for when a run that the guard wants to end goes on, as with a target that does not
  // answer: the group of changes in hand is to be given up too.
  std::stop_token cut_off() const { return cut_off_.get_token(); }

  // The run has ended with `status`; gives what the task's run is to end with. Releases the log
  // where the task asks for that, which may take `retry_for`. Once.
  base::Status End(base::Status status);

 private:
  // Tells once that what is kept has come to a mark; again only after it was well below.
  class Mark {
   public:
    bool Reached(uint64_t kept, uint64_t mark);

   private:
    bool told_ = false;
  };

  void Watch(std::stop_token over);
  // Why the run is to end; OK: it is not.
  base::Status Look();
  base::Status Judge(const connector::LogHold& hold);
  base::Status JudgeByTask(const connector::LogHold& hold);
  void WarnOfServer(const connector::LogHold& hold);
  connector::TaskPhase Phase() const { return progress_.phases().back(); }
  // What holds the log, in words.
  std::string WhyKept(uint64_t kept) const;
  bool Releases() const { return release_ && !released_; }
  void Release(std::stop_token give_up);
  // False when `end` was asked for.
  static bool Sleep(std::chrono::milliseconds time, std::stop_token end);

  const config::Task& task_;
  connector::Source& source_;
  Progress& progress_;
  const std::stop_token operator_;
  const Pace pace_;
  std::stop_source stop_, cut_off_;
  std::stop_callback<std::function<void()>> forward_;  // from operator_ to stop_

  // Of the watching thread; End looks at them when that has ended.
  std::string held_;  // the name of what was kept at the last look
  bool complained_ = false;
  Mark near_own_, beyond_own_, near_servers_;
  base::Status verdict_;
  bool release_ = false;         // the verdict is to release the log
  bool released_ = false;        // it is done
  base::Status release_status_;  // of the last try
  std::jthread thread_;
};

}  // namespace godwit::pipeline
