// One form for rows of servers of two families.
#include "connector/canonical_row.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connector/canonical_text.h"

namespace godwit::connector {
namespace {

using model::TypeKind;
using ::testing::ElementsAre;

template <typename Append>
std::string TextOf(Append append, std::string_view value) {
  std::string out;
  append(out, value);
  return out;
}

TEST(CanonicalTextTest, NumbersAreOneForEachValue) {
  for (const auto& [number, text] : std::initializer_list<std::pair<const char*, const char*>>{
           {"0", "0"},
           {"-0", "0"},
           {"-0.000", "0"},
           {"007", "7"},
           {"-001.500", "-1.5"},
           {"10", "10"},
           {"100.0", "100"},
           {"1e2", "100"},
           {"1.25E+1", "12.5"},
           {"12.5e-3", "0.0125"},
           {"1e-1", "0.1"},
           {".5", "0.5"},
           {"18446744073709551615", "18446744073709551615"},
           {"t", "t"},
           {"", ""},
           {"1e99999", "1e99999"},
           {"12a", "12a"}})
    EXPECT_EQ(TextOf(AppendCanonicalNumber, number), text);
}

TEST(CanonicalTextTest, FloatsAreTheirShortestDigits) {
  EXPECT_EQ(TextOf(AppendCanonicalFloat, "0.10000000149011612"), "0.1");
  EXPECT_EQ(TextOf(AppendCanonicalFloat, "0.1"), "0.1");
  EXPECT_EQ(TextOf(AppendCanonicalDouble, "1e100"), TextOf(AppendCanonicalDouble, "1e+100"));
  EXPECT_EQ(TextOf(AppendCanonicalDouble, "100000000000000000000"), "1e+20");
  EXPECT_EQ(TextOf(AppendCanonicalDouble, "-0"), "0");
  EXPECT_EQ(TextOf(AppendCanonicalDouble, "NaN?"), "NaN?");
}

TEST(CanonicalTextTest, TimesEndWithTheirLastDigit) {
  EXPECT_EQ(TextOf(AppendCanonicalTime, "2024-01-01 10:00:00.500000"), "2024-01-01 10:00:00.5");
  EXPECT_EQ(TextOf(AppendCanonicalTime, "2024-01-01 10:00:00.000"), "2024-01-01 10:00:00");
  EXPECT_EQ(TextOf(AppendCanonicalTime, "2024-01-01 10:00:00+00"), "2024-01-01 10:00:00");
  EXPECT_EQ(TextOf(AppendCanonicalTime, "-838:59:50"), "-838:59:50");
}

TEST(CanonicalTextTest, DocumentsAreOneForEachMeaning) {
  EXPECT_EQ(TextOf(AppendCanonicalJson, R"({"b": [1.0, 1e2, -0.0], "a": {"y": null, "x": true}})"),
            R"({"a":{"x":true,"y":null},"b":[1,100,0]})");
  EXPECT_EQ(TextOf(AppendCanonicalJson, R"({"a": 1, "a": 2})"), R"({"a":2})");
  EXPECT_EQ(TextOf(AppendCanonicalJson, R"("\u00e9\"\\\n")"),
            TextOf(AppendCanonicalJson, "\"é\\u0022\\u005c\\u000a\""));
  EXPECT_EQ(TextOf(AppendCanonicalJson, "[0.30000000000000004, 12345678901234567890123]"),
            "[0.30000000000000004,12345678901234567890123]");
  EXPECT_EQ(TextOf(AppendCanonicalJson, "[]"), "[]");
  EXPECT_EQ(TextOf(AppendCanonicalJson, "{} x"), "{} x");
  EXPECT_NE(TextOf(AppendCanonicalJson, R"(["a,b"])"), TextOf(AppendCanonicalJson, R"(["a","b"])"));
}

TEST(CanonicalTextTest, AddressesAreOneForEach) {
  EXPECT_EQ(TextOf(AppendCanonicalAddress, "2001:db8:0:0::1"), "2001:db8::1");
  EXPECT_EQ(TextOf(AppendCanonicalAddress, "10.1.2.3"), "10.1.2.3");
  EXPECT_EQ(TextOf(AppendCanonicalAddress, "none"), "none");
}

class CanonicalRowTest : public ::testing::Test {
 protected:
  model::Column& Add(TypeKind kind) {
    model::Column& column = table_.columns.emplace_back();
    column.name = "c" + std::to_string(table_.columns.size());
    column.kind = kind;
    return column;
  }
  model::Table table_;
};

TEST_F(CanonicalRowTest, HasTheFormsOfItsColumnsAndTheKeyAsLiterals) {
  Add(TypeKind::kInt);
  Add(TypeKind::kDateTime);
  Add(TypeKind::kBinary);
  Add(TypeKind::kText).fixed_length = true;
  Add(TypeKind::kDecimal);
  table_.primary_key = {0, 1, 2};
  CanonicalRow rows(table_);
  for (int again = 0; again < 2; ++again) {
    rows.Begin();
    rows.Add("007");
    rows.Add("2024-01-01 00:00:00.500");
    rows.Add(std::string_view("\x00,", 2));
    rows.Add("ab  ");
    rows.AddNull();
    const ComparedRow row = rows.Finish();
    EXPECT_EQ(row.key, "7,'2024-01-01 00:00:00.5',0x002c");
    EXPECT_THAT(row.values, ElementsAre("7", "2024-01-01 00:00:00.5", std::string_view("\x00,", 2),
                                        "ab", std::nullopt));
    EXPECT_EQ(row.bytes, std::string("\x01"
                                     "7\x15"
                                     "2024-01-01 00:00:00.5\x02\x00,\x02"
                                     "ab\xfb",
                                     31));
  }
}

TEST_F(CanonicalRowTest, KeysOfTextSayTheirCharset) {
  Add(TypeKind::kText);
  Add(TypeKind::kText);
  table_.primary_key = {1, 0};
  CanonicalRow rows(table_);
  rows.Begin();
  rows.Add("a,'");
  rows.Add("");
  EXPECT_EQ(rows.Finish().key, "_utf8mb4 '',_utf8mb4 0x612c27");
}

TEST_F(CanonicalRowTest, LabelsAreTheirNumbers) {
  model::Column& one = Add(TypeKind::kEnum);
  one.labels = {"a", "", "7"};
  EXPECT_EQ(NumberOfLabel(one, "7"), "3");
  EXPECT_EQ(NumberOfLabel(one, ""), "2");
  EXPECT_EQ(NumberOfLabel(one, "b"), "?b");
  model::Column& some = Add(TypeKind::kSet);
  some.labels = {"x", "y", "z"};
  EXPECT_EQ(MaskOfLabels(some, "x,z"), "5");
  EXPECT_EQ(MaskOfLabels(some, ""), "0");
  EXPECT_EQ(MaskOfLabels(some, "x,w"), "?x,w");
  EXPECT_EQ(NumberOfLabel(some, ""), "0");
  // The error value is shown as the label '' is.
  CanonicalRow rows(table_);
  rows.Begin();
  rows.Add("0");
  rows.Add("4");
  EXPECT_THAT(rows.Finish().values, ElementsAre("2", "4"));
}

// Keys of a table with kinds, and of the same one as text.
class SortsAlikeTest : public ::testing::Test {
 protected:
  SortsAlikeTest() { text_.cells_are_text = true; }

