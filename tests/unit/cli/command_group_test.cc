#include "cli/cluster/command_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::cli {
namespace {

using testing::HasSubstr;

const std::string kExample = std::string(GODWIT_UNIT_TESTS) + "/../../deploy/example/";

TEST(CommandGroup, AFileStandsForWhatIsInIt) {
  EXPECT_EQ(*NameIn(Named::kSource, kExample + "shop-db.yaml"), "shop-db");
  EXPECT_EQ(*NameIn(Named::kTask, kExample + "shop.yaml"), "shop");
  EXPECT_EQ(*NameIn(Named::kTask, "shop"), "shop");
  EXPECT_THAT(ReadConfig(Named::kSource, kExample + "shop-db.yaml")->text, HasSubstr("mysql://"));
}

TEST(CommandGroup, AFileThatIsWrongIsBadUsageAndNamed) {
  for (const std::string& file : {std::string("./none"), kExample + "shop-db.yaml"}) {
    const auto name = NameIn(Named::kTask, file);
    EXPECT_EQ(ExitCodeOf(name.status()), kBadUsage);
    EXPECT_THAT(std::string(name.status().message()), HasSubstr(file));
  }
}

}  // namespace
}  // namespace godwit::cli
