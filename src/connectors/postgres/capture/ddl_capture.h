#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "connectors/postgres/connection/connection.h"

// Event triggers on the source's database that write to its log what each command has made of the
// task's tables (`ddl.capture: trigger`; docs/adr/0006-event-triggers.md). The log's message comes
// in the command's own transaction, among its rows: as captured_message reads it.
//
// They, and a schema with their function, are named after the task's slot (`hold`), so that those
// of several tasks are in nobody's way.
namespace godwit::connectors::postgres {

// The patterns of the task file: tables that come are put into the publication where these match.
struct CaptureScope {
  std::vector<std::string> include, exclude;
  bool by_leaf = false;  // as of Connection
};

// What the messages of a task begin with.
std::string CapturePrefix(const std::string& hold);

// Makes all, in place of what an earlier try has left. The publication has to be there, as the
// triggers add to it.
base::Status InstallCapture(Connection& control, const std::string& hold,
                            const CaptureScope& scope);
// May be repeated.
base::Status RemoveCapture(Connection& control, const std::string& hold);
// What is there, in words.
base::StatusOr<std::vector<std::string>> ListCapture(Connection& control, const std::string& hold);

// kFailedPrecondition: a trigger has gone or is disabled, so that definitions may have changed
// without a word in the log.
base::Status ExpectCapture(Connection& control, const std::string& hold);
// Gives the triggers the function that this version of Godwit, the server's version and the task
// file ask for, where it is another.
base::Status RefreshCapture(Connection& control, const std::string& hold,
                            const CaptureScope& scope);

// Why the patterns cannot be asked for by the source; empty: they can.
base::StatusOr<std::string> WhyNotMatched(Connection& control, const CaptureScope& scope);
// Whether the role may make event triggers.
base::StatusOr<bool> MayCapture(Connection& control);

}  // namespace godwit::connectors::postgres
