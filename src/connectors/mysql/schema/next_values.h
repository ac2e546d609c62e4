#pragma once

#include <vector>

#include "base/status.h"
#include "connector/catalog.h"
#include "connectors/mysql/connection/connection.h"

namespace godwit::connectors::mysql {

// Has AUTO_INCREMENT columns go on counting where the source's have come to
// (CatalogObject::next_value). Columns that do not count here, or are not there, are left out.
base::Status SetNextValues(Connection& target,
                           const std::vector<connector::CatalogObject>& columns);

}  // namespace godwit::connectors::mysql
