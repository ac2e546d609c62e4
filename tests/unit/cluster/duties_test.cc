#include <gtest/gtest.h>

#include "cluster/master_duties.h"
#include "cluster/worker_duties.h"
#include "small_cluster.h"

namespace godwit::cluster {
namespace {

using std::chrono::seconds;

// All that it asks for is answered at once.
template <typename Duties>
void Settle(SmallCluster& c, Duties& duties, std::vector<Order>* orders = nullptr) {
  for (bool is_more = true; is_more;) {
    c.See();
    std::vector<Request> requests;
    if constexpr (std::is_same_v<Duties, WorkerDuties>) {
      WorkerDuties::Step step = duties.Poll(c.now, c.view);
      requests = std::move(step.requests);
      if (orders) orders->insert(orders->end(), step.orders.begin(), step.orders.end());
    } else {
      requests = duties.Poll(c.now, c.view);
    }
    is_more = !requests.empty();
    for (const Request& request : requests) {
      duties.OnAnswer(request, Perform(c.store, request), c.now);
    }
  }
}

MasterDuties MasterCalled(const std::string& name) {
  return MasterDuties(Candidate({name, ""}, "", seconds(10), [] { return int64_t{0}; }));
}

TEST(MasterDuties, LeadWhenTheLeaseOfTheOneBeforeHasEnded) {
  SmallCluster c;
  ASSERT_TRUE(c.store.Delete("leader").ok());
  MasterDuties first = MasterCalled("m1"), second = MasterCalled("m2");
  Settle(c, first);
  Settle(c, second);
  const auto leadership = first.Leadership(c.view);
  ASSERT_TRUE(leadership);
  EXPECT_FALSE(second.Leadership(c.view));
  base::Status answer;
  second.Ask([](const View& view, store::Revision l) { return AddSource(view, l, "a", ""); },
             [&](base::Status status) { answer = std::move(status); });
  Settle(c, second);
  EXPECT_EQ(answer.code(), base::StatusCode::kFailedPrecondition);

  // The first one is frozen.
  const Wanted late = AddSource(c.view, *leadership, "late", "");
  for (int i = 0; i < 4; ++i) {
    c.now += seconds(3);
    Settle(c, second);
  }
  ASSERT_TRUE(second.Leadership(c.view));
  EXPECT_EQ(c.Do(late).code(), base::StatusCode::kAborted);
  second.Ask([](const View& view, store::Revision l) { return AddSource(view, l, "a", ""); },
             [&](base::Status status) { answer = std::move(status); });
  Settle(c, second);
  EXPECT_TRUE(answer.ok()) << answer;

  // Evicted, it lets the other one win; and that one hands over when it ends.
  ASSERT_TRUE(c.Do(EvictLeader(c.view, *second.Leadership(c.view))).ok());
  Settle(c, second);
  EXPECT_FALSE(second.Leadership(c.view));
  Settle(c, first);
  c.now += seconds(1);  // its keep-alive has told it by now that its old lease has ended
  Settle(c, first);
  EXPECT_TRUE(first.Leadership(c.view));
  for (const Request& request : first.Resign()) (void)Perform(c.store, request);
  c.now += seconds(9);
  Settle(c, second);
  c.now += seconds(12);
  Settle(c, second);
  c.now += seconds(1);
  Settle(c, second);
  EXPECT_TRUE(second.Leadership(c.view));
}

struct OneWorker : SmallCluster {
  OneWorker() {
    Settle(*this, duties);
    EXPECT_TRUE(Do(AddSource(view, leadership, "a", "")).ok());
    EXPECT_TRUE(Do(AddTask(view, leadership, "t", {"", {{"a", ""}}})).ok());
  }
  // What it is ordered, in short; carried out at once.
  std::string Orders() {
    std::string text;
    for (bool is_more = true; is_more;) {
      std::vector<Order> orders;
      Settle(*this, duties, &orders);
      for (const Order& order : orders) {
        static constexpr const char* kNames[] = {"start", "resume", "pause", "stop", "reconfigure"};
        text += fmt::format("{} {}/{} ", kNames[static_cast<int>(order.kind)], order.source,
                            order.task);
        static constexpr Stage kStages[] = {Stage::kRunning, Stage::kRunning, Stage::kPaused,
                                            Stage::kStopped};
        if (order.kind == Order::Kind::kReconfigure) continue;
        duties.Done(order.source, order.task, kStages[static_cast<int>(order.kind)]);
      }
      is_more = !orders.empty();
    }
    return text;
  }
  bool IsHeld() const { return view.FindSource("a")->held.has_value(); }

