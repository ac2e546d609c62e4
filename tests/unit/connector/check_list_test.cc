#include "connector/check_list.h"

#include <gtest/gtest.h>

namespace godwit::connector {
namespace {

// Whether each item that failed may pass by itself.
std::vector<bool> Away(CheckList list) {
  std::vector<bool> away;
  for (const CheckItem& item : list.Take()) away.push_back(item.is_away);
  return away;
}

TEST(CheckListTest, WhatAServerThatIsGoneHasNotToldMayPass) {
  const base::Status gone = base::Unavailable("Lost connection to server during query");
  CheckList list("source");
  list.Unknown("binlog_format", gone);
  list.Fail("tables", gone, "make them readable");
  EXPECT_EQ(Away(std::move(list)), (std::vector<bool>{true, true}));
  EXPECT_TRUE(CheckList::Unreachable("target", gone).front().is_away);
}

TEST(CheckListTest, WhatAServerHasSaidStays) {
  const base::Status refused = base::FailedPrecondition("source: SELECT denied");
  CheckList list("source");
  list.Unknown("binlog_format", refused);
  list.Fail("tables", refused, "make them readable");
  list.Fail("log_bin", "OFF", "switch it on");
  EXPECT_EQ(Away(std::move(list)), (std::vector<bool>{false, false, false}));
  EXPECT_FALSE(CheckList::Unreachable("target", refused).front().is_away);
}

TEST(CheckListTest, TheSideIsSaidOnce) {
  CheckList list("source");
  list.Fail("tables", base::Unavailable("source: SELECT 1:\nlost"), "see\nthere");
  const CheckReport report = list.Take();
  EXPECT_EQ(report.front().name, "source: tables");
  EXPECT_EQ(report.front().finding, "SELECT 1: lost");
  EXPECT_EQ(report.front().remedy, "see there");
}

}  // namespace
}  // namespace godwit::connector
