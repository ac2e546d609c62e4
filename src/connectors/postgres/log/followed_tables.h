#pragma once

#include <absl/container/flat_hash_map.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "connector/source.h"
#include "connectors/postgres/definition/definition_change.h"
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
  uint64_t arrival = 0;            // the message that described it, as the server sent them
  bool fits = false;               // the rest is set
  std::shared_ptr<const model::TableName> name;  // its own
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

  // What is read next came as the how many-th message from the server.
  void SetArrival(uint64_t arrival) { arrival_ = arrival; }
  // What is read until EndReplay is of one transaction, which the server sent while it was in
  // progress. In between it sent others, and what it described in one of them it described again in
  // each other. Once the transaction has committed it takes for described to all later ones what it
  // described last.
  void BeginReplay() { replaying_ = true; }
  void EndReplay();
  // Maps it to its table, whose columns it has, but for those in `earlier`. kFailedPrecondition:
  // the log does not tell its rows apart as the target does.
  base::Status Map(const wire::postgres::Relation& relation, FollowedRelation& described,
                   const std::map<std::string, EarlierValue>& earlier) {
    return MapAs(described.table->definition, relation, described, earlier);
  }
  // The same where it is described as `form` has the table, whose columns have these numbers.
  base::Status MapAs(const Definition& form, const wire::postgres::Relation& relation,
                     FollowedRelation& described,
                     const std::map<std::string, EarlierValue>& earlier);

  // By number; null: it is none of the task's.
  const FollowedTable* FindTable(uint32_t oid) const;
  const std::map<model::TableName, FollowedTable>& tables() const { return tables_; }
  std::vector<uint32_t> Numbers() const;  // of all, without their partitions

  // Gives a table another definition, before the transaction whose commit begins there.
  base::Status Redefine(const model::DdlChange& ddl, wire::postgres::Lsn commit);
  // The same for all that a DDL may do, as columns and relations are known by their numbers: what
  // is described stays so. `missing`: what rows have in columns that have come.
  base::Status Follow(
      const model::DdlChange& ddl, wire::postgres::Lsn commit,
      const std::map<model::TableName, std::map<std::string, EarlierValue>>& missing);

  // kDataLoss: the log has not described it.
  base::StatusOr<const FollowedRelation*> Find(uint32_t relation) const;

 private:
  struct Part {
    FollowedTable* table = nullptr;
    model::TableName name;  // of the table, or of a partition of it
  };
  using Relations = absl::flat_hash_map<uint32_t, FollowedRelation>;
  void Number(FollowedTable& table);
  void Leave(FollowedTable& table);
  base::Status Transform(FollowedTable& table, const model::DdlChange::Effect& effect,
                         const std::map<std::string, EarlierValue>& missing);
  Relations& relations() { return replaying_ ? of_replay_ : relations_; }

  std::map<model::TableName, FollowedTable> tables_;
  absl::flat_hash_map<uint32_t, Part> parts_;  // by the numbers that the source has for them
  Relations relations_, of_replay_;
  bool replaying_ = false;
  uint64_t arrival_ = 0;
};

}  // namespace godwit::connectors::postgres
