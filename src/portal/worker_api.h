#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "portal/caller.h"
#include "portal/http_server.h"
#include "server/source_relays.h"
#include "server/subtask.h"
#include "server/table_states.h"

namespace godwit::portal {

// What a worker answers: GET /api/v1/worker/subtasks, worker/tables, worker/relays, /metrics and
// /healthz. Reading it takes the role read.
class WorkerApi {
 public:
  // What it is told of; functions that may be called at any time.
  struct Sight {
    std::function<std::vector<server::Subtask::Standing>()> subtasks;
    std::function<std::vector<server::RelayStanding>()> relays;
  };

  // Unset: anybody may read.
  explicit WorkerApi(CheckCaller check_caller) : check_caller_(std::move(check_caller)) {}

  HttpResponse Handle(const HttpRequest& request, const Sight& sight) const;

 private:
  const CheckCaller check_caller_;
};

// Which tables a request asks for: ?state=, after=, most=.
base::StatusOr<server::TableQuery> TableQueryOf(const HttpRequest& request);

}  // namespace godwit::portal
