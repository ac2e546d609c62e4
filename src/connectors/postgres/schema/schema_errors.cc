#include "connectors/postgres/schema/schema_errors.h"

#include <absl/algorithm/container.h>

namespace godwit::connectors::postgres {

bool IsOneOf(std::string_view state, std::initializer_list<std::string_view> states) {
  return absl::c_linear_search(states, state);
}

base::Status WhileMaking(const base::Status& status, const Connection& target,
                         std::string_view doing) {
  if (status.ok() || absl::IsUnavailable(status) || absl::IsCancelled(status)) return status;
  const std::string_view state = target.last_state();
  std::string_view remedy;
  if (IsOneOf(state, {kUndefinedTable, kUndefinedObject, kUndefinedFunction, kUndefinedSchema}))
    remedy = "; make on the target first what it refers to, or exclude the table";
  if (state == kDependentObjects)
    remedy =
        "; Godwit drops nothing else: drop by hand what depends on it, and make it again later";
  const bool operators = absl::IsNotFound(status) || absl::IsAlreadyExists(status);
  return base::Status(operators ? base::StatusCode::kFailedPrecondition : status.code(),
                      fmt::format("{}; while {}{}", status.message(), doing, remedy));
}

}  // namespace godwit::connectors::postgres
