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

}  // namespace godwit::portal
