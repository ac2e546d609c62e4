#include "sql/definition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/complete.h"
#include "sql/parser.h"

namespace godwit::sql {
namespace {

using model::TypeKind;
using ::testing::ElementsAre;

TableDefinition Define(std::string_view text) {
  ParseOptions options;
  options.default_schema = "d";
  auto definition = ParseDefinition(text, options, {"latin1", "latin1_german1_ci"});
  EXPECT_TRUE(definition.ok()) << definition.status();
  return definition.ok() ? *definition : TableDefinition();
}

model::TablePtr Table(std::string_view text) { return ToTable(Define(text)); }

// The only column of a table of that one column.
model::Column OneColumn(const std::string& type) {
  return Table("create table t (c " + type + ")")->columns.at(0);
}

struct TypeCase {
  std::string type;
  TypeKind kind;
  std::string text;
  uint32_t length;
  int precision;
  int scale;
};

TEST(ToTable, KnowsEveryType) {
  const TypeCase cases[] = {
      {"tinyint", TypeKind::kInt, "tinyint(4)", 1, 0, 0},
      {"smallint unsigned", TypeKind::kUint, "smallint(5) unsigned", 2, 0, 0},
      {"mediumint", TypeKind::kInt, "mediumint(9)", 3, 0, 0},
      {"integer(5) zerofill", TypeKind::kUint, "int(5) unsigned zerofill", 4, 0, 0},
      {"bigint", TypeKind::kInt, "bigint(20)", 8, 0, 0},
      {"bool", TypeKind::kInt, "tinyint(1)", 1, 0, 0},
      {"float", TypeKind::kFloat, "float", 0, 0, 0},
      {"float(25)", TypeKind::kDouble, "double", 0, 0, 0},
      {"real(7,3)", TypeKind::kDouble, "double(7,3)", 0, 7, 3},
      {"dec", TypeKind::kDecimal, "decimal(10,0)", 0, 10, 0},
      {"numeric(65,30) unsigned", TypeKind::kDecimal, "decimal(65,30) unsigned", 0, 65, 30},
      {"bit(13)", TypeKind::kBit, "bit(13)", 13, 0, 0},
      {"year", TypeKind::kYear, "year(4)", 4, 0, 0},
      {"date", TypeKind::kDate, "date", 0, 0, 0},
      {"time(3)", TypeKind::kTime, "time(3)", 0, 0, 3},
      {"datetime", TypeKind::kDateTime, "datetime", 0, 0, 0},
      {"timestamp(6)", TypeKind::kTimestamp, "timestamp(6)", 0, 0, 6},
      {"char", TypeKind::kText, "char(1)", 1, 0, 0},
      {"national varchar(7)", TypeKind::kText, "varchar(7)", 7, 0, 0},
      {"text(300)", TypeKind::kText, "text", 65535, 0, 0},
      {"text(64) character set utf8mb4", TypeKind::kText, "text", 65535, 0, 0},
      {"text(63) character set utf8mb4", TypeKind::kText, "tinytext", 255, 0, 0},
      {"varchar(70000)", TypeKind::kText, "mediumtext", 16777215, 0, 0},
      {"binary(16)", TypeKind::kBinary, "binary(16)", 16, 0, 0},
      {"varchar(5) character set binary", TypeKind::kBinary, "varbinary(5)", 5, 0, 0},
      {"long varbinary", TypeKind::kBinary, "mediumblob", 16777215, 0, 0},
      {"enum('a','b''c')", TypeKind::kEnum, "enum('a','b''c')", 0, 0, 0},
      {"set('x','y')", TypeKind::kSet, "set('x','y')", 0, 0, 0},
      {"json", TypeKind::kText, "longtext", 4294967295, 0, 0},
      {"multipolygon", TypeKind::kGeometry, "multipolygon", 0, 0, 0},
      {"uuid", TypeKind::kUuid, "uuid", 0, 0, 0},
      {"inet4", TypeKind::kInet4, "inet4", 0, 0, 0},
      {"inet6", TypeKind::kInet6, "inet6", 0, 0, 0},
  };
  for (const TypeCase& c : cases) {
    model::Column column = OneColumn(c.type);
    EXPECT_EQ(column.kind, c.kind) << c.type;
    EXPECT_EQ(column.type_text, c.text) << c.type;
    EXPECT_EQ(column.length, c.length) << c.type;
    EXPECT_EQ(column.precision, c.precision) << c.type;
    EXPECT_EQ(column.scale, c.scale) << c.type;
  }
}

TEST(ToTable, TellsAttributes) {
  auto table = Table(
      "create table t (a int auto_increment primary key, b char(3) invisible, v int as (a) "
      "virtual, "
      "s int as (a) stored, e enum('\\'é\\\\'))");
  EXPECT_TRUE(table->columns[0].auto_increment);
  EXPECT_FALSE(table->columns[0].nullable);
  EXPECT_TRUE(table->columns[1].invisible);
  EXPECT_TRUE(table->columns[1].fixed_length);
  EXPECT_TRUE(table->columns[2].generated);
  EXPECT_FALSE(table->columns[2].stored);
  EXPECT_TRUE(table->columns[3].stored);
  EXPECT_THAT(table->columns[4].labels, ElementsAre("'é\\"));
}

struct CharsetCase {
  std::string type;
  std::string options;
  std::string charset, collation;
};

TEST(ToTable, ResolvesCharsets) {
  const CharsetCase cases[] = {
      {"text", "", "latin1", "latin1_german1_ci"},
      {"text", "charset=latin1", "latin1", "latin1_swedish_ci"},
      {"text", "collate utf8_bin", "utf8mb3", "utf8mb3_bin"},
      {"text character set utf8mb4", "collate utf8_bin", "utf8mb4", "utf8mb4_general_ci"},
      {"char(3) collate utf8mb4_bin", "", "utf8mb4", "utf8mb4_bin"},
      {"char(3) binary", "charset=utf8mb4", "utf8mb4", "utf8mb4_bin"},
      {"char(3) collate uca1400_ai_ci", "charset=utf8mb4", "utf8mb4", "utf8mb4_uca1400_ai_ci"},
      {"char(3) collate default", "collate=utf8mb4_bin", "utf8mb4", "utf8mb4_general_ci"},
      {"enum('a') ascii", "charset=utf8mb4", "latin1", "latin1_swedish_ci"},
      {"nchar(3)", "charset=utf8mb4", "utf8mb3", "utf8mb3_general_ci"},
      {"json", "charset=latin1", "utf8mb4", "utf8mb4_bin"},
      {"int", "charset=latin1", "", ""},
      {"blob", "charset=latin1", "", ""},
  };
  for (const CharsetCase& c : cases) {
    model::Column column = Table("create table t (c " + c.type + ") " + c.options)->columns.at(0);
    EXPECT_EQ(column.charset, c.charset) << c.type << " " << c.options;
    EXPECT_EQ(column.collation, c.collation) << c.type << " " << c.options;
  }
}

TEST(ToTable, GivesKeysInTheServersOrder) {
  TableDefinition definition = Define(
      "create table t (a int, b int not null, c varchar(20) not null, key k (b), primary key (b, "
      "a), unique n (a), "
      "unique p (c(5)), unique w (c), unique whole (c(20)))");
  Complete(definition, {}, KeyOrder::kSorted);
  auto table = ToTable(definition);
  EXPECT_THAT(table->primary_key, ElementsAre(1, 0));
  ASSERT_EQ(table->unique_keys.size(), 4u);
  EXPECT_EQ(table->unique_keys[0].name, "n") << "a is NOT NULL through the primary key";
  EXPECT_EQ(table->unique_keys[1].name, "w");
  EXPECT_EQ(table->unique_keys[2].name, "whole");
  EXPECT_FALSE(table->unique_keys[2].has_prefix) << "a prefix as long as the column";
  EXPECT_EQ(table->unique_keys[3].name, "p");
  EXPECT_TRUE(table->unique_keys[3].has_prefix);
}

TEST(ToTable, KeepsAPrimaryKeyWithPrefix) {
  auto table = Table("create table t (a varchar(20), primary key (a(5)))");
  EXPECT_THAT(table->RowIdentity(), ElementsAre(0));
  ASSERT_EQ(table->unique_keys.size(), 1u);
  EXPECT_TRUE(table->unique_keys[0].has_prefix);
}

TEST(Definition, KnowsHiddenPeriods) {
  EXPECT_TRUE(Define("create table t (a int) with system versioning").HasHiddenPeriod());
  EXPECT_FALSE(Define("create table t (a int)").HasHiddenPeriod());
  auto explicit_period = Define(
      "create table t (a int primary key, s timestamp(6) as row start, e timestamp(6) as row end, "
      "period for system_time (s, e)) with system versioning");
  EXPECT_FALSE(explicit_period.HasHiddenPeriod());
  auto table = ToTable(explicit_period);
  EXPECT_TRUE(table->system_versioned);
  EXPECT_TRUE(table->columns[2].generated && table->columns[2].stored);
  EXPECT_THAT(table->primary_key, ElementsAre(0, 2)) << "the server adds the end of the row's time";
  EXPECT_EQ(table->columns[1].row_period, model::RowPeriod::kStart);
  EXPECT_EQ(table->columns[2].row_period, model::RowPeriod::kEnd);
}

TEST(ToTable, HasAHiddenPeriodLast) {
  auto table =
      Table("create table t (a int primary key, b int, unique u (b)) with system versioning");
  ASSERT_EQ(table->columns.size(), 4u);
  EXPECT_EQ(table->columns[2].name, "row_start");
  EXPECT_EQ(table->columns[3].name, "row_end");
  EXPECT_EQ(table->FindPeriod(model::RowPeriod::kStart), 2);
  EXPECT_EQ(table->columns[3].kind, model::TypeKind::kTimestamp);
  EXPECT_EQ(table->columns[3].scale, 6);
  EXPECT_THAT(table->RowIdentity(), ElementsAre(0, 3));
  EXPECT_THAT(table->unique_keys.at(0).columns, ElementsAre(1, 3));
}

TEST(ToTable, KnowsKeysOfHashes) {
  auto by_hash = [](std::string_view columns) {
    return Table("create table t (" + std::string(columns) + ", unique u (c))")
        ->unique_keys.at(0)
        .by_hash;
  };
  EXPECT_TRUE(by_hash("c blob"));
  EXPECT_TRUE(by_hash("c tinytext"));
  EXPECT_TRUE(by_hash("c varchar(3000) character set utf8mb4"));
  EXPECT_FALSE(by_hash("c varchar(700) character set utf8mb4"));
  EXPECT_FALSE(by_hash("c bigint"));
  EXPECT_FALSE(Table("create table t (c blob, unique u (c(9)))")->unique_keys.at(0).by_hash);
}

TEST(ToTable, KnowsPeriodsWithoutOverlaps) {
  EXPECT_TRUE(Table("create table t (a int, b date, c date, period for p (b, c), "
                    "primary key (a, p without overlaps))")
                  ->without_overlaps);
  EXPECT_FALSE(Table("create table t (a int primary key, b date, c date, period for p (b, c))")
                   ->without_overlaps);
}

}  // namespace
}  // namespace godwit::sql
