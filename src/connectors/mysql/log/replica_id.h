#pragma once

#include <cstdint>
#include <string_view>

namespace godwit::connectors::mysql {

// A replica's server id that is the same for everyone of that name and unlikely to be another's
// (FNV-1a, high half set).
inline uint32_t ReplicaId(std::string_view name) {
  uint32_t hash = 2166136261u;
  for (char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash | 0x80000000u;
}

}  // namespace godwit::connectors::mysql
