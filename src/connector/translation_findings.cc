#include "connector/translation_findings.h"

#include <fmt/format.h>

namespace godwit::connector {
namespace {

std::string_view WordFor(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kView:
      return "view";
    case ObjectKind::kTrigger:
      return "trigger";
    case ObjectKind::kEvent:
      return "event";
    case ObjectKind::kSequence:
    case ObjectKind::kTableSequence:
      return "sequence";
    case ObjectKind::kType:
      return "type";
    case ObjectKind::kExtension:
      return "extension";
    case ObjectKind::kStatistics:
      return "statistics";
    case ObjectKind::kPartitioned:
      return "partitioned table";
    case ObjectKind::kRights:
      return "rights on";
    case ObjectKind::kRoutine:
    case ObjectKind::kTableRoutine:
      break;
  }
  return "routine";
}

}  // namespace

std::string Named(const CatalogObject& object) {
  return fmt::format("{} {}.{}", WordFor(object.kind), object.schema, object.name);
}

void TranslationFindings::Tell(CheckList& list) const {
  constexpr std::string_view kName = "translation";
  for (const auto& [rule, places] : refused_)
    list.Fail(kName, fmt::format("{}: {}", rule.first, Enumerate(places)), rule.second);
  for (const auto& [what, places] : lossy_) {
    list.Warn(kName, fmt::format("{}: {}", what, Enumerate(places)),
              fmt::format("see that the applications bear it ({})", document_));
  }
  if (refused_.empty() && lossy_.empty()) list.Pass(kName, "nothing of the definitions is lost");
}

}  // namespace godwit::connector
