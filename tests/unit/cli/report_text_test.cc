#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/text/check_text.h"
#include "cli/text/comparison_text.h"
#include "cli/text/standing_text.h"
#include "server/report_json.h"

namespace godwit::cli {
namespace {

using connector::CheckResult;
using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using verify::TableResult;

const connector::CheckReport kReport = {
    {"source: binlog_format", CheckResult::kFail, "STATEMENT", "SET GLOBAL binlog_format = ROW"},
    {"target: local_infile", CheckResult::kWarn, "OFF", "SET GLOBAL local_infile = ON"},
    {"source: connection", CheckResult::kPass, "MariaDB 10.11.6", ""}};

TEST(CheckText, AnItemIsOneLineWithItsRemedy) {
  const Json report = server::CheckJson(kReport);
  EXPECT_EQ(CheckLine(report["items"][0]),
            "fail  source: binlog_format: STATEMENT; SET GLOBAL binlog_format = ROW");
  EXPECT_EQ(CheckLine(report["items"][2]), "pass  source: connection: MariaDB 10.11.6");
  EXPECT_EQ(CheckTotals(report), "1 passed, 1 warning, 1 failed");
}

TEST(CheckText, JsonHoldsEveryItem) {
  const Json all = server::CheckJson(kReport);
  EXPECT_EQ(all["failed"], 1);
  ASSERT_EQ(all["items"].size(), 3u);
  EXPECT_EQ(all["items"][0]["result"], "fail");
  EXPECT_EQ(all["items"][0]["remedy"], "SET GLOBAL binlog_format = ROW");
}

verify::VerifyReport Comparison() {
  verify::VerifyReport report;
  verify::TableReport& equal = report.tables.emplace_back();
  equal.name = {"shop", "country"};
  equal.equal = 1234;
  verify::TableReport& other = report.tables.emplace_back();
  other.name = {"shop", "orders"};
  other.result = TableResult::kDifferent;
  other.equal = 10;
  other.missing = 2;
  other.different = 1;
  other.samples = {{verify::Difference::kMissing, "id=17", {}},
                   {verify::Difference::kDifferent, "id=18", {"note", "paid"}}};
  verify::TableReport& gone = report.tables.emplace_back();
  gone.name = {"shop", "visit"};
  gone.result = TableResult::kNotComparable;
  gone.problem = "the columns differ";
  return report;
}

TEST(ComparisonText, TablesAndSamplesAreLines) {
  EXPECT_THAT(
      ComparisonLines(Comparison()),
      ElementsAre("equal          shop.country: 1,234 rows equal",
                  "different      shop.orders: 10 rows equal, 2 missing on the target, 1 different",
                  "  missing    id=17", "  different  id=18 (in note, paid)",
                  "not comparable shop.visit: the columns differ",
                  "NOT EQUAL: 1 of 3 tables, 1,247 rows compared"));
}

TEST(ComparisonText, JsonSaysWhetherAllIsEqual) {
  const json found = json::parse(ComparisonJson("shop", Comparison()));
  EXPECT_EQ(found["equal"], false);
  EXPECT_EQ(found["tables"][1]["missing"], 2);
  EXPECT_EQ(found["tables"][1]["samples"][1]["columns"], json({"note", "paid"}));
  verify::VerifyReport all_well = Comparison();
  all_well.tables.resize(1);
  EXPECT_EQ(json::parse(ComparisonJson("shop", all_well))["equal"], true);
  EXPECT_THAT(ComparisonLines(all_well).back(), testing::StartsWith("equal:"));
}

server::Standing Streaming() {
  server::Standing standing;
  standing.running_pid = 42;
  standing.bytes_behind = 2048;
  server::TargetStanding& target = standing.target.emplace();
  target.phase = connector::TaskPhase::kStreaming;
  target.tables = {{"streaming", 8}, {"dropped", 1}};
  target.applied = "binlog.000001:77";
  target.applied_commit_us = 1'700'000'000'000'000;
  server::TaskStatus& run = standing.last_run.emplace();
  run.pid = 42;
  run.phase = connector::TaskPhase::kStreaming;
  run.started_ms = 1'700'000'000'000;
  run.changes.transactions = 5;
  return standing;
}

TEST(StandingText, ARunningTask) {
  const auto lines = StandingLines("shop", Streaming(), 1'700'000'060'000);
  EXPECT_THAT(lines, AllOf(Contains("state      running, process 42, for 1 min 00 s"),
                           Contains("phase      streaming"),
                           Contains("tables     9: 1 dropped, 8 streaming"),
                           Contains("applied    binlog.000001:77, committed on the source at "
                                    "2023-11-14T22:13:20Z"),
                           Contains("behind     2.0 KiB of the source's log")));
}

TEST(StandingText, ATaskThatEnded) {
  server::Standing standing = Streaming();
  standing.running_pid.reset();
  standing.last_run->state = server::RunState::kFailed;
  standing.last_run->error = "the log was purged";
  EXPECT_THAT(StandingLines("shop", standing, 0),
              AllOf(Contains(HasSubstr("not running; failed at")),
                    Contains(HasSubstr("the log was purged"))));
  // Killed: the record still says running.
  standing.last_run->state = server::RunState::kRunning;
  EXPECT_THAT(StandingLines("shop", standing, 0), Contains(HasSubstr("ended without a word")));
}

TEST(StandingText, ATaskThatHasNeverRun) {
  const auto lines = StandingLines("shop", {}, 0);
  EXPECT_THAT(lines, AllOf(Contains("state      never run"), Contains(HasSubstr("not begun"))));
  const json standing = json::parse(StandingJson("shop", {}));
  EXPECT_EQ(standing["running"], false);
  EXPECT_EQ(standing["phase"], nullptr);
}

TEST(StandingText, WhatCannotBeAskedIsSaid) {
  server::Standing standing = Streaming();
  standing.target.reset();
  standing.target_problem = "target: nobody answers";
  EXPECT_THAT(
      StandingLines("shop", standing, 0),
      AllOf(Contains("unknown    target: nobody answers"), Not(Contains(HasSubstr("not begun")))));
  EXPECT_EQ(json::parse(StandingJson("shop", standing))["problems"],
            json({"target: nobody answers"}));
}

TEST(StandingText, WhatTheSourceKeeps) {
  server::Standing standing = Streaming();
  EXPECT_THAT(StandingLines("shop", standing, 0), Not(Contains(testing::StartsWith("log "))));
  EXPECT_EQ(json::parse(StandingJson("shop", standing))["log_hold"], nullptr);
  standing.log_hold = {"godwit_shop", 3 << 20, 1 << 20, true, false};
  EXPECT_THAT(StandingLines("shop", standing, 0),
              Contains("log        source keeps 3.0 MiB of its log for this task (replication slot "
                       "godwit_shop), and gives up in 1.0 MiB"));
  EXPECT_EQ(json::parse(StandingJson("shop", standing))["log_hold"],
            (json{{"name", "godwit_shop"},
                  {"retained_bytes", 3 << 20},
                  {"bytes_left", 1 << 20},
                  {"in_use", true},
                  {"lost", false}}));
}

TEST(StandingText, JsonHasTheRunAndThePosition) {
  const json standing = json::parse(StandingJson("shop", Streaming()));
  EXPECT_EQ(standing["running"], true);
  EXPECT_EQ(standing["phase"], "streaming");
  EXPECT_EQ(standing["position"]["applied"], "binlog.000001:77");
  EXPECT_EQ(standing["bytes_behind"], 2048);
  EXPECT_EQ(standing["run"]["changes"]["transactions"], 5);
}

}  // namespace
}  // namespace godwit::cli
