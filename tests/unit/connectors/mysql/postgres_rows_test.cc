// Rows of PostgreSQL as MariaDB and MySQL take them: each type with the values at its edges.
#include "connectors/mysql/from_postgres/postgres_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/mysql/from_postgres/postgres_changes.h"
#include "connectors/mysql/literal.h"
#include "postgres_tables.h"

namespace godwit::connectors::mysql {
namespace {

using connector::UnfitAction;
using connector::UnfitCount;
using connector::ValueRules;
using model::Cell;
using model::CellKind;
using model::TypeKind;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::string_view_literals;

// One value of a column of `type` in a column like `here`, as SQL; the error where there is one.
class OneValue {
 public:
  OneValue(std::string type, model::Column here, sql::Flavour flavour = sql::Flavour::kMariaDb)
      : flavour_(flavour) {
    table_.Add("v", std::move(type), std::move(here));
  }
  OneValue& With(UnfitAction action) {
    table_.rules_ =
        std::make_shared<ValueRules>(ValueRules::Actions{action, action, action, action});
    return *this;
  }
  OneValue& BasedOn(std::string base) {
    table_.source_.columns.back().base_type = std::move(base);
    return *this;
  }

  std::string operator()(std::string_view text) {
    auto rows = table_.Rows(flavour_);
    if (!rows.ok()) return std::string(rows.status().message());
    const Cell cells[] = {Cell::Text("7"), Cell::Text(text)};
    base::Arena arena;
    const auto row = rows->Convert(cells, arena);
    if (!row.ok()) return std::string(row.status().message());
    std::string sql;
    AppendValue(sql, (*row)[1], rows->here()->columns[1]);
    // What the copy writes is the same value.
    std::string line;
    std::string field;
    wire::postgres::AppendCopyField(field, text);
    EXPECT_TRUE(rows->ConvertLine("7\t" + field, line).ok());
    copied_ = line.substr(2, line.size() - 3);
    return sql;
  }
  const std::string& copied() const { return copied_; }

