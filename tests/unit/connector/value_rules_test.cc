#include "connector/value_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::connector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class ValueRulesTest : public ::testing::Test {
 protected:
  ValueRulesTest() {
    table_.name = {"shop", "t"};
    table_.columns.resize(2);
    table_.columns[0].name = "born";
    table_.columns[1].name = "name";
    table_.columns[1].charset = "gbk";
    table_.columns[1].nullable = false;
  }
  model::Table table_;
};

TEST_F(ValueRulesTest, ByDefaultAnErrorNamesTheRow) {
  ValueRules rules;
  const auto action = rules.Meet(table_, 1, Unfit::kIllText, [] { return std::string("id='17'"); });
  ASSERT_TRUE(absl::IsFailedPrecondition(action.status()));
  EXPECT_THAT(
      std::string(action.status().message()),
      HasSubstr("table shop.t, column name, row id='17': it holds bytes that are no text in "
                "charset gbk, which the target cannot"));
  EXPECT_TRUE(rules.Counts().empty());
}

TEST_F(ValueRulesTest, WhatIsDoneIsCounted) {
  ValueRules rules({UnfitAction::kReplace, UnfitAction::kError, UnfitAction::kNull});
  const auto row = [] { return std::string(); };
  EXPECT_EQ(*rules.Meet(table_, 0, Unfit::kNoDay, row), UnfitAction::kNull);
  EXPECT_EQ(*rules.Meet(table_, 0, Unfit::kNoDay, row), UnfitAction::kNull);
  EXPECT_EQ(*rules.Meet(table_, 1, Unfit::kZeroByte, row), UnfitAction::kReplace);
  EXPECT_FALSE(rules.Meet(table_, 1, Unfit::kIllText, row).ok());
  // NULL is no way out for a column that must not be NULL.
  EXPECT_THAT(std::string(rules.Meet(table_, 1, Unfit::kNoDay, row).status().message()),
              HasSubstr("must not be NULL"));
  EXPECT_THAT(
      rules.Counts(),
      ElementsAre(UnfitCount{table_.name, "born", Unfit::kNoDay, UnfitAction::kNull, 2},
                  UnfitCount{table_.name, "name", Unfit::kZeroByte, UnfitAction::kReplace, 1}));
}

TEST_F(ValueRulesTest, WhatNothingComesNearIsNotReplaced) {
  ValueRules rules(
      {UnfitAction::kError, UnfitAction::kError, UnfitAction::kError, UnfitAction::kReplace});
  const auto row = [] { return std::string("id='17'"); };
  EXPECT_EQ(*rules.Meet(table_, 0, Unfit::kOutOfRange, row, "'Infinity'"), UnfitAction::kReplace);
  EXPECT_THAT(
      std::string(
          rules.Meet(table_, 0, Unfit::kOutOfRange, row, "'NaN'", false).status().message()),
      HasSubstr("column born, row id='17': it holds 'NaN', which the target cannot, and no value "
                "comes near it: change it on the source"));
  ASSERT_THAT(rules.Counts(), SizeIs(1));
  EXPECT_THAT(ToText(rules.Counts()[0]),
              HasSubstr("column born: 1 value that their type does not reach was written as what "
                        "comes nearest"));
}

TEST_F(ValueRulesTest, NothingTakesThePlaceOfAKeysValue) {
  ValueRules rules(
      {UnfitAction::kReplace, UnfitAction::kReplace, UnfitAction::kReplace, UnfitAction::kNull});
  const auto row = [] { return std::string("id='17'"); };
  const auto said = [&](int column, Unfit why) {
    return std::string(rules.Meet(table_, column, why, row).status().message());
  };
  table_.unique_keys = {{"by_name", {1}}};
  EXPECT_THAT(
      said(1, Unfit::kZeroByte),
      HasSubstr("column name, row id='17': it holds text with a zero byte, which the target "
                "cannot, and the column is part of the unique key by_name"));
  EXPECT_EQ(*rules.Meet(table_, 0, Unfit::kNoDay, row), UnfitAction::kReplace);
  table_.primary_key = {0};
  EXPECT_THAT(said(0, Unfit::kNoDay), HasSubstr("the column is part of the primary key"));
  EXPECT_THAT(said(0, Unfit::kOutOfRange), HasSubstr("the column is part of the primary key"));
  EXPECT_EQ(
      rules.Counts(),
      (std::vector<UnfitCount>{{table_.name, "born", Unfit::kNoDay, UnfitAction::kReplace, 1}}));
}

TEST(ShownValueTest, IsShortAndPrintable) {
  EXPECT_EQ(ShownValue("17"), "'17'");
  EXPECT_EQ(ShownValue(std::string_view("\x00\xff", 2)), "0x00ff");
  EXPECT_EQ(ShownValue(std::string(61, 'a')), "'" + std::string(60, 'a') + "'...");
}

}  // namespace
}  // namespace godwit::connector
