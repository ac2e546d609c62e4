#include "pipeline/change_merger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "model_database.h"

namespace godwit::pipeline {
namespace {

using connector::ApplyMode;
using connector::ChangeSegment;
using connector::ForeignKeyGraph;
using connector::TableChanges;
using model::ChangeKind;
using model::ReferenceAction;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Keep;
using testing::MakeKey;
using testing::MakeTable;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using testing::Values;
using testing::ValuesOf;

using Change = std::pair<Values, Values>;

class ChangeMergerTest : public ::testing::Test {
 protected:
  static model::TablePtr Share(model::Table table) {
    return std::make_shared<const model::Table>(std::move(table));
  }

  void Insert(const model::TablePtr& table, const Values& row) {
    Add(ChangeKind::kInsert, table, {}, row);
  }
  void Update(const model::TablePtr& table, const Values& before, const Values& after) {
    Add(ChangeKind::kUpdate, table, before, after);
  }
  void Delete(const model::TablePtr& table, const Values& row, bool keys_act = true) {
    Add(ChangeKind::kDelete, table, row, {}, keys_act);
  }
  void Add(ChangeKind kind, const model::TablePtr& table, const Values& before, const Values& after,
           bool keys_act = true) {
    model::ChangeEvent event;
    event.kind = kind;
    event.table = table.get();
    event.keys_act = keys_act;
    if (!before.empty()) event.before = Keep(before, arena_);
    if (!after.empty()) event.after = Keep(after, arena_);
    EXPECT_TRUE(merger_->Add(event, table).ok());
  }

  // The changes of the only table of the only segment.
  TableChanges Only() {
    std::vector<ChangeSegment> segments = merger_->Take();
    EXPECT_THAT(segments, SizeIs(1));
    EXPECT_THAT(segments.at(0).tables, SizeIs(1));
    return segments.at(0).tables.at(0);
  }
  static std::vector<Values> List(const std::vector<model::Row>& rows) {
    std::vector<Values> list;
    list.reserve(rows.size());
    for (model::Row row : rows) list.push_back(ValuesOf(row));
    return list;
  }
  static std::vector<Change> List(const std::vector<TableChanges::Update>& updates) {
    std::vector<Change> list;
    list.reserve(updates.size());
    for (const auto& [before, after] : updates)
      list.emplace_back(ValuesOf(before), ValuesOf(after));
    return list;
  }

