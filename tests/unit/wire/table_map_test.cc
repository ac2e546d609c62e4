#include "wire/mysql/table_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log_reading.h"

namespace godwit::wire::mysql {
namespace {

using ::testing::ElementsAre;

class TableMaps : public ::testing::Test {
 protected:
  TableMap Find(const std::string& log, std::string_view table) {
    bytes_ = ReadTestFile(log);
    for (const Event& event : ReadEvents(bytes_)) {
      if (event.header.type != EventType::kTableMap) continue;
      auto map = DecodeTableMap(event.body);
      EXPECT_TRUE(map.ok()) << map.status();
      if (map.ok() && map->table == table) {
        body_ = event.body;
        return *map;
      }
    }
    ADD_FAILURE() << table << " is not in " << log;
    return {};
  }

  std::string bytes_;
  std::string_view body_;
};

TEST_F(TableMaps, WithoutMetadata) {
  TableMap map = Find("plain.binlog", "ints");
  EXPECT_EQ(map.schema, "t");
  ASSERT_EQ(map.columns.size(), 11u);
  EXPECT_EQ(map.columns[0].type, ColumnType::kLong);
  EXPECT_FALSE(map.columns[0].nullable);
  EXPECT_EQ(map.columns[1].type, ColumnType::kTiny);
  EXPECT_TRUE(map.columns[1].nullable);
  EXPECT_FALSE(map.has_signedness);
  EXPECT_FALSE(map.has_names);
  EXPECT_EQ(*PeekTableId(body_), map.table_id);
}

TEST_F(TableMaps, LengthsOver255AreUnfolded) {
  TableMap map = Find("plain.binlog", "chars");
  EXPECT_EQ(map.columns[2].length, 252u);
  EXPECT_EQ(map.columns[3].length, 256u);
  EXPECT_EQ(map.columns[4].length, 1020u);
  EXPECT_EQ(map.columns[4].type, ColumnType::kString);
}

TEST_F(TableMaps, EnumsAndSetsAreToldFromStrings) {
  TableMap map = Find("plain.binlog", "label_sets");
  EXPECT_EQ(map.columns[1].type, ColumnType::kEnum);
  EXPECT_EQ(map.columns[1].length, 1u);
  EXPECT_EQ(map.columns[2].length, 2u);
  EXPECT_EQ(map.columns[3].type, ColumnType::kSet);
  EXPECT_EQ(map.columns[8].length, 8u);
}

TEST_F(TableMaps, FullMetadata) {
  TableMap ints = Find("full_metadata.binlog", "ints");
  EXPECT_TRUE(ints.has_signedness);
  EXPECT_TRUE(ints.has_names);
  for (size_t i = 1; i < ints.columns.size(); ++i) {
    EXPECT_EQ(ints.columns[i].is_unsigned, i % 2 == 0) << i;
    EXPECT_EQ(ints.columns[i].name, fmt::format("c{}", i - 1));
  }
  ASSERT_TRUE(ints.has_primary_key);
  ASSERT_EQ(ints.primary_key.size(), 1u);
  EXPECT_EQ(ints.primary_key[0].column, 0u);
  EXPECT_EQ(ints.primary_key[0].prefix, 0u);

  TableMap chars = Find("full_metadata.binlog", "chars");
  EXPECT_TRUE(chars.has_collations);
  EXPECT_EQ(chars.columns[1].collation, 8);    // latin1_swedish_ci
  EXPECT_EQ(chars.columns[2].collation, 45);   // utf8mb4_general_ci
  EXPECT_EQ(chars.columns[5].collation, 35);   // ucs2_general_ci
  EXPECT_EQ(chars.columns[6].collation, 28);   // gbk_chinese_ci
  EXPECT_EQ(chars.columns[15].collation, 46);  // JSON: utf8mb4_bin

  TableMap binaries = Find("full_metadata.binlog", "binaries");
  EXPECT_EQ(binaries.columns[1].collation, 63);
  EXPECT_EQ(binaries.columns[6].collation, 63);
  EXPECT_EQ(binaries.columns[10].geometry_type, 0);
  EXPECT_EQ(binaries.columns[11].geometry_type, 1);

  TableMap sets = Find("full_metadata.binlog", "label_sets");
  EXPECT_THAT(sets.columns[1].labels, ElementsAre("l1", "l2", "l3"));
  EXPECT_EQ(sets.columns[2].labels.size(), 300u);
  EXPECT_EQ(sets.columns[8].labels.size(), 64u);
  EXPECT_EQ(sets.columns[8].labels[63], "l64");
  EXPECT_EQ(sets.columns[1].collation, 8);
}

TEST_F(TableMaps, SignednessSkipsColumnsWithoutASign) {
  TableMap years = Find("full_metadata.binlog", "years");
  EXPECT_TRUE(years.columns[1].is_unsigned);
  TableMap bits = Find("full_metadata.binlog", "bits");
  EXPECT_TRUE(bits.has_signedness);
  EXPECT_FALSE(bits.columns[0].is_unsigned);
  TableMap decimals = Find("full_metadata.binlog", "decimals");
  for (const TableMapColumn& column : decimals.columns) EXPECT_FALSE(column.is_unsigned);
}

TEST_F(TableMaps, MinimalMetadataHasNoNames) {
  TableMap map = Find("compressed.binlog", "ints");
  EXPECT_TRUE(map.has_signedness);
  EXPECT_TRUE(map.columns[2].is_unsigned);
  EXPECT_FALSE(map.has_names);
  EXPECT_FALSE(map.has_primary_key);
}

TEST_F(TableMaps, FieldsThatMariadbDoesNotWrite) {
  TableMap map = Find("plain.binlog", "years");
  ASSERT_EQ(map.columns.size(), 3u);
  std::string body(body_);
  body.append("\x09\4\1\5\2\0", 6);  // a primary key over prefixes
  body.append("\x0c\1\xa0", 3);      // visibility: the second column is invisible
  body.append("\x77\2zz", 4);        // a field of the future
  auto extended = DecodeTableMap(body);
  ASSERT_TRUE(extended.ok()) << extended.status();
  ASSERT_EQ(extended->primary_key.size(), 2u);
  EXPECT_EQ(extended->primary_key[0].column, 1u);
  EXPECT_EQ(extended->primary_key[0].prefix, 5u);
  EXPECT_TRUE(extended->has_visibility);
  EXPECT_TRUE(extended->columns[0].visible);
  EXPECT_FALSE(extended->columns[1].visible);
  EXPECT_TRUE(extended->columns[2].visible);

  for (std::string_view field : {std::string_view("\x08\1\3", 3), std::string_view("\x08\1\xfb", 3),
                                 std::string_view("\x04\2\1a", 4), std::string_view("\x01\0", 2),
                                 std::string_view("\x01\5\0", 3)}) {
    EXPECT_EQ(DecodeTableMap(std::string(body_) + std::string(field)).status().code(),
              base::StatusCode::kDataLoss)
        << RenderingSink::Hex(field);
  }
}

TEST_F(TableMaps, EveryTruncationIsDataLoss) {
  Find("plain.binlog", "chars");
  for (size_t size = 0; size < body_.size(); ++size) {
    EXPECT_EQ(DecodeTableMap(body_.substr(0, size)).status().code(), base::StatusCode::kDataLoss)
        << size;
  }
  EXPECT_EQ(PeekTableId(body_.substr(0, 5)).status().code(), base::StatusCode::kDataLoss);
}

TEST_F(TableMaps, AHugeColumnCountIsRefused) {
  std::string body("\1\0\0\0\0\0\1\0\1s\0\1t\0\xfe\xff\xff\xff\xff\xff\xff\xff\x0f", 23);
  EXPECT_EQ(DecodeTableMap(body).status().code(), base::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace godwit::wire::mysql
