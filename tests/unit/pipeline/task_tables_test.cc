#include "pipeline/task_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes.h"

namespace godwit::pipeline {
namespace {

using connector::TableStage;
using connector::TableState;
using model::ReferenceAction;
using ::testing::IsEmpty;
using testing::MakeKey;
using testing::MakeTable;
using testing::PositionOf;
using ::testing::SizeIs;

model::TableName Name(std::string table) { return {"shop", std::move(table)}; }

class TaskTablesTest : public ::testing::Test {
 protected:
  // Tables parent and child, copied between the tokens given.
  TaskTables Make(uint64_t parent_low, uint64_t parent_high, uint64_t child_low,
                  uint64_t child_high) {
    log_.AddTable(MakeTable("parent", {"id"}, {0}));
    model::Table child = MakeTable("child", {"id", "parent_id"}, {0});
    child.foreign_keys = {
        MakeKey("parent_id", "parent", "id", ReferenceAction::kSetNull, ReferenceAction::kRestrict),
        MakeKey("id", "parent", "id", ReferenceAction::kRestrict, ReferenceAction::kRestrict)};
    log_.AddTable(child);
    std::vector<TableState> states;
    for (const auto& [name, statement] : log_.definitions(0)) {
      TableState& state = states.emplace_back();
      state.name = name;
      state.definition = statement;
      state.stage = TableStage::kCopied;
      const bool is_parent = name == Name("parent");
      state.low = PositionOf(is_parent ? parent_low : child_low);
      state.high = PositionOf(is_parent ? parent_high : child_high);
    }
    return *TaskTables::Make(source_, states);
  }
  static model::DdlChange DdlWith(std::vector<model::DdlChange::Effect> effects) {
    model::DdlChange ddl;
    ddl.effects = std::move(effects);
    return ddl;
  }
  static model::TablePtr Table(std::string name) {
    return std::make_shared<const model::Table>(MakeTable(std::move(name), {"id"}, {0}));
  }

