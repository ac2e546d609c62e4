#pragma once

#include <string>
#include <vector>

#include "base/status.h"

namespace godwit::cli {

// What the process ends with. Scripts rely on these numbers (docs/operations.md).
enum ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kBadUsage = 2,  // of the command line, or a wrong task file
  kFound = 3,     // a check failed, or a comparison found a difference
  kInterrupted = 130,
};

// Writes an error to standard error, "godwit: error: ..." on its first line.
void PrintError(const base::Status& status);
void PrintWarning(std::string_view message);

// Writes a report's lines to standard output.
void PrintLines(const std::vector<std::string>& lines);

// The exit code that an error ends the process with.
ExitCode ExitCodeOf(const base::Status& status);

// Both at once.
ExitCode Fail(const base::Status& status);

}  // namespace godwit::cli
