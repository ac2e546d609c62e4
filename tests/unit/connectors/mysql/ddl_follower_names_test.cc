#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/mysql/ddl/ddl_follower.h"
#include "fake_session_facts.h"

namespace godwit::connectors::mysql {
namespace {

using model::TableName;

// The task has the tables of schema `in`.
class DdlFollowerNamesTest : public ::testing::Test {
 protected:
  DdlFollowerNamesTest()
      : follower_(sql::Flavour::kMariaDb, sql::Flavour::kMariaDb,
                  {[](std::string_view schema, std::string_view) { return schema == "in"; },
                   [](std::string_view schema) { return schema == "in"; },
                   [](std::string_view schema) { return schema == "in"; }},
                  std::make_unique<testing::FakeSessionFacts>()) {
    for (const char* table : {"a", "b"}) {
      EXPECT_TRUE(follower_
                      .Track({{"in", table},
                              fmt::format("CREATE TABLE `{0}` (`of_{0}` int(11) NOT "
                                          "NULL, PRIMARY KEY (`of_{0}`))",
                                          table),
                              {}})
                      .ok());
    }
  }

  // What the statement means, as text: what is executed, then its effects, then what is dropped.
  std::string Follow(std::string_view sql) {
    wire::mysql::QueryEvent event;
    event.schema = "in";
    event.sql = sql;
    auto followed = follower_.Follow(event, 0);
    if (!followed.ok()) return std::string(followed.status().message());
    if (followed->ddl == nullptr) return "nothing";
    std::string text = followed->ddl->statement;
    for (const auto& effect : followed->ddl->effects) {
      text += "; " + effect.table.table;
      if (!effect.renamed_from.table.empty()) text += " from " + effect.renamed_from.table;
      if (effect.to_copy) text += " to be copied";
      if (effect.after != nullptr) text += " with " + effect.after->columns[0].name;
      if (effect.after == nullptr && !effect.to_copy) text += " gone";
    }
    for (const TableName& name : followed->ddl->left_over) text += "; drop " + name.table;
    return text;
  }

  DdlFollower follower_;
};

TEST_F(DdlFollowerNamesTest, ChangesPlaces) {
  EXPECT_EQ(Follow("rename table a to tmp, b to a, tmp to b"),
            "RENAME TABLE `in`.`a` TO `in`.`tmp`, `in`.`b` TO `in`.`a`, `in`.`tmp` TO `in`.`b`"
            "; tmp from a with of_a; a from b with of_b; b from tmp with of_a");
}

TEST_F(DdlFollowerNamesTest, ATableComesInAndIsLeftAloneUntilItIsCopied) {
  EXPECT_EQ(Follow("rename table `out`.c to c"), "; c to be copied");
  EXPECT_TRUE(follower_.IsIgnored({"in", "c"}));
  EXPECT_EQ(Follow("alter table c add d int"), "nothing");
  EXPECT_EQ(Follow("drop table c"), "nothing");
}

TEST_F(DdlFollowerNamesTest, ComesInByAlter) {
  EXPECT_EQ(Follow("alter table `out`.c add d int, rename to `in`.c"), "; c to be copied");
}

TEST_F(DdlFollowerNamesTest, TakesThePlaceOfOneThatLeaves) {
  EXPECT_EQ(Follow("rename table a to `out`.a, `out`.c to a"), "; a gone; a to be copied");
  EXPECT_EQ(Follow("rename table b to `out`.b"), "; b gone");
  EXPECT_EQ(follower_.Find({"out", "b"}), nullptr);
  EXPECT_EQ(Follow("rename table `out`.b to b"), "; b to be copied");
}

TEST_F(DdlFollowerNamesTest, LeavesByAlter) {
  EXPECT_EQ(Follow("alter table a rename to `out`.a"), "; a gone");
}

TEST_F(DdlFollowerNamesTest, ATableOfTheTaskTakesTheNameOfOneThatLeaves) {
  EXPECT_EQ(Follow("rename table a to `out`.a, b to a"),
            "RENAME TABLE `in`.`a` TO `in`.`godwit_moved_0`, `in`.`b` TO `in`.`godwit_moved_1`, "
            "`in`.`godwit_moved_1` TO `in`.`a`"
            "; a gone; godwit_moved_1 from b with of_b; a from godwit_moved_1 with of_b"
            "; drop godwit_moved_0");
  EXPECT_EQ(follower_.Find({"in", "a"})->columns[0].name, "of_b");
  EXPECT_EQ(follower_.Find({"in", "b"}), nullptr);
}

TEST_F(DdlFollowerNamesTest, ANameThatIsCopiedLaterKeepsWhatItsCopyHas) {
  follower_.Ignore({"in", "b"});
  EXPECT_EQ(Follow("rename table a to b"), "; a gone; drop a");
  EXPECT_TRUE(follower_.IsIgnored({"in", "b"}));
  EXPECT_EQ(follower_.Find({"in", "b"}), nullptr);
}

TEST_F(DdlFollowerNamesTest, MadeLikeATableThatIsNotKnown) {
  EXPECT_EQ(Follow("create table c like `out`.c"), "; c to be copied");
  EXPECT_EQ(Follow("create or replace table a like `out`.c"), "; a to be copied");
  EXPECT_THAT(Follow("create table d like b"), ::testing::HasSubstr("; d with of_b"));
}

TEST_F(DdlFollowerNamesTest, ForeignKeysFollowTheNamesOfTheirParents) {
  ASSERT_TRUE(
      follower_
          .Track({{"in", "child"},
                  "CREATE TABLE `child` (`a` int(11) NOT NULL, PRIMARY KEY (`a`), CONSTRAINT "
                  "`f` FOREIGN KEY (`a`) REFERENCES `b` (`of_b`))",
                  {}})
          .ok());
  EXPECT_EQ(Follow("rename table b to c"),
            "RENAME TABLE `in`.`b` TO `in`.`c`; c from b with of_b; child with a");
  EXPECT_EQ(follower_.Find({"in", "child"})->foreign_keys[0].parent, (TableName{"in", "c"}));
}

}  // namespace
}  // namespace godwit::connectors::mysql
