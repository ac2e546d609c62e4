#include "cli/cluster/cluster_text.h"

#include <fmt/format.h>

#include "cli/cluster/table_state_text.h"
#include "cli/text/check_text.h"
#include "cli/text/ddl_text.h"
#include "cli/text/plan_text.h"
#include "cli/text/quantity_text.h"
#include "cli/text/removal_text.h"
#include "cli/text/status_text.h"
#include "cli/text/table_text.h"
#include "server/report_json.h"

namespace godwit::cli {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string Joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

void Append(std::vector<std::string> more, std::vector<std::string>& lines) {
  for (std::string& line : more) lines.push_back(std::move(line));
}

// The worker that has it, and who gets it once that one has let go of it.
std::string WorkerText(const Json& source) {
  const std::string next = TextOf(source, "next_worker");
  return TextOf(source, "worker") + (next.empty() ? "" : " -> " + next);
}

std::vector<std::string> SourceRow(const Json& source) {
  return {TextOf(source, "name"),  TextOf(source, "state"), WorkerText(source),
          TextOf(source, "relay"), TextOf(source, "url"),   Joined(TextsOf(source, "tasks"))};
}

const std::vector<std::string> kSourceHeadings = {"SOURCE", "STATE", "WORKER",
                                                  "RELAY",  "URL",   "TASKS"};

std::string StageText(const Json& subtask) {
  const std::string stage = TextOf(subtask, "stage");
  const std::string expected = TextOf(subtask, "expected_stage");
  return stage == expected ? stage : fmt::format("{} (to be {})", stage, expected);
}

std::vector<std::string> SubtaskRow(const Json& subtask) {
  std::string phase, lag, progress;
  if (const Json& json = FieldOf(subtask, "status"); json.is_object()) {
    if (const auto status = server::TaskStatusFromJson(server::ToText(json)); status.ok()) {
      phase = PhaseText(status->phase);
      lag = LagText(*status);
      progress = ProgressText(*status);
    }
  }
  return {TextOf(subtask, "task"),
          TextOf(subtask, "source"),
          StageText(subtask),
          TextOf(subtask, "worker"),
          phase,
          lag,
          progress};
}

void AddDetail(const std::string& what, const char* label, const std::string& text,
               std::vector<std::string>& lines) {
  if (!text.empty()) lines.push_back(fmt::format("{}: {}: {}", what, label, text));
}

// Of the source's hosts the one that is read.
std::string ServerText(const Json& server) {
  const auto since = server.is_object() ? server.find("since_ms") : server.end();
  if (since == server.end() || !since->is_number_integer()) return "";
  return fmt::format("{} ({}), since {}", TextOf(server, "address"), TextOf(server, "identity"),
                     TimeText(since->get<int64_t>()));
}

std::vector<std::string> SubtaskLines(const std::vector<Json>& subtasks) {
  Rows rows = {{"TASK", "SOURCE", "STAGE", "WORKER", "PHASE", "LAG", "PROGRESS"}};
  for (const Json& subtask : subtasks) rows.push_back(SubtaskRow(subtask));
  std::vector<std::string> lines = TableLines(std::move(rows));
  for (const Json& subtask : subtasks) {
    const std::string what =
        fmt::format("{} on {}", TextOf(subtask, "task"), TextOf(subtask, "source"));
    AddDetail(what, "error", TextOf(subtask, "error"), lines);
    AddDetail(what, "as last seen", TextOf(subtask, "live_problem"), lines);
    AddDetail(what, "what to do", TextOf(subtask, "action"), lines);
    const Json& status = FieldOf(subtask, "status");
    AddDetail(what, "reads", ServerText(FieldOf(status, "server")), lines);
    AddDetail(what, "tables", TableCountsText(status), lines);
    for (const std::string& line : TroubledTableLines(status)) {
      lines.push_back(fmt::format("{}: {}", what, line));
    }
  }
  return lines;
}

// One that was asked for alone, or the list of all.
Json StatusesIn(const Json& answer, const char* field) {
  return answer.contains(field) && !answer.contains("name") ? FieldOf(answer, field)
                                                            : Json::array({answer});
}

std::vector<Json> SubtasksOf(const Json& list) {
  std::vector<Json> subtasks;
  for (const Json& one : list) {
    for (const Json& subtask : ListOf(one, "subtasks")) subtasks.push_back(subtask);
  }
  return subtasks;
}

// "Running", or where not all are in the same: "a Running, b Paused".
std::string StagesText(const Json& stages) {
  std::vector<std::string> parts;
  bool are_equal = true;
  for (const auto& [source, stage] : stages.items()) {
    parts.push_back(
        fmt::format("{} {}", source, stage.is_string() ? stage.get<std::string>() : ""));
    are_equal = are_equal && stage == *stages.begin();
  }
  if (!parts.empty() && are_equal) return TextOf(stages, stages.begin().key().c_str());
  return Joined(parts);
}

}  // namespace

