#pragma once

#include "cli/cluster/session.h"

// `godwit ddl` on a task of a cluster.
namespace godwit::cli {

ExitCode ShowClusterDdl(Session& session, const std::string& task);

// `verb`: retry, skip or replace, with the statements of the latter. `sources`: may be left out
// where the task has one.
ExitCode DecideClusterDdl(Session& session, const std::string& task, const std::string& verb,
                          const std::vector<std::string>& sources,
                          const std::vector<std::string>& statements);

}  // namespace godwit::cli
