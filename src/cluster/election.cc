#include "cluster/election.h"

namespace godwit::cluster {

void Candidate::Poll(Time now, const View& view, std::vector<Request>& requests) {
  lease_.Poll(now, requests);
  const bool is_leading = Leadership(view).has_value();
  if (was_leading_ && !is_leading && lease_.Holds(now)) {
    // The key has gone and the lease has not: an operator's wish.
    abstains_until_ = now + 2 * lease_.ttl();
  }
  was_leading_ = is_leading;
  if (!lease_.Holds(now) || !pace_.IsFree(now, view.revision())) return;
  const store::LeaseId lease = lease_.id();
  if (!view.masters().contains(self_.name)) {
    Ask(view,
        {.conditions = {{MasterKey(self_.name), 0}},
         .writes = {{MasterKey(self_.name), ToJson(MasterRecord{self_.address, version_}), lease}}},
        requests);
  }
  if (view.leader() || now < abstains_until_) return;
  const int64_t era = view.era() ? view.era()->record.unix_us : 0;
  Ask(view,
      {.conditions = {{std::string(kLeaderKey), 0}, {std::string(kEraKey), Changed(view.era())}},
       .writes = {{std::string(kLeaderKey), ToJson(self_), lease},
                  {std::string(kEraKey), ToJson(Era{std::max(era, wall_clock_())})}}},
      requests);
}

void Candidate::Ask(const View& view, store::Transaction transaction,
                    std::vector<Request>& requests) {
  requests.push_back({.asker = Request::Asker::kCampaign,
                      .lease = lease_.id(),
                      .transaction = std::move(transaction)});
  pace_.Sent(view.revision());
}

void Candidate::OnAnswer(const Request& request, const Answer& answer, Time now) {
  if (request.asker == Request::Asker::kLease) return lease_.OnAnswer(request, answer, now);
  pace_.Answered(answer, now);
  const bool has_ended = answer.status.code() == base::StatusCode::kNotFound;
  if (has_ended && request.lease == lease_.id()) lease_.Ended();
}

std::optional<store::Revision> Candidate::Leadership(const View& view) const {
  const bool is_mine = view.leader() && view.leader()->lease != store::kNoLease &&
                       view.leader()->lease == lease_.id();
  return is_mine ? std::optional(view.leader()->changed) : std::nullopt;
}

Time Candidate::NextWake(Time now) const {
  Time wake = lease_.NextWake(now);
  for (const Time waits_for : {abstains_until_, pace_.not_before()}) {
    if (waits_for > now) wake = std::min(wake, waits_for);
  }
  return wake;
}

}  // namespace godwit::cluster
