#include "connectors/postgres/log/slot_statements.h"

#include <fmt/format.h>

#include "connectors/postgres/sql_text.h"

namespace godwit::connectors::postgres {
namespace {

constexpr int kStreams = 140000;
constexpr int kSlotsFailOver = 170000;

}  // namespace

bool StreamsInProgress(int server_version) { return server_version >= kStreams; }

std::string CreateSlot(const std::string& name, int server_version) {
  return fmt::format(
      "CREATE_REPLICATION_SLOT {} LOGICAL pgoutput {}", QuoteName(name),
      server_version >= kSlotsFailOver ? "(SNAPSHOT 'export', FAILOVER true)" : "EXPORT_SNAPSHOT");
}

// Later versions of the protocol are for what is not asked for: 3 for two-phase commit, 4 for
// transactions that are applied before they are committed.
std::string StartReplication(const std::string& name, wire::postgres::Lsn after, int server_version,
                             bool streaming, bool messages) {
  const bool streams = streaming && StreamsInProgress(server_version);
  return fmt::format(
      "START_REPLICATION SLOT {0} LOGICAL {1} (proto_version '{2}', publication_names '{0}'{3}{4})",
      QuoteName(name), wire::postgres::LsnText(after), streams ? 2 : 1,
      streams ? ", streaming 'on'" : "", messages ? ", messages 'true'" : "");
}

}  // namespace godwit::connectors::postgres
