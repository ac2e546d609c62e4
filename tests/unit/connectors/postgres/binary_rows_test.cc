// Rows that come as text and go on in binary.
#include "connectors/postgres/from_mysql/binary_rows.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace godwit::connectors::postgres {
namespace {

model::Table TableOf(std::initializer_list<std::string_view> types) {
  model::Table table;
  for (const std::string_view type : types) table.columns.emplace_back().type_text = type;
  return table;
}

TEST(BinaryRowsTest, EachRowHasItsColumnsThatAreWritten) {
  model::Table table = TableOf({"integer", "character varying(3)", "xml", "text"});
  table.columns[2].generated = true;
  std::optional<BinaryRows> rows = BinaryRows::Make(table);
  ASSERT_TRUE(rows.has_value());
  using namespace std::string_view_literals;
  EXPECT_EQ(rows->Convert("1\ta\\tb\t\\N\n-1\t\t\\\\N\n"),
            "\0\3\0\0\0\4\0\0\0\1\0\0\0\3a\tb\377\377\377\377"
            "\0\3\0\0\0\4\377\377\377\377\0\0\0\0\0\0\0\2\\N"sv);
  EXPECT_EQ(rows->Convert(""), "");
  EXPECT_EQ(rows->Convert("1\ta\t\\N\n2\tabcd\t\n"), std::nullopt) << "too long";
  EXPECT_EQ(rows->Convert("1\ta\n"), std::nullopt) << "a column is missing";
  EXPECT_EQ(rows->Convert("1\t\t" + std::string(5 << 20, 'x') + "\n"), std::nullopt) << "large";
  EXPECT_TRUE(rows->Convert("1\ta\t\\N\n").has_value());
}

TEST(BinaryRowsTest, AllTypesThatColumnsBecomeAreKnown) {
  const model::Table all = TableOf({"boolean",
                                    "smallint",
                                    "integer",
                                    "bigint",
                                    "real",
                                    "double precision",
                                    "numeric",
                                    "numeric(20,0)",
                                    "text",
                                    "character varying",
                                    "json",
                                    "jsonb",
                                    "bytea",
                                    "bit(3)",
                                    "bit varying",
                                    "uuid",
                                    "date",
                                    "time(3) without time zone",
                                    "timestamp without time zone",
                                    "timestamp(6) with time zone"});
  std::optional<BinaryRows> rows = BinaryRows::Make(all);
  ASSERT_TRUE(rows.has_value());
  const auto row = [](std::string_view numeric, std::string_view bits) {
    return fmt::format(
        "1\t1\t1\t1\t1\t1\t1\t{}\tx\tx\tx\tx\t\\\\x00\t{}\t1\t123e4567-e89b-12d3-a456-"
        "426614174000\t"
        "2024-01-01\t10:00:00.123\t2024-01-01\t2024-01-01 10:00:00+00\n",
        numeric, bits);
  };
  EXPECT_TRUE(rows->Convert(row("18446744073709551615", "101")).has_value());
  EXPECT_FALSE(rows->Convert(row("118446744073709551615", "101")).has_value());
  EXPECT_FALSE(rows->Convert(row("1.5", "101")).has_value());
  EXPECT_FALSE(rows->Convert(row("1", "1010")).has_value());
}

TEST(BinaryRowsTest, OtherTypesTravelAsText) {
  for (const std::string_view type :
       {"character(5)", "integer[]", "inet", "interval", "xml", "public.citext", "public.text",
        "numeric(3,-2)", "numeric(2,4)", "time with time zone", "\"char\""}) {
    EXPECT_FALSE(BinaryRows::Make(TableOf({"integer", type})).has_value()) << type;
  }
  EXPECT_FALSE(BinaryRows::Make(model::Table()).has_value());
}

}  // namespace
}  // namespace godwit::connectors::postgres
