#include "portal/worker_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>

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

TEST(WorkerApiTest, TellsWhatItRunsToWhoMayRead) {
  const WorkerApi api([](const std::string& authorization) -> base::StatusOr<Caller> {
    if (authorization == "Bearer t") return Caller{"m", Role::kRead};
    return base::MakeStatus(base::StatusCode::kUnauthenticated, "no token");
  });
  HttpRequest request{.method = "GET", .path = "/api/v1/worker/subtasks"};
  EXPECT_EQ(api.Handle(request, TwoSubtasks).status, 401);
  request.headers["authorization"] = "Bearer t";
  const Json answer = Json::parse(api.Handle(request, TwoSubtasks).body);
  ASSERT_EQ(answer["subtasks"].size(), 2);
  EXPECT_EQ(answer["subtasks"][0]["status"]["phase"], "streaming");
  EXPECT_EQ(answer["subtasks"][1]["status"], nullptr);
  EXPECT_EQ(answer["subtasks"][1]["error"], "no");
  request.path = "/api/v1/sources";
  EXPECT_EQ(api.Handle(request, TwoSubtasks).status, 404);
  EXPECT_EQ(api.Handle({.method = "GET", .path = "/healthz"}, TwoSubtasks).status, 200);
}

TEST(WorkerMetricsTest, HasASampleForEachThatRuns) {
  const std::string page = WorkerMetrics(TwoSubtasks());
  const std::string labels = "{task=\"shop \\\"1\\\"\",source=\"a\"";
  EXPECT_THAT(page, HasSubstr("\ngodwit_copied_rows_total" + labels + "} 12\n"));
  EXPECT_THAT(page, HasSubstr("\ngodwit_lag_seconds" + labels + "} 0.5\n"));
  EXPECT_THAT(page, HasSubstr("\ngodwit_subtask_phase" + labels + ",phase=\"streaming\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("godwit_subtask_has_error{task=\"shop\",source=\"b\"} 1\n"));
}

TEST(DashboardTest, EachMetricThatItShowsIsThere) {
  store::MemoryStore store;
  MeasuredStore measured(store);
  MasterMetrics metrics(measured);
  RunningMaster master(measured, "m1", "http://127.0.0.1:1");
  master.Await();
  const std::string there = metrics.Page(master.control()) + WorkerMetrics(TwoSubtasks());
  std::ifstream file(GODWIT_UNIT_TESTS "/../../deploy/grafana/godwit.json");
  const std::string dashboard{std::istreambuf_iterator<char>(file), {}};
  const std::regex metric("godwit_\\w+");
  int found = 0;
  for (std::sregex_iterator it(dashboard.begin(), dashboard.end(), metric), end; it != end; ++it) {
    EXPECT_THAT(there, HasSubstr("# TYPE " + it->str() + " ")) << it->str();
    ++found;
  }
  EXPECT_GT(found, 15);
}

}  // namespace
}  // namespace godwit::portal
