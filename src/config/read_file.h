#pragma once

#include <absl/status/statusor.h>

#include <cstddef>
#include <string>

namespace godwit::config {

// All that the file (or pipe) at `path` holds. kInvalidArgument with the system's reason when it
// cannot be read, or when it holds more than `most` bytes.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t most);

}  // namespace godwit::config
