// Documents from their text and the types of some of their values. That the servers number values
// as it is done here is shown by tests/e2e/mysql/test_json.py.
#include "wire/mysql/json_typed_text.h"

#include <gtest/gtest.h>
#include <libdeflate.h>

#include <vector>

#include "wire/mysql/base64.h"

namespace godwit::wire::mysql {
namespace {

using Place = JsonTypedValue::Place;

JsonTypedValue Typed(Place place, uint64_t number, std::string_view type, std::string_view text,
                     uint64_t size = 11) {
  return {place, number, type, size, libdeflate_crc32(0, text.data(), text.size())};
}

base::StatusOr<std::string> Make(std::string_view text, std::vector<JsonTypedValue> values) {
  std::string sql;
  base::Status status = AppendTypedJsonExpression(text, values, sql);
  if (!status.ok()) return status;
  return sql;
}

TEST(JsonTypedText, AScalarIsMadeByItsType) {
  struct Case {
    std::string_view text, type;
    uint64_t size;
    std::string_view sql;
  };
  for (const Case& c : {
           Case{"5", "UNSIGNED INTEGER", 3, "CAST(CAST(5 AS UNSIGNED) AS JSON)"},
           Case{"5000000000", "INTEGER", 9, "CAST(CAST(5000000000 AS SIGNED) AS JSON)"},
           // A literal keeps the digits that it has, CAST those of whole groups.
           Case{"1.50", "DECIMAL", 7, "CAST(1.50 AS JSON)"},
           Case{"-0.5", "DECIMAL", 7, "CAST(-0.5 AS JSON)"},
           Case{"1.50", "DECIMAL", 10, "CAST(CAST('1.50' AS DECIMAL(9,2)) AS JSON)"},
           Case{"5", "DECIMAL", 6, "CAST(5. AS JSON)"},
           Case{"-0.5", "DECIMAL", 6, "CAST(-.5 AS JSON)"},
           Case{"5", "DECIMAL", 9, "CAST(CAST('5' AS DECIMAL(7,0)) AS JSON)"},
           Case{"1.5", "DECIMAL", 14, "CAST(CAST('0000000000000001.5' AS DECIMAL(17,1)) AS JSON)"},
           Case{"\"2024-02-29\"", "DATE", 11, "CAST(CAST('2024-02-29' AS DATE) AS JSON)"},
           Case{"\"-01:02:03.000000\"", "TIME", 11,
                "CAST(CAST('-01:02:03.000000' AS TIME(6)) AS JSON)"},
           Case{"\"2024-02-29 01:02:03.500000\"", "DATETIME", 11,
                "CAST(CAST('2024-02-29 01:02:03.500000' AS DATETIME(6)) AS JSON)"},
           Case{"\"base64:type15:AQI=\"", "BLOB", 5, "CAST(x'0102' AS JSON)"},
           Case{"\"base64:type16:AAU=\"", "BIT", 5,
                "CAST((SELECT CAST(c AS JSON) FROM JSON_TABLE(JSON_ARRAY(5),_utf8mb4'$[*]' "
                "COLUMNS(c BIT(16) PATH _utf8mb4'$')) j) AS JSON)"},
       }) {
    auto sql = Make(c.text, {Typed(Place::kRoot, 0, c.type, c.text, c.size)});
    ASSERT_TRUE(sql.ok()) << c.text << ": " << sql.status();
    EXPECT_EQ(*sql, c.sql);
  }
}

TEST(JsonTypedText, MembersAndElementsAreCountedContainerByContainer) {
  // Members: k "m}," l 1 z (of the root), then of "l": a 2, b 3; elements: of "k": 1, [..], then 7,
  // 8.
  constexpr std::string_view kText =
      "{\"k\": [1, [7, 8]], \"l\": {\"a\": 2, \"b\": 3}, \"z\\\"\\n\": \"m},\"}";
  auto sql = Make(kText, {Typed(Place::kMember, 5, "UNSIGNED INTEGER", "3")});
  ASSERT_TRUE(sql.ok()) << sql.status();
  EXPECT_EQ(*sql,
            "JSON_OBJECT(_utf8mb4 x'6B',CAST(_utf8mb4 x'5B312C205B372C20385D5D' AS JSON),"
            "_utf8mb4 x'6C',JSON_OBJECT(_utf8mb4 x'61',CAST(_utf8mb4 x'32' AS JSON),"
            "_utf8mb4 x'62',CAST(3 AS UNSIGNED)),"
            "_utf8mb4 x'7A220A',CAST(_utf8mb4 x'226D7D2C22' AS JSON))");
  for (const auto& [place, number, text] :
       {std::tuple(Place::kMember, 4, "2"), std::tuple(Place::kElement, 1, "1"),
        std::tuple(Place::kElement, 3, "7"), std::tuple(Place::kElement, 4, "8")}) {
    auto one = Make(kText, {Typed(place, static_cast<uint64_t>(number), "UNSIGNED INTEGER", text)});
    EXPECT_TRUE(one.ok()) << one.status();
  }
}

TEST(JsonTypedText, WithNoTypedValuesTheTextIsAll) {
  EXPECT_EQ(*Make("[]", {}), "CAST(_utf8mb4 x'5B5D' AS JSON)");
}

TEST(JsonTypedText, WhatDoesNotAgreeIsAnError) {
  const auto code = [](std::string_view text, JsonTypedValue value) {
    return Make(text, {value}).status().code();
  };
  using base::StatusCode;
  const auto member = [](uint64_t number, std::string_view type, std::string_view text) {
    return Typed(Place::kMember, number, type, text);
  };
  constexpr std::string_view kText = "{\"a\": 1, \"b\": \"2024-02-29\"}";
  EXPECT_EQ(code(kText, member(1, "UNSIGNED INTEGER", "1")), StatusCode::kOk);
  EXPECT_EQ(code(kText, member(1, "UNSIGNED INTEGER", "2")), StatusCode::kDataLoss);
  EXPECT_EQ(code(kText, member(3, "UNSIGNED INTEGER", "1")), StatusCode::kDataLoss);
  EXPECT_EQ(code(kText, member(1, "DATE", "1")), StatusCode::kDataLoss);
  EXPECT_EQ(code(kText, member(2, "DECIMAL", "\"2024-02-29\"")), StatusCode::kDataLoss);
  EXPECT_EQ(code(kText, member(2, "OPAQUE", "\"2024-02-29\"")), StatusCode::kDataLoss);
  EXPECT_EQ(
      code("\"base64:type200:AQI=\"", Typed(Place::kRoot, 0, "OPAQUE", "\"base64:type200:AQI=\"")),
      StatusCode::kUnimplemented);
  for (std::string_view bad : {"", "{", "[1", "[1,2]", "{\"a\":1}", "{\"a\": }", "[\"]", "[1] ",
                               "{1: 2}", "[[1, 2], ", "]", "[}"}) {
    EXPECT_EQ(code(bad, member(1, "UNSIGNED INTEGER", "1")), StatusCode::kDataLoss) << bad;
  }
}

TEST(Base64, IsDecoded) {
  std::string out;
  EXPECT_TRUE(AppendBase64Decoded("", out) && AppendBase64Decoded("AQI=", out) &&
              AppendBase64Decoded("A\nA==", out) && AppendBase64Decoded("////", out));
  EXPECT_EQ(out, std::string("\1\2\0\xff\xff\xff", 6));
  for (std::string_view bad : {"A", "AAA", "A===", "AA=A", "A.AA"})
    EXPECT_FALSE(AppendBase64Decoded(bad, out)) << bad;
}

}  // namespace
}  // namespace godwit::wire::mysql
