#pragma once

#include <absl/container/flat_hash_map.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "connector/source.h"
#include "connectors/postgres/definition_change.h"
#include "connectors/postgres/position.h"
#include "wire/postgres/pgoutput.h"

namespace godwit::connectors::postgres {

// A table of the task that the log has rows of.
struct FollowedTable {
  Definition definition;
  model::TablePtr table;
  std::vector<int> identity;  // the columns of its row identity
  // What the log says of the table before `from` is left out; rows of the target may be of moments
  // up to `upto`.
  std::optional<LogPosition> from, upto;
  // The transaction, by its commit, before which the definition was changed last, as far as it is
  // known.
  wire::postgres::Lsn redefined_at = 0;

  // Whether a transaction with that number, whose commit begins at `commit`, is in the table's copy
  // already, whole.
  bool HasSeen(uint32_t xid, wire::postgres::Lsn commit) const;
  // Whether some of its rows on the target may be as they were after a commit that begins there.
  bool MayBeAhead(wire::postgres::Lsn commit) const;
};

// A relation of the log: a table, or a partition of one.
struct FollowedRelation {
  FollowedTable* table = nullptr;  // null: none of the task's, so that its rows mean nothing
  bool fits = false;               // the rest is set
  model::TablePtr itself;      // what a TRUNCATE of it empties: has a name, and not always columns
  std::vector<int> column_of;  // for each of the relation's columns, which of the table's it is;
                               // -1: none any more
  // Where it is described as before the last change of the definition, within the
  // same transaction: what its new rows have in columns that have come since.
  std::vector<std::pair<int, std::optional<std::string>>> earlier;
};

// That the log does not tell the table's rows apart as the target does.
base::Status NoIdentity(const FollowedTable& table);

// The relations that a change stream decodes, by the numbers that the log names them by. One
// thread.
class FollowedTables {
 public:
  // `after`: where the stream begins. kDataLoss: a definition cannot be read.
  static base::StatusOr<FollowedTables> Make(const std::vector<connector::TrackedTable>& tables,
                                             wire::postgres::Lsn after);

  // The log describes a relation, as it is for the rows that follow.
  FollowedRelation& Describe(const wire::postgres::Relation& relation);
  // Maps it to its table, whose columns it has, but for those in `earlier`. kFailedPrecondition:
  // the log does not tell its rows apart as the target does.
  base::Status Map(const wire::postgres::Relation& relation, FollowedRelation& described,
                   const std::map<std::string, EarlierValue>& earlier);

  // By number; null: it is none of the task's.
  const FollowedTable* FindTable(uint32_t oid) const;
  std::vector<Definition> Definitions() const;

  // Gives a table another definition, before the transaction whose commit begins there.
  base::Status Redefine(const model::DdlChange& ddl, wire::postgres::Lsn commit);

  // kDataLoss: the log has not described it.
  base::StatusOr<const FollowedRelation*> Find(uint32_t relation) const;

 private:
  struct Part {
    FollowedTable* table = nullptr;
    model::TableName name;  // of the table, or of a partition of it
  };
  void Number(FollowedTable& table);

  std::map<model::TableName, FollowedTable> tables_;
  absl::flat_hash_map<uint32_t, Part> parts_;  // by the numbers that the source has for them
  absl::flat_hash_map<uint32_t, FollowedRelation> relations_;
};

}  // namespace godwit::connectors::postgres
