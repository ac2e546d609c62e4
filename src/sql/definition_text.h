#pragma once

#include <string>

#include "sql/definition.h"

// The parts of CREATE TABLE, in the SQL of the definition's own flavour, for the default SQL mode.
namespace godwit::sql {

std::string ColumnText(const ColumnDefinition& column, const TableDefinition& table);
std::string KeyText(const KeyDefinition& key, Flavour flavour);
std::string ForeignKeyText(const model::ForeignKey& foreign_key, const std::string& schema);
std::string CheckText(const CheckDefinition& check);
std::string PartitionText(const Partition& partition);
std::string PartitioningText(const Partitioning& partitioning);
std::string CharsetText(const CharsetChoice& choice);  // " CHARACTER SET x COLLATE y"

}  // namespace godwit::sql
