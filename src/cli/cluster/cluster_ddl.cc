#include "cli/cluster/cluster_ddl.h"

#include "cli/cluster/cluster_text.h"

namespace godwit::cli {

ExitCode ShowClusterDdl(Session& session, const std::string& task) {
  const auto answer = session.client().Get(PathOf(Named::kTask, task) + "/errors");
  return session.Show(answer, Named::kTask, task,
                      [&](const Json& errors) { return DdlErrorLines(task, errors); });
}

ExitCode DecideClusterDdl(Session& session, const std::string& task, const std::string& verb,
                          const std::vector<std::string>& sources,
                          const std::vector<std::string>& statements) {
  Json body = Json::object();
  if (!sources.empty()) body["sources"] = sources;
  if (!statements.empty()) body["statements"] = statements;
  const auto answer = session.client().Post(PathOf(Named::kTask, task) + "/ddl/" + verb, body);
  return session.Report(answer, Named::kTask, task);
}

}  // namespace godwit::cli
