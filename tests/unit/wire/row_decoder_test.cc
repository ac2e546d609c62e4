#include "wire/mysql/row_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log_reading.h"

namespace godwit::wire::mysql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

void ExpectSameRow(const std::vector<std::string>& decoded,
                   const std::vector<std::string>& selected, const std::string& table) {
  ASSERT_EQ(decoded.size(), selected.size()) << table;
  for (size_t i = 0; i < decoded.size(); ++i) {
    EXPECT_TRUE(SameCell(decoded[i], selected[i]))
        << table << " column " << i << " of row " << selected[0] << ": decoded " << decoded[i]
        << ", selected " << selected[i];
  }
}

// What a log of inserts holds is what SELECT prints.
void ExpectInserted(const std::string& log, const std::string& expectation) {
  std::map<std::string, ExpectedTable> tables = ReadExpected(expectation);
  std::string bytes = ReadTestFile(log);
  std::map<std::string, size_t> seen;
  for (const LoggedRows& event : ReadRows(bytes, tables)) {
    EXPECT_EQ(event.kind, RowsKind::kWrite);
    for (const RenderedRow& row : event.rows) {
      EXPECT_EQ(row.image, RowImage::kAfter);
      size_t number = seen[event.table]++;
      ASSERT_LT(number, tables[event.table].rows.size()) << event.table;
      ExpectSameRow(row.cells, tables[event.table].rows[number], event.table);
    }
  }
  for (const auto& [name, table] : tables) EXPECT_EQ(seen[name], table.rows.size()) << name;
}

TEST(RowDecoder, AllTypesAtTheirEdges) { ExpectInserted("plain.binlog", "all_types.expected"); }

TEST(RowDecoder, AllTypesWithFullMetadataAndNoChecksum) {
  ExpectInserted("full_metadata.binlog", "all_types.expected");
}

TEST(RowDecoder, AllTypesCompressed) { ExpectInserted("compressed.binlog", "all_types.expected"); }

TEST(RowDecoder, TemporalFormatsBeforeMariadb101) {
  ExpectInserted("old_temporal.binlog", "old_temporal.expected");
}

TEST(RowDecoder, AllTypesOfMysql) { ExpectInserted("mysql_types.binlog", "mysql_types.expected"); }

TEST(RowDecoder, UpdatesAndDeletesCarryWholeImages) {
  std::map<std::string, ExpectedTable> tables = ReadExpected("all_types.expected");
  std::string bytes = ReadTestFile("changes.binlog");
  std::map<std::string, size_t> updated, deleted;
  for (const LoggedRows& event : ReadRows(bytes, tables)) {
    const auto& inserted = tables[event.table].rows;
    for (size_t i = 0; i < event.rows.size(); ++i) {
      std::vector<std::string> selected;
      if (event.kind == RowsKind::kUpdate) {  // in descending order of id, before and after in turn
        bool before = i % 2 == 0;
        EXPECT_EQ(event.rows[i].image, before ? RowImage::kBefore : RowImage::kAfter);
        size_t& number = updated[event.table];
        ASSERT_LT(number, inserted.size());
        selected = inserted[inserted.size() - 1 - number];
        if (!before) {
          selected[0] = std::to_string(std::stoi(selected[0]) + 1000);
          ++number;
        }
      } else {
        EXPECT_EQ(event.kind, RowsKind::kDelete);
        EXPECT_EQ(event.rows[i].image, RowImage::kBefore);
        size_t& number = deleted[event.table];
        ASSERT_LT(number, inserted.size());
        selected = inserted[number++];
        selected[0] = std::to_string(std::stoi(selected[0]) + 1000);
      }
      ExpectSameRow(event.rows[i].cells, selected, event.table);
    }
  }
  for (const auto& [name, table] : tables) {
    EXPECT_EQ(updated[name], table.rows.size()) << name;
    EXPECT_EQ(deleted[name], table.rows.size()) << name;
  }
}

TEST(RowDecoder, MinimalRowImages) {
  std::string bytes = ReadTestFile("control.binlog");
  std::vector<std::string> shown;
  for (const LoggedRows& event : ReadRows(bytes, {})) {
    for (const RenderedRow& row : event.rows) {
      std::string line = event.table + (row.image == RowImage::kBefore ? " before" : " after");
      for (const std::string& cell : row.cells) line += " " + cell;
      shown.push_back(line);
    }
  }
  EXPECT_THAT(
      shown,
      ElementsAre(
          "c after 1 64 1", "c after 2 64 2", "c before 1 64 1", "c after 1 64 3", "c after 3 64 4",
          // With binlog_row_image=MINIMAL: inserts leave out defaults, the rest what is not needed.
          "c after 4 absent absent", "no_key after 5 \\N", "no_key after 5 1",
          "c before 1 absent absent", "c after absent 6D696E696D616C absent",
          "c before 1 absent absent", "no_key before 5 \\N", "no_key after 6 \\N",
          "no_key before 5 1", "no_key after 6 1", "no_key before 6 \\N", "no_key before 6 1",
          "c after 5 64 9"));
}

