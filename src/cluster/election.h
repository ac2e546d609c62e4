#pragma once

#include <optional>
#include <vector>

#include "cluster/lease.h"
#include "cluster/pace.h"
#include "cluster/view.h"

namespace godwit::cluster {

// A master's part in the election. Who has written the key `leader`, with his lease, leads for as
// long as it is there. The revision of that key is his leadership: each of his writes has the
// condition that the key is still of that revision, so that the store refuses what comes late from
// one who has been deposed, whatever he believes. Not thread-safe.
class Candidate {
 public:
  Candidate(LeaderRecord self, std::chrono::seconds ttl) : self_(std::move(self)), lease_(ttl) {}

  // What has to be asked by now: campaigns whenever nobody leads.
  void Poll(Time now, const View& view, std::vector<Request>& requests);
  // Of requests by kLease and kCampaign.
  void OnAnswer(const Request& request, const Answer& answer, Time now);
  // Lets others lead at once, for an orderly end.
  void Resign(std::vector<Request>& requests) { lease_.Abandon(requests); }

  // Nothing: another one leads, or nobody. A view that shows a leadership shows all that earlier
  // leaders have written; that it holds still, only a write with its condition tells.
  std::optional<store::Revision> Leadership(const View& view) const;
  Time NextWake(Time now) const;

 private:
  const LeaderRecord self_;
  Lease lease_;
  Pace pace_;
  bool was_leading_ = false;
  Time abstains_until_;  // after he was evicted, so that another one may win
};

}  // namespace godwit::cluster
