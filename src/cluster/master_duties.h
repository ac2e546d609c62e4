#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "cluster/election.h"

namespace godwit::cluster {

// What a master has to do by what it has read: campaign, and while it leads, what operators ask for
// and what the scheduler wants. It decides upon one of these at a time, and upon the next one when
// it sees what has come of it. Not thread-safe.
class MasterDuties {
 public:
  // An operator's request (operations.h), by a view that is up to date with what this master has
  // written, and its leadership.
  using Operation =
      std::function<base::StatusOr<store::Transaction>(const View&, store::Revision leadership)>;
  // kFailedPrecondition: this master does not lead, nothing was done. kUnavailable: nothing is
  // known.
  using Reply = std::function<void(base::Status)>;

  explicit MasterDuties(Candidate candidate) : candidate_(std::move(candidate)) {}

  // What has to be asked by now, in this order, without waiting for one before the next.
  std::vector<Request> Poll(Time now, const View& view);
  void OnAnswer(const Request& request, const Answer& answer, Time now);
  void Ask(Operation operation, Reply reply) {
    asked_.push_back({std::move(operation), std::move(reply)});
  }
  // For an orderly end: another one may lead at once. What was asked and is not under way is
  // refused, from then on too.
  std::vector<Request> Resign();
  // All that was asked has been answered.
  bool IsIdle() const { return asked_.empty(); }

  std::optional<store::Revision> Leadership(const View& view) const {
    return candidate_.Leadership(view);
  }
  bool MayLead(Time now) const { return candidate_.MayLead(now); }
  // When to poll again at the latest; also after each answer, and when the view has changed.
  Time NextWake(Time now) const;

 private:
  struct Asked {
    Operation operation;
    Reply reply;
  };
  void PollOperation(Time now, const View& view, store::Revision leadership,
                     std::vector<Request>& requests);
  void Refuse();

  Candidate candidate_;
  Pace pace_;
  std::deque<Asked> asked_;
  bool is_asking_ = false;  // the first of them is under way
  bool is_resigning_ = false;
};

}  // namespace godwit::cluster
