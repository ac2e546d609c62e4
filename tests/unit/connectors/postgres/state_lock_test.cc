#include "connectors/postgres/state/state_lock.h"

#include <gtest/gtest.h>

namespace godwit::connectors::postgres {
namespace {

// Runs of other versions must meet at the same number.
TEST(StateLockTest, StaysTheSameNumber) {
  EXPECT_EQ(LockNumber("godwit", "shop"), -8122823462961299997);
}

TEST(StateLockTest, MarksSessionsByTheNumber) {
  EXPECT_EQ(MarkOf("godwit", "shop"), "godwit 8f45ef18d4fbbde3");
}

TEST(StateLockTest, TellsTasksAndSchemasApart) {
  EXPECT_NE(LockNumber("godwit", "shop"), LockNumber("godwit", "shop2"));
  EXPECT_NE(LockNumber("godwit", "shop"), LockNumber("other", "shop"));
  EXPECT_NE(LockNumber("godwit", "shop"), LockNumber("godwit", ""));
  EXPECT_NE(LockNumber("ab", "c"), LockNumber("a", "bc"));
}

}  // namespace
}  // namespace godwit::connectors::postgres
