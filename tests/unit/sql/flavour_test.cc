// What MySQL makes of the same text, and what sessions' modes change. The expectations are what
// MySQL 9.7.4 and MariaDB 10.11 showed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/parser.h"
#include "sql/tracker.h"
#include "sql/writer.h"

namespace godwit::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class FlavourTest : public ::testing::Test {
 protected:
  explicit FlavourTest(Flavour flavour = Flavour::kMySql)
      : tracker_(
            {"utf8mb4", flavour == Flavour::kMySql ? "utf8mb4_0900_ai_ci" : "utf8mb4_general_ci"},
            flavour) {
    options_.default_schema = "d";
    options_.flavour = flavour;
  }

  void Apply(std::string_view text) {
    auto statement = ParseStatement(text, options_);
    ASSERT_TRUE(statement.ok()) << text << ": " << statement.status();
    auto changes = tracker_.Apply(*statement);
    ASSERT_TRUE(changes.ok()) << text << ": " << changes.status();
  }
  std::string Text(const std::string& table = "t") {
    const DefinitionPtr definition = tracker_.Find({"d", table});
    if (definition == nullptr) return "";
    std::string text = WriteCreateTable(*definition);
    ParseOptions plain;
    plain.default_schema = "d";
    plain.flavour = options_.flavour;
    auto again = ParseDefinition(text, plain, {});
    EXPECT_TRUE(again.ok() && *again == *definition) << text;
    return text;
  }
  std::vector<std::string> Keys() {
    std::vector<std::string> names;
    for (const KeyDefinition& key : tracker_.Find({"d", "t"})->keys) names.push_back(key.name);
    return names;
  }

  ParseOptions options_;
  SchemaTracker tracker_;
};

class MariaDbTest : public FlavourTest {
 protected:
  MariaDbTest() : FlavourTest(Flavour::kMariaDb) {}
};

TEST_F(MariaDbTest, GivesTimestampsDefaults) {
  options_.explicit_defaults_for_timestamp = false;
  Apply("create table t (a int, b timestamp(3), c timestamp(3), d timestamp null)");
  Apply("alter table t add e timestamp on update current_timestamp(), add f timestamp");
  const DefinitionPtr table = tracker_.Find({"d", "t"});
  EXPECT_EQ(table->columns[1].default_value, "current_timestamp(3)") << "the table's first";
  EXPECT_EQ(table->columns[1].on_update, "current_timestamp(3)");
  EXPECT_EQ(table->columns[2].default_value, "'0000-00-00 00:00:00.000'");
  EXPECT_EQ(table->columns[3].default_value, "");
  EXPECT_EQ(table->columns[4].default_value, "'0000-00-00 00:00:00'");
  EXPECT_EQ(table->columns[5].default_value, "'0000-00-00 00:00:00'");
  EXPECT_EQ(table->columns[5].on_update, "");
}

TEST_F(MariaDbTest, DropsOnUpdateWithTheDefaultThatIsTheSame) {
  Apply(
      "create table t (a datetime default now() on update now(), b datetime default '2001-01-01' "
      "on update now())");
  Apply("alter table t alter column a drop default, alter column b drop default");
  EXPECT_EQ(tracker_.Find({"d", "t"})->columns[0].on_update, "");
  EXPECT_NE(tracker_.Find({"d", "t"})->columns[1].on_update, "");
}

TEST_F(MariaDbTest, RefersToColumnsOfTheirOwnNames) {
  Apply("create table p (id int primary key, v int unique)");
  Apply("create table t (v int references p)");
  EXPECT_THAT(tracker_.Find({"d", "t"})->foreign_keys[0].parent_columns, ElementsAre("v"));
  Apply("create table u (v int default (( null )))");
  EXPECT_EQ(tracker_.Find({"d", "u"})->columns[0].default_value, "NULL");
}

