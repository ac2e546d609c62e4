#pragma once

#include <string>
#include <string_view>

#include "sql/flavour.h"

namespace godwit::sql {

// A character set and one of its collations, both in the server's current names (`utf8mb3`, not
// `utf8`). Empty members: not said.
struct CharsetChoice {
  std::string charset;
  std::string collation;
  bool operator==(const CharsetChoice&) const = default;
};

// Fills in what `choice` leaves open: a collation names its charset, a charset has a default
// collation, nothing at all takes `fallback`; "DEFAULT" as charset is that of `fallback` too. Old
// names become current ones.
CharsetChoice Resolve(const CharsetChoice& choice, const CharsetChoice& fallback, Flavour flavour);

// The most bytes that one character takes; 1 for a charset that is not known.
int MaxBytesPerCharacter(std::string_view charset);

}  // namespace godwit::sql
