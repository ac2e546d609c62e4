#include "config/table_filter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace godwit::config {
namespace {

TableFilter Filter(const std::vector<std::string>& include,
                   const std::vector<std::string>& exclude = {}) {
  std::vector<TablePattern> in, out;
  for (const std::string& text : include) in.push_back(*TablePattern::Parse(text));
  for (const std::string& text : exclude) out.push_back(*TablePattern::Parse(text));
  return TableFilter(std::move(in), std::move(out), "godwit");
}

TEST(TableFilter, MatchesGlobs) {
  TableFilter filter = Filter({"shop.*", "cr?.a*z"});
  EXPECT_TRUE(filter.Matches("shop", "orders"));
  EXPECT_FALSE(filter.Matches("shop2", "orders"));
  EXPECT_FALSE(filter.Matches("Shop", "orders"));
  EXPECT_TRUE(filter.Matches("crm", "az"));
  EXPECT_TRUE(filter.Matches("crü", "a-z"));
  EXPECT_FALSE(filter.Matches("cr", "az"));
  EXPECT_FALSE(filter.Matches("crm", "azb"));
  EXPECT_TRUE(filter.Matches(model::TableName{"shop", "a\nb.c"}));
}

TEST(TableFilter, TakesNoCharacterOfAGlobForARegularExpression) {
  TableFilter filter = Filter({"a+b.[c](d)\\w$"});
  EXPECT_TRUE(filter.Matches("a+b", "[c](d)\\w$"));
  EXPECT_FALSE(filter.Matches("aab", "[c](d)\\w$"));
  EXPECT_FALSE(filter.Matches("a+b", "cdx"));
}

TEST(TableFilter, DividesAGlobAtItsFirstDot) {
  TableFilter filter = Filter({"a.b.c"});
  EXPECT_TRUE(filter.Matches("a", "b.c"));
  EXPECT_FALSE(filter.Matches("a.b", "c"));
}

TEST(TableFilter, MatchesRegularExpressionsAgainstTheFullName) {
  TableFilter filter = Filter({"~shop\\.(a|b)[0-9]+"});
  EXPECT_TRUE(filter.Matches("shop", "a12"));
  EXPECT_FALSE(filter.Matches("shop", "a12x"));
  EXPECT_FALSE(filter.Matches("myshop", "a12"));
  EXPECT_TRUE(Filter({"~(?i)SHOP\\..*"}).Matches("shop", "a"));
}

TEST(TableFilter, LetsExclusionsWin) {
  TableFilter filter = Filter({"shop.*", "shop.tmp_keep"}, {"shop.tmp_*", "~.*\\.x"});
  EXPECT_TRUE(filter.Matches("shop", "tmp"));
  EXPECT_FALSE(filter.Matches("shop", "tmp_keep"));
  EXPECT_FALSE(filter.Matches("shop", "x"));
}

TEST(TableFilter, NeverMatchesReservedSchemas) {
  TableFilter filter = Filter({"*.*", "~.*"});
  for (const char* schema :
       {"mysql", "information_schema", "performance_schema", "sys", "godwit"}) {
    EXPECT_FALSE(filter.Matches(schema, "t")) << schema;
    EXPECT_FALSE(filter.MatchesSchema(schema)) << schema;
  }
  EXPECT_TRUE(filter.Matches("Godwit", "t"));
}

TEST(TableFilter, SystemSchemasAreThoseOfTheSource) {
  const TableFilter filter({*TablePattern::Parse("*.*")}, {}, "godwit", "postgres");
  for (const char* schema : {"pg_catalog", "pg_toast", "information_schema", "godwit"})
    EXPECT_FALSE(filter.Matches(schema, "t")) << schema;
  for (const char* schema : {"mysql", "performance_schema", "sys"})
    EXPECT_TRUE(filter.Matches(schema, "t")) << schema;
}

TEST(TableFilter, HintsWhichSchemasToLookInto) {
  TableFilter filter = Filter({"a*.x", "b.*"}, {"b.*", "ab.x", "a?.y"});
  EXPECT_TRUE(filter.MatchesSchema("a"));
  EXPECT_TRUE(filter.MatchesSchema("ab"));  // whose only table is excluded: a hint, not an answer
  EXPECT_FALSE(filter.MatchesSchema("b"));
  EXPECT_FALSE(filter.MatchesSchema("c"));
  EXPECT_TRUE(Filter({"~x\\.y"}, {"~.*"}).MatchesSchema("c"));
}

TEST(TableFilter, MatchesNothingByDefault) {
  EXPECT_FALSE(TableFilter().Matches("a", "b"));
  EXPECT_FALSE(TableFilter().MatchesSchema("a"));
}

TEST(TablePattern, RefusesWhatCannotMatch) {
  for (const char* text : {"", "shop", "*", ".", "shop.", ".a", "~", "~(", "~a**", "\xff.a"}) {
    EXPECT_EQ(TablePattern::Parse(text).status().code(), absl::StatusCode::kInvalidArgument)
        << text;
  }
}

TEST(TablePattern, SaysWhatIsWrongOnOneLine) {
  EXPECT_EQ(TablePattern::Parse("~a(\n\x01").status().message(),
            "'~a(\\n\\001' is not a regular expression: 'missing ): a(\\n\\001'");
  EXPECT_EQ(TablePattern::Parse("a\nb").status().message(),
            "'a\\nb' has no dot; write schema.table, such as \"shop.*\"");
}

TEST(TablePattern, KnowsTheOneSchemaThatItNames) {
  EXPECT_EQ(TablePattern::Parse("shop.a*")->literal_schema(), "shop");
  EXPECT_EQ(TablePattern::Parse("sho?.a")->literal_schema(), "");
  EXPECT_EQ(TablePattern::Parse("~shop\\.a")->literal_schema(), "");
}

}  // namespace
}  // namespace godwit::config
