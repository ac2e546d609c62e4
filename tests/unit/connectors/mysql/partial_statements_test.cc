#include "connectors/mysql/apply/partial_statements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

namespace godwit::connectors::mysql {
namespace {

using connector::TableChanges;
using model::Cell;
using model::Row;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Cell kNone = Cell::Absent();

class PartialStatementsTest : public testing::Test {
 protected:
  PartialStatementsTest() {
    table_.name = {"s", "t"};
    table_.columns = {
        {.name = "id", .kind = model::TypeKind::kInt, .nullable = false},
        {.name = "v", .kind = model::TypeKind::kInt},
        {.name = "e", .kind = model::TypeKind::kEnum},
        {.name = "sum", .kind = model::TypeKind::kInt, .generated = true},
    };
    table_.primary_key = {0};
  }

  Row Of(std::vector<Cell> cells) {
    cells.push_back(kNone);  // of the generated column
    return rows_.emplace_back(std::move(cells));
  }
  StatementSink Sink() {
    return [this](const RowStatement& statement) -> base::Status {
      statements_.push_back(statement);
      return base::OkStatus();
    };
  }
  std::vector<std::string> Texts() const {
    std::vector<std::string> texts;
    for (const RowStatement& statement : statements_) texts.push_back(statement.sql);
    return texts;
  }

