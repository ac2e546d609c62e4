#pragma once

#include <algorithm>

#include "cluster/request.h"

namespace godwit::cluster {

// When the next writes may be decided upon: not before those that are under way have been answered,
// nor from a view that does not show yet what has come of the last ones, which would decide the
// same again. Conditions make such writes harmless; this spares the store. Not thread-safe.
class Pace {
 public:
  bool IsFree(Time now, store::Revision view) const {
    return under_way_ == 0 && view >= committed_ && view > refused_ && now >= not_before_;
  }
  // By a view of that revision.
  void Sent(store::Revision view) {
    ++under_way_;
    sent_ = view;
  }
  void Answered(const Answer& answer, Time now) {
    --under_way_;
    if (answer.status.ok()) {
      committed_ = std::max(committed_, answer.revision);
    } else if (answer.status.code() == base::StatusCode::kAborted) {
      refused_ = std::max(refused_, sent_);
    } else {
      not_before_ = now + std::chrono::milliseconds(500);
    }
  }
  // Whether something may have come of it that the view does not show.
  bool IsAhead(store::Revision view) const { return under_way_ > 0 || view < committed_; }
  bool IsIdle() const { return under_way_ == 0; }
  Time not_before() const { return not_before_; }

 private:
  int under_way_ = 0;
  store::Revision sent_ = 0, committed_ = 0, refused_ = 0;
  Time not_before_;
};

}  // namespace godwit::cluster
