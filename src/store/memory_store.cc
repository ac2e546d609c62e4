#include "store/memory_store.h"

namespace godwit::store {

base::StatusOr<std::optional<std::string>> MemoryStore::Get(std::string_view key) {
  std::lock_guard lock(mutex_);
  auto it = values_.find(key);
  if (it == values_.end()) return std::optional<std::string>();
  return std::optional<std::string>(it->second);
}

base::Status MemoryStore::Put(std::string_view key, std::string_view value) {
  std::lock_guard lock(mutex_);
  values_.insert_or_assign(std::string(key), std::string(value));
  return base::OkStatus();
}

base::Status MemoryStore::Delete(std::string_view key) {
  std::lock_guard lock(mutex_);
  if (auto it = values_.find(key); it != values_.end()) values_.erase(it);
  return base::OkStatus();
}

base::StatusOr<std::vector<std::pair<std::string, std::string>>> MemoryStore::List(
    std::string_view prefix) {
  std::lock_guard lock(mutex_);
  std::vector<std::pair<std::string, std::string>> found;
  for (auto it = values_.lower_bound(prefix); it != values_.end() && it->first.starts_with(prefix);
       ++it) {
    found.emplace_back(*it);
  }
  return found;
}

}  // namespace godwit::store
