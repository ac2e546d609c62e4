#pragma once

#include <absl/container/flat_hash_map.h>

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "connector/source.h"
#include "connectors/postgres/definition.h"
#include "connectors/postgres/position.h"
#include "wire/postgres/pgoutput.h"

namespace godwit::connectors::postgres {

// A table of the task, and how the log's rows are to be read as its rows.
struct FollowedTable {
  Definition definition;
  model::TablePtr table;
  std::optional<LogPosition> from;  // what the log says of the table before this is left out
  std::vector<int> identity;        // the columns of its row identity
  // Of the last Relation message: for each of its columns, which of the table's it is.
  std::vector<int> column_of;

  // Whether a transaction with that number, whose commit begins at `commit`, is in the table's copy
  // already, whole.
  bool HasSeen(uint32_t xid, wire::postgres::Lsn commit) const;
};

// The tables that a change stream decodes, by the numbers that the log names them by. One thread.
class FollowedTables {
 public:
  // kDataLoss: a definition cannot be read.
  static base::StatusOr<FollowedTables> Make(const std::vector<connector::TrackedTable>& tables);

  // The log describes a table, as it is for the rows that follow. kFailedPrecondition: it has
  // become another than the definition says.
  base::Status Describe(const wire::postgres::Relation& relation);

  // Null: the table is not the task's. kDataLoss: the log has not described it.
  base::StatusOr<const FollowedTable*> Find(uint32_t relation) const;

 private:
  std::map<model::TableName, FollowedTable> tables_;
  absl::flat_hash_map<uint32_t, const FollowedTable*> by_relation_;
};

}  // namespace godwit::connectors::postgres
