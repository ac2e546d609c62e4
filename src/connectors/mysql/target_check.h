#pragma once

#include "connector/catalog.h"
#include "connector/check.h"
#include "connectors/mysql/connection.h"

namespace godwit::connectors::mysql {

// What a target must have to take in what `catalog` lists, one item each.
base::StatusOr<connector::CheckReport> CheckTarget(Connection& target, const connector::Catalog& catalog);

}  // namespace godwit::connectors::mysql
