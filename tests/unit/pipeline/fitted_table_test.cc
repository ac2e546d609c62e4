#include "pipeline/fitted_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::pipeline {
namespace {

using model::Column;
using model::Table;
using model::TypeKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Column Make(const std::string& name, TypeKind kind = TypeKind::kInt, bool nullable = false) {
  Column column;
  column.name = name;
  column.kind = kind;
  column.length = 4;
  column.nullable = nullable;
  return column;
}

Table Make(std::vector<Column> columns, std::vector<int> primary = {0}) {
  Table table;
  table.name = {"s", "t"};
  table.columns = std::move(columns);
  table.primary_key = std::move(primary);
  return table;
}

base::StatusOr<FittedTable> Fit(const Table& source, const Table& target) {
  return FitTable(std::make_shared<const Table>(source), target);
}

TEST(FittedTable, TheSameIsTheSourcesOwn) {
  auto source = std::make_shared<const Table>(Make({Make("a"), Make("b")}));
  auto fitted = FitTable(source, *source);
  ASSERT_TRUE(fitted.ok());
  EXPECT_TRUE(fitted->same);
  EXPECT_EQ(fitted->table, source);
}

TEST(FittedTable, ColumnsGoByTheirNames) {
  auto fitted =
      Fit(Make({Make("n"), Make("a"), Make("b")}, {1}), Make({Make("b"), Make("a")}, {1}));
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_THAT(fitted->left_out, ElementsAre("n"));
  EXPECT_TRUE(fitted->table->columns[0].left_out);
  EXPECT_THAT(fitted->table->primary_key, ElementsAre(1));
  EXPECT_FALSE(fitted->same);
}

TEST(FittedTable, AnotherOrderIsNotTheSame) {
  auto fitted = Fit(Make({Make("a"), Make("b")}), Make({Make("b"), Make("a")}, {1}));
  ASSERT_TRUE(fitted.ok());
  EXPECT_FALSE(fitted->same);
}

TEST(FittedTable, TheTargetsUniqueKeysCount) {
  Table source = Make({Make("a"), Make("b"), Make("c")});
  Table target = source;
  target.unique_keys = {{"u", {1}}, {"gone", {2}}};
  source.columns[2].name = "d";
  auto fitted = Fit(source, target);
  ASSERT_TRUE(fitted.ok());
  ASSERT_EQ(fitted->table->unique_keys.size(), 1u);
  EXPECT_EQ(fitted->table->unique_keys[0].name, "u");
}

TEST(FittedTable, RowsHaveToStayApart) {
  const Table both = Make({Make("a"), Make("b")}, {0, 1});
  EXPECT_THAT(Fit(both, Make({Make("a"), Make("b")}, {0})).status().message(),
              HasSubstr("tells its rows apart"));
  EXPECT_TRUE(Fit(Make({Make("a"), Make("b")}, {0}), both).ok());
  EXPECT_THAT(Fit(Make({Make("a"), Make("b")}), Make({Make("x"), Make("b")})).status().message(),
              HasSubstr("primary key has columns"));
  EXPECT_TRUE(Fit(both, Make({Make("a"), Make("b")}, {})).ok());
}

TEST(FittedTable, ValuesAreNotAlteredInSilence) {
  auto why = [](Column source, Column target) {
    return std::string(
        Fit(Make({Make("id"), source}), Make({Make("id"), target})).status().message());
  };
  Column label = Make("c", TypeKind::kEnum), other = label, more = label;
  label.labels = {"x", "y"};
  other.labels = {"y", "x"};
  more.labels = {"x", "y", "z"};
  EXPECT_THAT(why(label, other), HasSubstr("its labels are others"));
  EXPECT_EQ(why(label, more), "");
  EXPECT_EQ(why(more, label), "");
  Column fine = Make("c", TypeKind::kDateTime), coarse = fine;
  fine.scale = 6;
  EXPECT_THAT(why(fine, coarse), HasSubstr("fewer digits"));
  EXPECT_EQ(why(coarse, fine), "");
  EXPECT_THAT(why(Make("c", TypeKind::kText), Make("c")), HasSubstr("its type is another"));
  EXPECT_EQ(why(Make("c"), Make("c", TypeKind::kUint)), "");
  Column padded = Make("c", TypeKind::kBinary);
  padded.fixed_length = true;
  EXPECT_THAT(why(Make("c", TypeKind::kBinary), padded), HasSubstr("pads"));
  Column computed = Make("c");
  computed.generated = true;
  EXPECT_THAT(why(Make("c"), computed), HasSubstr("computed on one side"));
}

}  // namespace
}  // namespace godwit::pipeline
