// Rows of MySQL's logs beyond what row_decoder_test.cc reads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "log_reading.h"
#include "wire/mysql/row_decoder.h"

namespace godwit::wire::mysql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Goes through the rows events of a log.
class RowsOfALog : public ::testing::Test {
 protected:
  // `handle` is given the event, its table map and its rows as decoded, or the error.
  void Read(const std::string& file,
            const std::function<void(const RowsEvent&, const TableMap&,
                                     base::StatusOr<std::vector<RenderedRow>>)>& handle) {
    const std::string bytes = ReadTestFile(file);
    std::map<uint64_t, TableMap> maps;
    std::string inflated;
    ForEachEvent(bytes, [&](const Event& event) {
      if (event.header.type == EventType::kTableMap) {
        auto map = DecodeTableMap(event.body);
        ASSERT_TRUE(map.ok()) << map.status();
        maps[map->table_id] = *map;
      }
      if (!IsRowsEvent(event.header.type)) return;
      auto rows = DecodeRowsEvent(event, inflated);
      ASSERT_TRUE(rows.ok()) << rows.status();
      const TableMap& map = maps[rows->table_id];
      auto layout = RowLayout::Compile(map, std::vector<ColumnHint>(map.columns.size()));
      ASSERT_TRUE(layout.ok()) << layout.status();
      RenderingSink sink;
      auto status = DecodeRows(*rows, *layout, sink);
      if (status.ok()) {
        handle(*rows, map, sink.rows);
      } else {
        handle(*rows, map, status);
      }
    });
  }
};

using PartialJson = RowsOfALog;

// The log holds changes; what they make is what the server has.
TEST_F(PartialJson, AppliesToTheImageBefore) {
  std::map<std::string, std::vector<std::string>> table;
  int partial = 0;
  std::vector<std::string> refused;
  Read("mysql_partial.binlog", [&](const RowsEvent& event, const TableMap&,
                                   const base::StatusOr<std::vector<RenderedRow>>& rows) {
    partial += event.partial ? 1 : 0;
    if (!rows.ok()) {
      EXPECT_EQ(rows.status().code(), base::StatusCode::kFailedPrecondition);
      refused.emplace_back(rows.status().message());
      return;
    }
    for (size_t i = 0; i < rows->size(); ++i) {
      const RenderedRow& row = (*rows)[i];
      if (event.kind == RowsKind::kWrite) {
        table[row.cells[0]] = row.cells;
      } else if (row.image == RowImage::kBefore) {
        EXPECT_TRUE(!refused.empty() || row.cells == table[row.cells[0]]) << row.cells[0];
        const RenderedRow& after = (*rows)[i + 1];
        for (size_t column = 0; column < after.cells.size(); ++column) {
          if (after.cells[column] != "absent") table[row.cells[0]][column] = after.cells[column];
        }
      }
    }
  });
  EXPECT_EQ(partial, 14);
  // With binlog_row_image=MINIMAL the value before the change is not there.
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_THAT(refused[0], HasSubstr("t.p: column 4: the log holds changes of a JSON value"));

  std::istringstream lines(ReadTestFile("mysql_partial.expected"));
  size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    std::string row;
    for (const std::string& cell : table[line.substr(0, 1)])
      row += (row.empty() ? "" : "\t") + cell;
    EXPECT_EQ(row, line);
  }
  EXPECT_EQ(count, table.size());
}

TEST_F(PartialJson, EveryTruncationIsDataLoss) {
  const std::string bytes = ReadTestFile("mysql_partial.binlog");
  std::map<uint64_t, TableMap> maps;
  std::string inflated;
  int events = 0;
  ForEachEvent(bytes, [&](const Event& event) {
    if (event.header.type == EventType::kTableMap) {
      auto map = DecodeTableMap(event.body);
      maps[map->table_id] = *map;
    }
    if (event.header.type != EventType::kPartialUpdateRows || event.body.size() > 2000) return;
    auto whole = DecodeRowsEvent(event, inflated);
    ASSERT_TRUE(whole.ok());
    auto layout = RowLayout::Compile(maps[whole->table_id], std::vector<ColumnHint>(4));
    RenderingSink all;
    if (!DecodeRows(*whole, *layout, all).ok() || all.rows.size() > 2) return;  // one row
    ++events;
    for (size_t size = 1; size < whole->rows.size(); ++size) {
      RowsEvent cut = *whole;
      cut.rows = whole->rows.substr(0, size);
      RenderingSink sink;
      auto status = DecodeRows(cut, *layout, sink);
      EXPECT_FALSE(status.ok()) << size;
    }
  });
  EXPECT_GT(events, 5);
}

using MysqlRows = RowsOfALog;

