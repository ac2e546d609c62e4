#include "portal/master_process.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <iterator>

#include "base/log.h"
#include "portal/api_error.h"
#include "portal/etcd/managed_etcd.h"
#include "portal/event_feed.h"
#include "portal/http_server.h"
#include "portal/master_metrics.h"
#include "portal/member_routes.h"
#include "portal/metrics_text.h"
#include "portal/portal.h"
#include "portal/source_routes.h"
#include "portal/subtask_status.h"
#include "portal/task_ends_routes.h"
#include "portal/task_routes.h"

namespace godwit::portal {
namespace {

// Where locks of what is done here are kept, of this process alone.
class Scratch {
 public:
  Scratch() : path_(std::filesystem::temp_directory_path() / "godwit-master-XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) path_.clear();
  }
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::vector<Route> RoutesOf(Control& control, SubtaskStatuses& statuses,
                            const std::string& state_dir) {
  std::vector<Route> all = MemberRoutes(control);
  for (std::vector<Route> routes : {SourceRoutes(control, statuses), TaskRoutes(control, statuses),
                                    TaskEndsRoutes(control, statuses, state_dir)}) {
    std::ranges::move(routes, std::back_inserter(all));
  }
  return all;
}

std::vector<Page> PagesOf(Control& control, EventFeed& events, MasterMetrics& metrics) {
  const auto health = [](const HttpRequest&) {
    return HttpResponse{.type = "text/plain", .body = "ok\n"};
  };
  // Ready: what it is asked can be answered, here or by the leader.
  const auto readiness = [&](const HttpRequest&) {
    const auto leadership = control.Leader();
    if (!leadership.ok()) return ErrorResponse(leadership.status());
    if (!leadership->leader) return ErrorResponse(base::Unavailable("no master leads"));
    return HttpResponse{.type = "text/plain", .body = "ok\n"};
  };
  const auto page = [&](const HttpRequest&) {
    return HttpResponse{.type = kMetricsType, .body = metrics.Page(control)};
  };
  const auto listen = [&](const HttpRequest& request) { return events.Listen(request); };
  return {{"/healthz", std::nullopt, health},
          {"/readyz", std::nullopt, readiness},
          {"/metrics", Role::kRead, page},
          {fmt::format("{}/events", kApiRoot), Role::kRead, listen}};
}

}  // namespace

base::Status RunMaster(const MasterOptions& options, const std::stop_token& stop,
                       const std::function<void(const std::string& url)>& on_ready) {
  const Exposure& exposure = options.exposure;
  GODWIT_RETURN_IF_ERROR(CheckExposure(exposure));
  std::stop_source ending;  // as asked for from outside, or because etcd cannot be run
  const std::stop_callback pass_on(stop, [&] { ending.request_stop(); });
  std::unique_ptr<ManagedEtcd> managed_etcd;
  if (options.managed_etcd) {
    GODWIT_ASSIGN_OR_RETURN(
        managed_etcd, ManagedEtcd::Start(*options.managed_etcd, [&] { ending.request_stop(); }));
  }
  GODWIT_ASSIGN_OR_RETURN(const std::unique_ptr<store::EtcdStore> store,
                          store::EtcdStore::Open(options.etcd));
  if (!managed_etcd) {
    // What is no passing trouble is said before anything begins.
    const base::Status reached = store->Get(cluster::kLeaderKey).status();
    if (!reached.ok() && !absl::IsUnavailable(reached)) return reached;
  }

  const Scratch scratch;
  if (scratch.path().empty()) {
    return base::FailedPrecondition(
        "no folder can be made in {}: give it the right to, or set TMPDIR",
        std::filesystem::temp_directory_path().string());
  }
  // It listens before it campaigns, so that who asks the leader finds it; its port may be any.
  std::atomic<Portal*> portal_at_work = nullptr;
  GODWIT_ASSIGN_OR_RETURN(
      const std::unique_ptr<HttpServer> server,
      HttpServer::Start({.listen = exposure.listen, .tls = exposure.tls},
                        [&](const HttpRequest& request) {
                          Portal* portal = portal_at_work;
                          return portal ? portal->Handle(request)
                                        : ErrorResponse(base::Unavailable("this master starts"));
                        }));
  const std::string address = exposure.advertise.empty() ? server->url() : exposure.advertise;

  MeasuredStore measured(*store);
  EventFeed events;
  MasterMetrics metrics(measured);
  cluster::Master master(measured, {.name = options.name, .address = address}, options.version,
                         options.lease, [&](const cluster::View& view, const auto& changes) {
                           events.OnChanges(view, changes);
                           metrics.OnChanges(view, changes);
                         });
  Control control(master);
  const CallOptions call{.tls = exposure.tls};
  SubtaskStatuses statuses(control, call);
  Portal portal(control, RoutesOf(control, statuses, scratch.path()),
                PagesOf(control, events, metrics),
                {.version = options.version,
                 .check_caller = exposure.check_caller,
                 .call = call,
                 .count = [&](const std::string& method, int status) {
                   metrics.CountRequest(method, status);
                 }});
  portal_at_work = &portal;
  if (on_ready) on_ready(server->url());
  spdlog::info("the master {} answers at {}", options.name, address);
  {
    const std::stop_callback leave(ending.get_token(), [&] { master.Leave(); });
    master.Run();
  }
  server->Stop();
  return managed_etcd ? managed_etcd->Failure() : base::OkStatus();
}

}  // namespace godwit::portal
