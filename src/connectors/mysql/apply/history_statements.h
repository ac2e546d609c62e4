#pragma once

#include <vector>

#include "connectors/mysql/apply/row_statements.h"

namespace godwit::connectors::mysql {

// Changes of a system-versioned table, in their order, as statements that leave the very history
// that the source has: rows whose period the source's log gives are inserted with it; an update or
// delete is done at the time that it was done at on the source, by the session's clock, and the
// target's server then ends the version before as the source's did. The connection must have
// system_versioning_insert_history on.
//
// Of `changes`: before and after, an update, or a delete whose `after` is the version that ended;
// before alone, rows that the source took away without history, or history that was deleted.
base::Status WriteHistory(const model::Table& table,
                          const std::vector<connector::TableChanges::Update>& changes,
                          const StatementSink& sink);

}  // namespace godwit::connectors::mysql
