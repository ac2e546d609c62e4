#pragma once

#include <cstdint>
#include <string>

// Numbers as people read them.
namespace godwit::cli {

std::string CountText(uint64_t count);    // 1,234,567
std::string BytesText(double bytes);      // 812 B, 1.5 KiB, 23.4 MiB
std::string SecondsText(double seconds);  // 0.3 s, 12 s, 4 min 05 s, 3 h 02 min, 2 d 4 h
std::string ClockText(double seconds);    // 00:12, 1:02:03
std::string TimeText(int64_t unix_ms);    // 2026-11-21T02:30:00Z

}  // namespace godwit::cli
