#include "wire/postgres/array_text.h"

#include <gtest/gtest.h>

namespace godwit::wire::postgres {
namespace {

std::string Json(std::string_view text, std::string_view element = "text") {
  std::string out;
  switch (AppendArrayAsJson(out, text, ElementsOf(element))) {
    case ArrayRead::kRead:
      return out;
    case ArrayRead::kWithBounds:
      return "bounds " + out;
    case ArrayRead::kNone:
      return "none";
  }
  return "";
}

TEST(ArrayTextTest, ElementsKeepWhatTheyAre) {
  EXPECT_EQ(Json("{}", "integer"), "[]");
  EXPECT_EQ(Json("{1,NULL,-3}", "integer"), "[1,null,-3]");
  EXPECT_EQ(Json("{9223372036854775807}", "bigint"), "[9223372036854775807]");
  EXPECT_EQ(Json("{t,f,NULL}", "boolean"), "[true,false,null]");
  EXPECT_EQ(Json("{1.5,NaN,-Infinity,1e+300}", "double precision"),
            R"([1.5,"NaN","-Infinity",1e+300])");
  // No digit of a decimal may become a double.
  EXPECT_EQ(Json("{1.10,NaN}", "numeric"), R"(["1.10","NaN"])");
  EXPECT_EQ(Json(R"({"{\"a\": [1, \"x\"]}",null,NULL})", "jsonb"),
            R"([{"a": [1, "x"]},null,null])");
  EXPECT_EQ(Json("{(1,2),(0,0);(3,4),(1,1)}", "box"), R"json(["(1,2),(0,0)","(3,4),(1,1)"])json");
}

TEST(ArrayTextTest, TextIsUnquotedAndEscapedAnew) {
  EXPECT_EQ(Json(R"({a b,"x,y","","NULL",NULL,"q\"\\","{}"})"),
            R"(["a b","x,y","","NULL",null,"q\"\\","{}"])");
  EXPECT_EQ(Json("{\"a\nb\",ü}"), R"(["a\nb","ü"])");
  EXPECT_EQ(Json(R"({"\\x00ff"})", "bytea"), R"(["\\x00ff"])");
}

TEST(ArrayTextTest, DimensionsAreNested) {
  EXPECT_EQ(Json("{{1,2},{3,NULL}}", "integer"), "[[1,2],[3,null]]");
  EXPECT_EQ(Json(R"({{{a},{"b,"}},{{c},{d}}})"), R"([[["a"],["b,"]],[["c"],["d"]]])");
}

TEST(ArrayTextTest, BoundsAreTold) {
  EXPECT_EQ(Json("[0:1]={1,2}", "integer"), "bounds [1,2]");
  EXPECT_EQ(Json("[-1:0][2:3]={{1,2},{3,4}}", "integer"), "bounds [[1,2],[3,4]]");
}

TEST(ArrayTextTest, WhatIsNoArrayIsNone) {
  for (const std::string_view text : {"", "1", "{", "{1", "{1,", "{1}}", "{1}2", "{,}", "{\"a}",
                                      "[0:1]{1,2}", "}", "{\"a\\", "{{1}{2}}"}) {
    EXPECT_EQ(Json(text), "none") << text;
  }
  EXPECT_EQ(Json("{x}", "boolean"), "none");
}

}  // namespace
}  // namespace godwit::wire::postgres
