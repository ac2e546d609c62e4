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

}  // namespace
}  // namespace godwit::verify
