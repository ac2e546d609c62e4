#include "sql/writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/parser.h"

namespace godwit::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TableDefinition Define(std::string_view text) {
  ParseOptions options;
  options.default_schema = "d";
  auto definition = ParseDefinition(text, options, {"utf8mb4", "utf8mb4_general_ci"});
  EXPECT_TRUE(definition.ok()) << definition.status();
  return definition.ok() ? *definition : TableDefinition();
}

TEST(Writer, Quotes) {
  EXPECT_EQ(QuoteIdentifier("a`b"), "`a``b`");
  EXPECT_EQ(QuoteString(std::string_view("it's\\\n\0", 7)), "'it''s\\\\\\n\\0'");
  EXPECT_EQ(QuoteName({"a", "b"}), "`a`.`b`");
  EXPECT_EQ(QuoteName({"", "b"}), "`b`");
}

TEST(Writer, WritesParts) {
  TableDefinition table = Define(
      "create table t (id int auto_increment primary key, a varchar(20), key ka (a(3) desc) "
      "comment 'x', "
      "unique ua (a), constraint f foreign key (id) references p (q) on delete set null, "
      "constraint g foreign key (id) references o.p (q) on update cascade)");
  std::vector<std::string> keys = DeferrableKeys(table);
  EXPECT_THAT(keys, ElementsAre("ka", "ua"));
  CreateTableParts parts;
  parts.name = model::TableName{"x", "y"};
  parts.if_not_exists = true;
  parts.foreign_keys = false;
  parts.left_out_keys = keys;
  EXPECT_EQ(WriteCreateTable(table, parts),
            "CREATE TABLE IF NOT EXISTS `x`.`y` (\n"
            "  `id` int(11) NOT NULL AUTO_INCREMENT,\n"
            "  `a` varchar(20),\n"
            "  PRIMARY KEY (`id`)\n"
            ") DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci");
  EXPECT_EQ(
      WriteAddKeys(table, {"x", "y"}, keys),
      "ALTER TABLE `x`.`y` ADD KEY `ka` (`a`(3) DESC) comment 'x', ADD UNIQUE KEY `ua` (`a`)");
  EXPECT_EQ(WriteAddForeignKeys(table, {"x", "y"}),
            "ALTER TABLE `x`.`y` ADD CONSTRAINT `f` FOREIGN KEY (`id`) REFERENCES `p` (`q`) ON "
            "DELETE SET NULL, "
            "ADD CONSTRAINT `g` FOREIGN KEY (`id`) REFERENCES `o`.`p` (`q`) ON UPDATE CASCADE");
}

TEST(Writer, WritesNothingForNoKeys) {
  TableDefinition table = Define("create table t (a int, key (a))");
  EXPECT_EQ(WriteAddKeys(table, table.name, {}), "");
  EXPECT_EQ(WriteAddForeignKeys(table, table.name), "");
}

TEST(DeferrableKeys, KeepsWhatTheTableNeeds) {
  EXPECT_THAT(
      DeferrableKeys(Define(
          "create table t (a int primary key, b int auto_increment, key x (b), key y (b, a))")),
      ElementsAre("y"));
  EXPECT_THAT(
      DeferrableKeys(Define("create table t (a int not null, b int, unique n (a), unique o (b))")),
      ElementsAre("o"))
      << "rows are stored by the first unique key without NULLs";
  EXPECT_THAT(DeferrableKeys(Define("create table t (a int, unique n (a))")), ElementsAre("n"));
  EXPECT_THAT(DeferrableKeys(Define("create table t (a int primary key)")), IsEmpty());
}

TEST(Writer, WritesSomeTablesOfAStatement) {
  ParseOptions options;
  options.default_schema = "d";
  auto drop = ParseStatement("drop table if exists a, x.b, c", options);
  ASSERT_TRUE(drop.ok());
  auto& tables = std::get<DropTable>(*drop).tables;
  tables.erase(tables.begin() + 1);
  EXPECT_EQ(WriteDropTable(std::get<DropTable>(*drop)), "DROP TABLE IF EXISTS `d`.`a`, `d`.`c`");
  auto rename = ParseStatement("rename table a to b, c to x.d", options);
  ASSERT_TRUE(rename.ok());
  EXPECT_EQ(WriteRenameTable(std::get<RenameTable>(*rename)),
            "RENAME TABLE `d`.`a` TO `d`.`b`, `d`.`c` TO `x`.`d`");
}

TEST(Writer, WritesExpressionsForTheDefaultMode) {
  ParseOptions options;
  options.default_schema = "d";
  options.ansi_quotes = true;
  options.no_backslash_escapes = true;
  auto table = ParseDefinition(
      R"(create table "t" ("a" varchar(5) default '\', check ("a" <> 'x\')))", options, {});
  ASSERT_TRUE(table.ok()) << table.status();
  std::string text = WriteCreateTable(*table);
  EXPECT_THAT(text, HasSubstr(R"(DEFAULT '\\')"));
  EXPECT_THAT(text, HasSubstr(R"(CHECK (`a` <> 'x\\'))"));
  EXPECT_THAT(text, Not(HasSubstr("\"")));
}

}  // namespace
}  // namespace godwit::sql
