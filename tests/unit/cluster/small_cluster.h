#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cluster/operations.h"
#include "cluster/request.h"
#include "cluster/scheduler.h"
#include "store/memory_store.h"

namespace godwit::cluster {

// A store in memory, a view of it and a leader, on a clock that the test moves.
struct SmallCluster {
  SmallCluster() {
    const store::LeaseId lease = *store.Grant(std::chrono::hours(1));
    leadership = *store.Commit({{}, {{"leader", ToJson(LeaderRecord{"m", "m:1"}), lease}}});
    view.Reset(*store.Range(""));
    watch = *store.WatchFrom("", view.revision());
  }

  void See() {
    const auto changes = *watch->Next(std::chrono::milliseconds(0));
    view.Apply(changes, watch->revision());
  }
  // A worker's life; ends when its lease is revoked.
  store::LeaseId Register(const std::string& name, int slots = 1) {
    const store::LeaseId lease = *store.Grant(std::chrono::seconds(10));
    EXPECT_TRUE(store
                    .Commit({{},
                             {{WorkerKey(name), ToJson(WorkerRecord{"a:1", "1", slots})},
                              {AliveKey(name), "{}", lease}}})
                    .ok());
    See();
    return lease;
  }
  void End(store::LeaseId lease) {
    EXPECT_TRUE(store.Revoke(lease).ok());
    See();
  }
  // As the worker that it is bound to would.
  void Hold(const std::string& source) {
    const Binding& binding = view.FindSource(source)->binding->record;
    EXPECT_TRUE(store
                    .Commit({{{HeldKey(source), 0}},
                             {{HeldKey(source), ToJson(Held{binding.worker, binding.epoch}),
                               binding.lease}}})
                    .ok());
    See();
  }
  void LetGo(const std::string& source) {
    EXPECT_TRUE(store.Delete(HeldKey(source)).ok());
    See();
  }
  base::Status Do(const Wanted& wanted) {
    if (!wanted.ok()) return wanted.status();
    const base::Status status = store.Commit(*wanted).status();
    See();
    return status;
  }
  // How many transactions the scheduler wants; they are made.
  size_t Schedule() {
    const std::vector<store::Transaction> transactions = cluster::Schedule(view, leadership);
    for (const store::Transaction& transaction : transactions) {
      EXPECT_TRUE(store.Commit(transaction).ok());
    }
    See();
    return transactions.size();
  }
  // None: it waits, or is not there.
  std::string WorkerOf(const std::string& source) const {
    const View::Source* found = view.FindSource(source);
    return found && found->binding ? found->binding->record.worker : "";
  }
  int64_t EpochOf(const std::string& source) const {
    return view.FindSource(source)->binding->record.epoch;
  }

  Time now{std::chrono::hours(1)};
  store::MemoryStore store{[this] { return now; }};
  View view;
  std::unique_ptr<store::Watch> watch;
  store::Revision leadership = 0;
};

}  // namespace godwit::cluster
