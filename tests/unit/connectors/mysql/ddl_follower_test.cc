#include "connectors/mysql/ddl/ddl_follower.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_session_facts.h"

namespace godwit::connectors::mysql {
namespace {

using Meaning = DdlFollower::Meaning;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

model::TableName Name(std::string table, std::string schema = "shop") {
  return {std::move(schema), std::move(table)};
}

class DdlFollowerTest : public ::testing::Test {
 protected:
  // A task over shop.*, without tables named hidden...
  DdlFollowerTest()
      : follower_(sql::Flavour::kMariaDb, sql::Flavour::kMariaDb,
                  {[](std::string_view schema, std::string_view table) {
                     return schema == "shop" && !table.starts_with("hidden");
                   },
                   [](std::string_view schema) { return schema == "shop"; },
                   [](std::string_view) { return false; }},
                  std::make_unique<testing::FakeSessionFacts>(
                      SessionFacts::Zone{"+01:00", /*constant=*/false})) {
    EXPECT_TRUE(follower_
                    .Track({Name("t"),
                            "CREATE TABLE `t` (`id` int(11) NOT NULL, `v` int(11) "
                            "DEFAULT NULL, PRIMARY KEY (`id`))",
                            {}})
                    .ok());
  }

  base::StatusOr<DdlFollower::Followed> Follow(std::string_view sql, uint64_t sql_mode = 0) {
    wire::mysql::QueryEvent event;
    event.schema = "shop";
    event.sql = sql;
    event.status.sql_mode = sql_mode;
    return follower_.Follow(event, 1'700'000'000);
  }
  // Of a statement that is carried over.
  model::DdlChange Ddl(std::string_view sql) {
    auto followed = Follow(sql);
    EXPECT_TRUE(followed.ok()) << followed.status();
    if (!followed.ok() || followed->meaning != Meaning::kDdl) {
      ADD_FAILURE() << sql << " is not carried over";
      return {};
    }
    return *followed->ddl;
  }
  Meaning MeaningOf(std::string_view sql) {
    auto followed = Follow(sql);
    EXPECT_TRUE(followed.ok()) << followed.status();
    return followed.ok() ? followed->meaning : Meaning::kNothing;
  }

  DdlFollower follower_;
};

TEST_F(DdlFollowerTest, TakesAReplacementThatFailedForADrop) {
  wire::mysql::QueryEvent event;
  event.schema = "shop";
  event.sql = "CREATE OR REPLACE TABLE t (a INT, a INT)";
  event.error_code = 1060;
  auto followed = follower_.Follow(event, 1'700'000'000);
  ASSERT_TRUE(followed.ok()) << followed.status();
  EXPECT_EQ(followed->ddl->statement, "DROP TABLE IF EXISTS `shop`.`t`");
  EXPECT_EQ(follower_.Find(Name("t")), nullptr);
}

TEST_F(DdlFollowerTest, ConvertsOverTheEdgeOfTheTask) {
  const model::DdlChange joined = Ddl("ALTER TABLE other.p CONVERT PARTITION a TO TABLE n");
  EXPECT_EQ(joined.statement, "");
  ASSERT_THAT(joined.effects, SizeIs(1));
  EXPECT_EQ(joined.effects[0].table, Name("n"));
  EXPECT_TRUE(joined.effects[0].to_copy);
  EXPECT_TRUE(follower_.IsIgnored(Name("n")));
  EXPECT_EQ(
      Ddl("ALTER TABLE other.p CONVERT TABLE t TO PARTITION a VALUES LESS THAN (9)").statement,
      "DROP TABLE IF EXISTS `shop`.`t`");
  EXPECT_EQ(follower_.Find(Name("t")), nullptr);
}

TEST_F(DdlFollowerTest, ATableOfTheTaskBecomesAPartitionByTheStatementAlone) {
  const std::string parted =
      " (id INT PRIMARY KEY, v INT) PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (9))";
  Ddl("CREATE TABLE p" + parted);
  const model::DdlChange in =
      Ddl("ALTER TABLE p CONVERT TABLE t TO PARTITION b VALUES LESS THAN (20)");
  ASSERT_THAT(in.effects, SizeIs(2));
  for (const model::DdlChange::Effect& effect : in.effects) EXPECT_EQ(effect.by_copy, "");
  EXPECT_THAT(in.statement, HasSubstr("CONVERT TABLE t"));
  // Rows from outside of it are not known.
  const model::DdlChange from_outside =
      Ddl("ALTER TABLE p CONVERT TABLE other.x TO PARTITION c VALUES LESS THAN (30)");
  EXPECT_THAT(from_outside.effects.front().by_copy, HasSubstr("not part of the task"));
}

TEST_F(DdlFollowerTest, ADatabaseThatIsThereIsMadeAlike) {
  EXPECT_EQ(Ddl("CREATE DATABASE IF NOT EXISTS shop").where_there, "");
  EXPECT_EQ(Ddl("CREATE /*!32312 OR REPLACE */ DATABASE shop").where_there, "");
  EXPECT_EQ(
      Ddl("CREATE SCHEMA `shop` COMMENT 'it''s' /*!40100 CHARACTER SET latin1 */").where_there,
      "ALTER DATABASE `shop` COMMENT 'it''s' CHARACTER SET latin1");
  EXPECT_THAT(Ddl("CREATE DATABASE shop COMMENT 'x'").where_there,
              ::testing::StartsWith("ALTER DATABASE `shop` COMMENT 'x' CHARACTER SET utf8mb4"));
}

TEST_F(DdlFollowerTest, PassesOverTemporaryTables) {
  const auto follow = [&](std::string_view sql, bool thread_specific) {
    wire::mysql::QueryEvent event;
    event.schema = "shop";
    event.sql = sql;
    event.thread_specific = thread_specific;
    auto followed = follower_.Follow(event, 1'700'000'000);
    EXPECT_TRUE(followed.ok()) << sql << ": " << followed.status();
    return followed.ok() ? *followed : DdlFollower::Followed{};
  };
  for (std::string_view sql :
       {"CREATE TEMPORARY TABLE t (a INT)", "ALTER TABLE t ADD w INT", "CREATE INDEX k ON t (v)",
        "TRUNCATE TABLE t", "DROP INDEX k ON t", "DROP TEMPORARY TABLE t"}) {
    EXPECT_EQ(follow(sql, true).meaning, Meaning::kNothing) << sql;
  }
  EXPECT_EQ(follower_.Find(Name("t"))->columns.size(), 2u);
  EXPECT_EQ(follow("ALTER TABLE t ADD w INT DEFAULT (CONNECTION_ID())", true).meaning,
            Meaning::kDdl);
  EXPECT_EQ(follower_.Find(Name("t"))->columns.size(), 3u);
  // From here on the default marks what is done to the table itself.
  EXPECT_EQ(follow("CREATE INDEX by_v ON t (v)", true).meaning, Meaning::kDdl);
  for (std::string_view sql :
       {"CREATE TABLE made LIKE t", "CREATE TABLE written_out (a INT) ENGINE=InnoDB"}) {
    const auto made = follow(sql, true);
    ASSERT_EQ(made.meaning, Meaning::kDdl) << sql;
    EXPECT_TRUE(made.ddl->effects.at(0).to_copy) << sql;
    EXPECT_EQ(made.ddl->statement, "") << sql;
  }
}

TEST_F(DdlFollowerTest, TransactionsBeginAndEnd) {
  EXPECT_EQ(MeaningOf("BEGIN"), Meaning::kNothing);
  EXPECT_EQ(MeaningOf("COMMIT"), Meaning::kCommit);
  EXPECT_EQ(MeaningOf("ROLLBACK"), Meaning::kRollback);
  EXPECT_EQ(MeaningOf("ROLLBACK TO `a`"), Meaning::kRollback);
}

TEST_F(DdlFollowerTest, AnAlteredTableHasItsNewDefinition) {
  const model::TablePtr before = follower_.Find(Name("t"));
  const model::DdlChange ddl = Ddl("ALTER TABLE t ADD COLUMN w INT AFTER id");
  EXPECT_EQ(ddl.statement, "ALTER TABLE t ADD COLUMN w INT AFTER id");
  EXPECT_EQ(ddl.default_schema, "shop");
  EXPECT_THAT(ddl.session, HasSubstr("timestamp=1700000000"));
  ASSERT_THAT(ddl.effects, SizeIs(1));
  EXPECT_EQ(ddl.effects[0].after->columns.size(), 3u);
  EXPECT_EQ(ddl.effects[0].after->columns[1].name, "w");
  EXPECT_THAT(ddl.effects[0].definition, HasSubstr("`w`"));
  EXPECT_EQ(follower_.Find(Name("t")), ddl.effects[0].after);
  EXPECT_EQ(before->columns.size(), 2u);  // what was shared stays as it was
}

TEST_F(DdlFollowerTest, ValuesThatEachServerMakesForItselfAreLeftToACopy) {
  const model::DdlChange ddl = Ddl("ALTER TABLE t ADD COLUMN w VARCHAR(40) DEFAULT (UUID())");
  ASSERT_THAT(ddl.effects, SizeIs(1));
  EXPECT_THAT(ddl.effects[0].by_copy, HasSubstr("column `w` gets the value of"));
  EXPECT_EQ(Ddl("ALTER TABLE t ADD COLUMN x TIMESTAMP DEFAULT NOW()").effects[0].by_copy, "");
  // Renamed, it is told under its new name.
  const model::DdlChange renamed = Ddl("ALTER TABLE t ADD y DOUBLE DEFAULT (RAND()), RENAME u");
  ASSERT_THAT(renamed.effects, SizeIs(1));
  EXPECT_EQ(renamed.effects[0].renamed_from, Name("t"));
  EXPECT_NE(renamed.effects[0].by_copy, "");
}

TEST_F(DdlFollowerTest, ColumnsThatChangePlacesUnderTheSameNamesAreLeftToACopy) {
  EXPECT_NE(Ddl("ALTER TABLE t CHANGE id v INT, CHANGE v id INT FIRST").effects[0].by_copy, "");
  EXPECT_EQ(Ddl("ALTER TABLE t CHANGE id v INT, CHANGE v id INT").effects[0].by_copy, "");
  EXPECT_EQ(Ddl("ALTER TABLE t CHANGE id ID INT").effects[0].by_copy, "");
}

TEST_F(DdlFollowerTest, AStatementWithNothingToExecuteIsShownAsItWas) {
  const model::DdlChange ddl = Ddl("RENAME TABLE hidden TO seen");
  EXPECT_EQ(ddl.statement, "");
  EXPECT_EQ(ddl.Shown(), "RENAME TABLE hidden TO seen");
}

TEST_F(DdlFollowerTest, TheSameDefinitionIsTheSameObject) {
  const model::TablePtr table = follower_.Find(Name("t"));
  Ddl("CREATE TABLE u (id INT PRIMARY KEY)");
  EXPECT_EQ(follower_.Find(Name("t")), table);  // rows of one table are merged by it
}

TEST_F(DdlFollowerTest, ADroppedTableIsGone) {
  const model::DdlChange ddl = Ddl("DROP TABLE t");
  ASSERT_THAT(ddl.effects, SizeIs(1));
  EXPECT_EQ(ddl.effects[0].after, nullptr);
  EXPECT_EQ(follower_.Find(Name("t")), nullptr);
}

TEST_F(DdlFollowerTest, StatementsAboutSeveralTablesAreCutDownToOurs) {
  const model::DdlChange drop = Ddl("DROP TABLE t, hidden, other.x");
  EXPECT_THAT(drop.statement, HasSubstr("`t`"));
  EXPECT_THAT(drop.statement, Not(HasSubstr("hidden")));
  EXPECT_THAT(drop.statement, Not(HasSubstr("other")));
  EXPECT_THAT(drop.touched, ElementsAre(Name("t")));
}

TEST_F(DdlFollowerTest, ATableRenamedOutOfTheTaskStaysOnTheTarget) {
  const model::DdlChange ddl = Ddl("RENAME TABLE t TO hidden_t");
  EXPECT_EQ(ddl.statement, "");
  ASSERT_THAT(ddl.effects, SizeIs(1));
  EXPECT_EQ(ddl.effects[0].table, Name("t"));
  EXPECT_EQ(ddl.effects[0].after, nullptr);
}

TEST_F(DdlFollowerTest, ATableRenamedIntoTheTaskIsToBeCopied) {
  const model::DdlChange ddl = Ddl("RENAME TABLE hidden TO seen");
  ASSERT_THAT(ddl.effects, SizeIs(1));
  EXPECT_EQ(ddl.effects[0].table, Name("seen"));
  EXPECT_TRUE(ddl.effects[0].to_copy);
}

TEST_F(DdlFollowerTest, TruncateChangesNoDefinition) {
  const model::TablePtr table = follower_.Find(Name("t"));
  EXPECT_TRUE(Ddl("TRUNCATE TABLE t").repeatable);
  EXPECT_EQ(follower_.Find(Name("t")), table);
}

TEST_F(DdlFollowerTest, WhatIsNotOursMeansNothing) {
  for (const char* sql :
       {"CREATE TABLE hidden (id INT)", "ALTER TABLE other.t ADD x INT", "DROP DATABASE other",
        "CREATE TEMPORARY TABLE t2 (id INT)", "DROP TEMPORARY TABLE IF EXISTS `t2`",
        "CREATE USER u@localhost", "ANALYZE TABLE t", "GRANT SELECT ON shop.* TO u"})
    EXPECT_EQ(MeaningOf(sql), Meaning::kNothing) << sql;
}

TEST_F(DdlFollowerTest, RowsChangedByAStatementAreRefused) {
  const auto followed = Follow("UPDATE t SET v = 1");
  EXPECT_TRUE(absl::IsFailedPrecondition(followed.status()));
  EXPECT_THAT(std::string(followed.status().message()), HasSubstr("binlog_format=ROW"));
  EXPECT_EQ(MeaningOf("DELETE FROM hidden"), Meaning::kNothing);
}

TEST_F(DdlFollowerTest, AnIgnoredTableMeansNothingUntilItIsTracked) {
  follower_.Ignore(Name("late"));
  EXPECT_EQ(MeaningOf("ALTER TABLE late ADD x INT"), Meaning::kNothing);
  EXPECT_TRUE(follower_.Track({Name("late"), "CREATE TABLE late (id INT)", {}}).ok());
  EXPECT_THAT(Ddl("ALTER TABLE late ADD x INT").effects, SizeIs(1));
}

TEST_F(DdlFollowerTest, QuotesAreReadAsTheSessionDid) {
  constexpr uint64_t kAnsiQuotes = 4;
  const auto quoted = Follow("ALTER TABLE \"t\" ADD x INT");
  EXPECT_THAT(quoted->ddl->obstacle, HasSubstr("not understood"));
  const auto named = Follow("ALTER TABLE \"t\" ADD x INT", kAnsiQuotes);
  EXPECT_EQ(named->ddl->obstacle, "");
}

TEST_F(DdlFollowerTest, BytesBeyondAsciiBecomeUtf8) {
  wire::mysql::QueryEvent event;
  event.schema = "shop";
  event.sql = "ALTER TABLE t COMMENT '\xe9'";
  event.status.charset = {.client = 8, .connection = 8, .server = 45};
  EXPECT_EQ(follower_.Follow(event, 0)->ddl->statement, "ALTER TABLE t COMMENT '\xc3\xa9'");
  event.sql = "ALTER TABLE t COMMENT '\xe9', ADD c VARCHAR(9) DEFAULT _utf8mb4'\xe9'";
  EXPECT_THAT(follower_.Follow(event, 0)->ddl->obstacle, HasSubstr("in another charset"));
  event.status.charset->client = 28;  // the server does not know it either
  EXPECT_TRUE(absl::IsFailedPrecondition(follower_.Follow(event, 0).status()));
}

TEST_F(DdlFollowerTest, WhatIsNotUnderstoodWaitsForTheOperator) {
  const model::DdlChange ddl = Ddl("ALTER TABLE t FROBNICATE");
  EXPECT_THAT(ddl.obstacle, HasSubstr("not understood"));
  EXPECT_EQ(ddl.original, "ALTER TABLE t FROBNICATE");
  EXPECT_NE(follower_.Find(Name("t")), nullptr);
}

TEST_F(DdlFollowerTest, TheSystemsTimeZoneIsTheSources) {
  wire::mysql::QueryEvent event;
  event.schema = "shop";
  event.status.time_zone = "SYSTEM";
  event.sql = "ALTER TABLE t ADD d DATETIME DEFAULT CURRENT_TIMESTAMP";
  const auto clock = follower_.Follow(event, 0)->ddl;
  EXPECT_THAT(clock->session, HasSubstr("time_zone='+01:00'"));
  EXPECT_EQ(clock->effects.at(0).by_copy, "");
  event.sql = "ALTER TABLE t MODIFY v TIMESTAMP";
  EXPECT_THAT(follower_.Follow(event, 0)->ddl->effects.at(0).by_copy, HasSubstr("time zone"));
}

// Views are made from the catalogue at the end of the copy: what the log says of them afterwards
// must bear to be said of one that is there, or is not.
TEST_F(DdlFollowerTest, StatementsAboutViewsMayBeRepeated) {
  for (const char* sql :
       {"CREATE VIEW v AS SELECT 1", "create view v as select 1", "CREATE\tVIEW v AS SELECT 1",
        "CREATE /* c */ VIEW v AS SELECT 1",
        "CREATE ALGORITHM=MERGE DEFINER=`a`@`b` SQL SECURITY DEFINER VIEW v AS SELECT 1",
        "CREATE OR REPLACE VIEW v AS SELECT 1", "CREATE  OR  REPLACE VIEW v AS SELECT 1"}) {
    const model::DdlChange ddl = Ddl(sql);
    EXPECT_TRUE(ddl.only_views) << sql;
    EXPECT_THAT(ddl.effects, IsEmpty()) << sql;
    EXPECT_TRUE(Follow(ddl.statement).ok()) << ddl.statement;
    EXPECT_THAT(ddl.statement, ::testing::AnyOf(HasSubstr("OR REPLACE"), HasSubstr("OR  REPLACE")))
        << sql;
  }
  EXPECT_EQ(Ddl("DROP VIEW v, w").statement, "DROP VIEW IF EXISTS `shop`.`v`, `shop`.`w`");
}

TEST_F(DdlFollowerTest, OrReplaceAndIfNotExistsDoNotGoTogether) {
  EXPECT_THAT(Ddl("CREATE VIEW IF NOT EXISTS v AS SELECT 1").statement,
              Not(HasSubstr("OR REPLACE")));
}

// From MariaDB to MySQL.
class TranslatingFollowerTest : public ::testing::Test {
 protected:
  TranslatingFollowerTest()
      : follower_(sql::Flavour::kMariaDb, sql::Flavour::kMySql,
                  {[](std::string_view schema, std::string_view) { return schema == "shop"; },
                   [](std::string_view schema) { return schema == "shop"; },
                   [](std::string_view) { return true; }},
                  std::make_unique<testing::FakeSessionFacts>()) {
    EXPECT_TRUE(follower_
                    .Track({{"shop", "t"},
                            "CREATE TABLE `t` (`id` int(11) NOT NULL) DEFAULT CHARSET=utf8mb4 "
                            "COLLATE=utf8mb4_general_ci",
                            {}})
                    .ok());
    follower_.KnowCollations({{2304, "utf8mb4_uca1400_ai_ci"}});
  }
  model::DdlChange Ddl(std::string_view sql, uint64_t sql_mode = 0) {
    wire::mysql::QueryEvent event;
    event.schema = "shop";
    event.sql = sql;
    event.status.sql_mode = sql_mode;
    event.status.charset.emplace();
    event.status.charset->client = 45;
    event.status.charset->server = 2304;
    auto followed = follower_.Follow(event, 1'700'000'000);
    EXPECT_TRUE(followed.ok() && followed->ddl != nullptr) << sql << followed.status();
    return followed.ok() && followed->ddl != nullptr ? *followed->ddl : model::DdlChange();
  }

  DdlFollower follower_;
};

TEST_F(TranslatingFollowerTest, GivesStatementsInTheTargetsSqlAndKeepsDefinitionsInTheSources) {
  const model::DdlChange added = Ddl("ALTER TABLE t ADD u UUID");
  EXPECT_EQ(added.statement,
            "ALTER TABLE `shop`.`t` ADD COLUMN `u` char(36) CHARACTER SET ascii COLLATE "
            "ascii_general_ci");
  ASSERT_EQ(added.effects.size(), 1u);
  EXPECT_NE(added.effects[0].definition.find("`u` uuid"), std::string::npos);
  EXPECT_EQ(Ddl("CREATE DATABASE shop").statement,
            "CREATE DATABASE `shop` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci");
  EXPECT_EQ(Ddl("DROP TABLE t").statement, "DROP TABLE IF EXISTS `shop`.`t`");
}

TEST_F(TranslatingFollowerTest, ReplacedTablesAreDroppedBefore) {
  const model::DdlChange made = Ddl("CREATE OR REPLACE TABLE t (id INT)");
  EXPECT_EQ(made.replaced, std::vector<model::TableName>({{"shop", "t"}}));
  EXPECT_EQ(made.statement.find("OR REPLACE"), std::string::npos);
}

TEST_F(TranslatingFollowerTest, TellsWhatStandsInTheWay) {
  const model::DdlChange change = Ddl("ALTER TABLE t ADD d DECIMAL(40,35)");
  EXPECT_NE(change.obstacle.find("30 decimals"), std::string::npos);
  EXPECT_EQ(change.statement, "ALTER TABLE t ADD d DECIMAL(40,35)");
}

TEST_F(TranslatingFollowerTest, ModesOfOneKindAreNotTheOthers) {
  constexpr uint64_t kStrictAllTables = 1ull << 22, kNoAutoCreateUser = 1ull << 28;
  constexpr uint64_t kTimeRoundFractional = 1ull << 34, kTimeTruncateFractional = 1ull << 32;
  auto starts = [&](uint64_t mode, uint64_t expected) {
    const std::string session = Ddl("ALTER TABLE t COMMENT 'x'", mode).session;
    return session.starts_with(fmt::format("SET SESSION sql_mode={},", expected));
  };
  EXPECT_TRUE(
      starts(kStrictAllTables | kNoAutoCreateUser, kStrictAllTables | kTimeTruncateFractional));
  EXPECT_TRUE(starts(kTimeRoundFractional, 0));
}

TEST_F(DdlFollowerTest, TellsWhatADatabaseGivesItsTables) {
  follower_.KnowSchemas({{"shop", "latin1", "latin1_swedish_ci"}},
                        {{"shop", "utf8mb4", "utf8mb4_general_ci"}});
  EXPECT_THAT(Ddl("CREATE TABLE a (v VARCHAR(9))").effects.at(0).definition,
              HasSubstr("CHARSET=latin1"));
  EXPECT_EQ(Ddl("CREATE TABLE b (v VARCHAR(9), KEY (v(3))) COMMENT='('").statement,
            "CREATE TABLE b (v VARCHAR(9), KEY (v(3))) DEFAULT CHARSET=latin1 "
            "COLLATE=latin1_swedish_ci COMMENT='('");
  EXPECT_EQ(Ddl("CREATE TABLE f(v VARCHAR(9))ENGINE=InnoDB").statement,
            "CREATE TABLE f(v VARCHAR(9)) DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci "
            "ENGINE=InnoDB");
  for (const std::string sql :
       {"CREATE TABLE c (v VARCHAR(9)) COLLATE=utf8mb4_bin",
        "CREATE TABLE d (v VARCHAR(9)) CHARSET=binary", "CREATE TABLE e LIKE b"})
    EXPECT_EQ(Ddl(sql).statement, sql);
  EXPECT_EQ(Ddl("CREATE DATABASE IF NOT EXISTS shop CHARACTER SET utf16").schema_default,
            (model::SchemaDefault{"shop", "latin1", "latin1_swedish_ci"}));
  EXPECT_EQ(Ddl("ALTER DATABASE shop CHARACTER SET utf16").schema_default,
            (model::SchemaDefault{"shop", "utf16", "utf16_general_ci"}));
  EXPECT_EQ(Ddl("ALTER TABLE a ADD w INT").schema_default, std::nullopt);
  EXPECT_EQ(Ddl("DROP DATABASE shop").schema_default, (model::SchemaDefault{"shop", "", ""}));
  EXPECT_EQ(Ddl("CREATE DATABASE IF NOT EXISTS shop CHARACTER SET latin2").schema_default,
            (model::SchemaDefault{"shop", "latin2", "latin2_general_ci"}));
}

TEST_F(DdlFollowerTest, TablesThatAreGoneMeanNothing) {
  EXPECT_FALSE(Follow("ALTER TABLE gone ADD a INT").ok());
  follower_.TablesAreKnown(false);
  EXPECT_TRUE(follower_.IsGone(Name("gone")));
  EXPECT_FALSE(follower_.IsGone(Name("t")));
  EXPECT_FALSE(follower_.IsGone(Name("hidden")));
  for (const char* sql : {"ALTER TABLE gone ADD a INT", "TRUNCATE TABLE gone",
                          "CREATE INDEX k ON gone (a)", "DROP INDEX k ON gone"})
    EXPECT_EQ(MeaningOf(sql), Meaning::kNothing) << sql;
  EXPECT_EQ(Ddl("ALTER TABLE t ADD a INT").effects.at(0).table, Name("t"));
  EXPECT_EQ(MeaningOf("RENAME TABLE gone TO other.gone"), Meaning::kNothing);
  EXPECT_EQ(Ddl("CREATE TABLE gone (a INT)").effects.at(0).table, Name("gone"));
  EXPECT_FALSE(follower_.IsGone(Name("gone")));
  EXPECT_EQ(Ddl("ALTER TABLE gone ADD b INT").effects.at(0).table, Name("gone"));
  follower_.TablesAreKnown(true);
  EXPECT_FALSE(Follow("ALTER TABLE gone2 ADD a INT").ok());
}

}  // namespace
}  // namespace godwit::connectors::mysql
