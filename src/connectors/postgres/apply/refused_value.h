#pragma once

#include <absl/functional/function_ref.h>

#include <string>

#include "base/status.h"
#include "connector/destination.h"
#include "connectors/postgres/connection/connection.h"
#include "model/cell.h"

namespace godwit::connectors::postgres {

// Whether the connection's last statement failed for a value that a type does not take.
bool RefusedValue(const Connection& connection);

// The server says which value a type has refused, and not of which column and row: they are looked
// for among the rows of `changes`, after the transaction has been rolled back. Gives `refused` with
// what was found before it. `name_of`: "id=17".
base::Status NameRefusedValue(Connection& connection, const connector::TableChanges& changes,
                              absl::FunctionRef<std::string(model::Row)> name_of,
                              const base::Status& refused);

}  // namespace godwit::connectors::postgres
