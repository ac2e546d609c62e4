#include "pipeline/partial_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model_database.h"
#include "pipeline/change_merger.h"

namespace godwit::pipeline {
namespace {

using connector::ApplyMode;
using connector::TableChanges;
using model::ChangeKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kAbsent;
using testing::Keep;
using testing::MakeTable;
using testing::Values;
using testing::ValuesOf;

using Change = std::pair<Values, Values>;
constexpr auto kStrict = ApplyMode::kStrict;
constexpr auto kIdempotent = ApplyMode::kIdempotent;

class PartialRunTest : public ::testing::Test {
 protected:
  base::Status Add(ChangeKind kind, const Values& before, const Values& after) {
    model::ChangeEvent event;
    event.kind = kind;
    event.table = item_.get();
    for (const Values* values : {&before, &after})
      event.partial = event.partial || std::count(values->begin(), values->end(), kAbsent) > 0;
    if (!before.empty()) event.before = Keep(before, arena_);
    if (!after.empty()) event.after = Keep(after, arena_);
    return merger_->Add(event, item_);
  }
  void Insert(const Values& row) { EXPECT_TRUE(Add(ChangeKind::kInsert, {}, row).ok()); }
  void Update(const Values& before, const Values& after) {
    EXPECT_TRUE(Add(ChangeKind::kUpdate, before, after).ok());
  }
  void Delete(const Values& row) { EXPECT_TRUE(Add(ChangeKind::kDelete, row, {}).ok()); }