  model::Table table_;
  std::deque<std::vector<Cell>> rows_;
  std::vector<RowStatement> statements_;
};

TEST_F(PartialStatementsTest, RowsThatLackTheSameColumnsAreInsertedTogether) {
  ASSERT_TRUE(WritePartialRows(WriteKind::kInsert, table_,
                               {Of({Cell::Int(1), kNone, kNone}),
                                Of({Cell::Int(2), Cell::Null(), Cell::Uint(1)}),
                                Of({Cell::Int(3), kNone, kNone})},
                               Sink())
                  .ok());
  EXPECT_THAT(Texts(), testing::UnorderedElementsAre(
                           "INSERT INTO `s`.`t` (`id`) VALUES (1),(3)",
                           "INSERT INTO `s`.`t` (`id`,`v`,`e`) VALUES (2,NULL,1)"));
  for (const RowStatement& statement : statements_) EXPECT_TRUE(statement.takes_defaults);
}

TEST_F(PartialStatementsTest, ARowThatIsAllDefaults) {
  table_.primary_key.clear();
  ASSERT_TRUE(
      WritePartialRows(WriteKind::kInsert, table_, {Of({kNone, kNone, kNone})}, Sink()).ok());
  EXPECT_THAT(Texts(), ElementsAre("INSERT INTO `s`.`t` () VALUES ()"));
}

TEST_F(PartialStatementsTest, UpdatesSetAllThatIsKnownInOneRoundTrip) {
  const std::vector<TableChanges::Update> updates = {
      {Of({Cell::Int(1), kNone, Cell::Uint(1)}), Of({Cell::Int(1), Cell::Int(7), Cell::Uint(1)})},
      {Of({Cell::Int(2), Cell::Int(5), kNone}), Of({Cell::Int(2), Cell::Int(5), kNone})},
      {Of({Cell::Int(3), kNone, kNone}), Of({Cell::Int(3), Cell::Null(), Cell::Uint(2)})},
  };
  ASSERT_TRUE(
      UpdatePartialRows(PartialKind::kRest, sql::Flavour::kMariaDb, table_, updates, Sink()).ok());
  ASSERT_THAT(statements_, SizeIs(1));
  EXPECT_EQ(statements_[0].sql,
            "UPDATE `s`.`t` SET `v`=7,`e`=1 WHERE `id`=1;"
            "UPDATE `s`.`t` SET `v`=NULL,`e`=2 WHERE `id`=3;"
            "UPDATE `s`.`t` SET `v`=5 WHERE `id`=2;");
  EXPECT_THAT(statements_[0].parts, ElementsAre(0, 44, 91));
  EXPECT_EQ(statements_[0].expected_affected, 3u);
  EXPECT_EQ(statements_[0].count, RowStatement::Count::kFound);
  EXPECT_FALSE(statements_[0].must_be_found);
}

TEST_F(PartialStatementsTest, ManyThatSetTheSameColumnsAreOneStatement) {
  std::vector<TableChanges::Update> updates;
  for (int64_t id = 1; id <= 4; ++id) {
    updates.push_back(
        {Of({Cell::Int(id), kNone, kNone}), Of({Cell::Int(id), Cell::Int(10 * id), kNone})});
  }
  updates.push_back(
      {Of({Cell::Int(9), kNone, kNone}), Of({Cell::Int(9), Cell::Null(), Cell::Uint(1)})});
  ASSERT_TRUE(
      UpdatePartialRows(PartialKind::kRest, sql::Flavour::kMariaDb, table_, updates, Sink()).ok());
  EXPECT_THAT(Texts(),
              ElementsAre("UPDATE (SELECT 1 AS k0,10 AS v0 UNION ALL SELECT 2,20 UNION ALL SELECT "
                          "3,30 UNION ALL SELECT 4,40) godwit_new STRAIGHT_JOIN `s`.`t` godwit_old "
                          "ON godwit_old.`id` = godwit_new.k0 SET godwit_old.`v`=godwit_new.v0",
                          "UPDATE `s`.`t` SET `v`=NULL,`e`=1 WHERE `id`=9;"));
  EXPECT_EQ(statements_[0].expected_affected, 4u);
  EXPECT_EQ(statements_[0].count, RowStatement::Count::kFound);
  // Where the key is text, its collation decides.
  table_.columns[0].kind = model::TypeKind::kText;
  statements_.clear();
  ASSERT_TRUE(
      UpdatePartialRows(PartialKind::kRest, sql::Flavour::kMariaDb, table_, updates, Sink()).ok());
  EXPECT_THAT(statements_, SizeIs(1));
  EXPECT_THAT(statements_[0].parts, SizeIs(5));
}

// The target must not make up what the log does not say, nor what it says to be as before.
TEST_F(PartialStatementsTest, WhatTheServerWouldSetByItselfIsNamedInAnyCase) {
  table_.columns[1].on_update = "current_timestamp()";
  table_.kept_by_updates = {"own"};
  std::vector<TableChanges::Update> updates = {
      {Of({Cell::Int(1), kNone, kNone}), Of({Cell::Int(1), kNone, Cell::Uint(1)})}};
  ASSERT_TRUE(
      UpdatePartialRows(PartialKind::kRest, sql::Flavour::kMariaDb, table_, updates, Sink()).ok());
  EXPECT_THAT(Texts(), ElementsAre("UPDATE `s`.`t` SET `e`=1,`v`=`v`,`own`=`own` WHERE `id`=1;"));
  // A TIMESTAMP may do so without its definition being known to say it.
  table_.columns[1].on_update.clear();
  table_.columns[1].kind = model::TypeKind::kTimestamp;
  statements_.clear();
  ASSERT_TRUE(
      UpdatePartialRows(PartialKind::kRest, sql::Flavour::kMariaDb, table_, updates, Sink()).ok());
  EXPECT_THAT(Texts(), ElementsAre("UPDATE `s`.`t` SET `e`=1,`v`=`v`,`own`=`own` WHERE `id`=1;"));
  table_.columns[1].kind = model::TypeKind::kInt;
  table_.columns[1].on_update = "current_timestamp()";
  // As part of the identity it stays, too.
  table_.primary_key = {0, 1};
  updates = {
      {Of({Cell::Int(1), Cell::Int(7), kNone}), Of({Cell::Int(1), Cell::Int(7), Cell::Uint(1)})}};
  statements_.clear();
  ASSERT_TRUE(
      UpdatePartialRows(PartialKind::kRest, sql::Flavour::kMariaDb, table_, updates, Sink()).ok());
  EXPECT_THAT(Texts(), ElementsAre("UPDATE `s`.`t` SET `e`=1,`v`=`v`,`own`=`own` WHERE `id`=1 AND "
                                   "`v`=7;"));
  // Of many at once.
  table_.primary_key = {0};
  table_.columns[2].kind = model::TypeKind::kInt;
  updates.clear();
  for (int64_t id = 1; id <= 4; ++id)
    updates.push_back(
        {Of({Cell::Int(id), kNone, kNone}), Of({Cell::Int(id), kNone, Cell::Int(5)})});
  statements_.clear();
  ASSERT_TRUE(
      UpdatePartialRows(PartialKind::kRest, sql::Flavour::kMariaDb, table_, updates, Sink()).ok());
  ASSERT_THAT(statements_, SizeIs(1));
  EXPECT_THAT(statements_[0].sql,
              testing::EndsWith("SET godwit_old.`e`=godwit_new.v0,godwit_old.`v`=godwit_old.`v`,"
                                "godwit_old.`own`=godwit_old.`own`"));
}

TEST_F(PartialStatementsTest, ClaimsAreMadeOneByOne) {
  const std::vector<TableChanges::Update> claims = {
      {Of({Cell::Int(1), kNone, kNone}), Of({Cell::Int(2), kNone, kNone})},
      {Of({Cell::Int(2), kNone, kNone}), Of({Cell::Int(2), Cell::Int(8), kNone})},
  };
  ASSERT_TRUE(
      UpdatePartialRows(PartialKind::kClaims, sql::Flavour::kMariaDb, table_, claims, Sink()).ok());
  EXPECT_THAT(Texts(), ElementsAre("UPDATE `s`.`t` SET `id`=2 WHERE `id`=1",
                                   "UPDATE `s`.`t` SET `v`=8 WHERE `id`=2"));
  EXPECT_TRUE(statements_[0].must_be_found);
  statements_.clear();
  ASSERT_TRUE(
      UpdatePartialRows(PartialKind::kFreeClaims, sql::Flavour::kMariaDb, table_, claims, Sink())
          .ok());
  EXPECT_THAT(Texts(), ElementsAre("UPDATE `s`.`t` SET `id`=2 WHERE `id`=1",
                                   "UPDATE `s`.`t` SET `v`=8 WHERE `id`=2"));
  EXPECT_FALSE(statements_[0].must_be_found);
}

// An ENUM's empty value warns when it is stored.
TEST_F(PartialStatementsTest, WhatWarnsIsSentAlone) {
  std::vector<TableChanges::Update> updates;
  for (const uint64_t label : {1, 0, 2, 0}) {
    const int64_t id = static_cast<int64_t>(updates.size());
    updates.push_back(
        {Of({Cell::Int(id), kNone, kNone}), Of({Cell::Int(id), kNone, Cell::Uint(label)})});
  }
  ASSERT_TRUE(
      UpdatePartialRows(PartialKind::kRest, sql::Flavour::kMariaDb, table_, updates, Sink()).ok());
  uint64_t rows = 0;
  for (const RowStatement& statement : statements_) {
    EXPECT_LE(statement.expected_warnings, 1u);
    if (statement.expected_warnings > 0) {
      EXPECT_EQ(statement.rows, 1u);
    }
    EXPECT_THAT(statement.parts, SizeIs(statement.rows));
    rows += statement.rows;
  }
  EXPECT_EQ(rows, 4u);
  EXPECT_THAT(Texts(), ElementsAre("UPDATE `s`.`t` SET `e`=1 WHERE `id`=0;",
                                   "UPDATE `s`.`t` SET `e`=0 WHERE `id`=1",
                                   "UPDATE `s`.`t` SET `e`=2 WHERE `id`=2;",
                                   "UPDATE `s`.`t` SET `e`=0 WHERE `id`=3"));
}

TEST_F(PartialStatementsTest, NothingInNothingOut) {
  ASSERT_TRUE(
      UpdatePartialRows(PartialKind::kRest, sql::Flavour::kMariaDb, table_, {}, Sink()).ok());
  ASSERT_TRUE(WritePartialRows(WriteKind::kInsert, table_, {}, Sink()).ok());
  EXPECT_THAT(statements_, IsEmpty());
}

}  // namespace
}  // namespace godwit::connectors::mysql