TEST_F(FlavourTest, RefersToPrimaryKeys) {
  Apply("create table p (id int primary key, v int unique)");
  Apply("create table t (v int references p, id int primary key, foreign key (v) references t)");
  const DefinitionPtr table = tracker_.Find({"d", "t"});
  EXPECT_THAT(table->foreign_keys[0].parent_columns, ElementsAre("id"));
  EXPECT_THAT(table->foreign_keys[1].parent_columns, ElementsAre("id"));
}

TEST_F(FlavourTest, ShowsNoDisplayWidths) {
  Apply(
      "create table t (a int(11) unsigned, b tinyint(1), c tinyint(1) unsigned, d bool, e year(4), "
      "f int zerofill, g bigint(5) zerofill)");
  auto table = ToTable(*tracker_.Find({"d", "t"}));
  std::vector<std::string> types;
  for (const model::Column& column : table->columns) types.push_back(column.type_text);
  EXPECT_THAT(types,
              ElementsAre("int unsigned", "tinyint(1)", "tinyint unsigned", "tinyint(1)", "year",
                          "int(10) unsigned zerofill", "bigint(5) unsigned zerofill"));
}

TEST_F(FlavourTest, HasTypesOfItsOwn) {
  Apply("create table t (j json, v vector(3), w vector, g geometrycollection srid 4326)");
  auto table = ToTable(*tracker_.Find({"d", "t"}));
  EXPECT_EQ(table->columns[0].kind, model::TypeKind::kJson);
  EXPECT_EQ(table->columns[1].kind, model::TypeKind::kBinary);
  EXPECT_EQ(table->columns[2].type_text, "vector(2048)");
  EXPECT_THAT(Text(), HasSubstr("`g` geomcollection SRID 4326"));
}

TEST_F(FlavourTest, HasKeysOverExpressions) {
  Apply(
      "create table t (a int not null, b varchar(9), j json, key ((a + 1)), key k (b, (upper(b)) "
      "desc), key ((a + 2)), unique m ((cast(j->'$.x' as unsigned array))), key (a, (a + 3)))");
  EXPECT_THAT(Keys(), ElementsAre("m", "functional_index", "k", "functional_index_2",
                                  "functional_index_3"));
  EXPECT_THAT(Text(), HasSubstr("KEY `k` (`b`,(upper(b)) DESC)"));
  auto table = ToTable(*tracker_.Find({"d", "t"}));
  EXPECT_TRUE(table->unique_keys[0].has_prefix) << "no row identity";
  EXPECT_THAT(table->RowIdentity(), testing::IsEmpty());
}

TEST_F(FlavourTest, HidesKeysAndColumns) {
  Apply("create table t (a int, b int invisible, key (a) invisible, key (b) visible)");
  EXPECT_THAT(Text(), HasSubstr("KEY `a` (`a`) INVISIBLE"));
  Apply("alter table t alter index a visible, alter column b set visible, alter a set invisible");
  EXPECT_THAT(Text(), Not(HasSubstr("KEY `a` (`a`) INVISIBLE")));
  EXPECT_FALSE(tracker_.Find({"d", "t"})->columns[1].invisible);
  EXPECT_TRUE(tracker_.Find({"d", "t"})->columns[0].invisible);
}

TEST_F(FlavourTest, NamesChecksAfterTheTable) {
  Apply(
      "create table t (a int check (a > 1), b int constraint yy check (b > 1) not enforced, "
      "c int, check (c > 1))");
  EXPECT_THAT(Text(), HasSubstr("CONSTRAINT `t_chk_2` CHECK (c > 1)"));
  EXPECT_THAT(Text(), HasSubstr("CONSTRAINT `yy` CHECK (b > 1) NOT ENFORCED"));
  Apply("alter table t drop column a, alter check yy enforced, add check (b > 2)");
  EXPECT_THAT(Text(), Not(HasSubstr("`t_chk_1`"))) << "goes with its column";
  EXPECT_THAT(Text(), HasSubstr("CONSTRAINT `t_chk_3` CHECK (b > 2)"));
  Apply("rename table t to u");
  EXPECT_THAT(Text("u"), HasSubstr("CONSTRAINT `u_chk_2`"));
  Apply("create table t like u");
  EXPECT_THAT(Text(), HasSubstr("CONSTRAINT `t_chk_1` CHECK (c > 1)"));
}

