#include "cluster/operations.h"
#include "cluster/writing.h"

namespace godwit::cluster {

Wanted RemoveWorker(const View& view, store::Revision leadership, const std::string& name) {
  const View::Worker* worker = view.FindWorker(name);
  if (!worker || !worker->record) {
    return base::NotFound("there is no worker {}: look at those that there are", name);
  }
  if (worker->alive) {
    return base::FailedPrecondition(
        "the worker {} is online: stop it, wait until its lease has ended, and ask again", name);
  }
  return Writing(view, leadership)
      .Given(AliveKey(name), worker->alive)
      .Erase(WorkerKey(name), worker->record)
      .Take();
}

Wanted EvictLeader(const View& view, store::Revision leadership) {
  if (!view.leader() || view.leader()->changed != leadership) {
    return base::FailedPrecondition("this master does not lead: ask the one that does");
  }
  store::Transaction transaction = Writing(view, leadership).Take();
  transaction.writes.push_back({std::string(kLeaderKey), std::nullopt});
  return transaction;
}

}  // namespace godwit::cluster
