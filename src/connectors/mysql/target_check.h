#pragma once

#include "connector/check.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/state_store.h"

namespace godwit::connectors::mysql {

// What a target must have to take in what `catalog` lists, one item each (docs/checks.md). `store`
// says what of it is the task's own already.
connector::CheckReport CheckTarget(Connection& target, const StateStore& store,
                                   const connector::CheckScope& scope,
                                   const connector::Catalog& catalog);

}  // namespace godwit::connectors::mysql
