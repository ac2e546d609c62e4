#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

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

// Those of the table, its partitions and its sequences.
std::set<std::string> SchemasOf(const Definition& definition);

// Their foreign keys by name, with the table or the partition that has it. They stay the tables'.
std::map<std::pair<model::TableName, std::string>, const ConstraintDefinition*> ForeignKeysOf(
    const std::vector<Definition>& tables);

// Whether the table of which `statement` is the definition is still the same. What its types are
// made of (the labels of an enumeration, what is below a domain) makes no other one of it.
bool IsStill(const std::string& statement, const Definition& now);

}  // namespace godwit::connectors::postgres
