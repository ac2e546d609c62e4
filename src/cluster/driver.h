#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "cluster/performer.h"
#include "cluster/view.h"

namespace godwit::cluster {

// A master or a worker, as a driver sees it: polled for what it asks of the store, and told the
// answers. All calls come from the driver's thread.
class Machine {
 public:
  virtual ~Machine() = default;
  // What has to be asked by now, in this order, without waiting for one before the next.
  virtual std::vector<Request> Poll(Time now, const View& view) = 0;
  virtual void OnAnswer(const Request& request, const Answer& answer, Time now) = 0;
  // When to poll again at the latest; also after each answer and when the view has changed.
  virtual Time NextWake(Time now) const = 0;
  // Nothing is left to be done.
  virtual bool HasEnded() const = 0;
  // What the store has told of, after the view has been brought up to date with it; `changes` is
  // empty after the view has been read anew.
  virtual void OnChanges(const View& /*view*/,
                         const std::vector<store::Watch::Change>& /*changes*/) {}
};

// The time of CLOCK_BOOTTIME, which goes on while the machine sleeps.
Time Now();

// Drives a machine over a store: keeps the view up to date by a watch, has the requests performed
// on threads of their own, and polls the machine on time, however long the store takes to answer.
class Driver {
 public:
  // Both are borrowed.
  Driver(store::Store& store, Machine& machine);
  Driver(const Driver&) = delete;

  // Until the machine has ended. Once.
  void Run();
  // Has `act` called on Run's thread, between two polls; with a view of revision 0 if the store has
  // not been read yet. What is left when the machine has ended is not called but destroyed.
  // Thread-safe; does not wait.
  void Post(std::function<void(const View&)> act);

 private:
  void Inform(std::function<void()> act);
  void Answered(const Request& request, const Answer& answer);
  void Watch(const std::stop_token& stop);
  // Until the store is away, or has forgotten what came next: then all has to be read anew.
  // `on_answer` is called whenever the store has told something, or that there is nothing new.
  base::Status Follow(store::Revision& revision, const std::stop_token& stop,
                      const std::function<void()>& on_answer);

  store::Store& store_;
  Machine& machine_;
  View view_;  // of Run's thread
  std::mutex mutex_;
  std::condition_variable woken_;
  std::deque<std::function<void()>> posted_;
  bool has_ended_ = false;
  Performer lease_performer_, performer_;
  std::jthread watcher_;
};

}  // namespace godwit::cluster
