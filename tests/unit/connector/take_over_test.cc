#include "connector/take_over.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::connector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A target, of which each round finds what the next of `rounds` says.
class TakeOverTest : public testing::Test {
 protected:
  base::Status Run() {
    return TakeOver("shop", {[this]() -> base::StatusOr<OtherConnections> {
                               done_.emplace_back("end");
                               if (rounds_.empty()) return OtherConnections{};
                               OtherConnections others{rounds_.front(), refused_};
                               rounds_.erase(rounds_.begin());
                               return others;
                             },
                             [this] {
                               done_.emplace_back("raise");
                               if (raises_.empty()) return base::OkStatus();
                               base::Status status = raises_.front();
                               raises_.erase(raises_.begin());
                               return status;
                             }});
  }

  std::vector<std::vector<std::string>> rounds_;
  std::vector<base::Status> raises_;
  std::string refused_;
  std::vector<std::string> done_;
};

TEST_F(TakeOverTest, LooksAgainOnceTheEpochIsRaised) {
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(done_, ElementsAre("end", "raise", "end"));
}

TEST_F(TakeOverTest, WaitsForTheirEndBeforeAndAfter) {
  rounds_ = {{"7", "8"}, {"8"}, {}, {"9"}};
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(done_, ElementsAre("end", "end", "end", "raise", "end", "end"));
}

TEST_F(TakeOverTest, WhoComesInBetweenIsEndedToo) {
  raises_ = {base::Aborted("a lock")};
  rounds_ = {{}, {"9"}};
  EXPECT_TRUE(Run().ok());
  EXPECT_THAT(done_, ElementsAre("end", "raise", "end", "end", "raise", "end"));
}

TEST_F(TakeOverTest, AnErrorEndsIt) {
  raises_ = {LaterWorker("shop", 6, 5)};
  EXPECT_TRUE(absl::IsFailedPrecondition(Run()));
  EXPECT_THAT(done_, ElementsAre("end", "raise"));
}

TEST_F(TakeOverTest, SaysWhatIsInTheWayForLong) {
  rounds_.assign(100'000, {"7"});
  refused_ = "you are not its owner";
  const base::Status status = Run();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("was to end them (you are not its owner): 7"));
}

}  // namespace
}  // namespace godwit::connector