class MalformedRows : public ::testing::Test {
 protected:
  static TableMap MapOf(std::vector<TableMapColumn> columns) {
    TableMap map;
    map.schema = "s";
    map.table = "t";
    map.columns = std::move(columns);
    return map;
  }
  static base::Status Decode(const TableMap& map, std::string_view rows,
                             std::vector<RenderedRow>* out = nullptr) {
    std::vector<ColumnHint> hints(map.columns.size());
    auto layout = RowLayout::Compile(map, hints);
    if (!layout.ok()) return layout.status();
    RowsEvent event;
    event.column_count = static_cast<uint32_t>(map.columns.size());
    event.after_columns = "\xff";
    event.rows = rows;
    RenderingSink sink;
    auto status = DecodeRows(event, *layout, sink);
    if (out != nullptr) *out = sink.rows;
    return status;
  }
};

TEST_F(MalformedRows, EveryTruncationIsDataLoss) {
  TableMap map = MapOf({{.type = ColumnType::kLong}, {.type = ColumnType::kVarchar, .length = 10}});
  std::string_view row("\0\1\0\0\0\2ab", 8);
  std::vector<RenderedRow> rows;
  ASSERT_TRUE(Decode(map, row, &rows).ok());
  EXPECT_THAT(rows[0].cells, ElementsAre("1", "6162"));
  for (size_t size = 0; size < row.size(); ++size) {
    auto status = Decode(map, row.substr(0, size));
    EXPECT_EQ(status.code(), base::StatusCode::kDataLoss) << size;
  }
  EXPECT_EQ(Decode(map, std::string(row) + "x").code(), base::StatusCode::kDataLoss);
}

TEST_F(MalformedRows, ErrorsNameTableAndColumn) {
  TableMap map = MapOf(
      {{.type = ColumnType::kLong, .name = "id"}, {.type = ColumnType::kDate, .name = "born"}});
  EXPECT_THAT(std::string(Decode(map, std::string_view("\0\1\0\0\0\xff\xff\xff", 8)).message()),
              AllOf(HasSubstr("s.t"), HasSubstr("column 2")));
  map.has_names = true;
  EXPECT_THAT(std::string(Decode(map, std::string_view("\0\1\0\0\0\xff\xff\xff", 8)).message()),
              HasSubstr("column born"));
}

