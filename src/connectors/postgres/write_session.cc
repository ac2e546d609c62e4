#include "connectors/postgres/write_session.h"

#include <string>

namespace godwit::connectors::postgres {
namespace {

constexpr std::string_view kInsufficientPrivilege = "42501";
// From here on rights to set a parameter can be granted.
constexpr int kHasParameterRights = 150000;

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

base::Status BeginWriting(Connection& connection) {
  GODWIT_RETURN_IF_ERROR(CommitDurably(connection));
  base::Status set = connection.Execute("SET session_replication_role = replica").status();
  if (set.ok() || connection.last_state() != kInsufficientPrivilege) return set;
  GODWIT_ASSIGN_OR_RETURN(const std::string user,
                          connection.QueryValue("SELECT quote_ident(current_user)"));
  const std::string way_out =
      connection.server_version() >= kHasParameterRights
          ? fmt::format(
                "let a superuser execute `GRANT SET ON PARAMETER session_replication_role "
                "TO {}`",
                user)
          : "before PostgreSQL 15 only a superuser may: let the url name one";
  return base::FailedPrecondition(
      "{}: user {} may not set session_replication_role, without which triggers and foreign keys "
      "would refuse rows or change them a second time: {}",
      connection.side(), user, way_out);
}

}  // namespace godwit::connectors::postgres
