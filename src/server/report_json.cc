#include "server/report_json.h"

#include <algorithm>

namespace godwit::server {
namespace {

using connector::CheckItem;
using connector::CheckReport;
using connector::CheckResult;
using connector::DdlRecord;
using connector::DdlVerb;

const char* ResultText(CheckResult result) {
  switch (result) {
    case CheckResult::kPass:
      return "pass";
    case CheckResult::kWarn:
      return "warn";
    case CheckResult::kFail:
      return "fail";
  }
  return "?";
}

int64_t Count(const CheckReport& report, CheckResult result) {
  return std::count_if(report.begin(), report.end(),
                       [&](const CheckItem& item) { return item.result == result; });
}

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

Json PhaseJson(const std::optional<connector::TaskPhase>& phase) {
  return phase ? Json(connector::ToString(*phase)) : Json(nullptr);
}

Json StepJson(const RemovalStep& step) {
  return {{"outcome", ToString(step.outcome)}, {"what", step.what}, {"left", step.left}};
}

}  // namespace

Json CheckJson(const CheckReport& report) {
  Json json;
  json["passed"] = Count(report, CheckResult::kPass);
  json["warnings"] = Count(report, CheckResult::kWarn);
  json["failed"] = Count(report, CheckResult::kFail);
  json["items"] = Json::array();
  for (const CheckItem& item : report) {
    json["items"].push_back({{"name", item.name},
                             {"result", ResultText(item.result)},
                             {"finding", item.finding},
                             {"remedy", item.remedy}});
  }
  return json;
}

Json PlanJson(const config::Task& task, const TaskPlan& plan) {
  uint64_t rows = 0, bytes = 0;
  for (const PlannedTable& table : plan.tables) {
    rows += table.estimated_rows;
    bytes += table.estimated_bytes;
  }
  Json json;
  json["task"] = task.name;
  json["mode"] = config::ModeName(task.mode);
  json["goes_on_from"] = PhaseJson(plan.goes_on_from);
  json["estimated_rows"] = rows;
  json["estimated_bytes"] = bytes;
  json["tables"] = Json::array();
  for (const PlannedTable& table : plan.tables) {
    json["tables"].push_back({{"name", table.name},
                              {"estimated_rows", table.estimated_rows},
                              {"estimated_bytes", table.estimated_bytes},
                              {"ranges", table.ranges},
                              {"chunks", table.chunks},
                              {"one_snapshot", table.one_snapshot},
                              {"notes", table.notes},
                              {"conflict", table.conflict}});
  }
  json["ddl"] = {{"before_copy", plan.before_copy},
                 {"after_table", plan.after_table},
                 {"after_copy", plan.after_copy}};
  return json;
}

Json DdlJson(const std::string& task, const DdlStanding& standing) {
  Json json;
  json["task"] = task;
  json["waiting"] = nullptr;
  if (standing.waiting) {
    const connector::PendingDdl& ddl = *standing.waiting;
    json["waiting"] = {{"statement", ddl.statement},     {"default_schema", ddl.default_schema},
                       {"position", ddl.position.text},  {"why", ddl.waits_for},
                       {"decision", Decision(ddl.verb)}, {"replacement", ddl.replacement},
                       {"replaced", ddl.replaced}};
  }
  json["not_executed"] = Json::array();
  for (const DdlRecord& record : standing.records) {
    json["not_executed"].push_back({{"outcome", ToString(record.outcome)},
                                    {"tables", record.tables},
                                    {"statement", record.statement},
                                    {"position", record.position.text},
                                    {"instead", record.instead},
                                    {"why", record.why},
                                    {"commit_time_us", record.commit_time_us}});
  }
  return json;
}

Json RemovalJson(const std::string& task, const Removal& removal) {
  Json json;
  json["task"] = task;
  json["phase"] = PhaseJson(removal.phase);
  json["removed"] = removal.status.ok();
  json["error"] = nullptr;
  if (!removal.status.ok()) json["error"] = std::string(removal.status.message());
  json["source"] = StepJson(removal.source);
  json["target"] = StepJson(removal.target);
  json["state_dir"] = StepJson(removal.state_dir);
  return json;
}

std::string ToText(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace godwit::server
