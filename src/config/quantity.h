#pragma once

#include <absl/status/statusor.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace godwit::config {

// A size: a whole number and B (or nothing), KiB, MiB, GiB, TiB (powers of 1024) or kB, MB, GB, TB
// (powers of 1000), such as "64MiB". kInvalidArgument otherwise, and above 2^64 - 1 bytes.
absl::StatusOr<uint64_t> ParseBytes(std::string_view text);

// A duration: a whole number and ms, s, min, h or d, such as "10min"; "0" alone needs no unit.
// kInvalidArgument otherwise, and above 10,000 days.
absl::StatusOr<std::chrono::milliseconds> ParseDuration(std::string_view text);

// The value in the largest unit that leaves it whole: "64MiB", "10min".
std::string FormatBytes(uint64_t bytes);
std::string FormatDuration(std::chrono::milliseconds duration);

}  // namespace godwit::config
