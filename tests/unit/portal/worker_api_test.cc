#include "portal/worker_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "portal/api.h"
#include "portal/master_metrics.h"
#include "portal/worker_metrics.h"
#include "running_master.h"

namespace godwit::portal {
namespace {

using testing::HasSubstr;

std::vector<server::Subtask::Standing> TwoSubtasks() {
  server::Subtask::Standing runs{.source = "a", .task = "shop \"1\"", .epoch = 7};
  runs.status.emplace();
  runs.status->phase = connector::TaskPhase::kStreaming;
  runs.status->copy.rows_of_run = 12;
  runs.status->changes.lag_seconds = 0.5;
  runs.status->changes.bytes_behind = 99;
  return {runs, {.source = "b", .task = "shop", .stage = cluster::Stage::kPaused, .error = "no"}};
}

std::shared_ptr<pipeline::Progress> SomeProgress() {
  std::map<model::TableName, connector::TableState> states;
  for (const char* name : {"big", "small"}) {
    connector::TableState& state = states[{"shop", name}];
    state.name = {"shop", name};
    state.stage = connector::TableStage::kStreaming;
  }
  auto progress = std::make_shared<pipeline::Progress>();
  progress->tables.Reset(states);
  progress->tables.Copied({"shop", "big"}, 12, 340, true);
  progress->tables.Failed({"shop", "small"}, "no room");
  progress->EnterPhase(connector::TaskPhase::kStreaming);
  progress->apply_latency.Add(std::chrono::milliseconds(7));
  progress->change_queue_bytes = 55;
  progress->applied_commit_us = 2'000'000;
  return progress;
}

WorkerApi::Sight Sight() {
  server::RelayStanding relay{.source = "a", .state = "retrying", .problem = "the disk is full"};
  relay.status.files = 3;
  relay.status.bytes_behind = 17;
  relay.status.readers = {"shop"};
  return {.subtasks =
              [] {
                auto subtasks = TwoSubtasks();
                subtasks[0].progress = SomeProgress();
                subtasks[0].status->tables = server::CountTables(*subtasks[0].progress);
                return subtasks;
              },
          .relays =
              [=] {
                return std::vector{relay, {.source = "b", .state = "off"}};
              }};
}

std::string Metrics() { return WorkerMetrics(Sight().subtasks(), Sight().relays()); }

TEST(WorkerApiTest, TellsWhatItRunsToWhoMayRead) {
  const WorkerApi api([](const std::string& authorization) -> base::StatusOr<Caller> {
    if (authorization == "Bearer t") return Caller{"m", Role::kRead};
    return base::MakeStatus(base::StatusCode::kUnauthenticated, "no token");
  });
  const WorkerApi::Sight sight = Sight();
  HttpRequest request{.method = "GET", .path = "/api/v1/worker/subtasks"};
  EXPECT_EQ(api.Handle(request, sight).status, 401);
  request.headers["authorization"] = "Bearer t";
  const Json answer = Json::parse(api.Handle(request, sight).body);
  ASSERT_EQ(answer["subtasks"].size(), 2);
  EXPECT_EQ(answer["subtasks"][0]["status"]["phase"], "streaming");
  EXPECT_EQ(answer["subtasks"][1]["status"], nullptr);
  EXPECT_EQ(answer["subtasks"][1]["error"], "no");
  request.path = "/api/v1/sources";
  EXPECT_EQ(api.Handle(request, sight).status, 404);
  EXPECT_EQ(api.Handle({.method = "GET", .path = "/healthz"}, sight).status, 200);
}

TEST(WorkerApiTest, TellsHowTablesAndRelaysStand) {
  const WorkerApi api({});
  HttpRequest request{.method = "GET", .path = "/api/v1/worker/tables"};
  request.query = {{"source", "a"}, {"task", "shop \"1\""}, {"state", "error"}};
  const Json tables = Json::parse(api.Handle(request, Sight()).body);
  ASSERT_EQ(tables["tables"].size(), 1) << tables;
  EXPECT_EQ(tables["tables"][0]["name"], "shop.small");
  EXPECT_EQ(tables["tables"][0]["problem"], "no room");
  request.query["state"] = "none";
  EXPECT_EQ(api.Handle(request, Sight()).status, 400);
  request.query = {{"source", "b"}, {"task", "shop"}};
  EXPECT_EQ(api.Handle(request, Sight()).status, 503);  // has not begun
  request.query["task"] = "other";
  EXPECT_EQ(api.Handle(request, Sight()).status, 404);

  const Json relays =
      Json::parse(api.Handle({.method = "GET", .path = "/api/v1/worker/relays"}, Sight()).body);
  ASSERT_EQ(relays["relays"].size(), 2);
  EXPECT_EQ(relays["relays"][0]["state"], "retrying");
  EXPECT_EQ(relays["relays"][0]["bytes_behind"], 17);
  EXPECT_EQ(relays["relays"][0]["readers"], Json::array({"shop"}));
  EXPECT_EQ(relays["relays"][1]["bytes_behind"], nullptr);
}

TEST(WorkerMetricsTest, HasASampleForEachThatRuns) {
  const std::string page = Metrics();
  const std::string labels = "{task=\"shop \\\"1\\\"\",source=\"a\"";
  EXPECT_THAT(page, HasSubstr("\ngodwit_copied_rows_total" + labels + "} 12\n"));
  EXPECT_THAT(page, HasSubstr("\ngodwit_lag_seconds" + labels + "} 0.5\n"));
  EXPECT_THAT(page, HasSubstr("\ngodwit_subtask_phase" + labels + ",phase=\"streaming\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("godwit_subtask_has_error{task=\"shop\",source=\"b\"} 1\n"));
}

TEST(WorkerMetricsTest, TellsOfTablesQueuesLatencyPositionAndRelays) {
  const std::string page = Metrics();
  const std::string labels = "{task=\"shop \\\"1\\\"\",source=\"a\"";
  for (const std::string& sample :
       {"godwit_table_rows_total" + labels + ",table=\"shop.big\",phase=\"copying\"} 12",
        "godwit_table_bytes_total" + labels + ",table=\"shop.big\",phase=\"copying\"} 340",
        "godwit_table_rows_total" + labels + ",table=\"\",phase=\"streaming\"} 0",
        "godwit_queue_bytes" + labels + ",queue=\"changes\"} 55",
        "godwit_apply_latency_seconds_bucket" + labels + ",le=\"0.005\"} 0",
        "godwit_apply_latency_seconds_bucket" + labels + ",le=\"0.01\"} 1",
        "godwit_apply_latency_seconds_bucket" + labels + ",le=\"+Inf\"} 1",
        "godwit_apply_latency_seconds_count" + labels + "} 1",
        "godwit_apply_latency_seconds_sum" + labels + "} 0.007",
        "godwit_position_timestamp_seconds" + labels + "} 2",
        "godwit_tables" + labels + ",state=\"error\"} 1", "godwit_tables_not_well" + labels + "} 1",
        std::string("godwit_relay_running{source=\"a\"} 0"),
        std::string("godwit_relay_behind_bytes{source=\"a\"} 17")}) {
    EXPECT_THAT(page, HasSubstr("\n" + sample + "\n"));
  }
  EXPECT_THAT(page, testing::Not(HasSubstr("{source=\"b\"}")));
}

// All that masters and workers serve, by name.
std::set<std::string> Served() {
  store::MemoryStore store;
  MeasuredStore measured(store);
  MasterMetrics metrics(measured);
  RunningMaster master(measured, "m1", "http://127.0.0.1:1");
  master.Await();
  const std::string there = metrics.Page(master.control()) + Metrics();
  std::set<std::string> names;
  const std::regex family("# TYPE (\\w+) ");
  for (std::sregex_iterator it(there.begin(), there.end(), family), end; it != end; ++it)
    names.insert((*it)[1]);
  return names;
}

// Without what a histogram's samples have at the end of their names.
std::set<std::string> NamedIn(const char* path) {
  std::ifstream file(GODWIT_UNIT_TESTS + std::string("/../../") + path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::set<std::string> names;
  const std::regex metric("godwit_\\w+");
  for (std::sregex_iterator it(text.begin(), text.end(), metric), end; it != end; ++it)
    names.insert(std::regex_replace(it->str(), std::regex("_(bucket|count|sum)$"), ""));
  return names;
}

TEST(DashboardTest, EachMetricThatItShowsIsThere) {
  const std::set<std::string> shown = NamedIn("deploy/grafana/godwit.json"), served = Served();
  EXPECT_GT(shown.size(), 15);
  for (const std::string& name : shown) EXPECT_TRUE(served.contains(name)) << name;
}

TEST(MetricsPageTest, TellsOfEachMetricThatIsServedAndOfNoOther) {
  EXPECT_EQ(NamedIn("docs/portal.md"), Served());
}

}  // namespace
}  // namespace godwit::portal
