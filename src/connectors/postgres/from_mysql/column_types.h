#pragma once

#include <map>
#include <string>

#include "base/status.h"
#include "connectors/postgres/connection/connection.h"
#include "model/table.h"

namespace godwit::connectors::postgres {

// A column as the server has it.
struct ColumnType {
  std::string type;              // as format_type writes it; of a domain the one below it
  bool always_identity = false;  // GENERATED ALWAYS AS IDENTITY
};

// The columns of a table by their names. kNotFound: there is no such table.
base::StatusOr<std::map<std::string, ColumnType>> ReadColumnTypes(Connection& connection,
                                                                  const model::TableName& table);

// `table`, which is of another family, with the types that its columns have here. kNotFound: a
// column that is written is not here.
base::StatusOr<model::TablePtr> WithTypesHere(Connection& connection, const model::Table& table);

}  // namespace godwit::connectors::postgres
