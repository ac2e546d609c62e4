#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "connectors/postgres/connection/connection.h"
#include "connectors/postgres/definition/definition.h"
#include "model/change.h"

// A role that may not set session_replication_role cannot hold foreign keys and triggers back while
// rows are written, so that none may be there: keys come when the last change has been applied, as
// triggers do anyway.
namespace godwit::connectors::postgres {

// Whether the role may (write_session.h).
base::StatusOr<bool> MayHoldKeysBack(Connection& target);

// Drops the foreign keys of the tables. May be repeated. kFailedPrecondition: something else would
// act on what is written to them, a trigger or rule or a key of no definition among `tables`, and
// nothing has been dropped.
base::Status TakeKeysAway(Connection& target, const std::vector<Definition>& tables);

// What would act on rows of these tables besides their keys: "trigger audit on shop.orders". All
// tables that have rows of the task have to be among `tables`.
base::StatusOr<std::vector<std::string>> FindActing(Connection& target,
                                                    const std::vector<Definition>& tables);
// The keys of these tables that are not in their definitions: "foreign key k of shop.orders".
base::StatusOr<std::vector<std::string>> FindStrangeKeys(Connection& target,
                                                         const std::vector<Definition>& tables);

// A DDL may drop keys, or refer to them: in its transaction they are there before it and gone after
// it.
struct KeysAround {
  std::vector<std::string> before, after;
};
// `tables`: all of the task, before it. Keys are made without looking at rows, where the server
// allows that.
KeysAround KeysAroundDdl(const std::vector<Definition>& tables, const model::DdlChange& ddl);

}  // namespace godwit::connectors::postgres
