#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "connector/task_state.h"
#include "connectors/mysql/connection/connection.h"

// The tables in which the state of tasks is kept (docs/formats.md), and their format's version,
// which is kept beside them: all tasks of a schema have the same.
namespace godwit::connectors::mysql {

// What this program reads and writes. 0: of before versions were kept.
inline constexpr unsigned kStateFormat = 4;
inline constexpr unsigned kFormatWithGenerations = 3;
inline constexpr unsigned kFormatWithRestarts = 4;
inline constexpr unsigned kFormatWithServers = 4;

// The version that `schema` has; nothing: it holds no state. Changes nothing. kFailedPrecondition:
// one that is later than kStateFormat.
base::StatusOr<std::optional<unsigned>> ReadStateFormat(Connection& connection,
                                                        const std::string& schema);

// Whether a statement about one of them has failed because it was dropped in between, with the
// state of the schema's last task.
bool IsGone(const Connection& connection, const base::Status& status);

// Creates the schema and what it lacks, and brings an earlier version up to date: the fence then
// stops what an earlier program still runs for any task of the schema. May be repeated, and be
// ended anywhere. Errors as ReadStateFormat's.
base::Status MakeStateTables(Connection& connection, const std::string& schema);

// Drops the tables if no task has state in them, and then the schema, unless anything else is, or
// may be, in it; adds to `done` what it did. May be repeated, wherever it was ended. No other task
// may be at MakeStateTables.
base::Status DropStateTables(Connection& connection, const std::string& schema,
                             connector::Forgotten& done);

// The names of those that have rows of tasks.
std::vector<std::string_view> TablesOfTasks();

}  // namespace godwit::connectors::mysql
