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
  return FitTable(std::make_shared<const Table>(source), source, target);
}

TEST(FittedTable, TheSameIsTheSourcesOwn) {
  auto source = std::make_shared<const Table>(Make({Make("a"), Make("b")}));
  auto fitted = FitTable(source, *source, *source);
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
  target.unique_keys = {{.name = "f", .columns = {1}, .has_prefix = true, .has_expression = true}};
  fitted = Fit(source, target);
  target.unique_keys[0].target_only = true;
  EXPECT_EQ(fitted->table->unique_keys, target.unique_keys);
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
  auto why = [](const Column& source, const Column& target) {
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
  Column exact = Make("c", TypeKind::kDouble), rounded = exact, coarser = exact;
  exact.type_text = "double";
  rounded.type_text = "double(9,3)";
  coarser.type_text = "double(9,2)";
  EXPECT_THAT(why(exact, rounded), HasSubstr("it rounds values"));
  EXPECT_THAT(why(rounded, coarser), HasSubstr("it rounds values"));
  EXPECT_EQ(why(rounded, rounded), "");
  EXPECT_EQ(why(rounded, exact), "");
  Column text = Make("c", TypeKind::kText), latin = text;
  text.charset = "utf8mb4";
  latin.charset = "latin1";
  EXPECT_THAT(why(text, latin), HasSubstr("its charset is another"));
  Column padded = Make("c", TypeKind::kBinary);
  padded.fixed_length = true;
  EXPECT_THAT(why(Make("c", TypeKind::kBinary), padded), HasSubstr("pads"));
  Column computed = Make("c");
  computed.generated = true;
  EXPECT_THAT(why(Make("c"), computed), HasSubstr("computed on one side"));
}

TEST(FittedTable, TypesAreThoseOfTheTargetsKind) {
  const Table source = Make({Make("id"), Make("j", TypeKind::kJson)});
  const Table here = Make({Make("id"), Make("j", TypeKind::kText)});
  auto fitted = FitTable(std::make_shared<const Table>(source), here, here);
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_TRUE(fitted->same);
  EXPECT_EQ(fitted->table->columns[1].kind, TypeKind::kJson);
}

TEST(FittedTable, KeysCompareAlike) {
  Column exact = Make("k", TypeKind::kText);
  exact.collation = "utf8mb4_bin";
  Column loose = exact;
  loose.collation = "utf8mb4_general_ci";
  EXPECT_THAT(Fit(Make({exact}), Make({loose})).status().message(),
              HasSubstr("its collation is utf8mb4_general_ci, where the source's is utf8mb4_bin"));
  Table unique = Make({Make("id"), loose});
  unique.unique_keys = {{"u", {1}}};
  EXPECT_FALSE(Fit(Make({Make("id"), exact}), unique).ok());
  EXPECT_TRUE(Fit(Make({Make("id"), exact}), Make({Make("id"), loose})).ok());
}

TEST(FittedTable, RowsKeepWhatTheTargetAloneHas) {
  const Table source = Make({Make("id"), Make("v")});
  Table target = Make({Make("id"), Make("v"), Make("own")});
  auto fitted = Fit(source, target);
  ASSERT_TRUE(fitted.ok());
  EXPECT_TRUE(fitted->table->ChangesInOrder());
  target.columns[2].generated = true;
  EXPECT_FALSE(Fit(source, target)->table->ChangesInOrder());
}

// A change of a table (id, v, w) with `before` and `after`, of which '-' stands for an absent cell.
base::Status Partial(const FittedTable& fitted, model::ChangeKind kind, std::string_view before,
                     std::string_view after) {
  const auto row = [](std::string_view text) {
    std::vector<model::Cell> cells;
    for (const char c : text)
      cells.push_back(c == '-' ? model::Cell::Absent() : model::Cell::Int(c - '0'));
    return cells;
  };
  const std::vector<model::Cell> old_row = row(before), new_row = row(after);
  model::ChangeEvent event;
  event.kind = kind;
  event.partial = true;
  event.before = old_row;
  event.after = new_row;
  return CheckPartial(fitted, event);
}

TEST(FittedTable, ARowHasToTellWhatTheTargetWouldGiveIt) {
  using enum model::ChangeKind;
  const Table source = Make({Make("id"), Make("v"), Make("w")});
  Table target = source;
  target.columns[1].default_value = "7";
  auto fitted = Fit(source, target);
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_TRUE(Partial(*fitted, kInsert, "", "12-").ok());
  EXPECT_THAT(Partial(*fitted, kInsert, "", "1-3").message(),
              AllOf(HasSubstr("lacks column v"), HasSubstr("source's default")));
  EXPECT_TRUE(Partial(*fitted, kUpdate, "1--", "--3").ok());
  EXPECT_TRUE(Partial(*fitted, kDelete, "1--", "").ok());
}

TEST(FittedTable, WhatOnlyTheTargetsUpdatesSetIsKept) {
  Table source = Make({Make("id"), Make("both"), Make("v")}), target = source;
  target.columns.push_back(Make("own"));
  for (const size_t c : {1, 2, 3}) target.columns[c].on_update = "current_timestamp()";
  source.columns[1].on_update = "current_timestamp()";
  auto fitted = Fit(source, target);
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  EXPECT_THAT(fitted->table->kept_by_updates, ElementsAre("v", "own"));
}

TEST(FittedTable, KeysThatKeepApartWhatTheSourceDoesNot) {
  Table source = Make({Make("a"), Make("b"), Make("c")});
  source.unique_keys = {{"b", {1}}};
  const auto has_keys = [&](std::vector<model::Key> keys) {
    Table target = source;
    target.columns[2].name = "other";
    target.columns[2].generated = true;
    target.unique_keys = std::move(keys);
    auto fitted = Fit(source, target);
    return fitted.ok() && fitted->table->target_has_keys;
  };
  EXPECT_FALSE(has_keys({}));
  EXPECT_FALSE(has_keys({{"x", {1}}}));
  EXPECT_FALSE(has_keys({{"x", {1, 0}}}));
  EXPECT_TRUE(has_keys({{"x", {2}}}));
  EXPECT_TRUE(has_keys({{.name = "x", .columns = {1}, .has_prefix = true}}));
  EXPECT_TRUE(has_keys({{.name = "x", .has_prefix = true, .has_expression = true}}));
  // The source's own are told from those.
  Table target = source;
  target.columns[2].name = "other";
  target.unique_keys = {
      {"b", {1}}, {"x", {1, 0}}, {.name = "p", .columns = {1}, .has_prefix = true}};
  const auto fitted = Fit(source, target);
  ASSERT_TRUE(fitted.ok());
  std::vector<bool> target_only;
  for (const model::Key& key : fitted->table->unique_keys) target_only.push_back(key.target_only);
  EXPECT_EQ(target_only, (std::vector<bool>{false, false, true}));
  source.unique_keys.clear();
  EXPECT_TRUE(has_keys({{"x", {1}}}));
}

TEST(FittedTable, DefaultsAreTheSameHoweverTheyAreWritten) {
  Table source = Make({Make("id"), Make("v", TypeKind::kInt, true), Make("w")});
  Table target = source;
  source.columns[2].default_value = "5";
  target.columns[1].default_value = "NULL";
  target.columns[2].default_value = "'5'";
  auto fitted = Fit(source, target);
  ASSERT_TRUE(fitted.ok());
  EXPECT_TRUE(fitted->needed_by_insert.empty());
}

TEST(FittedTable, ARowHasToHaveTheKeyOfTheTarget) {
  using enum model::ChangeKind;
  auto fitted = Fit(Make({Make("id"), Make("v"), Make("w")}),
                    Make({Make("id"), Make("v"), Make("w")}, {0, 1}));
  ASSERT_TRUE(fitted.ok());
  EXPECT_TRUE(Partial(*fitted, kDelete, "12-", "").ok());
  EXPECT_THAT(Partial(*fitted, kDelete, "1--", "").message(),
              AllOf(HasSubstr("lacks column v"), HasSubstr("found there")));
  auto keyless =
      Fit(Make({Make("id"), Make("v"), Make("w")}), Make({Make("id"), Make("v"), Make("w")}, {}));
  ASSERT_TRUE(keyless.ok());
  EXPECT_TRUE(Partial(*keyless, kDelete, "123", "").ok());
  EXPECT_FALSE(Partial(*keyless, kDelete, "12-", "").ok());
}

}  // namespace
}  // namespace godwit::pipeline
