#pragma once

#include <cstdint>

namespace godwit::sql {

// Whose SQL a statement or a definition is in: the two differ in their grammar, and in what the
// same text makes (default collations, display widths, the names given to keys and checks).
enum class Flavour : uint8_t { kMariaDb, kMySql };

}  // namespace godwit::sql
