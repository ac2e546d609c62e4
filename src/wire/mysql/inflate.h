#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

// MariaDB's two ways of wrapping zlib data. Both begin with a byte that holds the method and the
// size of the length which follows, big-endian; the data comes last. Thread-safe.
namespace godwit::wire::mysql {

// The compressed part of an event (log_bin_compress), into `out`. kDataLoss: corrupt.
base::Status InflateEventPart(std::string_view packed, std::string& out);

// A value of a COMPRESSED column. Gives a view of the value: into `packed` where it was stored as
// it is, else into `out`. kDataLoss: corrupt.
base::StatusOr<std::string_view> InflateColumn(std::string_view packed, std::string& out);

}  // namespace godwit::wire::mysql
