#include "connectors/mysql/copy/select_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::connectors::mysql {
namespace {

using model::TypeKind;
using ::testing::ElementsAre;

model::Column ColumnOf(std::string name, TypeKind kind, std::string charset = "") {
  model::Column column;
  column.name = std::move(name);
  column.kind = kind;
  column.charset = std::move(charset);
  column.nullable = false;
  return column;
}

model::Table TableOf(std::vector<model::Column> columns, std::vector<int> key) {
  model::Table table;
  table.name = {"shop", "t"};
  table.columns = std::move(columns);
  table.primary_key = std::move(key);
  return table;
}

TEST(SelectListTest, AKeyIsItsValuesAsLiterals) {
  const SelectList list(
      TableOf({ColumnOf("n", TypeKind::kInt), ColumnOf("s", TypeKind::kText, "latin1"),
               ColumnOf("d", TypeKind::kDateTime), ColumnOf("b", TypeKind::kBinary)},
              {1, 0, 2, 3}));
  EXPECT_EQ(list.order_by(), "`s`, `n`, `d`, `b`");
  EXPECT_EQ(list.KeyOf({"17", "a,'b", "2024-01-01 00:00:00", ""}),
            "_latin1 0x612c2762,17,'2024-01-01 00:00:00',''");
}

TEST(SelectListTest, AKeyIsSplitAtItsCommas) {
  EXPECT_THAT(SplitKey("17,_utf8mb4 0x6162,'2024-01-01'"),
              ElementsAre("17", "_utf8mb4 0x6162", "'2024-01-01'"));
  EXPECT_THAT(SplitKey("1"), ElementsAre("1"));
}

TEST(SelectListTest, NoTextOfAKeyHoldsAComma) {
  const SelectList list(
      TableOf({ColumnOf("a", TypeKind::kText, "utf8mb4"), ColumnOf("b", TypeKind::kInt)}, {0, 1}));
  EXPECT_EQ(SplitKey(list.KeyOf({",',',", "1"})).size(), 2u);
}

TEST(SelectListTest, RangesAreConditionsThatAnIndexServes) {
  const SelectList one(TableOf({ColumnOf("id", TypeKind::kInt)}, {0}));
  EXPECT_EQ(one.Where({}), "");
  EXPECT_EQ(one.Where({"5", ""}), " WHERE ((`id` > 5))");
  EXPECT_EQ(one.Where({"5", "9"}), " WHERE ((`id` > 5)) AND ((`id` <= 9))");
  const SelectList two(
      TableOf({ColumnOf("a", TypeKind::kInt), ColumnOf("b", TypeKind::kInt)}, {0, 1}));
  EXPECT_EQ(two.After("1,2"), "((`a` > 1) OR (`a` = 1 AND `b` > 2))");
  EXPECT_EQ(two.UpTo("1,2"), "((`a` < 1) OR (`a` = 1 AND `b` <= 2))");
  EXPECT_EQ(two.EqualTo("1,2"), "(`a` = 1 AND `b` = 2)");
}

TEST(SelectListTest, GeneratedColumnsAreReadOnlyToBeCompared) {
  model::Table table =
      TableOf({ColumnOf("id", TypeKind::kInt), ColumnOf("g`", TypeKind::kInt)}, {0});
  table.columns[1].generated = true;
  EXPECT_EQ(SelectList(table).column_names(), "`id`");
  EXPECT_EQ(SelectList(table, SelectList::Columns::kCompared).column_names(), "`id`, `g```");
}

TEST(SelectListTest, WithoutAKeyThereIsNoOrder) {
  const SelectList list(TableOf({ColumnOf("id", TypeKind::kInt)}, {}));
  EXPECT_FALSE(list.has_key());
  EXPECT_EQ(list.order_by(), "");
}

}  // namespace
}  // namespace godwit::connectors::mysql
