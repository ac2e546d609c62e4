#include "portal/worker_process.h"

#include "cluster/worker.h"
#include "portal/http_server.h"
#include "portal/worker_api.h"
#include "server/subtasks.h"

namespace godwit::portal {

base::Status RunWorker(const WorkerOptions& options, const std::stop_token& stop) {
  GODWIT_ASSIGN_OR_RETURN(const std::unique_ptr<store::EtcdStore> store,
                          store::EtcdStore::Open(options.etcd));
  // What is no passing trouble is said before anything begins.
  const base::Status reached = store->Get(cluster::kLeaderKey).status();
  if (!reached.ok() && !absl::IsUnavailable(reached)) return reached;

  // Before it is in the books, so that masters find it; port 0 is any.
  const Exposure& exposure = options.exposure;
  GODWIT_RETURN_IF_ERROR(CheckExposure(exposure));
  cluster::Worker* worker_at_work = nullptr;
  server::Subtasks subtasks(options.relay_folder, [&](const server::Subtask::Standing& standing) {
    worker_at_work->Done(standing.source, standing.task,
                         {.stage = standing.stage,
                          .error = standing.error,
                          .status = standing.status ? ToJson(*standing.status) : ""});
  });
  const WorkerApi api(exposure.check_caller);
  GODWIT_ASSIGN_OR_RETURN(
      const std::unique_ptr<HttpServer> server,
      HttpServer::Start({.listen = exposure.listen, .tls = exposure.tls},
                        [&](const HttpRequest& request) {
                          return api.Handle(request, {.subtasks = [&] { return subtasks.List(); },
                                                      .relays = [&] { return subtasks.Relays(); }});
                        }));
  const std::string address = exposure.advertise.empty() ? server->url() : exposure.advertise;
  cluster::Worker worker(*store, subtasks, options.name,
                         {.address = address, .version = options.version, .slots = options.slots},
                         options.lease);
  worker_at_work = &worker;
  const std::stop_callback leave(stop, [&] { worker.Leave(); });
  worker.Run();
  return base::OkStatus();
}

}  // namespace godwit::portal
