#pragma once

#include <string>
#include <vector>

#include "connector/catalog.h"
#include "connector/check_list.h"
#include "connectors/postgres/definition/definition.h"

namespace godwit::connectors::postgres {

// What the table has that a server of this version (as of Connection) cannot make, each with the
// first version that can.
std::vector<std::string> NewerThan(const Definition& table, int server_version);

// An item of the target, which fails where any of the source's tables has such.
void CheckVersions(int server_version, const connector::Catalog& catalog,
                   connector::CheckList& list);

}  // namespace godwit::connectors::postgres
