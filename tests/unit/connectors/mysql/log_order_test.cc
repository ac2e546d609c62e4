#include "connectors/mysql/log/log_order.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace godwit::connectors::mysql {
namespace {

using wire::mysql::MariadbGtid;

std::vector<MariadbGtid> Gtids(const std::vector<std::string>& texts) {
  std::vector<MariadbGtid> gtids;
  for (const std::string& text : texts) gtids.push_back(*MariadbGtid::Parse(text));
  return gtids;
}

// What is found in a log up to the places: "" nothing, "first late" a disorder, "not reached".
std::string Find(const std::vector<std::string>& places, const std::vector<std::string>& before,
                 const std::vector<std::string>& log, std::optional<LogWriter> earlier = {{0, 1}}) {
  LogOrder order(Gtids(places), earlier);
  order.Begin(Gtids(before));
  for (const MariadbGtid& gtid : Gtids(log)) {
    if (order.reached()) return "";
    if (const auto disorder = order.Take(gtid))
      return disorder->first.ToString() + " " + disorder->late.ToString();
  }
  return order.reached() ? "" : "not reached";
}

TEST(LogOrder, AReplicaThatAppliedAllBeforeItWrote) {
  EXPECT_EQ(Find({"0-1-12"}, {}, {"0-1-11", "0-1-12", "0-2-13"}), "");
  EXPECT_EQ(Find({"0-1-12"}, {"0-1-10"}, {"0-1-11", "0-1-12", "0-2-13"}), "");
}

TEST(LogOrder, AReplicaThatWroteBeforeItAppliedAll) {
  EXPECT_EQ(Find({"0-1-12"}, {}, {"0-1-10", "0-2-11", "0-1-11", "0-1-12"}), "0-2-11 0-1-11");
  // The place itself comes late, or nothing else of the other server in this file.
  EXPECT_EQ(Find({"0-1-11"}, {}, {"0-1-10", "0-2-11", "0-1-11"}), "0-2-11 0-1-11");
  EXPECT_EQ(Find({"0-1-11"}, {"0-1-10"}, {"0-2-11", "0-1-11"}), "0-2-11 0-1-11");
  // Of many, the last is what the other one's has to be greater than.
  EXPECT_EQ(Find({"0-1-15"}, {"0-1-10"}, {"0-2-11", "0-2-12", "0-2-13", "0-1-12", "0-1-15"}),
            "0-2-13 0-1-12");
}

TEST(LogOrder, WhatWasLoggedBeforeTheFileCounts) {
  EXPECT_EQ(Find({"0-1-12"}, {"0-1-10", "0-2-11"}, {"0-1-11", "0-1-12"}), "0-2-11 0-1-11");
  EXPECT_EQ(Find({"0-1-12"}, {"0-2-14", "0-1-10"}, {"0-1-11", "0-1-12"}), "0-2-14 0-1-11");
}

TEST(LogOrder, ServersThatHaveTakenTurnsAreInOrder) {
  EXPECT_EQ(Find({"0-1-14"}, {"0-1-9", "0-2-10"}, {"0-1-11", "0-1-14", "0-2-15"}), "");
  EXPECT_EQ(Find({"0-2-12"}, {"0-1-9"}, {"0-2-10", "0-1-11", "0-2-12", "0-3-13"}), "");
}

TEST(LogOrder, WhatComesAfterThePlaceIsReadAnyhow) {
  EXPECT_EQ(Find({"0-1-10"}, {}, {"0-1-10", "0-2-11", "0-1-11"}), "");
}

TEST(LogOrder, WhereAFilterHasLeftThePlaceOutWhatComesAfterItMayBePassedOver) {
  EXPECT_EQ(Find({"0-1-10"}, {"0-1-8"}, {"0-1-11", "0-2-12"}), "");
  EXPECT_EQ(Find({"0-1-10"}, {"0-1-8"}, {"0-2-9", "0-1-11", "0-2-12"}), "");
  EXPECT_EQ(Find({"0-1-10"}, {"0-1-8"}, {"0-2-11", "0-1-11"}), "0-2-11 0-1-11");
  EXPECT_EQ(Find({"0-1-10"}, {"0-1-8"}, {"0-2-11", "0-1-12"}), "0-2-11 0-1-12");
}

TEST(LogOrder, WhatTheEarlierServerWroteHasBeenRead) {
  // It was itself promoted too early, or one of the two numbers its transactions by hand.
  EXPECT_EQ(Find({"0-1-14"}, {}, {"0-3-10", "0-1-11", "0-3-11", "0-3-12", "0-1-13", "0-1-14"}), "");
  EXPECT_EQ(Find({"0-1-14"}, {}, {"0-1-11", "0-3-11", "0-1-14"}, std::nullopt), "0-1-11 0-3-11");
  // That of another domain is another writer.
  EXPECT_EQ(Find({"0-1-14"}, {}, {"0-1-11", "0-3-11", "0-1-14"}, LogWriter{1, 1}), "0-1-11 0-3-11");
  EXPECT_EQ(Find({"0-1-12"}, {}, {"0-1-11", "0-1-9", "0-1-12"}), "");
}

TEST(LogOrder, EachDomainByItself) {
  const std::vector<std::string> log = {"0-1-10", "1-2-3", "1-1-3", "0-1-11", "1-1-4"};
  EXPECT_EQ(Find({"0-1-11"}, {}, log), "") << "the other one is not looked at";
  EXPECT_EQ(Find({"0-1-11", "1-1-4"}, {}, log), "1-2-3 1-1-3");
  EXPECT_EQ(Find({"0-1-11", "1-2-3"}, {}, log), "") << "reached before it is out of order";
  EXPECT_EQ(Find({"0-1-11", "1-1-4"}, {"1-1-2"}, {"0-2-10", "1-1-3", "0-1-11", "1-1-4"}), "");
  EXPECT_EQ(Find({"0-1-12", "1-1-4"}, {}, log), "1-2-3 1-1-3");
  EXPECT_EQ(Find({"0-1-12"}, {}, log), "not reached");
}

TEST(LogOrder, WritersByTheirIdentity) {
  EXPECT_EQ(LogWriter::Parse("mariadb-3-101"), (LogWriter{3, 101}));
  for (const char* other : {"", "3e11fa47-71ca-11e1-9e33-c80aa9429562", "mariadb-0", "mariadb-x-1"})
    EXPECT_EQ(LogWriter::Parse(other), std::nullopt) << other;
}

}  // namespace
}  // namespace godwit::connectors::mysql