TEST_F(MalformedRows, ImpossibleValuesAreDataLoss) {
  struct Case {
    TableMapColumn column;
    std::string_view value;
  };
  for (const Case& c : {
           Case{{.type = ColumnType::kNewDecimal, .metadata = 2},
                std::string_view("\xe4", 1)},  // 100 in two digits
           Case{{.type = ColumnType::kTime2}, std::string_view("\x80\x0f\xff", 3)},  // 63 seconds
           Case{{.type = ColumnType::kDateTime2},
                std::string_view("\x00\x00\x00\x00\x00", 5)},  // negative
           Case{{.type = ColumnType::kDateTime2, .metadata = 2},
                std::string_view("\x80\0\0\0\0\x64", 6)},  // .100
           Case{{.type = ColumnType::kDateTime},
                std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff", 8)},
           Case{{.type = ColumnType::kTime}, std::string_view("\x3d\x00\x00", 3)},  // 61 seconds
           Case{{.type = ColumnType::kVarcharCompressed, .length = 10},
                std::string_view("\2\x81\1", 3)},
       }) {
    auto status = Decode(MapOf({c.column}), std::string("\0", 1) + std::string(c.value));
    EXPECT_EQ(status.code(), base::StatusCode::kDataLoss)
        << static_cast<int>(c.column.type) << " " << RenderingSink::Hex(c.value) << " " << status;
  }
}

TEST_F(MalformedRows, AnotherNumberOfColumnsIsDataLoss) {
  std::vector<ColumnHint> hints(1);
  auto layout = RowLayout::Compile(MapOf({{.type = ColumnType::kTiny}}), hints);
  ASSERT_TRUE(layout.ok());
  RowsEvent event;
  event.column_count = 2;
  event.after_columns = "\x03";
  RenderingSink sink;
  EXPECT_EQ(DecodeRows(event, *layout, sink).code(), base::StatusCode::kDataLoss);
}

TEST_F(MalformedRows, AnEventOfNoColumnsIsOneRow) {
  TableMap map = MapOf({{.type = ColumnType::kTiny}});
  auto layout = RowLayout::Compile(map, std::vector<ColumnHint>(1));
  ASSERT_TRUE(layout.ok());
  RowsEvent event;
  event.column_count = 1;
  event.after_columns = std::string_view("\0", 1);
  RenderingSink sink;
  ASSERT_TRUE(DecodeRows(event, *layout, sink).ok());
  ASSERT_EQ(sink.rows.size(), 1u);
  EXPECT_THAT(sink.rows[0].cells, ElementsAre("absent"));
  event.rows = "x";
  EXPECT_EQ(DecodeRows(event, *layout, sink).code(), base::StatusCode::kDataLoss);
}

TEST_F(MalformedRows, NullBitsBelongToPresentColumnsOnly) {
  TableMap map = MapOf(
      {{.type = ColumnType::kTiny}, {.type = ColumnType::kTiny}, {.type = ColumnType::kTiny}});
  auto layout = RowLayout::Compile(map, std::vector<ColumnHint>(3));
  ASSERT_TRUE(layout.ok());
  RowsEvent event;
  event.column_count = 3;
  event.after_columns = "\x06";
  event.rows = std::string_view("\1\7", 2);  // the first present column is null, the second 7
  RenderingSink sink;
  ASSERT_TRUE(DecodeRows(event, *layout, sink).ok());
  EXPECT_THAT(sink.rows[0].cells, ElementsAre("absent", "\\N", "7"));
}

TEST(RowDecoder, CharAndBinaryOfLengthZero) {
  TableMap map;
  map.columns = {{.type = ColumnType::kString}, {.type = ColumnType::kString}};
  auto layout = RowLayout::Compile(map, std::vector<ColumnHint>{{.is_binary = true}, {}});
  ASSERT_TRUE(layout.ok());
  RowsEvent event;
  event.column_count = 2;
  event.after_columns = "\x03";
  event.rows = std::string_view("\0\0\0", 3);
  RenderingSink sink;
  ASSERT_TRUE(DecodeRows(event, *layout, sink).ok());
  EXPECT_THAT(sink.rows[0].cells, ElementsAre("", ""));
}

TEST(RowLayout, RefusesWhatItCannotDecode) {
  struct Case {
    TableMapColumn column;
    ColumnHint hint;
  };
  for (const Case& c : {
           Case{{.type = ColumnType::kDecimal}, {}},
           Case{{.type = ColumnType::kJson, .metadata = 5}, {}},
           Case{{.type = ColumnType::kTypedArray}, {}},
           Case{{.type = static_cast<ColumnType>(200)}, {}},
           Case{{.type = ColumnType::kNewDecimal, .metadata = 66}, {}},
           Case{{.type = ColumnType::kNewDecimal, .metadata = 5 | 6 << 8}, {}},
           Case{{.type = ColumnType::kTime2, .metadata = 7}, {}},
           Case{{.type = ColumnType::kBlob, .metadata = 5}, {}},
           Case{{.type = ColumnType::kBit, .metadata = 9 << 8}, {}},
           Case{{.type = ColumnType::kSet, .length = 9}, {}},
           Case{{.type = ColumnType::kString, .length = 300}, {.is_binary = true}},
           Case{{.type = ColumnType::kString, .length = 15},
                {.special = ColumnHint::Special::kUuid}},
           Case{{.type = ColumnType::kTime}, {.fraction_digits = 7}},
       }) {
    TableMap map;
    map.schema = "s";
    map.table = "t";
    map.columns = {c.column};
    auto layout = RowLayout::Compile(map, std::vector<ColumnHint>{c.hint});
    EXPECT_EQ(layout.status().code(), base::StatusCode::kFailedPrecondition)
        << static_cast<int>(c.column.type);
    EXPECT_THAT(std::string(layout.status().message()), HasSubstr("s.t: column 1"));
  }
}

TEST(RowLayout, WantsOneHintPerColumn) {
  TableMap map;
  map.columns.resize(2);
  EXPECT_EQ(RowLayout::Compile(map, std::vector<ColumnHint>(1)).status().code(),
            base::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace godwit::wire::mysql
