// Rows of PostgreSQL as they are compared with those of MariaDB and MySQL.
#include "connectors/postgres/foreign_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::connectors::postgres {
namespace {

using model::TypeKind;
using ::testing::ElementsAre;

class ForeignFormTest : public ::testing::Test {
 protected:
  model::Column& Add(TypeKind kind, std::string type_here = "") {
    here_.columns.emplace_back().type_text = std::move(type_here);
    model::Column& column = source_.columns.emplace_back();
    column.kind = kind;
    return column;
  }
  bool Alike(std::vector<int> key) {
    source_.primary_key = here_.primary_key = std::move(key);
    return SortsAlike(source_, here_);
  }
  model::Table source_, here_;
};

TEST_F(ForeignFormTest, ValuesAreThoseOfTheirKind) {
  Add(TypeKind::kInt);
  Add(TypeKind::kInt);
  Add(TypeKind::kBit);
  Add(TypeKind::kBinary);
  Add(TypeKind::kEnum).labels = {"a", "b"};
  Add(TypeKind::kSet).labels = {"x", "y"};
  Add(TypeKind::kTimestamp);
  Add(TypeKind::kDate);
  Add(TypeKind::kJson);
  Add(TypeKind::kText);
  ForeignForm form(source_);
  EXPECT_THAT(
      form.Row({{"t", "-5", "f", "\\x0009", "b", "x,y", "2024-01-01 10:00:00.5+00",
                 "2024-01-01 00:00:00", "{\"b\": 1, \"a\": 2}", std::nullopt}})
          .values,
      ElementsAre("1", "-5", "0", std::string_view("\x00\x09", 2), "2", "3",
                  "2024-01-01 10:00:00.5", "2024-01-01", "{\"a\":2,\"b\":1}", std::nullopt));
}

TEST_F(ForeignFormTest, KeysComeInTheSameOrderWhereTypesOrderAlike) {
  Add(TypeKind::kUint, "numeric(20,0)");
  Add(TypeKind::kInt, "text");
  Add(TypeKind::kBinary, "bytea");
  Add(TypeKind::kText, "character varying(10)");
  Add(TypeKind::kDateTime, "timestamp(3) without time zone");
  Add(TypeKind::kEnum, "text");
  EXPECT_TRUE(Alike({0, 2, 4}));
  EXPECT_FALSE(Alike({0, 1}));
  EXPECT_FALSE(Alike({3}));
  EXPECT_FALSE(Alike({5}));
  EXPECT_TRUE(Alike({4}));
  here_.primary_key = {0};
  EXPECT_FALSE(SortsAlike(source_, here_));
}

TEST_F(ForeignFormTest, KeysOfTheSourceBecomeThoseOfPostgres) {
  EXPECT_EQ(ForeignKey("17"), "17");
  EXPECT_EQ(ForeignKey("-1,0x612c,'2024-01-01 10:00:00',''"),
            "-1\t\\\\x612c\t2024-01-01 10:00:00\t");
}

}  // namespace
}  // namespace godwit::connectors::postgres
