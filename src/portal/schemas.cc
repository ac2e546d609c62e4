#include "portal/schemas.h"

#include "server/table_states.h"

namespace godwit::portal {
namespace {

Json Text() { return {{"type", "string"}}; }
Json OneOf(std::vector<std::string> values) {
  return {{"type", "string"}, {"enum", std::move(values)}};
}
Json Number() { return {{"type", "integer"}}; }
Json Switch() { return {{"type", "boolean"}}; }
Json Anything() { return {{"type", "object"}}; }
Json OrNull(Json schema) {
  schema["nullable"] = true;
  return schema;
}
Json List(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }
Json MapOf(Json values) {
  return {{"type", "object"}, {"additionalProperties", std::move(values)}};
}
Json Ref(const std::string& name) { return {{"$ref", "#/components/schemas/" + name}}; }

// All of them are there, and no others.
Json Object(Json properties) {
  Json required = Json::array();
  for (const auto& [name, schema] : properties.items()) required.push_back(name);
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"required", std::move(required)},
          {"additionalProperties", false}};
}

// Of a request: each may be left out.
Json Optional(Json properties) {
  Json schema = Object(std::move(properties));
  schema.erase("required");
  return schema;
}

Json Stage() { return OneOf({"New", "Running", "Paused", "Stopped", "Finished"}); }

Json SourceFields() {
  return {{"name", Text()},
          {"enabled", Switch()},
          {"state", OneOf({"bound", "starting", "waiting", "stopping", "disabled", "unreadable"})},
          {"worker", OrNull(Text())},
          {"next_worker", OrNull(Text())},
          {"epoch", OrNull(Number())},
          {"url", Text()},
          {"relay", OrNull(Stage())},
          {"tasks", List(Text())}};
}

Json With(Json fields, Json more) {
  fields.update(more);
  return Object(std::move(fields));
}