TEST_F(FlavourTest, ChoosesCollationsOfItsOwn) {
  Apply("create table t (a char(1) charset utf8mb4, b char(1)) charset latin1");
  EXPECT_EQ(tracker_.Find({"d", "t"})->columns[0].type.charset.collation, "utf8mb4_0900_ai_ci");
  options_.default_collation_for_utf8mb4 = "utf8mb4_general_ci";
  Apply(
      "create table u (a char(1) charset utf8mb4 collate utf8mb4_bin, b char(1)) charset utf8mb4");
  EXPECT_EQ(tracker_.Find({"d", "u"})->columns[0].type.charset.collation, "utf8mb4_bin");
  EXPECT_EQ(tracker_.Find({"d", "u"})->columns[1].type.charset.collation, "utf8mb4_general_ci");
}

TEST_F(FlavourTest, TakesOfBinaryAndACollationTheCharset) {
  Apply(
      "CREATE TABLE t (a CHAR(5) BINARY NOT NULL COLLATE latin1_swedish_ci, b TEXT BINARY COLLATE "
      "utf8_general_ci, c CHAR(5) CHARACTER SET latin1 BINARY COLLATE latin1_danish_ci)");
  const model::TablePtr table = ToTable(*tracker_.Find({"d", "t"}));
  EXPECT_EQ(table->columns[0].collation, "latin1_bin");
  EXPECT_EQ(table->columns[1].collation, "utf8mb3_bin");
  EXPECT_EQ(table->columns[2].collation, "latin1_danish_ci");
}

TEST_F(FlavourTest, NamesForeignKeysApartFromTheirIndexes) {
  Apply("CREATE TABLE p (a INT PRIMARY KEY)");
  Apply(
      "CREATE TABLE t (c INT, d INT, FOREIGN KEY fk1 (c) REFERENCES p (a), CONSTRAINT cc FOREIGN "
      "KEY fk2 (d) REFERENCES p (a))");
  Apply("ALTER TABLE t ADD e INT, ADD FOREIGN KEY fk3 (e) REFERENCES p (a)");
  EXPECT_THAT(Keys(), ElementsAre("fk1", "cc", "fk3"));
  std::vector<std::string> names;
  for (const model::ForeignKey& key : tracker_.Find({"d", "t"})->foreign_keys)
    names.push_back(key.name);
  EXPECT_THAT(names, ElementsAre("cc", "t_ibfk_1", "t_ibfk_2"));
}

TEST_F(FlavourTest, ReadsItsOwnOptionsAndComments) {
  Apply(
      "CREATE TABLE `t` (`my_row_id` bigint unsigned NOT NULL AUTO_INCREMENT /*!80023 INVISIBLE "
      "*/, "
      "`x` int /*!50606 STORAGE DISK */ DEFAULT (1 + 1) NOT SECONDARY /*M! nothing */, "
      "`y` int as (x) stored not null, PRIMARY KEY (`my_row_id`)) /*!80023 AUTOEXTEND_SIZE=4M */ "
      "ENCRYPTION='n' SECONDARY_ENGINE=rapid TABLESPACE ts STORAGE DISK START TRANSACTION");
  EXPECT_TRUE(tracker_.Find({"d", "t"})->columns[0].invisible);
  EXPECT_FALSE(tracker_.Find({"d", "t"})->columns[2].nullable);
  Apply("alter table t secondary_load, with validation, algorithm=inplace, lock=none");
  Apply("create database e default encryption 'y'");
  Apply("alter database e read only = 1");
  Apply("alter database read only default");
  EXPECT_FALSE(Text().empty());
}

