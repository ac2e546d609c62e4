#include <gmock/gmock.h>

#include "comparing.h"

namespace godwit::verify {
namespace {

using testing::HasSubstr;

class KeyedComparisonTest : public Comparing {
 protected:
  void Fill(int64_t rows) {
    for (int64_t i = 1; i <= rows; ++i)
      source.rows[i * 10] = {"n" + std::to_string(i), std::nullopt};
    target.rows = source.rows;
  }
};

TEST_F(KeyedComparisonTest, EqualTablesAreReadOnceOnEachSide) {
  Fill(2500);
  const TableReport report = CompareKeyed();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(report.result, TableResult::kEqual);
  EXPECT_EQ(report.equal, 2500u);
  EXPECT_EQ(source.reads, 1);
  EXPECT_EQ(target.reads, 1);
}

TEST_F(KeyedComparisonTest, EmptyTablesAreEqual) {
  EXPECT_EQ(CompareKeyed().result, TableResult::kEqual);
}

TEST_F(KeyedComparisonTest, CountsAndNamesEachKindOfDifference) {
  Fill(2500);
  target.rows.erase(10);            // the first
  target.rows.erase(25000);         // the last
  target.rows[12340][0] = "other";  // between
  target.rows[12350][1] = "";       // NULL is not the empty text
  target.rows[1] = {"x", "x"};      // before the first
  target.rows[12345] = {"x", "x"};
  target.rows[99999] = {"x", "x"};  // after the last
  const TableReport report = CompareKeyed();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(report.result, TableResult::kDifferent);
  EXPECT_EQ(report.equal, 2496u);
  EXPECT_EQ(report.missing, 2u);
  EXPECT_EQ(report.extra, 3u);
  EXPECT_EQ(report.different, 2u);
  std::vector<std::string> rows;
  for (const RowSample& sample : report.samples) {
    std::string columns;
    for (const std::string& column : sample.columns) columns += " " + column;
    rows.push_back(std::string(ToString(sample.difference)) + " " + sample.row + columns);
  }
  EXPECT_THAT(rows,
              testing::UnorderedElementsAre("missing id=10", "missing id=25000",
                                            "different id=12340 name", "different id=12350 note",
                                            "extra id=1", "extra id=12345", "extra id=99999"));
}

TEST_F(KeyedComparisonTest, AValueMayNotMoveFromOneColumnToTheNext) {
  source.rows[1] = {"ab", "c"};
  target.rows[1] = {"a", "bc"};
  EXPECT_EQ(CompareKeyed().different, 1u);
}

TEST_F(KeyedComparisonTest, OnlyTheRangeIsCompared) {
  Fill(100);
  target.rows.erase(500);
  target.rows.erase(510);
  EXPECT_EQ(CompareKeyed(1 << 20, {"500", "600"}).missing, 1u);
  EXPECT_EQ(CompareKeyed(1 << 20, {"", "499"}).missing, 0u);
}

TEST_F(KeyedComparisonTest, AnEmptyTargetMissesAllRowsAndFewAreNamed) {
  Fill(5000);
  target.rows.clear();
  const TableReport report = CompareKeyed(16 * 1024);
  EXPECT_EQ(report.missing, 5000u);
  EXPECT_EQ(report.equal, 0u);
  EXPECT_EQ(report.samples.size(), 10u);
}

TEST_F(KeyedComparisonTest, AnEmptySourceMakesAllRowsExtra) {
  Fill(5000);
  source.rows.clear();
  EXPECT_EQ(CompareKeyed().extra, 5000u);
}

TEST_F(KeyedComparisonTest, RowsOnTheirWayAreWaitedFor) {
  Fill(100);
  source.rows[55] = {"new", ""};
  source.rows[60][0] = "changed";
  source.rows.erase(70);
  target.before_read = [this](int read) {
    if (read == 4) target.rows = source.rows;
    return base::OkStatus();
  };
  const TableReport report = CompareKeyed();
  EXPECT_EQ(report.result, TableResult::kEqual);
  EXPECT_EQ(report.equal, 100u);
  EXPECT_EQ(report.unsettled, 0u);
}

TEST_F(KeyedComparisonTest, ATargetThatFollowsABusyRowOneChangeBehindIsEqual) {
  Fill(3);
  source.before_read = [this](int read) {
    target.rows[20] = source.rows[20];
    source.rows[20][0] = "v" + std::to_string(read);
    return base::OkStatus();
  };
  const TableReport report = CompareKeyed();
  EXPECT_EQ(report.result, TableResult::kEqual);
  EXPECT_EQ(report.equal, 3u);
}

TEST_F(KeyedComparisonTest, ARowThatNeverRestsIsUnsettled) {
  Fill(3);
  source.before_read = [this](int read) {
    source.rows[20][0] = "v" + std::to_string(read);
    target.rows[20][0] = "far behind " + std::to_string(read);
    return base::OkStatus();
  };
  const TableReport report = CompareKeyed();
  EXPECT_EQ(report.unsettled, 1u);
  EXPECT_EQ(report.equal, 2u);
  EXPECT_EQ(report.different, 0u);
}

TEST_F(KeyedComparisonTest, ALostConnectionDoesNotCountRowsTwice) {
  Fill(2000);
  target.rows[500][0] = "other";
  for (FakeSide* side : {&source, &target}) {
    side->before_read = [](int read) {
      return read % 2 == 0 ? base::Unavailable("gone") : base::OkStatus();
    };
  }
  const TableReport report = CompareKeyed();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(report.equal, 1999u);
  EXPECT_EQ(report.different, 1u);
}

TEST_F(KeyedComparisonTest, ATableThatChangedIsNotComparable) {
  Fill(10);
  target.before_read = [](int) { return base::NotFound("no column note"); };
  const TableReport report = CompareKeyed();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(report.result, TableResult::kNotComparable);
  EXPECT_THAT(report.problem, HasSubstr("no column note"));
}

TEST_F(KeyedComparisonTest, AnyOtherErrorEndsTheComparison) {
  Fill(10);
  source.before_read = [](int) { return base::FailedPrecondition("no right"); };
  CompareKeyed();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
}

TEST_F(KeyedComparisonTest, StoppingEndsTheWaitForAServer) {
  Fill(10);
  source.before_read = [this](int) {
    stop.request_stop();
    return base::Unavailable("gone");
  };
  CompareKeyed();
  EXPECT_TRUE(absl::IsCancelled(status));
}

}  // namespace
}  // namespace godwit::verify
