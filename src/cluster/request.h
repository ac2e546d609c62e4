#pragma once

#include <chrono>
#include <string>

#include "base/status.h"
#include "store/store.h"

// What masters and workers ask of the store. They decide as machines without threads or sockets:
// they are polled for what is to be asked, and are told the answers; so what drives them may be a
// loop over a store, or a simulation that delays, loses and reorders. It polls them at the time
// that they say, however long the store takes to answer: a worker has to stop by its clock.
namespace godwit::cluster {

// The process's own time. It must go on while the machine sleeps (CLOCK_BOOTTIME), as leases do.
using Time = std::chrono::steady_clock::time_point;

struct Request {
  enum class Kind { kGrant, kKeepAlive, kRevoke, kCommit };
  enum class Asker { kLease, kCampaign, kScheduler, kOperator, kWorker, kReport };
  Kind kind = Kind::kCommit;
  Asker asker = Asker::kLease;
  store::LeaseId lease = store::kNoLease;
  std::chrono::seconds ttl{0};
  store::Transaction transaction;
  std::string about;  // of kWorker: the source; of kReport: the key
};

// There is one for each request, in the end: kUnavailable when it is not known what came of it.
struct Answer {
  base::Status status;
  store::LeaseId lease = store::kNoLease;  // granted
  store::Revision revision = 0;            // of what was committed
};

Answer Perform(store::Store& store, const Request& request);

}  // namespace godwit::cluster