TEST_F(MariaDbTest, ReadsTypesOfOtherModes) {
  options_.oracle_types = true;
  Apply(
      "create table t (a varchar2(9), b number, c number(5), d date, e mariadb_schema.date, f "
      "blob)");
  EXPECT_THAT(Text(), HasSubstr("`a` varchar(9),\n  `b` double,\n  `c` decimal(5,0),\n  `d` "
                                "datetime,\n  `e` date,\n  `f` longblob"));
  options_.oracle_types = false;
  options_.bracket_quotes = true;
  Apply("create or replace table [t] ([a]]b] int)");
  EXPECT_EQ(tracker_.Find({"d", "t"})->columns[0].name, "a]b");
}

TEST_F(MariaDbTest, LetsKeysMadeForForeignKeysGiveWay) {
  Apply("create table t (a int, constraint f foreign key (a) references p (a))");
  EXPECT_THAT(Keys(), ElementsAre("f"));
  Apply("alter table t add b int");
  EXPECT_THAT(Keys(), ElementsAre("f"));
  Apply("alter table t add key mine (a)");
  EXPECT_THAT(Keys(), ElementsAre("mine"));
}

TEST_F(MariaDbTest, CutsKeysToWhatTheEngineTakes) {
  Apply("create table t (a text, b varchar(2000), p point, g geometry, key (a), key (b), key (p))");
  EXPECT_THAT(Text(), HasSubstr("KEY `a` (`a`(768)),\n  KEY `b` (`b`(768)),\n  KEY `p` (`p`(25))"));
  Apply("alter table t add unique u (g)");
  EXPECT_TRUE(ToTable(*tracker_.Find({"d", "t"}))->unique_keys[0].by_hash);
  Apply("create or replace table t (a varchar(2000), key (a)) engine=myisam");
  EXPECT_THAT(Text(), HasSubstr("KEY `a` (`a`(250))"));
}

TEST_F(MariaDbTest, FollowsActionsOnColumnsOfTheSameStatement) {
  Apply("create table t (a int primary key, b int)");
  Apply("alter table t drop a, add a bigint");
  EXPECT_THAT(Keys(), ElementsAre("PRIMARY")) << "a key's column that comes back keeps it";
  Apply("alter table t add c int not null default 2, alter column c drop default, modify c bigint");
  EXPECT_EQ(tracker_.Find({"d", "t"})->columns[2].type.name, "bigint");
  Apply("alter table t add column if not exists c int unique");
  EXPECT_THAT(Keys(), ElementsAre("PRIMARY", "c")) << "the key is new, if not the column";
  Apply("alter table t add column if not exists c int unique");
  EXPECT_THAT(Keys(), ElementsAre("PRIMARY", "c"));
  Apply("alter table t drop key c");
  Apply("alter table t drop c, add c int, modify c bigint");
  EXPECT_EQ(tracker_.Find({"d", "t"})->columns[2].type.name, "bigint");
  Apply("alter table t add key i1 (b), add key i2 (c)");
  Apply("alter table t add key i3 (c), rename index i1 to i2, drop index i2");
  EXPECT_THAT(Keys(), ElementsAre("PRIMARY", "i2", "i3"));
}

TEST_F(MariaDbTest, KnowsSelectsSequencesAndUnusualForms) {
  for (const char* text : {"create table s ((select 1 as a))", "create table s (values (7), (8))",
                           "create table s (with w as (select 1 as a) select a from w)"}) {
    auto statement = ParseStatement(text, options_);
    ASSERT_TRUE(statement.ok()) << text << ": " << statement.status();
    EXPECT_TRUE(std::get<CreateTable>(*statement).select) << text;
  }
  auto sequence = ParseStatement("create table s (a int) engine=innodb sequence=1", options_);
  ASSERT_TRUE(sequence.ok());
  EXPECT_EQ(std::get<OtherStatement>(*sequence).kind, OtherKind::kSequence);
  Apply("create table t (A int default @v, b varchar(9) default charset(a), key (a))");
  EXPECT_THAT(Keys(), ElementsAre("A"));
  Apply("alter table t partition by hash (A)");
  Apply("alter table t add c int remove partitioning");
  Apply("alter table t with system versioning");
  EXPECT_TRUE(tracker_.Find({"d", "t"})->system_versioned);
}

}  // namespace
}  // namespace godwit::sql
