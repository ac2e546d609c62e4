#include "connectors/mysql/apply/row_statements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::connectors::mysql {
namespace {

using model::Cell;
using model::TypeKind;
using ::testing::HasSubstr;

// Rows of (id, name, price, note) with note null in every second.
class RowStatementsTest : public ::testing::Test {
 protected:
  RowStatementsTest() {
    table_.name = {"shop", "t"};
    AddColumn("id", TypeKind::kInt);
    AddColumn("name", TypeKind::kText);
    AddColumn("price", TypeKind::kDecimal);
    AddColumn("note", TypeKind::kText);
    table_.primary_key = {0};
  }

  void AddColumn(const std::string& name, TypeKind kind) {
    model::Column& column = table_.columns.emplace_back();
    column.name = name;
    column.kind = kind;
    column.charset = "utf8mb4";
  }

  void AddRows(int count) {
    for (int i = 0; i < count; ++i) {
      cells_.push_back({Cell::Int(i), Cell::Bytes("o'neill"), Cell::Number("1.50"),
                        i % 2 == 0 ? Cell::Null() : Cell::Bytes("")});
    }
    for (const auto& row : cells_) rows_.emplace_back(row);
  }

  std::vector<RowStatement> Insert(ValueForm form) {
    std::vector<RowStatement> statements;
    EXPECT_TRUE(WriteRows(
                    WriteKind::kInsert, table_, rows_,
                    [&](const RowStatement& statement) {
                      statements.push_back(statement);
                      return base::OkStatus();
                    },
                    form)
                    .ok());
    return statements;
  }

  model::Table table_;
  std::vector<std::vector<Cell>> cells_;
  std::vector<model::Row> rows_;
};

TEST_F(RowStatementsTest, HoldersOfAKeyAreDeletedWhereARowHasValuesForIt) {
  AddRows(3);
  std::vector<std::string> texts;
  ASSERT_TRUE(DeleteHolders(sql::Flavour::kMariaDb, table_, {0, 3}, rows_,
                            [&](const RowStatement& statement) {
                              texts.push_back(statement.sql);
                              return base::OkStatus();
                            })
                  .ok());
  // The notes of the first and the third are NULL.
  ASSERT_EQ(texts.size(), 1u);
  EXPECT_THAT(texts[0], ::testing::StartsWith("DELETE FROM `shop`.`t` WHERE (`id`=1 AND `note`="));
}

TEST_F(RowStatementsTest, FewRowsAreWrittenAsSql) {
  AddRows(2);
  const std::vector<RowStatement> statements = Insert(ValueForm::kBound);
  ASSERT_EQ(statements.size(), 1u);
  EXPECT_EQ(statements[0].bound, nullptr);
  EXPECT_EQ(statements[0].sql,
            "INSERT INTO `shop`.`t` (`id`,`name`,`price`,`note`) VALUES "
            "(0,'o\\'neill',1.50,NULL),(1,'o\\'neill',1.50,'')");
  EXPECT_EQ(statements[0].expected_affected, 2u);
}

TEST_F(RowStatementsTest, ManyRowsAreBoundToOneRowOfPlaceholders) {
  AddRows(300);
  const std::vector<RowStatement> statements = Insert(ValueForm::kBound);
  ASSERT_EQ(statements.size(), 1u);
  EXPECT_EQ(statements[0].sql,
            "INSERT INTO `shop`.`t` (`id`,`name`,`price`,`note`) VALUES (?,?,?,?)");
  EXPECT_EQ(statements[0].expected_affected, 300u);
  ASSERT_NE(statements[0].bound, nullptr);
  const BoundRows& bound = *statements[0].bound;
  EXPECT_EQ(bound.rows, 300u);
  ASSERT_EQ(bound.columns.size(), 4u);
  EXPECT_EQ(bound.columns[0].form, BoundRows::Form::kInt);
  EXPECT_EQ(bound.columns[0].words[299], 299u);
  EXPECT_STREQ(bound.columns[1].texts[7], "o'neill");
  EXPECT_EQ(bound.columns[1].lengths[7], 7u);
  EXPECT_EQ(bound.columns[2].form, BoundRows::Form::kDecimal);
  EXPECT_NE(bound.columns[3].indicators[0], bound.columns[3].indicators[1]);  // NULL is not ''
}

TEST_F(RowStatementsTest, BoundRowsAreSpreadOverStatementsOfSomeSize) {
  const std::string large(10'000, 'x');
  AddRows(200);
  for (auto& row : cells_) row[1] = Cell::Bytes(large);
  uint64_t rows = 0;
  for (const RowStatement& statement : Insert(ValueForm::kBound)) {
    ASSERT_NE(statement.bound, nullptr);
    EXPECT_LT(statement.bound->bytes, 600'000u);
    EXPECT_EQ(statement.bound->rows, statement.rows);
    rows += statement.rows;
  }
  EXPECT_EQ(rows, 200u);
}

// An update that changes nothing counts for nothing at the server, and is none that is missing.
TEST_F(RowStatementsTest, OfUpdatedRowsThoseCountThatAreThere) {
  AddRows(300);
  for (const ValueForm form : {ValueForm::kBound, ValueForm::kSql}) {
    const auto sink = [](const RowStatement& statement) {
      EXPECT_EQ(statement.count, RowStatement::Count::kThere);
      EXPECT_EQ(statement.expected_affected, 300u);
      return base::OkStatus();
    };
    EXPECT_TRUE(UpdateRows(sql::Flavour::kMariaDb, table_, rows_, sink, form).ok());
  }
  EXPECT_EQ(Insert(ValueForm::kBound)[0].count, RowStatement::Count::kAffected);
}

TEST_F(RowStatementsTest, WhatOnlySqlCanSayIsNotBound) {
  AddRows(300);
  const auto bound = [&] { return Insert(ValueForm::kBound)[0].bound != nullptr; };
  EXPECT_TRUE(bound());
  EXPECT_EQ(Insert(ValueForm::kSql)[0].bound, nullptr);
  cells_[200][1] = Cell::Expression("POINT(1, 2)");
  EXPECT_FALSE(bound());
  cells_[200][1] = Cell::Int(5);  // of another form than the rows before
  EXPECT_FALSE(bound());
  cells_[200][1] = Cell::Null();
  EXPECT_TRUE(bound());
  table_.columns[1].kind = TypeKind::kUuid;  // bytes would be taken for its stored form
  EXPECT_FALSE(bound());
}

TEST_F(RowStatementsTest, ComputedColumnsAreNotBound) {
  AddRows(300);
  table_.columns[2].generated = true;
  const RowStatement statement = Insert(ValueForm::kBound)[0];
  EXPECT_THAT(statement.sql, HasSubstr("(`id`,`name`,`note`) VALUES (?,?,?)"));
  ASSERT_NE(statement.bound, nullptr);
  EXPECT_EQ(statement.bound->columns.size(), 3u);
}

TEST_F(RowStatementsTest, TheWarningsOfInvalidEnumsAreExpectedOfBoundRowsToo) {
  AddColumn("kind", TypeKind::kEnum);
  AddRows(300);
  for (size_t i = 0; i < cells_.size(); ++i) cells_[i].push_back(Cell::Uint(i % 3));
  rows_.assign(cells_.begin(), cells_.end());
  EXPECT_EQ(Insert(ValueForm::kBound)[0].expected_warnings, 100u);
}

}  // namespace
}  // namespace godwit::connectors::mysql
