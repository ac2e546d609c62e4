#include "portal/measured_store.h"

#include <chrono>

namespace godwit::portal {

using std::chrono::steady_clock;

template <typename Ask>
auto MeasuredStore::Measure(Kind kind, Ask ask) {
  const steady_clock::time_point begun = steady_clock::now();
  auto answer = ask();
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begun);
  Count& count = counts_[kind];
  ++count.requests;
  count.microseconds += took.count();
  if (!answer.ok()) ++count.failures;
  return answer;
}

base::StatusOr<store::Snapshot> MeasuredStore::Range(std::string_view prefix) {
  return Measure(kRead, [&] { return store_.Range(prefix); });
}
base::StatusOr<std::optional<store::Entry>> MeasuredStore::Get(std::string_view key) {
  return Measure(kRead, [&] { return store_.Get(key); });
}
base::StatusOr<store::Revision> MeasuredStore::Commit(const store::Transaction& transaction) {
  return Measure(kCommit, [&] { return store_.Commit(transaction); });
}
base::StatusOr<std::unique_ptr<store::Watch>> MeasuredStore::WatchFrom(std::string_view prefix,
                                                                       store::Revision after) {
  return store_.WatchFrom(prefix, after);
}
base::StatusOr<store::LeaseId> MeasuredStore::Grant(std::chrono::seconds ttl) {
  return Measure(kLease, [&] { return store_.Grant(ttl); });
}
base::Status MeasuredStore::KeepAlive(store::LeaseId lease) {
  return Measure(kLease, [&] { return store_.KeepAlive(lease); });
}
base::Status MeasuredStore::Revoke(store::LeaseId lease) {
  return Measure(kLease, [&] { return store_.Revoke(lease); });
}

}  // namespace godwit::portal
