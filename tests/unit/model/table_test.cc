#include "model/table.h"

#include <absl/container/flat_hash_set.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::model {
namespace {

using testing::ElementsAre;

Table TableOf(std::vector<Column> columns) {
  Table table;
  table.columns = std::move(columns);
  return table;
}

TEST(TableName, IsOrderedBySchemaThenTable) {
  EXPECT_LT((TableName{"a", "z"}), (TableName{"b", "a"}));
  EXPECT_LT((TableName{"a", "a"}), (TableName{"a", "b"}));
  EXPECT_EQ((TableName{"shop", "orders"}).ToString(), "shop.orders");
}

TEST(TableName, HashesItsPartsApart) {
  absl::flat_hash_set<TableName> names = {{"a", "bc"}, {"ab", "c"}, {"a", "bc"}};
  EXPECT_EQ(names.size(), 2u);
  EXPECT_TRUE(names.contains(TableName{"ab", "c"}));
  EXPECT_FALSE(names.contains(TableName{"abc", ""}));
}

TEST(Table, IsIdentifiedByItsPrimaryKey) {
  Table table = TableOf({{.name = "a", .nullable = false}, {.name = "b", .nullable = false}});
  table.unique_keys = {{.name = "u", .columns = {0}}};
  table.primary_key = {1, 0};
  EXPECT_THAT(table.RowIdentity(), ElementsAre(1, 0));
}

TEST(Table, IsElseIdentifiedByItsFirstUniqueKeyOfWholeColumnsThatAreNotNull) {
  Table table = TableOf({{.name = "a", .nullable = false},
                         {.name = "b", .nullable = true},
                         {.name = "c", .nullable = false}});
  table.unique_keys = {{.name = "nullable", .columns = {1}},
                       {.name = "partly_nullable", .columns = {0, 1}},
                       {.name = "prefix", .columns = {0}, .has_prefix = true}};
  EXPECT_THAT(table.RowIdentity(), ElementsAre());
  table.unique_keys.push_back({.name = "good", .columns = {2, 0}});
  table.unique_keys.push_back({.name = "later", .columns = {0}});
  EXPECT_THAT(table.RowIdentity(), ElementsAre(2, 0));
}

TEST(Table, HasNoIdentityWithoutKeys) {
  EXPECT_THAT(TableOf({{.name = "a", .nullable = false}}).RowIdentity(), ElementsAre());
}

TEST(Table, IsNotIdentifiedByAKeyThatIsComparedByHashes) {
  Table table = TableOf({{.name = "a", .nullable = false}});
  table.unique_keys = {{.name = "long", .columns = {0}, .by_hash = true}};
  EXPECT_THAT(table.RowIdentity(), ElementsAre());
}

TEST(Table, MergesChangesOnlyWhereOrderDoesNotMatter) {
  Table table = TableOf({{.name = "a", .nullable = false}});
  EXPECT_TRUE(table.ChangesInOrder()) << "no identity";
  table.primary_key = {0};
  EXPECT_FALSE(table.ChangesInOrder());
  table.system_versioned = true;
  EXPECT_TRUE(table.ChangesInOrder());
  table.system_versioned = false;
  table.without_overlaps = true;
  EXPECT_TRUE(table.ChangesInOrder());
}

TEST(Table, FindsThePeriodOfARow) {
  Table table = TableOf({{.name = "till", .row_period = RowPeriod::kEnd},
                         {.name = "a"},
                         {.name = "since", .row_period = RowPeriod::kStart}});
  EXPECT_EQ(table.FindPeriod(RowPeriod::kStart), 2);
  EXPECT_EQ(table.FindPeriod(RowPeriod::kEnd), 0);
  EXPECT_EQ(TableOf({{.name = "a"}}).FindPeriod(RowPeriod::kEnd), -1);
}

TEST(Table, FindsColumnsWithoutTheirCase) {
  Table table = TableOf({{.name = "Id"}, {.name = "größe"}});
  EXPECT_EQ(table.FindColumn("ID"), 0);
  EXPECT_EQ(table.FindColumn("größe"), 1);
  EXPECT_EQ(table.FindColumn("id2"), -1);
  EXPECT_EQ(table.FindColumn(""), -1);
}

TEST(Table, DiffersWhenAnyPartDoes) {
  Table table = TableOf({{.name = "a"}});
  Table other = table;
  EXPECT_EQ(table, other);
  other.columns[0].collation = "utf8mb4_bin";
  EXPECT_NE(table, other);
  other = table;
  other.foreign_keys.push_back({.name = "f", .on_delete = ReferenceAction::kCascade});
  EXPECT_NE(table, other);
}

}  // namespace
}  // namespace godwit::model