TEST_F(MysqlRows, PartitionsFlagsAndImages) {
  std::vector<std::string> shown;
  Read("mysql_control.binlog", [&](const RowsEvent& event, const TableMap& map,
                                   const base::StatusOr<std::vector<RenderedRow>>& rows) {
    ASSERT_TRUE(rows.ok()) << rows.status();
    std::string line = map.table;
    if ((event.flags & RowsEvent::kSqlForeignKeys) != 0) line += " sql_fk";
    if ((event.flags & RowsEvent::kNoForeignKeyChecks) != 0) line += " no_fk_checks";
    if (event.partition) line += fmt::format(" partition {}", *event.partition);
    if (event.source_partition) line += fmt::format(" from {}", *event.source_partition);
    for (const RenderedRow& row : *rows) {
      line += row.image == RowImage::kBefore ? " before" : " after";
      for (const std::string& cell : row.cells) line += " " + cell;
    }
    shown.push_back(line);
  });
  const std::string absent = " absent absent absent absent absent";
  const std::string rest = " 1 7 0000803F00000040 2 {\"n\": [1, 2]}";
  const std::vector<std::string> expected = {
      "c sql_fk after 1 64 1 7 0000803F00000040 2 {\"n\": [1, 2]}",
      "c sql_fk after 2 64 2 7 \\N \\N \\N",
      "c sql_fk after 3 64 3 7 \\N \\N \\N",
      "c sql_fk after 4 64 4 7 \\N \\N \\N",
      "c sql_fk after 5 64 5 7 \\N \\N \\N",
      "parts sql_fk partition 1 after 11 1",
      "parts sql_fk partition 0 from 1 before 11 1 after 1 1",
      "parts sql_fk partition 0 before 1 1",
      "parent sql_fk after 1",
      "child sql_fk after 1 1",
      "child sql_fk no_fk_checks before 1 1",  // what the foreign key did
      "parent sql_fk before 1",
      // binlog_row_image=MINIMAL, then NOBLOB, which leaves out no column of a row whose key is
      // there
      fmt::format("c sql_fk before 1{0}{1} after absent 6D696E696D616C{0}", absent, " absent"),
      fmt::format("c sql_fk before 2{}{}", absent, " absent"),
      fmt::format("c sql_fk before 1 6D696E696D616C{0} after 1 6E6F626C6F62{0}", rest),
      "c sql_fk after 6 64 6 7 \\N \\N \\N",
  };
  EXPECT_EQ(shown, expected);
}

TEST_F(MysqlRows, FullMetadata) {
  std::map<std::string, TableMap> maps;
  Read("mysql_control.binlog",
       [&](const RowsEvent&, const TableMap& map, auto) { maps[map.table] = map; });
  const TableMap& map = maps["c"];
  // The hidden columns of the functional and the multi-valued index are not in the log.
  ASSERT_EQ(map.columns.size(), 7u);
  ASSERT_TRUE(map.has_names && map.has_visibility && map.has_collations && map.has_primary_key);
  std::string shown;
  for (const TableMapColumn& column : map.columns) {
    shown += fmt::format("{}:{}:{}:{}:{} ", column.name, static_cast<int>(column.type),
                         column.collation, column.visible, column.dimensions);
  }
  EXPECT_EQ(shown,
            "id:3:0:true:0 a:15:255:true:0 b:3:0:true:0 h:3:0:false:0 v:242:63:true:5 "
            "e:247:8:true:0 j:245:0:true:0 ");
  EXPECT_THAT(map.columns[5].labels, ElementsAre("x", "y"));
}

TEST(RowsEventVersion2, ExtraParts) {
  const std::string head("\1\0\0\0\0\0\0\0", 8);
  const std::string tail("\1\xff\xff", 3);  // one column, in both images
  std::string inflated;
  const auto decode = [&](EventType type, std::string_view extra) {
    std::string body = head;
    body += static_cast<char>(extra.size() + 2);
    body += '\0';
    body.append(extra).append(tail);
    Event event;
    event.header.type = type;
    event.body = body;
    auto rows = DecodeRowsEvent(event, inflated);
    EXPECT_TRUE(!rows.ok() || rows->column_count == 1);
    if (rows.ok()) rows->ndb_info = rows->ndb_info.empty() ? "" : "seen";
    return rows;
  };
  EXPECT_FALSE(decode(EventType::kWriteRowsV2, "")->partition.has_value());
  EXPECT_EQ(*decode(EventType::kWriteRowsV2, std::string_view("\1\2\0", 3))->partition, 2);
  auto both = decode(EventType::kUpdateRowsV2, std::string_view("\0\4\0ab\1\2\0\3\1", 10));
  ASSERT_TRUE(both.ok()) << both.status();
  EXPECT_EQ(*both->partition, 2);
  EXPECT_EQ(*both->source_partition, 259);
  EXPECT_EQ(both->ndb_info, "seen");
  EXPECT_TRUE(decode(EventType::kWriteRowsV2, "\x07what a later version adds").ok());
  for (std::string_view bad : {std::string_view("\1\2", 2), std::string_view("\0\1\0", 3),
                               std::string_view("\0\5\0ab", 5)}) {
    EXPECT_EQ(decode(EventType::kWriteRowsV2, bad).status().code(), base::StatusCode::kDataLoss);
  }
  Event event;
  event.header.type = EventType::kWriteRowsV2;
  const std::string too_long = head + std::string("\xff\xff\1", 3);
  event.body = too_long;
  EXPECT_EQ(DecodeRowsEvent(event, inflated).status().code(), base::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace godwit::wire::mysql
