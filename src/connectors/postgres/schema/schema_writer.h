#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "connector/destination.h"
#include "connectors/postgres/connection/connection.h"
#include "connectors/postgres/definition/definition.h"

namespace godwit::connectors::postgres {

// Re-creates tables of PostgreSQL on a target: what a copy needs. Constraints and indexes come
// later (key_builder.h). All functions look at the target's catalogue first, so that they may be
// repeated after a crash. What they give as SQL is what they would execute.
//
// Of partitions all is made but defaults that differ from their root's, storage of columns,
// comments, and a REPLICA IDENTITY by index.

base::Status CreateSchemas(Connection& target,
                           const std::vector<connector::CatalogSchema>& schemas);

// CREATE TABLE with columns, defaults, identity, generated columns, CHECK constraints, partitions,
// storage parameters and comments; without what key_builder.h makes.
std::vector<std::string> CreateStatements(const Definition& definition);
// A column's storage, as SET STORAGE takes it.
std::string StorageText(char storage);
// All of a partition that comes to a table that is there.
std::vector<std::string> PartitionStatements(const Definition& definition,
                                             const PartitionDefinition& partition);
// Makes a partition of a table that is there.
std::string AttachText(const PartitionDefinition& partition);
// All other constraints but foreign keys, and all other indexes: exclusion constraints too, and
// CHECKs that need not hold for all rows.
struct KeyStatement {
  std::string name;
  model::TableName table;    // that it is on: the definition's, or a partition
  bool unique = false;       // it keeps rows apart
  bool is_identity = false;  // it is the row identity (RowIdentity)
  std::string sql;
  // The same in two steps, the first of which may be done beside others of the table; empty: there
  // is no such way. Of an index the second is empty.
  std::string index;
  std::string constraint;
};
std::vector<KeyStatement> KeyStatements(const Definition& definition);
std::vector<std::string> ForeignKeyStatements(const Definition& definition);
// Of a key of the table: what makes it, without a look at the rows where it can be, and what then
// looks at them.
std::vector<std::string> ForeignKeyStatements(const Definition& definition,
                                              ConstraintDefinition key);
// ALTER TABLE .. REPLICA IDENTITY USING INDEX; empty: it is another.
std::string LateReplicaIdentity(const Definition& definition);

// What differs, in words; empty when nothing that matters does, which comments do not.
std::string DescribeDifference(const Definition& source, const Definition& target);

using DifferenceText = std::string (*)(const Definition& source, const Definition& target);
base::StatusOr<connector::TablePlan> PlanTable(Connection& target, const Definition& definition,
                                               connector::IfExists if_exists,
                                               DifferenceText difference = DescribeDifference);
base::StatusOr<bool> NeedsCreating(Connection& target, const Definition& definition,
                                   connector::IfExists if_exists,
                                   DifferenceText difference = DescribeDifference);
// A partition is one, too.
base::StatusOr<bool> HasTable(Connection& target, const model::TableName& name);
base::Status CreateTable(Connection& target, const Definition& definition);
// Whether the last statement failed as something depends on what it was to drop.
bool IsDependedUpon(const Connection& target);
// Drops the foreign keys that `tables` have to this one, which keep it from being dropped.
base::Status DropKeysTo(Connection& target, const model::TableName& name,
                        const std::vector<Definition>& tables);

}  // namespace godwit::connectors::postgres
