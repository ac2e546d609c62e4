#include "portal/member_routes.h"

namespace godwit::portal {

std::string_view StateOf(const cluster::View::Worker& worker) {
  if (!worker.alive) return "offline";
  return worker.Load() < worker.record->record.slots ? "free" : "bound";
}

namespace {

Json WorkerJson(const cluster::View::Worker& worker) {
  const cluster::WorkerRecord& record = worker.record->record;
  return {{"name", worker.name},    {"address", record.address}, {"version", record.version},
          {"slots", record.slots},  {"state", StateOf(worker)},  {"sources", worker.bound},
          {"coming", worker.coming}};
}

Json MembersJson(const cluster::View& view) {
  Json members = {{"leader", nullptr}, {"masters", Json::array()}, {"workers", Json::array()}};
  if (view.leader()) {
    const cluster::LeaderRecord& leader = view.leader()->record;
    members["leader"] = {{"name", leader.name}, {"address", leader.address}};
  }
  for (const auto& [name, master] : view.masters()) {
    members["masters"].push_back({{"name", name},
                                  {"address", master.record.address},
                                  {"version", master.record.version},
                                  {"leads", view.leader() && view.leader()->record.name == name}});
  }
  for (const auto& [name, worker] : view.workers()) {
    if (worker.record) members["workers"].push_back(WorkerJson(worker));
  }
  return members;
}

}  // namespace

std::vector<Route> MemberRoutes(Control& control) {
  const auto list = [&control](const ApiRequest&) { return control.Look(MembersJson); };
  const auto remove = [&control](const ApiRequest& request) -> base::StatusOr<Json> {
    const std::string& name = request.At("worker");
    GODWIT_RETURN_IF_ERROR(control.Ask([&](const auto& view, auto leadership) {
      return cluster::RemoveWorker(view, leadership, name);
    }));
    return Done(fmt::format("the worker {} is removed from the books", name));
  };
  const auto evict = [&control](const ApiRequest&) -> base::StatusOr<Json> {
    GODWIT_RETURN_IF_ERROR(control.Ask(cluster::EvictLeader));
    return Done("the leader steps back; the next election is open to all masters");
  };
  return {{.method = "GET",
           .path = "/members",
           .role = Role::kRead,
           .summary = "Who leads, the masters that live, and the workers with what they have",
           .response = "Members",
           .handler = list},
          {.method = "DELETE",
           .path = "/members/workers/{worker}",
           .role = Role::kOperate,
           .summary = "Removes a worker that is offline from the books",
           .response = "Done",
           .handler = remove},
          {.method = "POST",
           .path = "/leader/evict",
           .role = Role::kOperate,
           .summary = "Has the leader step back for a while",
           .response = "Done",
           .handler = evict}};
}

}  // namespace godwit::portal
