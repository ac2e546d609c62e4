#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/definition.h"

// The actions of ALTER TABLE, MariaDB KB and MySQL manual "ALTER TABLE". One statement's actions
// are meant together: names of what is dropped or changed are the old ones.
namespace godwit::sql {

struct Placement {
  bool first = false;
  std::string after;  // a column; empty and not `first`: at the end, or where it was
};

struct AddColumn {
  ColumnDefinition column;
  Placement place;
  bool if_not_exists = false;
};
struct DropColumn {
  std::string name;
  bool if_exists = false;
};
struct ChangeColumn {  // CHANGE, and MODIFY with the name unchanged
  std::string name;
  ColumnDefinition column;
  Placement place;
  bool if_exists = false;
};
struct RenameColumn {
  std::string from, to;
  bool if_exists = false;
};
struct SetColumnDefault {
  std::string column;
  std::string default_value;  // empty: DROP DEFAULT
  bool if_exists = false;
};
struct SetColumnVisible {  // MySQL
  std::string column;
  bool visible = true;
};
struct AddKey {
  KeyDefinition key;
  bool if_not_exists = false;
};
struct DropKey {
  std::string name;  // "PRIMARY" for the primary key
  bool if_exists = false;
};
struct RenameKey {
  std::string from, to;
  bool if_exists = false;
};
struct SetKeyIgnored {
  std::string key;
  bool ignored = false;
  bool if_exists = false;
};
struct AddForeignKey {
  model::ForeignKey foreign_key;
  bool if_not_exists = false;
};
struct DropForeignKey {
  std::string name;
  bool if_exists = false;
};
struct AddCheck {
  CheckDefinition check;
  bool if_not_exists = false;
};
struct SetCheckEnforced {  // MySQL
  std::string name;
  bool enforced = true;
};
struct DropConstraint {  // a check, a foreign key or a unique key
  std::string name;
  bool if_exists = false;
};
struct AddPeriod {
  PeriodDefinition period;
  bool if_not_exists = false;
};
struct DropPeriod {
  std::string name;
  bool if_exists = false;
};
struct SetSystemVersioning {
  bool on = false;
};
struct RenameTo {
  model::TableName name;
};
struct ConvertCharset {
  CharsetChoice charset;  // "DEFAULT" as charset: the schema's
};
struct SetOptions {
  TableOptions options;  // only what is set
};
struct SetPartitioning {
  std::optional<Partitioning> partitioning;  // nothing: REMOVE PARTITIONING
};
struct AddPartitions {
  std::vector<Partition> partitions;
  uint32_t count = 0;  // instead of the list
  bool if_not_exists = false;
};
struct DropPartitions {
  std::vector<std::string> names;
  bool if_exists = false;
};
struct CoalescePartitions {
  uint32_t count = 0;
};
struct ReorganizePartitions {
  std::vector<std::string> names;  // empty: all
  std::vector<Partition> partitions;
};
struct TruncatePartitions {        // removes rows; the log holds no other trace of them
  std::vector<std::string> names;  // empty: all
};
struct ExchangePartition {  // swaps rows with `table`; the log holds no other trace of them
  std::string name;
  model::TableName table;
};
struct ConvertPartitionToTable {
  std::string name;
  model::TableName table;
};
struct ConvertTableToPartition {
  model::TableName table;
  Partition partition;
};
struct DiscardTablespace {};   // of some partitions or all; rows go, which the log does not tell
struct ImportTablespace {};    // rows come with files
struct NoDefinitionChange {};  // ALGORITHM, LOCK, FORCE, ORDER BY, ENABLE KEYS, ...

using AlterAction =
    std::variant<AddColumn, DropColumn, ChangeColumn, RenameColumn, SetColumnDefault,
                 SetColumnVisible, AddKey, DropKey, RenameKey, SetKeyIgnored, AddForeignKey,
                 DropForeignKey, AddCheck, SetCheckEnforced, DropConstraint, AddPeriod, DropPeriod,
                 SetSystemVersioning, RenameTo, ConvertCharset, SetOptions, SetPartitioning,
                 AddPartitions, DropPartitions, CoalescePartitions, ReorganizePartitions,
                 TruncatePartitions, ExchangePartition, ConvertPartitionToTable,
                 ConvertTableToPartition, DiscardTablespace, ImportTablespace, NoDefinitionChange>;

}  // namespace godwit::sql
