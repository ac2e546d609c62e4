#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "connector/source.h"
#include "connectors/postgres/capture/ddl_capture.h"
#include "connectors/postgres/connection/connection.h"
#include "connectors/postgres/connection/lazy_connection.h"
#include "connectors/postgres/connection/server.h"
#include "connectors/postgres/definition/definition.h"
#include "connectors/postgres/log/replica_identity.h"
#include "wire/postgres/lsn.h"

// What keeps the source's log for a task: a publication, which says of which tables rows are to be
// decoded, and a replication slot, which keeps the log from its place on. Both have the same name.
namespace godwit::connectors::postgres {

// "godwit_" and the task's name as far as PostgreSQL takes it, made unique: [a-z0-9_], at most 63.
std::string HoldName(std::string_view task);

// Makes publication and slot, in place of any of that name that an earlier try has left, and gives
// where the log is kept from. All transactions before that are visible to every snapshot that is
// taken after this returns.
//
// Waits until all transactions that are running have ended. kFailedPrecondition: a table has no
// replica identity, so that the publication would make its updates fail on the source.
// `walsender` is what waits. `capture`: event triggers are made as well, before the slot.
// kUnavailable: a table is to be given a replica identity, and is in use for too long.
base::StatusOr<wire::postgres::Lsn> HoldLog(const Server& server, Connection& control,
                                            LazyConnection& walsender, const std::string& name,
                                            const std::vector<Definition>& tables,
                                            MissingIdentity missing,
                                            const std::optional<CaptureScope>& capture);

// That what the log has of these tables, by their numbers, comes with the slot: kFailedPrecondition
// names those that are not in the publication, as they were made while the task began, or somebody
// has taken them out of it.
base::Status ExpectPublished(Connection& connection, const std::string& name,
                             const std::vector<uint32_t>& tables);
// That all leaves of partitioned tables that the filter lets through are in the publication of a
// task by leaf (Connection::by_leaf): kFailedPrecondition names those that are not.
base::Status ExpectLeavesPublished(Connection& connection, const std::string& name,
                                   const connector::TableFilter& filter);
// That what the publication was made for are the same tables: kFailedPrecondition: partitioned ones
// are taken by leaf now and were not then, or the other way round.
base::Status ExpectSamePartitions(Connection& connection, const std::string& name);
// Another text where a table has come or gone, or has another name, among all that are in it.
base::StatusOr<std::string> DigestOfPublished(Connection& connection, const std::string& name);

// Marks a session as one that may make or remove what is called `name`.
base::Status MarkHolder(Connection& connection, const std::string& name);
// Ends all other sessions that are marked so, and the one that reads from the slot. kUnavailable:
// they are still there.
base::Status EndOtherHolders(Connection& control, const std::string& name);

// Removes both, and the event triggers, where they are there; tables have the replica identities
// again that they had. kUnavailable: somebody still reads from the slot, or uses such a table for
// too long. A slot of that name that is another database's is nobody's here.
base::Status ReleaseLog(Connection& control, const std::string& name);

// Those of the two that are there, in words, and of the event triggers.
base::StatusOr<std::vector<std::string>> ListHolds(Connection& control, const std::string& name);

// What the slot keeps of the log now; nothing: there is no slot.
base::StatusOr<std::optional<connector::LogHold>> ReadLogHold(Connection& control,
                                                              const std::string& name);

// Whether the slot still holds the log from `from` on: kFailedPrecondition says why not.
base::Status ExpectHeld(Connection& control, const std::string& name, wire::postgres::Lsn from);

}  // namespace godwit::connectors::postgres
