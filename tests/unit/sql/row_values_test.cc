#include "sql/row_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/alter.h"
#include "sql/parser.h"

namespace godwit::sql {
namespace {

using ::testing::HasSubstr;

TableDefinition Parse(const std::string& text) {
  auto parsed = ParseDefinition(text, {.default_schema = "s"}, {"utf8mb4", ""});
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return *std::move(parsed);
}

// Why the values of an ALTER of a table with, or without, a primary key differ.
std::string Why(const std::string& clauses, RowsBy by = RowsBy::kStatement, bool keyed = true) {
  const TableDefinition before =
      Parse(keyed ? "CREATE TABLE t (a INT NOT NULL, n INT, v VARCHAR(9), PRIMARY KEY (a))"
                  : "CREATE TABLE t (a INT NOT NULL, n INT, v VARCHAR(9))");
  auto statement = ParseStatement("ALTER TABLE s.t " + clauses, {});
  EXPECT_TRUE(statement.ok()) << statement.status();
  const auto& actions = std::get<AlterTable>(*statement).actions;
  auto after = ApplyActions(before, actions, {"utf8mb4", ""});
  EXPECT_TRUE(after.ok()) << after.status();
  return WhyValuesDiffer(before, *after, OriginsOf(actions, before, *after), by);
}

TEST(RowValues, DefaultsThatAreTheSameEverywhere) {
  for (const char* clauses :
       {"ADD c INT", "ADD c INT NOT NULL", "ADD c INT DEFAULT -7", "ADD c BIT(2) DEFAULT b'1'",
        "ADD c VARCHAR(9) DEFAULT _utf8mb4'x'", "ADD c BOOL DEFAULT TRUE", "ADD c INT DEFAULT NULL",
        "MODIFY n BIGINT FIRST, DROP v", "CHANGE n m INT", "ADD KEY (n)",
        "ADD c VARCHAR(9) DEFAULT ('x')"}) {
    EXPECT_EQ(Why(clauses), "") << clauses;
    EXPECT_EQ(Why(clauses, RowsBy::kCopy), "") << clauses;
  }
}

TEST(RowValues, TheStatementHasItsClockAndTheRow) {
  for (const char* clauses :
       {"ADD c TIMESTAMP DEFAULT CURRENT_TIMESTAMP", "ADD c DATETIME(6) DEFAULT NOW(6)",
        "ADD c DATE DEFAULT (CURDATE())", "ADD c INT DEFAULT (a + 1)", "ADD c INT DEFAULT (abs(n))",
        "ADD c VARCHAR(20) DEFAULT (concat(v, 'x'))",
        "ADD d TIMESTAMP DEFAULT '2000-01-01 00:00:00'", "MODIFY v TIMESTAMP NULL",
        "ADD c DATETIME DEFAULT (now() + INTERVAL 1 DAY)"}) {
    EXPECT_EQ(Why(clauses), "") << clauses;
    EXPECT_NE(Why(clauses, RowsBy::kCopy), "") << clauses;
  }
}

TEST(RowValues, WhatEachServerHasForItself) {
  for (const char* clauses :
       {"ADD c VARCHAR(40) DEFAULT (UUID())", "ADD c DOUBLE DEFAULT RAND()",
        "ADD c DATETIME DEFAULT (sysdate())", "ADD c VARCHAR(99) DEFAULT CURRENT_USER",
        "ADD c BIGINT DEFAULT (nextval(`s`.`q`))", "ADD c BIGINT DEFAULT (NEXT VALUE FOR q)",
        "ADD c INT DEFAULT (connection_id())", "ADD c INT DEFAULT (n + rand ())",
        "ADD c VARCHAR(99) DEFAULT (concat(v, uuid()))"}) {
    EXPECT_THAT(Why(clauses), HasSubstr("column `c` gets the value of")) << clauses;
    EXPECT_NE(Why(clauses, RowsBy::kCopy), "") << clauses;
  }
  // Rows that come later have it in the log.
  EXPECT_EQ(Why("ALTER v SET DEFAULT (uuid())"), "");
  EXPECT_EQ(Why("MODIFY v VARCHAR(40) DEFAULT (uuid())"), "");
}

TEST(RowValues, Numbers) {
  EXPECT_THAT(Why("ADD c INT AUTO_INCREMENT, ADD KEY (c)"), HasSubstr("AUTO_INCREMENT"));
  EXPECT_THAT(Why("MODIFY n INT AUTO_INCREMENT, ADD KEY (n)"), HasSubstr("AUTO_INCREMENT"));
  EXPECT_THAT(Why("MODIFY a INT AUTO_INCREMENT, ADD KEY (a)", RowsBy::kStatement, false),
              HasSubstr("AUTO_INCREMENT"));
  EXPECT_EQ(Why("MODIFY a INT AUTO_INCREMENT"), "");
  EXPECT_NE(Why("MODIFY a INT AUTO_INCREMENT", RowsBy::kCopy), "");
}

TEST(RowValues, RowsThatIgnoreDrops) {
  const TableDefinition keyed = Parse("CREATE TABLE t (a INT PRIMARY KEY, n INT) ENGINE=InnoDB");
  const TableDefinition filed = Parse("CREATE TABLE t (a INT PRIMARY KEY, n INT) ENGINE=Aria");
  const TableDefinition bare = Parse("CREATE TABLE t (a INT, n INT) ENGINE=InnoDB");
  auto actions = [](const std::string& text) {
    auto statement = ParseStatement(text, {.default_schema = "s"});
    EXPECT_TRUE(statement.ok() && std::get<AlterTable>(*statement).ignore);
    return std::get<AlterTable>(*statement).actions;
  };
  EXPECT_NE(WhyOtherRowsStay(bare, actions("ALTER IGNORE TABLE t ADD UNIQUE (n)")), "");
  EXPECT_EQ(WhyOtherRowsStay(keyed, actions("ALTER IGNORE TABLE t ADD UNIQUE (n)")), "");
  EXPECT_NE(WhyOtherRowsStay(filed, actions("ALTER IGNORE TABLE t ADD UNIQUE (n)")), "");
  EXPECT_NE(WhyOtherRowsStay(bare, actions("ALTER IGNORE TABLE t CONVERT TO CHARACTER SET ascii")),
            "");
  EXPECT_EQ(WhyOtherRowsStay(bare, actions("ALTER IGNORE TABLE t ADD b INT")), "");
}

}  // namespace
}  // namespace godwit::sql
