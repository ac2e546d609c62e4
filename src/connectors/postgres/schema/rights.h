#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "connector/catalog.h"
#include "connectors/postgres/connection/connection.h"

// Owners and rights: of schemas, tables and views with their columns, sequences and routines that
// are migrated. An object of kind kRights is of one role: `statement` makes it the owner of what it
// owns, `after` gives it the rights that it has been granted.
namespace godwit::connectors::postgres {

// What roles and PUBLIC have here on the tables and views that the filter lets through, on what
// these need, and on what FindObjects finds of `kinds`. In the order in which it has to be given.
// Within the caller's transaction, if there is one.
base::StatusOr<std::vector<connector::CatalogObject>> ReadRights(
    Connection& connection, const connector::TableFilter& filter,
    const std::vector<connector::ObjectKind>& kinds);

// The same of large objects, by their numbers.
base::StatusOr<std::vector<connector::CatalogObject>> ReadLargeObjectRights(
    Connection& connection, const std::vector<std::string>& numbers);

// Gives them; roles that are not there, and owners that our role may not set, are passed over.
// Nothing is taken away but EXECUTE on routines from PUBLIC, which new ones give to all. May be
// repeated. Adds to `left_out` each statement that the target could not do, and why: it lacks the
// table, or our role lacks the right to give it on.
base::Status GiveRights(Connection& target, const connector::CatalogObject& rights,
                        std::vector<std::string>& left_out);
// Tells of what was left out, if anything was.
void WarnOfRights(const std::vector<std::string>& left_out);

// The statements of such a text that a server of this version knows; the others are added to
// `left_out`.
std::vector<std::string> RightsFor(int server_version, std::string_view text,
                                   std::vector<std::string>& left_out);

struct RoleState {
  bool exists = false;   // PUBLIC always does
  bool may_own = false;  // our role may make it an owner, and still do all that owners may
};
base::StatusOr<RoleState> ReadRole(Connection& target, const std::string& role);

}  // namespace godwit::connectors::postgres
