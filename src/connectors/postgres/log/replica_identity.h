#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "connectors/postgres/connection/connection.h"
#include "connectors/postgres/definition/definition.h"

// What the log tells a changed row by: a table's REPLICA IDENTITY, which only what is in a
// publication needs. Of a partitioned table it is the partitions whose rows are in the log, by
// their own identities.
namespace godwit::connectors::postgres {

// What becomes of tables that have none.
enum class MissingIdentity : uint8_t {
  kRefuse,
  kSetFull,  // whole rows, for as long as the task has them in its publication
};

// A table, or a partition of one, that has none.
struct Unidentified {
  model::TableName name;
  uint32_t oid;
  char identity;      // pg_class.relreplident
  bool is_partition;  // of the table that was asked about
};
std::vector<Unidentified> UnidentifiedIn(const Definition& table);

// Why changes of the table, or of a partition of it, or what tells its rows apart, are in no log;
// empty: they are.
std::string WhyUnlogged(const Definition& table);

// Why the log could not tell the changes of this table's rows, for either reason; empty: it can.
std::string WhyNotLogged(const Definition& table);

// Why a server of this version (as of Connection) would not take the table into a publication, or
// would refuse updates of it to whoever changes it once it is in one; empty: neither is so.
std::string WhyNotPublished(const Definition& table, MissingIdentity missing, int server_version);

// The statements that set FULL, each with its semicolon.
std::string SetWholeRows(const std::vector<Unidentified>& tables);

struct IdentityBefore {
  model::TableName name;
  uint32_t oid;
  std::string restore;  // the statement that gives it back
};
// What tables had, by their numbers, before they got FULL for the publication `name`: of those that
// have it yet. Those keep it, with a warning, that another publication has by now, whose updates
// would fail on the source.
base::StatusOr<std::vector<IdentityBefore>> IdentitiesBefore(Connection& control,
                                                             const std::string& name,
                                                             const std::map<uint32_t, char>& had);

}  // namespace godwit::connectors::postgres
