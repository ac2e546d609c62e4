#pragma once

#include "base/status.h"

namespace godwit::pipeline {

enum class Decision : uint8_t {
  kRetry,  // wait, then go on from the checkpoint
  kStop,   // cancelled: all that was finished is saved
  kFail,   // the operator is needed
};

// The one place where the code of an error decides what happens next.
inline Decision DecisionFor(const base::Status& status) {
  switch (status.code()) {
    case base::StatusCode::kUnavailable:
    case base::StatusCode::kAborted:
      return Decision::kRetry;
    case base::StatusCode::kCancelled:
      return Decision::kStop;
    default:
      return Decision::kFail;
  }
}

}  // namespace godwit::pipeline
