#include "connectors/mysql/apply/statement_lane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace godwit::connectors::mysql {
namespace {

using ::testing::ElementsAre;

RowStatement Statement(std::string sql) {
  RowStatement statement;
  statement.sql = std::move(sql);
  return statement;
}

class StatementLaneTest : public ::testing::Test {
 protected:
  model::Table table_;
  std::vector<std::string> executed_;
};

TEST_F(StatementLaneTest, ExecutesAllInOrder) {
  StatementLane lane([&](const RowStatement& statement, const model::Table& table) {
    EXPECT_EQ(&table, &table_);
    executed_.push_back(statement.sql);
    return base::OkStatus();
  });
  for (const char* sql : {"a", "b", "c"}) EXPECT_TRUE(lane.Put(Statement(sql), table_).ok());
  EXPECT_TRUE(lane.Drain().ok());
  EXPECT_THAT(executed_, ElementsAre("a", "b", "c"));
}

TEST_F(StatementLaneTest, PutGoesOnWhileAStatementIsExecuted) {
  std::promise<void> go;
  StatementLane lane([&](const RowStatement& statement, const model::Table&) {
    if (executed_.empty()) go.get_future().wait();
    executed_.push_back(statement.sql);
    return base::OkStatus();
  });
  EXPECT_TRUE(lane.Put(Statement("a"), table_).ok());
  EXPECT_TRUE(lane.Put(Statement("b"), table_).ok());
  go.set_value();
  EXPECT_TRUE(lane.Drain().ok());
  EXPECT_THAT(executed_, ElementsAre("a", "b"));
}

TEST_F(StatementLaneTest, NothingIsExecutedAfterAnError) {
  StatementLane lane([&](const RowStatement& statement, const model::Table&) {
    executed_.push_back(statement.sql);
    return statement.sql == "b" ? base::Unavailable("gone") : base::OkStatus();
  });
  EXPECT_TRUE(lane.Put(Statement("a"), table_).ok());
  base::Status status = lane.Put(Statement("b"), table_);
  while (status.ok()) status = lane.Put(Statement("c"), table_);
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(absl::IsUnavailable(lane.Drain()));
  EXPECT_THAT(executed_, ElementsAre("a", "b"));
}

TEST_F(StatementLaneTest, WhoeverForgetsItWaitsForIt) {
  std::atomic<bool> done = false;
  {
    StatementLane lane([&](const RowStatement&, const model::Table&) {
      done = true;
      return base::OkStatus();
    });
    EXPECT_TRUE(lane.Put(Statement("a"), table_).ok());
  }
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace godwit::connectors::mysql
