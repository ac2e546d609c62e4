// What sources of another family give, as MySQL and MariaDB take it.

#include "connectors/mysql/from_postgres/foreign_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/mysql/catalog.h"
#include "sql/postgres/definition.h"

namespace godwit::connectors::mysql {
namespace {

using connector::CatalogObject;
using connector::ObjectKind;
using connector::TableDefinition;
using sql::Flavour;
using sql::postgres::ColumnDefinition;
using sql::postgres::Definition;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Flavour kBoth[] = {Flavour::kMySql, Flavour::kMariaDb};

TableDefinition Given() {
  Definition table;
  table.name = {"shop", "t"};
  ColumnDefinition column;
  column.name = "id";
  column.number = 1;
  column.type = "integer";
  column.not_null = true;
  table.columns = {column};
  return {std::make_shared<const model::Table>(sql::postgres::ToTable(table)),
          sql::postgres::ToJson(table), std::string(sql::postgres::kDialect)};
}

const sql::TableDefinition* None(const model::TableName&) { return nullptr; }

TEST(ForeignTables, AreInTheTargetsOwnWords) {
  const ForeignTables from{config::Casts{}};
  for (const Flavour to : kBoth) {
    const auto here = from.TableHere(Given(), to, None);
    ASSERT_TRUE(here.ok()) << here.status();
    EXPECT_EQ(here->dialect, DialectName(to));
    EXPECT_EQ(here->table->name, (model::TableName{"shop", "t"}));
    // It is read like one that the server shows.
    const auto again = DefinitionOf(*here);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(*sql::ToTable(*again), *here->table);
    EXPECT_EQ(from.TableHere(*here, to, None)->statement, here->statement);
  }
}

TEST(ForeignTables, AreKnownByTheirDialect) {
  EXPECT_TRUE(IsForeign("postgresql"));
  EXPECT_FALSE(IsForeign("mysql"));
  EXPECT_FALSE(IsForeign("mariadb"));
  EXPECT_FALSE(IsForeign(""));
}

TEST(ForeignTables, GetDatabasesForSchemas) {
  const connector::CatalogSchema schema{"Shop", "CREATE SCHEMA \"Shop\"", "postgresql"};
  EXPECT_EQ(ForeignTables::SchemaHere(schema, Flavour::kMySql).statement,
            "CREATE DATABASE `Shop` DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin");
  EXPECT_EQ(ForeignTables::SchemaHere(schema, Flavour::kMariaDb).statement,
            "CREATE DATABASE `Shop` DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin");
  const connector::CatalogSchema own{"shop", "CREATE DATABASE `shop`", "mysql"};
  EXPECT_EQ(ForeignTables::SchemaHere(own, Flavour::kMySql).statement, own.statement);
}

TEST(ForeignTables, LeaveOutWhatHasNoTranslation) {
  const CatalogObject view{
      .kind = ObjectKind::kView, .schema = "shop", .name = "v", .dialect = "postgresql"};
  const CatalogObject counter{.kind = ObjectKind::kTableSequence,
                              .schema = "shop",
                              .name = "id",
                              .dialect = "postgresql",
                              .table = "t",
                              .next_value = 7};
  const CatalogObject own{
      .kind = ObjectKind::kView, .schema = "shop", .name = "w", .dialect = "mysql"};
  std::vector<std::string> left_out;
  const std::vector<CatalogObject> here =
      ForeignTables::ObjectsHere({view, counter, own}, left_out);
  ASSERT_EQ(here.size(), 2u);
  EXPECT_EQ(here[0].next_value, 7u);
  EXPECT_EQ(here[1].name, "w");
  EXPECT_THAT(left_out, ElementsAre("view shop.v"));
}

// shop.NAME (id integer PRIMARY KEY), with a foreign key to itself and a check.
TableDefinition WithConstraints(const std::string& name, const std::string& foreign_key,
                                const std::string& check) {
  Definition table = *sql::postgres::FromJson(Given().statement);
  table.name.table = name;
  sql::postgres::ConstraintDefinition one;
  one.kind = 'p';
  one.name = name + "_pkey";
  one.columns = {"id"};
  one.definition = "PRIMARY KEY (id)";
  table.constraints.push_back(one);
  one.kind = 'c';
  one.name = check;
  one.definition = "CHECK ((id > 0))";
  table.constraints.push_back(one);
  one.kind = 'f';
  one.name = foreign_key;
  one.definition = "FOREIGN KEY (id) REFERENCES shop." + name + "(id)";
  one.parent = table.name;
  one.parent_columns = {"id"};
  table.constraints.push_back(one);
  return {std::make_shared<const model::Table>(sql::postgres::ToTable(table)),
          sql::postgres::ToJson(table), std::string(sql::postgres::kDialect)};
}

TEST(ForeignTables, TellNamesApartThatTwoTablesHave) {
  const ForeignTables from{config::Casts{}};
  const TableDefinition order = WithConstraints("order", "order_item_fkey", "item_check"),
                        item = WithConstraints("order_item", "order_item_fkey", "check");
  for (const Flavour to : kBoth) {
    const auto names = [](const sql::TableDefinition& table) {
      return table.foreign_keys[0].name + " " + table.checks[0].name;
    };
    const auto all = *from.TranslateAll({item, order}, to, None);
    const std::string other = names(all[0].definition);
    const bool mysql = to == Flavour::kMySql;
    EXPECT_THAT(other,
                testing::MatchesRegex(mysql ? "order_item_fkey_[0-9a-f]+ order_item_check_[0-9a-f]+"
                                            : "order_item_fkey_[0-9a-f]+ check"));
    EXPECT_EQ(names(all[1].definition),
              mysql ? "order_item_fkey order_item_check" : "order_item_fkey item_check");
    // By whichever is on the target, and each time the same.
    const auto there = [&](const sql::TableDefinition& one) {
      return [&](const model::TableName& name) { return name == one.name ? &one : nullptr; };
    };
    const auto alone = [&](const TableDefinition& table, const sql::TableDefinition& is) {
      return names(*DefinitionOf(*from.TableHere(table, to, there(is))));
    };
    EXPECT_EQ(alone(item, all[1].definition), other);
    EXPECT_EQ(alone(item, all[0].definition), other);
    EXPECT_EQ(alone(order, all[0].definition), names(all[1].definition));
    const sql::TableDefinition first = *DefinitionOf(*from.TableHere(item, to, None));
    EXPECT_NE(names(first), other);
    EXPECT_EQ(alone(item, first), names(first));
    EXPECT_THAT(alone(order, first), testing::StartsWith("order_item_fkey_"));
    // The plan says so.
    connector::Catalog catalog;
    catalog.tables = {{item, 0, 0}, {order, 0, 0}};
    const auto planned = from.TranslateAmong(item, catalog, to, None);
    ASSERT_TRUE(planned.ok());
    EXPECT_EQ(names(planned->definition), other);
    EXPECT_THAT(sql::ToText(planned->notes.back()), HasSubstr("as shop.order has one"));
  }
}

TEST(ForeignTables, MakeACatalogueOfWhatCanBeHere) {
  const ForeignTables from{config::Casts{}};
  connector::Catalog catalog;
  catalog.schemas = {{"shop", "CREATE SCHEMA shop", "postgresql"}};
  catalog.tables = {{Given(), 10, 100}};
  catalog.settings = {{"identity", "1"}};
  catalog.objects = {
      {.kind = ObjectKind::kView, .schema = "shop", .name = "v", .dialect = "postgresql"}};
  connector::CheckList list("target");
  const connector::Catalog here = from.CatalogHere(catalog, Flavour::kMariaDb, None, list);
  ASSERT_EQ(here.tables.size(), 1u);
  EXPECT_EQ(here.tables[0].definition.dialect, "mariadb");
  EXPECT_EQ(here.tables[0].estimated_rows, 10u);
  EXPECT_THAT(here.settings, IsEmpty());
  EXPECT_THAT(here.objects, IsEmpty());
  const connector::CheckReport report = list.Take();
  ASSERT_EQ(report.size(), 2u);
  EXPECT_THAT(report[1].finding, HasSubstr("view shop.v"));
  // Of its own family all stays.
  catalog.tables[0].definition = here.tables[0].definition;
  EXPECT_EQ(from.CatalogHere(catalog, Flavour::kMySql, None, list).objects.size(), 1u);
}

}  // namespace
}  // namespace godwit::connectors::mysql