std::vector<std::string> FileLines(const Json& answer) {
  std::string text = TextOf(answer, "config");
  if (text.ends_with('\n')) text.pop_back();
  return {text};
}

std::vector<std::string> SourceLines(const Json& answer) {
  Rows rows = {kSourceHeadings};
  for (const Json& source : ListOf(answer, "sources")) rows.push_back(SourceRow(source));
  if (rows.size() == 1) return {"there are no sources; `godwit source add FILE` adds one"};
  return TableLines(std::move(rows));
}

std::vector<std::string> SourceStatusLines(const Json& answer) {
  const Json sources = StatusesIn(answer, "sources");
  if (sources.empty()) return SourceLines(Json());
  Rows rows = {kSourceHeadings};
  for (const Json& source : sources) rows.push_back(SourceRow(source));
  std::vector<std::string> lines = TableLines(std::move(rows));
  for (const Json& source : sources) {
    AddDetail(TextOf(source, "name"), "problem", TextOf(source, "problem"), lines);
    AddDetail(TextOf(source, "name"), "what to do", TextOf(source, "action"), lines);
  }
  if (const std::vector<Json> subtasks = SubtasksOf(sources); !subtasks.empty()) {
    lines.emplace_back();
    Append(SubtaskLines(subtasks), lines);
  }
  return lines;
}

std::vector<std::string> SchemaLines(const Json& answer) {
  Rows rows = {{"SCHEMA", "TABLES"}};
  for (const Json& schema : ListOf(answer, "schemas")) {
    rows.push_back({TextOf(schema, "name"), CountText(CountOf(schema, "tables"))});
  }
  if (rows.size() == 1) return {"the source has no schemas that its user may see"};
  return TableLines(std::move(rows));
}

std::vector<std::string> TableListLines(const Json& answer) {
  Rows rows = {{"TABLE", "ROWS (ABOUT)", "SIZE"}};
  for (const Json& table : ListOf(answer, "tables")) {
    rows.push_back({TextOf(table, "name"), CountText(CountOf(table, "estimated_rows")),
                    BytesText(static_cast<double>(CountOf(table, "estimated_bytes")))});
  }
  if (rows.size() == 1) return {"there are no tables that the source's user may see"};
  return TableLines(std::move(rows));
}

std::vector<std::string> TaskLines(const Json& answer) {
  Rows rows = {{"TASK", "TO BE", "SOURCES"}};
  for (const Json& task : ListOf(answer, "tasks")) {
    rows.push_back({TextOf(task, "name"), StagesText(FieldOf(task, "stages")),
                    Joined(TextsOf(task, "sources"))});
  }
  if (rows.size() == 1) return {"there are no tasks; `godwit task add FILE` adds one"};
  return TableLines(std::move(rows));
}

std::vector<std::string> TaskStatusLines(const Json& answer) {
  const std::vector<Json> subtasks = SubtasksOf(StatusesIn(answer, "tasks"));
  return subtasks.empty() ? TaskLines(Json()) : SubtaskLines(subtasks);
}

std::vector<std::string> MemberLines(const Json& answer) {
  Rows rows = {{"MEMBER", "KIND", "STATE", "ADDRESS", "VERSION", "SLOTS", "SOURCES"}};
  for (const Json& master : ListOf(answer, "masters")) {
    rows.push_back({TextOf(master, "name"), "master", FlagOf(master, "leads") ? "leads" : "follows",
                    TextOf(master, "address"), TextOf(master, "version"), "", ""});
  }
  for (const Json& worker : ListOf(answer, "workers")) {
    std::vector<std::string> sources = TextsOf(worker, "sources");
    for (const std::string& one : TextsOf(worker, "coming")) sources.push_back(one + " (coming)");
    rows.push_back({TextOf(worker, "name"), "worker", TextOf(worker, "state"),
                    TextOf(worker, "address"), TextOf(worker, "version"),
                    std::to_string(CountOf(worker, "slots")), Joined(sources)});
  }
  return TableLines(std::move(rows));
}

