#pragma once

#include <map>
#include <string>

#include "base/status.h"
#include "connectors/postgres/connection/connection.h"
#include "model/table.h"

namespace godwit::connectors::postgres {

// What of a type statements have to know where it is not as usual.
struct TypeFacts {
  char delimiter = ',';      // between elements of its arrays
  std::string equal_schema;  // of the operator = by which its keys compare; empty: pg_catalog
};

// The facts of types by their names without modifiers (CastType); types that are as usual are
// missing.
using TargetTypes = std::map<std::string, TypeFacts>;

base::StatusOr<TargetTypes> ReadTargetTypes(Connection& connection);

// "left = right" for values of `column`. With nothing in the search_path, the operator of a type of
// an extension has to be named with its schema: none would be found without, or that of another
// type, by which no index serves (text's for citext).
std::string Equality(const TargetTypes& types, const model::Column& column, std::string_view left,
                     std::string_view right);

}  // namespace godwit::connectors::postgres
