#pragma once

#include <cstddef>

// Temporal values as rows hold them, written as the server prints them, with exactly `digits`
// fractional digits (0 to 6). Each takes a value's bytes, writes to `out` (kTemporalTextSize bytes)
// and gives the number of characters; 0 for bytes that no such value has.
namespace godwit::wire::mysql {

inline constexpr size_t kTemporalTextSize = 32;
inline constexpr int kMostFractionDigits = 6;

// DATE: 3 bytes.
size_t FormatDate(const char* in, char* out);

// The formats since MariaDB 10.1 and MySQL 5.6: big-endian, the fraction in FractionSize bytes at
// the end.
size_t FractionSize(int digits);
size_t FormatTime2(const char* in, int digits, char* out);       // 3 bytes and the fraction
size_t FormatDateTime2(const char* in, int digits, char* out);   // 5 bytes and the fraction
size_t FormatTimestamp2(const char* in, int digits, char* out);  // 4 bytes and the fraction; in UTC

// The formats before those, without a fraction: decimal digits in little-endian numbers.
size_t FormatOldTime(const char* in, char* out);       // 3 bytes
size_t FormatOldDateTime(const char* in, char* out);   // 8 bytes
size_t FormatOldTimestamp(const char* in, char* out);  // 4 bytes; in UTC

// MariaDB 5.3's formats with a fraction (digits 1 to 6): one big-endian number of units of the last
// digit.
size_t HiresTimeSize(int digits);
size_t HiresDateTimeSize(int digits);
size_t HiresTimestampSize(int digits);
size_t FormatHiresTime(const char* in, int digits, char* out);
size_t FormatHiresDateTime(const char* in, int digits, char* out);
size_t FormatHiresTimestamp(const char* in, int digits, char* out);  // in UTC

}  // namespace godwit::wire::mysql