std::vector<std::string> RelayLines(const Json& answer) {
  const std::string source = TextOf(answer, "source");
  const Json& relay = FieldOf(answer, "relay");
  const bool is_kept = relay.is_object() && TextOf(relay, "state") != "off";
  std::string files, bytes, behind;
  if (is_kept) {
    files = CountText(CountOf(relay, "files"));
    bytes = BytesText(static_cast<double>(CountOf(relay, "bytes")));
    if (FieldOf(relay, "bytes_behind").is_number())
      behind = BytesText(static_cast<double>(CountOf(relay, "bytes_behind")));
  }
  std::vector<std::string> lines = TableLines(
      {{"SOURCE", "TO BE", "STATE", "WORKER", "FILES", "SIZE", "BEHIND", "READERS"},
       {source, TextOf(answer, "expected_stage"), TextOf(relay, "state"), TextOf(answer, "worker"),
        files, bytes, behind, Joined(TextsOf(relay, "readers"))}});
  AddDetail(source, "not known", TextOf(answer, "live_problem"), lines);
  AddDetail(source, "problem", TextOf(relay, "problem"), lines);
  if (is_kept) {
    AddDetail(source, "folder", TextOf(relay, "folder"), lines);
    AddDetail(source, "oldest file", TextOf(relay, "oldest"), lines);
    AddDetail(source, "newest position", TextOf(relay, "newest"), lines);
    AddDetail(source, "the source's newest, when last told", TextOf(relay, "source_newest"), lines);
  } else if (relay.is_object()) {
    lines.push_back(source +
                    ": it has no relay: `relay: on` in its file has its worker keep the log");
  }
  return lines;
}

std::vector<std::string> CheckedLines(const Json& answer) {
  std::vector<std::string> lines;
  for (const Json& report : ListOf(answer, "subtasks")) {
    for (const Json& item : ListOf(report, "items")) lines.push_back(CheckLine(item));
    lines.push_back(fmt::format("{}: {}", TextOf(report, "source"), CheckTotals(report)));
  }
  return lines;
}

std::vector<std::string> PlannedLines(const Json& answer) {
  std::vector<std::string> lines;
  for (const Json& plan : ListOf(answer, "subtasks")) {
    if (!lines.empty()) lines.emplace_back();
    Append(PlanLines(plan, "from the source " + TextOf(plan, "source")), lines);
  }
  return lines;
}

std::vector<std::string> RemovedLines(const Json& answer) {
  std::vector<std::string> lines;
  for (const Json& subtask : ListOf(answer, "subtasks")) {
    const Json& steps = FieldOf(subtask, "steps");
    for (const std::string& line : RemovalLines(steps)) {
      lines.push_back(fmt::format("{}: {}", TextOf(subtask, "source"), line));
    }
  }
  lines.push_back(TextOf(answer, "message"));
  return lines;
}

std::vector<std::string> ExportedLines(const Json& answer, const std::string& source) {
  const Json& files = ListOf(answer, "files");
  std::vector<std::string> lines;
  for (const Json& file : files) {
    const std::string of = TextOf(file, "source");
    if (!source.empty() && of != source) continue;
    // Each is a document of its own.
    if (source.empty() && files.size() > 1) lines.push_back("--- # of the source " + of);
    Append(FileLines(file), lines);
  }
  return lines;
}

std::vector<std::string> DdlErrorLines(const std::string& task, const Json& answer) {
  std::vector<std::string> lines;
  for (const Json& subtask : ListOf(answer, "subtasks")) {
    const std::string source = TextOf(subtask, "source");
    const std::string what = fmt::format("{} on {}", task, source);
    AddDetail(what, "error", TextOf(subtask, "error"), lines);
    AddDetail(what, "not known", TextOf(subtask, "problem"), lines);
    AddDetail(what, "what to do", TextOf(subtask, "action"), lines);
    if (const Json& ddl = FieldOf(subtask, "ddl"); ddl.is_object()) {
      const std::string decide = fmt::format(
          "`godwit ddl retry {0} --source {1}`, `skip` or `replace --sql '...'`", task, source);
      for (const std::string& line : DdlLines(ddl, decide)) lines.push_back(source + ": " + line);
    }
  }
  return lines;
}

}  // namespace godwit::cli
