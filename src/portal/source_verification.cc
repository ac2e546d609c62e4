#include "portal/source_verification.h"

#include "server/source_inspection.h"

namespace godwit::portal {

base::StatusOr<config::SourceFile> VerifySource(const ApiRequest& request,
                                                const std::string& text) {
  GODWIT_ASSIGN_OR_RETURN(config::SourceFile source, config::ParseSourceFile(text, "source file"));
  GODWIT_ASSIGN_OR_RETURN(const bool is_checked, request.Flag("check", true));
  if (!is_checked) return source;
  GODWIT_ASSIGN_OR_RETURN(const connector::CheckReport report, server::CheckSource(source));
  std::string failures;
  for (const connector::CheckItem& item : report) {
    if (item.result == connector::CheckResult::kPass) continue;
    const std::string line = fmt::format("{}: {}; {}", item.name, item.finding, item.remedy);
    if (item.result == connector::CheckResult::kFail) {
      failures += "\n" + line;
    } else {
      source.warnings.push_back(line);
    }
  }
  if (failures.empty()) return source;
  return base::FailedPrecondition(
      "the source {} does not pass its check, and nothing was changed; do what it says and ask "
      "again, or with check=false at your own risk:{}",
      source.name, failures);
}

base::Status VerifyGoesOn(const ApiRequest& request, const Json& subtasks,
                          config::SourceFile& source) {
  GODWIT_ASSIGN_OR_RETURN(const bool is_checked, request.Flag("check", true));
  if (!is_checked) return base::OkStatus();
  for (const Json& subtask : subtasks) {
    const Json status = subtask.value("status", Json());
    const Json server = status.is_object() ? status.value("server", Json()) : Json();
    if (!server.is_object()) {
      source.warnings.push_back(fmt::format(
          "it is not known which server the task {} has read: whether that goes on there is seen "
          "when it runs",
          subtask.value("task", "")));
      continue;
    }
    const connector::LogNeed need = {server.value("identity", ""),
                                     {status.value("position", "")},
                                     status.value("phase", "") == "streaming"};
    const auto warnings = server::ExpectGoesOn(source, status.value("task", ""), need);
    if (!warnings.ok()) {
      return base::FailedPrecondition(
          "the tasks of the source {} cannot go on there, and nothing was changed; name the right "
          "server, or remove them first; or ask without a check (--no-check, check=false), so that "
          "they stop and say so: {}",
          source.name, warnings.status().message());
    }
    source.warnings.insert(source.warnings.end(), warnings->begin(), warnings->end());
  }
  return base::OkStatus();
}

}  // namespace godwit::portal
