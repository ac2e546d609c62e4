#include "cli/cluster/cluster_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/cluster/table_state_text.h"
#include "cli/dmctl_words.h"
#include "cli/text/table_text.h"
#include "server/task_status.h"

namespace godwit::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Json Status(connector::TaskPhase phase) {
  server::TaskStatus status;
  status.task = "shop";
  status.phase = phase;
  status.copy.tables = 6;
  status.copy.tables_done = 1;
  status.copy.fraction = 0.2;
  status.changes.lag_seconds = 1.5;
  status.changes.transactions_per_second = 7;
  return Json::parse(server::ToJson(status));
}

Json Subtask(const char* source, const char* stage, const char* expected) {
  return {{"task", "shop"},      {"source", source}, {"expected_stage", expected},
          {"stage", stage},      {"worker", "w1"},   {"epoch", 17},
          {"since_ms", nullptr}, {"live", true},     {"live_problem", ""},
          {"error", ""},         {"action", ""},     {"status", nullptr}};
}

TEST(TableText, ColumnsStandBelowEachOtherAndLinesHaveNoEnd) {
  EXPECT_THAT(TableLines({{"A", "LONG", "C"}, {"wide", "", "x"}, {"b", "c", ""}}),
              ElementsAre("A     LONG  C", "wide  -     x", "b     c     -"));
}

TEST(ClusterText, ASubtaskIsALineAndWhatToDoStandsBelow) {
  Json copying = Subtask("a", "Running", "Running");
  copying["status"] = Status(connector::TaskPhase::kCopying);
  Json failed = Subtask("bb", "Paused", "Running");
  failed["status"] = Status(connector::TaskPhase::kStreaming);
  failed["error"] = "the disk is full";
  failed["action"] = "make room, then `godwit task resume shop`";
  failed["live_problem"] = "w1 does not answer";
  const Json status = {{"name", "shop"}, {"subtasks", {copying, failed}}};
  const std::vector<std::string> expected = {
      "TASK  SOURCE  STAGE                   WORKER  PHASE      LAG    PROGRESS",
      "shop  a       Running                 w1      copying    1.5 s  20 %, 1 of 6 tables, 0 "
      "rows, "
      "0 B",
      "shop  bb      Paused (to be Running)  w1      streaming  1.5 s  7 transactions/s, 0 row "
      "changes/s",
      "shop on bb: error: the disk is full",
      "shop on bb: as last seen: w1 does not answer",
      "shop on bb: what to do: make room, then `godwit task resume shop`"};
  EXPECT_EQ(TaskStatusLines(status), expected);
  EXPECT_EQ(TaskStatusLines({{"tasks", {status}}}), expected);
  EXPECT_THAT(TaskStatusLines({{"tasks", Json::array()}}),
              ElementsAre("there are no tasks; `godwit task add FILE` adds one"));
}

TEST(ClusterText, AStatusCountsItsTablesAndNamesThoseThatAreNotWell) {
  server::TaskStatus status;
  status.tables = {{{"streaming", 1200}, {"error", 1}}, 3, {{"shop.t", "error", "no room"}}};
  Json subtask = Subtask("a", "Paused", "Running");
  subtask["status"] = Json::parse(server::ToJson(status));
  const std::vector<std::string> lines =
      TaskStatusLines({{"name", "shop"}, {"subtasks", {subtask}}});
  ASSERT_EQ(lines.size(), 5);
  EXPECT_EQ(lines[2], "shop on a: tables: 1,200 streaming, 1 error");
  EXPECT_EQ(lines[3], "shop on a: table shop.t (error): no room");
  EXPECT_THAT(lines[4], HasSubstr("2 more tables are not well"));
}

