#include "config/casts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::config {
namespace {

TypePattern Type(std::string_view text) { return TypePattern::Parse(text).value(); }

TEST(Casts, ReadsTypesAsTheSourceWritesThem) {
  EXPECT_EQ(Type("tinyint(1)"), (TypePattern{.name = "tinyint", .length = 1}));
  EXPECT_EQ(Type(" DECIMAL ( 10 , 2 )  unsigned"),
            (TypePattern{.name = "decimal", .length = 10, .decimals = 2, .is_unsigned = true}));
  EXPECT_EQ(Type("Integer Unsigned"), (TypePattern{.name = "int", .is_unsigned = true}));
  EXPECT_EQ(Type("bool"), Type("tinyint(1)"));
  EXPECT_EQ(Type("double precision"), Type("double"));
  for (const char* text : {"", "int(", "int(a)", "enum('a','b')", "varchar(9) binary", "int(1,)"})
    EXPECT_FALSE(TypePattern::Parse(text).ok()) << text;
}

TEST(Casts, ReadsTypesAsPostgresWritesThem) {
  EXPECT_EQ(Type("character varying(10)"), (TypePattern{.name = "varchar", .length = 10}));
  EXPECT_EQ(Type("Timestamp(3) with time  zone"),
            (TypePattern{.name = "timestamp with time zone", .length = 3}));
  EXPECT_EQ(Type("timestamptz"), Type("timestamp with time zone"));
  EXPECT_EQ(Type("timestamp(0) without time zone"), Type("timestamp(0)"));
  EXPECT_EQ(Type("time without time zone"), Type("time"));
  EXPECT_EQ(Type("bit varying(9)"), (TypePattern{.name = "bit varying", .length = 9}));
  EXPECT_EQ(Type("integer[]"), Type("int4[][]"));
  EXPECT_EQ(Type("numeric(10,2)[]"),
            (TypePattern{.name = "decimal[]", .length = 10, .decimals = 2}));
  EXPECT_EQ(Type("interval day to second(3)"), Type("interval"));
  EXPECT_EQ(Type("shop.mood"), (TypePattern{.name = "shop.mood"}));
  EXPECT_EQ(Type("\"Shop\".\"my Mood\"").name, "\"shop\".\"my mood\"");
  EXPECT_FALSE(Type("real").Matches(Type("double precision")));
  EXPECT_FALSE(Type("integer").Matches(Type("integer[]")));
  EXPECT_FALSE(Type("timestamp").Matches(Type("timestamp with time zone")));
  for (const char* text : {"time zone", "integer[", "\"shop", "varchar(a)", "int)", "(3) int ("})
    EXPECT_FALSE(TypePattern::Parse(text).ok()) << text;
}

TEST(Casts, MatchWhatTheyDoNotLeaveOpen) {
  EXPECT_TRUE(Type("int").Matches(Type("int(11) unsigned")));
  EXPECT_TRUE(Type("tinyint(1)").Matches(Type("tinyint(1)")));
  EXPECT_FALSE(Type("tinyint(1)").Matches(Type("tinyint")));
  EXPECT_FALSE(Type("int unsigned").Matches(Type("int")));
  EXPECT_FALSE(Type("int").Matches(Type("bigint")));
}

TEST(Casts, TheMostSpecificRuleWinsAndThenTheFirst) {
  Casts casts;
  casts.rules.push_back({.type = Type("tinyint"), .to = "by type"});
  casts.rules.push_back({.type = Type("tinyint(1)"), .to = "by the same again"});
  casts.rules.push_back(
      {.type = Type("tinyint"), .table = TablePattern::Parse("shop.*").value(), .to = "by table"});
  casts.rules.push_back({.column_table = {"shop", "t"}, .column = "c", .to = "by column"});
  const auto find = [&](const model::TableName& table, std::string_view column,
                        std::string_view type) {
    const CastRule* rule = casts.Find(table, column, Type(type));
    return rule == nullptr ? "" : rule->to;
  };
  EXPECT_EQ(find({"shop", "t"}, "C", "text"), "by column");
  EXPECT_EQ(find({"shop", "t"}, "d", "tinyint(1)"), "by table");
  EXPECT_EQ(find({"depot", "t"}, "c", "tinyint(1)"), "by type");
  EXPECT_EQ(find({"depot", "t"}, "c", "text"), "");
  EXPECT_EQ(casts.rules[2].About(), "tinyint in shop.*");
  EXPECT_EQ(casts.rules[1].About(), "tinyint(1)");
  EXPECT_EQ(casts.rules[3].About(), "shop.t.c");
}

}  // namespace
}  // namespace godwit::config
