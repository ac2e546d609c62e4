// Binary JSON: as text, as SQL, and with changes applied. That text is the server's for documents
// of all kinds is shown by row_decoder_test.cc (mysql_types.binlog) and mysql_rows_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "log_reading.h"
#include "wire/mysql/json_diff.h"
#include "wire/mysql/json_expression.h"
#include "wire/mysql/json_path.h"
#include "wire/mysql/json_text.h"
#include "wire/mysql/row_decoder.h"

namespace godwit::wire::mysql {
namespace {

// Keeps the documents of a log's rows as they are.
class KeepingSink : public RenderingSink {
 public:
  void Json(size_t, std::string_view document) { documents.emplace_back(document); }
  void TransientJson(size_t, std::string_view document) { documents.emplace_back(document); }

  std::vector<std::string> documents;
};

// The documents of mysql_types.binlog, by their text.
std::map<std::string, std::string> Documents() {
  const std::string bytes = ReadTestFile("mysql_types.binlog");
  std::map<std::string, std::string> documents;
  TableMap map;
  std::string inflated;
  for (const Event& event : ReadEvents(bytes)) {
    if (event.header.type == EventType::kTableMap) map = *DecodeTableMap(event.body);
    if (!IsRowsEvent(event.header.type) || map.table != "json") continue;
    auto layout = RowLayout::Compile(map, std::vector<ColumnHint>(map.columns.size()));
    auto rows = DecodeRowsEvent(event, inflated);
    KeepingSink sink;
    EXPECT_TRUE(layout.ok() && rows.ok() && DecodeRows(*rows, *layout, sink).ok());
    for (const std::string& document : sink.documents) {
      std::string text = RenderingSink::JsonText(document);
      // A number's text may stand for two; the unsigned one, which text cannot make, comes last.
      documents[text] = document;
    }
  }
  EXPECT_GT(documents.size(), 50u);
  return documents;
}

std::string Expression(const std::string& document) {
  std::string sql;
  auto status = AppendJsonExpression(document, sql);
  EXPECT_TRUE(status.ok()) << status;
  return sql;
}

bool Needs(const std::string& document) {
  auto needs = JsonNeedsExpression(document);
  EXPECT_TRUE(needs.ok()) << needs.status();
  return needs.ok() && *needs;
}

// A server made the same bytes of each of these expressions.
TEST(JsonExpression, WhatTextWouldLose) {
  const std::map<std::string, std::string> documents = Documents();
  struct Case {
    const char* text;
    const char* sql;  // null where text is enough
  };
  for (const Case& c : {
           Case{"{}", nullptr},
           Case{"1.0", nullptr},
           Case{"-32769", nullptr},
           Case{"18446744073709551615", nullptr},
           Case{"[null, true, false, 1, -1, 70000, -70000, 5000000000, 1.5, \"x\", [], {}]",
                nullptr},
           Case{"5000000001", "CAST(CAST(5000000001 AS SIGNED) AS JSON)"},
           Case{"383773432268200993218173935.5000000000000000000000000",
                "CAST(CAST('000000000383773432268200993218173935.5000000000000000000000000' AS "
                "DECIMAL(61,25)) AS JSON)"},
           Case{"5", "CAST(CAST(5 AS UNSIGNED) AS JSON)"},
           Case{"[1.10, -0.500, 0]",
                "JSON_ARRAY(CAST('1.10' AS DECIMAL(11,2)),CAST('-0.500' AS DECIMAL(12,3)),"
                "CAST('0' AS DECIMAL(9,0)))"},
           Case{"[\"2024-02-29\", \"-23:24:25.500000\", \"838:59:59.000000\", "
                "\"2024-02-29 23:59:59.000001\", \"00:00:00.000000\"]",
                "JSON_ARRAY(CAST('2024-02-29' AS DATE),CAST('-23:24:25.500000' AS TIME(6)),"
                "CAST('838:59:59.000000' AS TIME(6)),"
                "CAST('2024-02-29 23:59:59.000001' AS DATETIME(6)),"
                "CAST('00:00:00.000000' AS TIME(6)))"},
       }) {
    ASSERT_TRUE(documents.contains(c.text)) << c.text;
    const std::string& document = documents.at(c.text);
    EXPECT_EQ(Needs(document), c.sql != nullptr) << c.text;
    EXPECT_TRUE(c.sql == nullptr || Expression(document) == c.sql) << Expression(document);
  }
  int needing = 0;
  for (const auto& [text, document] : documents) {
    needing += Needs(document) ? 1 : 0;
    EXPECT_FALSE(Expression(document).empty());
  }
  EXPECT_EQ(needing, 10);
}

TEST(JsonExpression, TextIsWrittenInHexadecimalDigits) {
  // {"k": 5} with an unsigned 5.
  const std::string small("\0\1\0\x0c\0\x0b\0\1\0\6\5\0k", 13);
  EXPECT_EQ(RenderingSink::JsonText(small), "{\"k\": 5}");
  EXPECT_EQ(Expression(small), "JSON_OBJECT(_utf8mb4 x'6B',CAST(5 AS UNSIGNED))");
  EXPECT_EQ(Expression(std::string("\x0c\2a'", 4)), "CAST(_utf8mb4 x'22612722' AS JSON)");
  EXPECT_EQ(Expression(""), "CAST(_utf8mb4 x'6E756C6C' AS JSON)");
}

TEST(JsonExpression, ColumnTypesThatOnlyColumnsHave) {
  const auto opaque = [](uint8_t type, const std::string& bytes) {
    std::string document("\x0f", 1);
    document += static_cast<char>(type);
    document += static_cast<char>(bytes.size());
    return document + bytes;
  };
  EXPECT_EQ(Expression(opaque(15, "ab")), "CAST(x'6162' AS JSON)");
  EXPECT_EQ(Expression(opaque(249, "ab")),
            "CAST((SELECT CAST(c AS JSON) FROM JSON_TABLE(JSON_ARRAY(x'6162'),_utf8mb4'$[*]' "
            "COLUMNS(c TINYBLOB PATH _utf8mb4'$')) j) AS JSON)");
  EXPECT_EQ(Expression(opaque(16, std::string("\1\5", 2))),
            "CAST((SELECT CAST(c AS JSON) FROM JSON_TABLE(JSON_ARRAY(261),_utf8mb4'$[*]' COLUMNS(c "
            "BIT(16) PATH _utf8mb4'$')) j) AS JSON)");
  std::string sql;
  EXPECT_EQ(AppendJsonExpression(opaque(200, "ab"), sql).code(), base::StatusCode::kUnimplemented);
}

TEST(BinaryJson, MalformedDocumentsAreDataLoss) {
  for (const auto& [text, document] : Documents()) {
    if (document.size() > 3000) continue;
    // One byte shorter at the end leaves a hole at most where nothing points to it.
    for (size_t size = 1; size + 1 < document.size(); ++size) {
      std::string out;
      EXPECT_EQ(AppendJsonText(document.substr(0, size), out).code(), base::StatusCode::kDataLoss)
          << text << " cut to " << size;
    }
  }
  for (std::string_view bad : {
           std::string_view("\x0d", 1),                              // no such type
           std::string_view("\x04\3", 2),                            // no such literal
           std::string_view("\x0c\xff\xff\xff\xff\xff\1", 7),        // a size of six bytes
           std::string_view("\x0f\xf6\1\5", 4),                      // a DECIMAL without digits
           std::string_view("\x0f\xf6\3\x42\2\x80", 6),              // DECIMAL(66,2)
           std::string_view("\x0f\x0a\2xx", 5),                      // a DATE of two bytes
           std::string_view("\x0b\0\0\0\0\0\0\xf0\x7f", 9),          // infinity
           std::string_view("\2\1\0\7\0\2\0\0", 8),                  // an array in itself
           std::string_view("\2\xff\xff\7\0\4\0\0", 8),              // elements that are not there
           std::string_view("\0\1\0\x0c\0\xff\xff\1\0\4\0\0k", 13),  // a key that is not there
       }) {
    std::string out;
    EXPECT_EQ(AppendJsonText(bad, out).code(), base::StatusCode::kDataLoss)
        << RenderingSink::Hex(bad);
    EXPECT_EQ(AppendJsonExpression(bad, out).code(), base::StatusCode::kDataLoss);
  }
}

// Arrays of arrays that all lie at the same place would unfold to 30 to the power of the depth.
TEST(BinaryJson, ValuesLyingOverEachOtherDoNotUnfold) {
  constexpr size_t kLevels = 40, kCount = 30, kSize = 4 + 3 * kCount;
  std::string document("\2", 1);
  for (size_t level = 0; level < kLevels; ++level) {
    const size_t size = kSize * (kLevels - level);
    for (size_t number : {kCount, size}) {
      document += static_cast<char>(number & 0xff);
      document += static_cast<char>(number >> 8);
    }
    for (size_t i = 0; i < kCount; ++i) {
      document += level + 1 < kLevels ? '\2' : '\4';
      document += level + 1 < kLevels ? static_cast<char>(kSize) : '\0';
      document += '\0';
    }
  }
  std::string out;
  EXPECT_EQ(AppendJsonText(document, out).code(), base::StatusCode::kDataLoss);
  EXPECT_LT(out.size(), 20 * document.size());
  EXPECT_EQ(JsonNeedsExpression(document).status().code(), base::StatusCode::kDataLoss);
  EXPECT_EQ(AppendJsonExpression(document, out).code(), base::StatusCode::kDataLoss);
  std::string changed;
  EXPECT_EQ(ApplyJsonDiffs(document, std::string("\2\4$[0]", 6), changed).code(),
            base::StatusCode::kDataLoss);
}

TEST(BinaryJson, DeeperThanAServerAllowsIsRefused) {
  std::string document("\4\0", 2);
  for (int depth = 0; depth < 101; ++depth) {
    const size_t size = 4 + 3 + document.size() - 1;
    std::string around("\2\1\0", 3);
    around += static_cast<char>(size & 0xff);
    around += static_cast<char>(size >> 8);
    const bool inline_literal = document.front() == '\4';
    around += document.front();
    around += inline_literal ? std::string("\0\0", 2) : std::string("\7\0", 2);
    if (!inline_literal) around.append(document, 1);
    document = std::move(around);
    if (inline_literal) document[3] = 7;
    std::string out;
    EXPECT_EQ(AppendJsonText(document, out).ok(), depth < 100) << depth;
  }
}

std::string Diff(char operation, const std::string& path, const std::string& value) {
  std::string diff(1, operation);
  diff += static_cast<char>(path.size());
  diff += path;
  if (operation == 2) return diff;
  diff += static_cast<char>(value.size());
  return diff + value;
}

TEST(JsonDiff, EachOperation) {
  const std::map<std::string, std::string> documents = Documents();
  const std::string& object = documents.at("{\"\": 1, \"B\": 5, \"a\": 3, \"b\": 2, \"aa\": 4}");
  const std::string& array =
      documents.at("[null, true, false, 1, -1, 70000, -70000, 5000000000, 1.5, \"x\", [], {}]");
  const std::string text("\x0c\1t", 3);
  const std::string number("\5\7\0", 3);
  struct Case {
    const std::string& document;
    std::string diffs;
    const char* result;  // null: refused
  };
  for (const Case& c : {
           Case{object, "", "{\"\": 1, \"B\": 5, \"a\": 3, \"b\": 2, \"aa\": 4}"},
           Case{object, Diff(0, "$.a", text),
                "{\"\": 1, \"B\": 5, \"a\": \"t\", \"b\": 2, \"aa\": 4}"},
           Case{object, Diff(0, "$", array) + Diff(2, "$[1]", "") + Diff(0, "$[0]", object),
                "[{\"\": 1, \"B\": 5, \"a\": 3, \"b\": 2, \"aa\": 4}, false, 1, -1, 70000, -70000, "
                "5000000000, 1.5, \"x\", [], {}]"},
           Case{object, Diff(1, "$.c", text) + Diff(2, "$.\"\"", "") + Diff(2, "$.aa", ""),
                "{\"B\": 5, \"a\": 3, \"b\": 2, \"c\": \"t\"}"},
           Case{array, Diff(1, "$[0]", number) + Diff(1, "$[99]", text) + Diff(1, "$[11][0]", text),
                "[7, null, true, false, 1, -1, 70000, -70000, 5000000000, 1.5, \"x\", [\"t\"], {}, "
                "\"t\"]"},
           Case{array, Diff(1, "$[11].k", number) + Diff(0, "$[11].k", text),
                "[null, true, false, 1, -1, 70000, -70000, 5000000000, 1.5, \"x\", [], {\"k\": "
                "\"t\"}]"},
           Case{object, Diff(0, "$.c", text), nullptr},    // not there
           Case{object, Diff(1, "$.a", text), nullptr},    // there already
           Case{object, Diff(2, "$.c", ""), nullptr},      // not there
           Case{object, Diff(2, "$", ""), nullptr},        // all of it
           Case{object, Diff(1, "$", text), nullptr},      // beside all of it
           Case{object, Diff(0, "$[0]", text), nullptr},   // no array
           Case{array, Diff(0, "$.a", text), nullptr},     // no object
           Case{array, Diff(0, "$[12]", text), nullptr},   // beyond the end
           Case{array, Diff(0, "$[3].a", text), nullptr},  // inside a number
           Case{array, Diff(3, "$[0]", text), nullptr},    // no such operation
           Case{array, Diff(0, "a", text), nullptr},       // no path
           Case{array, Diff(0, "$[0]", "\x0d"), nullptr},  // no value
           Case{array, Diff(0, "$[0]", text).substr(0, 7), nullptr},
       }) {
    std::string out;
    auto status = ApplyJsonDiffs(c.document, c.diffs, out);
    if (c.result == nullptr) {
      EXPECT_EQ(status.code(), base::StatusCode::kDataLoss) << RenderingSink::Hex(c.diffs);
    } else {
      ASSERT_TRUE(status.ok()) << status;
      EXPECT_EQ(RenderingSink::JsonText(out), c.result);
    }
  }
}

// What has been taken apart and put together again is what a server writes.
TEST(JsonDiff, WritesTheServersBytes) {
  int containers = 0;
  for (const auto& [text, document] : Documents()) {
    JsonValue root;
    JsonContainer container;
    if (!JsonRoot(document, root) || !container.Open(root) || container.size() == 0) continue;
    std::string path = "$[0]";
    if (container.is_object()) {
      std::string_view key;
      ASSERT_TRUE(container.Key(0, key));
      path = fmt::format("$.\"{}\"", key == "k\"ey\n" ? "k\\\"ey\\n" : key);
    }
    JsonValue first;
    ASSERT_TRUE(container.Element(0, first));
    std::string value(1, static_cast<char>(first.type));
    value += first.bytes;
    if (value.size() > 250) continue;
    std::string again;
    ASSERT_TRUE(ApplyJsonDiffs(document, Diff(0, path, value), again).ok()) << text;
    EXPECT_EQ(again, document) << text.substr(0, 100);
    again.clear();
    ASSERT_TRUE(ApplyJsonDiffs(document, Diff(2, path, "") + Diff(1, path, value), again).ok());
    EXPECT_EQ(again, document) << text.substr(0, 100);
    ++containers;
  }
  EXPECT_GT(containers, 8);
}

TEST(JsonPath, KeysAndIndexes) {
  std::vector<JsonLeg> legs;
  ASSERT_TRUE(ParseJsonPath("$.a[12].\"b c\\\"\\u00e9\\ud83d\\ude00\\n\".$x[0]", legs));
  ASSERT_EQ(legs.size(), 5u);
  EXPECT_EQ(legs[0].key, "a");
  EXPECT_EQ(legs[1].index, 12u);
  EXPECT_EQ(legs[2].key, "b c\"\u00e9\U0001F600\n");
  EXPECT_EQ(legs[3].key, "$x");
  EXPECT_FALSE(legs[4].is_member);
  for (const char* bad : {"", "a", "$a", "$.", "$..a", "$[", "$[a]", "$[1", "$[-1]", "$.\"a",
                          "$.\"\\x\"", "$.\"\\u12\"", "$.\"\\ud83d\"", "$[99999999999999999999]"}) {
    legs.clear();
    EXPECT_FALSE(ParseJsonPath(bad, legs)) << bad;
  }
}

}  // namespace
}  // namespace godwit::wire::mysql
