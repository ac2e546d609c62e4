#include "connectors/postgres/log/log_hold.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace godwit::connectors::postgres {
namespace {

TEST(HoldName, IsOneThatAReplicationSlotMayHaveAndNoOtherTasks) {
  EXPECT_EQ(HoldName("shop_1"), "godwit_shop_1");
  std::set<std::string> names;
  for (const std::string& task :
       {std::string("shop_a"), std::string("shop-a"), std::string("shop.a"),
        std::string("shop.a_b"), std::string("shop.a-b"), std::string(64, 'x'),
        std::string(63, 'x') + "y", std::string(40, 'x') + "." + std::string(23, 'y')}) {
    const std::string name = HoldName(task);
    EXPECT_LE(name.size(), 63u) << task;
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string::npos)
        << name;
    EXPECT_TRUE(names.insert(name).second) << name;
  }
}

}  // namespace
}  // namespace godwit::connectors::postgres
