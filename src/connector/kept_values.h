#pragma once

#include "model/table.h"

namespace godwit::connector {

// Whether all values of the one column are values of the other, and the same ones: what else a
// change of the type made of rows, the log does not hold.
bool KeepsValues(const model::Column& before, const model::Column& now);

}  // namespace godwit::connector
