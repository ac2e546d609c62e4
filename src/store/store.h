#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace godwit::store {

// The control plane's state: values by key. Keys are slash-separated words, relative to the root
// /godwit/v1 (docs/operations.md lists them); values are opaque, in practice JSON.
//
// A write that has returned OK survives a crash of the process, and is seen by every read that
// begins after it, from any process that has the same store open. Thread-safe. kUnavailable: the
// store is away for now; nothing is known of a write that ends so.
class Store {
 public:
  virtual ~Store() = default;

  // The value; nothing when there is none.
  virtual base::StatusOr<std::optional<std::string>> Get(std::string_view key) = 0;
  // Sets the value, whether or not there was one.
  virtual base::Status Put(std::string_view key, std::string_view value) = 0;
  // OK also when there is nothing of that key.
  virtual base::Status Delete(std::string_view key) = 0;
  // All keys that begin with `prefix` and their values, in byte order of the keys.
  virtual base::StatusOr<std::vector<std::pair<std::string, std::string>>> List(
      std::string_view prefix) = 0;
};

}  // namespace godwit::store