 private:
  PostgresTable table_;
  sql::Flavour flavour_;
  std::string copied_;
};

model::Column Text(std::string type, uint32_t length) {
  return PostgresTable::Here(TypeKind::kText, std::move(type), length);
}
model::Column Int(uint32_t bytes) { return PostgresTable::Here(TypeKind::kInt, "int", bytes); }

TEST(PostgresRowsTest, Integers) {
  OneValue same("integer", Int(4));
  EXPECT_EQ(same("-2147483648"), "-2147483648");
  EXPECT_EQ(same.copied(), "-2147483648");
  OneValue small("bigint", Int(2));
  EXPECT_EQ(small("32767"), "32767");
  EXPECT_EQ(small("-32768"), "-32768");
  EXPECT_THAT(small("32768"),
              HasSubstr("table shop.t, column v, row id='7': it holds '32768' (bigint; on the "
                        "target int), which the target cannot: change it on the source"));
  EXPECT_THAT(small("-32769"), HasSubstr("which the target cannot"));
  small.With(UnfitAction::kReplace);
  EXPECT_EQ(small("32768"), "32767");
  EXPECT_EQ(small("-99999999"), "-32768");
  EXPECT_EQ(small.copied(), "-32768");
  OneValue oid("oid", PostgresTable::Here(TypeKind::kUint, "int unsigned", 4));
  EXPECT_EQ(oid("4294967295"), "4294967295");
  OneValue number("numeric", PostgresTable::Here(TypeKind::kUint, "bigint unsigned", 8));
  EXPECT_EQ(number("18446744073709551615.00"), "18446744073709551615");
  EXPECT_THAT(number("18446744073709551616"), HasSubstr("which the target cannot"));
  EXPECT_THAT(number("-1"), HasSubstr("which the target cannot"));
  EXPECT_THAT(number("1.5"), HasSubstr("which the target cannot"));
  EXPECT_EQ(number.With(UnfitAction::kReplace)("1.5"), "2");
  EXPECT_THAT(number("NaN"), HasSubstr("no value comes near it"));
}

TEST(PostgresRowsTest, Booleans) {
  OneValue tiny("boolean", Int(1));
  EXPECT_EQ(tiny("t"), "1");
  EXPECT_EQ(tiny.copied(), "1");
  EXPECT_EQ(tiny("f"), "0");
  OneValue bit("boolean", PostgresTable::Here(TypeKind::kBit, "bit(1)", 1));
  EXPECT_EQ(bit("t"), "1");
  EXPECT_EQ(bit.copied(), "\x01");
  EXPECT_EQ(OneValue("boolean", Text("varchar(5)", 5))("t"), "'t'");
}

TEST(PostgresRowsTest, Decimals) {
  OneValue n("numeric(10,2)", PostgresTable::Decimal(10, 2));
  EXPECT_EQ(n("-12345678.90"), "-12345678.90");
  EXPECT_EQ(n.copied(), "-12345678.90");
  EXPECT_THAT(n("NaN"), HasSubstr("it holds 'NaN' (numeric(10,2); on the target decimal)"));
  OneValue any("numeric", PostgresTable::Decimal(65, 30));
  EXPECT_EQ(any("1." + std::string(30, '3') + "0"), "1." + std::string(30, '3'));
  EXPECT_THAT(any("1." + std::string(31, '3')), HasSubstr("which the target cannot"));
  EXPECT_THAT(any(std::string(36, '9')), HasSubstr("which the target cannot"));
  EXPECT_EQ(any.With(UnfitAction::kNull)("Infinity"), "NULL");
  EXPECT_EQ(any.copied(), "\\N");
  OneValue unsigned_one("numeric", PostgresTable::Decimal(5, 0));
  EXPECT_EQ(unsigned_one.With(UnfitAction::kReplace)("-Infinity"), "-99999");
}

TEST(PostgresRowsTest, Floats) {
  OneValue d("double precision", PostgresTable::Here(TypeKind::kDouble, "double"));
  EXPECT_EQ(d("1.7976931348623157e+308"), "1.79769313486231571e+308");
  EXPECT_EQ(d.copied(), "1.7976931348623157e+308");
  EXPECT_EQ(d("5e-324"), "4.94065645841246544e-324");
  EXPECT_THAT(d("NaN"), HasSubstr("it holds 'NaN'"));
  EXPECT_EQ(d.With(UnfitAction::kReplace)("-Infinity"), "-1.79769313486231571e+308");
  EXPECT_THAT(d("NaN"), HasSubstr("no value comes near it"));
  // A real is the double that it equals, in the copy and in the changes.
  OneValue f("real", PostgresTable::Here(TypeKind::kFloat, "float"));
  EXPECT_EQ(f("0.1"), "1.00000001490116119e-01");
  EXPECT_EQ(f.copied(), "0.10000000149011612");
  EXPECT_EQ(f("3.4028235e+38"), "3.40282346638528860e+38");
  OneValue narrow("double precision", PostgresTable::Here(TypeKind::kFloat, "float"));
  EXPECT_EQ(narrow("0.5"), "5.00000000000000000e-01");
  EXPECT_THAT(narrow("0.1"), HasSubstr("which the target cannot"));
  OneValue exact("numeric", PostgresTable::Here(TypeKind::kDouble, "double"));
  EXPECT_EQ(exact("0.10"), "1.00000000000000006e-01");
  EXPECT_THAT(exact("0.12345678901234567890"), HasSubstr("which the target cannot"));
}

TEST(PostgresRowsTest, Days) {
  OneValue date("date", PostgresTable::Here(TypeKind::kDate, "date"));
  EXPECT_EQ(date("0001-01-01"), "'0001-01-01'");
  EXPECT_EQ(date("9999-12-31"), "'9999-12-31'");
  for (const auto* text : {"infinity", "-infinity", "10000-01-01", "0044-03-15 BC"})
    EXPECT_THAT(date(text), HasSubstr("which the target cannot: set it to NULL or to a date"));
  date.With(UnfitAction::kReplace);
  EXPECT_EQ(date("infinity"), "'9999-12-31'");
  EXPECT_EQ(date("0044-03-15 BC"), "'0001-01-01'");
  EXPECT_EQ(date.copied(), "0001-01-01");
  OneValue moment("timestamp with time zone",
                  PostgresTable::Seconds(TypeKind::kDateTime, "datetime(6)", 6));
  EXPECT_EQ(moment("2024-02-29 23:59:59.123456+00"), "'2024-02-29 23:59:59.123456'");
  EXPECT_EQ(moment.copied(), "2024-02-29 23:59:59.123456");
  EXPECT_THAT(moment("0044-03-15 00:00:00+00 BC"), HasSubstr("it holds '0044"));
  moment.With(UnfitAction::kReplace);
  EXPECT_EQ(moment("294276-12-31 23:59:59.999999+00"), "'9999-12-31 23:59:59.999999'");
  EXPECT_EQ(moment("-infinity"), "'0001-01-01 00:00:00'");
  OneValue seconds("timestamp without time zone",
                   PostgresTable::Seconds(TypeKind::kDateTime, "datetime", 0));
  EXPECT_EQ(seconds("2024-01-01 00:00:00"), "'2024-01-01 00:00:00'");
  EXPECT_THAT(seconds("2024-01-01 00:00:00.5"), HasSubstr("which the target cannot"));
  EXPECT_EQ(seconds.With(UnfitAction::kReplace)("2024-01-01 00:00:00.5"), "'2024-01-01 00:00:00'");
  OneValue day("timestamp without time zone", PostgresTable::Here(TypeKind::kDate, "date"));
  EXPECT_EQ(day("2024-01-01 00:00:00"), "'2024-01-01'");
  EXPECT_THAT(day("2024-01-01 00:00:01"), HasSubstr("which the target cannot"));
}

TEST(PostgresRowsTest, Times) {
  OneValue time("time without time zone", PostgresTable::Seconds(TypeKind::kTime, "time(6)", 6));
  EXPECT_EQ(time("24:00:00"), "'24:00:00'");
  EXPECT_EQ(time("00:00:00.000001"), "'00:00:00.000001'");
  OneValue span("interval", PostgresTable::Seconds(TypeKind::kTime, "time(3)", 3));
  EXPECT_EQ(span("-838:59:59"), "'-838:59:59'");
  EXPECT_THAT(span("839:00:00"), HasSubstr("which the target cannot"));
  EXPECT_THAT(span("1 day"), HasSubstr("which the target cannot"));
  EXPECT_THAT(span("00:00:00.0001"), HasSubstr("which the target cannot"));
  EXPECT_EQ(span.With(UnfitAction::kReplace)("-1000:00:00"), "'-838:59:59'");
}

TEST(PostgresRowsTest, BitsAndBytes) {
  OneValue bits("bit(10)", PostgresTable::Here(TypeKind::kBit, "bit(10)", 10));
  EXPECT_EQ(bits("1000000001"), "513");
  EXPECT_EQ(bits.copied(), "\x02\x01");
  EXPECT_THAT(bits("101"), HasSubstr("which the target cannot"));
  OneValue all("bit(64)", PostgresTable::Here(TypeKind::kBit, "bit(64)", 64));
  EXPECT_EQ(all(std::string(64, '1')), "18446744073709551615");
  EXPECT_EQ(OneValue("bit varying(5)", Text("varchar(5)", 5))("101"), "'101'");
  OneValue bytes("bytea", PostgresTable::Here(TypeKind::kBinary, "varbinary(3)", 3));
  EXPECT_EQ(bytes("\\x00095c"), "'\0\t\\\\'"sv);
  EXPECT_EQ(bytes.copied(), "\0\\t\\\\"sv);
  EXPECT_EQ(bytes("\\x"), "''");
  EXPECT_THAT(bytes("\\x00010203"), HasSubstr("which the target cannot"));
  OneValue fixed("bytea", PostgresTable::Here(TypeKind::kBinary, "binary(2)", 2));
  EXPECT_EQ(fixed("\\xFFfe"), "'\xff\xfe'");
  EXPECT_THAT(fixed("\\xff"), HasSubstr("which the target cannot"));  // a zero would be added
}

TEST(PostgresRowsTest, Texts) {
  OneValue text("text", Text("varchar(3)", 3));
  EXPECT_EQ(text("äöü"), "'äöü'");
  EXPECT_EQ(text("a\t\\"), "'a\t\\\\'");
  EXPECT_EQ(text.copied(), "a\\t\\\\");
  EXPECT_EQ(text("a\v\f"), "'a\v\f'");
  EXPECT_EQ(text.copied(), "a\v\f");
  EXPECT_EQ(text("a  "), "'a  '");
  EXPECT_THAT(text("abcd"), HasSubstr("it holds 'abcd' (text; on the target varchar(3))"));
  EXPECT_THAT(text.With(UnfitAction::kReplace)("abcd"), HasSubstr("no value comes near it"));
  EXPECT_EQ(text.With(UnfitAction::kNull)("abcd"), "NULL");
  EXPECT_THAT(OneValue("text", Text("longtext", 0xffffffff))("\xe9"),
              HasSubstr("bytes that are no text in UTF-8"));
  EXPECT_EQ(OneValue("text", Text("longtext", 0xffffffff)).With(UnfitAction::kReplace)("a\xe9"),
            "'a\xef\xbf\xbd'");
  // Blanks at the end are data of text, which a CHAR does not keep, and none of character(n).
  OneValue padded("character(5)", Text("char(5)", 5));
  EXPECT_EQ(padded("ab   "), "'ab'");
  EXPECT_EQ(padded("     "), "''");
  EXPECT_EQ(OneValue("character(300)", Text("varchar(300)", 300))("ab   "), "'ab'");
  EXPECT_EQ(OneValue("shop.code", Text("char(5)", 5)).BasedOn("character(5)")("ab   "), "'ab'");
  EXPECT_THAT(OneValue("text", Text("char(5)", 5))("ab "), HasSubstr("which the target cannot"));
  model::Column ascii = Text("char(36)", 36);
  ascii.charset = "ascii";
  EXPECT_EQ(OneValue("uuid", ascii)("8f1c0000-0000-0000-0000-00000000000a"),
            "'8f1c0000-0000-0000-0000-00000000000a'");
  EXPECT_THAT(OneValue("text", ascii)("ä"), HasSubstr("which the target cannot"));
  ascii.charset = "latin1";
  EXPECT_THAT(OneValue("text", ascii)("a"),
              HasSubstr("table shop.t, column v: on the target it is in charset latin1"));
  OneValue uuid("uuid", PostgresTable::Here(TypeKind::kUuid, "uuid"));
  EXPECT_EQ(uuid("8f1c0000-0000-0000-0000-00000000000a"),
            "_latin1 '8f1c0000-0000-0000-0000-00000000000a'");
  for (const auto* type : {"money", "interval", "time with time zone", "int4range", "shop.point",
                           "inet", "xml", "tsvector", "hstore"}) {
    EXPECT_EQ(OneValue(type, Text("longtext", 0xffffffff))("'x' \"1\""), "'\\'x\\' \"1\"'") << type;
  }
}

TEST(PostgresRowsTest, Documents) {
  const model::Column json = PostgresTable::Here(TypeKind::kJson, "json");
  const model::Column text = Text("longtext", 0xffffffff);
  const std::string_view long_number = R"({"a": 1.23456789012345678901})";
  OneValue mysql("jsonb", json, sql::Flavour::kMySql);
  EXPECT_EQ(mysql(R"({"a": "\\ü"})"), R"(_utf8mb4 '{"a": "\\\\ü"}')");
  EXPECT_EQ(mysql.copied(), R"({"a": "\\\\ü"})");
  EXPECT_THAT(mysql(long_number), HasSubstr("which the target cannot"));
  EXPECT_THAT(mysql.With(UnfitAction::kReplace)(long_number), HasSubstr("_utf8mb4 '"));
  EXPECT_THAT(mysql("[1e999]"), HasSubstr("no value comes near it"));
  EXPECT_EQ(OneValue("jsonb", text)(long_number), "'" + std::string(long_number) + "'");
  EXPECT_EQ(OneValue("integer[]", text)("{{1,NULL},{3,4}}"), "'[[1,null],[3,4]]'");
  EXPECT_EQ(OneValue("shop.names", json, sql::Flavour::kMySql).BasedOn("text[]")("{\"a b\",c}"),
            "_utf8mb4 '[\"a b\",\"c\"]'");
  OneValue bounds("integer[]", json, sql::Flavour::kMySql);
  EXPECT_THAT(bounds("[0:1]={1,2}"), HasSubstr("it holds '[0:1]={1,2}'"));
  EXPECT_EQ(bounds.With(UnfitAction::kReplace)("[0:1]={1,2}"), "_utf8mb4 '[1,2]'");
  // An array is text as all other text is.
  OneValue ill("text[]", text);
  EXPECT_THAT(ill("{a\xe9}"), HasSubstr("bytes that are no text in UTF-8"));
  EXPECT_EQ(ill.With(UnfitAction::kReplace)("{a\xe9}"), "'[\"a\xef\xbf\xbd\"]'");
  EXPECT_EQ(ill.copied(), "[\"a\xef\xbf\xbd\"]");
  model::Column ascii = text;
  ascii.charset = "ascii";
  EXPECT_EQ(OneValue("text[]", ascii)("{a}"), "'[\"a\"]'");
  EXPECT_THAT(OneValue("text[]", ascii)("{ä}"), HasSubstr("which the target cannot"));
}

TEST(PostgresRowsTest, Labels) {
  model::Column mood = PostgresTable::Here(TypeKind::kEnum, "enum('sad','ok')");
  mood.labels = {"sad", "ok"};
  mood.charset = "utf8mb4";
  mood.collation = "utf8mb4_bin";
  mood.nullable = false;
  OneValue value("shop.mood", mood);
  EXPECT_EQ(value("ok"), "2");
  EXPECT_EQ(value.copied(), "ok");
  // Whatever the rules: no row may get another label.
  EXPECT_THAT(value.With(UnfitAction::kNull)("it's"),
              AllOf(HasSubstr("column v, row id='7': it holds 'it's', which is no label"),
                    HasSubstr("ALTER TABLE `shop`.`t` MODIFY `v` enum('sad','ok','it\\'s') "
                              "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL")));
  mood.labels = {"sad", ""};
  OneValue empty("shop.mood", mood);
  EXPECT_EQ(empty(""), "2");
  EXPECT_EQ(empty.copied(), "2");  // the text would be the error value's
}

TEST(PostgresRowsTest, TypesThatAreNoneOfTheTargetsAreRefused) {
  EXPECT_THAT(
      OneValue("integer[]", Int(4))("{1}"),
      HasSubstr("table shop.t, column v: values of integer[] are none of the target's int"));
  EXPECT_THAT(OneValue("bytea", PostgresTable::Decimal(5, 0))("\\x01"), HasSubstr("are none of"));
  EXPECT_THAT(OneValue("date", PostgresTable::Here(TypeKind::kGeometry, "point"))("2024-01-01"),
              HasSubstr("are none of"));
}

class PostgresRowsOfTableTest : public ::testing::Test {
 protected:
  PostgresTable table_;
};

TEST_F(PostgresRowsOfTableTest, AbsentAndNullStayAndIdentitiesGoAlone) {
  table_.Add("d", "date", PostgresTable::Here(TypeKind::kDate, "date"));
  table_.Add("b", "boolean", Int(1));
  auto rows = table_.Rows();
  ASSERT_TRUE(rows.ok()) << rows.status();
  base::Arena arena;
  const Cell partial[] = {Cell::Text("7"), Cell::Absent(), Cell::Null()};
  const auto row = rows->Convert(partial, arena);
  ASSERT_TRUE(row.ok());
  EXPECT_EQ((*row)[0], Cell::Int(7));
  EXPECT_EQ((*row)[1], Cell::Absent());
  EXPECT_EQ((*row)[2], Cell::Null());
  // A row that goes may hold what cannot be here.
  const Cell unfit[] = {Cell::Text("8"), Cell::Text("infinity"), Cell::Text("t")};
  EXPECT_FALSE(rows->Convert(unfit, arena).ok());
  const auto gone = connector::ConvertIdentity(*rows, unfit, arena);
  ASSERT_TRUE(gone.ok()) << gone.status();
  EXPECT_EQ((*gone)[0], Cell::Int(8));
  EXPECT_EQ((*gone)[1], Cell::Absent());
  EXPECT_TRUE(rows->Convert({}, arena)->empty());
}

TEST_F(PostgresRowsOfTableTest, WhatAnUpdatedRowHeldNeedNotFit) {
  table_.Add("d", "date", PostgresTable::Here(TypeKind::kDate, "date"));
  auto rows = table_.Rows();
  ASSERT_TRUE(rows.ok()) << rows.status();
  const Cell before[] = {Cell::Text("7"), Cell::Text("infinity")};
  const Cell after[] = {Cell::Text("7"), Cell::Text("2024-01-01")};
  connector::TableChanges changes;
  changes.table = rows->source();
  changes.updates = {{before, after}};
  PostgresChanges here(changes, std::make_shared<PostgresRows>(*std::move(rows)));
  int seen = 0;
  const base::Status status = here.Others([&](const connector::TableChanges& piece, const auto&) {
    for (const auto& update : piece.updates) {
      EXPECT_EQ(update.before[0], Cell::Int(7));
      EXPECT_EQ(update.before[1], Cell::Absent());
      EXPECT_EQ(update.after[1], Cell::Text("2024-01-01"));
      ++seen;
    }
    return base::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(seen, 1);
}

TEST_F(PostgresRowsOfTableTest, NothingIsWrittenInThePlaceOfAKeysValue) {
  table_.Add("d", "date", PostgresTable::Here(TypeKind::kDate, "date"));
  table_.Add("u", "date", PostgresTable::Here(TypeKind::kDate, "date"));
  table_.source_.primary_key = {0, 1};
  table_.source_.unique_keys = {{"u_key", {2}}};
  for (const UnfitAction action : {UnfitAction::kReplace, UnfitAction::kNull}) {
    table_.rules_ =
        std::make_shared<ValueRules>(ValueRules::Actions{action, action, action, action});
    auto rows = table_.Rows();
    ASSERT_TRUE(rows.ok()) << rows.status();
    std::string line;
    EXPECT_THAT(std::string(rows->ConvertLine("7\tinfinity\t2024-01-01", line).message()),
                AllOf(HasSubstr("column d, row id='7', d='infinity': it holds 'infinity'"),
                      HasSubstr("the column is part of the primary key, so that nothing is written "
                                "in its place: set it to NULL or to a date on the source")));
    base::Arena arena;
    const Cell row[] = {Cell::Text("7"), Cell::Text("2024-01-01"), Cell::Text("infinity")};
    EXPECT_THAT(std::string(rows->Convert(row, arena).status().message()),
                HasSubstr("the column is part of the unique key u_key"));
  }
  EXPECT_TRUE(table_.rules_->Counts().empty());
}

TEST_F(PostgresRowsOfTableTest, ComputedColumnsAndThoseLeftOutAreNotWritten) {
  table_.Add("g", "integer", Int(4)).generated = true;
  table_.Add("gone", "integer", Int(4)).left_out = true;
  table_.target_.columns.pop_back();
  table_.Add("last", "text", Text("longtext", 0xffffffff));
  auto rows = table_.Rows();
  ASSERT_TRUE(rows.ok()) << rows.status();
  std::string line;
  ASSERT_TRUE(rows->ConvertLine("7\tx\n", line).ok());
  EXPECT_EQ(line, "7\tx\n");
  EXPECT_FALSE(rows->ConvertLine("7\tx\ty", line).ok());
  EXPECT_FALSE(IsWritten(rows->here()->columns[1]));
  EXPECT_FALSE(rows->here()->cells_are_text);
  EXPECT_EQ(rows->here()->primary_key, std::vector<int>{0});
}

TEST_F(PostgresRowsOfTableTest, ATargetThatLacksAColumnOrComputesItIsRefused) {
  table_.Add("v", "integer", Int(4));
  table_.target_.columns.back().generated = true;
  EXPECT_THAT(std::string(table_.Rows().status().message()), HasSubstr("the server computes it"));
  table_.target_.columns.pop_back();
  EXPECT_THAT(std::string(table_.Rows().status().message()),
              HasSubstr("table shop.t has no column v"));
}

TEST_F(PostgresRowsOfTableTest, ManyBytesAreCopiedAsFewAre) {
  table_.Add("v", "bytea", PostgresTable::Here(TypeKind::kBinary, "longblob", 4294967295));
  table_.Add("few", "bytea", PostgresTable::Here(TypeKind::kBinary, "blob", 65535));
  auto rows = table_.Rows();
  ASSERT_TRUE(rows.ok()) << rows.status();
  std::string digits, expected = "7\t";
  for (int i = 0; i < 300'000; ++i) {
    digits += "61095c00";
    expected += "a\\t\\\\\0"sv;
  }
  std::string line;
  ASSERT_TRUE(rows->ConvertLine("7\t\\\\x" + digits + "\t\\N", line).ok());
  EXPECT_TRUE(line == expected + "\t\\N\n") << line.substr(0, 40);
  line.clear();
  EXPECT_THAT(std::string(rows->ConvertLine("7\t\\N\t\\\\x" + digits, line).message()),
              HasSubstr("few"));
}

TEST_F(PostgresRowsOfTableTest, WhatIsWrittenOtherwiseIsCounted) {
  table_.rules_ = std::make_shared<ValueRules>(ValueRules::Actions{
      UnfitAction::kError, UnfitAction::kError, UnfitAction::kReplace, UnfitAction::kNull});
  table_.Add("d", "date", PostgresTable::Here(TypeKind::kDate, "date"));
  table_.Add("n", "numeric", PostgresTable::Decimal(5, 2));
  auto rows = table_.Rows();
  ASSERT_TRUE(rows.ok()) << rows.status();
  std::string line;
  ASSERT_TRUE(rows->ConvertLine("7\tinfinity\tNaN", line).ok());
  EXPECT_EQ(line, "7\t9999-12-31\t\\N\n");
  EXPECT_THAT(
      table_.rules_->Counts(),
      ElementsAre(
          UnfitCount{{"shop", "t"}, "d", connector::Unfit::kNoDay, UnfitAction::kReplace, 1},
          UnfitCount{{"shop", "t"}, "n", connector::Unfit::kOutOfRange, UnfitAction::kNull, 1}));
}

}  // namespace
}  // namespace godwit::connectors::mysql
