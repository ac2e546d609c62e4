#pragma once

#include <initializer_list>
#include <string_view>

#include "base/status.h"
#include "connectors/postgres/connection/connection.h"

namespace godwit::connectors::postgres {

// SQLSTATEs of statements that make something.
inline constexpr std::string_view kDependentObjects = "2BP01", kUniqueViolation = "23505",
                                  kExclusionViolation = "23P01", kDuplicateTable = "42P07",
                                  kDuplicateObject = "42710", kUndefinedTable = "42P01",
                                  kUndefinedObject = "42704", kUndefinedFunction = "42883",
                                  kUndefinedSchema = "3F000";

bool IsOneOf(std::string_view state, std::initializer_list<std::string_view> states);

// What the last statement of `target` gave, which was to make something: that another thing is
// there, or is not, is for the operator to know.
base::Status WhileMaking(const base::Status& status, const Connection& target,
                         std::string_view doing);

}  // namespace godwit::connectors::postgres
