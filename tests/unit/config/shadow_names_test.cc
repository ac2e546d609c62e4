#include "config/shadow_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/task.h"

namespace godwit::config {
namespace {

using Role = ShadowNames::Role;

ShadowNames Defaults() {
  const OnlineDdlOptions options;
  return *ShadowNames::Make(options.shadow, options.trash);
}

TEST(ShadowNames, KnowsTheTablesOfBothTools) {
  const ShadowNames names = Defaults();
  EXPECT_EQ(names.RoleFor("_t_gho", "t"), Role::kShadow);
  EXPECT_EQ(names.RoleFor("_t_new", "t"), Role::kShadow);
  for (const char* trash : {"_t_ghc", "_t_del", "_t_old", "_t_20260102030405_del"})
    EXPECT_EQ(names.RoleFor(trash, "t"), Role::kTrash) << trash;
  for (const char* other : {"t", "t_new", "_t", "_t_news", "_other_new", "_t_gho2"})
    EXPECT_EQ(names.RoleFor(other, "t"), Role::kNone) << other;
}

TEST(ShadowNames, FurtherUnderscoresAreOfTheToolOrTheTable) {
  const ShadowNames names = Defaults();
  EXPECT_EQ(names.RoleFor("___t_new", "t"), Role::kShadow);
  EXPECT_EQ(names.RoleFor("___t_new", "_t"), Role::kShadow);
  std::vector<std::string> owners;
  for (const auto& owner : names.OwnersOf("__t_old")) owners.push_back(owner.real);
  EXPECT_THAT(owners, testing::ElementsAre("_t", "t"));
}

TEST(ShadowNames, ANameThatWasCutMatchesByItsBeginning) {
  const std::string real(64, 'x');
  const std::string shadow = "_" + real.substr(0, 59) + "_gho";
  ASSERT_EQ(shadow.size(), 64u);
  EXPECT_EQ(Defaults().RoleFor(shadow, real), Role::kShadow);
  EXPECT_EQ(Defaults().RoleFor("_x_gho", real), Role::kNone);
}

TEST(ShadowNames, ByDefaultItKnowsNone) { EXPECT_TRUE(ShadowNames().OwnersOf("_t_gho").empty()); }

TEST(ShadowNames, TellsTheTriggersOfATool) {
  EXPECT_TRUE(ShadowNames::IsToolTrigger("pt_osc_shop_t_ins"));
  EXPECT_FALSE(ShadowNames::IsToolTrigger("pt_oscar"));
  EXPECT_FALSE(ShadowNames::IsToolTrigger("audit_ins"));
}

TEST(ShadowNames, SaysWhatIsWrongWithAPattern) {
  EXPECT_THAT(ShadowNames::CheckPattern("^_(.+").message(), testing::HasSubstr("not a regular"));
  EXPECT_THAT(ShadowNames::CheckPattern("^_.+$").message(), testing::HasSubstr("one group"));
  EXPECT_TRUE(ShadowNames::CheckPattern("^(.+)_(?:a|b)$").ok());
}

}  // namespace
}  // namespace godwit::config
