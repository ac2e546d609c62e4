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
// The keys of these tables that are not in their definitions, or are other ones there: "foreign key
// k of shop.orders".
base::StatusOr<std::vector<std::string>> FindStrangeKeys(Connection& target,
                                                         const std::vector<Definition>& tables);
// The keys of the definitions that the target does not have: "foreign key k of shop.orders unmade:
// ALTER TABLE ...".
base::StatusOr<std::vector<std::string>> FindMissingKeys(Connection& target,
                                                         const std::vector<Definition>& tables);

// Leaves out the keys whose parents the target does not have, and warns of each: one may have got
// another name, which the child's definition does not have before its own next DDL.
base::Status LeaveOutKeysToNone(Connection& target, Definition& table);

// A DDL may change keys: in its transaction these are there before it, and after it none is.
struct KeysAround {
  std::vector<std::string> before, after;
  std::vector<std::string> after_other;  // after what is executed instead of it: an error if one is
};
// `before` and `after`: all tables of the task, and those that the DDL leaves behind changed. Keys
// are made without looking at rows, where the server allows that.
KeysAround KeysAroundDdl(const std::vector<Definition>& before,
                         const std::vector<Definition>& after, const model::DdlChange& ddl);

}  // namespace godwit::connectors::postgres
