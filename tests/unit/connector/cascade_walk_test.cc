#include "connector/cascade_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>

namespace godwit::connector {
namespace {

using model::Cell;
using model::ReferenceAction;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Rows = std::vector<std::vector<std::optional<std::string>>>;

KeyValue ToValue(const std::optional<std::string>& text) {
  return text ? KeyValue::Text(*text) : KeyValue::Null();
}

// Tables in memory, whose columns have the default "0".
class FakeTarget : public CascadeWriter {
 public:
  base::StatusOr<std::vector<KeyChange>> Write(const CascadeStep& step) override {
    ++writes;
    Rows& rows = tables[step.child().name.table];
    std::vector<KeyChange> changes;
    Rows left;
    for (auto row : rows) {
      const bool spared = std::ranges::any_of(
          step.spared, [&](const KeyValues& values) { return ToValue(row[0]) == values[0]; });
      const bool found = !spared && std::ranges::any_of(step.parents, [&](const KeyChange& parent) {
        return std::ranges::all_of(step.columns, [&](const auto& column) {
          return ToValue(row[column.child]) == parent.before[column.parent];
        });
      });
      if (!found) {
        left.push_back(row);
        continue;
      }
      KeyChange& change = changes.emplace_back();
      change.before = Read(step, row);
      if (step.deletes()) continue;
      for (const auto& column : step.columns) {
        if (!step.Sets(column)) continue;
        const KeyValue value = step.NewValue(column);
        row[column.child] = value.kind == KeyValue::Kind::kText      ? std::optional(value.text)
                            : value.kind == KeyValue::Kind::kDefault ? std::optional("0")
                                                                     : std::nullopt;
      }
      change.after = Read(step, row);
      left.push_back(row);
    }
    rows = left;
    if (!step.read) changes.clear();
    return changes;
  }

  std::map<std::string, Rows> tables;
  int writes = 0;

 private:
  static KeyValues Read(const CascadeStep& step, const Rows::value_type& row) {
    KeyValues values(row.size());
    for (const size_t c : step.read.value_or(std::set<size_t>())) values[c] = ToValue(row[c]);
    return values;
  }
};

class CascadeWalkTest : public ::testing::Test {
 protected:
  // A table of these columns.
  std::shared_ptr<model::Table> Make(const std::string& name,
                                     const std::vector<std::string>& columns) {
    auto table = std::make_shared<model::Table>();
    table->name = {"shop", name};
    for (const std::string& column : columns) table->columns.emplace_back().name = column;
    table->primary_key = {0};
    return table;
  }

  ForeignKeyGraph::Edge& Refer(const model::TablePtr& child, std::vector<std::string> columns,
                               const model::TablePtr& parent, std::vector<std::string> to,
                               ReferenceAction on_delete, ReferenceAction on_update) {
    model::ForeignKey key{"fk",          std::move(columns), parent->name,
                          std::move(to), on_delete,          on_update};
    return graph_.children[parent->name].emplace_back(ForeignKeyGraph::Edge{child, key});
  }

  model::Row Row(const std::vector<std::optional<std::string>>& values) {
    auto& cells = cells_.emplace_back();
    for (const auto& value : values) {
      if (!value) {
        cells.push_back(Cell::Null());
      } else {
        cells.push_back(Cell::Text(texts_.emplace_back(*value)));
      }
    }
    return cells;
  }

  base::Status Walk(const Cascade& cascade) {
    const auto changes =
        KeyChangesOf(cascade, graph_, [](std::string& text, const Cell& cell, size_t) {
          text.append(cell.view());
          return base::OkStatus();
        });
    return WalkCascade(*cascade.parent, *changes, graph_, target_);
  }
  base::Status Delete(const model::TablePtr& parent,
                      std::vector<std::vector<std::optional<std::string>>> rows) {
    Cascade cascade{parent, {}};
    for (const auto& row : rows) cascade.rows.push_back({Row(row), {}});
    return Walk(cascade);
  }

