#include "cli/ddl_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace godwit::cli {
namespace {

using connector::DdlOutcome;
using connector::DdlRecord;
using connector::DdlVerb;
using nlohmann::ordered_json;

std::string_view Decision(DdlVerb verb) {
  switch (verb) {
    case DdlVerb::kNone:
      return "";
    case DdlVerb::kRetry:
      return "retry";
    case DdlVerb::kSkip:
      return "skip";
    case DdlVerb::kReplace:
      return "replace";
  }
  return "";
}

void AddWaiting(const connector::PendingDdl& ddl, std::vector<std::string>& lines) {
  lines.push_back(fmt::format("waiting at {}", ddl.position.text));
  lines.push_back(fmt::format("  statement: {}", ddl.statement));
  lines.push_back(fmt::format("  why: {}", ddl.waits_for));
  for (size_t i = 0; i < ddl.replaced; ++i)
    lines.push_back(fmt::format("  executed in its place: {}", ddl.replacement[i]));
  if (ddl.verb == DdlVerb::kNone) {
    lines.emplace_back("  decide: `godwit ddl retry`, `skip` or `replace --sql '...'`, then run");
    return;
  }
  lines.push_back(fmt::format("  decided: {}; the next run does it", Decision(ddl.verb)));
  for (size_t i = ddl.replaced; i < ddl.replacement.size(); ++i)
    lines.push_back(fmt::format("  instead: {}", ddl.replacement[i]));
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

std::vector<std::string> DdlLines(const std::string& task, const server::DdlStanding& standing) {
  std::vector<std::string> lines;
  if (standing.waiting) {
    AddWaiting(*standing.waiting, lines);
  } else {
    lines.push_back(fmt::format("{}: no DDL waits", task));
  }
  for (const DdlRecord& record : standing.records) {
    lines.push_back(fmt::format("{} {}: {} (at {})", ToString(record.outcome), record.tables,
                                record.statement, record.position.text));
    if (!record.why.empty()) lines.push_back(fmt::format("  why: {}", record.why));
    if (!record.instead.empty()) lines.push_back(fmt::format("  instead: {}", record.instead));
  }
  return lines;
}

std::string DdlJson(const std::string& task, const server::DdlStanding& standing) {
  ordered_json json;
  json["task"] = task;
  json["waiting"] = nullptr;
  if (standing.waiting) {
    const connector::PendingDdl& ddl = *standing.waiting;
    json["waiting"] = {{"statement", ddl.statement},     {"default_schema", ddl.default_schema},
                       {"position", ddl.position.text},  {"why", ddl.waits_for},
                       {"decision", Decision(ddl.verb)}, {"replacement", ddl.replacement},
                       {"replaced", ddl.replaced}};
  }
  json["not_executed"] = ordered_json::array();
  for (const DdlRecord& record : standing.records) {
    json["not_executed"].push_back({{"outcome", ToString(record.outcome)},
                                    {"tables", record.tables},
                                    {"statement", record.statement},
                                    {"position", record.position.text},
                                    {"instead", record.instead},
                                    {"why", record.why},
                                    {"commit_time_us", record.commit_time_us}});
  }
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace godwit::cli