  TableChanges Take() {
    segments_ = merger_->Take();
    return segments_.at(0).tables.at(0);
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
  const model::TablePtr item_ = std::make_shared<const model::Table>(
      MakeTable("item", {"id", "shelf", "note", "price"}, {0}, {{1}}));
  std::optional<ChangeMerger> merger_{kStrict};
  std::vector<connector::ChangeSegment> segments_;
};

TEST_F(PartialRunTest, UpdatesOfARowAddUp) {
  Update({"1", kAbsent, kAbsent, kAbsent}, {"1", kAbsent, "x", kAbsent});
  Update({"1", kAbsent, kAbsent, kAbsent}, {"1", kAbsent, kAbsent, "9"});
  Update({"1", kAbsent, kAbsent, kAbsent}, {"1", kAbsent, "y", kAbsent});
  const TableChanges changes = Take();
  EXPECT_TRUE(changes.partial);
  EXPECT_THAT(List(changes.partial_updates),
              ElementsAre(Change{{"1", kAbsent, kAbsent, kAbsent}, {"1", kAbsent, "y", "9"}}));
  EXPECT_THAT(changes.claims, IsEmpty());
}

TEST_F(PartialRunTest, ARowInsertedInTheRunIsWhole) {
  Insert({"1", "a", "x", kAbsent});
  Update({"1", kAbsent, kAbsent, kAbsent}, {"1", "b", kAbsent, kAbsent});
  Update({"1", kAbsent, kAbsent, kAbsent}, {"2", kAbsent, kAbsent, kAbsent});
  const TableChanges changes = Take();
  EXPECT_THAT(List(changes.inserts), ElementsAre(Values{"2", "b", "x", kAbsent}));
  EXPECT_THAT(changes.deletes, IsEmpty());
  EXPECT_THAT(changes.claims, IsEmpty());
}

TEST_F(PartialRunTest, DeletedAndInsertedAgainItHasItsDefaults) {
  Delete({"1", kAbsent, kAbsent, kAbsent});
  Insert({"1", "a", kAbsent, kAbsent});
  const TableChanges changes = Take();
  EXPECT_THAT(List(changes.deletes), ElementsAre(Values{"1", kAbsent, kAbsent, kAbsent}));
  EXPECT_THAT(List(changes.inserts), ElementsAre(Values{"1", "a", kAbsent, kAbsent}));
}

TEST_F(PartialRunTest, UniqueValuesAreTakenInTurn) {
  Update({"1", kAbsent, kAbsent, kAbsent}, {"1", {}, kAbsent, kAbsent});
  Update({"3", kAbsent, kAbsent, kAbsent}, {"3", kAbsent, "x", kAbsent});
  Update({"2", kAbsent, kAbsent, kAbsent}, {"2", "a", kAbsent, kAbsent});
  Update({"1", kAbsent, kAbsent, kAbsent}, {"1", "b", kAbsent, kAbsent});
  const TableChanges changes = Take();
  const Values one{"1", kAbsent, kAbsent, kAbsent}, two{"2", kAbsent, kAbsent, kAbsent};
  EXPECT_THAT(List(changes.claims), ElementsAre(Change{one, {"1", {}, kAbsent, kAbsent}},
                                                Change{two, {"2", "a", kAbsent, kAbsent}},
                                                Change{one, {"1", "b", kAbsent, kAbsent}}));
  EXPECT_THAT(List(changes.partial_updates),
              ElementsAre(Change{{"3", kAbsent, kAbsent, kAbsent}, {"3", kAbsent, "x", kAbsent}}));
}

TEST_F(PartialRunTest, ARowThatMovedAndWentIsDeletedWhereItWas) {
  Update({"1", kAbsent, kAbsent, kAbsent}, {"2", kAbsent, kAbsent, kAbsent});
  Insert({"1", "a", "x", "9"});
  Delete({"2", kAbsent, kAbsent, kAbsent});
  Insert({"2", "b", "x", "9"});
  const TableChanges changes = Take();
  EXPECT_THAT(List(changes.deletes), ElementsAre(Values{"1", kAbsent, kAbsent, kAbsent}));
  EXPECT_THAT(List(changes.inserts),
              ElementsAre(Values{"1", "a", "x", "9"}, Values{"2", "b", "x", "9"}));
  EXPECT_THAT(changes.claims, IsEmpty());
}

TEST_F(PartialRunTest, AWholeImageMakesARowWhole) {
  Update({"1", kAbsent, kAbsent, kAbsent}, {"2", kAbsent, kAbsent, kAbsent});
  Update({"2", "a", "x", "9"}, {"2", "b", "x", "9"});
  const TableChanges changes = Take();
  EXPECT_THAT(List(changes.deletes), ElementsAre(Values{"1", kAbsent, kAbsent, kAbsent}));
  EXPECT_THAT(List(changes.inserts), ElementsAre(Values{"2", "b", "x", "9"}));
  EXPECT_THAT(changes.claims, IsEmpty());
}

TEST_F(PartialRunTest, WhatWasMergedBeforeIsTakenOver) {
  Insert({"1", "a", "x", "9"});
  Update({"2", "b", "x", "9"}, {"2", "b", "y", "9"});
  Delete({"3", "c", "x", "9"});
  Update({"2", kAbsent, kAbsent, kAbsent}, {"2", kAbsent, kAbsent, "8"});
  const TableChanges changes = Take();
  EXPECT_THAT(List(changes.inserts), ElementsAre(Values{"1", "a", "x", "9"}));
  EXPECT_THAT(List(changes.updates),
              ElementsAre(Change{{"2", "b", "x", "9"}, {"2", "b", "y", "8"}}));
  EXPECT_THAT(List(changes.deletes), ElementsAre(Values{"3", "c", "x", "9"}));
}

TEST_F(PartialRunTest, AheadOfTheLogAKeyMayNotChange) {
  merger_.emplace(kIdempotent);
  const base::Status moved =
      Add(ChangeKind::kUpdate, {"1", kAbsent, kAbsent, kAbsent}, {"2", kAbsent, kAbsent, kAbsent});
  EXPECT_TRUE(absl::IsFailedPrecondition(moved));
  EXPECT_THAT(std::string(moved.message()), HasSubstr("binlog_row_image=FULL"));
  merger_.emplace(kIdempotent,
                  [](const model::TableName&) { return ChangeMerger::Standing{.exact = true}; });
  Update({"1", kAbsent, kAbsent, kAbsent}, {"2", kAbsent, kAbsent, kAbsent});
  EXPECT_THAT(Take().claims, ::testing::SizeIs(1));
}

TEST_F(PartialRunTest, ARowThatIsYetToMoveIsNotDeletedForOneInItsPlace) {
  const auto exact = [](const model::TableName&) { return ChangeMerger::Standing{.exact = true}; };
  const Values one{"1", kAbsent, kAbsent, kAbsent}, two{"2", kAbsent, kAbsent, kAbsent};
  merger_.emplace(kIdempotent, exact);
  Update(one, two);
  Insert({"1", "a", "x", "9"});
  TableChanges changes = Take();
  EXPECT_THAT(List(changes.claims), ElementsAre(Change{one, two}));
  EXPECT_THAT(List(changes.inserts), ElementsAre(Values{"1", "a", "x", "9"}));
  EXPECT_THAT(changes.deletes, IsEmpty());
  merger_.emplace(kIdempotent, exact);
  Update(one, two);
  Insert({"1", "a", "x", "9"});
  Delete(one);
  changes = Take();
  EXPECT_THAT(List(changes.claims), ElementsAre(Change{one, two}));
  EXPECT_THAT(changes.inserts, IsEmpty());
  EXPECT_THAT(changes.deletes, IsEmpty());
}

TEST_F(PartialRunTest, AheadOfTheLogWholeRowsAreWritten) {
  merger_.emplace(kIdempotent);
  Insert({"1", "a", kAbsent, kAbsent});
  Delete({"2", kAbsent, kAbsent, kAbsent});
  Update({"3", kAbsent, kAbsent, kAbsent}, {"3", kAbsent, "x", kAbsent});
  const TableChanges changes = Take();
  EXPECT_THAT(List(changes.inserts), ElementsAre(Values{"1", "a", kAbsent, kAbsent}));
  EXPECT_THAT(changes.deletes, ::testing::SizeIs(1));
  EXPECT_THAT(changes.partial_updates, ::testing::SizeIs(1));
}

// Another row was here before, and this one's coming is not known, as it has gone on since.
TEST_F(PartialRunTest, AheadOfTheLogARowThatIsNotKnownIsLeftToWhatComes) {
  merger_.emplace(kIdempotent, [](const model::TableName&) {
    return ChangeMerger::Standing{.looked_up = true};
  });
  Update({"3", kAbsent, kAbsent, kAbsent}, {"3", kAbsent, "x", kAbsent});
  Update({"1", "a", "x", "9"}, {"2", "a", "x", "9"});
  Update({"1", kAbsent, kAbsent, kAbsent}, {"1", kAbsent, "y", kAbsent});
  EXPECT_EQ(merger_->left_to_log(), 1u);
  const TableChanges changes = Take();
  EXPECT_THAT(List(changes.inserts), ElementsAre(Values{"2", "a", "x", "9"}));
  EXPECT_THAT(changes.deletes, ::testing::SizeIs(1));
  EXPECT_THAT(changes.partial_updates, ::testing::SizeIs(1));
}

// Where no row was looked up, the log has it wrong.
TEST_F(PartialRunTest, AheadOfTheLogAnUpdateOfARowThatIsGoneIsSaid) {
  const Values row{"1", kAbsent, kAbsent, kAbsent};
  for (const bool exact : {false, true}) {
    merger_.emplace(kIdempotent, [&](const model::TableName&) {
      return ChangeMerger::Standing{.exact = exact, .looked_up = exact};
    });
    Delete(row);
    EXPECT_TRUE(absl::IsDataLoss(Add(ChangeKind::kUpdate, row, {"1", kAbsent, "x", kAbsent})));
    EXPECT_EQ(merger_->left_to_log(), 0u);
  }
}

TEST_F(PartialRunTest, AnUpdateOfARowThatIsGoneIsSaid) {
  Delete({"1", kAbsent, kAbsent, kAbsent});
  EXPECT_TRUE(absl::IsDataLoss(
      Add(ChangeKind::kUpdate, {"1", kAbsent, kAbsent, kAbsent}, {"1", kAbsent, "x", kAbsent})));
}

// Cascades.

TEST_F(PartialRunTest, WhatFollowsByAColumnThatIsNotThereIsSaid) {
  auto graph = std::make_shared<connector::ForeignKeyGraph>();
  const auto child = std::make_shared<const model::Table>(MakeTable("child", {"id", "shelf"}, {0}));
  graph->children[item_->name].push_back(
      {child, testing::MakeKey("shelf", "item", "shelf", model::ReferenceAction::kCascade,
                               model::ReferenceAction::kCascade)});
  merger_->SetGraph(graph);
  const Values lacking{"1", kAbsent, kAbsent, kAbsent};
  for (const base::Status& status :
       {Add(ChangeKind::kDelete, lacking, {}),
        Add(ChangeKind::kUpdate, lacking, {"1", "b", kAbsent, kAbsent})}) {
    EXPECT_TRUE(absl::IsFailedPrecondition(status));
    EXPECT_THAT(std::string(status.message()), HasSubstr("column shelf"));
  }
  Update(lacking, {"1", kAbsent, "x", kAbsent});
  Delete({"2", "c", kAbsent, kAbsent});
  EXPECT_THAT(merger_->Take().at(0).cascades, ::testing::SizeIs(1));
}

}  // namespace
}  // namespace godwit::pipeline
