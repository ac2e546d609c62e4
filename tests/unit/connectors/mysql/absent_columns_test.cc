#include "connectors/mysql/log/absent_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace godwit::connectors::mysql {
namespace {

using model::Cell;
using testing::HasSubstr;

const model::TableName kName{"shop", "t"};

TEST(AbsentInTest, WhatAStatementDoesToTheTableThatItNames) {
  for (const char* statement : {
           "UPDATE t SET v = 1",
           "update low_priority ignore `shop`.`t` as x set v = 1",
           "/* why */ UPDATE shop.t SET v = 'REPLACE INTO t'",
           "UPDATE a, t SET v = 1",
           "UPDATE a LEFT JOIN (b JOIN T) ON a.id = b.id SET v = 1",
           "INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE v = 2",
           "INSERT IGNORE t SELECT * FROM a ON DUPLICATE KEY UPDATE v = 2",
           "SET STATEMENT max_statement_time = 1 FOR UPDATE t SET v = 1",
           "ANALYZE FORMAT=JSON UPDATE t SET v = 1",
           "/*!50000 UPDATE t SET v = 1 */",
       }) {
    EXPECT_EQ(AbsentIn(statement, kName), AbsentMeans::kUnchanged) << statement;
  }
  for (const char* statement : {
           "REPLACE INTO t VALUES (1, 2)",
           "replace shop.t set id = 1",
           "LOAD DATA LOCAL INFILE 'it''s' REPLACE INTO TABLE t (id)",
       }) {
    EXPECT_EQ(AbsentIn(statement, kName), AbsentMeans::kDefault) << statement;
  }
}

TEST(AbsentInTest, WhatATriggerMayHaveDoneIsNotKnown) {
  for (const char* statement : {
           "",
           "UPDATE a SET t = 1",
           "UPDATE other.t SET v = 1",
           "INSERT INTO a SELECT * FROM t",
           "REPLACE INTO a VALUES (1)",
           "DELETE FROM t",
           "LOAD DATA INFILE 'x' INTO TABLE t",
           "CALL p()",
           "UPDATE 'never ends",
       }) {
    EXPECT_EQ(AbsentIn(statement, kName), AbsentMeans::kUnknown) << statement;
  }
}

TEST(AbsentInTest, OfALongStatementTheBeginningIsEnough) {
  const std::string value(100'000, 'x');
  EXPECT_EQ(
      AbsentIn("INSERT INTO t VALUES (1, '" + value + "') ON DUPLICATE KEY UPDATE v = 1", kName),
      AbsentMeans::kUnchanged);
  EXPECT_EQ(AbsentIn("REPLACE INTO t VALUES (1, \"" + value, kName), AbsentMeans::kDefault);
}

class CheckAbsentTest : public testing::Test {
 protected:
  CheckAbsentTest() {
    table_.name = kName;
    table_.columns = {{.name = "id", .kind = model::TypeKind::kInt, .nullable = false},
                      {.name = "v", .kind = model::TypeKind::kInt},
                      {.name = "w", .kind = model::TypeKind::kInt},
                      {.name = "sum", .kind = model::TypeKind::kInt, .generated = true}};
    table_.primary_key = {0};
  }

  std::string Check(AbsentMeans absent = AbsentMeans::kUnchanged) {
    return std::string(CheckAbsent(table_, before_, after_, absent).message());
  }

  const Cell kNone = Cell::Absent();
  model::Table table_;
  std::vector<Cell> before_, after_;
};

TEST_F(CheckAbsentTest, WhatAnUpdateLeavesOutIsAsItWas) {
  before_ = {Cell::Int(1), kNone, Cell::Int(3), kNone};
  after_ = {kNone, kNone, kNone, Cell::Int(9)};
  EXPECT_EQ(Check(), "");
  EXPECT_THAT(after_, testing::ElementsAre(Cell::Int(1), kNone, Cell::Int(3), Cell::Int(9)));
  EXPECT_FALSE(HasAll(table_, after_));
  after_[1] = Cell::Null();
  after_[3] = kNone;
  EXPECT_TRUE(HasAll(table_, after_));
}

TEST_F(CheckAbsentTest, AReplaceMayHaveGivenItsDefault) {
  before_ = {Cell::Int(1), kNone, kNone, kNone};
  after_ = {Cell::Int(1), Cell::Int(2), kNone, kNone};
  EXPECT_THAT(Check(AbsentMeans::kUnknown), HasSubstr("REPLACE"));
  EXPECT_EQ(Check(AbsentMeans::kDefault), "");
  EXPECT_EQ(after_[2], kNone);
  EXPECT_EQ(Check(AbsentMeans::kUnchanged), "");
  // One that names all columns leaves no question, nor does one that cannot be a REPLACE.
  after_ = {Cell::Int(1), Cell::Int(2), Cell::Int(3), kNone};
  EXPECT_EQ(Check(AbsentMeans::kUnknown), "");
  after_ = {kNone, Cell::Int(2), kNone, kNone};
  EXPECT_EQ(Check(AbsentMeans::kUnknown), "");
}

TEST_F(CheckAbsentTest, WhichRowItIsHasToBeKnown) {
  before_ = {kNone, Cell::Int(2), Cell::Int(3), kNone};
  EXPECT_THAT(Check(), HasSubstr("which row it is"));
  table_.primary_key.clear();
  EXPECT_THAT(Check(), HasSubstr("which row it is"));
  before_[0] = Cell::Int(1);
  EXPECT_EQ(Check(), "");
  table_.primary_key = {0};
  before_.clear();
  after_ = {kNone, Cell::Int(2), Cell::Int(3), kNone};
  EXPECT_THAT(Check(), HasSubstr("default"));
  after_ = {Cell::Int(1), kNone, kNone, kNone};
  EXPECT_EQ(Check(), "");
}

TEST_F(CheckAbsentTest, HistoryNeedsAllColumns) {
  table_.system_versioned = true;
  before_ = {Cell::Int(1), Cell::Int(2), Cell::Int(3), kNone};
  after_ = {Cell::Int(1), Cell::Int(2), kNone, kNone};
  EXPECT_EQ(Check(), "");
  before_[2] = after_[2] = kNone;
  EXPECT_THAT(Check(), HasSubstr("history"));
}

}  // namespace
}  // namespace godwit::connectors::mysql
