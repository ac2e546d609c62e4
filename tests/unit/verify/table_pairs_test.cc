#include "verify/table_pairs.h"

#include <gmock/gmock.h>

#include "fake_reader.h"

namespace godwit::verify {
namespace {

using testing::HasSubstr;

TEST(DefinitionDifferenceTest, NamesTheFirstThingThatWouldSpoilAComparison) {
  const model::Table source = *FakeTable(true);
  EXPECT_EQ(DefinitionDifference(source, source), "");

  model::Table target = source;
  target.columns.pop_back();
  EXPECT_THAT(DefinitionDifference(source, target), HasSubstr("the target lacks column `note`"));
  EXPECT_THAT(DefinitionDifference(target, source), HasSubstr("the source lacks column `note`"));

  target = source;
  target.columns[1].collation = "utf8mb4_bin";
  EXPECT_THAT(
      DefinitionDifference(source, target),
      HasSubstr("column 2 is `name` text on the source and `name` text collate utf8mb4_bin"));

  target = source;
  target.primary_key.clear();
  EXPECT_THAT(DefinitionDifference(source, target), HasSubstr("the key"));
}

TEST(DefinitionDifferenceTest, WhatDoesNotTouchValuesDoesNotCount) {
  const model::Table source = *FakeTable(true);
  model::Table target = source;
  target.columns[0].invisible = true;
  target.columns[0].type_text = "bigint(20) unsigned zerofill";
  target.unique_keys.push_back({"k", {1}});
  EXPECT_EQ(DefinitionDifference(source, target), "");
}

class AsComparedTest : public testing::Test {
 protected:
  // Of a table with an integer and a text; `kind` is what its key, the integer, is.
  static model::TablePtr Make(bool cells_are_text, model::TypeKind kind = model::TypeKind::kInt) {
    model::Table table = *FakeTable(true);
    table.cells_are_text = cells_are_text;
    table.columns[0].kind = kind;
    return std::make_shared<const model::Table>(std::move(table));
  }
};

TEST_F(AsComparedTest, OneFamilyIsComparedAsTheSource) {
  for (const bool text : {false, true}) {
    const model::TablePtr source = Make(text), target = Make(text);
    EXPECT_EQ(AsCompared(source, *target, target), source);
  }
}

TEST_F(AsComparedTest, TwoFamiliesAreComparedAsTheOneWhoseColumnsHaveKinds) {
  const model::TablePtr text = Make(true), other = Make(false);
  EXPECT_EQ(AsCompared(text, *other, other), other);
  EXPECT_EQ(AsCompared(other, *text, text), other);
}

TEST_F(AsComparedTest, WithoutAnOrderInCommonThereIsNoKey) {
  const model::TablePtr source = Make(true), target = Make(false, model::TypeKind::kDouble);
  const model::TablePtr compared = AsCompared(source, *target, target);
  EXPECT_EQ(compared->columns, target->columns);
  EXPECT_TRUE(compared->RowIdentity().empty());
}

}  // namespace
}  // namespace godwit::verify
