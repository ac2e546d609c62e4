#include "cli/text/ddl_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::cli {
namespace {

using connector::DdlOutcome;
using connector::DdlRecord;

void AddWaiting(const Json& ddl, const std::string& decide, std::vector<std::string>& lines) {
  lines.push_back("waiting at " + TextOf(ddl, "position"));
  lines.push_back("  statement: " + TextOf(ddl, "statement"));
  lines.push_back("  why: " + TextOf(ddl, "why"));
  const std::vector<std::string> instead = TextsOf(ddl, "replacement");
  const size_t done = std::min<size_t>(CountOf(ddl, "replaced"), instead.size());
  for (size_t i = 0; i < done; ++i) lines.push_back("  executed in its place: " + instead[i]);
  const std::string decision = TextOf(ddl, "decision");
  if (decision.empty()) {
    lines.push_back("  decide: " + decide);
    return;
  }
  lines.push_back(fmt::format("  decided: {}; the next run does it", decision));
  for (size_t i = done; i < instead.size(); ++i) lines.push_back("  instead: " + instead[i]);
}

}  // namespace

std::vector<DdlCount> CountDdl(const std::vector<DdlRecord>& records) {
  std::vector<DdlCount> counts;
  for (const DdlRecord& record : records) {
    auto count = std::find_if(counts.begin(), counts.end(),
                              [&](const DdlCount& c) { return c.tables == record.tables; });
    if (count == counts.end()) {
      counts.push_back({record.tables});
      count = counts.end() - 1;
    }
    if (record.outcome == DdlOutcome::kIgnored) ++count->ignored;
    if (record.outcome == DdlOutcome::kSkipped) ++count->skipped;
    if (record.outcome == DdlOutcome::kReplaced) ++count->replaced;
    count->last = record.statement;
  }
  return counts;
}

std::vector<std::string> DdlLines(const Json& ddl, const std::string& decide) {
  std::vector<std::string> lines;
  if (const Json& waiting = FieldOf(ddl, "waiting"); waiting.is_object()) {
    AddWaiting(waiting, decide, lines);
  } else {
    lines.push_back(TextOf(ddl, "task") + ": no DDL waits");
  }
  for (const Json& record : ListOf(ddl, "not_executed")) {
    lines.push_back(fmt::format("{} {}: {} (at {})", TextOf(record, "outcome"),
                                TextOf(record, "tables"), TextOf(record, "statement"),
                                TextOf(record, "position")));
    for (const char* detail : {"why", "instead"}) {
      const std::string text = TextOf(record, detail);
      if (!text.empty()) lines.push_back(fmt::format("  {}: {}", detail, text));
    }
  }
  return lines;
}

}  // namespace godwit::cli
