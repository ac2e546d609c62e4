#pragma once

#include "connector/catalog.h"
#include "connector/check_list.h"
#include "connectors/mysql/connection.h"

namespace godwit::connectors::mysql {

// What becomes of the source's definitions on a target of the other kind: a warning for each rule
// by which something is lost, a failure for each thing that the target cannot hold.
void CheckTranslation(const Connection& target, const connector::Catalog& catalog,
                      connector::CheckList& list);

}  // namespace godwit::connectors::mysql
