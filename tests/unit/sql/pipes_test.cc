#include "sql/pipes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/parser.h"

namespace godwit::sql {
namespace {

// Read under PIPES_AS_CONCAT, written for the default mode.
std::string Concat(const std::string& expression) {
  auto tokens = Lex(expression, {});
  EXPECT_TRUE(tokens.ok()) << tokens.status();
  WritePipesAsConcat(*tokens);
  tokens->pop_back();
  return Render(*tokens);
}

TEST(Pipes, JoinWhatStandsBesideThem) {
  EXPECT_EQ(Concat("a || b"), "concat(a,b)");
  EXPECT_EQ(Concat("a||b||'x'"), "concat(a,b,'x')");
  EXPECT_EQ(Concat("`t`.`a` || s.t.b || _utf8mb4'x'"), "concat(`t`.`a`,s.t.b,_utf8mb4'x')");
  EXPECT_EQ(Concat("upper(a) || (b) || lower(concat(c, 'd'))"),
            "concat(upper(a),(b),lower(concat(c, 'd')))");
}

TEST(Pipes, BindCloserThanOperators) {
  EXPECT_EQ(Concat("x = a || b AND c"), "x = concat(a,b) AND c");
  EXPECT_EQ(Concat("1 + a || b * 2"), "1 + concat(a,b) * 2");
  EXPECT_EQ(Concat("a - b || c"), "a - concat(b,c)");
  EXPECT_EQ(Concat("-a || -b"), "concat(-a,-b)");
  EXPECT_EQ(Concat("a IN (b || c, d) AND NOT (e || f)"),
            "a IN (concat(b,c), d) AND NOT (concat(e,f))");
  EXPECT_EQ(Concat("a || b COLLATE utf8mb4_bin || c"), "concat(a,b COLLATE utf8mb4_bin,c)");
  EXPECT_EQ(Concat("x AND (a) || b"), "x AND concat((a),b)");
}

TEST(Pipes, TakeWholeOperands) {
  EXPECT_EQ(Concat("doc->>'$.a' || 'x'"), "concat(doc->>'$.a','x')");
  EXPECT_EQ(Concat("'x' || t.doc->'$.a' || y"), "concat('x',t.doc->'$.a',y)");
  EXPECT_EQ(Concat("f(_a || _b, c)"), "f(concat(_a,_b), c)");
  EXPECT_EQ(Concat("DATE '2020-01-01' || TIME '10:00:00'"),
            "concat(DATE '2020-01-01',TIME '10:00:00')");
  EXPECT_EQ(Concat("_utf8mb4 'x' || _latin1 X'41'"), "concat(_utf8mb4 'x',_latin1 X'41')");
}

TEST(Pipes, WithinOneAnother) {
  EXPECT_EQ(Concat("a || (b || c)"), "concat(a,(concat(b,c)))");
  EXPECT_EQ(Concat("(a || b) || c"), "concat((concat(a,b)),c)");
  EXPECT_EQ(Concat("CASE WHEN a || b = 'x' THEN 1 END || CASE c WHEN 1 THEN d || e END"),
            "concat(CASE WHEN concat(a,b) = 'x' THEN 1 END,CASE c WHEN 1 THEN concat(d,e) END)");
}

TEST(Pipes, AreLeftAloneWhereTheyAreNone) {
  EXPECT_EQ(Concat("a | b OR c"), "a | b OR c");
  EXPECT_EQ(Concat("'a||b'"), "'a||b'");
}

TEST(Pipes, InStatements) {
  const std::string text = "CREATE TABLE t (a INT, b INT, g VARCHAR(9) AS (a || '-' || b))";
  auto joined = ParseStatement(text, {.default_schema = "s", .pipes_as_concat = true});
  ASSERT_TRUE(joined.ok()) << joined.status();
  EXPECT_EQ(std::get<CreateTable>(*joined).definition.columns[2].expression, "concat(a,'-',b)");
  auto either = ParseStatement(text, {.default_schema = "s"});
  ASSERT_TRUE(either.ok()) << either.status();
  EXPECT_EQ(std::get<CreateTable>(*either).definition.columns[2].expression, "a || '-' || b");
}

}  // namespace
}  // namespace godwit::sql
