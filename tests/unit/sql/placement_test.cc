#include "sql/placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/parser.h"
#include "sql/writer.h"

namespace godwit::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Rewritten(const std::string& text, bool ansi_quotes = false) {
  ParseOptions options;
  options.default_schema = "d";
  options.flavour = Flavour::kMySql;
  options.ansi_quotes = ansi_quotes;
  const auto statement = ParseStatement(text, options);
  EXPECT_TRUE(statement.ok()) << statement.status();
  std::vector<std::string> taken;
  return WithoutPlaces(*statement, text, options, taken);
}

TEST(Placement, TablespacesAreLeftOut) {
  EXPECT_EQ(Rewritten("CREATE TABLE t (a INT) TABLESPACE quick COMMENT 'x'"),
            "CREATE TABLE t (a INT) COMMENT 'x'");
  EXPECT_EQ(Rewritten("CREATE TABLE t (a INT) /*!50100 TABLESPACE `quick` */ ENGINE=InnoDB"),
            "CREATE TABLE t (a INT) /*!50100 */ ENGINE=InnoDB");
  EXPECT_EQ(Rewritten("ALTER TABLE t TABLESPACE = `a b` STORAGE DISK, ADD b INT"),
            "ALTER TABLE t STORAGE DISK, ADD b INT");
  EXPECT_EQ(Rewritten("ALTER TABLE t TABLESPACE=\"quick\"", true), "ALTER TABLE t");
}

// Where nothing else is left of its clause, one comma goes too.
TEST(Placement, ClausesOfAnAlterStayApart) {
  EXPECT_EQ(Rewritten("ALTER TABLE t ADD b INT, TABLESPACE ts COMMENT 'x'"),
            "ALTER TABLE t ADD b INT, COMMENT 'x'");
  EXPECT_EQ(Rewritten("ALTER TABLE t COMMENT 'x' TABLESPACE ts, ADD b INT"),
            "ALTER TABLE t COMMENT 'x', ADD b INT");
  EXPECT_EQ(Rewritten("ALTER TABLE t ADD b INT, TABLESPACE ts PARTITION BY HASH (a)"),
            "ALTER TABLE t ADD b INT PARTITION BY HASH (a)");
  EXPECT_EQ(Rewritten("ALTER TABLE d.t TABLESPACE ts, ADD b INT, ADD c INT"),
            "ALTER TABLE d.t ADD b INT, ADD c INT");
  EXPECT_EQ(Rewritten("ALTER TABLE t ADD b INT, DATA DIRECTORY='/x' TABLESPACE ts, ADD c INT"),
            "ALTER TABLE t ADD b INT, ADD c INT");
  EXPECT_EQ(Rewritten("ALTER TABLE t ADD KEY (a), TABLESPACE ts, ADD c INT"),
            "ALTER TABLE t ADD KEY (a), ADD c INT");
}

TEST(Placement, OtherUsesOfTheWordStay) {
  const std::string none = "CREATE TABLE t (tablespace INT, b INT COMMENT 'TABLESPACE quick')";
  EXPECT_EQ(Rewritten(none), none);
  const std::string discarded = "ALTER TABLE t DISCARD TABLESPACE";
  EXPECT_EQ(Rewritten(discarded), discarded);
  EXPECT_EQ(Rewritten("CREATE TABLE t (tablespace INT) TABLESPACE ts"),
            "CREATE TABLE t (tablespace INT)");
}

TEST(Placement, DirectoriesAreLeftOut) {
  EXPECT_EQ(
      Rewritten("CREATE TABLE t (a INT) DATA DIRECTORY='/x', INDEX DIRECTORY \"/y\" COMMENT='c'"),
      "CREATE TABLE t (a INT) COMMENT='c'");
  EXPECT_EQ(Rewritten("CREATE TABLE t (a INT) ENGINE=InnoDB, DATA DIRECTORY='/x', COMMENT='c'"),
            "CREATE TABLE t (a INT) ENGINE=InnoDB, COMMENT='c'");
  EXPECT_EQ(
      Rewritten(
          "CREATE TABLE t (a INT, INDEX directory (a)) PARTITION BY LIST (a) (PARTITION p "
          "VALUES IN (1) DATA DIRECTORY '/x', PARTITION q VALUES IN (2) DATA DIRECTORY '/y')"),
      "CREATE TABLE t (a INT, INDEX directory (a)) PARTITION BY LIST (a) (PARTITION p "
      "VALUES IN (1), PARTITION q VALUES IN (2))");
  EXPECT_EQ(Rewritten("ALTER TABLE t ADD b INT, DATA DIRECTORY = '/x', ADD c INT"),
            "ALTER TABLE t ADD b INT, ADD c INT");
  EXPECT_EQ(Rewritten("ALTER TABLE t DATA DIRECTORY = '/x', ADD c INT"), "ALTER TABLE t ADD c INT");
}

TEST(Placement, IsTakenOutOfDefinitions) {
  auto definition = ParseDefinition(
      "CREATE TABLE `t` (`a` int NOT NULL) ENGINE=InnoDB DATA DIRECTORY='/fast/'\n"
      "/*!50100 PARTITION BY RANGE (`a`)\n"
      "(PARTITION p0 VALUES LESS THAN (10) DATA DIRECTORY = '/fast/' ENGINE = InnoDB,\n"
      " PARTITION p1 VALUES LESS THAN MAXVALUE COMMENT = 'DATA DIRECTORY = x' DATA DIRECTORY = "
      "'/slow/' ENGINE = InnoDB) */",
      {.default_schema = "d", .flavour = Flavour::kMySql}, {});
  ASSERT_TRUE(definition.ok()) << definition.status();
  EXPECT_THAT(TakeOutPlaces(*definition),
              ElementsAre("DATA DIRECTORY='/fast/'", "DATA DIRECTORY = '/fast/'",
                          "DATA DIRECTORY = '/slow/'"));
  const std::string text = WriteCreateTable(*definition);
  EXPECT_THAT(text, Not(HasSubstr("/fast/")));
  EXPECT_THAT(text, Not(HasSubstr("/slow/")));
  EXPECT_THAT(text, HasSubstr("COMMENT = 'DATA DIRECTORY = x' ENGINE = InnoDB"));
}

}  // namespace
}  // namespace godwit::sql
