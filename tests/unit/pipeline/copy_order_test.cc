#include "pipeline/copy_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes.h"

namespace godwit::pipeline {
namespace {

using model::ReferenceAction;
using ::testing::IsEmpty;
using testing::MakeKey;
using testing::MakeTable;
using ::testing::UnorderedElementsAre;

constexpr auto kCascade = ReferenceAction::kCascade, kRestrict = ReferenceAction::kRestrict;

model::TableName Name(std::string table) { return {"shop", std::move(table)}; }

// A table `name` with a key to each of `parents` that acts on deletes.
model::Table Child(const std::string& name, const std::vector<std::string>& parents,
                   ReferenceAction on_delete = kCascade) {
  model::Table table = MakeTable(name, {"id", "other"}, {0});
  for (const std::string& parent : parents)
    table.foreign_keys.push_back(MakeKey("other", parent, "id", on_delete, kRestrict));
  return table;
}

std::map<model::TableName, std::set<model::TableName>> OrderOf(
    const std::vector<model::Table>& list) {
  testing::Log log;
  for (const model::Table& table : list) log.AddTable(table);
  testing::FakeSource source(log, 1, 0);
  std::vector<connector::TableState> states;
  for (const auto& [name, statement] : log.definitions(0)) {
    connector::TableState& state = states.emplace_back();
    state.name = name;
    state.definition = statement;
  }
  return CopiedBefore(*TaskTables::Make(source, states));
}

TEST(CopyOrderTest, OnlyActionsAct) {
  using enum ReferenceAction;
  for (ReferenceAction action : {kCascade, kSetNull, kSetDefault}) {
    EXPECT_TRUE(Acts(MakeKey("a", "p", "id", action, kRestrict)));
    EXPECT_TRUE(Acts(MakeKey("a", "p", "id", kRestrict, action)));
  }
  EXPECT_FALSE(Acts(MakeKey("a", "p", "id", kRestrict, kNoAction)));
}

TEST(CopyOrderTest, ATableThatActsOnItselfIsReadAtOnce) {
  EXPECT_TRUE(NeedsOneSnapshot(Child("tree", {"tree"})));
  EXPECT_FALSE(NeedsOneSnapshot(Child("tree", {"tree"}, kRestrict)));
  EXPECT_FALSE(NeedsOneSnapshot(Child("leaf", {"tree"})));
}

TEST(CopyOrderTest, ParentsOfKeysThatActComeFirst) {
  const auto order = OrderOf({MakeTable("customer", {"id"}, {0}), Child("orders", {"customer"}),
                              Child("line", {"orders"})});
  EXPECT_THAT(order, UnorderedElementsAre(
                         std::pair(Name("orders"), std::set<model::TableName>{Name("customer")}),
                         std::pair(Name("line"), std::set<model::TableName>{Name("orders")})));
}

TEST(CopyOrderTest, KeysThatOnlyForbidOrderNothing) {
  EXPECT_THAT(OrderOf({Child("a", {}), Child("b", {"a"}, kRestrict), Child("c", {"b"}, kRestrict)}),
              IsEmpty());
}

TEST(CopyOrderTest, RingsAreCut) {
  // However many tables lead back to themselves, some table waits for none.
  const auto order = OrderOf(
      {Child("a", {"c"}), Child("b", {"a"}), Child("c", {"b"}), Child("self", {"self", "a"})});
  size_t free = 0;
  for (const char* name : {"a", "b", "c"}) free += !order.contains(Name(name));
  EXPECT_GE(free, 1u);
  ASSERT_TRUE(order.contains(Name("self")));
  EXPECT_THAT(order.at(Name("self")), UnorderedElementsAre(Name("a")));
}

}  // namespace
}  // namespace godwit::pipeline
