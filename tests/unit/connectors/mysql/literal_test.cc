#include "connectors/mysql/literal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

namespace godwit::connectors::mysql {
namespace {

using model::Cell;
using model::TypeKind;

model::Column ColumnOf(TypeKind kind, std::string charset = "") {
  model::Column column;
  column.kind = kind;
  column.charset = std::move(charset);
  return column;
}

std::string Value(const Cell& cell, TypeKind kind = TypeKind::kInt) {
  std::string out;
  AppendValue(out, cell, ColumnOf(kind));
  return out;
}

std::string Comparand(const Cell& cell, const model::Column& column,
                      sql::Flavour target = sql::Flavour::kMySql) {
  std::string out;
  AppendComparand(out, cell, column, target);
  return out;
}

TEST(LiteralTest, NamesAreQuoted) {
  EXPECT_EQ(QuoteName("a"), "`a`");
  EXPECT_EQ(QuoteName("a`b``"), "`a``b`````");
  EXPECT_EQ(QuoteName(model::TableName{"my.db", "t`"}), "`my.db`.`t```");
}

TEST(LiteralTest, OnlyQuotesAndBackslashesAreEscaped) {
  EXPECT_EQ(QuoteText(""), "''");
  EXPECT_EQ(QuoteText("it's"), "'it\\'s'");
  EXPECT_EQ(QuoteText("\\"), "'\\\\'");
  EXPECT_EQ(QuoteText("\\'"), "'\\\\\\''");
  const std::string bytes("\0\n\x1a\"\xff", 5);
  EXPECT_EQ(QuoteText(bytes), "'" + bytes + "'");
}

TEST(LiteralTest, NumbersKeepEveryDigit) {
  EXPECT_EQ(Value(Cell::Int(std::numeric_limits<int64_t>::min())), "-9223372036854775808");
  EXPECT_EQ(Value(Cell::Uint(std::numeric_limits<uint64_t>::max())), "18446744073709551615");
  EXPECT_EQ(Value(Cell::Number("-0.00000000000000000000000000000000000001")),
            "-0.00000000000000000000000000000000000001");
  EXPECT_EQ(Value(Cell::Null()), "NULL");
}

TEST(LiteralTest, DoublesAreReadBackTheSame) {
  for (double value : {0.1, -0.0, 5e-324, 1.7976931348623157e308, 9007199254740993.0, 1.0 / 3}) {
    const std::string text = Value(Cell::Double(value), TypeKind::kDouble);
    EXPECT_EQ(std::strtod(text.c_str(), nullptr), value) << text;
    EXPECT_EQ(std::signbit(std::strtod(text.c_str(), nullptr)), std::signbit(value));
    EXPECT_NE(text.find('e'), std::string::npos) << text << " would be a DECIMAL";
  }
  const std::string text = Value(Cell::Float(0.1F), TypeKind::kFloat);
  EXPECT_EQ(std::strtod(text.c_str(), nullptr), static_cast<double>(0.1F)) << text;
}

TEST(LiteralTest, SomeTypesAreWrittenAsText) {
  EXPECT_EQ(Value(Cell::Text("::1"), TypeKind::kInet6), "_latin1 '::1'");
  EXPECT_EQ(Value(Cell::Text("2020-01-01"), TypeKind::kDate), "'2020-01-01'");
  EXPECT_EQ(TextCharset(TypeKind::kUuid), "latin1");
  EXPECT_EQ(TextCharset(TypeKind::kBinary), "");
}

TEST(LiteralTest, AComparandHasTheCharsetOfItsColumn) {
  EXPECT_EQ(Comparand(Cell::Bytes("\xe9"), ColumnOf(TypeKind::kText, "latin1")), "_latin1 '\xe9'");
  EXPECT_EQ(Comparand(Cell::Bytes("x"), ColumnOf(TypeKind::kBinary, "binary")), "'x'");
  EXPECT_EQ(Comparand(Cell::Bytes("x"), ColumnOf(TypeKind::kBinary)), "'x'");
  EXPECT_EQ(Comparand(Cell::Int(-1), ColumnOf(TypeKind::kInt)), "-1");
}

TEST(LiteralTest, ASetsMaskIsComparedAsASignedNumber) {
  const Cell all = Cell::Uint(std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(Comparand(all, ColumnOf(TypeKind::kSet, "utf8mb4")), "-1");
  EXPECT_EQ(Comparand(all, ColumnOf(TypeKind::kBit)), "18446744073709551615");
}

TEST(LiteralTest, DocumentsAreComparedAsTheTargetHasThem) {
  const model::Column column = ColumnOf(TypeKind::kJson);
  EXPECT_EQ(Comparand(Cell::Bytes("[1]"), column), "CAST(_utf8mb4 '[1]' AS JSON)");
  EXPECT_EQ(Comparand(Cell::Bytes("[1]"), column, sql::Flavour::kMariaDb), "_utf8mb4 '[1]'");
}

}  // namespace
}  // namespace godwit::connectors::mysql
