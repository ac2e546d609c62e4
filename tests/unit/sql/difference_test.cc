#include "sql/difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/parser.h"
#include "sql/rename.h"
#include "sql/row_values.h"

namespace godwit::sql {
namespace {

using ::testing::Optional;

TableDefinition Parse(const std::string& columns, const std::string& options = "",
                      Flavour flavour = Flavour::kMariaDb) {
  auto parsed = ParseDefinition("CREATE TABLE t (" + columns + ") " + options +
                                    " DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci",
                                {.default_schema = "s", .flavour = flavour}, {});
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return *std::move(parsed);
}

// What a tool's copy of the rows amounts to.
std::optional<std::string> Write(const TableDefinition& from, const TableDefinition& to,
                                 const std::vector<ColumnRename>& renames = {}) {
  const std::vector<std::string> origins = Origins(from, to, renames);
  if (!WhyValuesDiffer(from, to, origins, RowsBy::kCopy).empty()) return std::nullopt;
  const sql::Alter alter = MakeAlter(from, to, origins, to.flavour);
  EXPECT_EQ(alter.refused, "");
  if (!alter.unknown.empty()) return std::nullopt;
  return alter.Text(to.name);
}

std::optional<std::string> Alter(const std::string& from, const std::string& to,
                                 const std::vector<ColumnRename>& renames = {}) {
  return Write(Parse(from), Parse(to), renames);
}

constexpr const char* kTable = "a INT NOT NULL, b INT, c VARCHAR(9), PRIMARY KEY (a), KEY k (b)";

TEST(Difference, NothingToDo) {
  EXPECT_THAT(Alter(kTable, kTable), Optional(std::string()));
  EXPECT_THAT(Write(Parse(kTable, "AUTO_INCREMENT=7"), Parse(kTable)), Optional(std::string()));
}

TEST(Difference, Columns) {
  EXPECT_THAT(Alter(kTable, "x INT DEFAULT 5, a INT NOT NULL, c VARCHAR(9), PRIMARY KEY (a)"),
              Optional(std::string("ALTER TABLE `s`.`t` DROP KEY `k`, DROP COLUMN `b`, ADD COLUMN "
                                   "`x` int(11) DEFAULT 5 FIRST")));
  EXPECT_THAT(Alter(kTable, "a INT NOT NULL, c VARCHAR(9), b BIGINT, PRIMARY KEY (a), KEY k (b)"),
              Optional(std::string("ALTER TABLE `s`.`t` MODIFY COLUMN `b` bigint(20) AFTER `c`")));
}

TEST(Difference, RenamedColumnsKeepTheirKeys) {
  EXPECT_THAT(Alter(kTable, "a INT NOT NULL, n INT, c VARCHAR(9), PRIMARY KEY (a), KEY k (n)",
                    {{"b", "n"}}),
              Optional(std::string("ALTER TABLE `s`.`t` CHANGE COLUMN `b` `n` int(11)")));
  // By names alone these are two columns.
  EXPECT_THAT(Alter(kTable, "a INT NOT NULL, n INT, c VARCHAR(9), PRIMARY KEY (a), KEY k (n)"),
              Optional(std::string("ALTER TABLE `s`.`t` DROP KEY `k`, DROP COLUMN `b`, ADD COLUMN "
                                   "`n` int(11) AFTER `a`, ADD KEY `k` (`n`)")));
}

TEST(Difference, NamesThatChangePlaces) {
  EXPECT_THAT(
      Alter("a INT NOT NULL, b INT, PRIMARY KEY (a)", "b INT NOT NULL, a INT, PRIMARY KEY (b)",
            {{"a", "b"}, {"b", "a"}}),
      Optional(std::string("ALTER TABLE `s`.`t` CHANGE COLUMN `a` `b` int(11) NOT NULL, CHANGE "
                           "COLUMN `b` `a` int(11)")));
}

TEST(Difference, KeysAndForeignKeys) {
  EXPECT_THAT(
      Alter("a INT NOT NULL, b INT, PRIMARY KEY (a), KEY f (b), CONSTRAINT f FOREIGN KEY (b) "
            "REFERENCES p (id)",
            "a INT NOT NULL, b INT, PRIMARY KEY (a, b), KEY f (b), CONSTRAINT _f FOREIGN KEY (b) "
            "REFERENCES p (id) ON DELETE CASCADE"),
      Optional(std::string(
          "ALTER TABLE `s`.`t` DROP FOREIGN KEY `f`, DROP PRIMARY KEY, MODIFY COLUMN `b` int(11) "
          "NOT "
          "NULL, ADD PRIMARY KEY (`a`,`b`), ADD CONSTRAINT `_f` FOREIGN KEY (`b`) REFERENCES `p` "
          "(`id`) ON DELETE CASCADE")));
}

TEST(Difference, OptionsAndPartitions) {
  EXPECT_THAT(Write(Parse(kTable), Parse(kTable, "COMMENT='it''s' ROW_FORMAT=DYNAMIC")),
              Optional(std::string("ALTER TABLE `s`.`t` COMMENT='it''s', ROW_FORMAT=DYNAMIC")));
  auto split = ParseDefinition(
      std::string("CREATE TABLE t (") + kTable +
          ") DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci PARTITION BY HASH (a) PARTITIONS 3",
      {.default_schema = "s"}, {});
  ASSERT_TRUE(split.ok());
  EXPECT_THAT(Write(Parse(kTable), *split),
              Optional(testing::StartsWith("ALTER TABLE `s`.`t`\n PARTITION BY HASH")));
  EXPECT_THAT(Write(*split, Parse(kTable)),
              Optional(std::string("ALTER TABLE `s`.`t`\n REMOVE PARTITIONING")));
}

TEST(Difference, OptionsThatAreTakenBack) {
  EXPECT_THAT(Write(Parse(kTable, "ROW_FORMAT=DYNAMIC"), Parse(kTable)),
              Optional(std::string("ALTER TABLE `s`.`t` ROW_FORMAT=DEFAULT")));
}

TEST(Difference, OnAServerOfTheOtherKind) {
  auto alter = [](const std::string& from, const std::string& to) {
    const TableDefinition before = Parse(from), after = Parse(to);
    return MakeAlter(before, after, Origins(before, after, {}), Flavour::kMySql);
  };
  const sql::Alter added = alter("a INT", "a INT, u UUID, n INT DEFAULT 7");
  EXPECT_THAT(added.Text({"s", "t"}), testing::HasSubstr("ADD COLUMN `u` char(36)"));
  EXPECT_EQ(added.unknown, "");
  const sql::Alter other = alter("a VARCHAR(40)", "a UUID");
  EXPECT_THAT(other.unknown, testing::HasSubstr("in another form"));
  EXPECT_EQ(other.refused, "");
  EXPECT_NE(alter("a INT", "a INT CHECK (nextval(s) > 1)").refused, "");
}

TEST(Difference, WhatOnlyACopyHas) {
  EXPECT_EQ(
      Alter(kTable, std::string(kTable) + ", d TIMESTAMP NOT NULL DEFAULT current_timestamp()"),
      std::nullopt);
  EXPECT_EQ(Alter("a INT NOT NULL, PRIMARY KEY (a)",
                  "a INT NOT NULL, n INT NOT NULL AUTO_INCREMENT, PRIMARY KEY (a), KEY (n)"),
            std::nullopt);
  EXPECT_EQ(Alter("a DATETIME", "a TIMESTAMP NULL"), std::nullopt);
  // What moment that is depends on the session's time zone.
  EXPECT_EQ(Alter(kTable, std::string(kTable) + ", d TIMESTAMP DEFAULT '2000-01-01 00:00:00'"),
            std::nullopt);
}

}  // namespace
}  // namespace godwit::sql
