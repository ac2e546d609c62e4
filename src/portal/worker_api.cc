#include "portal/worker_api.h"

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

}  // namespace

HttpResponse WorkerApi::Handle(const HttpRequest& request, const ListSubtasks& list) const {
  if (request.path == "/healthz") return {.type = "text/plain", .body = "ok\n"};
  std::string caller = "anybody";
  if (check_caller_) {
    const auto admitted = check_caller_(request.Header("authorization"));
    if (!admitted.ok()) return ErrorResponse(admitted.status());
    caller = admitted->name;
  }
  HttpResponse response;
  if (request.method == "GET" && request.path == "/metrics") {
    response = {.type = kMetricsType, .body = WorkerMetrics(list())};
  } else if (request.method == "GET" && request.path == "/api/v1/worker/subtasks") {
    Json subtasks = Json::array();
    for (const auto& standing : list()) subtasks.push_back(ToJson(standing));
    response = {.body = Dump({{"subtasks", std::move(subtasks)}})};
  } else {
    response =
        ErrorResponse(base::NotFound("a worker has nothing at {}: ask a master", request.path));
  }
  response.caller = caller;
  return response;
}

}  // namespace godwit::portal