  model::Column& Add(TypeKind kind, TypeKind as_text) {
    text_.columns.emplace_back().kind = as_text;
    model::Column& column = kinds_.columns.emplace_back();
    column.kind = kind;
    return column;
  }
  enum Direction { kFromText, kToText };
  bool Alike(std::vector<int> key, Direction direction) {
    kinds_.primary_key = text_.primary_key = std::move(key);
    return direction == kToText ? SortsAlike(kinds_, text_) : SortsAlike(text_, kinds_);
  }
  model::Table kinds_, text_;
};

TEST_F(SortsAlikeTest, WhereBothServersHaveTheSameKindOfValue) {
  Add(TypeKind::kUint, TypeKind::kDecimal);
  Add(TypeKind::kInt, TypeKind::kText);
  Add(TypeKind::kBinary, TypeKind::kBinary);
  Add(TypeKind::kText, TypeKind::kText).collation = "utf8mb4_0900_bin";
  Add(TypeKind::kDateTime, TypeKind::kTimestamp);
  Add(TypeKind::kEnum, TypeKind::kText);
  Add(TypeKind::kInt, TypeKind::kInt);
  Add(TypeKind::kDouble, TypeKind::kDouble);
  for (const Direction direction : {kFromText, kToText}) {
    EXPECT_TRUE(Alike({0, 2, 4}, direction));
    EXPECT_TRUE(Alike({6}, direction));
    EXPECT_TRUE(Alike({}, direction));
    EXPECT_FALSE(Alike({0, 1}, direction));
    EXPECT_FALSE(Alike({3}, direction));
    EXPECT_FALSE(Alike({5}, direction));
    EXPECT_FALSE(Alike({7}, direction));
  }
  text_.primary_key = {6};
  kinds_.primary_key = {0};
  EXPECT_FALSE(SortsAlike(text_, kinds_));
}

TEST_F(SortsAlikeTest, WrittenUuidsSortByTheirDigitsWhereBytesCount) {
  Add(TypeKind::kText, TypeKind::kUuid).charset = "ascii";
  Add(TypeKind::kText, TypeKind::kUuid).collation = "utf8mb4_bin";
  Add(TypeKind::kText, TypeKind::kUuid).collation = "utf8mb4_general_ci";
  Add(TypeKind::kUuid, TypeKind::kUuid);  // MariaDB begins with the last digits
  EXPECT_TRUE(Alike({0, 1}, kFromText));
  EXPECT_FALSE(Alike({0}, kToText));
  EXPECT_FALSE(Alike({2}, kFromText));
  EXPECT_FALSE(Alike({3}, kFromText));
}

TEST_F(SortsAlikeTest, InOneFamilyTypeAndCollationCount) {
  model::Table other = kinds_;
  for (model::Table* table : {&kinds_, &other}) {
    table->columns.resize(1);
    table->columns[0].collation = "latin1_bin";
    table->primary_key = {0};
  }
  EXPECT_TRUE(SortsAlike(kinds_, other));
  other.columns[0].collation = "latin1_swedish_ci";
  EXPECT_FALSE(SortsAlike(kinds_, other));
}

}  // namespace
}  // namespace godwit::connector
