#pragma once

#include "connector/check.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/state/state_store.h"

namespace godwit::connectors::mysql {

// What a target must have to take in what `catalog` lists, one item each (docs/checks.md). `store`
// says what of it is the task's own already. `source`: the dialect of the source, where its tables
// are known; those of another family are in `catalog` as the target has them.
connector::CheckReport CheckTarget(Connection& target, const StateStore& store,
                                   const connector::CheckScope& scope,
                                   const connector::Catalog& catalog, std::string_view source);

}  // namespace godwit::connectors::mysql
