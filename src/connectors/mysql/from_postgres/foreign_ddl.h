#pragma once

#include <vector>

#include "base/status.h"
#include "connector/catalog.h"
#include "connectors/mysql/from_postgres/foreign_tables.h"
#include "model/change.h"

namespace godwit::connectors::mysql {

// What a DDL of a source of another family amounts to here: the steps that make, of the tables as
// they have been here, what its effects say that they are there. `known`: the task's tables before
// it; `others`: what else the target has.
//
// A table whose rows would have to be converted in a way that is not known is left to a copy
// (by_copy); what cannot be done at all is in `obstacle`.
base::StatusOr<model::DdlChange> DdlHere(const model::DdlChange& ddl, const ForeignTables& from,
                                         sql::Flavour to,
                                         const std::vector<connector::TableDefinition>& known,
                                         const ForeignTables::Others& others);

}  // namespace godwit::connectors::mysql
