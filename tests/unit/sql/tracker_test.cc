#include "sql/tracker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/parser.h"
#include "sql/writer.h"

namespace godwit::sql {
namespace {

using model::TableName;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class TrackerTest : public ::testing::Test {
 protected:
  base::StatusOr<std::vector<TableChange>> Try(std::string_view text) {
    ParseOptions options;
    options.default_schema = "d";
    auto statement = ParseStatement(text, options);
    if (!statement.ok()) return statement.status();
    return tracker_.Apply(*statement);
  }
  std::vector<TableChange> Apply(std::string_view text) {
    auto changes = Try(text);
    EXPECT_TRUE(changes.ok()) << text << ": " << changes.status();
    return changes.ok() ? *changes : std::vector<TableChange>();
  }
  std::vector<std::string> Columns(const std::string& table) {
    std::vector<std::string> names;
    DefinitionPtr definition = tracker_.Find({"d", table});
    EXPECT_NE(definition, nullptr) << table;
    if (definition == nullptr) return names;
    for (const ColumnDefinition& column : definition->columns) names.push_back(column.name);
    return names;
  }

  SchemaTracker tracker_{{"utf8mb4", "utf8mb4_general_ci"}};
};

TEST_F(TrackerTest, TellsWhatWasBeforeAndAfter) {
  auto created = Apply("create table t (a int)");
  ASSERT_THAT(created, SizeIs(1));
  EXPECT_EQ(created[0].before, nullptr);
  EXPECT_EQ(created[0].after, tracker_.Find({"d", "t"}));
  auto altered = Apply("alter table t add b int");
  ASSERT_THAT(altered, SizeIs(1));
  EXPECT_EQ(altered[0].before, created[0].after);
  EXPECT_THAT(Columns("t"), ElementsAre("a", "b"));
  EXPECT_THAT(altered[0].before->columns, SizeIs(1)) << "what was handed out does not change";
  auto dropped = Apply("drop table t");
  ASSERT_THAT(dropped, SizeIs(1));
  EXPECT_EQ(dropped[0].after, nullptr);
  EXPECT_EQ(tracker_.Find({"d", "t"}), nullptr);
}

TEST_F(TrackerTest, OtherEnginesThanInnoDbKeepNoForeignKeys) {
  Apply("create table p (id int primary key)");
  const std::string columns = "(a int, foreign key f (a) references p (id))";
  Apply("create table i " + columns);
  EXPECT_THAT(tracker_.Find({"d", "i"})->foreign_keys, SizeIs(1));
  Apply("create table m " + columns + " engine=MyISAM");
  EXPECT_THAT(tracker_.Find({"d", "m"})->foreign_keys, IsEmpty());
  EXPECT_THAT(tracker_.Find({"d", "m"})->keys, SizeIs(1)) << "the index is made all the same";
  tracker_.SetDefaultEngine("Aria");
  Apply("create table a " + columns);
  EXPECT_THAT(tracker_.Find({"d", "a"})->foreign_keys, IsEmpty());
  EXPECT_EQ(tracker_.Find({"d", "a"})->options.engine, "Aria");
}

TEST_F(TrackerTest, ANewFullTextKeyTakesThePlaceOfOneMadeForAForeignKey) {
  Apply("create table t (f varchar(20), foreign key (f) references p (x))");
  EXPECT_EQ(tracker_.Find({"d", "t"})->FindKey("f"), 0);
  Apply("alter table t add fulltext key ft (f)");
  EXPECT_THAT(tracker_.Find({"d", "t"})->keys, SizeIs(1));
  EXPECT_EQ(tracker_.Find({"d", "t"})->FindKey("ft"), 0);
}

TEST_F(TrackerTest, FollowsATruncateThatSaysWhatBecomesOfTheRoom) {
  Apply("create table t (a int)");
  EXPECT_THAT(Apply("truncate table t drop storage"), SizeIs(1));
  EXPECT_THAT(Apply("truncate t nowait reuse storage"), SizeIs(1));
}

TEST_F(TrackerTest, KeepsTheDefinitionWhereNothingChanges) {
  Apply("create table t (a int)");
  auto changes = Apply("alter table t force, algorithm=copy");
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].before, changes[0].after);
  changes = Apply("truncate t");
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].before, changes[0].after);
}

