// Changed rows of MariaDB and MySQL as PostgreSQL takes them.
#include "connectors/postgres/from_mysql/foreign_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/postgres/apply/row_statements.h"
#include "connectors/postgres/from_mysql/column_types.h"

namespace godwit::connectors::postgres {
namespace {

using connector::UnfitAction;
using connector::ValueRules;
using model::Cell;
using model::TypeKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::string_view_literals;

class ForeignRowsTest : public ::testing::Test {
 protected:
  ForeignRowsTest() {
    source_.name = {"shop", "t"};
    Add("id", TypeKind::kUint, "bigint");
    source_.primary_key = {0};
  }
  model::Column& Add(std::string name, TypeKind kind, std::string type_here,
                     std::string charset = "") {
    model::Column column;
    column.name = std::move(name);
    column.type_text = std::move(type_here);
    here_.columns.push_back(column);
    column.kind = kind;
    column.charset = std::move(charset);
    return source_.columns.emplace_back(std::move(column));
  }
  base::StatusOr<std::vector<std::string>> Texts(std::vector<Cell> cells) {
    here_.name = source_.name;
    GODWIT_ASSIGN_OR_RETURN(ForeignRows rows,
                            ForeignRows::Make(std::make_shared<const model::Table>(source_),
                                              std::make_shared<const model::Table>(here_), rules_));
    cells.insert(cells.begin(), Cell::Uint(7));
    base::Arena arena;
    GODWIT_ASSIGN_OR_RETURN(const model::Row row, rows.Convert(cells, arena));
    std::vector<std::string> texts;
    for (const Cell& cell : row.subspan(1)) {
      AppendText(texts.emplace_back(), cell);
      if (cell.is_null()) texts.back() = "NULL";
    }
    return texts;
  }

  model::Table source_, here_;
  std::shared_ptr<ValueRules> rules_ = std::make_shared<ValueRules>();
};

TEST_F(ForeignRowsTest, EachKindHasItsText) {
  Add("i", TypeKind::kInt, "integer");
  Add("f", TypeKind::kFloat, "real");
  Add("d", TypeKind::kDouble, "double precision");
  Add("b", TypeKind::kBit, "bit(5)").length = 5;
  Add("y", TypeKind::kYear, "smallint");
  Add("e", TypeKind::kEnum, "text", "latin1").labels = {"a", "ü"};
  Add("e0", TypeKind::kEnum, "text", "latin1").labels = {"a"};
  Add("s", TypeKind::kSet, "text", "latin1").labels = {"x", "y", "z"};
  Add("none", TypeKind::kSet, "text", "latin1").labels = {"x"};
  Add("bytes", TypeKind::kBinary, "bytea");
  Add("g", TypeKind::kGeometry, "bytea");
  Add("ts", TypeKind::kTimestamp, "timestamp with time zone");
  Add("dt", TypeKind::kDateTime, "timestamp without time zone");
  Add("n", TypeKind::kDecimal, "numeric(5,2)");
  Add("j", TypeKind::kJson, "jsonb");
  Add("u", TypeKind::kUuid, "uuid");
  auto texts =
      Texts({Cell::Int(-1), Cell::Float(0.1f), Cell::Double(1e20), Cell::Uint(0b10010),
             Cell::Uint(2024), Cell::Uint(2), Cell::Uint(0), Cell::Uint(0b101), Cell::Uint(0),
             Cell::Bytes("\x00\xff"sv), Cell::Bytes("\0\0\0\0\x01"sv),
             Cell::Text("2024-02-29 01:02:03.5"), Cell::Text("2024-02-29 01:02:03"),
             Cell::Number("-1.50"), Cell::Bytes("{\"a\": \"\\\\u0000\"}"), Cell::Text("8f1c")});
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_THAT(*texts,
              ElementsAre("-1", "0.1", "1e+20", "10010", "2024", "ü", "", "x,z", "", "\\x00ff",
                          "\\x01", "2024-02-29 01:02:03.5+00", "2024-02-29 01:02:03", "-1.50",
                          "{\"a\": \"\\\\u0000\"}", "8f1c"));
}

TEST_F(ForeignRowsTest, TextIsUtf8AndAbsentStaysAbsent) {
  Add("a", TypeKind::kText, "text", "latin1");
  Add("b", TypeKind::kText, "text", "utf8mb3");
  Add("c", TypeKind::kText, "text", "ucs2");
  EXPECT_THAT(*Texts({Cell::Bytes("na\xefve"), Cell::Bytes("naïve"), Cell::Bytes("\0a\0b"sv)}),
              ElementsAre("naïve", "naïve", "ab"));
  EXPECT_THAT(*Texts({Cell::Null(), Cell::Absent(), Cell::Bytes("")}), ElementsAre("NULL", "", ""));
}

TEST_F(ForeignRowsTest, WhatCannotBeHereIsAnErrorThatNamesTheRow) {
  Add("a", TypeKind::kText, "text", "utf8mb4");
  Add("j", TypeKind::kJson, "jsonb");
  Add("k", TypeKind::kJson, "json");
  Add("d", TypeKind::kDate, "date");
  const Cell text = Cell::Bytes("x"), json = Cell::Bytes("1"), day = Cell::Text("2024-01-01");
  const auto error = [&](std::vector<Cell> cells) {
    return std::string(Texts(std::move(cells)).status().message());
  };
  EXPECT_THAT(error({Cell::Bytes("\0"sv), json, json, day}),
              HasSubstr("table shop.t, column a, row id='7': it holds text with a zero byte"));
  EXPECT_THAT(error({Cell::Bytes("\xe9"), json, json, day}), HasSubstr("charset utf8mb4"));
  EXPECT_THAT(error({text, Cell::Bytes("\"a\\u0000\""), json, day}), HasSubstr("column j, row"));
  EXPECT_THAT(error({text, json, json, Cell::Text("2024-01-00")}), HasSubstr("column d, row"));
  // json keeps its text.
  EXPECT_TRUE(Texts({text, json, Cell::Bytes("\"a\\u0000\""), day}).ok());
  // What no log of theirs holds is a fault of ours.
  EXPECT_TRUE(absl::IsInternal(Texts({Cell::Uint(1), json, json, day}).status()));

  rules_ = std::make_shared<ValueRules>(
      ValueRules::Actions{UnfitAction::kReplace, UnfitAction::kReplace, UnfitAction::kNull});
  EXPECT_THAT(*Texts({Cell::Bytes("a\0\xff"sv), Cell::Bytes("\"\\\\u0000\\u0000\""), json,
                      Cell::Text("0000-00-00")}),
              ElementsAre("a��", "\"\\\\u0000\\ufffd\"", "1", "NULL"));
  EXPECT_EQ(rules_->Counts().size(), 3u);
}

TEST_F(ForeignRowsTest, TextThatBecomesJsonbDoesNotSayZero) {
  Add("a", TypeKind::kText, "jsonb", "latin1");
  Add("b", TypeKind::kText, "jsonb", "utf8mb4");
  const Cell zero = Cell::Bytes("\"\\u0000\""), fits = Cell::Bytes("\"\\\\u0000\"");
  EXPECT_FALSE(Texts({zero, fits}).ok());
  EXPECT_FALSE(Texts({fits, zero}).ok());
  EXPECT_THAT(*Texts({fits, fits}), ElementsAre("\"\\\\u0000\"", "\"\\\\u0000\""));
}

}  // namespace
}  // namespace godwit::connectors::postgres
