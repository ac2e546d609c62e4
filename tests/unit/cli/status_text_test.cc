#include "cli/text/status_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::cli {
namespace {

using connector::TaskPhase;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

server::TaskStatus Copying() {
  server::TaskStatus status;
  status.task = "shop";
  status.phase = TaskPhase::kCopying;
  status.started_ms = 1'000'000;
  status.updated_ms = 1'012'000;
  status.copy.tables = 9;
  status.copy.tables_done = 3;
  status.copy.rows = 123'456;
  status.copy.rows_estimate = 400'000;
  status.copy.bytes = 47'841'280;
  status.copy.fraction = 0.5;
  status.copy.bytes_per_second = 12.3 * 1024 * 1024;
  status.copy.seconds_left = 80;
  return status;
}

server::TaskStatus Streaming() {
  server::TaskStatus status = Copying();
  status.phase = TaskPhase::kStreaming;
  status.position = "binlog.000003:1234";
  status.changes.transactions = 12'345;
  status.changes.row_changes = 54'321;
  status.changes.transactions_per_second = 1234.9;
  status.changes.row_changes_per_second = 4321;
  status.changes.lag_seconds = 0.21;
  status.changes.bytes_behind = 12 * 1024;
  return status;
}

TEST(StatusText, ACopyShowsHowFarItIs) {
  EXPECT_THAT(
      LiveLines(Copying()),
      ElementsAre("shop  copying  00:12",
                  "  [###############---------------]  50 %   about 1 min 20 s left",
                  "  3 of 9 tables   123,456 of about 400,000 rows   45.6 MiB   12.3 MiB/s"));
  EXPECT_EQ(
      PlainLine(Copying()),
      "shop copying: 50 %, 3 of 9 tables, 123,456 of about 400,000 rows, 45.6 MiB, 12.3 MiB/s, "
      "about 1 min 20 s left");
}

TEST(StatusText, AnEstimateThatFellShortIsNotShown) {
  server::TaskStatus status = Copying();
  status.copy.rows = 400'001;
  status.copy.fraction = 0.99;
  status.copy.seconds_left.reset();
  EXPECT_THAT(PlainLine(status),
              AllOf(HasSubstr("400,001 rows"), Not(HasSubstr("about")), HasSubstr("finishing")));
}

TEST(StatusText, AStreamShowsItsLagAndPosition) {
  EXPECT_THAT(
      LiveLines(Streaming()),
      ElementsAre("shop  streaming  00:12",
                  "  lag 0.2 s   12.0 KiB behind   1,234 transactions/s   4,321 row changes/s",
                  "  12,345 transactions   54,321 row changes", "  at binlog.000003:1234"));
  EXPECT_EQ(
      PlainLine(Streaming()),
      "shop streaming: lag 0.2 s, 12.0 KiB behind, 1,234 transactions/s, 4,321 row changes/s, "
      "at binlog.000003:1234");
}

TEST(StatusText, WhatIsNotKnownIsLeftOut) {
  server::TaskStatus status = Streaming();
  status.changes.lag_seconds.reset();
  status.changes.bytes_behind.reset();
  EXPECT_THAT(PlainLine(status), AllOf(Not(HasSubstr("lag")), Not(HasSubstr("behind"))));
  status.phase = TaskPhase::kPreparing;
  EXPECT_EQ(PlainLine(status), "shop preparing");
}

TEST(StatusText, WhatTheSourceKeepsIsShown) {
  server::TaskStatus status = Copying();
  status.log_hold = {"godwit_shop", 1288490189, 800ull << 20, true, false};
  EXPECT_THAT(LiveLines(status).back(),
              "  source keeps 1.2 GiB of its log for this task (replication slot godwit_shop), and "
              "gives up in 800.0 MiB");
  EXPECT_THAT(PlainLine(status), testing::EndsWith(", source keeps 1.2 GiB of its log"));
  EXPECT_EQ(LogHoldText({"s", 1 << 20, std::nullopt, false, false}),
            "source keeps 1.0 MiB of its log for this task (replication slot s); nothing reads it "
            "now");
  EXPECT_THAT(LogHoldText({"s", 0, std::nullopt, false, true}),
              AllOf(HasSubstr("given up"), HasSubstr("slot s"), HasSubstr("--restart"),
                    Not(HasSubstr("keeps"))));
}

TEST(StatusText, TroublesAreCounted) {
  server::TaskStatus status = Streaming();
  status.retries = 2;
  status.drifted_rows = 1000;
  EXPECT_THAT(LiveLines(status).back(), HasSubstr("2 retries   1,000 drifted rows"));
  EXPECT_THAT(SummaryLines(status).back(), HasSubstr("2 retries, 1,000 drifted rows"));
}

TEST(StatusText, TheSummarySaysWhatThisRunDid) {
  server::TaskStatus status = Streaming();
  status.state = server::RunState::kDone;
  status.copy.tables_done = 9;
  status.copy.rows_of_run = 100'000;
  status.copy.bytes_of_run = 20 * 1024 * 1024;
  status.copy.seconds = 10;
  EXPECT_THAT(SummaryLines(status),
              ElementsAre("shop: caught up, after 12 s",
                          "  copied    100,000 rows, 20.0 MiB in 10 s (2.0 MiB/s), 9 of 9 tables",
                          "  applied   12,345 transactions, 54,321 row changes",
                          "  position  binlog.000003:1234, lag 0.2 s", "  incidents none"));
  status.copy.rows_of_run = 0;
  status.state = server::RunState::kStopped;
  EXPECT_THAT(SummaryLines(status)[0], HasSubstr("stopped, with everything saved"));
  EXPECT_THAT(SummaryLines(status)[1], Not(HasSubstr("copied")));
}

}  // namespace
}  // namespace godwit::cli
