#include <gtest/gtest.h>

#include <map>
#include <string>

#include "allocations.h"
#include "log_reading.h"
#include "wire/mysql/row_decoder.h"

namespace godwit::wire::mysql {
namespace {

// Looks at every byte of what it gets, and keeps nothing.
class LookingSink {
 public:
  void BeginRow(RowImage) { ++rows; }
  void Absent(size_t) { ++cells; }
  void Null(size_t) { ++cells; }
  void Int(size_t, int64_t) { ++cells; }
  void Uint(size_t, uint64_t) { ++cells; }
  void Float(size_t, float) { ++cells; }
  void Double(size_t, double) { ++cells; }
  void Number(size_t, std::string_view text) { Look(text); }
  void Text(size_t, std::string_view text) { Look(text); }
  void Bytes(size_t, std::string_view bytes) { Look(bytes); }
  void TransientBytes(size_t, std::string_view bytes) { Look(bytes); }
  void Json(size_t, std::string_view document) { Look(document); }
  void TransientJson(size_t, std::string_view document) { Look(document); }
  void EndRow() {}

  size_t rows = 0, cells = 0, sum = 0;

 private:
  void Look(std::string_view bytes) {
    ++cells;
    for (const char byte : bytes) sum += static_cast<uint8_t>(byte);
  }
};

struct Decoded {
  size_t images, allocations;
};

// Decodes what an event holds so many times over, as one event.
Decoded DecodeRepeated(const RowsEvent& event, const RowLayout& layout, size_t times) {
  std::string rows;
  rows.reserve(event.rows.size() * times);
  for (size_t i = 0; i < times; ++i) rows += event.rows;
  RowsEvent repeated = event;
  repeated.rows = rows;
  LookingSink sink;
  const size_t before = testing_support::Allocations();
  const base::Status decoded = DecodeRows(repeated, layout, sink);
  const size_t allocations = testing_support::Allocations() - before;
  EXPECT_TRUE(decoded.ok()) << decoded;
  return {sink.rows, allocations};
}

// A hundred times as many rows of each event of a log take no more allocations.
void ExpectNoneByRow(const std::string& log, const std::string& expectation) {
  constexpr size_t kMostBytes = 64 << 20;
  std::map<std::string, ExpectedTable> tables = ReadExpected(expectation);
  std::map<uint64_t, TableMap> maps;
  std::string bytes = ReadTestFile(log), inflated;
  size_t events = 0, images = 0;
  ForEachEvent(bytes, [&](const Event& event) {
    if (event.header.type == EventType::kTableMap) {
      auto map = DecodeTableMap(event.body);
      ASSERT_TRUE(map.ok()) << map.status();
      maps[map->table_id] = *std::move(map);
    }
    if (!IsRowsEvent(event.header.type)) return;
    const auto rows = DecodeRowsEvent(event, inflated);
    ASSERT_TRUE(rows.ok()) << rows.status();
    const TableMap& map = maps.at(rows->table_id);
    std::vector<ColumnHint> hints = tables[std::string(map.table)].hints;
    hints.resize(map.columns.size());
    const auto layout = RowLayout::Compile(map, hints);
    ASSERT_TRUE(layout.ok()) << layout.status();
    const size_t many = std::min<size_t>(1000, kMostBytes / std::max<size_t>(rows->rows.size(), 1));
    if (many < 100) return;             // no row of this is small
    DecodeRepeated(*rows, *layout, 1);  // what a thread keeps for itself
    const Decoded few = DecodeRepeated(*rows, *layout, many / 100);
    const Decoded all = DecodeRepeated(*rows, *layout, many / 100 * 100);
    EXPECT_EQ(all.images, few.images * 100) << map.table;
    EXPECT_LE(all.allocations, few.allocations + 3) << map.table << ", " << all.images << " rows";
    ++events;
    images += all.images;
  });
  EXPECT_GT(events, 0u) << log;
  EXPECT_GT(images, 1000u) << log;
}

TEST(RowAllocations, NoneByRowOrCell) { ExpectNoneByRow("plain.binlog", "all_types.expected"); }
TEST(RowAllocations, NoneByRowOfUpdatesAndDeletes) {
  ExpectNoneByRow("changes.binlog", "all_types.expected");
}
TEST(RowAllocations, NoneByRowOfMysql) {
  ExpectNoneByRow("mysql_types.binlog", "mysql_types.expected");
}

}  // namespace
}  // namespace godwit::wire::mysql