TEST(ClusterText, TablesAreALineEach) {
  const Json one = {{"name", "shop.a"},      {"state", "copying"}, {"problem", ""},
                    {"ranges", 8},           {"ranges_done", 3},   {"rows", 1000},
                    {"rows_estimate", 5000}, {"bytes", 2048},      {"changes", 0}};
  Json two = one;
  two.update({{"name", "shop.b"}, {"state", "error"}, {"problem", "no room"}});
  const Json known = {
      {"source", "db"}, {"live", true}, {"live_problem", ""}, {"tables", {one, two}}};
  const Json away = {{"source", "far"},
                     {"live", false},
                     {"live_problem", "no worker runs it now"},
                     {"tables", Json::array()}};
  EXPECT_THAT(
      TableStateLines({{"name", "shop"}, {"subtasks", {known, away}}}),
      ElementsAre("SOURCE  TABLE   STATE                  ROWS COPIED           SIZE     CHANGES",
                  "db      shop.a  copying 3 of 8 ranges  1,000 of about 5,000  2.0 KiB  0",
                  "db      shop.b  error                  1,000                 2.0 KiB  0",
                  "db: table shop.b: no room",
                  "far: nothing is known of its tables, as only its worker knows, and: no "
                  "worker runs it now"));
  EXPECT_THAT(TableStateLines({{"name", "shop"}, {"subtasks", Json::array()}}),
              ElementsAre("there are no such tables"));
}

TEST(ClusterText, ARelaySaysHowItStands) {
  Json answer = {{"source", "a"},
                 {"expected_stage", "Running"},
                 {"worker", "w1"},
                 {"live", true},
                 {"live_problem", ""},
                 {"relay",
                  {{"state", "retrying"},
                   {"problem", "the disk is full"},
                   {"folder", "/r/a"},
                   {"files", 2},
                   {"bytes", 2048},
                   {"oldest", "bin.1"},
                   {"newest", "bin.2:7"},
                   {"source_newest", "bin.2:9"},
                   {"bytes_behind", 2},
                   {"readers", {"x", "y"}}}}};
  EXPECT_THAT(RelayLines(answer),
              ElementsAre("SOURCE  TO BE    STATE     WORKER  FILES  SIZE     BEHIND  READERS",
                          "a       Running  retrying  w1      2      2.0 KiB  2 B     x, y",
                          "a: problem: the disk is full", "a: folder: /r/a",
                          "a: oldest file: bin.1", "a: newest position: bin.2:7",
                          "a: the source's newest, when last told: bin.2:9"));
  answer["relay"] = nullptr;
  answer["live_problem"] = "no worker runs it now";
  EXPECT_THAT(RelayLines(answer), testing::Contains("a: not known: no worker runs it now"));
}

TEST(ClusterText, ASourceThatWaitsSaysWhatFor) {
  const Json waiting = {{"name", "a"},
                        {"enabled", true},
                        {"state", "waiting"},
                        {"worker", nullptr},
                        {"next_worker", nullptr},
                        {"epoch", 0},
                        {"url", "mysql://u@h"},
                        {"relay", "Running"},
                        {"tasks", {"shop", "x"}},
                        {"subtasks", Json::array()},
                        {"problem", ""},
                        {"action", "start another worker"}};
  EXPECT_THAT(SourceStatusLines(waiting),
              ElementsAre("SOURCE  STATE    WORKER  RELAY    URL          TASKS",
                          "a       waiting  -       Running  mysql://u@h  shop, x",
                          "a: what to do: start another worker"));
  Json moving = waiting;
  moving["worker"] = "w1";
  moving["next_worker"] = "w2";
  EXPECT_THAT(SourceLines({{"sources", {moving}}})[1], HasSubstr("w1 -> w2"));
}

TEST(ClusterText, StagesThatAreEqualAreSaidOnce) {
  const Json tasks = {
      {"tasks",
       {{{"name", "one"}, {"sources", {"a", "b"}}, {"stages", {{"a", "Paused"}, {"b", "Paused"}}}},
        {{"name", "two"},
         {"sources", {"a", "b"}},
         {"stages", {{"a", "Running"}, {"b", "Stopped"}}}}}}};
  EXPECT_THAT(TaskLines(tasks),
              ElementsAre("TASK  TO BE                 SOURCES", "one   Paused                a, b",
                          "two   a Running, b Stopped  a, b"));
}

