#pragma once

#include "connector/check_list.h"
#include "connectors/postgres/connection/connection.h"

namespace godwit::connectors::postgres {

// What the source has of the task's that will not be on the target, or not as it is here: an item
// for each kind of which there is some.
// `to_others`: the target is of another family, for which only tables are translated.
void CheckLeftOut(Connection& source, const connector::CheckScope& scope, bool to_others,
                  connector::CheckList& list);

}  // namespace godwit::connectors::postgres
