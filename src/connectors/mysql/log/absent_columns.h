#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "model/cell.h"
#include "model/table.h"

// What it means that a row image in the log lacks columns (binlog_row_image MINIMAL or NOBLOB).
//
// Of an inserted row the absent columns have the constants that are their defaults: every other
// value is in the log. Of an update they are unchanged, but for MariaDB's REPLACE: where that finds
// one row in its way it may change it in place, and gives the columns that it does not name their
// defaults without logging them. MySQL logs those.
namespace godwit::connectors::mysql {

enum class AbsentMeans : uint8_t {
  kUnchanged,
  kDefault,
  kUnknown,  // one of these
};

// What the columns mean that an update of `table` in MariaDB's log leaves out, by the statement
// that it came from (Annotate_rows). Only what a statement itself does to a table that it names
// counts: a trigger of another table may do anything.
AbsentMeans AbsentIn(std::string_view statement, const model::TableName& table);

// What absent columns have, by their number, of those that the target would give something else.
using ImplicitDefaults = std::vector<std::pair<size_t, model::Cell>>;

// Whether the image holds all columns that rows are written with.
bool HasAll(const model::Table& table, model::Row row);

// Completes the `after` of an update by what `before` holds. Either is empty where the change has
// none. kFailedPrecondition: the change cannot be made with what the images hold.
base::Status CheckAbsent(const model::Table& table, model::Row before, std::span<model::Cell> after,
                         AbsentMeans absent);

}  // namespace godwit::connectors::mysql
