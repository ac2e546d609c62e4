#include "connectors/mysql/ddl/ddl_kinds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/parser.h"

namespace godwit::connectors::mysql {
namespace {

// The names of the kinds, in their order.
std::vector<std::string> Kinds(const std::string& text) {
  auto statement = sql::ParseStatement(text, {.default_schema = "s"});
  if (!statement.ok()) return {std::string(statement.status().message())};
  std::vector<std::string> names;
  for (const model::DdlKind kind : KindsOf(*statement)) names.emplace_back(ToString(kind));
  return names;
}

TEST(DdlKinds, OfStatements) {
  using ::testing::ElementsAre;
  EXPECT_THAT(Kinds("CREATE TABLE t (a INT)"), ElementsAre("create_table"));
  EXPECT_THAT(Kinds("CREATE OR REPLACE TABLE t (a INT)"),
              ElementsAre("create_table", "drop_table"));
  EXPECT_THAT(Kinds("DROP TABLE a, b"), ElementsAre("drop_table"));
  EXPECT_THAT(Kinds("TRUNCATE t"), ElementsAre("truncate_table"));
  EXPECT_THAT(Kinds("CREATE UNIQUE INDEX u ON t (a)"), ElementsAre("create_index"));
  EXPECT_THAT(Kinds("DROP DATABASE d"), ElementsAre("drop_database"));
  EXPECT_THAT(Kinds("CREATE VIEW v AS SELECT 1"), ElementsAre("create_view"));
  EXPECT_THAT(Kinds("DROP VIEW v"), ElementsAre("drop_view"));
  EXPECT_THAT(Kinds("INSERT INTO t VALUES (1)"), testing::IsEmpty());
}

TEST(DdlKinds, OfAllActionsOfAnAlter) {
  using ::testing::ElementsAre;
  EXPECT_THAT(Kinds("ALTER TABLE t ADD a INT, ADD b INT, DROP c, DROP KEY k, ALGORITHM=INPLACE"),
              ElementsAre("add_column", "drop_column", "drop_index"));
  EXPECT_THAT(Kinds("ALTER TABLE t RENAME TO u, MODIFY a INT, CHANGE b c INT"),
              ElementsAre("rename_table", "modify_column"));
  EXPECT_THAT(Kinds("ALTER TABLE t TRUNCATE PARTITION p"), ElementsAre("truncate_partition"));
  EXPECT_THAT(Kinds("ALTER TABLE t DROP PARTITION p"), ElementsAre("drop_partition"));
  EXPECT_THAT(Kinds("ALTER TABLE t ENGINE=InnoDB"), ElementsAre("alter_table"));
  EXPECT_THAT(Kinds("ALTER TABLE t FORCE"), ElementsAre("alter_table"));
}

}  // namespace
}  // namespace godwit::connectors::mysql
