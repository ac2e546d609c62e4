#include "connectors/mysql/log/other_readers.h"

#include "connectors/mysql/connection/errors.h"

namespace godwit::connectors::mysql {
namespace {

constexpr size_t kMost = 10;
constexpr std::chrono::minutes kOfLate(5);

}  // namespace

base::Status OtherReaders::Judge(const base::Status& status, Time now) {
  if (!absl::IsUnavailable(status) || !IsOfAnotherReader(std::string(status.message())))
    return status;
  std::lock_guard lock(mutex_);
  while (!ended_.empty() && ended_.front() < now - kOfLate) ended_.pop_front();
  ended_.push_back(now);
  if (ended_.size() <= kMost) return status;
  ended_.clear();
  return base::FailedPrecondition(
      "{}. That was {} times within {} minutes: another task of this name reads the source, here "
      "or elsewhere, and the two end each other. Give one of them another `name` and copy it anew, "
      "as what is kept of it on its target goes by the name; or stop one",
      std::string(status.message()), kMost + 1, kOfLate.count());
}

}  // namespace godwit::connectors::mysql
