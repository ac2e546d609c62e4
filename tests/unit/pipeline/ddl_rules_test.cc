#include "pipeline/ddl_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::pipeline {
namespace {

using config::DdlOptions;
using config::DdlPolicy;
using connector::DdlAction;
using model::DdlKind;
using ::testing::HasSubstr;

model::DdlChange Change(std::vector<DdlKind> kinds, bool by_alter = false) {
  model::DdlChange change;
  change.kinds = std::move(kinds);
  change.by_alter = by_alter;
  return change;
}

TEST(DdlRules, ThePolicyIsForWhatHasNoRule) {
  DdlOptions rules{DdlPolicy::kIgnore, {{DdlKind::kDropTable, DdlPolicy::kReplicate}}};
  EXPECT_EQ(OrderFor(rules, Change({DdlKind::kCreateTable})).action, DdlAction::kIgnore);
  EXPECT_EQ(OrderFor(rules, Change({DdlKind::kDropTable})).action, DdlAction::kExecute);
  EXPECT_EQ(OrderFor(rules, Change({})).action, DdlAction::kExecute);
}

TEST(DdlRules, WithinAlterTableItsRuleStandsBeforeThePolicy) {
  DdlOptions rules{DdlPolicy::kReplicate, {{DdlKind::kAlterTable, DdlPolicy::kIgnore}}};
  EXPECT_EQ(OrderFor(rules, Change({DdlKind::kCreateIndex}, true)).action, DdlAction::kIgnore);
  EXPECT_EQ(OrderFor(rules, Change({DdlKind::kCreateIndex})).action, DdlAction::kExecute);
}

TEST(DdlRules, OneStopIsEnough) {
  DdlOptions rules{DdlPolicy::kIgnore, {{DdlKind::kDropColumn, DdlPolicy::kStop}}};
  const auto order = OrderFor(rules, Change({DdlKind::kAddColumn, DdlKind::kDropColumn}, true));
  EXPECT_EQ(order.action, DdlAction::kStop);
  EXPECT_THAT(order.why, HasSubstr("drop_column: stop"));
}

TEST(DdlRules, NothingIsExecutedInPart) {
  DdlOptions rules{DdlPolicy::kReplicate, {{DdlKind::kDropColumn, DdlPolicy::kIgnore}}};
  const auto order = OrderFor(rules, Change({DdlKind::kAddColumn, DdlKind::kDropColumn}, true));
  EXPECT_EQ(order.action, DdlAction::kStop);
  EXPECT_THAT(order.why, HasSubstr("never executed in part"));
}

TEST(DdlRules, ANewNameIsNotIgnored) {
  DdlOptions rules{DdlPolicy::kIgnore, {}};
  model::DdlChange rename = Change({DdlKind::kRenameTable});
  rename.effects.push_back({.table = {"s", "b"}, .renamed_from = {"s", "a"}});
  EXPECT_EQ(OrderFor(rules, rename).action, DdlAction::kStop);
}

}  // namespace
}  // namespace godwit::pipeline
