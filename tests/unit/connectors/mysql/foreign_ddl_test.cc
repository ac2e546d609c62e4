// What DDL of PostgreSQL amounts to on MySQL and MariaDB: by the definitions before and after.

#include "connectors/mysql/from_postgres/foreign_ddl.h"

#include <absl/strings/str_join.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/mysql/catalog.h"
#include "sql/postgres/definition.h"

namespace godwit::connectors::mysql {
namespace {

using connector::TableDefinition;
using model::DdlChange;
using model::TableName;
using sql::Flavour;
using sql::postgres::ColumnDefinition;
using sql::postgres::ConstraintDefinition;
using sql::postgres::Definition;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr Flavour kBoth[] = {Flavour::kMySql, Flavour::kMariaDb};

ColumnDefinition Column(int number, const std::string& name, const std::string& type,
                        const std::string& default_value = "", bool not_null = false) {
  ColumnDefinition column;
  column.number = number;
  column.name = name;
  column.type = type;
  column.default_value = default_value;
  column.not_null = not_null;
  return column;
}

// shop.t (id bigint primary key, name varchar(20)), and what is added.
Definition Table(const std::vector<ColumnDefinition>& columns = {}, const std::string& name = "t",
                 uint32_t oid = 100) {
  Definition table;
  table.name = {"shop", name};
  table.oid = oid;
  table.columns = {Column(1, "id", "bigint", "", true), Column(2, "name", "character varying(20)")};
  table.columns.insert(table.columns.end(), columns.begin(), columns.end());
  ConstraintDefinition key;
  key.name = name + "_pkey";
  key.kind = 'p';
  key.definition = "PRIMARY KEY (id)";
  key.columns = {"id"};
  table.constraints = {key};
  return table;
}

TableDefinition Given(const Definition& table) {
  return {std::make_shared<const model::Table>(sql::postgres::ToTable(table)),
          sql::postgres::ToJson(table), std::string(sql::postgres::kDialect)};
}

DdlChange::Effect Now(const Definition& table, const TableName& renamed_from = {}) {
  DdlChange::Effect effect;
  effect.table = table.name;
  effect.renamed_from = renamed_from;
  effect.after = Given(table).table;
  effect.definition = sql::postgres::ToJson(table);
  return effect;
}

DdlChange Here(std::vector<DdlChange::Effect> effects, const std::vector<Definition>& known,
               Flavour to) {
  DdlChange ddl;
  ddl.dialect = sql::postgres::kDialect;
  ddl.original = "ALTER TABLE ...";
  ddl.statement = "ALTER TABLE shop.t ...";
  for (const DdlChange::Effect& effect : effects) ddl.touched.push_back(effect.table);
  ddl.effects = std::move(effects);
  std::vector<TableDefinition> tables;
  for (const Definition& table : known) tables.push_back(Given(table));
  const ForeignTables from{config::Casts{}};
  const auto none = [](const TableName&) -> const sql::TableDefinition* { return nullptr; };
  auto here = DdlHere(ddl, from, to, tables, none);
  EXPECT_TRUE(here.ok()) << here.status();
  return here.ok() ? *std::move(here) : DdlChange{};
}

std::vector<std::string> Steps(const DdlChange& ddl) {
  std::vector<std::string> steps;
  for (const DdlChange::Step& step : ddl.steps) steps.push_back(step.statement);
  return steps;
}

TEST(ForeignDdl, FillsNewColumnsWithWhatEarlierRowsHave) {
  for (const Flavour to : kBoth) {
    const Definition after = Table({Column(3, "stars", "integer", "5", true)});
    DdlChange::Effect effect = Now(after);
    effect.earlier["stars"] = "5";
    DdlChange same = Here({effect}, {Table()}, to);
    EXPECT_THAT(Steps(same), ElementsAre(AllOf(HasSubstr("ALTER TABLE `shop`.`t` ADD COLUMN"),
                                               HasSubstr("`stars` int"), HasSubstr("5"))));
    EXPECT_EQ(same.statement, Steps(same)[0]);
    EXPECT_EQ(same.original, "ALTER TABLE ...");
    EXPECT_THAT(same.session, HasSubstr("STRICT_ALL_TABLES"));
    EXPECT_TRUE(same.needs_no_keys);

    // The default has come after the column.
    effect.earlier["stars"] = "4";
    EXPECT_THAT(Steps(Here({effect}, {Table()}, to)),
                ElementsAre(AllOf(HasSubstr("ADD COLUMN"), HasSubstr("4"), Not(HasSubstr("5"))),
                            AllOf(Not(HasSubstr("ADD COLUMN")), HasSubstr("5"))));
    effect.earlier["stars"] = std::nullopt;
    EXPECT_THAT(Steps(Here({effect}, {Table()}, to)),
                ElementsAre(AllOf(HasSubstr("ADD COLUMN"), Not(HasSubstr("NOT NULL"))),
                            AllOf(HasSubstr("NOT NULL"), HasSubstr("5"))));
    // What is not known is copied.
    effect.earlier.clear();
    const DdlChange unknown = Here({effect}, {Table()}, to);
    EXPECT_THAT(unknown.steps, IsEmpty());
    EXPECT_THAT(unknown.effects[0].by_copy, HasSubstr("earlier rows"));
  }
}

TEST(ForeignDdl, FollowsColumnsByTheirNumbers) {
  for (const Flavour to : kBoth) {
    Definition after = Table();
    after.columns[1].name = "title";
    EXPECT_THAT(Steps(Here({Now(after)}, {Table()}, to)),
                ElementsAre(AllOf(HasSubstr("`name`"), HasSubstr("`title`"),
                                  Not(HasSubstr("DROP COLUMN")))));
    // One that has gone and come anew has nothing of its former self.
    after = Table();
    after.columns[1] = Column(3, "name", "integer");
    DdlChange::Effect anew = Now(after);
    anew.earlier["name"] = std::nullopt;
    EXPECT_THAT(Steps(Here({anew}, {Table()}, to)),
                ElementsAre(AllOf(HasSubstr("DROP COLUMN `name`"), HasSubstr("ADD COLUMN"))));
  }
}

TEST(ForeignDdl, LeavesToACopyWhatItCannotSeeAfterACrash) {
  Definition before = Table({Column(3, "other", "character varying(20)")}), after = before;
  std::swap(after.columns[1].name, after.columns[2].name);
  std::swap(after.columns[1], after.columns[2]);
  for (const Flavour to : kBoth) {
    const DdlChange here = Here({Now(after)}, {before}, to);
    EXPECT_THAT(here.steps, IsEmpty());
    EXPECT_THAT(here.effects[0].by_copy, HasSubstr("after a crash"));
  }
}

TEST(ForeignDdl, WidensTypesAndCopiesWhatMayBeCut) {
  for (const Flavour to : kBoth) {
    Definition wider = Table();
    wider.columns[1].type = "character varying(40)";
    EXPECT_THAT(Steps(Here({Now(wider)}, {Table()}, to)), ElementsAre(HasSubstr("varchar(40)")));
    const DdlChange narrower = Here({Now(Table())}, {wider}, to);
    EXPECT_THAT(narrower.steps, IsEmpty());
    EXPECT_THAT(narrower.effects[0].by_copy, HasSubstr("column name was varchar(40)"));
    // Another's reason stays.
    DdlChange::Effect effect = Now(wider);
    effect.by_copy = "its rows were written anew";
    const DdlChange rewritten = Here({effect}, {Table()}, to);
    EXPECT_THAT(rewritten.steps, IsEmpty());
    EXPECT_EQ(rewritten.effects[0].by_copy, "its rows were written anew");
  }
}

TEST(ForeignDdl, DoesAllOfATransactionInOrder) {
  for (const Flavour to : kBoth) {
    DdlChange::Effect gone;
    gone.table = {"shop", "old"};
    gone.dropped = true;
    Definition moved = Table({Column(3, "n", "integer")});
    moved.name.schema = "archive";
    DdlChange::Effect renamed = Now(moved, {"shop", "t"});
    renamed.earlier["n"] = std::nullopt;
    DdlChange::Effect made = Now(Table({}, "fresh", 300));
    made.made = true;
    const DdlChange here = Here({gone, renamed, made}, {Table({}, "old", 200), Table()}, to);
    EXPECT_THAT(
        Steps(here),
        ElementsAre("DROP TABLE IF EXISTS `shop`.`old`",
                    HasSubstr("CREATE DATABASE IF NOT EXISTS `archive` DEFAULT CHARACTER SET"),
                    HasSubstr("CREATE DATABASE IF NOT EXISTS `shop`"),
                    "RENAME TABLE `shop`.`t` TO `archive`.`t`",
                    HasSubstr("ALTER TABLE `archive`.`t` ADD COLUMN"),
                    HasSubstr("CREATE TABLE `shop`.`fresh`")));
    EXPECT_EQ(here.steps[4].table, moved.name);
    EXPECT_EQ(here.steps[3].table, TableName());
    EXPECT_THAT(here.touched, testing::Contains(TableName{"shop", "t"}));
  }
}

TEST(ForeignDdl, AsksBeforeItCopiesWhatTheTargetCannotHold) {
  for (const Flavour to : kBoth) {
    DdlChange::Effect effect = Now(Table({Column(3, "DB_ROW_ID", "integer")}));
    effect.by_copy = "its rows were written anew";
    EXPECT_THAT(Here({effect}, {Table()}, to).obstacle, HasSubstr("InnoDB has a column"));
  }
}

TEST(ForeignDdl, KeepsTheNewNameOfATableThatIsCopied) {
  DdlChange::Effect renamed = Now(Table({}, "b"), {"shop", "t"});
  renamed.by_copy = "its rows were written anew";
  const DdlChange here = Here({renamed}, {Table()}, Flavour::kMariaDb);
  EXPECT_THAT(Steps(here), ElementsAre("RENAME TABLE `shop`.`t` TO `shop`.`b`"));
}

TEST(ForeignDdl, TakesNoDropForWhatHasLeftTheTask) {
  DdlChange::Effect gone;
  gone.table = {"shop", "t"};
  EXPECT_THAT(Here({gone}, {Table()}, Flavour::kMySql).steps, IsEmpty());
  // Unless another one needs its name.
  DdlChange::Effect made = Now(Table({}, "t", 300));
  made.made = true;
  EXPECT_THAT(Steps(Here({gone, made}, {Table()}, Flavour::kMySql)),
              ElementsAre("DROP TABLE IF EXISTS `shop`.`t`", HasSubstr("CREATE DATABASE"),
                          HasSubstr("CREATE TABLE `shop`.`t`")));
  EXPECT_THAT(
      Steps(Here({gone, Now(Table({}, "t", 300), {"shop", "fresh"})},
                 {Table(), Table({}, "fresh", 300)}, Flavour::kMySql)),
      ElementsAre("DROP TABLE IF EXISTS `shop`.`t`", "RENAME TABLE `shop`.`fresh` TO `shop`.`t`"));
}

TEST(ForeignDdl, CopiesATableWhosePartsComeAndGoWithRows) {
  using sql::postgres::PartitionDefinition;
  Definition whole = Table();
  whole.partition_key = "RANGE (id)";
  Definition parted = whole;
  PartitionDefinition part;
  part.name = {"shop", "t_1"};
  part.parent = whole.name;
  part.bound = "FOR VALUES FROM ('1') TO ('10')";
  part.oid = 200;
  parted.partitions = {part};
  for (const Flavour to : kBoth) {
    EXPECT_THAT(Here({Now(whole)}, {parted}, to).effects[0].by_copy,
                HasSubstr("partition shop.t_1 has gone"));
    DdlChange::Effect gone;
    gone.table = {"shop", "t_1"};
    EXPECT_THAT(Here({gone, Now(parted)}, {whole, Table({}, "t_1", 200)}, to).effects[1].by_copy,
                HasSubstr("has become a partition"));
    EXPECT_THAT(Here({Now(parted)}, {whole}, to).effects[0].by_copy, IsEmpty());
  }
}

TEST(ForeignDdl, KeysHaveToBeThereBeforeTheyChange) {
  Definition after = Table();
  ConstraintDefinition key;
  key.name = "t_name_key";
  key.kind = 'u';
  key.definition = "UNIQUE (name)";
  key.columns = {"name"};
  after.constraints.push_back(key);
  for (const Flavour to : kBoth) {
    const DdlChange here = Here({Now(after)}, {Table()}, to);
    EXPECT_THAT(Steps(here), ElementsAre(HasSubstr("ADD UNIQUE KEY `t_name_key` (`name`)")));
    EXPECT_FALSE(here.needs_no_keys);
    EXPECT_TRUE(here.needs_no_foreign_keys);
  }
}

TEST(ForeignDdl, DropsAForeignKeyBeforeAnotherTakesItsName) {
  ConstraintDefinition key;
  key.name = "t_fkey";
  key.kind = 'f';
  key.definition = "FOREIGN KEY (id) REFERENCES shop.a(id)";
  key.columns = {"id"};
  key.parent = {"shop", "a"};
  key.parent_columns = {"id"};
  Definition before = Table(), after = Table({Column(3, "n", "integer")});
  before.constraints.push_back(key);
  key.definition = "FOREIGN KEY (id) REFERENCES shop.b(id)";
  key.parent.table = "b";
  after.constraints.push_back(key);
  DdlChange::Effect effect = Now(after);
  effect.earlier["n"] = std::nullopt;
  const auto none = [](const TableName&) -> const sql::TableDefinition* { return nullptr; };
  for (const Flavour to : kBoth) {
    const DdlChange here = Here({effect}, {before, Table({}, "a", 200), Table({}, "b", 300)}, to);
    EXPECT_THAT(Steps(here),
                ElementsAre("ALTER TABLE `shop`.`t` DROP FOREIGN KEY `t_fkey`",
                            AllOf(HasSubstr("ADD COLUMN `n`"), HasSubstr("REFERENCES `b`"))));
    EXPECT_FALSE(here.needs_no_foreign_keys);

    // The parent has got another name since, and the target's key has followed it.
    auto there = DefinitionOf(*ForeignTables{config::Casts{}}.TableHere(Given(after), to, none));
    ASSERT_TRUE(there.ok());
    DdlChange ddl;
    ddl.dialect = sql::postgres::kDialect;
    ddl.effects = {effect};
    const auto followed =
        DdlHere(ddl, ForeignTables{config::Casts{}}, to, {Given(before)},
                [&](const TableName& name) { return name == there->name ? &*there : nullptr; });
    ASSERT_TRUE(followed.ok());
    EXPECT_THAT(Steps(*followed),
                ElementsAre(AllOf(HasSubstr("ADD COLUMN `n`"), Not(HasSubstr("FOREIGN KEY")))));
  }
}

TEST(ForeignDdl, AsksWhereTheSourceCouldNotTell) {
  DdlChange ddl;
  ddl.dialect = sql::postgres::kDialect;
  ddl.statement = "DROP TABLE shop.t";
  ddl.obstacle = "the log does not tell when";
  const auto none = [](const TableName&) -> const sql::TableDefinition* { return nullptr; };
  const auto here = DdlHere(ddl, ForeignTables{config::Casts{}}, Flavour::kMySql, {}, none);
  ASSERT_TRUE(here.ok());
  EXPECT_EQ(here->obstacle, ddl.obstacle);
  EXPECT_THAT(here->statement, IsEmpty());
  EXPECT_EQ(here->Shown(), "DROP TABLE shop.t");
}

}  // namespace
}  // namespace godwit::connectors::mysql
