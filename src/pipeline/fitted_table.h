#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "model/change.h"
#include "model/table.h"

namespace godwit::pipeline {

// A source's table as its rows are to be written to a target's table that is not the same, since a
// DDL was ignored, skipped or replaced.
struct FittedTable {
  // The source's columns, those marked that the target has not, under the target's keys; the
  // source's own table where nothing differs.
  model::TablePtr table;
  std::vector<std::string> left_out;  // columns whose values are not written
  // Columns, by number, that an inserted row must not lack: their default is another there.
  std::vector<int> needed_by_insert;
  bool same = false;  // the target's table can hold all that the source's can
};

// `here`: the source's table as it would be on the target, with the same columns. Columns go by
// their names. kFailedPrecondition: rows could be mixed up or values altered without the server
// saying so; the message says what would have to be otherwise on the target.
base::StatusOr<FittedTable> FitTable(const model::TablePtr& source, const model::Table& here,
                                     const model::Table& target);

// Whether a change with images that lack columns can be made on the target's table:
// kFailedPrecondition says for want of which column not.
base::Status CheckPartial(const FittedTable& fitted, const model::ChangeEvent& event);

}  // namespace godwit::pipeline
