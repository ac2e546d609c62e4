// Rows with documents that text would lose something of, as SQL.
#include "connectors/mysql/copy/row_tuple.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libdeflate.h>

#include "connectors/mysql/copy/json_types.h"

namespace godwit::connectors::mysql {
namespace {

using model::TypeKind;
using ::testing::HasSubstr;

model::Table TableOf(const std::vector<std::pair<std::string, TypeKind>>& columns) {
  model::Table table;
  table.name = {"shop", "t"};
  for (const auto& [name, kind] : columns) {
    model::Column& column = table.columns.emplace_back();
    column.name = name;
    column.kind = kind;
    column.nullable = kind == TypeKind::kJson;
  }
  table.primary_key = {0};
  return table;
}

SelectList Typed(const model::Table& table) {
  return SelectList(table, SelectList::Columns::kWritten, SelectList::Detail::kTyped);
}

std::string Entry(int number, std::string_view type, int size, std::string_view text) {
  return fmt::format("{},{},{},{};", number, type, size,
                     libdeflate_crc32(0, text.data(), text.size()));
}

TEST(JsonTypes, AreAskedForOfEachDocumentBehindTheColumns) {
  const model::Table table =
      TableOf({{"b", TypeKind::kBit}, {"j", TypeKind::kJson}, {"k`", TypeKind::kJson}});
  const SelectList list = Typed(table);
  EXPECT_TRUE(list.has_json_types());
  EXPECT_EQ(list.compared_values(), 7u);
  EXPECT_EQ(list.fields()[1].json_types, 3u);
  EXPECT_EQ(list.fields()[2].json_types, 5u);
  EXPECT_THAT(list.text(), HasSubstr("JSON_TABLE(`shop`.`t`.`k```,"));
  // The key's value comes last.
  EXPECT_TRUE(list.text().ends_with(", `b`+0"));
  EXPECT_EQ(list.KeyOf({"", "", "", "", "", "", "", "5"}), "5");

  const SelectList text(table);
  EXPECT_FALSE(text.has_json_types());
  EXPECT_EQ(text.text(), "`b`, `j`, `k```, `b`+0");
  EXPECT_FALSE(NeedsTuple(text, {"1", "{}", "2", "1"}));
}

TEST(JsonTypes, ListsAreParsed) {
  auto values = ParseJsonTypes("0,DATE,11,4294967295;", "1,DECIMAL,7,0;20,UNSIGNED INTEGER,3,17;");
  ASSERT_TRUE(values.ok()) << values.status();
  ASSERT_EQ(values->size(), 3u);
  using Place = wire::mysql::JsonTypedValue::Place;
  EXPECT_EQ((*values)[0].place, Place::kRoot);
  EXPECT_EQ((*values)[0].checksum, 4294967295u);
  EXPECT_EQ((*values)[2].place, Place::kElement);
  EXPECT_EQ((*values)[2].number, 20u);
  EXPECT_EQ((*values)[2].type, "UNSIGNED INTEGER");
  for (std::string_view cut :
       {"1,DATE,11,5", "1,DATE,11;", "1;", ";", "x,DATE,11,5;", "1,DATE,11,;"}) {
    EXPECT_EQ(ParseJsonTypes(cut, "").status().code(), base::StatusCode::kDataLoss) << cut;
  }
}

TEST(RowTuple, HasEveryColumnAsALiteral) {
  model::Table table = TableOf({{"id", TypeKind::kInt},
                                {"e", TypeKind::kEnum},
                                {"j", TypeKind::kJson},
                                {"k", TypeKind::kJson},
                                {"u", TypeKind::kBinary},
                                {"n", TypeKind::kText}});
  const SelectList list = Typed(table);
  const std::string types = Entry(1, "DECIMAL", 7, "1.5");
  const RowValues plain = {"7", "", "[1.5]", "{}", "a'b\\", std::nullopt, {}, {}, {}, {}};
  RowValues typed = plain;
  typed[7] = types;
  EXPECT_FALSE(NeedsTuple(list, plain));
  ASSERT_TRUE(NeedsTuple(list, typed));
  auto tuple = MakeTuple(table, list, typed);
  ASSERT_TRUE(tuple.ok()) << tuple.status();
  EXPECT_EQ(tuple->sql, "('7','',JSON_ARRAY(1.5),_utf8mb4 '{}','a\\'b\\\\',NULL)");
  EXPECT_EQ(tuple->expected_warnings, 1u);  // of the ENUM's error value

  typed[2] = "[2.5]";
  EXPECT_THAT(std::string(MakeTuple(table, list, typed).status().message()),
              HasSubstr("shop.t, column j"));
}

}  // namespace
}  // namespace godwit::connectors::mysql