  ForeignKeyGraph graph_;
  FakeTarget target_;
  std::deque<std::vector<Cell>> cells_;
  std::deque<std::string> texts_;
};

TEST_F(CascadeWalkTest, GenerationsFollowEachInItsWay) {
  const auto p = Make("p", {"id"}), c = Make("c", {"id", "p"}), g = Make("g", {"id", "c"}),
             n = Make("n", {"id", "c"});
  Refer(c, {"p"}, p, {"id"}, ReferenceAction::kCascade, ReferenceAction::kCascade);
  Refer(g, {"c"}, c, {"id"}, ReferenceAction::kCascade, ReferenceAction::kRestrict);
  Refer(n, {"c"}, c, {"id"}, ReferenceAction::kSetNull, ReferenceAction::kNoAction);
  target_.tables = {{"c", {{"10", "1"}, {"11", "1"}, {"20", "2"}, {"30", std::nullopt}}},
                    {"g", {{"100", "10"}, {"200", "20"}}},
                    {"n", {{"1", "11"}, {"2", "20"}}}};
  ASSERT_TRUE(Delete(p, {{"1"}, {"9"}}).ok());
  EXPECT_EQ(target_.tables["c"], (Rows{{"20", "2"}, {"30", std::nullopt}}));
  EXPECT_EQ(target_.tables["g"], (Rows{{"200", "20"}}));
  EXPECT_EQ(target_.tables["n"], (Rows{{"1", std::nullopt}, {"2", "20"}}));
  EXPECT_EQ(target_.writes, 3);  // both parents at once

  // That which others follow by stays as it is.
  ASSERT_TRUE(Walk({p, {{Row({"2"}), Row({"22"})}}}).ok());
  EXPECT_EQ(target_.tables["c"], (Rows{{"20", "22"}, {"30", std::nullopt}}));
  EXPECT_EQ(target_.tables["n"], (Rows{{"1", std::nullopt}, {"2", "20"}}));
}

TEST_F(CascadeWalkTest, ChangedParentsGoInTheirOrder) {
  const auto p = Make("p", {"id"}), c = Make("c", {"id", "p"});
  Refer(c, {"p"}, p, {"id"}, ReferenceAction::kSetDefault, ReferenceAction::kCascade);
  target_.tables["c"] = {{"1", "1"}, {"2", "2"}, {"3", "3"}};
  // Each takes the place of the one before; the last is deleted when it has got its own.
  ASSERT_TRUE(Walk({p,
                    {{Row({"3"}), Row({"4"})},
                     {Row({"2"}), Row({"3"})},
                     {Row({"1"}), Row({"2"})},
                     {Row({"3"}), {}}}})
                  .ok());
  EXPECT_EQ(target_.tables["c"], (Rows{{"1", "2"}, {"2", "0"}, {"3", "4"}}));
}

TEST_F(CascadeWalkTest, OfSeveralColumnsThoseThatChange) {
  const auto p = Make("p", {"a", "b"}), c = Make("c", {"id", "b", "a"});
  Refer(c, {"b", "a"}, p, {"b", "a"}, ReferenceAction::kSetNull, ReferenceAction::kCascade);
  target_.tables["c"] = {{"1", "y", "x"}, {"2", "y", "z"}, {"3", std::nullopt, "x"}};
  ASSERT_TRUE(Walk({p, {{Row({"x", "y"}), Row({"x", "Y"})}}}).ok());
  EXPECT_EQ(target_.tables["c"],
            (Rows{{"1", "Y", "x"}, {"2", "y", "z"}, {"3", std::nullopt, "x"}}));
  ASSERT_TRUE(Delete(p, {{"z", "y"}, {"x", std::nullopt}}).ok());
  EXPECT_EQ(target_.tables["c"][1], (Rows::value_type{"2", std::nullopt, std::nullopt}));
  EXPECT_EQ(target_.tables["c"][2], (Rows::value_type{"3", std::nullopt, "x"}));
}

TEST_F(CascadeWalkTest, TreesAndCirclesEnd) {
  const auto t = Make("t", {"id", "up"});
  Refer(t, {"up"}, t, {"id"}, ReferenceAction::kCascade, ReferenceAction::kRestrict);
  target_.tables["t"] = {{"2", "1"}, {"3", "2"}, {"4", "3"}, {"6", "5"}, {"1", "1"}};
  ASSERT_TRUE(Delete(t, {{"1", "1"}}).ok());
  EXPECT_EQ(target_.tables["t"], (Rows{{"6", "5"}, {"1", "1"}}));  // which the log deletes

  const auto a = Make("a", {"id", "b"}), b = Make("b", {"id", "a"});
  Refer(a, {"b"}, b, {"id"}, ReferenceAction::kCascade, ReferenceAction::kRestrict);
  Refer(b, {"a"}, a, {"id"}, ReferenceAction::kCascade, ReferenceAction::kRestrict);
  target_.tables["a"] = {{"1", "1"}, {"2", "1"}};
  target_.tables["b"] = {{"1", "1"}, {"2", "2"}, {"3", "3"}};
  ASSERT_TRUE(Delete(a, {{"1", "1"}}).ok());
  EXPECT_EQ(target_.tables["a"], (Rows{{"1", "1"}}));
  EXPECT_EQ(target_.tables["b"], (Rows{{"3", "3"}}));
}

TEST_F(CascadeWalkTest, WhatTheTargetLacksIsAnErrorWhereRowsAreFoundByIt) {
  const auto p = Make("p", {"id"}), c = Make("c", {"id", "p"}), g = Make("g", {"id", "c"});
  c->columns[1].left_out = true;
  Refer(c, {"p"}, p, {"id"}, ReferenceAction::kCascade, ReferenceAction::kCascade);
  // The value is left out anyway.
  EXPECT_TRUE(Walk({p, {{Row({"1"}), Row({"2"})}}}).ok());
  EXPECT_EQ(target_.writes, 0);
  const base::Status lacking = Delete(p, {{"1"}});
  EXPECT_TRUE(absl::IsFailedPrecondition(lacking));
  EXPECT_THAT(std::string(lacking.message()), HasSubstr("table shop.c lacks column p"));

  // A table that is not there, and that others follow.
  graph_.children.clear();
  Refer(c, {"p"}, p, {"id"}, ReferenceAction::kCascade, ReferenceAction::kRestrict).missing = true;
  Refer(g, {"c"}, c, {"id"}, ReferenceAction::kSetNull, ReferenceAction::kRestrict);
  EXPECT_TRUE(Walk({p, {{Row({"1"}), Row({"2"})}}}).ok());  // restricted
  const base::Status missing = Delete(p, {{"1"}});
  EXPECT_TRUE(absl::IsFailedPrecondition(missing));
  EXPECT_THAT(std::string(missing.message()), HasSubstr("rows of shop.g follow those"));
}

TEST_F(CascadeWalkTest, OnlyWhatIsNeededOfARowIsRead) {
  const auto p = Make("p", {"id", "code", "note"}), c = Make("c", {"id", "code"});
  Refer(c, {"code"}, p, {"code"}, ReferenceAction::kCascade, ReferenceAction::kCascade);
  std::vector<size_t> asked;
  const Cascade cascade{p, {{Row({"1", "a", "long"}), Row({"1", "b", "long"})}}};
  ASSERT_TRUE(KeyChangesOf(cascade, graph_, [&](std::string&, const Cell&, size_t column) {
                asked.push_back(column);
                return base::OkStatus();
              }).ok());
  EXPECT_THAT(asked, ElementsAre(0, 1, 0, 1));
  EXPECT_EQ(KeyChangesOf(cascade, graph_,
                         [](std::string&, const Cell&, size_t) {
                           return base::FailedPrecondition("no text");
                         })
                .status()
                .message(),
            "no text");
}

}  // namespace
}  // namespace godwit::connector