  testing::Log log_;
  testing::FakeSource source_{log_, 1, 0};
};

TEST_F(TaskTablesTest, TheCopyEndsAtTheGreatestToken) {
  EXPECT_EQ(Make(1, 4, 9, 12).CopyEnd(), PositionOf(12));  // 12 after 4 and 9: not by text
}

TEST_F(TaskTablesTest, WithoutACopyThereIsNoEnd) {
  TaskTables tables = Make(1, 1, 1, 1);
  for (auto& [name, state] : tables.states()) state.high = state.low = {};
  EXPECT_TRUE(tables.CopyEnd().empty());
}

TEST_F(TaskTablesTest, AKeyActsFromWhereTheChildsCopyBegan) {
  const TaskTables tables = Make(20, 30, 5, 10);
  EXPECT_EQ(tables.GraphAt(PositionOf(4)), nullptr);
  for (uint64_t n : {5, 7, 100}) {
    const auto graph = tables.GraphAt(PositionOf(n));
    ASSERT_NE(graph, nullptr) << n;
    ASSERT_THAT(graph->children.at(Name("parent")), SizeIs(1)) << "only the key that acts";
    EXPECT_EQ(graph->children.at(Name("parent"))[0].child->name, Name("child"));
    EXPECT_EQ(graph->children.at(Name("parent"))[0].key.columns,
              std::vector<std::string>{"parent_id"});
  }
}

TEST_F(TaskTablesTest, AStreamTracksEachTableFromItsFirstToken) {
  const std::vector<connector::TrackedTable> tracked = Make(3, 8, 5, 6).Tracked();
  ASSERT_THAT(tracked, SizeIs(2));
  EXPECT_EQ(tracked[0].name, Name("child"));
  EXPECT_EQ(tracked[0].from, PositionOf(5));
  EXPECT_EQ(tracked[1].from, PositionOf(3));
  EXPECT_EQ(tracked[1].definition, log_.definitions(0).at(Name("parent")));
}

TEST_F(TaskTablesTest, AnAlteredTableKeepsItsState) {
  TaskTables tables = Make(3, 8, 5, 6);
  const model::TablePtr altered = Table("parent");
  const auto changed =
      tables.Follow(DdlWith({{Name("parent"), {}, altered, "new"}}), PositionOf(9));
  ASSERT_THAT(changed, SizeIs(1));
  EXPECT_EQ(changed[0].definition, "new");
  EXPECT_EQ(changed[0].stage, TableStage::kCopied);
  EXPECT_EQ(changed[0].low, PositionOf(3));
  EXPECT_EQ(tables.Definition(Name("parent")).table, altered);
  EXPECT_EQ(tables.Definition(Name("parent")).statement, "new");
}

TEST_F(TaskTablesTest, ANewTableStreams) {
  TaskTables tables = Make(3, 8, 5, 6);
  const auto changed =
      tables.Follow(DdlWith({{Name("fresh"), {}, Table("fresh"), "new"}}), PositionOf(9));
  ASSERT_THAT(changed, SizeIs(1));
  EXPECT_EQ(changed[0].stage, TableStage::kStreaming);
  EXPECT_TRUE(changed[0].low.empty());
  EXPECT_THAT(tables.Definitions(), SizeIs(3));
}

TEST_F(TaskTablesTest, ADroppedTableIsRemoved) {
  TaskTables tables = Make(3, 8, 5, 6);
  const auto changed = tables.Follow(DdlWith({{Name("child"), {}, nullptr, ""}}), PositionOf(9));
  ASSERT_THAT(changed, SizeIs(1));
  EXPECT_EQ(changed[0].name, Name("child"));
  EXPECT_EQ(changed[0].stage, TableStage::kRemoved);
  EXPECT_FALSE(tables.states().contains(Name("child")));
  EXPECT_EQ(tables.GraphAt(PositionOf(100)), nullptr);
}

TEST_F(TaskTablesTest, ARenamedTableTakesItsStateAlong) {
  TaskTables tables = Make(3, 8, 5, 6);
  const auto changed = tables.Follow(
      DdlWith({{Name("kid"), Name("child"), Table("kid"), "renamed"}}), PositionOf(9));
  ASSERT_THAT(changed, SizeIs(2));
  EXPECT_EQ(changed[0].stage, TableStage::kRemoved);
  EXPECT_EQ(changed[0].name, Name("child"));
  EXPECT_EQ(changed[1].name, Name("kid"));
  EXPECT_EQ(changed[1].high, PositionOf(6));
  EXPECT_FALSE(tables.states().contains(Name("child")));
  EXPECT_EQ(tables.Definition(Name("kid")).statement, "renamed");
}

// RENAME TABLE parent TO spare, child TO parent, spare TO child; and all at once, as PostgreSQL's
// transactions do it. Saved in this order, both are there in the end.
TEST_F(TaskTablesTest, TablesMaySwapTheirNames) {
  const std::vector<model::DdlChange> swaps = {
      DdlWith({{Name("spare"), Name("parent"), Table("spare"), "1"},
               {Name("parent"), Name("child"), Table("parent"), "2"},
               {Name("child"), Name("spare"), Table("child"), "3"}}),
      DdlWith({{Name("parent"), Name("child"), Table("parent"), "2"},
               {Name("child"), Name("parent"), Table("child"), "3"}})};
  for (const model::DdlChange& swap : swaps) {
    TaskTables tables = Make(3, 8, 5, 6);
    std::map<model::TableName, TableState> saved;
    for (const TableState& state : tables.Follow(swap, PositionOf(9))) {
      if (state.stage == TableStage::kRemoved)
        saved.erase(state.name);
      else
        saved[state.name] = state;
    }
    ASSERT_THAT(saved, SizeIs(2));
    EXPECT_EQ(saved.at(Name("parent")).low, PositionOf(5));
    EXPECT_EQ(saved.at(Name("child")).low, PositionOf(3));
    EXPECT_EQ(tables.Definition(Name("parent")).statement, "2");
    EXPECT_EQ(tables.Definition(Name("child")).statement, "3");
  }
}

TEST_F(TaskTablesTest, AStateWithoutADefinitionHasNoTable) {
  TableState gone;
  gone.name = Name("gone");
  gone.stage = TableStage::kDropped;
  gone.low = PositionOf(7);
  const TaskTables tables = *TaskTables::Make(source_, {gone});
  EXPECT_THAT(tables.Definitions(), IsEmpty());
  EXPECT_THAT(tables.Tracked(), SizeIs(1));
  EXPECT_TRUE(tables.CopyEnd().empty());
}

}  // namespace
}  // namespace godwit::pipeline
