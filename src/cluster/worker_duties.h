#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cluster/lease.h"
#include "cluster/pace.h"
#include "cluster/view.h"

namespace godwit::cluster {

// What a worker's machinery is to do with a subtask, or a source's relay.
struct Order {
  enum class Kind { kStart, kResume, kPause, kStop, kReconfigure };
  Kind kind = Kind::kStart;
  std::string source;
  std::string task;   // none: the source's relay; of kReconfigure: all that runs of the source
  int64_t epoch = 0;  // all that it writes is fenced with
};

// What a worker has to do by what it has read: be registered while its lease lives, hold the
// sources that are bound to it, and run what is expected of them. It holds a source from before it
// starts anything of it until all has stopped (the key held/<source>, under its lease), and nobody
// else is given it in that time. It stops all by its own clock before its lease can have ended.
// What is still written after that (by a process that was frozen, or that stops too slowly) is held
// off by the epoch. Not thread-safe.
class WorkerDuties {
 public:
  struct Step {
    std::vector<Order> orders;  // each to be answered with Done, but kReconfigure
    std::vector<Request> requests;
  };

  WorkerDuties(std::string name, WorkerRecord self, std::chrono::seconds ttl)
      : name_(std::move(name)), self_(std::move(self)), lease_(ttl) {}

  // What has to be done by now.
  Step Poll(Time now, const View& view);
  void OnAnswer(const Request& request, const Answer& answer, Time now);
  // An order has been carried out, or the subtask has come to a stage by itself: kPaused is an
  // error, after which it waits for the operator; kFinished; kStopped only upon an order.
  void Done(const std::string& source, const std::string& task, Stage stage);
  // For an orderly end: all is stopped, and then let go of. The lease is given back, at last; also
  // where the store does not answer, a little later.
  void Leave() { is_leaving_ = true; }
  bool HasLeft() const { return is_leaving_ && sources_.empty() && lease_.id() == store::kNoLease; }

  // Whether what runs of the source may go on; to be asked before each transaction too.
  bool MayRun(const std::string& source, Time now) const;
  // When to poll again at the latest; also after each answer and Done, and when the view has
  // changed.
  Time NextWake(Time now) const;

 private:
  struct Unit {
    Stage stage = Stage::kNew;
    std::optional<Order::Kind> ordered;
    store::Revision config = 0;
    bool has_failed = false;
    store::Revision expected = 0;  // the expected stage that was last seen
  };
  struct Source {
    store::Revision held = 0;
    store::LeaseId lease = store::kNoLease;
    int64_t epoch = 0;
    store::Revision config = 0;
    std::map<std::string, Unit> units;  // by task; the relay has no name
  };

  void Register(Time now, const View& view, std::vector<Request>& requests);
  void PollSource(Time now, const View& view, const std::string& name, Step& step);
  bool IsMine(const View::Source& source) const;
  bool Holds(const View::Source& source) const;
  void Run(const View::Source& source, Step& step);
  void Obey(const std::string& name, const std::string& task, store::Revision config,
            const Maybe<ExpectedStage>& expected, Step& step);
  void Stop(const std::string& name, Step& step);
  void Claim(const View& view, const View::Source& source, Step& step);
  void LetGo(const View& view, const View::Source& source, Step& step);
  void Send(const View& view, const std::string& about, store::Transaction transaction,
            std::vector<Request>& requests);

  const std::string name_;
  const WorkerRecord self_;
  Lease lease_;
  store::LeaseId registered_ = store::kNoLease;      // with this lease, as the view has shown
  std::map<std::string, Source> sources_;            // of which something runs
  std::map<std::string, store::Revision> given_up_;  // held, and let go of, though that may be late
  std::map<std::string, Pace> paces_;                // by source; that of the registration has none
  int slots_taken_ = 0;
  bool is_leaving_ = false;
  std::optional<Time> leaves_by_;  // since all has stopped
};

}  // namespace godwit::cluster
