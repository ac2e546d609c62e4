#include "portal/subtask_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "portal/http_server.h"
#include "portal/source_json.h"
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
    std::map<model::TableName, connector::TableState> states;
    states[{"shop", "t"}].name = {"shop", "t"};
    auto progress = std::make_shared<pipeline::Progress>();
    progress->tables.Reset(states);
    standing.progress = progress;
    return std::vector{standing};
  };
  const auto relays = [] {
    return std::vector<server::RelayStanding>{{.source = "a", .state = "running"}};
  };
  auto worker =
      *HttpServer::Start({.listen = "127.0.0.1:0", .threads = 2}, [&](const HttpRequest& r) {
        return api.Handle(r, {.subtasks = subtasks, .relays = relays});
      });
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
  EXPECT_THAT(one["action"].get<std::string>(), HasSubstr("godwit task restart shop --source a"));
  Json tables = statuses.TablesOfTask("shop", "", asked)->at(0);
  EXPECT_EQ(tables["live"], true) << tables;
  EXPECT_EQ(tables["tables"][0]["name"], "shop.t");
  EXPECT_EQ(tables["tables"][0]["state"], "waiting");
  EXPECT_TRUE(absl::IsNotFound(statuses.TablesOfTask("shop", "b", asked).status()));
  EXPECT_TRUE(absl::IsNotFound(statuses.TablesOfTask("none", "", asked).status()));
  EXPECT_EQ((*statuses.RelayOfSource("a", asked))["relay"]["state"], "running");

  one = statuses.OfTask("shop", {})->at(0);  // who asks may not
  EXPECT_EQ(one["live"], false);
  EXPECT_THAT(one["live_problem"].get<std::string>(), HasSubstr("401"));
  worker->Stop();
  one = statuses.OfTask("shop", asked)->at(0);
  EXPECT_EQ(one["live"], false);
  EXPECT_NE(one["live_problem"], "");
  EXPECT_EQ(one["status"]["position"], "kept");
  tables = statuses.TablesOfTask("shop", "a", asked)->at(0);
  EXPECT_EQ(tables["live"], false);
  EXPECT_NE(tables["live_problem"], "");
  EXPECT_EQ(tables["tables"], Json::array());
  const Json relay = *statuses.RelayOfSource("a", asked);
  EXPECT_EQ(relay["relay"], nullptr);
  EXPECT_NE(relay["live_problem"], "");

  // What an earlier life has written says nothing of the stage now.
  put(cluster::HeldKey("a"), ToJson(cluster::Held{"w", 8}), true);
  for (int i = 0; i < 1000 && one["epoch"] != 8; ++i) one = statuses.OfTask("shop", {})->at(0);
  EXPECT_EQ(one["stage"], "New");
  EXPECT_NE(one["action"], "");
}

// Each that a subtask can be in when all is not as it should be says what to do, or what is waited
// for.
TEST(SubtaskStatusesTest, EachStageSaysWhatToDo) {
  store::MemoryStore store;
  const store::LeaseId lease = *store.Grant(std::chrono::hours(1));
  const auto put = [&](const std::string& key, const std::string& value) {
    ASSERT_TRUE(store.Commit({.writes = {{key, value, store::kNoLease}}}).ok()) << key;
  };
  put(cluster::WorkerKey("w"), ToJson(cluster::WorkerRecord{"http://127.0.0.1:1", "1"}));
  ASSERT_TRUE(
      store.Commit({.writes = {{cluster::AliveKey("w"), ToJson(cluster::Alive{}), lease}}}).ok());
  const auto subtask = [&](const std::string& source, std::optional<Stage> expected,
                           std::optional<Stage> stage, const cluster::Binding& binding, bool held,
                           const std::string& error = "") {
    put(cluster::SourceKey(source), ToJson(cluster::SourceRecord{"name: " + source}));
    put(cluster::TaskKey("on-" + source), ToJson(cluster::TaskRecord{"name: t", {source}}));
    put(cluster::SubtaskKey(source, "on-" + source), ToJson(cluster::SubtaskRecord{"name: t"}));
    if (expected) {
      put(cluster::SubtaskStageKey(source, "on-" + source),
          ToJson(cluster::ExpectedStage{*expected}));
    }
    put(cluster::BoundKey(source), ToJson(binding));
    if (held) put(cluster::HeldKey(source), ToJson(cluster::Held{"w", 7}));
    if (stage) {
      put(cluster::StateKey(source, "on-" + source),
          ToJson(cluster::SubtaskState{*stage, "w", 7, 5, error, ""}));
    }
  };
  const cluster::Binding bound{"w", lease, 7};
  subtask("moves", Stage::kRunning, Stage::kRunning, {"w", lease, 7, "x"}, true);
  subtask("stops", {}, Stage::kRunning, bound, true);
  subtask("stopped", {}, Stage::kStopped, bound, true);
  subtask("failed", Stage::kRunning, Stage::kPaused, bound, true, "disk full");
  subtask("paused", Stage::kPaused, Stage::kPaused, bound, true);
  subtask("pauses", Stage::kPaused, Stage::kRunning, bound, true);
  subtask("never", Stage::kPaused, {}, bound, true);
  subtask("finished", Stage::kRunning, Stage::kFinished, bound, true);
  subtask("away", Stage::kRunning, Stage::kRunning, bound, true);  // its worker does not answer

  RunningMaster master(store, "m", "http://127.0.0.1:1");
  master.Await();
  SubtaskStatuses statuses(master.control(), {});
  const std::map<std::string, std::string> expected = {{"moves", "worker x gets it"},
                                                       {"stops", "it stops"},
                                                       {"stopped", "godwit task start"},
                                                       {"failed", "paused by the error"},
                                                       {"paused", "godwit task resume"},
                                                       {"pauses", "about to pause"},
                                                       {"never", "paused before"},
                                                       {"finished", "godwit task remove"},
                                                       {"away", "whether the worker w is well"}};
  for (const auto& [source, what] : expected) {
    const Json one = statuses.OfTask("on-" + source, {})->at(0);
    EXPECT_THAT(one["action"].get<std::string>(), HasSubstr(what)) << source << one;
  }
  EXPECT_EQ(statuses.OfTask("on-stopped", {})->at(0)["stage"], "Stopped");
}

TEST(SourceActionTest, ASourceThatNobodyHasSaysWhatItWaitsFor) {
  SeenSource seen;
  seen.source.name = "a";
  seen.source.config.emplace().record = {"name: a"};
  EXPECT_THAT(ActionOn(seen), HasSubstr("free slot"));
  seen.source.binding.emplace().record = {"w", 5, 7};
  seen.worker_lives = true;
  EXPECT_THAT(ActionOn(seen), HasSubstr("its worker w is about to take it"));
  seen.worker_lives = false;
  EXPECT_THAT(ActionOn(seen), HasSubstr("its lease has ended"));
  seen.source.held.emplace().record = {"w", 7};
  EXPECT_EQ(ActionOn(seen), "");
  seen.source.binding->record.next = "x";
  EXPECT_THAT(ActionOn(seen), HasSubstr("the worker x gets it then"));
}

}  // namespace
}  // namespace godwit::portal
