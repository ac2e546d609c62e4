#include "connectors/mysql/from_postgres/copy_text_blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "allocations.h"
#include "connectors/mysql/copy/load_text.h"
#include "postgres_tables.h"

namespace godwit::connectors::mysql {
namespace {

using model::TypeKind;
using ::testing::HasSubstr;

class Blocks : public connector::RowBlockSource {
 public:
  void Add(std::string bytes, uint64_t rows) { blocks_.push_back({std::move(bytes), rows}); }
  base::StatusOr<std::optional<connector::RowBlock>> Take() override {
    if (blocks_.empty()) return std::optional<connector::RowBlock>();
    std::optional<connector::RowBlock> block(std::move(blocks_.front()));
    blocks_.pop_front();
    return block;
  }

 private:
  std::deque<connector::RowBlock> blocks_;
};

class CopyTextBlocksTest : public ::testing::Test {
 protected:
  CopyTextBlocksTest() {
    table_.Add("name", "text", PostgresTable::Here(TypeKind::kText, "longtext", 0xffffffff));
    table_.Add("on", "boolean", PostgresTable::Here(TypeKind::kInt, "tinyint(1)", 1));
    table_.Add("n", "numeric(10,2)", PostgresTable::Decimal(10, 2));
    table_.Add("at", "timestamp with time zone",
               PostgresTable::Seconds(TypeKind::kDateTime, "datetime(6)", 6));
    table_.Add("f", "real", PostgresTable::Here(TypeKind::kFloat, "float"));
    table_.Add("b", "bytea", PostgresTable::Here(TypeKind::kBinary, "longblob", 0xffffffff));
  }
  PostgresTable table_;
  Blocks given_;
};

TEST_F(CopyTextBlocksTest, RowsBecomeThoseOfLoadData) {
  given_.Add(
      "1\ta\\\\\\tb\\n\\r\\v\tt\t1.50\t2024-01-01 00:00:00+00\t0.5\t\\\\x0a\n"
      "2\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\n",
      2);
  given_.Add("3\t\tf\t0.00\t2024-01-01 00:00:00.5+00\t1\t\\\\x\n", 1);
  auto rows = table_.Rows();
  ASSERT_TRUE(rows.ok()) << rows.status();
  BlocksFromCopyText here(*rows, given_);
  auto block = here.Take();
  ASSERT_TRUE(block.ok() && *block) << block.status();
  EXPECT_EQ((*block)->rows, 2u);
  EXPECT_EQ((*block)->bytes,
            "1\ta\\\\\\tb\\n\r\v\t1\t1.50\t2024-01-01 00:00:00\t0.5\t\\n\n"
            "2\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\n");
  block = here.Take();
  ASSERT_TRUE(block.ok() && *block) << block.status();
  EXPECT_EQ((*block)->bytes, "3\t\t0\t0.00\t2024-01-01 00:00:00.5\t1\t\n");
  EXPECT_FALSE(here.Take()->has_value());
  // INSERTs, which are made of the same fields, read them likewise.
  LoadTextFields fields("a\\\\\\tb\\n\r\v\t\\N");
  std::string field;
  bool is_null = false;
  ASSERT_TRUE(fields.Next(field, is_null));
  EXPECT_EQ(field, "a\\\tb\n\r\v");
  ASSERT_TRUE(fields.Next(field, is_null));
  EXPECT_TRUE(is_null);
}

TEST_F(CopyTextBlocksTest, ErrorsNameTheRowAndLostRowsAreTold) {
  given_.Add("1\tx\tt\t1.50\tinfinity\t0.5\t\\\\x\n", 1);
  given_.Add("1\tx\tt\t1.50\t2024-01-01 00:00:00+00\t0.5\t\\\\x\n", 2);
  auto rows = table_.Rows();
  ASSERT_TRUE(rows.ok()) << rows.status();
  BlocksFromCopyText here(*rows, given_);
  EXPECT_THAT(std::string(here.Take().status().message()),
              HasSubstr("table shop.t, column at, row id='1': it holds 'infinity'"));
  EXPECT_THAT(std::string(here.Take().status().message()), HasSubstr("1 rows where 2 were read"));
}

TEST_F(CopyTextBlocksTest, RowsCostNoAllocations) {
  std::string bytes;
  for (int i = 0; i < 1000; ++i) {
    bytes +=
        "1\ta longer text that is on the heap\\n\tt\t12345678.50\t2024-01-01 00:00:00+00\t0.1\t"
        "\\\\x000102030405060708090a0b0c0d0e0f1011121314151617\n";
  }
  given_.Add(bytes.substr(0, bytes.size() / 1000), 1);
  given_.Add(bytes, 1000);
  auto rows = table_.Rows();
  ASSERT_TRUE(rows.ok()) << rows.status();
  BlocksFromCopyText here(*rows, given_);
  ASSERT_TRUE(here.Take().ok());
  const uint64_t before = testing_support::Allocations();
  ASSERT_TRUE(here.Take().ok());
  EXPECT_LE(testing_support::Allocations() - before, 10u);
}

}  // namespace
}  // namespace godwit::connectors::mysql
