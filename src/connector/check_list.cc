#include "connector/check_list.h"

#include <algorithm>

namespace godwit::connector {

namespace {

constexpr size_t kShown = 5;

// The report has one line per item.
std::string OneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

std::string Enumerate(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kShown); ++i)
    text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kShown) text += fmt::format(" and {} more", names.size() - kShown);
  return text;
}

CheckReport CheckList::Unreachable(std::string_view side, const base::Status& status) {
  CheckList list(side);
  list.Fail("connection", status,
            fmt::format("see that the {}'s url and password in the task file are right and that "
                        "the server lets this host in",
                        side));
  return list.Take();
}

CheckReport CheckList::Unsettled(const base::Status& status) {
  if (!absl::IsFailedPrecondition(status)) return Unreachable("source", status);
  CheckList list("source");
  list.Fail("server", std::string(status.message()), "see there");
  return list.Take();
}

void CheckList::Add(std::string_view name, CheckResult result, std::string finding,
                    std::string remedy) {
  // The item's name says already which side it is.
  if (const std::string side = side_ + ": "; finding.starts_with(side))
    finding.erase(0, side.size());
  report_.push_back({fmt::format("{}: {}", side_, name), result, OneLine(std::move(finding)),
                     OneLine(std::move(remedy))});
}

void CheckList::Pass(std::string_view name, std::string finding) {
  Add(name, CheckResult::kPass, std::move(finding), "");
}

void CheckList::Warn(std::string_view name, std::string finding, std::string remedy) {
  Add(name, CheckResult::kWarn, std::move(finding), std::move(remedy));
}

void CheckList::Fail(std::string_view name, std::string finding, std::string remedy) {
  Add(name, CheckResult::kFail, std::move(finding), std::move(remedy));
}

void CheckList::Fail(std::string_view name, const base::Status& status, std::string remedy) {
  Fail(name, std::string(status.message()), std::move(remedy));
  report_.back().is_away = absl::IsUnavailable(status);
}

void CheckList::Offenders(std::string_view name, CheckResult result,
                          const std::vector<std::string>& offenders, std::string_view passing,
                          std::string_view finding, std::string remedy) {
  if (offenders.empty()) return Pass(name, std::string(passing));
  Add(name, result, fmt::format("{}: {}", finding, Enumerate(offenders)), std::move(remedy));
}

void CheckList::Unknown(std::string_view name, const base::Status& status) {
  if (!status.ok()) Fail(name, status, "give the user the right to look at it, and check again");
}

}  // namespace godwit::connector
