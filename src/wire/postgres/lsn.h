#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::wire::postgres {

// A byte address in PostgreSQL's write-ahead log.
using Lsn = uint64_t;

// "16/B374D848": both halves in hexadecimal.
std::string LsnText(Lsn lsn);
// Nothing when it is not one.
std::optional<Lsn> ParseLsn(std::string_view text);

}  // namespace godwit::wire::postgres
