#include "connector/kept_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::connector {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(KeptStateTest, TablesAreTheSameHoweverTheServerWritesFlags) {
  const TableState mysql =
      ToTableState({"shop", "t", "4", "CREATE TABLE ...", "5", "9", "1", "0", "1", "old\nnew\n"});
  const TableState postgres =
      ToTableState({"shop", "t", "4", "CREATE TABLE ...", "5", "9", "t", "f", "1", "old\nnew\n"});
  for (const TableState& table : {mysql, postgres}) {
    EXPECT_EQ(table.name, (model::TableName{"shop", "t"}));
    EXPECT_EQ(table.stage, TableStage::kStreaming);
    EXPECT_EQ(table.definition, "CREATE TABLE ...");
    EXPECT_EQ(table.low.text + "-" + table.high.text, "5-9");
    EXPECT_TRUE(table.unique_keys_deferred);
    EXPECT_FALSE(table.kept);
    EXPECT_EQ(table.form, TargetForm::kDiffers);
    EXPECT_THAT(table.renamed_columns, ElementsAre(Pair("old", "new")));
  }
}

TEST(KeptStateTest, RangesGoToTheirTables) {
  TaskState state;
  for (const char* name : {"a", "b", "c"}) state.tables.emplace_back().name = {"shop", name};
  const StateRow of_a = {"shop", "a", "", "9", "4", "0", "3", "120", "5", "7"};
  const StateRow of_c = {"shop", "c", "9", "", "", "t", "0", "0", "", ""};
  ASSERT_TRUE(TakeRanges({of_a, of_c}, state).ok());
  ASSERT_EQ(state.tables[0].ranges.size(), 1u);
  const RangeState& range = state.tables[0].ranges[0];
  EXPECT_EQ(range.range.after + "-" + range.range.upto + " at " + range.cursor, "-9 at 4");
  EXPECT_FALSE(range.done);
  EXPECT_EQ(range.rows, 3u);
  EXPECT_EQ(range.bytes, 120u);
  EXPECT_EQ(range.low.text + "-" + range.high.text, "5-7");
  EXPECT_TRUE(state.tables[1].ranges.empty());
  ASSERT_EQ(state.tables[2].ranges.size(), 1u);
  EXPECT_TRUE(state.tables[2].ranges[0].done);
  const base::Status unknown =
      TakeRanges({{"shop", "d", "", "", "", "0", "0", "0", "", ""}}, state);
  EXPECT_TRUE(absl::IsDataLoss(unknown)) << unknown;
}

TEST(KeptStateTest, DivisionsAreTheSameBitsWithASignAndWithout) {
  for (const char* division : {"18446744073709551615", "-1"}) {
    const auto group = ToOpenGroup({{"2", "4", "77", division}, {"0", "4", "77", division}});
    ASSERT_TRUE(group.has_value());
    EXPECT_EQ(group->parts, 4);
    EXPECT_EQ(group->upto.text, "77");
    EXPECT_EQ(group->division, ~uint64_t{0});
    EXPECT_THAT(group->done, ElementsAre(0, 2));
  }
  EXPECT_FALSE(ToOpenGroup({}).has_value());
}

TEST(KeptStateTest, ADdlInHandKnowsHowFarItHasCome) {
  TaskState state = ToTaskState({"17", "4", "1", "8", "1000", "3", "DROP TABLE t", "shop", "9",
                                 "t is there", std::nullopt, "5", "a-server"});
  EXPECT_EQ(state.epoch, 17u);
  EXPECT_EQ(state.restarted, 5u);
  EXPECT_EQ(state.server, "a-server");
  EXPECT_EQ(state.phase, TaskPhase::kStreaming);
  ASSERT_TRUE(state.pending_ddl.has_value());
  PendingDdl& ddl = *state.pending_ddl;
  EXPECT_EQ(
      ddl.statement + "; " + ddl.default_schema + "; " + ddl.position.text + "; " + ddl.before,
      "DROP TABLE t; shop; 9; t is there");
  TakeDecision({{"it failed", "3"}}, {{"one", "2"}, {"two", "1"}, {"three", "0"}}, ddl);
  EXPECT_EQ(ddl.waits_for, "it failed");
  EXPECT_EQ(ddl.verb, DdlVerb::kReplace);
  EXPECT_THAT(ddl.replacement, ElementsAre("one", "two", "three"));
  EXPECT_EQ(ddl.replaced, 1u);
  EXPECT_TRUE(ddl.step_begun);
}

}  // namespace
}  // namespace godwit::connector