TEST_F(TrackerTest, TellsOfTablesNotKnown) {
  for (std::string_view text :
       {"drop table x", "alter table x add a int", "truncate x", "create index i on x (a)"}) {
    auto changes = Apply(text);
    ASSERT_THAT(changes, SizeIs(1)) << text;
    EXPECT_EQ(changes[0].name, (TableName{"d", "x"})) << text;
    EXPECT_TRUE(changes[0].before == nullptr && changes[0].after == nullptr) << text;
  }
  auto renamed = Apply("alter table x rename y");
  ASSERT_THAT(renamed, SizeIs(1));
  EXPECT_EQ(renamed[0].name, (TableName{"d", "y"}));
  EXPECT_EQ(renamed[0].renamed_from, (TableName{"d", "x"}));
  EXPECT_THAT(tracker_.tables(), IsEmpty());
}

TEST_F(TrackerTest, RenamesOneAfterTheOther) {
  Apply("create table a (x int)");
  Apply("create table b (y int)");
  auto changes = Apply("rename table a to c, b to a, c to b");
  ASSERT_THAT(changes, SizeIs(3));
  EXPECT_EQ(changes[2].renamed_from, (TableName{"d", "c"}));
  EXPECT_THAT(Columns("a"), ElementsAre("y"));
  EXPECT_THAT(Columns("b"), ElementsAre("x"));
  EXPECT_EQ(tracker_.Find({"d", "c"}), nullptr);
  EXPECT_EQ(tracker_.Find({"d", "b"})->name, (TableName{"d", "b"}));
}

TEST_F(TrackerTest, PassesOverARenameOfWhatWasNotThere) {
  Apply("create table t (a int)");
  Apply("create table u (b int)");
  EXPECT_THAT(Apply("rename table if exists nothing to t, u to v"), SizeIs(1));
  EXPECT_NE(tracker_.Find({"d", "t"}), nullptr);
  EXPECT_NE(tracker_.Find({"d", "v"}), nullptr);
}

TEST_F(TrackerTest, AltersAndRenamesInOneChange) {
  Apply("create table a (x int)");
  auto changes = Apply("alter table a rename to e.b, add y int");
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].name, (TableName{"e", "b"}));
  EXPECT_EQ(changes[0].renamed_from, (TableName{"d", "a"}));
  EXPECT_THAT(changes[0].before->columns, SizeIs(1));
  EXPECT_THAT(changes[0].after->columns, SizeIs(2));
}

TEST_F(TrackerTest, ForeignKeysFollowTheirParents) {
  Apply("create table p (id int primary key)");
  Apply("create table c (x int references p (id))");
  Apply("create table other (x int)");
  auto changes = Apply("alter table p rename e.q, change id ident int");
  ASSERT_THAT(changes, SizeIs(3))
      << "the parent, then the child twice: for the column and for the table";
  DefinitionPtr child = tracker_.Find({"d", "c"});
  EXPECT_EQ(changes[2].after, child);
  EXPECT_EQ(child->foreign_keys.at(0).parent, (TableName{"e", "q"}));
  EXPECT_THAT(child->foreign_keys.at(0).parent_columns, ElementsAre("ident"));
  Apply("rename table c to k");
  EXPECT_EQ(tracker_.Find({"d", "k"})->foreign_keys.at(0).name, "k_ibfk_1");
}

TEST_F(TrackerTest, AppliesActionsTogether) {
  Apply("create table t (a int, b int, c int, key k (a, b), key l (c))");
  Apply(
      "alter table t drop column a, change b a varchar(3) first, drop key l, add key l (d), add d "
      "int after a");
  EXPECT_THAT(Columns("t"), ElementsAre("a", "d", "c"));
  DefinitionPtr table = tracker_.Find({"d", "t"});
  ASSERT_THAT(table->keys, SizeIs(2));
  EXPECT_THAT(table->keys[0].parts, ElementsAre(KeyPart{"a"}));
  EXPECT_THAT(table->keys[1].parts, ElementsAre(KeyPart{"d"}));
}

