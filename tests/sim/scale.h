#pragma once

#include "tests/sim/options.h"

namespace godwit::sim {

// Prints what failovers cost where there are `workers` and `sources`; the exit code.
int RunScale(const Options& options);

}  // namespace godwit::sim
