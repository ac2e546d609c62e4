#include "pipeline/ddl_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace godwit::pipeline {
namespace {

using config::DdlPolicy;
using connector::DdlAction;
using connector::DdlOrder;
using model::DdlKind;

// A policy and the rule that it is from.
struct Rule {
  DdlPolicy policy;
  std::string text;
};

std::string_view Name(DdlPolicy policy) {
  switch (policy) {
    case DdlPolicy::kReplicate:
      return "replicate";
    case DdlPolicy::kIgnore:
      return "ignore";
    case DdlPolicy::kStop:
      return "stop";
  }
  return "?";
}

Rule RuleFor(const config::DdlOptions& rules, DdlKind kind, bool by_alter) {
  auto found = rules.events.find(kind);
  if (found == rules.events.end() && by_alter) found = rules.events.find(DdlKind::kAlterTable);
  if (found == rules.events.end())
    return {rules.policy, fmt::format("ddl.policy: {}", Name(rules.policy))};
  return {found->second, fmt::format("ddl.events: {{{}: {}}}", model::ToString(found->first),
                                     Name(found->second))};
}

bool CannotBeIgnored(const model::DdlChange& ddl) {
  return std::any_of(
      ddl.effects.begin(), ddl.effects.end(), [](const model::DdlChange::Effect& effect) {
        return effect.to_copy || effect.other_rows || !effect.renamed_from.table.empty();
      });
}

}  // namespace

DdlOrder OrderFor(const config::DdlOptions& rules, const model::DdlChange& ddl) {
  std::optional<Rule> ignore, replicate;
  for (const DdlKind kind : ddl.kinds) {
    const Rule rule = RuleFor(rules, kind, ddl.by_alter);
    if (rule.policy == DdlPolicy::kStop)
      return {DdlAction::kStop, "the task file says " + rule.text};
    (rule.policy == DdlPolicy::kIgnore ? ignore : replicate) = rule;
  }
  if (!ignore) return {};
  if (replicate) {
    return {DdlAction::kStop,
            fmt::format("the task file says {} and {}, and a statement is never executed in part",
                        ignore->text, replicate->text)};
  }
  if (CannotBeIgnored(ddl)) {
    return {DdlAction::kStop,
            fmt::format("the task file says {}, but this statement gives a table another name or "
                        "other rows, or brings one into the task: the target needs it for the rows "
                        "that follow",
                        ignore->text)};
  }
  return {DdlAction::kIgnore, ignore->text};
}

}  // namespace godwit::pipeline
