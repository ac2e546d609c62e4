#include "cluster/master_duties.h"

#include "cluster/scheduler.h"

namespace godwit::cluster {

std::vector<Request> MasterDuties::Poll(Time now, const View& view) {
  std::vector<Request> requests;
  if (is_resigning_) {
    Refuse();
    return requests;
  }
  candidate_.Poll(now, view, requests);
  const std::optional<store::Revision> leadership = candidate_.Leadership(view);
  if (!leadership) {
    Refuse();
    return requests;
  }
  PollOperation(now, view, *leadership, requests);
  if (!pace_.IsFree(now, view.revision())) return requests;
  for (store::Transaction& transaction : Schedule(view, *leadership)) {
    requests.push_back(
        {.asker = Request::Asker::kScheduler, .transaction = std::move(transaction)});
    pace_.Sent(view.revision());
  }
  return requests;
}

void MasterDuties::PollOperation(Time now, const View& view, store::Revision leadership,
                                 std::vector<Request>& requests) {
  // One that cannot be done is answered at once.
  while (!asked_.empty() && pace_.IsFree(now, view.revision())) {
    base::StatusOr<store::Transaction> transaction = asked_.front().operation(view, leadership);
    if (transaction.ok()) {
      requests.push_back(
          {.asker = Request::Asker::kOperator, .transaction = *std::move(transaction)});
      pace_.Sent(view.revision());
      is_asking_ = true;
      return;
    }
    const Asked asked = std::move(asked_.front());
    asked_.pop_front();
    asked.reply(transaction.status());
  }
}

void MasterDuties::OnAnswer(const Request& request, const Answer& answer, Time now) {
  if (request.asker == Request::Asker::kLease || request.asker == Request::Asker::kCampaign) {
    return candidate_.OnAnswer(request, answer, now);
  }
  pace_.Answered(answer, now);
  if (request.asker != Request::Asker::kOperator) return;
  is_asking_ = false;
  // What it went by has changed meanwhile: it is decided anew, or refused if that was the
  // leadership.
  if (answer.status.code() == base::StatusCode::kAborted) return;
  const Asked asked = std::move(asked_.front());
  asked_.pop_front();
  const bool is_known = answer.status.code() != base::StatusCode::kUnavailable;
  asked.reply(is_known
                  ? answer.status
                  : base::Unavailable("the store is away ({}), and nothing is known of what was "
                                      "asked for: look whether it is so, and ask again if not",
                                      answer.status.message()));
}

void MasterDuties::Refuse() {
  // Of the one that is under way it is not known yet.
  while (asked_.size() > (is_asking_ ? 1 : 0)) {
    const Asked asked = std::move(asked_.back());
    asked_.pop_back();
    asked.reply(base::FailedPrecondition("this master does not lead: ask the one that does"));
  }
}

std::vector<Request> MasterDuties::Resign() {
  std::vector<Request> requests;
  is_resigning_ = true;
  candidate_.Resign(requests);
  return requests;
}

Time MasterDuties::NextWake(Time now) const {
  const Time wake = candidate_.NextWake(now);
  return pace_.not_before() > now ? std::min(wake, pace_.not_before()) : wake;
}

}  // namespace godwit::cluster
