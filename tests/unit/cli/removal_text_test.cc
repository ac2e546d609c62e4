#include "cli/text/removal_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/report_json.h"

namespace godwit::cli {
namespace {

using server::Removal;
using server::RemovalOutcome;
using testing::ElementsAre;

Removal Removed() {
  Removal removal;
  removal.phase = connector::TaskPhase::kStreaming;
  removal.source = {
      RemovalOutcome::kRemoved, {"replication slot godwit_shop", "publication godwit_shop"}, {}};
  removal.target = {RemovalOutcome::kRemoved,
                    {"the task's state in schema godwit"},
                    {"schema godwit: it holds other tables"}};
  removal.state_dir = {RemovalOutcome::kNothing, {}, {}};
  return removal;
}

TEST(RemovalText, EachThingThatWasRemovedIsALine) {
  EXPECT_THAT(RemovalLines(server::RemovalJson("shop", Removed())),
              ElementsAre("source: removed replication slot godwit_shop",
                          "source: removed publication godwit_shop",
                          "target: removed the task's state in schema godwit",
                          "target: left schema godwit: it holds other tables",
                          "state directory: nothing to remove",
                          "shop: removed; its tables on the target stay"));
}

TEST(RemovalText, WhatWasOnlyLookedAtIsNotSaidToBeRemoved) {
  Removal removal = Removed();
  removal.status = base::FailedPrecondition("not ended");
  removal.source = {RemovalOutcome::kUnknown, {}, {"no answer"}};
  removal.target = {RemovalOutcome::kWouldRemove, {"the task's state"}, {}};
  removal.state_dir = {};
  EXPECT_THAT(RemovalLines(server::RemovalJson("shop", removal)),
              ElementsAre("source: unknown: no answer", "target: would remove the task's state"));
}

TEST(RemovalText, WhereThereWasNothingThatIsSaid) {
  Removal removal;
  removal.source.outcome = RemovalOutcome::kLeftOut;
  removal.target.outcome = removal.state_dir.outcome = RemovalOutcome::kNothing;
  EXPECT_THAT(
      RemovalLines(server::RemovalJson("shop", removal)),
      ElementsAre("source: left out, as it is gone", "target: nothing to remove",
                  "state directory: nothing to remove", "shop: there was nothing to remove"));
}

TEST(RemovalText, JsonHoldsEveryStepAndTheError) {
  Removal removal = Removed();
  Json all = server::RemovalJson("shop", removal);
  EXPECT_EQ(all["task"], "shop");
  EXPECT_EQ(all["phase"], "streaming");
  EXPECT_EQ(all["removed"], true);
  EXPECT_TRUE(all["error"].is_null());
  EXPECT_EQ(all["source"]["outcome"], "removed");
  EXPECT_EQ(all["source"]["what"][1], "publication godwit_shop");
  EXPECT_EQ(all["target"]["left"].size(), 1u);
  EXPECT_EQ(all["state_dir"], Json::parse(R"({"outcome": "nothing", "what": [], "left": []})"));

  removal.phase.reset();
  removal.status = base::Unavailable("away");
  removal.target = {};
  all = server::RemovalJson("shop", removal);
  EXPECT_TRUE(all["phase"].is_null());
  EXPECT_EQ(all["removed"], false);
  EXPECT_EQ(all["error"], "away");
  EXPECT_EQ(all["target"]["outcome"], "not-reached");
}

}  // namespace
}  // namespace godwit::cli
