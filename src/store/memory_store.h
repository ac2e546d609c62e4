#pragma once

#include <map>
#include <mutex>

#include "store/store.h"

namespace godwit::store {

// A store that ends with the process: for tests.
class MemoryStore : public Store {
 public:
  base::StatusOr<std::optional<std::string>> Get(std::string_view key) override;
  base::Status Put(std::string_view key, std::string_view value) override;
  base::Status Delete(std::string_view key) override;
  base::StatusOr<std::vector<std::pair<std::string, std::string>>> List(
      std::string_view prefix) override;

 private:
  std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace godwit::store
