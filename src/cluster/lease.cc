#include "cluster/lease.h"

namespace godwit::cluster {

void Lease::Poll(Time now, std::vector<Request>& requests) {
  if (is_asking_ || now < not_before_) return;
  if (id_ != store::kNoLease && now < NextAsked()) return;
  is_asking_ = true;
  asked_ = now;
  requests.push_back(
      {.kind = id_ == store::kNoLease ? Request::Kind::kGrant : Request::Kind::kKeepAlive,
       .lease = id_,
       .ttl = ttl_});
}

void Lease::OnAnswer(const Request& request, const Answer& answer, Time now) {
  if (request.kind == Request::Kind::kRevoke) return;
  is_asking_ = false;
  if (request.lease != id_) return;  // of one that has been given up meanwhile
  if (answer.status.ok()) {
    if (request.kind == Request::Kind::kGrant) id_ = answer.lease;
    kept_ = asked_;
  } else if (answer.status.code() == base::StatusCode::kNotFound) {
    Ended();
  } else {
    not_before_ = now + ttl_ / 20;
  }
}

void Lease::Abandon(std::vector<Request>& requests) {
  if (id_ == store::kNoLease) return;
  requests.push_back({.kind = Request::Kind::kRevoke, .lease = id_});
  Ended();
}

Time Lease::NextWake(Time now) const {
  if (is_asking_) return Holds(now) ? HoldsUntil() : Time::max();  // the answer wakes it too
  if (id_ == store::kNoLease) return not_before_;
  return Holds(now) ? std::min(NextAsked(), HoldsUntil()) : not_before_;
}

}  // namespace godwit::cluster
