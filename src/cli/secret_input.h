#pragma once

#include <string>

#include "base/status.h"

namespace godwit::cli {

// A secret from standard input: all that comes, without one newline at its end; on a terminal a
// line, asked for twice and not shown. kInvalidArgument: there is none, or none that can be one;
// kCancelled: interrupted while it was asked for.
base::StatusOr<std::string> ReadSecret();

}  // namespace godwit::cli
