#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "model/table.h"

namespace godwit::pipeline {

// A source's table as its rows are to be written to a target's table that is not the same, since a
// DDL was ignored, skipped or replaced.
struct FittedTable {
  // The source's columns, those marked that the target has not, under the target's keys; the
  // source's own table where nothing differs.
  model::TablePtr table;
  std::vector<std::string> left_out;  // columns whose values are not written
  bool same = false;                  // the target's table can hold all that the source's can
};

// Columns go by their names. kFailedPrecondition: rows could be mixed up or values altered without
// the server saying so; the message says what would have to be otherwise on the target.
base::StatusOr<FittedTable> FitTable(const model::TablePtr& source, const model::Table& target);

}  // namespace godwit::pipeline
