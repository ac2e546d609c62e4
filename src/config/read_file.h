#pragma once

#include <absl/status/statusor.h>

#include <cstddef>
#include <string>

namespace godwit::config {

// All that the file (or pipe) at `path` holds. kInvalidArgument with the system's reason when it
// cannot be read, or when it holds more than `most` bytes.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t most);

// The same of a file that only we may read, and root: kInvalidArgument where others may too. One
// of root's may also be read by its group, which is how secrets are given to services.
absl::StatusOr<std::string> ReadPrivateFile(const std::string& path, size_t most);

}  // namespace godwit::config
