#include "server/task_status.h"

#include <gtest/gtest.h>

namespace godwit::server {
namespace {

TEST(TaskStatus, JsonGivesBackEveryField) {
  TaskStatus status;
  status.task = "shop";
  status.mode = "migrate";
  status.task_file = "/etc/godwit/shop.yaml";
  status.source = "mysql://godwit@10.0.0.1:3306";
  status.target = "mysql://godwit@10.0.0.2:3306";
  status.host = "db-tool";
  status.pid = 4711;
  status.state = RunState::kFailed;
  status.error = "the disk is \"full\"\n\\";
  status.phase = connector::TaskPhase::kCatchingUp;
  status.started_ms = 1;
  status.updated_ms = 2;
  status.copy = {3, 2, 10, 11, 12, 13, 7, 8, 1, 4, 6.5, 0.25, 1.5, 2.5, 3.5};
  status.changes = {1,  2,   3,   4,     5,         6, 7, 8, 12, 11, {{"shop.t", 9}},
                    10, 7.5, 8.5, 0.125, UINT64_MAX};
  status.server = {"10.0.0.1:3306", "mariadb-0-1", 3};
  status.tables = {{{"streaming", 2}, {"error", 1}}, 1, {{"shop.t", "error", "why"}}};
  status.position = "binlog.000001:4;0-1-2";
  status.log_hold = {"godwit_shop", UINT64_MAX, 5, true, false};
  status.retries = 1;
  status.drifted_rows = 2;
  status.notes = 3;
  status.last_note = "nöte";
  auto read = TaskStatusFromJson(ToJson(status));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, status);
}

TEST(TaskStatus, WhatIsNotKnownStaysSo) {
  TaskStatus status;
  auto read = TaskStatusFromJson(ToJson(status));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->copy.seconds_left, std::nullopt);
  EXPECT_EQ(read->changes.lag_seconds, std::nullopt);
  EXPECT_EQ(read->changes.bytes_behind, std::nullopt);
  EXPECT_EQ(read->log_hold, std::nullopt);
  status.log_hold = {"godwit_shop", 4, std::nullopt, false, true};
  EXPECT_EQ(TaskStatusFromJson(ToJson(status)).value(), status);
}

TEST(TaskStatus, ARecordOfAnEarlierVersionIsRead) {
  std::string json = ToJson(TaskStatus());
  const char* tables = ",\"tables\":{\"by_state\":{},\"troubled\":0,\"not_well\":[]}";
  for (const std::string later :
       {tables, ",\"server\":null", ",\"log_hold\":null", ",\"values_replaced\":0"}) {
    ASSERT_NE(json.find(later), std::string::npos) << json;
    json.erase(json.find(later), later.size());
  }
  EXPECT_EQ(TaskStatusFromJson(json).value(), TaskStatus());
}

TEST(TaskStatus, AllPhasesAndStatesComeBack) {
  for (int phase = 0; phase <= static_cast<int>(connector::TaskPhase::kFinished); ++phase) {
    for (RunState state :
         {RunState::kRunning, RunState::kDone, RunState::kStopped, RunState::kFailed}) {
      TaskStatus status;
      status.phase = static_cast<connector::TaskPhase>(phase);
      status.state = state;
      EXPECT_EQ(TaskStatusFromJson(ToJson(status)).value(), status);
    }
  }
}

TEST(TaskStatus, IsOneLineOfUtf8WhateverTheTextHolds) {
  TaskStatus status;
  status.error = "a\nb\xff";
  const std::string json = ToJson(status);
  EXPECT_EQ(json.find('\n'), std::string::npos);
  EXPECT_EQ(json.find('\xff'), std::string::npos);
}

TEST(TaskStatus, AnythingElseIsAnError) {
  for (const char* text : {"", "{", "[]", "{}", "null", R"({"phase": 1})"}) {
    EXPECT_TRUE(absl::IsDataLoss(TaskStatusFromJson(text).status())) << text;
  }
}

}  // namespace
}  // namespace godwit::server
