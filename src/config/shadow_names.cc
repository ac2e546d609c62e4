#include "config/shadow_names.h"

#include <re2/re2.h>

#include <algorithm>

#include "base/status.h"
#include "config/quoted.h"

namespace godwit::config {
namespace {

constexpr size_t kLongestName = 64;  // that servers allow

absl::StatusOr<std::shared_ptr<const RE2>> Compile(const std::string& pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  auto expression = std::make_shared<const RE2>(pattern, options);
  if (!expression->ok()) {
    return base::InvalidArgument("{} is not a regular expression: {}", Quoted(pattern),
                                 Quoted(expression->error()));
  }
  if (expression->NumberOfCapturingGroups() != 1) {
    return base::InvalidArgument(
        "{} has to have one group, for the name of the table that is changed, such as "
        "'^_(.+)_new$'; groups for other ends begin with ?:",
        Quoted(pattern));
  }
  return expression;
}

}  // namespace

absl::Status ShadowNames::CheckPattern(const std::string& pattern) {
  return Compile(pattern).status();
}

absl::StatusOr<ShadowNames> ShadowNames::Make(std::span<const std::string> shadow,
                                              std::span<const std::string> trash) {
  ShadowNames names;
  for (const auto& [list, role] :
       {std::pair(shadow, Role::kShadow), std::pair(trash, Role::kTrash)}) {
    for (const std::string& pattern : list) {
      GODWIT_ASSIGN_OR_RETURN(auto expression, Compile(pattern));
      names.patterns_.push_back({std::move(expression), role});
    }
  }
  return names;
}

std::vector<ShadowNames::Owner> ShadowNames::OwnersOf(std::string_view table) const {
  std::vector<Owner> owners;
  for (const Pattern& pattern : patterns_) {
    std::string real;
    if (!RE2::FullMatch({table.data(), table.size()}, *pattern.expression, &real)) continue;
    while (!real.empty()) {
      owners.push_back({real, pattern.role});
      if (real.front() != '_') break;
      real.erase(0, 1);
    }
  }
  return owners;
}

ShadowNames::Role ShadowNames::RoleFor(std::string_view table, std::string_view real) const {
  for (const Owner& owner : OwnersOf(table)) {
    const bool cut = table.size() == kLongestName && real.starts_with(owner.real);
    if (owner.real == real || cut) return owner.role;
  }
  return Role::kNone;
}

bool ShadowNames::IsToolTrigger(std::string_view trigger) {
  static const RE2 expression("pt_osc_.+_(?:ins|upd|del)");
  return RE2::FullMatch({trigger.data(), trigger.size()}, expression);
}

}  // namespace godwit::config
