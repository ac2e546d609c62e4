#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "connectors/postgres/connection/lazy_connection.h"
#include "connectors/postgres/connection/server.h"
#include "connectors/postgres/definition/definition_change.h"
#include "connectors/postgres/log/followed_tables.h"
#include "model/change.h"

namespace godwit::connectors::postgres {

// Asks the source's catalogue what has become of a table that the log describes in another form
// than its definition has. One thread, save for Cancel.
class DefinitionFollower {
 public:
  explicit DefinitionFollower(const Server& server) : connection_(server, "source") {}

  // What is asked after this is of after the transaction, which the log has.
  base::Status Await(uint32_t xid);

  // What makes of the table `known` one as the relation is. kFailedPrecondition: the table has gone
  // or has another name.
  base::StatusOr<model::DdlChange> Change(const Definition& known,
                                          const wire::postgres::Relation& relation);

  // What a relation, by its number, is by now.
  struct Whereabouts {
    std::optional<model::TableName> name;  // nothing: it has gone
    uint32_t root = 0;                     // of what it is a partition of; 0: it is none
    model::TableName root_name;
    std::map<std::string, int> columns;  // of the root, or of itself: their numbers
  };
  base::StatusOr<Whereabouts> Locate(uint32_t relation);
  // What makes of the table `known` one with this partition.
  base::StatusOr<model::DdlChange> NewPartition(const Definition& known, uint32_t partition);

  // Whether the key by which the table's rows are told apart is still there.
  base::StatusOr<bool> HasIdentity(const Definition& known);

  // Of these tables, the ones that have gone. kFailedPrecondition: one has another name by now, or
  // another table has its name.
  base::StatusOr<std::vector<Definition>> FindGone(const FollowedTables& tables);

  // Of a relation that may be described as it was before `known` came about: what its rows have in
  // the columns that have come since. Nothing: it is as it was after that.
  base::StatusOr<std::optional<std::map<std::string, EarlierValue>>> Earlier(
      const Definition& known, const wire::postgres::Relation& relation);

  // kFailedPrecondition: the relation, which is of `table`, or a column of it is none of that
  // table's any more.
  base::Status ExpectSame(const Definition& table, const wire::postgres::Relation& relation);

  void Cancel() { connection_.Cancel(); }

 private:
  using Values = std::map<std::string, EarlierValue>;

  base::StatusOr<std::optional<Definition>> ReadNow(const model::TableName& name);
  // What rows have that were there before these columns; nothing when one of them is not in the
  // catalogue any more.
  base::StatusOr<std::optional<Values>> EarlierValues(const Definition& known,
                                                      const std::vector<std::string>& columns);

  LazyConnection connection_;
  uint32_t awaited_ = 0;
};

}  // namespace godwit::connectors::postgres
