#include "cli/outcome.h"

#include <cstdio>

namespace godwit::cli {

void PrintError(const base::Status& status) {
  fmt::print(stderr, "godwit: error: {}\n", status.message());
}

void PrintWarning(std::string_view message) {
  fmt::print(stderr, "godwit: warning: {}\n", message);
}

void PrintLines(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) fmt::print("{}\n", line);
}

ExitCode ExitCodeOf(const base::Status& status) {
  switch (status.code()) {
    case base::StatusCode::kOk:
      return kDone;
    case base::StatusCode::kInvalidArgument:
      return kBadUsage;
    case base::StatusCode::kCancelled:
      return kInterrupted;
    default:
      return kFailed;
  }
}

ExitCode Fail(const base::Status& status) {
  PrintError(status);
  return ExitCodeOf(status);
}

}  // namespace godwit::cli
