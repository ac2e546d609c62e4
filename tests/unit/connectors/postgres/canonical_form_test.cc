// Rows of PostgreSQL as they are compared with those of MariaDB and MySQL.
#include "connectors/postgres/compare/canonical_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::connectors::postgres {
namespace {

using model::TypeKind;
using ::testing::ElementsAre;

class CanonicalFormTest : public ::testing::Test {
 protected:
  // A column of the other family, and its type here.
  model::Column& Add(TypeKind kind, std::string type_here = "") {
    here_.columns.emplace_back().type_text = std::move(type_here);
    model::Column& column = table_.columns.emplace_back();
    column.kind = kind;
    return column;
  }
  void IdentifyBy(const std::vector<int>& key) { table_.primary_key = here_.primary_key = key; }
  // Of the only column.
  std::string Value(std::string_view value) {
    CanonicalForm form(table_, here_);
    return std::string(form.Row({{value}}).values[0].value());
  }
  model::Table table_, here_;
};

TEST_F(CanonicalFormTest, ValuesAreThoseOfTheirKind) {
  struct Case {
    TypeKind kind;
    std::string type_here;
    std::string_view value, form;
  };
  for (const Case& one : std::initializer_list<Case>{
           {TypeKind::kInt, "boolean", "t", "1"},
           {TypeKind::kInt, "integer", "-5", "-5"},
           {TypeKind::kBit, "boolean", "f", "0"},
           {TypeKind::kBinary, "bytea", "\\x0009", {"\x00\x09", 2}},
           {TypeKind::kEnum, "text", "b", "2"},
           {TypeKind::kSet, "text", "a,b", "3"},
           {TypeKind::kTimestamp, "timestamp(3) with time zone", "2024-01-01 10:00:00.5+00",
            "2024-01-01 10:00:00.5"},
           {TypeKind::kDate, "timestamp without time zone", "2024-01-01 00:00:00", "2024-01-01"},
           {TypeKind::kJson, "jsonb", R"({"b": 1, "a": 2})", R"({"a":2,"b":1})"},
           // Types that the other family lacks.
           {TypeKind::kDouble, "real", "0.1", "0.10000000149011612"},
           {TypeKind::kDouble, "double precision", "0.1", "0.1"},
           {TypeKind::kFloat, "real", "0.1", "0.1"},
           {TypeKind::kDateTime, "timestamp(6) with time zone", "2024-01-01 10:00:00.12+00",
            "2024-01-01 10:00:00.12"},
           {TypeKind::kDateTime, "date", "2024-02-29", "2024-02-29 00:00:00"},
           {TypeKind::kDateTime, "timestamp without time zone", "infinity", "infinity"},
           {TypeKind::kText, "character(5)", "ab   ", "ab"},
           {TypeKind::kText, "character varying(5)", "ab   ", "ab   "},
           {TypeKind::kText, "bpchar", "ab  ", "ab  "},  // of any length: blanks count
           {TypeKind::kText, "integer[]", "{1,NULL}", "[1,null]"},
           {TypeKind::kJson, "text[]", R"({a,"b c"})", R"(["a","b c"])"},
           {TypeKind::kText, "interval", "1 day 02:00:00", "1 day 02:00:00"},
           {TypeKind::kDecimal, "numeric", "1.50", "1.5"},
       }) {
    table_ = here_ = {};
    Add(one.kind, one.type_here).labels = {"a", "b"};
    EXPECT_EQ(Value(one.value), one.form) << one.type_here;
    EXPECT_THAT(CanonicalForm(table_, here_).Row({{std::nullopt}}).values,
                ElementsAre(std::nullopt));
  }
}

TEST_F(CanonicalFormTest, WhatJsonDoesNotSayOfAnArrayIsADifference) {
  Add(TypeKind::kJson, "integer[]");
  EXPECT_EQ(Value("{1,2}"), "[1,2]");
  EXPECT_NE(Value("[0:1]={1,2}"), "[1,2]");
}

TEST_F(CanonicalFormTest, KeysOfTheOtherFamilyAreTextsHere) {
  EXPECT_THAT(CanonicalKeyValues("17"), ElementsAre("17"));
  EXPECT_THAT(CanonicalKeyValues("-1,0x612c,'2024-01-01 10:00:00','',_utf8mb4 0x612d"),
              ElementsAre("-1", "\\x612c", "2024-01-01 10:00:00", "", "a-"));
}

TEST_F(CanonicalFormTest, KeysOfThisServerBecomeThoseOfTheOtherFamily) {
  Add(TypeKind::kText, "text");
  Add(TypeKind::kDateTime, "timestamp with time zone");
  Add(TypeKind::kBinary, "bytea");
  Add(TypeKind::kInt, "bigint");
  Add(TypeKind::kText, "uuid");
  IdentifyBy({3, 1, 2, 4});
  CanonicalForm form(table_, here_);
  const std::string uuid = "00000000-0000-0000-0000-00000000000a";
  const auto key = form.Key("-7\t2024-01-01 10:00:00.50+00\t\\\\x2c09\t" + uuid);
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->find("-7,'2024-01-01 10:00:00.5',0x2c09,_utf8mb4 0x30303030"), 0u) << *key;
  EXPECT_THAT(CanonicalKeyValues(*key),
              ElementsAre("-7", "2024-01-01 10:00:00.5", "\\x2c09", uuid));
  EXPECT_EQ(*form.Key(""), "");
  EXPECT_FALSE(form.Key("1\t2").ok());
}

TEST_F(CanonicalFormTest, RowsHereDoNotHaveKeysBeyondTheirTypes) {
  Add(TypeKind::kInt, "smallint");
  Add(TypeKind::kText, "uuid");
  Add(TypeKind::kDateTime, "timestamp(6) without time zone");
  IdentifyBy({0, 1, 2});
  const std::string uuid =
      "_utf8mb4 0x30303030303030302d303030302d303030302d303030302d30303030303030"
      "3030303061";
  EXPECT_TRUE(MayHoldKey(here_, "32767," + uuid + ",'2024-01-01 00:00:00'"));
  EXPECT_FALSE(MayHoldKey(here_, "32768," + uuid + ",'2024-01-01 00:00:00'"));
  EXPECT_FALSE(MayHoldKey(here_, "1,_utf8mb4 0x61,'2024-01-01 00:00:00'"));
  EXPECT_FALSE(MayHoldKey(here_, "1," + uuid + ",'0000-00-00 00:00:00'"));
  EXPECT_FALSE(MayHoldKey(here_, "1"));
}

}  // namespace
}  // namespace godwit::connectors::postgres
