#pragma once

#include <vector>

#include "base/status.h"
#include "connector/catalog.h"
#include "connectors/postgres/from_mysql/foreign_source.h"
#include "model/change.h"

namespace godwit::connectors::postgres {

// What a statement of a source of another family amounts to here: what makes, of the tables as they
// have been here, what its effects say that they are there. `known`: the task's tables before it.
//
// A table whose rows would have to be converted in a way that is not known is left to a copy
// (by_copy); what cannot be done at all is in `obstacle`.
base::StatusOr<model::DdlChange> DdlHere(const model::DdlChange& ddl, const ForeignSource& from,
                                         const std::vector<connector::TableDefinition>& known);

}  // namespace godwit::connectors::postgres
