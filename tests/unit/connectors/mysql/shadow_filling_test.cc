#include "connectors/mysql/ddl/shadow_filling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::connectors::mysql {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const model::TableName kGhost{"shop", "_t_gho"}, kNew{"shop", "_t_new"};

bool IsOfT(const model::TableName&, const std::string& real) { return real == "t"; }

void Trigger(ShadowFilling& filling, const std::string& name, const std::string& text) {
  sql::ParseOptions options;
  options.default_schema = "shop";
  filling.TakeTrigger({"shop", name}, text, options, IsOfT);
}

TEST(ShadowFillingTest, OneOfWhichNothingIsKnownHasOtherRows) {
  ShadowFilling filling;
  EXPECT_THAT(filling.WhyOtherRows(kGhost), HasSubstr("not known"));
  filling.TakeRows(kGhost);
  EXPECT_THAT(filling.WhyOtherRows(kGhost), HasSubstr("not known"));
}

TEST(ShadowFillingTest, RowsMakeAShadowOfATool) {
  ShadowFilling filling;
  filling.Begin(kGhost);
  EXPECT_THAT(filling.WhyOtherRows(kGhost), HasSubstr("empty"));
  filling.TakeRows(kGhost);
  EXPECT_EQ(filling.WhyOtherRows(kGhost), "");
  filling.TakeStatement(sql::TruncateTable{kGhost});
  EXPECT_THAT(filling.WhyOtherRows(kGhost), HasSubstr("empty"));
  filling.TakeRows(kGhost);
  filling.TakeStatement(sql::AlterTable{.table = kGhost, .actions = {sql::ImportTablespace{}}});
  EXPECT_THAT(filling.WhyOtherRows(kGhost), HasSubstr("not known"));
}

TEST(ShadowFillingTest, WhatIsCalledLikeATableOfTriggersNeedsThem) {
  ShadowFilling filling;
  filling.Begin(kNew);
  filling.TakeRows(kNew);
  EXPECT_THAT(filling.WhyOtherRows(kNew), HasSubstr("no triggers"));
  Trigger(filling, "d", "CREATE TRIGGER d AFTER DELETE ON t FOR EACH ROW DELETE FROM _t_new");
  Trigger(filling, "u",
          "CREATE DEFINER=`a`@`%` TRIGGER `u` after update on `shop`.`t` FOR EACH ROW "
          "REPLACE INTO `shop`.`_t_new` (id) VALUES (NEW.id)");
  Trigger(filling, "i", "CREATE TRIGGER i AFTER INSERT ON other FOR EACH ROW SET @a = '_t_new'");
  Trigger(filling, "j", "CREATE TRIGGER j AFTER INSERT ON t FOR EACH ROW SET @a = '_t_new'");
  Trigger(filling, "k", "CREATE TRIGGER k BEFORE INSERT ON t FOR EACH ROW DELETE FROM _t_new");
  EXPECT_THAT(filling.WhyOtherRows(kNew), HasSubstr("no triggers"));
  Trigger(filling, "i!;,/", "CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW DELETE FROM _t_new");
  EXPECT_EQ(filling.WhyOtherRows(kNew), "");
  const std::string text = filling.ToText();
  EXPECT_THAT(text, Not(HasSubstr(";")));
  ShadowFilling read = *ShadowFilling::Parse(text);
  EXPECT_EQ(read.ToText(), text);
  EXPECT_EQ(read.WhyOtherRows(kNew), "");
  Trigger(read, "i!;,/", "DROP TRIGGER x");
  EXPECT_THAT(read.WhyOtherRows(kNew), HasSubstr("no triggers"));
}

TEST(ShadowFillingTest, WhatIsNoTextOfItsIsRefused) {
  for (const char* text : {"shop", "shop/_t_new", "shop/_t_new/rows/"})
    EXPECT_TRUE(absl::IsInvalidArgument(ShadowFilling::Parse(text).status())) << text;
  EXPECT_EQ(ShadowFilling::Parse("")->ToText(), "");
}

}  // namespace
}  // namespace godwit::connectors::mysql
