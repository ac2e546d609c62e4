#include "connector/translation_findings.h"

#include <fmt/format.h>

namespace godwit::connector {

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
