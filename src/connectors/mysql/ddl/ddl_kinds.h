#pragma once

#include <vector>

#include "model/ddl_kind.h"
#include "sql/statement.h"

namespace godwit::connectors::mysql {

// What a statement does, each kind once; empty for one that defines nothing.
std::vector<model::DdlKind> KindsOf(const sql::Statement& statement);

}  // namespace godwit::connectors::mysql
