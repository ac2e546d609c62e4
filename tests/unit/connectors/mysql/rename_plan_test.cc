#include "connectors/mysql/ddl/rename_plan.h"

#include <absl/strings/str_join.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "sql/parser.h"

namespace godwit::connectors::mysql {
namespace {

// Schema `in` is the task's, `out` is not; names in it that begin with l are copied later.
class RenamePlanTest : public ::testing::Test {
 protected:
  // The tables of the task, by their names in schema `in`.
  void Known(std::set<std::string> names) { known_ = std::move(names); }

  RenamePlan Plan(const std::string& pairs) const {
    sql::ParseOptions options;
    options.default_schema = "in";
    auto statement = sql::ParseStatement("RENAME TABLE " + pairs, options);
    EXPECT_TRUE(statement.ok()) << statement.status();
    return PlanRename(std::get<sql::RenameTable>(*statement),
                      {[&](const model::TableName& name) {
                         return name.schema == "in" && known_.contains(name.table);
                       },
                       [](const model::TableName& name) { return name.schema == "in"; },
                       [](const model::TableName& name) { return name.table[0] == 'l'; }});
  }

  static std::string Names(const std::vector<model::TableName>& names) {
    return absl::StrJoin(names, " ", [](std::string* out, const model::TableName& name) {
      *out += name.ToString();
    });
  }
  static std::string Pairs(const RenamePlan& plan) {
    return absl::StrJoin(plan.pairs, " ", [](std::string* out, const auto& pair) {
      *out += pair.from.table + ">" + pair.to.table;
    });
  }

 private:
  std::set<std::string> known_;
};

TEST_F(RenamePlanTest, TablesOfTheTaskKeepToTheStatement) {
  Known({"a", "b"});
  const RenamePlan plan = Plan("a TO tmp, b TO a, tmp TO b");
  EXPECT_EQ(Pairs(plan), "a>tmp b>a tmp>b");
  EXPECT_TRUE(plan.gone.empty() && plan.joined.empty() && plan.left_over.empty());
}

TEST_F(RenamePlanTest, PlacesChangedOverANameOutside) {
  Known({"a", "b"});
  const RenamePlan plan = Plan("a TO `out`.tmp, b TO a, `out`.tmp TO b");
  EXPECT_EQ(Pairs(plan), "b>godwit_moved_0 a>godwit_moved_1 godwit_moved_0>a godwit_moved_1>b");
  EXPECT_TRUE(plan.gone.empty() && plan.joined.empty() && plan.left_over.empty());
}

TEST_F(RenamePlanTest, ATableThatLeavesStaysUnderItsName) {
  Known({"a"});
  const RenamePlan plan = Plan("a TO `out`.a");
  EXPECT_EQ(Pairs(plan), "");
  EXPECT_EQ(Names(plan.gone), "in.a");
  EXPECT_EQ(Names(plan.left_over), "");
}

TEST_F(RenamePlanTest, UnlessAnotherTakesTheName) {
  Known({"a", "b"});
  const RenamePlan plan = Plan("a TO `out`.a, b TO a");
  EXPECT_EQ(Pairs(plan), "a>godwit_moved_0 b>godwit_moved_1 godwit_moved_1>a");
  EXPECT_EQ(Names(plan.gone), "");
  EXPECT_EQ(Names(plan.left_over), "in.godwit_moved_0");
}

TEST_F(RenamePlanTest, OrItsNewNameIsCopiedLater) {
  Known({"a"});
  const RenamePlan plan = Plan("a TO later");
  EXPECT_EQ(Pairs(plan), "");
  EXPECT_EQ(Names(plan.gone), "in.a");
  EXPECT_EQ(Names(plan.left_over), "in.a");
}

TEST_F(RenamePlanTest, AnUnknownTableJoins) {
  Known({"a"});
  const RenamePlan plan = Plan("`out`.x TO b");
  EXPECT_EQ(Pairs(plan), "");
  EXPECT_EQ(Names(plan.joined), "in.b");
}

TEST_F(RenamePlanTest, AnUnknownTableChangesPlacesWithOneOfTheTask) {
  Known({"a"});
  const RenamePlan plan = Plan("a TO tmp, `out`.x TO a, tmp TO `out`.x");
  EXPECT_EQ(Pairs(plan), "");
  EXPECT_EQ(Names(plan.gone), "in.a");
  EXPECT_EQ(Names(plan.joined), "in.a");
  EXPECT_EQ(Names(plan.left_over), "");
}

TEST_F(RenamePlanTest, ATableMovesUpAndAnUnknownOneFollows) {
  Known({"a", "b"});
  const RenamePlan plan = Plan("b TO c, a TO b, later TO a");
  EXPECT_EQ(Pairs(plan), "a>godwit_moved_0 b>c godwit_moved_0>b");
  EXPECT_EQ(Names(plan.joined), "in.a");
}

TEST_F(RenamePlanTest, WhatIsCopiedLaterIsLeftAlone) {
  const RenamePlan plan = Plan("`out`.x TO later, later2 TO `out`.y");
  EXPECT_EQ(Pairs(plan), "");
  EXPECT_TRUE(plan.gone.empty() && plan.joined.empty() && plan.left_over.empty());
}

TEST_F(RenamePlanTest, ThereAndBackIsNothing) {
  Known({"a"});
  const RenamePlan plan = Plan("a TO `out`.x, `out`.x TO a");
  EXPECT_EQ(Pairs(plan), "");
  EXPECT_TRUE(plan.gone.empty() && plan.joined.empty() && plan.left_over.empty());
}

TEST_F(RenamePlanTest, IfExistsPassesOverWhatIsNotThere) {
  Known({"a", "b"});
  const RenamePlan plan = Plan("IF EXISTS `out`.x TO a, b TO c");
  EXPECT_EQ(Pairs(plan), "b>c");
  EXPECT_TRUE(plan.joined.empty());
}

}  // namespace
}  // namespace godwit::connectors::mysql
