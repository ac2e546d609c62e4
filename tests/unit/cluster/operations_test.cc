#include "cluster/operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "small_cluster.h"

namespace godwit::cluster {
namespace {

using testing::HasSubstr;

std::string Why(const Wanted& wanted) { return std::string(wanted.status().message()); }

std::optional<Stage> ExpectedOf(const SmallCluster& c, const std::string& source,
                                const std::string& task) {
  const auto& subtasks = c.view.FindSource(source)->subtasks;
  const auto subtask = subtasks.find(task);
  if (subtask == subtasks.end() || !subtask->second.stage) return std::nullopt;
  return subtask->second.stage->record.stage;
}

TEST(Operations, LeadThroughTheLifeOfASourceAndATask) {
  SmallCluster c;
  const auto do_ok = [&](const Wanted& wanted) {
    const base::Status status = c.Do(wanted);
    EXPECT_TRUE(status.ok()) << status;
  };
  c.Register("w1");
  EXPECT_EQ(c.view.free_workers().size(), 1);

  // A source, its binding and its relay's stage in one transaction.
  const store::Revision before = c.view.revision();
  do_ok(AddSource(c.view, c.leadership, "a", "url: x"));
  EXPECT_EQ(c.view.revision(), before + 1);
  EXPECT_EQ(c.WorkerOf("a"), "w1");
  EXPECT_EQ(c.view.FindSource("a")->relay->record.stage, Stage::kRunning);
  do_ok(AddSource(c.view, c.leadership, "b", "url: y"));

  do_ok(AddTask(c.view, c.leadership, "t", {"mode: migrate", {{"a", "1"}, {"b", "2"}}}));
  EXPECT_EQ(ExpectedOf(c, "a", "t"), Stage::kRunning);
  do_ok(ChangeTask(c.view, c.leadership, "t", TaskRequest::kPause, {"a"}));
  EXPECT_EQ(ExpectedOf(c, "a", "t"), Stage::kPaused);
  EXPECT_EQ(ExpectedOf(c, "b", "t"), Stage::kRunning);
  do_ok(ChangeTask(c.view, c.leadership, "t", TaskRequest::kPause));
  EXPECT_EQ(ExpectedOf(c, "b", "t"), Stage::kPaused);
  do_ok(ChangeTask(c.view, c.leadership, "t", TaskRequest::kResume));
  do_ok(ChangeTask(c.view, c.leadership, "t", TaskRequest::kStop, {"b"}));
  EXPECT_EQ(ExpectedOf(c, "b", "t"), std::nullopt);
  EXPECT_EQ(ExpectedOf(c, "a", "t"), Stage::kRunning);
  do_ok(ChangeTask(c.view, c.leadership, "t", TaskRequest::kStart));
  EXPECT_EQ(ExpectedOf(c, "b", "t"), Stage::kRunning);
  do_ok(UpdateTask(c.view, c.leadership, "t", {"mode: copy", {{"a", "3"}, {"b", "4"}}}));
  EXPECT_EQ(c.view.FindSource("b")->subtasks.at("t").config->record.config, "4");
  // To be copied anew: each order is greater than those before, and an update keeps it.
  const auto order = [&](const char* source) {
    return c.view.FindSource(source)->subtasks.at("t").config->record.restart;
  };
  EXPECT_EQ(order("a"), 0);
  do_ok(ChangeTask(c.view, c.leadership, "t", TaskRequest::kStop, {"a"}));
  do_ok(RestartTask(c.view, c.leadership, "t", {"a"}));
  const int64_t first = order("a");
  EXPECT_GT(first, 0);
  EXPECT_EQ(order("b"), 0);
  EXPECT_EQ(ExpectedOf(c, "a", "t"), Stage::kRunning);
  do_ok(RestartTask(c.view, c.leadership, "t"));
  EXPECT_GT(order("a"), first);
  EXPECT_GT(order("b"), 0);
  do_ok(UpdateTask(c.view, c.leadership, "t", {"mode: copy", {{"a", "3"}, {"b", "4"}}}));
  EXPECT_GT(order("a"), first);
  EXPECT_FALSE(RestartTask(c.view, c.leadership, "t", {"none"}).ok());
  EXPECT_FALSE(RestartTask(c.view, c.leadership, "none").ok());
  do_ok(SetRelayStage(c.view, c.leadership, "a", Stage::kPaused));
  do_ok(UpdateSource(c.view, c.leadership, "a", "url: z"));
  EXPECT_EQ(c.view.FindSource("a")->config->record.config, "url: z");

  do_ok(RemoveTask(c.view, c.leadership, "t"));
  EXPECT_EQ(c.view.FindTask("t"), nullptr);
  EXPECT_TRUE(c.view.FindSource("a")->subtasks.empty());
  do_ok(RemoveSource(c.view, c.leadership, "a"));
  do_ok(RemoveSource(c.view, c.leadership, "b"));
  c.Schedule();
  EXPECT_TRUE(c.view.sources().empty());
}

TEST(Operations, SayWhatToDoInsteadWhereTheyCannotBeDone) {
  SmallCluster c;
  const store::LeaseId lease = c.Register("w1");
  const auto refused = [&](const Wanted& wanted, const char* part) {
    EXPECT_THAT(Why(wanted), HasSubstr(part));
  };
  const store::Revision l = c.leadership;
  refused(AddSource(c.view, l, "a/b", ""), "without a slash");
  refused(AddSource(c.view, l, "a", "\xff"), "no text in UTF-8");
  refused(UpdateSource(c.view, l, "a", ""), "there is no source a: add it");
  ASSERT_TRUE(c.Do(AddSource(c.view, l, "a", "")).ok());
  refused(AddSource(c.view, l, "a", ""), "already: update it, or remove it first");
  refused(EnableSource(c.view, l, "a"), "enabled already");
  refused(AddTask(c.view, l, "t", {"", {{"x", ""}}}), "there is no source x");
  refused(AddTask(c.view, l, "t", {"", {}}), "name at least one");
  ASSERT_TRUE(c.Do(AddTask(c.view, l, "t", {"", {{"a", ""}}}, /*is_stopped=*/true)).ok());
  refused(AddTask(c.view, l, "t", {"", {{"a", ""}}}), "already: update it");
  refused(RemoveSource(c.view, l, "a"), "used by the task t: remove it first");
  refused(ChangeTask(c.view, l, "t", TaskRequest::kPause), "running on none of its sources");
  refused(ChangeTask(c.view, l, "t", TaskRequest::kStop, {"a"}), "it is Stopped there");
  refused(ChangeTask(c.view, l, "t", TaskRequest::kStart, {"b"}), "there is no source b");
  refused(ChangeTask(c.view, l, "u", TaskRequest::kStart), "there is no task u");
  refused(UpdateTask(c.view, l, "t", {"", {{"a", ""}, {"b", ""}}}), "add a task of another name");
  // A live worker cannot be removed from the books, an offline one can.
  refused(RemoveWorker(c.view, l, "w1"), "online: stop it");
  c.End(lease);
  EXPECT_TRUE(c.Do(RemoveWorker(c.view, l, "w1")).ok());
  refused(RemoveWorker(c.view, l, "w1"), "there is no worker");
}

TEST(Operations, OfADeposedLeaderTakeNoEffect) {
  SmallCluster c;
  const Wanted late = AddSource(c.view, c.leadership, "a", "");
  ASSERT_TRUE(c.Do(EvictLeader(c.view, c.leadership)).ok());
  ASSERT_TRUE(c.store.Put("leader", ToJson(LeaderRecord{"other", ""})).ok());
  EXPECT_EQ(c.Do(late).code(), base::StatusCode::kAborted);
  EXPECT_EQ(c.view.FindSource("a"), nullptr);
}

// Of the first one nothing has been heard, and the second one has been decided upon.
TEST(Operations, TakeNoEffectAfterLaterOnes) {
  SmallCluster c;
  ASSERT_TRUE(c.Do(AddSource(c.view, c.leadership, "a", "")).ok());
  const Wanted late = RemoveSource(c.view, c.leadership, "a");
  ASSERT_TRUE(c.Do(AddTask(c.view, c.leadership, "t", {"", {{"a", ""}}})).ok());
  EXPECT_EQ(c.Do(late).code(), base::StatusCode::kAborted);
}

TEST(Operations, OfTheLargestTaskAreOneTransaction) {
  SmallCluster c;
  TaskConfig config;
  for (size_t i = 0; i <= kMostSubtasks; ++i) {
    const std::string name = "s" + std::to_string(i);
    ASSERT_TRUE(c.Do(AddSource(c.view, c.leadership, name, "")).ok());
    config.subtasks[name] = "";
  }
  EXPECT_THAT(Why(AddTask(c.view, c.leadership, "t", config)), HasSubstr("at most 40"));
  config.subtasks.erase("s0");
  ASSERT_TRUE(c.Do(AddTask(c.view, c.leadership, "t", config)).ok());
  ASSERT_TRUE(c.Do(ChangeTask(c.view, c.leadership, "t", TaskRequest::kPause)).ok());
  ASSERT_TRUE(c.Do(UpdateTask(c.view, c.leadership, "t", config)).ok());
  ASSERT_TRUE(c.Do(RemoveTask(c.view, c.leadership, "t")).ok());
}

}  // namespace
}  // namespace godwit::cluster
