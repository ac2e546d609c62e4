#include "connectors/mysql/log/log_position.h"

#include <gtest/gtest.h>

#include <compare>

namespace godwit::connectors::mysql {
namespace {

TEST(LogPositionTest, IsWrittenAndReadAgain) {
  for (const char* text : {"binlog.000003:1234", "binlog.000003:1234;0-1-55",
                           "a.b:c.000001:4;0-1-55,7-2-18446744073709551615"}) {
    auto position = LogPosition::Parse({text});
    ASSERT_TRUE(position.ok()) << position.status();
    EXPECT_EQ(position->ToPosition().text, text);
  }
  const LogPosition position = *LogPosition::Parse({"binlog.000003:1234;0-1-55,1-1-2"});
  EXPECT_EQ(position.file, "binlog.000003");
  EXPECT_EQ(position.offset, 1234u);
  EXPECT_EQ(position.gtids, "0-1-55,1-1-2");
  EXPECT_EQ(position.FileNumber(), 3u);
}

TEST(LogPositionTest, HoldsWhatIsPrepared) {
  const std::string text = "b.000003:1234;0-1-55;61.62.1@b.000002:700,6363..7@b.000003:300";
  const LogPosition position = *LogPosition::Parse({text});
  EXPECT_EQ(position.prepared.at("61.62.1"), (XaPlace{"b.000002", 700}));
  EXPECT_EQ(position.prepared.at("6363..7"), (XaPlace{"b.000003", 300}));
  EXPECT_EQ(position.ToPosition().text, text);
  EXPECT_EQ(position.FilesNeeded(), (std::vector<std::string>{"b.000002", "b.000003"}));
  const std::string without_gtids = "b.000003:1234;;61.62.1@b.000002:700";
  EXPECT_EQ(LogPosition::Parse({without_gtids})->ToPosition().text, without_gtids);
  EXPECT_TRUE(std::is_eq(ComparePositions({text}, {"b.000003:1234"})));
  for (const char* wrong : {"b.000003:1;;", "b.000003:1;;61", "b.000003:1;;61@b.000002", "b:1;;;"})
    EXPECT_TRUE(absl::IsInvalidArgument(LogPosition::Parse({wrong}).status())) << wrong;
}

TEST(LogPositionTest, HoldsWhatIsKnownOfShadows) {
  for (const std::string text : {"b.000003:1234;0-1-55;;shop/_t_gho/rows", "b.000003:1234;;;a/b/",
                                 "b.000003:1;0-1-5;61.62.1@b.000002:700;a/b/,c/d/rows/Dx"}) {
    const LogPosition position = *LogPosition::Parse({text});
    EXPECT_FALSE(position.shadows.empty());
    EXPECT_EQ(position.ToPosition().text, text);
    EXPECT_TRUE(std::is_eq(ComparePositions({text}, {text.substr(0, text.find(';'))})));
  }
}

TEST(LogPositionTest, WhatIsNoPositionIsRefused) {
  for (const char* text : {"", "binlog.000003", "binlog.000003:", "binlog.000003:x", ";0-1-55"})
    EXPECT_TRUE(absl::IsInvalidArgument(LogPosition::Parse({text}).status())) << text;
}

TEST(LogPositionTest, OrderIsByFileThenOffset) {
  auto compare = [](const char* a, const char* b) { return ComparePositions({a}, {b}); };
  EXPECT_TRUE(std::is_lt(compare("b.000002:4", "b.000010:4")));
  EXPECT_TRUE(std::is_lt(compare("b.999999:4", "b.1000000:4")));  // not by text
  EXPECT_TRUE(std::is_lt(compare("b.000002:900", "b.000002:1000")));
  EXPECT_TRUE(std::is_eq(compare("b.000002:4;0-1-9", "b.000002:4")));
  EXPECT_TRUE(std::is_gt(compare("b.000003:4;0-1-1", "b.000002:9999;0-1-9")));
  EXPECT_EQ(compare("b.000003:4", "nothing"), std::partial_ordering::unordered);
}

// What a snapshot holds may lack transactions that come earlier in the log than others it has.
TEST(LogPositionTest, ASetWithoutAFileSaysWhetherItHoldsAPlace) {
  const std::string u = "3e11fa47-71ca-11e1-9e33-c80aa9429562:", v = "4" + u.substr(1);
  auto compare = [](const std::string& a, const std::string& b) {
    return ComparePositions({a}, {b});
  };
  const std::string held = ":0;" + u + "1-5:7," + v + "1";
  EXPECT_TRUE(std::is_lt(compare("b.000002:4;" + u + "1-4", held)));
  EXPECT_TRUE(std::is_lt(compare("b.000002:4;" + u + "1-5:7," + v + "1", held)));
  EXPECT_TRUE(std::is_gt(compare("b.000002:4;" + u + "1-6", held)));
  EXPECT_TRUE(std::is_gt(compare("b.000002:4;" + v + "1-2", held)));
  EXPECT_TRUE(std::is_gt(compare(held, "b.000002:4;" + u + "1-4")));
  EXPECT_TRUE(std::is_lt(compare(held, "b.000002:4;" + u + "1-6")));
  EXPECT_TRUE(std::is_lt(compare(":0;" + u + "1-5", held)));
  EXPECT_TRUE(std::is_eq(compare(":0;" + v + "1," + u + "1-5:7", held)));
  EXPECT_EQ(compare(":0;" + u + "1-6", held), std::partial_ordering::unordered);
  EXPECT_TRUE(std::is_lt(compare(held, "b.000001:4")));  // nothing is known of what that holds
}

}  // namespace
}  // namespace godwit::connectors::mysql
