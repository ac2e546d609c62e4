#include "portal/subtask_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "portal/http_server.h"
#include "portal/worker_api.h"
#include "running_master.h"

namespace godwit::portal {
namespace {

using cluster::Stage;
using testing::HasSubstr;

TEST(SubtaskStatusesTest, TheWorkerSaysHowItStandsAndTheBooksWhereItDoesNotAnswer) {
  const WorkerApi api([](const std::string& authorization) -> base::StatusOr<Caller> {
    if (authorization == "Bearer t") return Caller{"t", Role::kRead};
    return base::MakeStatus(base::StatusCode::kUnauthenticated, "no token");
  });
  const auto subtasks = [] {
    server::Subtask::Standing standing{.source = "a", .task = "shop"};
    standing.status.emplace().position = "live";
    return std::vector{standing};
  };
  auto worker = *HttpServer::Start({.listen = "127.0.0.1:0", .threads = 2},
                                   [&](const HttpRequest& r) { return api.Handle(r, subtasks); });
  store::MemoryStore store;
  const store::LeaseId lease = *store.Grant(std::chrono::hours(1));
  const auto put = [&](const std::string& key, const std::string& value, bool leased = false) {
    const store::Write write{key, value, leased ? lease : store::kNoLease};
    ASSERT_TRUE(store.Commit({.writes = {write}}).ok()) << key;
  };
  put(cluster::WorkerKey("w"), ToJson(cluster::WorkerRecord{worker->url(), "1"}));
  put(cluster::AliveKey("w"), ToJson(cluster::Alive{}), true);
  put(cluster::SourceKey("a"), ToJson(cluster::SourceRecord{"name: a"}));
  put(cluster::TaskKey("shop"), ToJson(cluster::TaskRecord{"name: shop", {"a"}}));
  put(cluster::BoundKey("a"), ToJson(cluster::Binding{"w", lease, 7}));
  put(cluster::HeldKey("a"), ToJson(cluster::Held{"w", 7}), true);
  put(cluster::SubtaskKey("a", "shop"), ToJson(cluster::SubtaskRecord{"name: shop"}));
  put(cluster::SubtaskStageKey("a", "shop"), ToJson(cluster::ExpectedStage{Stage::kRunning}));
  put(cluster::StateKey("a", "shop"),
      ToJson(cluster::SubtaskState{Stage::kPaused, "w", 7, 5, "disk full",
                                   R"({"position": "kept"})"}));

  RunningMaster master(store, "m", "http://127.0.0.1:1");
  master.Await();
  SubtaskStatuses statuses(master.control(), {});
  HttpRequest asked;
  asked.headers["authorization"] = "Bearer t";
  Json one = statuses.OfTask("shop", asked)->at(0);
  EXPECT_EQ(one["live"], true) << one;
  EXPECT_EQ(one["status"]["position"], "live");
  EXPECT_EQ(one["stage"], "Paused");
  EXPECT_EQ(one["worker"], "w");
  EXPECT_EQ(one["error"], "disk full");
  EXPECT_THAT(one["action"].get<std::string>(), HasSubstr("godwit task resume shop --source a"));
  EXPECT_EQ(statuses.OfSource("a", asked)->at(0), one);
  EXPECT_EQ(statuses.OfAllTasks(asked)->at(0)["subtasks"][0], one);

  one = statuses.OfTask("shop", {})->at(0);  // who asks may not
  EXPECT_EQ(one["live"], false);
  EXPECT_THAT(one["live_problem"].get<std::string>(), HasSubstr("401"));
  worker->Stop();
  one = statuses.OfTask("shop", asked)->at(0);
  EXPECT_EQ(one["live"], false);
  EXPECT_NE(one["live_problem"], "");
  EXPECT_EQ(one["status"]["position"], "kept");

  // What an earlier life has written says nothing of the stage now.
  put(cluster::HeldKey("a"), ToJson(cluster::Held{"w", 8}), true);
  for (int i = 0; i < 1000 && one["epoch"] != 8; ++i) one = statuses.OfTask("shop", {})->at(0);
  EXPECT_EQ(one["stage"], "New");
}

}  // namespace
}  // namespace godwit::portal
