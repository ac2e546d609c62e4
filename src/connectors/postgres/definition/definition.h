#pragma once

#include <string>

#include "connector/catalog.h"
#include "sql/postgres/definition.h"

namespace godwit::connectors::postgres {

using sql::postgres::ColumnDefinition;
using sql::postgres::ConstraintDefinition;
using sql::postgres::Definition;
using sql::postgres::FromJson;
using sql::postgres::IndexDefinition;
using sql::postgres::kDialect;
using sql::postgres::PartitionDefinition;
using sql::postgres::ToJson;
using sql::postgres::ToTable;

// With `statement` and `table` set.
connector::TableDefinition ToTableDefinition(const Definition& definition);

// Whether the table of which `statement` is the definition is still the same. What its types are
// made of (the labels of an enumeration, what is below a domain) makes no other one of it.
bool IsStill(const std::string& statement, const Definition& now);

}  // namespace godwit::connectors::postgres
