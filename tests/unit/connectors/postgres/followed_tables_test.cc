#include "connectors/postgres/log/followed_tables.h"

#include <gtest/gtest.h>

namespace godwit::connectors::postgres {
namespace {

constexpr uint32_t kOid = 16385;

Definition TwoColumns() {
  Definition table;
  table.oid = kOid;
  table.name = {"shop", "t"};
  for (const char* name : {"id", "v"}) {
    ColumnDefinition& column = table.columns.emplace_back();
    column.number = static_cast<int>(table.columns.size());
    column.name = name;
    column.type = "integer";
    column.type_oid = 23;
    column.not_null = column.number == 1;
  }
  ConstraintDefinition& key = table.constraints.emplace_back();
  key.kind = 'p';
  key.name = "t_pkey";
  key.columns = {"id"};
  return table;
}

// As the log describes it, with its columns in this order.
wire::postgres::Relation Described(std::vector<std::string_view> columns) {
  wire::postgres::Relation relation{.id = kOid, .schema = "shop", .name = "t"};
  relation.replica_identity = 'f';
  for (std::string_view name : columns)
    relation.columns.push_back({.is_key = true, .name = name, .type_oid = 23});
  return relation;
}

class FollowedTablesTest : public testing::Test {
 protected:
  void SetUp() override {
    connector::TrackedTable tracked;
    tracked.name = {"shop", "t"};
    tracked.definition = ToJson(TwoColumns());
    auto made = FollowedTables::Make({tracked}, 0);
    ASSERT_TRUE(made.ok()) << made.status();
    tables_ = *std::move(made);
  }
  void Describe(uint64_t arrival, std::vector<std::string_view> columns) {
    tables_.SetArrival(arrival);
    const wire::postgres::Relation relation = Described(std::move(columns));
    ASSERT_TRUE(tables_.Map(relation, tables_.Describe(relation), {}).ok());
  }
  // Which of the table's columns a row has; empty: it is not described.
  std::vector<int> Columns() {
    const auto found = tables_.Find(kOid);
    return found.ok() && (*found)->fits ? (*found)->column_of : std::vector<int>();
  }

  FollowedTables tables_;
};

TEST_F(FollowedTablesTest, AReplayHasItsOwnDescriptions) {
  Describe(1, {"id", "v"});
  tables_.BeginReplay();
  EXPECT_FALSE(tables_.Find(kOid).ok());
  Describe(2, {"v", "id"});
  EXPECT_EQ(Columns(), (std::vector<int>{1, 0}));
}

TEST_F(FollowedTablesTest, WhatItDescribedLastHoldsForLaterTransactions) {
  Describe(1, {"id", "v"});
  tables_.BeginReplay();
  Describe(2, {"v", "id"});
  Describe(3, {"v"});
  tables_.EndReplay();
  EXPECT_EQ(Columns(), (std::vector<int>{1}));
}

TEST_F(FollowedTablesTest, ButNotWhereItWasDescribedLaterStill) {
  Describe(7, {"id", "v"});
  tables_.BeginReplay();
  Describe(2, {"v", "id"});
  EXPECT_EQ(Columns(), (std::vector<int>{1, 0}));
  tables_.EndReplay();
  EXPECT_EQ(Columns(), (std::vector<int>{0, 1}));
  // Of two replays, the one whose messages came first may be committed last.
  tables_.BeginReplay();
  Describe(9, {"v"});
  tables_.EndReplay();
  tables_.BeginReplay();
  Describe(8, {"id"});
  tables_.EndReplay();
  EXPECT_EQ(Columns(), (std::vector<int>{1}));
}

TEST_F(FollowedTablesTest, ColumnsThatGoInAReplayAreGoneForWhatWasDescribedBefore) {
  Describe(7, {"id", "v"});
  tables_.BeginReplay();
  Describe(2, {"id", "v"});
  Definition less = TwoColumns();
  less.columns.pop_back();
  model::DdlChange ddl;
  ddl.effects.emplace_back();
  ddl.effects.back().table = {"shop", "t"};
  ddl.effects.back().after = std::make_shared<const model::Table>(ToTable(less));
  ddl.effects.back().definition = ToJson(less);
  ASSERT_TRUE(tables_.Redefine(ddl, 1).ok());
  EXPECT_EQ(Columns(), std::vector<int>());
  tables_.EndReplay();
  EXPECT_EQ(Columns(), std::vector<int>());
}

}  // namespace
}  // namespace godwit::connectors::postgres
