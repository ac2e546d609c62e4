#include "cluster/reports.h"

#include <gmock/gmock.h>

#include "small_cluster.h"

namespace godwit::cluster {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class ReportsTest : public ::testing::Test {
 protected:
  ReportsTest() {
    c_.Register("w1");
    EXPECT_TRUE(c_.Do(AddSource(c_.view, c_.leadership, "a", "")).ok());
    EXPECT_TRUE(c_.Do(AddTask(c_.view, c_.leadership, "t", {"", {{"a", ""}}})).ok());
    c_.Schedule();
    c_.Hold("a");
  }

  void Add(Stage stage) {
    reports_.Add(*c_.view.FindSource("a"), "t", {.stage = stage, .worker = "w1"});
  }
  std::vector<Request> Poll() {
    std::vector<Request> requests;
    reports_.Poll(now_, c_.view, requests);
    return requests;
  }
  void Answer(const Request& request) {
    reports_.OnAnswer(request, Perform(c_.store, request), now_);
    c_.See();
  }
  std::optional<Stage> Shown() const {
    const auto& state = c_.view.FindSource("a")->subtasks.at("t").state;
    return state ? std::optional(state->record.stage) : std::nullopt;
  }

  SmallCluster c_;
  Reports reports_;
  Time now_ = Time(std::chrono::hours(1));
};

TEST_F(ReportsTest, TheLastWordIsWrittenLast) {
  Add(Stage::kRunning);
  const std::vector<Request> first = Poll();
  ASSERT_THAT(first, SizeIs(1));
  Add(Stage::kPaused);
  EXPECT_THAT(Poll(), IsEmpty());  // the two could take effect in another order
  Answer(first[0]);
  EXPECT_EQ(Shown(), Stage::kRunning);
  const std::vector<Request> second = Poll();
  ASSERT_THAT(second, SizeIs(1));
  Answer(second[0]);
  EXPECT_EQ(Shown(), Stage::kPaused);
  EXPECT_THAT(Poll(), IsEmpty());
  EXPECT_EQ(reports_.NextWake(now_), Time::max());
}

TEST_F(ReportsTest, OneOfWhichNothingIsKnownIsWrittenAgain) {
  Add(Stage::kRunning);
  reports_.OnAnswer(Poll().at(0), {base::Unavailable("away")}, now_);
  EXPECT_THAT(Poll(), IsEmpty());
  now_ = reports_.NextWake(now_);
  const std::vector<Request> again = Poll();
  ASSERT_THAT(again, SizeIs(1));
  Answer(again[0]);
  EXPECT_EQ(Shown(), Stage::kRunning);
}

TEST_F(ReportsTest, WhoHasLetGoOfTheSourceSaysNothingMore) {
  Add(Stage::kRunning);
  const std::vector<Request> late = Poll();
  c_.LetGo("a");
  Answer(late.at(0));
  EXPECT_EQ(Shown(), std::nullopt);
  EXPECT_THAT(Poll(), IsEmpty());
}

TEST_F(ReportsTest, OfARemovedTaskNothingIsSaid) {
  Add(Stage::kRunning);
  const std::vector<Request> late = Poll();
  EXPECT_TRUE(c_.Do(RemoveTask(c_.view, c_.leadership, "t")).ok());
  Answer(late.at(0));
  EXPECT_FALSE(c_.view.FindSource("a")->subtasks.contains("t"));
  Add(Stage::kPaused);
  EXPECT_THAT(Poll(), IsEmpty());
}

}  // namespace
}  // namespace godwit::cluster
