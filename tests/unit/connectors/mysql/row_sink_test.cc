#include "connectors/mysql/log/row_sink.h"

#include <gtest/gtest.h>

#include "allocations.h"
#include "wire/mysql/row_decoder.h"
#include "wire/mysql/table_map.h"

namespace godwit::connectors::mysql {
namespace {

using wire::mysql::RowLayout;
using wire::mysql::RowsEvent;

// A table (id INT, name VARCHAR(100), price DECIMAL(10,2), at DATETIME), and a row of it.
class RowSinkTest : public ::testing::Test {
 protected:
  RowSinkTest() {
    table_.name = {"s", "t"};
    table_.columns = {{.name = "id", .kind = model::TypeKind::kInt},
                      {.name = "name", .kind = model::TypeKind::kText},
                      {.name = "price", .kind = model::TypeKind::kDecimal},
                      {.name = "at", .kind = model::TypeKind::kDateTime}};
    using namespace std::string_view_literals;
    const auto map = wire::mysql::DecodeTableMap(
        "\x07\0\0\0\0\0\x01\0\x01s\0\x01t\0\x04\x03\x0f\xf6\x12\x05\x64\x00\x0a\x02\x00\x0f"sv);
    EXPECT_TRUE(map.ok()) << map.status();
    layout_ = *RowLayout::Compile(*map, std::vector<wire::mysql::ColumnHint>(4));
  }

  static std::string RowBytes(uint32_t id) {
    using namespace std::string_literals;
    std::string row(1, '\0');  // no NULLs
    for (int i = 0; i < 4; ++i) row.push_back(static_cast<char>(id >> (8 * i)));
    row += "\x05names"s;
    row += "\x80\x00\x00\x0c\x22"s;  // 12.34
    constexpr uint64_t kAt = ((uint64_t{2020 * 13 + 1} << 5 | 2) << 17 | 3 << 12) + 0x8000000000ull;
    for (int i = 4; i >= 0; --i) row.push_back(static_cast<char>(kAt >> (8 * i)));
    return row;
  }

  // Decodes so many rows into a batch. Gives the allocations that are not the arena's blocks.
  size_t Decode(uint32_t count, model::ChangeBatch& batch) {
    std::string bytes;
    for (uint32_t id = 0; id < count; ++id) bytes += RowBytes(id);
    RowsEvent event;
    event.column_count = 4;
    event.after_columns = "\x0f";
    event.rows = bytes;
    const size_t before = testing_support::Allocations();
    RowSink sink(batch, &table_, event.kind, true, false, AbsentMeans::kUnchanged, defaults_,
                 history_);
    const base::Status decoded = wire::mysql::DecodeRows(event, *layout_, sink);
    const size_t allocations = testing_support::Allocations() - before;
    EXPECT_TRUE(decoded.ok()) << decoded;
    EXPECT_TRUE(sink.status().ok()) << sink.status();
    EXPECT_EQ(batch.events.size(), count);
    constexpr size_t kBlockBytes = 64 * 1024;
    return allocations - batch.arena.bytes() / kBlockBytes;
  }

  model::Table table_;
  std::optional<RowLayout> layout_;
  ImplicitDefaults defaults_;
  RowHistory history_;
};

TEST_F(RowSinkTest, RowsGoIntoTheBatchAsTheyAre) {
  model::ChangeBatch batch;
  Decode(3, batch);
  const model::Row row = batch.events.back().after;
  ASSERT_EQ(row.size(), 4u);
  EXPECT_EQ(row[0], model::Cell::Int(2));
  EXPECT_EQ(row[1], model::Cell::Bytes("names"));
  EXPECT_EQ(row[2], model::Cell::Number("12.34"));
  EXPECT_EQ(row[3], model::Cell::Text("2020-01-02 03:00:00"));
}

// Beyond the arena's blocks of 64 KiB and the doubling of the list of events.
TEST_F(RowSinkTest, ManyRowsTakeHardlyMoreAllocationsThanFew) {
  model::ChangeBatch few, many;
  const size_t of_few = Decode(1000, few);
  const size_t of_many = Decode(100'000, many);
  EXPECT_LT(of_many, of_few + 30);
  EXPECT_GT(many.arena.bytes(), 100 * 10'000u);
}

}  // namespace
}  // namespace godwit::connectors::mysql
