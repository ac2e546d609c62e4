#pragma once

#include "connector/check.h"
#include "connector/check_list.h"
#include "connectors/mysql/connection/connection.h"
#include "connectors/mysql/state/state_store.h"

namespace godwit::connectors::mysql {

// The part of CheckTarget that looks at what the target has already, and whether it knows what the
// definitions ask for.
void CheckTargetTables(Connection& target, const StateStore& store,
                       const connector::CheckScope& scope, const connector::Catalog& catalog,
                       std::string_view source, connector::CheckList& list);

}  // namespace godwit::connectors::mysql