  base::Arena arena_;
  std::optional<ChangeMerger> merger_{ApplyMode::kStrict};
  model::TablePtr item_ = Share(MakeTable("item", {"id", "shelf", "note"}, {0}, {{1}}));
};

TEST_F(ChangeMergerTest, NothingInNothingOut) {
  EXPECT_THAT(merger_->Take(), IsEmpty());
  EXPECT_EQ(merger_->rows(), 0u);
}

TEST_F(ChangeMergerTest, UpdatesOfOneRowBecomeOne) {
  Update(item_, {"1", "a", "x"}, {"1", "a", "y"});
  Update(item_, {"1", "a", "y"}, {"1", "a", "z"});
  EXPECT_EQ(merger_->rows(), 2u);
  const TableChanges changes = Only();
  EXPECT_THAT(List(changes.updates), ElementsAre(Change{{"1", "a", "x"}, {"1", "a", "z"}}));
  EXPECT_THAT(changes.inserts, IsEmpty());
  EXPECT_THAT(changes.deletes, IsEmpty());
  EXPECT_EQ(merger_->rows(), 0u);
}

TEST_F(ChangeMergerTest, ARowThatCameAndWentLeavesNothingWhereStrict) {
  Insert(item_, {"1", "a", "x"});
  Update(item_, {"1", "a", "x"}, {"1", "b", "x"});
  Delete(item_, {"1", "b", "x"});
  const TableChanges changes = Only();
  EXPECT_THAT(changes.inserts, IsEmpty());
  EXPECT_THAT(changes.updates, IsEmpty());
  EXPECT_THAT(changes.deletes, IsEmpty());
}

TEST_F(ChangeMergerTest, AnUpdateBackToTheStartLeavesNothingWhereStrict) {
  Update(item_, {"1", "a", "x"}, {"1", "a", "y"});
  Update(item_, {"1", "a", "y"}, {"1", "a", "x"});
  EXPECT_THAT(Only().updates, IsEmpty());
}

TEST_F(ChangeMergerTest, ARowThatDiffersInWhatIsLeftOutAloneIsTheSame) {
  model::Table lacking = *item_;
  lacking.columns[2].left_out = true;
  const model::TablePtr table = Share(lacking);
  Update(table, {"1", "a", "x"}, {"1", {}, "y"});
  Update(table, {"1", {}, "y"}, {"1", "a", "z"});
  const TableChanges changes = Only();
  EXPECT_THAT(changes.updates, IsEmpty());
  EXPECT_THAT(changes.inserts, IsEmpty());
}

TEST_F(ChangeMergerTest, RowsWithValuesOfTheTargetsOwnAreChangedOneByOne) {
  model::Table more = *item_;
  more.target_has_more = true;
  const model::TablePtr table = Share(more);
  Update(table, {"1", "a", "x"}, {"2", "b", "x"});
  Update(table, {"2", "b", "x"}, {"1", "b", "x"});
  const TableChanges changes = Only();
  EXPECT_THAT(List(changes.ordered), ElementsAre(Change{{"1", "a", "x"}, {"2", "b", "x"}},
                                                 Change{{"2", "b", "x"}, {"1", "b", "x"}}));
}

TEST_F(ChangeMergerTest, DeletedAndInsertedAgainIsAnUpdate) {
  Delete(item_, {"1", "a", "x"});
  Insert(item_, {"1", "a", "new"});
  const TableChanges changes = Only();
  EXPECT_THAT(List(changes.updates), ElementsAre(Change{{"1", "a", "x"}, {"1", "a", "new"}}));
  EXPECT_THAT(changes.deletes, IsEmpty());
}

TEST_F(ChangeMergerTest, AChangedUniqueValueIsADeleteAndAnInsert) {
  Update(item_, {"1", "a", "x"}, {"1", {}, "x"});
  Update(item_, {"2", "b", "x"}, {"2", "a", "x"});
  Update(item_, {"1", {}, "x"}, {"1", "b", "x"});
  const TableChanges changes = Only();
  EXPECT_THAT(List(changes.deletes), ElementsAre(Values{"1", "a", "x"}, Values{"2", "b", "x"}));
  EXPECT_THAT(List(changes.inserts), ElementsAre(Values{"1", "b", "x"}, Values{"2", "a", "x"}));
  EXPECT_THAT(changes.updates, IsEmpty());
}

TEST_F(ChangeMergerTest, AChangedKeyIsADeleteAndAnInsert) {
  Update(item_, {"1", "a", "x"}, {"2", "a", "x"});
  Update(item_, {"2", "a", "x"}, {"3", "a", "x"});
  const TableChanges changes = Only();
  EXPECT_THAT(List(changes.deletes), ElementsAre(Values{"1", "a", "x"}));
  EXPECT_THAT(List(changes.inserts), ElementsAre(Values{"3", "a", "x"}));
}

TEST_F(ChangeMergerTest, KeysHandedOnAlongARowOfRows) {
  Update(item_, {"3", "c", "x"}, {"4", "c", "x"});
  Update(item_, {"2", "b", "x"}, {"3", "b", "x"});
  Update(item_, {"1", "a", "x"}, {"2", "a", "x"});
  const TableChanges changes = Only();
  EXPECT_THAT(
      List(changes.deletes),
      UnorderedElementsAre(Values{"3", "c", "x"}, Values{"2", "b", "x"}, Values{"1", "a", "x"}));
  EXPECT_THAT(
      List(changes.inserts),
      UnorderedElementsAre(Values{"4", "c", "x"}, Values{"3", "b", "x"}, Values{"2", "a", "x"}));
}

TEST_F(ChangeMergerTest, IdempotentEveryTouchedRowIsWrittenAsItEnds) {
  merger_.emplace(ApplyMode::kIdempotent);
  Insert(item_, {"1", "a", "x"});
  Delete(item_, {"1", "a", "x"});
  Update(item_, {"2", "b", "x"}, {"2", "b", "y"});
  Update(item_, {"2", "b", "y"}, {"2", "b", "x"});
  const TableChanges changes = Only();
  ASSERT_THAT(changes.deletes, SizeIs(1));
  EXPECT_EQ(ValuesOf(changes.deletes[0]).at(0), "1");
  EXPECT_THAT(List(changes.inserts), ElementsAre(Values{"2", "b", "x"}));
  EXPECT_THAT(changes.updates, IsEmpty());
}

TEST_F(ChangeMergerTest, WithoutAKeyEveryChangeStaysInOrder) {
  const model::TablePtr visit = Share(MakeTable("visit", {"page"}, {}));
  Insert(visit, {"a"});
  Insert(visit, {"a"});
  Delete(visit, {"a"});
  Update(visit, {"a"}, {"b"});
  EXPECT_THAT(List(Only().ordered), ElementsAre(Change{{}, {"a"}}, Change{{}, {"a"}},
                                                Change{{"a"}, {}}, Change{{"a"}, {"b"}}));
}

TEST_F(ChangeMergerTest, AWholeUniqueKeyIdentifiesRowsOnlyWhereNeverNull) {
  model::Table table = MakeTable("coded", {"code", "note"}, {}, {{0}});
  const model::TablePtr nullable = Share(table);
  Update(nullable, {"1", "x"}, {"1", "y"});
  EXPECT_THAT(Only().ordered, SizeIs(1));
  table.columns[0].nullable = false;
  const model::TablePtr coded = Share(table);
  Update(coded, {"1", "x"}, {"1", "y"});
  EXPECT_THAT(Only().updates, SizeIs(1));
}

TEST_F(ChangeMergerTest, KeysOfEveryKindOfCellAreToldApart) {
  const model::TablePtr table = Share(MakeTable("t", {"a", "b"}, {0, 1}));
  const model::Cell rows[][2] = {
      {model::Cell::Int(1), model::Cell::Int(-1)},
      {model::Cell::Int(-1), model::Cell::Int(1)},
      {model::Cell::Uint(1), model::Cell::Int(-1)},
      {model::Cell::Text("1"), model::Cell::Int(-1)},
      {model::Cell::Bytes("1"), model::Cell::Int(1)},
      {model::Cell::Text(""), model::Cell::Bytes("")},
  };
  for (const auto& row : rows) {
    model::ChangeEvent event;
    event.kind = ChangeKind::kInsert;
    event.table = table.get();
    event.after = row;
    EXPECT_TRUE(merger_->Add(event, table).ok());
  }
  EXPECT_THAT(Only().inserts, SizeIs(std::size(rows)));
}

// Cascades.

class CascadeTest : public ChangeMergerTest {
 protected:
  CascadeTest() {
    model::Table orders = MakeTable("orders", {"id", "customer_id"}, {0});
    orders.foreign_keys = {MakeKey("customer_id", "customer", "id", ReferenceAction::kCascade,
                                   ReferenceAction::kCascade)};
    orders_ = Share(orders);
    model::Table line = MakeTable("line", {"id", "order_id"}, {0});
    line.foreign_keys = {
        MakeKey("order_id", "orders", "id", ReferenceAction::kCascade, ReferenceAction::kRestrict)};
    line_ = Share(line);
    auto graph = std::make_shared<ForeignKeyGraph>();
    graph->children[customer_->name].push_back({orders_, orders_->foreign_keys[0]});
    graph->children[orders_->name].push_back({line_, line_->foreign_keys[0]});
    merger_->SetGraph(graph);
  }

