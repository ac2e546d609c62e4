#include "cluster/records.h"

#include <nlohmann/json.hpp>

namespace godwit::cluster {
namespace {

using nlohmann::json;

struct Malformed {
  std::string what;
};

json Fields(const LeaderRecord& r) { return {{"name", r.name}, {"address", r.address}}; }
json Fields(const Era& r) { return {{"unix_us", r.unix_us}}; }
json Fields(const OperationCount& r) { return {{"count", r.count}}; }
json Fields(const SourceRecord& r) { return {{"config", r.config}, {"enabled", r.is_enabled}}; }
json Fields(const TaskRecord& r) { return {{"config", r.config}, {"sources", r.sources}}; }
json Fields(const SubtaskRecord& r) {
  json fields = {{"config", r.config}};
  if (r.restart != 0) fields["restart"] = r.restart;
  return fields;
}
json Fields(const ExpectedStage& r) { return {{"stage", ToText(r.stage)}}; }
json Fields(const MasterRecord& r) { return {{"address", r.address}, {"version", r.version}}; }
json Fields(const WorkerRecord& r) {
  return {{"address", r.address}, {"version", r.version}, {"slots", r.slots}};
}
json Fields(const Alive&) { return json::object(); }
json Fields(const Binding& r) {
  json fields = {{"worker", r.worker}, {"lease", r.lease}, {"epoch", r.epoch}};
  if (!r.next.empty()) fields["next"] = r.next;
  return fields;
}
json Fields(const Held& r) { return {{"worker", r.worker}, {"epoch", r.epoch}}; }

json Fields(const SubtaskState& r) {
  return {{"stage", ToText(r.stage)}, {"worker", r.worker}, {"epoch", r.epoch},
          {"since_ms", r.since_ms},   {"error", r.error},   {"status", r.status}};
}

// These throw nlohmann's exceptions, and Malformed.
void Read(const json& fields, LeaderRecord& r) {
  fields.at("name").get_to(r.name);
  fields.at("address").get_to(r.address);
}
void Read(const json& fields, Era& r) { fields.at("unix_us").get_to(r.unix_us); }
void Read(const json& fields, OperationCount& r) { fields.at("count").get_to(r.count); }
void Read(const json& fields, SourceRecord& r) {
  fields.at("config").get_to(r.config);
  r.is_enabled = fields.value("enabled", true);
}
void Read(const json& fields, TaskRecord& r) {
  fields.at("config").get_to(r.config);
  fields.at("sources").get_to(r.sources);
}
void Read(const json& fields, SubtaskRecord& r) {
  fields.at("config").get_to(r.config);
  r.restart = fields.value("restart", int64_t{0});
}
Stage ReadStage(const json& fields) {
  const base::StatusOr<Stage> stage =
      StageFromText(fields.at("stage").get_ref<const std::string&>());
  if (!stage.ok()) throw Malformed{std::string(stage.status().message())};
  return *stage;
}
void Read(const json& fields, ExpectedStage& r) {
  r.stage = ReadStage(fields);
  if (r.stage != Stage::kRunning && r.stage != Stage::kPaused) {
    throw Malformed{fmt::format("the stage {} cannot be expected", ToText(r.stage))};
  }
}
void Read(const json& fields, MasterRecord& r) {
  fields.at("address").get_to(r.address);
  fields.at("version").get_to(r.version);
}
void Read(const json& fields, WorkerRecord& r) {
  fields.at("address").get_to(r.address);
  fields.at("version").get_to(r.version);
  r.slots = fields.value("slots", 1);
  if (r.slots < 1) throw Malformed{fmt::format("{} slots: at least one is needed", r.slots)};
}
void Read(const json&, Alive&) {}
void Read(const json& fields, Binding& r) {
  fields.at("worker").get_to(r.worker);
  fields.at("lease").get_to(r.lease);
  fields.at("epoch").get_to(r.epoch);
  r.next = fields.value("next", "");
}
void Read(const json& fields, Held& r) {
  fields.at("worker").get_to(r.worker);
  fields.at("epoch").get_to(r.epoch);
}
void Read(const json& fields, SubtaskState& r) {
  r.stage = ReadStage(fields);
  fields.at("worker").get_to(r.worker);
  fields.at("epoch").get_to(r.epoch);
  r.since_ms = fields.value("since_ms", int64_t{0});
  r.error = fields.value("error", "");
  r.status = fields.value("status", "");
}

base::Status Unreadable(std::string_view key, std::string_view why) {
  return base::DataLoss("the value of the control plane's key {} cannot be read: {}", key, why);
}

}  // namespace

template <typename Record>
std::string ToJson(const Record& record) {
  // Text that is no UTF-8 is refused where it comes in (operations.cc).
  return Fields(record).dump(-1, ' ', false, json::error_handler_t::replace);
}

template <typename Record>
base::StatusOr<Record> FromJson(std::string_view key, std::string_view text) {
  try {
    const json fields = json::parse(text);
    if (!fields.is_object()) return Unreadable(key, "it is no object");
    Record record;
    Read(fields, record);
    return record;
  } catch (const json::exception& error) {
    return Unreadable(key, error.what());
  } catch (const Malformed& error) {
    return Unreadable(key, error.what);
  }
}

#define GODWIT_RECORD(Record)                 \
  template std::string ToJson(const Record&); \
  template base::StatusOr<Record> FromJson(std::string_view, std::string_view);
GODWIT_RECORD(LeaderRecord)
GODWIT_RECORD(Era)
GODWIT_RECORD(OperationCount)
GODWIT_RECORD(SourceRecord)
GODWIT_RECORD(TaskRecord)
GODWIT_RECORD(SubtaskRecord)
GODWIT_RECORD(ExpectedStage)
GODWIT_RECORD(MasterRecord)
GODWIT_RECORD(WorkerRecord)
GODWIT_RECORD(Alive)
GODWIT_RECORD(Binding)
GODWIT_RECORD(Held)
GODWIT_RECORD(SubtaskState)
#undef GODWIT_RECORD

}  // namespace godwit::cluster
