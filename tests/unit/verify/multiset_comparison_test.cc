#include <gmock/gmock.h>

#include <algorithm>

#include "comparing.h"

namespace godwit::verify {
namespace {

class MultisetComparisonTest : public Comparing {
 protected:
  void Fill(int rows) {
    for (int i = 0; i < rows; ++i)
      source.loose.push_back({"n" + std::to_string(i / 2), std::nullopt});
    target.loose = source.loose;
    std::reverse(target.loose.begin(), target.loose.end());
  }
};

TEST_F(MultisetComparisonTest, OrderDoesNotCount) {
  Fill(1000);
  const TableReport report = CompareMultisets();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(report.result, TableResult::kEqual);
  EXPECT_EQ(report.equal, 1000u);
  EXPECT_FALSE(report.has_key);
  EXPECT_EQ(source.reads + target.reads, 2);
}

TEST_F(MultisetComparisonTest, HowOftenARowIsThereCounts) {
  Fill(1000);
  source.loose.push_back(source.loose[0]);
  source.loose.push_back(source.loose[0]);
  target.loose.push_back(source.loose[600]);
  const TableReport report = CompareMultisets();
  EXPECT_EQ(report.result, TableResult::kDifferent);
  EXPECT_EQ(report.missing, 2u);
  EXPECT_EQ(report.extra, 1u);
  EXPECT_EQ(report.equal, 1000u);
}

TEST_F(MultisetComparisonTest, AChangedRowIsMissingAndExtraAndShown) {
  Fill(10);
  source.loose[4] = {"ours", std::nullopt};
  target.loose[5] = {"theirs", "\x01"};
  const TableReport report = CompareMultisets();
  EXPECT_EQ(report.missing, 1u);
  EXPECT_EQ(report.extra, 1u);
  std::vector<std::string> rows;
  for (const RowSample& sample : report.samples)
    rows.push_back(std::string(ToString(sample.difference)) + " " + sample.row);
  EXPECT_THAT(rows, testing::UnorderedElementsAre("missing name='ours', note=NULL",
                                                  "extra name='theirs', note=0x01"));
}

TEST_F(MultisetComparisonTest, RowsOnTheirWayAreWaitedFor) {
  Fill(10);
  source.loose.push_back({"new", ""});
  target.before_read = [this](int read) {
    if (read == 2) target.loose = source.loose;
    return base::OkStatus();
  };
  const TableReport report = CompareMultisets();
  EXPECT_EQ(report.result, TableResult::kEqual);
  EXPECT_EQ(report.equal, 11u);
}

TEST_F(MultisetComparisonTest, ALostConnectionDoesNotCountRowsTwice) {
  Fill(100);
  source.loose.push_back({"new", ""});
  for (FakeSide* side : {&source, &target}) {
    side->before_read = [](int read) {
      return read % 2 == 0 ? base::Unavailable("gone") : base::OkStatus();
    };
  }
  const TableReport report = CompareMultisets();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(report.missing, 1u);
  EXPECT_EQ(report.equal, 100u);
}

TEST_F(MultisetComparisonTest, LittleMemoryTakesMorePasses) {
  Fill(3000);
  for (size_t i = 0; i < 3000; i += 100) source.loose[i][1] = "changed";
  const TableReport report = CompareMultisets(64 * 1024);
  EXPECT_GT(source.reads, 4);
  EXPECT_EQ(report.missing, 30u);
  EXPECT_EQ(report.extra, 30u);
  EXPECT_EQ(report.equal, 2970u);
  EXPECT_EQ(report.left_out, 0u);
}

TEST_F(MultisetComparisonTest, WhatIsLeftOutOfTheCountsIsSaid) {
  Fill(50'000);
  for (Values& row : source.loose) row[1] = "changed";
  const TableReport report = CompareMultisets(32 * 1024);
  EXPECT_EQ(report.result, TableResult::kDifferent);
  EXPECT_EQ(report.left_out, 100'000 - report.missing - report.extra);
  EXPECT_GT(report.missing, 0u);
  EXPECT_EQ(report.equal, 0u);
}

}  // namespace
}  // namespace godwit::verify
