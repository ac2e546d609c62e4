#pragma once

#include <functional>
#include <optional>
#include <string>
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
  // `wall_clock`, for the era: Unix microseconds.
  using WallClock = std::function<int64_t()>;
  Candidate(LeaderRecord self, std::string version, std::chrono::seconds ttl, WallClock wall_clock)
      : self_(std::move(self)),
        version_(std::move(version)),
        lease_(ttl),
        wall_clock_(std::move(wall_clock)) {}

  // What has to be asked by now: registers, and campaigns whenever nobody leads.
  void Poll(Time now, const View& view, std::vector<Request>& requests);
  // Of requests by kLease and kCampaign.
  void OnAnswer(const Request& request, const Answer& answer, Time now);
  // Lets others lead at once, for an orderly end.
  void Resign(std::vector<Request>& requests) { lease_.Abandon(requests); }

  // Nothing: another one leads, or nobody. A view that shows a leadership shows all that earlier
  // leaders have written; that it holds still, only a write with its condition tells.
  std::optional<store::Revision> Leadership(const View& view) const;
  // By its own clock: one who has lost the store may have been succeeded.
  bool MayLead(Time now) const { return lease_.Holds(now); }
  Time NextWake(Time now) const;

 private:
  void Ask(const View& view, store::Transaction transaction, std::vector<Request>& requests);

  const LeaderRecord self_;
  const std::string version_;
  Lease lease_;
  const WallClock wall_clock_;
  Pace pace_;
  bool was_leading_ = false;
  Time abstains_until_;  // after he was evicted, so that another one may win
};

}  // namespace godwit::cluster