Json Make() {
  Json schemas;
  schemas["Error"] = Object({{"error", Object({{"code", Text()}, {"message", Text()}})}});
  schemas["Done"] = Object({{"message", Text()}, {"warnings", List(Text())}});
  schemas["File"] = Object({{"config", Text()}});

  schemas["Source"] = With(SourceFields(), {{"config", Text()}});
  schemas["Sources"] = Object({{"sources", List(Ref("Source"))}});
  schemas["SourceStatus"] =
      With(SourceFields(),
           {{"problem", Text()}, {"action", Text()}, {"subtasks", List(Ref("Subtask"))}});
  schemas["Transfer"] = Object({{"worker", Text()}});
  schemas["Schemas"] =
      Object({{"schemas", List(Object({{"name", Text()}, {"tables", Number()}}))}});
  schemas["Tables"] = Object({{"tables", List(Object({{"name", Text()},
                                                      {"estimated_rows", Number()},
                                                      {"estimated_bytes", Number()}}))}});
  schemas["Relay"] =
      Object({{"source", Text()},
              {"expected_stage", OrNull(Stage())},
              {"worker", OrNull(Text())},
              {"live", Switch()},
              {"live_problem", Text()},
              {"relay", OrNull(Object({{"state", OneOf({"off", "starting", "running", "retrying",
                                                        "paused", "error"})},
                                       {"problem", Text()},
                                       {"folder", Text()},
                                       {"files", Number()},
                                       {"bytes", Number()},
                                       {"oldest", Text()},
                                       {"newest", Text()},
                                       {"source_newest", Text()},
                                       {"bytes_behind", OrNull(Number())},
                                       {"readers", List(Text())}}))}});

  schemas["Task"] = Object({{"name", Text()},
                            {"sources", List(Text())},
                            {"stages", MapOf(Stage())},
                            {"config", Text()}});
  schemas["Tasks"] = Object({{"tasks", List(Ref("Task"))}});
  schemas["Subtask"] = Object({{"task", Text()},
                               {"source", Text()},
                               {"expected_stage", Stage()},
                               {"stage", Stage()},
                               {"worker", OrNull(Text())},
                               {"epoch", OrNull(Number())},
                               {"since_ms", OrNull(Number())},
                               {"live", Switch()},
                               {"live_problem", Text()},
                               {"error", Text()},
                               {"action", Text()},
                               {"status", OrNull(Anything())}});
  schemas["TaskStatus"] = Object({{"name", Text()}, {"subtasks", List(Ref("Subtask"))}});
  schemas["SubtaskTables"] =
      Object({{"task", Text()},
              {"source", Text()},
              {"live", Switch()},
              {"live_problem", Text()},
              {"tables", List(Object({{"name", Text()},
                                      {"state", OneOf(server::TableStates())},
                                      {"problem", Text()},
                                      {"ranges", Number()},
                                      {"ranges_done", Number()},
                                      {"rows", Number()},
                                      {"rows_estimate", Number()},
                                      {"bytes", Number()},
                                      {"changes", Number()}}))},
              {"next", OrNull(Text())}});
  schemas["TaskTables"] = Object({{"name", Text()}, {"subtasks", List(Ref("SubtaskTables"))}});
  schemas["Status"] = Object({{"tasks", List(Ref("TaskStatus"))}});
  schemas["OnSources"] = Optional({{"sources", List(Text())}});
  schemas["Restart"] = Optional({{"sources", List(Text())}, {"confirm", Text()}});
  schemas["Decision"] = Optional({{"sources", List(Text())}, {"statements", List(Text())}});
  const Json step = Object({{"outcome", Text()}, {"what", List(Text())}, {"left", List(Text())}});
  const Json removed = Object({{"source", Text()},
                               {"removed", Switch()},
                               {"error", OrNull(Text())},
                               {"steps", Object({{"source", step}, {"target", step}})}});
  schemas["Removed"] =
      Object({{"message", Text()}, {"warnings", List(Text())}, {"subtasks", List(removed)}});
  const Json item = Object({{"name", Text()},
                            {"result", OneOf({"pass", "warn", "fail"})},
                            {"finding", Text()},
                            {"remedy", Text()}});
  const Json check = Object({{"source", Text()},
                             {"passed", Number()},
                             {"warnings", Number()},
                             {"failed", Number()},
                             {"items", List(item)}});
  schemas["Checks"] = Object({{"subtasks", List(check)}});
  const Json planned = Object({{"name", Text()},
                               {"estimated_rows", Number()},
                               {"estimated_bytes", Number()},
                               {"ranges", Number()},
                               {"chunks", Number()},
                               {"one_snapshot", Switch()},
                               {"notes", List(Text())},
                               {"conflict", Text()}});
  const Json ddl = Object(
      {{"before_copy", List(Text())}, {"after_table", List(Text())}, {"after_copy", List(Text())}});
  const Json plan = Object({{"source", Text()},
                            {"task", Text()},
                            {"mode", Text()},
                            {"goes_on_from", OrNull(Text())},
                            {"estimated_rows", Number()},
                            {"estimated_bytes", Number()},
                            {"tables", List(planned)},
                            {"ddl", ddl}});
  schemas["Plans"] = Object({{"subtasks", List(plan)}});
  schemas["Export"] = Object({{"files", List(Object({{"source", Text()}, {"config", Text()}}))}});
  const Json standing = Object(
      {{"task", Text()}, {"waiting", OrNull(Anything())}, {"not_executed", List(Anything())}});
  const Json errors = Object({{"source", Text()},
                              {"stage", Stage()},
                              {"error", Text()},
                              {"action", Text()},
                              {"problem", Text()},
                              {"ddl", OrNull(standing)}});
  schemas["TaskErrors"] = Object({{"subtasks", List(errors)}});

  const Json worker = Object({{"name", Text()},
                              {"address", Text()},
                              {"version", Text()},
                              {"slots", Number()},
                              {"state", OneOf({"free", "bound", "offline"})},
                              {"sources", List(Text())},
                              {"coming", List(Text())}});
  const Json master =
      Object({{"name", Text()}, {"address", Text()}, {"version", Text()}, {"leads", Switch()}});
  schemas["Members"] = Object({{"leader", OrNull(Object({{"name", Text()}, {"address", Text()}}))},
                               {"masters", List(master)},
                               {"workers", List(worker)}});
  return schemas;
}

}  // namespace

const Json& Schemas() {
  static const Json schemas = Make();
  return schemas;
}

}  // namespace godwit::portal
