// Large rows of a block of LOAD DATA, which are written by a statement of their own.
#include "connectors/mysql/copy/large_row.h"

#include <gtest/gtest.h>

#include "connectors/mysql/copy/load_text.h"

namespace godwit::connectors::mysql {
namespace {

using model::TypeKind;

constexpr uint64_t kAnySize = 1 << 30;

model::Table TableOf(const std::vector<TypeKind>& kinds) {
  model::Table table;
  table.name = {"shop", "t"};
  for (TypeKind kind : kinds) {
    model::Column& column = table.columns.emplace_back();
    column.name = fmt::format("c{}", table.columns.size());
    column.kind = kind;
    if (kind == TypeKind::kEnum) column.labels = {"a", "b"};
  }
  return table;
}

connector::RowBlock BlockOf(const std::vector<std::vector<std::string>>& rows) {
  connector::RowBlock block;
  for (const std::vector<std::string>& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) block.bytes.push_back('\t');
      AppendEscapedField(block.bytes, row[i]);
    }
    block.bytes.push_back('\n');
    ++block.rows;
  }
  return block;
}

std::unique_ptr<LargeRow> Take(connector::RowBlock& block, const model::Table& table,
                               uint64_t longest_value = kAnySize) {
  return LargeRow::TakeFrom(block, table, SelectList(table), longest_value);
}

TEST(LargeRow, IsTakenOffTheEndOfABlock) {
  const model::Table table =
      TableOf({TypeKind::kInt, TypeKind::kBinary, TypeKind::kEnum, TypeKind::kText});
  const std::string large(LargeRow::kLeastBytes, '\n');
  const std::string text(100'000, 'x');
  connector::RowBlock block =
      BlockOf({{"1", "a", "", "b"}, {"2", "", "", ""}, {"3", large, "", text}});
  block.expected_warnings = 3;  // ENUMs without a label
  const connector::RowBlock small = BlockOf({{"1", "a", "", "b"}, {"2", "", "", ""}});
  std::unique_ptr<LargeRow> row = Take(block, table);
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->sql(), "INSERT INTO `shop`.`t` (`c1`, `c2`, `c3`, `c4`) VALUES ('3',?,'',?)");
  ASSERT_EQ(row->values().size(), 2u);
  std::string value;
  AppendUnescapedField(value, row->values()[0]);
  EXPECT_TRUE(value == large);
  EXPECT_TRUE(row->values()[1] == text);
  EXPECT_EQ(row->expected_warnings(), 1u);
  EXPECT_EQ(block.bytes, small.bytes);
  EXPECT_EQ(block.rows, 2u);
  EXPECT_EQ(block.expected_warnings, 2u);
  EXPECT_EQ(Take(block, table), nullptr);
}

TEST(LargeRow, MayBeAllOfABlock) {
  const model::Table table = TableOf({TypeKind::kBinary, TypeKind::kInt});
  connector::RowBlock block;
  AppendEscapedField(block.bytes, std::string(LargeRow::kLeastBytes, '\t'));
  block.bytes += "\t\\N\n";
  block.rows = 1;
  const std::unique_ptr<LargeRow> row = Take(block, table);
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->sql(), "INSERT INTO `shop`.`t` (`c1`, `c2`) VALUES (?,NULL)");
  EXPECT_EQ(block.rows, 0u);
  EXPECT_EQ(block.bytes, "");
}

TEST(LargeRow, OthersStayInTheirBlock) {
  const std::string large(LargeRow::kLeastBytes, '\\');
  const auto stays = [](connector::RowBlock block, const model::Table& table,
                        uint64_t longest_value = kAnySize) {
    const std::string before = block.bytes;
    const uint64_t rows = block.rows;
    return Take(block, table, longest_value) == nullptr && block.bytes == before &&
           block.rows == rows;
  };
  const model::Table bytes = TableOf({TypeKind::kInt, TypeKind::kBinary});
  EXPECT_TRUE(stays({}, bytes));
  EXPECT_TRUE(stays(BlockOf({{"1", "a"}}), bytes));
  // The server takes no value that is as large, apart from its statement.
  EXPECT_TRUE(stays(BlockOf({{"1", large}}), bytes, LargeRow::kLeastBytes));
  // It is none that may be sent as bytes.
  EXPECT_TRUE(stays(BlockOf({{"1", large}}), TableOf({TypeKind::kInt, TypeKind::kJson})));
  EXPECT_TRUE(stays(BlockOf({{"1", large}}), TableOf({TypeKind::kInt, TypeKind::kGeometry})));
  // The block is large, but no row of it; the row is, but no value of it.
  const std::vector<std::vector<std::string>> many(200, {"1", std::string(50'000, 'x')});
  EXPECT_TRUE(stays(BlockOf(many), bytes));
  EXPECT_TRUE(stays(BlockOf({std::vector<std::string>(100, std::string(50'000, 'x'))}),
                    TableOf(std::vector<TypeKind>(100, TypeKind::kText))));
}

}  // namespace
}  // namespace godwit::connectors::mysql
