#pragma once

#include <cstddef>

// UUID and INET values as rows hold them, written as the server prints them. Each gives the number
// of characters.
namespace godwit::wire::mysql {

inline constexpr size_t kAddressTextSize = 48;
inline constexpr size_t kUuidSize = 16, kInet4Size = 4, kInet6Size = 16;

size_t FormatUuid(const char* in, char* out);
size_t FormatInet4(const char* in, char* out);
size_t FormatInet6(const char* in, char* out);

}  // namespace godwit::wire::mysql
