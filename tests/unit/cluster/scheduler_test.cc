#include "cluster/scheduler.h"

#include <gtest/gtest.h>

#include "small_cluster.h"

namespace godwit::cluster {
namespace {

TEST(Scheduler, GivesASourceAwayOnlyWhenItsWorkersLeaseHasEnded) {
  SmallCluster c;
  const store::LeaseId first = c.Register("w1");
  ASSERT_TRUE(c.Do(AddSource(c.view, c.leadership, "a", "")).ok());
  EXPECT_EQ(c.WorkerOf("a"), "w1");
  c.Hold("a");
  c.Register("w2");
  EXPECT_EQ(c.Schedule(), 0);
  const int64_t epoch = c.EpochOf("a");
  c.End(first);
  EXPECT_EQ(c.Schedule(), 1);
  EXPECT_EQ(c.WorkerOf("a"), "w2");
  EXPECT_GT(c.EpochOf("a"), epoch);
  c.Hold("a");
  // The old one is back: nothing flaps.
  c.Register("w1");
  EXPECT_EQ(c.Schedule(), 0);
  EXPECT_EQ(c.WorkerOf("a"), "w2");
}

TEST(Scheduler, LetsAWorkerKeepWhatItHadWhenItIsBackInTime) {
  SmallCluster c;
  const store::LeaseId first = c.Register("w1", 2);
  ASSERT_TRUE(c.Do(AddSource(c.view, c.leadership, "a", "")).ok());
  ASSERT_TRUE(c.Do(AddSource(c.view, c.leadership, "b", "")).ok());
  c.Hold("a");
  c.Register("w2", 2);
  const int64_t epoch = c.EpochOf("a");
  c.End(first);
  c.Register("w1", 1);  // with a slot less
  EXPECT_EQ(c.Schedule(), 1);
  EXPECT_EQ(c.WorkerOf("a") == "w1", c.WorkerOf("b") == "w2");
  EXPECT_NE(c.WorkerOf("a"), c.WorkerOf("b"));
  EXPECT_GT(c.EpochOf("a"), epoch);
  EXPECT_EQ(c.Schedule(), 0);
}

TEST(Scheduler, LetsSourcesWaitAndStartsTheLongestWaitingFirst) {
  SmallCluster c;
  for (const char* name : {"c", "a", "b"}) {
    ASSERT_TRUE(c.Do(AddSource(c.view, c.leadership, name, "")).ok());
  }
  EXPECT_EQ(c.Schedule(), 0);
  const store::LeaseId first = c.Register("w1");
  c.Schedule();
  EXPECT_EQ(c.WorkerOf("c"), "w1");
  EXPECT_EQ(c.WorkerOf("a"), "");
  c.End(first);  // now c waits again, behind the others
  c.Schedule();
  EXPECT_EQ(c.WorkerOf("c"), "");
  EXPECT_EQ(c.Schedule(), 0);
  c.Register("w2");
  c.Register("w3");
  c.Schedule();
  EXPECT_EQ(c.WorkerOf("a"), "w2");
  EXPECT_EQ(c.WorkerOf("b"), "w3");
  EXPECT_EQ(c.WorkerOf("c"), "");
}

TEST(Scheduler, SpreadsOverManyWorkersInTransactionsThatTheStoreTakes) {
  SmallCluster c;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(c.Do(AddSource(c.view, c.leadership, "s" + std::to_string(i), "")).ok());
  }
  for (int i = 0; i < 7; ++i) c.Register("w" + std::to_string(i), 20);
  const store::LeaseId last = c.Register("w7", 3);
  EXPECT_GE(c.Schedule(), 4);
  EXPECT_EQ(c.view.FindWorker("w7")->Load(), 3);
  for (int i = 0; i < 7; ++i) {
    EXPECT_NEAR(c.view.FindWorker("w" + std::to_string(i))->Load(), 97.0 / 7, 1);
  }
  c.End(last);
  EXPECT_EQ(c.Schedule(), 1);  // all that it had at once
  EXPECT_EQ(c.Schedule(), 0);
  EXPECT_TRUE(c.view.waiting().empty());
}

TEST(Scheduler, TakesTheBindingOfADisabledSourceWhenItIsLetGoOf) {
  SmallCluster c;
  c.Register("w1");
  ASSERT_TRUE(c.Do(AddSource(c.view, c.leadership, "a", "")).ok());
  ASSERT_TRUE(c.Do(AddSource(c.view, c.leadership, "b", "")).ok());
  c.Hold("a");
  ASSERT_TRUE(c.Do(DisableSource(c.view, c.leadership, "a")).ok());
  EXPECT_EQ(c.Schedule(), 0);
  const int64_t epoch = c.EpochOf("a");
  c.LetGo("a");
  c.Schedule();
  EXPECT_EQ(c.WorkerOf("a"), "");
  c.Schedule();
  EXPECT_EQ(c.WorkerOf("b"), "w1");
  c.Register("w2");
  ASSERT_TRUE(c.Do(EnableSource(c.view, c.leadership, "a")).ok());
  EXPECT_EQ(c.WorkerOf("a"), "w2");
  EXPECT_GT(c.EpochOf("a"), epoch);
}

TEST(Scheduler, TransfersByHandOnceItIsLetGoOf) {
  SmallCluster c;
  c.Register("w1");
  ASSERT_TRUE(c.Do(AddSource(c.view, c.leadership, "a", "")).ok());
  c.Hold("a");
  EXPECT_FALSE(TransferSource(c.view, c.leadership, "a", "w1").ok());
  EXPECT_FALSE(TransferSource(c.view, c.leadership, "a", "w2").ok());
  c.Register("w2");
  ASSERT_TRUE(c.Do(AddSource(c.view, c.leadership, "b", "")).ok());
  EXPECT_FALSE(TransferSource(c.view, c.leadership, "a", "w2").ok());  // no free slot
  c.Register("w3");
  ASSERT_TRUE(c.Do(TransferSource(c.view, c.leadership, "a", "w3")).ok());
  // Its slot is taken already.
  ASSERT_TRUE(c.Do(AddSource(c.view, c.leadership, "d", "")).ok());
  EXPECT_EQ(c.WorkerOf("d"), "");
  EXPECT_EQ(c.Schedule(), 0);
  c.LetGo("a");
  c.Schedule();
  EXPECT_EQ(c.WorkerOf("a"), "w3");
  c.Schedule();
  EXPECT_EQ(c.WorkerOf("d"), "w1");
}

TEST(Scheduler, LeavesWhatItCannotReadAlone) {
  SmallCluster c;
  const store::LeaseId lease = c.Register("w1");
  ASSERT_TRUE(c.Do(AddSource(c.view, c.leadership, "a", "")).ok());
  ASSERT_TRUE(c.store.Put("bound/a", "later").ok());
  c.See();
  EXPECT_EQ(c.view.unreadable().size(), 1);
  c.End(lease);
  c.Register("w2");
  EXPECT_EQ(c.Schedule(), 0);
  EXPECT_FALSE(RemoveSource(c.view, c.leadership, "a").ok());
  ASSERT_TRUE(c.store.Delete("bound/a").ok());
  c.See();
  EXPECT_EQ(c.Schedule(), 1);
  EXPECT_EQ(c.WorkerOf("a"), "w2");
}

// By the changes, and from the whole: the same.
TEST(View, IsTheSameHoweverItCameAbout) {
  SmallCluster c;
  store::LeaseId leases[4];
  for (int i = 0; i < 4; ++i) leases[i] = c.Register("w" + std::to_string(i), 2);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(c.Do(AddSource(c.view, c.leadership, "s" + std::to_string(i), "")).ok());
  }
  c.Hold("s0");
  c.Hold("s1");
  ASSERT_TRUE(c.Do(DisableSource(c.view, c.leadership, "s1")).ok());
  c.End(leases[2]);
  ASSERT_TRUE(c.store.Delete("worker/w3").ok());
  c.See();
  View fresh;
  fresh.Reset(*c.store.Range(""));
  EXPECT_EQ(fresh.revision(), c.view.revision());
  EXPECT_EQ(fresh.waiting(), c.view.waiting());
  EXPECT_EQ(fresh.unsettled(), c.view.unsettled());
  EXPECT_EQ(fresh.free_workers(), c.view.free_workers());
  EXPECT_EQ(fresh.overbooked(), c.view.overbooked());
  EXPECT_FALSE(fresh.waiting().empty());
  EXPECT_FALSE(fresh.unsettled().empty());
}

}  // namespace
}  // namespace godwit::cluster
