// Rows of MariaDB and MySQL as PostgreSQL's COPY reads them.
#include "connectors/mysql/copy/copy_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::connectors::mysql {
namespace {

using connector::Unfit;
using connector::UnfitAction;
using connector::ValueRules;
using model::TypeKind;
using ::testing::HasSubstr;
using namespace std::string_view_literals;

class CopyFieldsTest : public ::testing::Test {
 protected:
  CopyFieldsTest() {
    table_.name = {"shop", "t"};
    Add("id", TypeKind::kInt).nullable = false;
    table_.primary_key = {0};
  }
  model::Column& Add(std::string name, TypeKind kind, std::string charset = "") {
    model::Column& column = table_.columns.emplace_back();
    column.name = std::move(name);
    column.kind = kind;
    column.charset = std::move(charset);
    return column;
  }
  // The row's fields after the key, which is 7.
  base::StatusOr<std::string> Row(RowValues values) {
    const SelectList list(table_, SelectList::Columns::kForPostgres);
    auto fields = CopyFields::Make(table_, list, rules_);
    if (!fields.ok()) return fields.status();
    values.insert(values.begin(), "7");
    std::string out;
    GODWIT_RETURN_IF_ERROR(fields->AppendRow(out, values));
    EXPECT_TRUE(out.starts_with("7\t"));
    return out.substr(2);
  }

  model::Table table_;
  ValueRules rules_;
};

TEST_F(CopyFieldsTest, EachTypeHasItsForm) {
  Add("f", TypeKind::kFloat);
  Add("b", TypeKind::kBit).length = 5;
  Add("bytes", TypeKind::kBinary);
  Add("g", TypeKind::kGeometry);
  Add("d", TypeKind::kDate);
  Add("dt", TypeKind::kDateTime);
  Add("ts", TypeKind::kTimestamp);
  Add("t", TypeKind::kTime);
  Add("j", TypeKind::kJson);
  Add("e", TypeKind::kEnum, "utf8mb4");
  Add("n", TypeKind::kDecimal);
  EXPECT_EQ(*Row({"0.10000000149011612", "\x12", "\x00\\\n"sv, "\xe6\x10\x00\x00\x01\xab"sv,
                  "2024-02-29", "2024-02-29 01:02:03.50", "2024-02-29 01:02:03", "-838:59:59.5",
                  "{\"a\": \"x\\ny\"}", "", "-1.50"}),
            "0.1\t10010\t\\\\x005c0a\t\\\\x01ab\t2024-02-29\t2024-02-29 01:02:03.50\t"
            "2024-02-29 01:02:03+00\t-838:59:59.5\t{\"a\": \"x\\\\ny\"}\t\t-1.50");
  EXPECT_EQ(*Row(RowValues(11)), "\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N");
}

TEST_F(CopyFieldsTest, TextIsUtf8WithItsSpecialCharactersEscaped) {
  Add("a", TypeKind::kText, "utf8mb4");
  Add("b", TypeKind::kText, "latin1");
  Add("c", TypeKind::kSet, "gbk");
  EXPECT_EQ(*Row({"a\tb\\N\r\n😀", "na\xefve\t", "\xc4\xe3,x"}),
            "a\\tb\\\\N\\r\\n😀\tnaïve\\t\t你,x");
  EXPECT_EQ(*Row({"\\N", "", ""}), "\\\\N\t\t");
}

TEST_F(CopyFieldsTest, WhatIsSelectedKeepsAllOfAValue) {
  Add("f", TypeKind::kFloat);
  Add("z", TypeKind::kDecimal).type_text = "decimal(5,2) unsigned zerofill";
  model::Column& label = Add("e", TypeKind::kEnum, "utf8mb4");
  label.labels = {"", "a"};
  Add("g", TypeKind::kInt).generated = true;
  const SelectList list(table_, SelectList::Columns::kForPostgres);
  EXPECT_EQ(list.text(), "`id`, CAST(`f` AS DOUBLE), `z`+0, `e`");
}

TEST_F(CopyFieldsTest, WhatPostgresCannotHoldIsAnErrorThatNamesTheRow) {
  Add("a", TypeKind::kText, "utf8mb4");
  Add("b", TypeKind::kText, "gbk");
  Add("d", TypeKind::kDate);
  const auto error = [&](RowValues values) {
    return std::string(Row(std::move(values)).status().message());
  };
  EXPECT_THAT(error({"x\0y"sv, "", "2024-01-01"}),
              HasSubstr("table shop.t, column a, row id='7': it holds text with a zero byte"));
  EXPECT_THAT(error({"\xff", "", "2024-01-01"}), HasSubstr("no text in charset utf8mb4"));
  EXPECT_THAT(error({"", "\x81", "2024-01-01"}), HasSubstr("no text in charset gbk"));
  EXPECT_THAT(error({"", "", "2024-00-01"}), HasSubstr("column d, row id='7': it holds a date"));
  Add("k", TypeKind::kText, "klingon");
  EXPECT_THAT(error({"", "", "", ""}), HasSubstr("column k: text in charset klingon"));
}

TEST_F(CopyFieldsTest, RulesMayAllowNullAndReplacements) {
  Add("a", TypeKind::kText, "utf8mb4");
  Add("ts", TypeKind::kTimestamp);
  {
    const SelectList list(table_, SelectList::Columns::kForPostgres);
    ValueRules rules({UnfitAction::kReplace, UnfitAction::kReplace, UnfitAction::kReplace});
    auto fields = CopyFields::Make(table_, list, rules);
    std::string out;
    ASSERT_TRUE(fields->AppendRow(out, {"1", "x\0\ty\xff"sv, "0000-00-00 00:00:00"}).ok());
    EXPECT_EQ(out, "1\tx�\\ty�\t0001-01-01 00:00:00+00");
    EXPECT_EQ(rules.Counts().size(), 2u);
  }
  const SelectList list(table_, SelectList::Columns::kForPostgres);
  ValueRules rules({UnfitAction::kNull, UnfitAction::kNull, UnfitAction::kNull});
  auto fields = CopyFields::Make(table_, list, rules);
  std::string out;
  ASSERT_TRUE(fields->AppendRow(out, {"1", "plain", "0000-00-00 00:00:00"}).ok());
  EXPECT_EQ(out, "1\tplain\t\\N");
}

}  // namespace
}  // namespace godwit::connectors::mysql
