#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/strings/string_view.h>
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#ifndef ABSL_USES_STD_STRING_VIEW
// Where Abseil has a string_view of its own (Debian), status.message() can be formatted all the
// same.
template <>
struct fmt::formatter<absl::string_view> : fmt::formatter<fmt::string_view> {
  template <typename Context>
  auto format(absl::string_view text, Context& context) const {
    return fmt::formatter<fmt::string_view>::format({text.data(), text.size()}, context);
  }
};
#endif

// Builders of absl::Status with fmt formatting, and the two macros that pass errors on.
//
// The code of a status decides what the coordinator does with it (DESIGN: one table of retry
// decisions, pipeline/retry.h):
//   kUnavailable         the other side is away: try again with back-off
//   kAborted             the work in hand is void: start again from the checkpoint
//   kFailedPrecondition  the operator is needed
//   kInvalidArgument     bad usage or configuration
//   kDataLoss            corrupt input
//   kCancelled           stopping
//   kInternal            a bug of ours
namespace godwit::base {

using absl::OkStatus;
using absl::Status;
using absl::StatusCode;
using absl::StatusOr;

template <typename... Args>
Status MakeStatus(StatusCode code, fmt::format_string<Args...> format, Args&&... args) {
  return Status(code, fmt::format(format, std::forward<Args>(args)...));
}

#define GODWIT_STATUS_BUILDER(Name)                                              \
  template <typename... Args>                                                    \
  Status Name(fmt::format_string<Args...> format, Args&&... args) {              \
    return MakeStatus(StatusCode::k##Name, format, std::forward<Args>(args)...); \
  }
GODWIT_STATUS_BUILDER(Unavailable)
GODWIT_STATUS_BUILDER(Aborted)
GODWIT_STATUS_BUILDER(FailedPrecondition)
GODWIT_STATUS_BUILDER(InvalidArgument)
GODWIT_STATUS_BUILDER(NotFound)
GODWIT_STATUS_BUILDER(DataLoss)
GODWIT_STATUS_BUILDER(Cancelled)
GODWIT_STATUS_BUILDER(Internal)
GODWIT_STATUS_BUILDER(Unimplemented)
GODWIT_STATUS_BUILDER(ResourceExhausted)
#undef GODWIT_STATUS_BUILDER

// The same code with "context: " before the message; OK stays OK.
inline Status Annotate(const Status& status, std::string_view context) {
  if (status.ok()) return status;
  return Status(status.code(), fmt::format("{}: {}", context, status.message()));
}

}  // namespace godwit::base

#define GODWIT_RETURN_IF_ERROR(expr)                                  \
  do {                                                                \
    if (::absl::Status godwit_status = (expr); !godwit_status.ok()) { \
      return godwit_status;                                           \
    }                                                                 \
  } while (false)

#define GODWIT_CONCAT_INNER(a, b) a##b
#define GODWIT_CONCAT(a, b) GODWIT_CONCAT_INNER(a, b)
#define GODWIT_ASSIGN_OR_RETURN(lhs, expr) \
  GODWIT_ASSIGN_OR_RETURN_INNER(GODWIT_CONCAT(godwit_statusor_, __LINE__), lhs, expr)
#define GODWIT_ASSIGN_OR_RETURN_INNER(var, lhs, expr) \
  auto var = (expr);                                  \
  if (!var.ok()) return std::move(var).status();      \
  lhs = *std::move(var)
