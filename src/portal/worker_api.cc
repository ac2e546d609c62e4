#include "portal/worker_api.h"

#include "base/text.h"
#include "portal/api.h"
#include "portal/api_error.h"
#include "portal/worker_metrics.h"

namespace godwit::portal {
namespace {

Json ToJson(const server::Subtask::Standing& standing) {
  Json json = {{"source", standing.source}, {"task", standing.task},
               {"epoch", standing.epoch},   {"stage", cluster::ToText(standing.stage)},
               {"error", standing.error},   {"status", nullptr}};
  if (standing.status) json["status"] = Json::parse(server::ToJson(*standing.status));
  return json;
}

std::string OneOf(const HttpRequest& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? "" : found->second;
}

// ?source=, task=, and which of its tables: state=, after=, most=.
base::StatusOr<Json> Tables(const HttpRequest& request, const WorkerApi::Sight& sight) {
  GODWIT_ASSIGN_OR_RETURN(const server::TableQuery query, TableQueryOf(request));
  const std::string source = OneOf(request, "source"), task = OneOf(request, "task");
  for (const auto& standing : sight.subtasks()) {
    if (standing.source != source || standing.task != task) continue;
    if (standing.progress) return server::TablesJson(*standing.progress, query);
    return base::Unavailable("its run has not begun: nothing is known of its tables yet");
  }
  return base::NotFound("its worker does not run it at the moment");
}

Json ToJson(const server::RelayStanding& relay) {
  const connector::RelayStatus& status = relay.status;
  Json json = {{"source", relay.source},
               {"state", relay.state},
               {"problem", relay.problem},
               {"folder", status.folder},
               {"files", status.files},
               {"bytes", status.bytes},
               {"oldest", status.oldest},
               {"newest", status.end.text},
               {"source_newest", status.source_end.text},
               {"bytes_behind", nullptr},
               {"readers", status.readers}};
  if (status.bytes_behind) json["bytes_behind"] = *status.bytes_behind;
  return json;
}

HttpResponse AsResponse(const base::StatusOr<Json>& answer) {
  if (!answer.ok()) return ErrorResponse(answer.status());
  return {.body = Dump(*answer)};
}

}  // namespace

base::StatusOr<server::TableQuery> TableQueryOf(const HttpRequest& request) {
  server::TableQuery query{.state = OneOf(request, "state"), .after = OneOf(request, "after")};
  if (const std::string most = OneOf(request, "most"); !most.empty()) {
    query.most = base::ParseInteger<size_t>(most).value_or(0);
  }
  GODWIT_RETURN_IF_ERROR(server::CheckTableQuery(query));
  return query;
}

HttpResponse WorkerApi::Handle(const HttpRequest& request, const Sight& sight) const {
  if (request.path == "/healthz") return {.type = "text/plain", .body = "ok\n"};
  std::string caller = "anybody";
  if (check_caller_) {
    const auto admitted = check_caller_(request.Header("authorization"));
    if (!admitted.ok()) return ErrorResponse(admitted.status());
    caller = admitted->name;
  }
  HttpResponse response;
  if (request.method == "GET" && request.path == "/metrics") {
    response = {.type = kMetricsType, .body = WorkerMetrics(sight.subtasks(), sight.relays())};
  } else if (request.method == "GET" && request.path == "/api/v1/worker/subtasks") {
    Json subtasks = Json::array();
    for (const auto& standing : sight.subtasks()) subtasks.push_back(ToJson(standing));
    response = {.body = Dump({{"subtasks", std::move(subtasks)}})};
  } else if (request.method == "GET" && request.path == "/api/v1/worker/tables") {
    response = AsResponse(Tables(request, sight));
  } else if (request.method == "GET" && request.path == "/api/v1/worker/relays") {
    Json relays = Json::array();
    for (const auto& relay : sight.relays()) relays.push_back(ToJson(relay));
    response = {.body = Dump({{"relays", std::move(relays)}})};
  } else {
    response =
        ErrorResponse(base::NotFound("a worker has nothing at {}: ask a master", request.path));
  }
  response.caller = caller;
  return response;
}

}  // namespace godwit::portal
