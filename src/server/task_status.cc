#include "server/task_status.h"

#include <array>
#include <nlohmann/json.hpp>

namespace godwit::server {
namespace {

using nlohmann::ordered_json;

constexpr std::array kStates = {RunState::kRunning, RunState::kDone, RunState::kStopped,
                                RunState::kFailed};

// Gives every field of a status, with its place in the JSON, to `field`; one list for both ways.
template <typename Status, typename Field>
void ForEachField(Status& s, Field field) {
  field("task", s.task);
  field("mode", s.mode);
  field("task_file", s.task_file);
  field("source", s.source);
  field("target", s.target);
  field("host", s.host);
  field("pid", s.pid);
  field("error", s.error);
  field("started_ms", s.started_ms);
  field("updated_ms", s.updated_ms);
  field("position", s.position);
  field("retries", s.retries);
  field("drifted_rows", s.drifted_rows);
  field("notes", s.notes);
  field("last_note", s.last_note);
}

template <typename Copy, typename Field>
void ForEachCopyField(Copy& c, Field field) {
  field("tables", c.tables);
  field("tables_done", c.tables_done);
  field("rows", c.rows);
  field("rows_estimate", c.rows_estimate);
  field("bytes", c.bytes);
  field("bytes_estimate", c.bytes_estimate);
  field("rows_of_run", c.rows_of_run);
  field("bytes_of_run", c.bytes_of_run);
  field("tables_again", c.tables_again);
  field("source_locks", c.source_locks);
  field("longest_lock_ms", c.longest_lock_ms);
  field("fraction", c.fraction);
  field("seconds", c.seconds);
  field("bytes_per_second", c.bytes_per_second);
  field("seconds_left", c.seconds_left);
}

template <typename Changes, typename Field>
void ForEachChangesField(Changes& c, Field field) {
  field("transactions", c.transactions);
  field("row_changes", c.row_changes);
  field("statements", c.statements);
  field("groups", c.groups);
  field("ddls", c.ddls);
  field("ddls_not_executed", c.ddls_not_executed);
  field("rows_left_out", c.rows_left_out);
  field("rows_in_part", c.rows_in_part);
  field("updates_left_to_log", c.updates_left_to_log);
  field("values_replaced", c.values_replaced);
  field("left_out_by_table", c.left_out_by_table);
  field("log_bytes", c.log_bytes);
  field("transactions_per_second", c.transactions_per_second);
  field("row_changes_per_second", c.row_changes_per_second);
  field("lag_seconds", c.lag_seconds);
  field("bytes_behind", c.bytes_behind);
}

template <typename Hold, typename Field>
void ForEachHoldField(Hold& h, Field field) {
  field("name", h.name);
  field("retained_bytes", h.retained_bytes);
  field("bytes_left", h.bytes_left);
  field("in_use", h.in_use);
  field("lost", h.lost);
}

ordered_json TablesJson(const TaskStatus::Tables& tables) {
  ordered_json not_well = ordered_json::array();
  for (const TaskStatus::Tables::Trouble& one : tables.not_well) {
    not_well.push_back({{"table", one.table}, {"state", one.state}, {"problem", one.problem}});
  }
  return {{"by_state", ordered_json(tables.by_state)},
          {"troubled", tables.troubled},
          {"not_well", std::move(not_well)}};
}

TaskStatus::Tables TablesFrom(const ordered_json& json) {
  TaskStatus::Tables tables;
  json.at("by_state").get_to(tables.by_state);
  json.at("troubled").get_to(tables.troubled);
  for (const ordered_json& one : json.at("not_well")) {
    tables.not_well.push_back({one.at("table").get<std::string>(),
                               one.at("state").get<std::string>(),
                               one.at("problem").get<std::string>()});
  }
  return tables;
}

struct Write {
  ordered_json& json;
  template <typename T>
  void operator()(const char* name, const T& value) const {
    json[name] = value;
  }
  template <typename T>
  void operator()(const char* name, const std::optional<T>& value) const {
    json[name] = value ? ordered_json(*value) : ordered_json(nullptr);
  }
};

struct Read {
  const ordered_json& json;
  template <typename T>
  void operator()(const char* name, T& value) const {
    value = json.at(name).template get<T>();
  }
  template <typename T>
  void operator()(const char* name, std::optional<T>& value) const {
    if (!json.at(name).is_null()) value = json.at(name).template get<T>();
  }
};

connector::TaskPhase PhaseFrom(const std::string& name) {
  using connector::TaskPhase;
  for (int i = 0; i < static_cast<int>(TaskPhase::kFinished); ++i) {
    if (name == connector::ToString(static_cast<TaskPhase>(i))) return static_cast<TaskPhase>(i);
  }
  return TaskPhase::kFinished;
}

RunState StateFrom(const std::string& name) {
  for (RunState state : kStates) {
    if (name == ToString(state)) return state;
  }
  return RunState::kFailed;
}

}  // namespace

std::string_view ToString(RunState state) {
  switch (state) {
    case RunState::kRunning:
      return "running";
    case RunState::kDone:
      return "done";
    case RunState::kStopped:
      return "stopped";
    case RunState::kFailed:
      return "failed";
  }
  return "?";
}

std::string ToJson(const connector::LogHold& hold) {
  ordered_json json;
  ForEachHoldField(hold, Write{json});
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string ToJson(const TaskStatus& status) {
  ordered_json json;
  json["phase"] = connector::ToString(status.phase);
  json["state"] = ToString(status.state);
  ForEachField(status, Write{json});
  ForEachCopyField(status.copy, Write{json["copy"]});
  ForEachChangesField(status.changes, Write{json["changes"]});
  json["tables"] = TablesJson(status.tables);
  json["server"] = nullptr;
  if (const auto& server = status.server) {
    json["server"] = {{"address", server->address},
                      {"identity", server->identity},
                      {"since_ms", server->since_ms}};
  }
  json["log_hold"] = nullptr;
  if (status.log_hold) ForEachHoldField(*status.log_hold, Write{json["log_hold"]});
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

base::StatusOr<TaskStatus> TaskStatusFromJson(std::string_view text) {
  TaskStatus status;
  try {
    ordered_json json = ordered_json::parse(text);
    // Records of earlier versions lack it, server, log_hold and tables.
    for (const char* later : {"values_replaced", "updates_left_to_log"}) {
      if (ordered_json& changes = json.at("changes"); !changes.contains(later)) changes[later] = 0;
    }
    status.phase = PhaseFrom(json.at("phase").get<std::string>());
    status.state = StateFrom(json.at("state").get<std::string>());
    ForEachField(status, Read{json});
    ForEachCopyField(status.copy, Read{json.at("copy")});
    ForEachChangesField(status.changes, Read{json.at("changes")});
    if (const auto tables = json.find("tables"); tables != json.end())
      status.tables = TablesFrom(*tables);
    if (const auto server = json.find("server"); server != json.end() && !server->is_null()) {
      status.server = {server->at("address").get<std::string>(),
                       server->at("identity").get<std::string>(),
                       server->at("since_ms").get<int64_t>()};
    }
    if (const auto hold = json.find("log_hold"); hold != json.end() && !hold->is_null())
      ForEachHoldField(status.log_hold.emplace(), Read{*hold});
  } catch (const nlohmann::json::exception& error) {
    return base::DataLoss("not a task's status: {}", error.what());
  }
  return status;
}

}  // namespace godwit::server