  model::TablePtr customer_ = Share(MakeTable("customer", {"id", "name"}, {0}));
  model::TablePtr orders_, line_;
};

TEST_F(CascadeTest, ADeletedParentTakesItsChildrenAlong) {
  Delete(customer_, {"1", "x"});
  Delete(customer_, {"2", "x"});
  const std::vector<ChangeSegment> segments = merger_->Take();
  ASSERT_THAT(segments, SizeIs(1));
  ASSERT_THAT(segments[0].cascades, SizeIs(1));
  EXPECT_EQ(segments[0].cascades[0].parent, customer_);
  EXPECT_THAT(List(segments[0].cascades[0].rows),
              ElementsAre(Change{{"1", "x"}, {}}, Change{{"2", "x"}, {}}));
  EXPECT_NE(segments[0].graph, nullptr);
}

TEST_F(CascadeTest, AParentThatIsNotWrittenTakesItsChildrenAlong) {
  model::ChangeEvent event;
  event.kind = ChangeKind::kDelete;
  event.table = customer_.get();
  event.keys_act = true;
  event.before = Keep(Values{"1", "x"}, arena_);
  EXPECT_TRUE(merger_->AddUnwritten(event, customer_).ok());
  EXPECT_EQ(merger_->rows(), 1u);
  const std::vector<ChangeSegment> segments = merger_->Take();
  ASSERT_THAT(segments, SizeIs(1));
  EXPECT_THAT(segments[0].cascades, SizeIs(1));
  EXPECT_THAT(segments[0].tables, IsEmpty());
}

TEST_F(CascadeTest, OnlyWhatAKeyActsOnCascades) {
  Insert(customer_, {"1", "x"});
  Update(customer_, {"2", "x"}, {"2", "y"});  // not a column that is referred to
  Update(orders_, {"5", "1"}, {"6", "1"});    // referred to, but ON UPDATE RESTRICT
  Delete(line_, {"7", "5"});                  // nobody's parent
  Delete(customer_, {"3", "x"}, /*keys_act=*/false);
  const std::vector<ChangeSegment> segments = merger_->Take();
  ASSERT_THAT(segments, SizeIs(1));
  EXPECT_THAT(segments[0].cascades, IsEmpty());
  Update(customer_, {"2", "y"}, {"9", "y"});
  EXPECT_THAT(merger_->Take().at(0).cascades, SizeIs(1));
}

TEST_F(CascadeTest, ATouchedDescendantClosesTheSegment) {
  Insert(line_, {"7", "5"});  // a grandchild
  Delete(customer_, {"1", "x"});
  Insert(customer_, {"1", "again"});
  const std::vector<ChangeSegment> segments = merger_->Take();
  ASSERT_THAT(segments, SizeIs(2));
  EXPECT_THAT(segments[0].cascades, IsEmpty());
  EXPECT_EQ(segments[0].tables.at(0).table, line_);
  EXPECT_THAT(segments[1].cascades, SizeIs(1));
  EXPECT_EQ(segments[1].tables.at(0).table, customer_);
}

TEST_F(CascadeTest, WhatFollowsACascadeStaysInItsSegment) {
  Delete(customer_, {"1", "x"});
  Insert(orders_, {"5", "2"});
  EXPECT_THAT(merger_->Take(), SizeIs(1));
}

TEST_F(CascadeTest, ATableThatActsOnItselfClosesASegmentEachTime) {
  model::Table tree = MakeTable("tree", {"id", "parent_id"}, {0});
  tree.foreign_keys = {
      MakeKey("parent_id", "tree", "id", ReferenceAction::kCascade, ReferenceAction::kRestrict)};
  const model::TablePtr shared = Share(tree);
  auto graph = std::make_shared<ForeignKeyGraph>();
  graph->children[shared->name].push_back({shared, shared->foreign_keys[0]});
  merger_->SetGraph(graph);
  Delete(shared, {"1", {}});
  Delete(shared, {"2", {}});
  EXPECT_THAT(merger_->Take(), SizeIs(2));
}

TEST_F(CascadeTest, KeysThatJoinLaterDoNotActOnWhatWasBefore) {
  auto first = std::make_shared<ForeignKeyGraph>();
  first->children[customer_->name].push_back({orders_, orders_->foreign_keys[0]});
  auto second = std::make_shared<ForeignKeyGraph>(*first);
  second->children[orders_->name].push_back({line_, line_->foreign_keys[0]});
  merger_->SetGraph(first);
  Delete(customer_, {"1", "x"});
  merger_->SetGraph(second);
  Delete(customer_, {"2", "x"});
  merger_->SetGraph(std::make_shared<ForeignKeyGraph>(*second));  // the same again
  Delete(customer_, {"3", "x"});
  const std::vector<ChangeSegment> segments = merger_->Take();
  ASSERT_THAT(segments, SizeIs(2));
  EXPECT_EQ(segments[0].graph, first);
  EXPECT_THAT(segments[0].cascades.at(0).rows, SizeIs(1));
  EXPECT_FALSE(segments[1].graph->children.at(orders_->name).empty());
  EXPECT_THAT(segments[1].cascades.at(0).rows, SizeIs(2));
}

TEST_F(CascadeTest, WithoutAGraphNothingCascades) {
  merger_->SetGraph(nullptr);
  Delete(customer_, {"1", "x"});
  EXPECT_THAT(merger_->Take().at(0).cascades, IsEmpty());
}

}  // namespace
}  // namespace godwit::pipeline
