#pragma once

#include "connector/check_list.h"
#include "connectors/postgres/connection/connection.h"

namespace godwit::connectors::postgres {

// What the source has of the task's that will not be on the target, or not as it is here: an item
// for each kind of which there is some.
void CheckLeftOut(Connection& source, const connector::CheckScope& scope,
                  connector::CheckList& list);

}  // namespace godwit::connectors::postgres
