#include "connectors/postgres/apply/write_session.h"

#include <string_view>

namespace godwit::connectors::postgres {
namespace {

constexpr std::string_view kInsufficientPrivilege = "42501";

// A commit has to be on the target's disk before the source is told that it need not keep its log
// for it.
base::Status CommitDurably(Connection& connection) {
  return connection
      .Query(
          "SELECT pg_catalog.set_config('synchronous_commit', 'local', false) WHERE "
          "pg_catalog.current_setting('synchronous_commit') = 'off'")
      .status();
}

}  // namespace

base::Status BeginWriting(Connection& connection, Holding holding) {
  GODWIT_RETURN_IF_ERROR(CommitDurably(connection));
  base::Status set = connection.Execute("SET session_replication_role = replica").status();
  const bool denied = !set.ok() && connection.last_state() == kInsufficientPrivilege;
  if (!denied) return set;
  if (holding == Holding::kByAbsence) return base::OkStatus();
  return base::Unavailable("{}: the role may not set session_replication_role any more",
                           connection.side());
}

}  // namespace godwit::connectors::postgres
