#pragma once

#include <algorithm>
#include <vector>

#include "cluster/request.h"

namespace godwit::cluster {

// A lease that its holder keeps alive for as long as it is polled, and when by the holder's own
// clock it may have ended. Not thread-safe.
class Lease {
 public:
  explicit Lease(std::chrono::seconds ttl) : ttl_(ttl) {}

  // What has to be asked by now.
  void Poll(Time now, std::vector<Request>& requests);
  void OnAnswer(const Request& request, const Answer& answer, Time now);
  // Has it ended at once; the next Poll asks for another one.
  void Abandon(std::vector<Request>& requests);
  // What the store has said of a write with it: that it has ended.
  void Ended() { id_ = store::kNoLease; }

  // 0: there is none.
  store::LeaseId id() const { return id_; }
  std::chrono::seconds ttl() const { return ttl_; }
  // Whether it cannot have ended yet, with a fifth of its time to spare, for a clock that is slow
  // and for what takes its time to stop.
  bool Holds(Time now) const { return id_ != store::kNoLease && now < HoldsUntil(); }
  // When to poll again at the latest.
  Time NextWake(Time now) const;

 private:
  Time HoldsUntil() const { return kept_ + ttl_ * 4 / 5; }
  Time NextAsked() const { return std::max(kept_ + ttl_ / 3, not_before_); }

  const std::chrono::seconds ttl_;
  store::LeaseId id_ = store::kNoLease;
  bool is_asking_ = false;
  Time asked_;       // when the request that is under way was sent
  Time kept_;        // when the last one that succeeded was sent
  Time not_before_;  // after one that failed
};

}  // namespace godwit::cluster
