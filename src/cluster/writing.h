#pragma once

#include <string>
#include <utility>

#include "cluster/view.h"

namespace godwit::cluster {

// An operator's transaction in the making: what it relies on, and what it writes.
class Writing {
 public:
  Writing(const View& view, store::Revision leadership)
      : transaction_{{{std::string(kLeaderKey), leadership}}, {}} {
    const int64_t count = view.operations() ? view.operations()->record.count : 0;
    Set(std::string(kOperationKey), view.operations(), OperationCount{count + 1});
  }

  // That the key is as it was seen.
  template <typename Record>
  Writing& Given(std::string key, const Maybe<Record>& seen) {
    transaction_.conditions.push_back({std::move(key), Changed(seen)});
    return *this;
  }
  // Likewise, and that it has another value from then on.
  template <typename Record>
  Writing& Set(const std::string& key, const Maybe<Record>& seen, const Record& record) {
    Given(key, seen);
    transaction_.writes.push_back({key, ToJson(record)});
    return *this;
  }
  template <typename Record>
  Writing& Erase(const std::string& key, const Maybe<Record>& seen) {
    Given(key, seen);
    if (seen) transaction_.writes.push_back({key, std::nullopt});
    return *this;
  }
  store::Transaction Take() { return std::move(transaction_); }

 private:
  store::Transaction transaction_;
};

// The configuration is kept byte for byte, which JSON can do of text in UTF-8 only.
base::Status CheckConfig(std::string_view of, const std::string& config);

// The source, if it is there and all that is kept of it can be read.
base::StatusOr<const View::Source*> KnownSource(const View& view, const std::string& name);

}  // namespace godwit::cluster
