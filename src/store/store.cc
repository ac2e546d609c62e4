#include "store/store.h"

#include <algorithm>

namespace godwit::store {

base::Status CheckTransaction(const Transaction& transaction) {
  const auto& [conditions, writes] = transaction;
  if (conditions.size() > kMostOperations || writes.size() > kMostOperations) {
    return base::InvalidArgument(
        "a transaction of {} conditions and {} writes: the store takes at most {} of each",
        conditions.size(), writes.size(), kMostOperations);
  }
  std::vector<std::string_view> keys;
  keys.reserve(writes.size());
  for (const Write& write : writes) keys.push_back(write.key);
  std::sort(keys.begin(), keys.end());
  if (auto twice = std::adjacent_find(keys.begin(), keys.end()); twice != keys.end()) {
    return base::InvalidArgument("a transaction writes the key {} twice", *twice);
  }
  return base::OkStatus();
}

base::Status Store::Put(std::string_view key, std::string_view value) {
  return Commit({{}, {{std::string(key), std::string(value)}}}).status();
}

base::Status Store::Delete(std::string_view key) {
  return Commit({{}, {{std::string(key), std::nullopt}}}).status();
}

}  // namespace godwit::store
