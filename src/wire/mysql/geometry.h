#pragma once

#include <algorithm>
#include <string_view>

namespace godwit::wire::mysql {

// The shape alone (WKB) of a value of a spatial type: the number of its reference system is before
// it.
inline std::string_view ShapeOf(std::string_view geometry) {
  constexpr size_t kReferenceSystemBytes = 4;
  return geometry.substr(std::min(kReferenceSystemBytes, geometry.size()));
}

}  // namespace godwit::wire::mysql