TEST_F(TrackerTest, SwapsNamesInExpressions) {
  Apply("create table t (a int, b int, c int as (a - b), check (`a` > b and a(b) > 0))");
  Apply("alter table t rename column a to b, rename column b to a");
  DefinitionPtr table = tracker_.Find({"d", "t"});
  EXPECT_EQ(table->columns[2].expression, "`b` - `a`");
  EXPECT_EQ(table->checks[0].expression, "`b` > `a` and a(`a`) > 0") << "a function keeps its name";
}

TEST_F(TrackerTest, PassesOverTemporaryTables) {
  EXPECT_THAT(Apply("create temporary table t (a int)"), IsEmpty());
  Apply("create table t (a int)");
  EXPECT_THAT(Apply("drop temporary table t"), IsEmpty());
  EXPECT_NE(tracker_.Find({"d", "t"}), nullptr);
}

TEST_F(TrackerTest, ChangesNothingOnErrors) {
  Apply("create table t (a int)");
  for (std::string_view text : {
           "alter table t add x int, drop column nosuch",
           "alter table t modify nosuch int",
           "alter table t rename column nosuch to x",
           "alter table t add x int after nosuch",
           "alter table t add a int",
           "alter table t drop key nosuch",
           "alter table t drop foreign key nosuch",
           "alter table t drop constraint nosuch",
           "alter table t drop column a",
           "alter table t drop partition p",
           "create table u as select 1",
           "create table u like nosuch",
           "create table u engine=innodb",
       }) {
    auto changes = Try(text);
    EXPECT_EQ(changes.status().code(), base::StatusCode::kFailedPrecondition) << text;
    EXPECT_THAT(tracker_.tables(), SizeIs(1)) << text;
    EXPECT_THAT(Columns("t"), ElementsAre("a")) << text;
  }
  EXPECT_THAT(Try("alter table t drop column nosuch").status().message(),
              ::testing::HasSubstr("d.t has no column nosuch"));
}

TEST_F(TrackerTest, FollowsDatabases) {
  Apply("create database e character set latin1");
  EXPECT_EQ(tracker_.SchemaDefault("e"), (CharsetChoice{"latin1", "latin1_swedish_ci"}));
  EXPECT_EQ(tracker_.SchemaDefault("unknown"), (CharsetChoice{"utf8mb4", "utf8mb4_general_ci"}));
  Apply("create table e.t (a text)");
  Apply("alter database e collate = utf8_bin");
  Apply("create table e.u (a text)");
  EXPECT_EQ(tracker_.Find({"e", "t"})->columns[0].type.charset.charset, "latin1");
  EXPECT_EQ(tracker_.Find({"e", "u"})->columns[0].type.charset.collation, "utf8mb3_bin");
  Apply("create table f (a int)");
  EXPECT_THAT(Apply("drop database e"), SizeIs(2));
  EXPECT_THAT(tracker_.tables(), SizeIs(1));
}

TEST_F(TrackerTest, MovesPartitionsBetweenTables) {
  Apply(
      "create table t (a int) partition by range (a) (partition p values less than (1), partition "
      "q values less than (9))");
  auto out = Apply("alter table t convert partition p to table u");
  ASSERT_THAT(out, SizeIs(2));
  EXPECT_EQ(tracker_.Find({"d", "u"})->partitioning, std::nullopt);
  EXPECT_THAT(tracker_.Find({"d", "t"})->partitioning->partitions, SizeIs(1));
  Apply("alter table t convert table u to partition r values less than (20)");
  EXPECT_EQ(tracker_.Find({"d", "u"}), nullptr);
  EXPECT_EQ(tracker_.Find({"d", "t"})->partitioning->partitions.at(1).name, "r");
}

}  // namespace
}  // namespace godwit::sql