  WorkerDuties duties{"w", WorkerRecord{"a:1", "1", 1}, seconds(10)};
};

TEST(WorkerDuties, ObeyWhatTheyRead) {
  OneWorker c;
  EXPECT_EQ(c.Orders(), "start a/ start a/t ");
  EXPECT_TRUE(c.IsHeld());
  ASSERT_TRUE(c.Do(ChangeTask(c.view, c.leadership, "t", TaskRequest::kPause)).ok());
  EXPECT_EQ(c.Orders(), "pause a/t ");
  ASSERT_TRUE(c.Do(ChangeTask(c.view, c.leadership, "t", TaskRequest::kResume)).ok());
  EXPECT_EQ(c.Orders(), "resume a/t ");
  // An error waits for the operator, whatever else happens.
  c.duties.Done("a", "t", Stage::kPaused);
  EXPECT_EQ(c.Orders(), "");
  ASSERT_TRUE(c.Do(SetRelayStage(c.view, c.leadership, "a", Stage::kPaused)).ok());
  EXPECT_EQ(c.Orders(), "pause a/ ");
  ASSERT_TRUE(c.Do(ChangeTask(c.view, c.leadership, "t", TaskRequest::kResume)).ok());
  EXPECT_EQ(c.Orders(), "resume a/t ");
  ASSERT_TRUE(c.Do(UpdateSource(c.view, c.leadership, "a", "new")).ok());
  EXPECT_EQ(c.Orders(), "reconfigure a/ ");
  ASSERT_TRUE(c.Do(UpdateTask(c.view, c.leadership, "t", {"new", {{"a", "new"}}})).ok());
  EXPECT_EQ(c.Orders(), "stop a/t start a/t ");
  c.duties.Done("a", "t", Stage::kFinished);
  EXPECT_EQ(c.Orders(), "");
  ASSERT_TRUE(c.Do(ChangeTask(c.view, c.leadership, "t", TaskRequest::kStop)).ok());
  EXPECT_EQ(c.Orders(), "stop a/t ");
  ASSERT_TRUE(c.Do(DisableSource(c.view, c.leadership, "a")).ok());
  EXPECT_EQ(c.Orders(), "stop a/ ");
  EXPECT_FALSE(c.IsHeld());
}

TEST(WorkerDuties, LetGoOnlyWhenAllHasStopped) {
  OneWorker c;
  c.Orders();
  ASSERT_TRUE(c.Do(DisableSource(c.view, c.leadership, "a")).ok());
  std::vector<Order> orders;
  Settle(c, c.duties, &orders);
  ASSERT_EQ(orders.size(), 2);
  c.duties.Done("a", "", Stage::kStopped);
  Settle(c, c.duties);
  EXPECT_TRUE(c.IsHeld());
  c.duties.Done("a", "t", Stage::kStopped);
  Settle(c, c.duties);
  EXPECT_FALSE(c.IsHeld());
}

TEST(WorkerDuties, NeverRunOnTheStrengthOfAHoldThatTheyHaveLetGoOf) {
  OneWorker c;
  c.Orders();
  ASSERT_TRUE(c.Do(DisableSource(c.view, c.leadership, "a")).ok());
  c.See();
  for (const Order& order : c.duties.Poll(c.now, c.view).orders) {
    c.duties.Done(order.source, order.task, Stage::kStopped);
  }
  const WorkerDuties::Step step = c.duties.Poll(c.now, c.view);
  ASSERT_EQ(step.requests.size(), 1);  // to let go: on its way, and late
  ASSERT_TRUE(c.Do(EnableSource(c.view, c.leadership, "a")).ok());
  c.duties.OnAnswer(step.requests[0], {base::Unavailable("lost")}, c.now);
  EXPECT_TRUE(c.duties.Poll(c.now, c.view).orders.empty());
  (void)Perform(c.store, step.requests[0]);
  c.now += seconds(1);
  EXPECT_EQ(c.Orders(), "start a/ start a/t ");  // held anew
  EXPECT_TRUE(c.IsHeld());
}

TEST(WorkerDuties, StopAllByTheirOwnClock) {
  OneWorker c;
  c.Orders();
  c.now += seconds(4);
  WorkerDuties::Step step = c.duties.Poll(c.now, c.view);
  ASSERT_EQ(step.requests.size(), 1);
  EXPECT_EQ(step.requests[0].kind, Request::Kind::kKeepAlive);
  // Sent at 4 s, it counts from then, whenever the answer comes.
  c.now += seconds(1);
  c.duties.OnAnswer(step.requests[0], Perform(c.store, step.requests[0]), c.now);
  c.now = Time(std::chrono::hours(1)) + std::chrono::milliseconds(11'900);
  EXPECT_TRUE(c.duties.Poll(c.now, c.view).orders.empty());
  EXPECT_TRUE(c.duties.MayRun("a", c.now));
  EXPECT_EQ(c.duties.NextWake(c.now) - c.now, std::chrono::milliseconds(100));
  c.now += std::chrono::milliseconds(100);
  EXPECT_FALSE(c.duties.MayRun("a", c.now));
  step = c.duties.Poll(c.now, c.view);
  EXPECT_EQ(step.orders.size(), 2);
  for (const Order& order : step.orders) {
    EXPECT_EQ(order.kind, Order::Kind::kStop);
    c.duties.Done(order.source, order.task, Stage::kStopped);
  }
  EXPECT_TRUE(c.duties.Poll(c.now, c.view).orders.empty());
}

TEST(WorkerDuties, LeaveInOrder) {
  OneWorker c;
  c.Orders();
  c.duties.Leave();
  EXPECT_EQ(c.Orders(), "stop a/ stop a/t ");
  EXPECT_TRUE(c.duties.HasLeft());
  c.See();
  EXPECT_FALSE(c.view.FindWorker("w")->alive);
  EXPECT_FALSE(c.IsHeld());
}

// What it reads and is answered has stopped to come.
TEST(WorkerDuties, LeaveWithoutTheStore) {
  OneWorker c;
  c.Orders();
  c.duties.Leave();
  for (const Order& order : c.duties.Poll(c.now, c.view).orders) {
    EXPECT_EQ(order.kind, Order::Kind::kStop);
    EXPECT_FALSE(c.duties.HasLeft());
    c.now += seconds(5);
    (void)c.duties.Poll(c.now, c.view);
    EXPECT_FALSE(c.duties.HasLeft()) << "something runs";
    c.duties.Done(order.source, order.task, Stage::kStopped);
  }
  (void)c.duties.Poll(c.now, c.view);
  EXPECT_FALSE(c.duties.HasLeft()) << "the store may answer yet";
  EXPECT_LE(c.duties.NextWake(c.now), c.now + seconds(2));
  c.now += seconds(2);
  (void)c.duties.Poll(c.now, c.view);
  EXPECT_TRUE(c.duties.HasLeft());
}

}  // namespace
}  // namespace godwit::cluster