TEST(ClusterText, MembersAreMastersAndWorkers) {
  const Json members = {
      {"masters",
       {{{"name", "m1"}, {"address", "http://h:1"}, {"version", "0.1.0"}, {"leads", true}},
        {{"name", "m2"}, {"address", "http://h:3"}, {"version", "0.1.0"}, {"leads", false}}}},
      {"workers",
       {{{"name", "w1"},
         {"address", "http://h:2"},
         {"version", "0.1.0"},
         {"slots", 2},
         {"state", "free"},
         {"sources", {"a"}},
         {"coming", {"b"}}}}}};
  EXPECT_THAT(MemberLines(members),
              ElementsAre("MEMBER  KIND    STATE    ADDRESS     VERSION  SLOTS  SOURCES",
                          "m1      master  leads    http://h:1  0.1.0    -      -",
                          "m2      master  follows  http://h:3  0.1.0    -      -",
                          "w1      worker  free     http://h:2  0.1.0    2      a, b (coming)"));
}

TEST(ClusterText, ADdlThatWaitsSaysHowItIsDecided) {
  const Json errors = {{"subtasks",
                        {{{"source", "a"},
                          {"stage", "Paused"},
                          {"error", "a DDL waits"},
                          {"action", ""},
                          {"problem", ""},
                          {"ddl",
                           {{"task", "shop"},
                            {"waiting",
                             {{"statement", "DROP TABLE t"},
                              {"position", "17"},
                              {"why", "a rule"},
                              {"decision", ""}}},
                            {"not_executed", Json::array()}}}}}}};
  EXPECT_THAT(DdlErrorLines("shop", errors),
              ElementsAre("shop on a: error: a DDL waits", "a: waiting at 17",
                          "a:   statement: DROP TABLE t", "a:   why: a rule",
                          "a:   decide: `godwit ddl retry shop --source a`, `skip` or `replace "
                          "--sql '...'`"));
}

TEST(ClusterText, AnAnswerOfAnotherVersionIsReadAsFarAsItGoes) {
  for (const Json& strange : {Json(), Json::object(), Json::parse(R"({"tasks": 1})"),
                              Json::parse(R"({"subtasks": [1, {"status": {}}]})")}) {
    SourceStatusLines(strange);
    TaskStatusLines(strange);
    TaskLines(strange);
    MemberLines(strange);
    CheckedLines(strange);
    PlannedLines(strange);
    RemovedLines(strange);
    DdlErrorLines("shop", strange);
  }
}

using Words = std::vector<std::string>;

TEST(DmctlWords, ItsCommandsAreOurs) {
  EXPECT_EQ(InOurWords({"query-status", "shop"}), (Words{"task", "status", "shop"}));
  EXPECT_EQ(InOurWords({"operate-source", "create", "a.yaml"}), (Words{"source", "add", "a.yaml"}));
  EXPECT_EQ(InOurWords({"operate-source", "fly"}), (Words{"operate-source", "fly"}));
  EXPECT_EQ(InOurWords({"start-task", "./shop.yaml"}), (Words{"task", "add", "./shop.yaml"}));
  EXPECT_EQ(InOurWords({"start-task", "shop"}), (Words{"task", "start", "shop"}));
  EXPECT_EQ(InOurWords({"transfer-source", "a", "w2"}),
            (Words{"source", "transfer", "a", "--to", "w2"}));
  EXPECT_EQ(InOurWords({"offline-member", "--worker", "--name", "w1"}),
            (Words{"member", "remove", "w1"}));
  EXPECT_EQ(InOurWords({"pause-relay", "-s", "a"}), (Words{"relay", "pause", "a"}));
  EXPECT_EQ(InOurWords({"task", "query-status"}), (Words{"task", "query-status"}));
  EXPECT_EQ(InOurWords({}), Words{});
}

}  // namespace
}  // namespace godwit::cli
