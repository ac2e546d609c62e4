#include "connectors/postgres/log/server_move.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace godwit::connectors::postgres {
namespace {

using connector::LogNeed;
using connector::SettledServer;
using ::testing::HasSubstr;

constexpr std::string_view kSlot = "godwit_shop";

// Of a standby that was promoted at 0/5000.
ServerFacts Promoted() {
  return {.identity = {"70001", 2, "16384"},
          .address = "b:5432",
          .history = {{1, 0x5000}},
          .has_slot = true};
}
LogNeed Need(const std::string& from = "0/4000") { return {"70001/1/16384", {from}}; }

void ExpectRefused(const ServerFacts& server, const LogNeed& need, const std::string& why) {
  const base::Status refused = GoOnAt(server, need, kSlot).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr(why));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("b:5432 is another server"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("--restart")) << "a way out";
}

TEST(PostgresServerMove, AnIdentityIsReadAsItIsWritten) {
  const ServerIdentity identity{"7301234567890123456", 3, "16384"};
  EXPECT_EQ(identity.ToString(), "7301234567890123456/3/16384");
  EXPECT_EQ(ServerIdentity::Parse(identity.ToString()).value().ToString(), identity.ToString());
  EXPECT_EQ(ServerIdentity().ToString(), "");
  for (const std::string text : {"", "1/2", "1/x/3", "1/2/3/4"})
    EXPECT_TRUE(absl::IsDataLoss(ServerIdentity::Parse(text).status())) << text;
}

TEST(PostgresServerMove, AHistoryFileSaysWhereTimelinesEnded) {
  const std::vector<TimelineEnd> ends =
      ParseHistory("1\t0/5000\tno recovery target specified\n\n2\t1/A0\tbefore 2000-01-01\n");
  ASSERT_EQ(ends.size(), 2u);
  EXPECT_EQ(ends[0].timeline, 1u);
  EXPECT_EQ(ends[0].end, 0x5000u);
  EXPECT_EQ(ends[1].timeline, 2u);
  EXPECT_EQ(ends[1].end, 0x1000000A0u);
}

TEST(PostgresServerMove, TheSameServerGoesOn) {
  ServerFacts same = Promoted();
  same.identity.timeline = 1;
  ServerFacts unknown = Promoted();
  unknown.identity = {};
  for (const auto& [server, need] :
       {std::pair(same, Need()), std::pair(Promoted(), LogNeed{"", {"0/4000"}}),
        std::pair(Promoted(), LogNeed{"70001/1/16384", {}}), std::pair(unknown, Need())}) {
    const base::StatusOr<SettledServer> settled = GoOnAt(server, need, kSlot);
    ASSERT_TRUE(settled.ok()) << settled.status();
    EXPECT_FALSE(settled->moved);
    EXPECT_EQ(settled->from, need.from);
  }
}

TEST(PostgresServerMove, APromotedStandbyGoesOnUpToItsPromotion) {
  const base::StatusOr<SettledServer> settled = GoOnAt(Promoted(), Need("0/5000"), kSlot);
  ASSERT_TRUE(settled.ok()) << settled.status();
  EXPECT_TRUE(settled->moved);
  EXPECT_TRUE(settled->places_hold);
  EXPECT_EQ(settled->from.text, "0/5000");
  EXPECT_EQ(settled->identity, "70001/2/16384");

  ExpectRefused(Promoted(), Need("0/5001"), "left the earlier one's log at 0/5000");
}

TEST(PostgresServerMove, OthersAreRefused) {
  ServerFacts other = Promoted();
  other.identity.system = "70002";
  ExpectRefused(other, Need(), "another initdb");
  other = Promoted();
  other.identity.database = "16999";
  ExpectRefused(other, Need(), "dropped and made anew");
  other = Promoted();
  other.history = {{5, 0x5000}};
  ExpectRefused(other, Need(), "does not come from timeline 1");
  other = Promoted();
  other.has_slot = false;
  ExpectRefused(other, Need(), "without the replication slot godwit_shop");
}

TEST(PostgresServerMove, ATaskThatBeginsAnewNeedsNoSlot) {
  ServerFacts promoted = Promoted();
  promoted.has_slot = false;
  LogNeed need = Need("0/9000");
  need.needs_log = false;
  EXPECT_TRUE(GoOnAt(promoted, need, kSlot).value().moved);
  promoted.identity.system = "70002";
  ExpectRefused(promoted, need, "another initdb");
}

}  // namespace
}  // namespace godwit::connectors::postgres
