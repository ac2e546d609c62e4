#pragma once

#include <string>

#include "base/status.h"
#include "connectors/mysql/connection/connection.h"
#include "sql/definition.h"

namespace godwit::connectors::mysql {

// Gives the columns of a definition, which is in this server's SQL, their defaults as the server
// itself writes them (SHOW CREATE TABLE), where a statement may have said the same in other words:
// a temporary table in `schema` shows it. The server's error where it would not make that.
base::Status TakeDefaultsAsWritten(Connection& connection, const std::string& schema,
                                   sql::TableDefinition& definition);

}  // namespace godwit::connectors::mysql
