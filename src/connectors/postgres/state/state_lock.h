#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "connector/take_over.h"
#include "connectors/postgres/connection/connection.h"

// The lock by which a task has one process at a time: an advisory lock of the target's database,
// held for as long as the session lives that took it; and the note of whose session that is.
namespace godwit::connectors::postgres {

// The lock of a task, as pg_advisory_lock takes it; of its schema where `task` is empty.
int64_t LockNumber(std::string_view schema, std::string_view task);

// What the server shows for a session of the task.
std::string MarkOf(std::string_view schema, std::string_view task);

// kAborted: another session holds it.
base::Status TryTaskLock(Connection& connection, const std::string& schema,
                         const std::string& task);
// kFailedPrecondition: another process holds it. kUnavailable: a session that a process has left
// behind does; the target has been told to end it.
base::Status TakeTaskLock(Connection& connection, const std::string& schema,
                          const std::string& task);
// Notes that this process has it, on `connection`.
base::Status WriteHolder(Connection& connection, const std::string& schema,
                         const std::string& task);

base::StatusOr<bool> HolderIsThisProcess(Connection& connection, const std::string& schema,
                                         const std::string& task);

// Marks the session as one of the task's, by the name that the server shows for it.
base::Status MarkSession(Connection& connection, const std::string& schema,
                         const std::string& task);
// Of those that are marked, and whoever has the task's lock.
base::StatusOr<connector::OtherConnections> EndOtherSessions(Connection& connection,
                                                             const std::string& schema,
                                                             const std::string& task);
}  // namespace godwit::connectors::postgres
