#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "portal/caller.h"
#include "portal/http_server.h"
#include "server/subtask.h"

namespace godwit::portal {

// What a worker answers: GET /api/v1/worker/subtasks, /metrics, /healthz. Reading it takes the
// role read.
class WorkerApi {
 public:
  using ListSubtasks = std::function<std::vector<server::Subtask::Standing>()>;

  // Unset: anybody may read.
  explicit WorkerApi(CheckCaller check_caller) : check_caller_(std::move(check_caller)) {}

  HttpResponse Handle(const HttpRequest& request, const ListSubtasks& list) const;

 private:
  const CheckCaller check_caller_;
};

}  // namespace godwit::portal
