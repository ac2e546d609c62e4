#include "cluster/request.h"

namespace godwit::cluster {

Answer Perform(store::Store& store, const Request& request) {
  switch (request.kind) {
    case Request::Kind::kGrant: {
      const base::StatusOr<store::LeaseId> lease = store.Grant(request.ttl);
      return lease.ok() ? Answer{.lease = *lease} : Answer{lease.status()};
    }
    case Request::Kind::kKeepAlive:
      return {store.KeepAlive(request.lease)};
    case Request::Kind::kRevoke:
      return {store.Revoke(request.lease)};
    case Request::Kind::kCommit:
      break;
  }
  const base::StatusOr<store::Revision> revision = store.Commit(request.transaction);
  return revision.ok() ? Answer{.revision = *revision} : Answer{revision.status()};
}

}  // namespace godwit::cluster
