#include "wire/mysql/gtid.h"

#include <gtest/gtest.h>

namespace godwit::wire::mysql {
namespace {

MariadbGtidSet Set(std::string_view text) {
  auto set = MariadbGtidSet::Parse(text);
  EXPECT_TRUE(set.ok()) << set.status();
  return set.ok() ? *set : MariadbGtidSet();
}

TEST(MariadbGtid, ParsesAndPrints) {
  auto gtid = MariadbGtid::Parse("4294967295-1-18446744073709551615");
  ASSERT_TRUE(gtid.ok());
  EXPECT_EQ(*gtid, (MariadbGtid{4294967295, 1, 18446744073709551615u}));
  EXPECT_EQ(gtid->ToString(), "4294967295-1-18446744073709551615");
}

TEST(MariadbGtid, RefusesOtherText) {
  for (const char* text : {"", "1", "1-2", "1-2-", "-1-2-3", "1-2-3-4", "1-2-3x", "4294967296-1-1",
                           "a-b-c", "1--2-3", "1-2-18446744073709551616", "1 -2-3"}) {
    EXPECT_EQ(MariadbGtid::Parse(text).status().code(), base::StatusCode::kInvalidArgument) << text;
  }
}

TEST(MariadbGtidSet, PrintsInOrderOfDomains) {
  EXPECT_EQ(Set("2-1-7, 0-1-100\n,1-2-3").ToString(), "0-1-100,1-2-3,2-1-7");
  EXPECT_EQ(Set("").ToString(), "");
  EXPECT_TRUE(Set(" ").empty());
}

TEST(MariadbGtidSet, RefusesMalformedText) {
  for (const char* text : {",", "0-1-2,", ",0-1-2", "0-1-2,,1-1-1", "0-1-2,0-2-3", "0-1-2;1-1-1"}) {
    EXPECT_EQ(MariadbGtidSet::Parse(text).status().code(), base::StatusCode::kInvalidArgument)
        << text;
  }
}

TEST(MariadbGtidSet, UpdateKeepsOnePerDomain) {
  MariadbGtidSet set;
  set.Update({1, 1, 5});
  set.Update({0, 1, 5});
  set.Update({1, 2, 6});
  EXPECT_EQ(set.ToString(), "0-1-5,1-2-6");
  ASSERT_NE(set.Find(1), nullptr);
  EXPECT_EQ(set.Find(1)->server, 2u);
  EXPECT_EQ(set.Find(2), nullptr);
}

TEST(MariadbGtidSet, ContainsWhatCameBefore) {
  MariadbGtidSet set = Set("0-1-10,1-1-5");
  EXPECT_TRUE(set.Contains(MariadbGtid{0, 1, 10}));
  EXPECT_TRUE(set.Contains(MariadbGtid{0, 9, 3}));
  EXPECT_FALSE(set.Contains(MariadbGtid{0, 1, 11}));
  EXPECT_FALSE(set.Contains(MariadbGtid{2, 1, 1}));
  EXPECT_TRUE(set.Contains(Set("")));
  EXPECT_TRUE(set.Contains(Set("1-1-5")));
  EXPECT_FALSE(Set("1-1-5").Contains(set));
}

TEST(MariadbGtidSet, SetAlgebra) {
  MariadbGtidSet all = Set("0-1-10,1-1-5");
  all.Union(Set("0-2-7,1-2-6,2-1-1"));
  EXPECT_EQ(all.ToString(), "0-1-10,1-2-6,2-1-1");
  MariadbGtidSet common = Set("0-1-10,1-1-5,3-1-1");
  common.Intersect(Set("0-2-7,1-2-6,2-1-1"));
  EXPECT_EQ(common.ToString(), "0-2-7,1-1-5");
  MariadbGtidSet missing = Set("0-1-10,1-1-5,3-1-1");
  missing.Subtract(Set("0-2-7,1-2-6,2-1-1"));
  EXPECT_EQ(missing.ToString(), "0-1-10,3-1-1");
  missing.Subtract(missing);
  EXPECT_TRUE(missing.empty());
}

TEST(MariadbGtidSet, ComparesPartially) {
  EXPECT_EQ(Set("0-1-1").Compare(Set("0-1-1")), std::partial_ordering::equivalent);
  EXPECT_EQ(Set("0-1-1").Compare(Set("0-2-1")), std::partial_ordering::equivalent);
  EXPECT_EQ(Set("0-1-1").Compare(Set("0-1-2")), std::partial_ordering::less);
  EXPECT_EQ(Set("0-1-1,1-1-1").Compare(Set("0-1-1")), std::partial_ordering::greater);
  EXPECT_EQ(Set("").Compare(Set("0-1-1")), std::partial_ordering::less);
  EXPECT_EQ(Set("0-1-2,1-1-1").Compare(Set("0-1-1,1-1-2")), std::partial_ordering::unordered);
  EXPECT_EQ(Set("0-1-2").Compare(Set("1-1-2")), std::partial_ordering::unordered);
}

}  // namespace
}  // namespace godwit::wire::mysql
