#pragma once

#include <string>
#include <vector>

#include "connectors/mysql/apply/row_statements.h"
#include "model/table.h"

// Rows of the target that are in the way of others by a unique key.
namespace godwit::connectors::mysql {

// Whether rows that may be there are deleted before they are inserted: REPLACE would delete what
// stands in their way also by a key that the source has not, of which the log does not bring it
// back.
bool MakesWayByHand(const model::Table& table, bool strict);

// Deletes what has a value of the source's own unique keys there that one of `rows` has: it got it
// later, so that the log brings it back.
base::Status DeleteHoldersOfOwnKeys(sql::Flavour target, const model::Table& table,
                                    const std::vector<model::Row>& rows, const StatementSink& sink);

// A row of the copy may have had to make room for one that held its unique value before; where the
// log has only the columns that change, it does not bring the row back.
base::Status LostToAnother(const model::Table& table);

// What to do where the server has refused a row with `message` (ER_DUP_ENTRY, in English).
// `must_be_found`: in an update of a row that has to be there, while the table joins.
base::Status RowInTheWay(std::string_view message, const model::Table& table, bool must_be_found);

}  // namespace godwit::connectors::mysql
