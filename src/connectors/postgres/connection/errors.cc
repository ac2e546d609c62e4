#include "connectors/postgres/connection/errors.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <array>
#include <vector>

namespace godwit::connectors::postgres {
namespace {

struct Rule {
  std::string_view prefix;  // of the SQLSTATE
  base::StatusCode code;
  std::string_view way_out;
};

// The first that fits counts.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
constexpr std::array kRules = {
    Rule{"28P01", base::StatusCode::kFailedPrecondition,
         "check the user and the password of the task file"},
    Rule{"28", base::StatusCode::kFailedPrecondition,
         "the server's pg_hba.conf has to let this user in from here"},
    Rule{"3D000", base::StatusCode::kFailedPrecondition,
         "the database is the last part of the url"},
    Rule{"3F000", base::StatusCode::kNotFound, ""},
    Rule{"42P01", base::StatusCode::kNotFound, ""},
    Rule{"42703", base::StatusCode::kNotFound, ""},
    Rule{"42704", base::StatusCode::kNotFound, ""},
    Rule{"42501", base::StatusCode::kFailedPrecondition,
         "`godwit check` lists the rights that are needed"},
    Rule{"23505", base::StatusCode::kAlreadyExists, ""},
    Rule{"42P07", base::StatusCode::kAlreadyExists, ""},
    Rule{"42710", base::StatusCode::kAlreadyExists, ""},
    Rule{"40", base::StatusCode::kAborted, ""},         // serialization failure, deadlock
    Rule{"55P03", base::StatusCode::kAborted, ""},      // a lock was not to be had
    Rule{"55006", base::StatusCode::kUnavailable, ""},  // in use: a slot of a run that just ended
    Rule{"53300", base::StatusCode::kUnavailable, "the server has no connection left"},
    Rule{"53100", base::StatusCode::kFailedPrecondition,
         "free space on the server's disk, then run the task again"},
    Rule{"53", base::StatusCode::kFailedPrecondition, "the server lacks room or memory"},
    Rule{"57", base::StatusCode::kUnavailable, ""},  // shut down, crashed, or ended by somebody
    Rule{"08", base::StatusCode::kUnavailable, ""},
    Rule{"25006", base::StatusCode::kFailedPrecondition,
         "the server only reads: name the primary in the url"},
    Rule{"XX001", base::StatusCode::kDataLoss, ""},
    Rule{"XX002", base::StatusCode::kDataLoss, ""},
};

// Of libpq's and the server's hints each has a line of its own.
std::string OneLine(std::string_view message) {
  std::vector<std::string> lines =
      absl::StrSplit(std::string(message), '\n', absl::SkipWhitespace());
  for (std::string& line : lines) absl::StripAsciiWhitespace(&line);
  return absl::StrJoin(lines, " ");
}

}  // namespace

base::Status StatusOfState(std::string_view state, std::string_view message,
                           std::string_view doing) {
  const std::string line = OneLine(message);
  if (state.empty()) return base::Unavailable("{}: {}", doing, line);
  const auto* rule = std::ranges::find_if(
      kRules, [&](const Rule& candidate) { return state.starts_with(candidate.prefix); });
  if (rule == kRules.end())
    return base::FailedPrecondition("{}: {} (SQLSTATE {})", doing, line, state);
  return base::MakeStatus(rule->code, "{}: {} (SQLSTATE {}){}{}", doing, line, state,
                          rule->way_out.empty() ? "" : "; ", rule->way_out);
}

}  // namespace godwit::connectors::postgres
