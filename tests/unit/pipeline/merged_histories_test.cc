// Random histories, merged, give the same rows as their changes one by one.

#include <gtest/gtest.h>

#include <numeric>

#include "histories.h"
#include "pipeline/change_merger.h"
#include "pipeline/group_parts.h"

namespace godwit::pipeline {
namespace {

using connector::ApplyMode;
using testing::Database;
using testing::Keep;
using testing::Log;
using testing::ToText;

std::shared_ptr<const connector::ForeignKeyGraph> GraphOf(const Log& log) {
  auto graph = std::make_shared<connector::ForeignKeyGraph>();
  for (const auto& [name, statement] : log.definitions(0)) {
    const model::TablePtr table = log.Table(statement);
    for (const model::ForeignKey& key : table->foreign_keys)
      graph->children[key.parent].push_back({table, key});
  }
  return graph;
}

// Applies segments to `database`; gives the rows that were not as expected.
uint64_t Apply(const std::vector<connector::ChangeSegment>& segments, ApplyMode mode,
               Database& database) {
  uint64_t drifted = 0;
  for (const connector::ChangeSegment& segment : segments) {
    auto result = testing::ApplySegment(database, segment, mode, true);
    EXPECT_TRUE(result.ok()) << result.status();
    if (result.ok()) drifted += result->drifted_rows;
  }
  return drifted;
}

// How much of each row the log has.
enum class Images { kWhole, kPartial };

// Leaves columns out of a change's rows as servers do: of an inserted row those that have their
// defaults; of an update and a delete all but the row's identity from the row before, and those
// that have not changed from the row after. Some sessions log more, some everything.
void LeaveOut(const model::Table& table, std::mt19937_64& random, testing::Values& before,
              testing::Values& after) {
  const std::vector<int> identity = table.RowIdentity();
  if (random() % 4 == 0) return;
  const bool much = random() % 2 == 0;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const bool identifies = identity.empty() || std::count(identity.begin(), identity.end(), i) > 0;
    if (before.empty()) {
      const bool key = !identity.empty() && identifies;
      if (!key && after[i] == testing::kDefault) after[i] = testing::kAbsent;
      continue;
    }
    if (identifies || (!much && random() % 2 == 0)) continue;  // known before, and so after
    if (!after.empty() && before[i] == after[i] && random() % 3 != 0) after[i] = testing::kAbsent;
    before[i] = testing::kAbsent;
  }
}

// Transactions `from` to `upto` as one group. The rows live in `arena`.
base::StatusOr<std::vector<connector::ChangeSegment>> Merge(const Log& log, uint64_t from,
                                                            uint64_t upto, ApplyMode mode,
                                                            Images images, base::Arena& arena,
                                                            bool unique_keys = true) {
  std::mt19937_64 random(from * 1000 + upto);
  ChangeMerger merger(mode, [&](const model::TableName&) {
    return ChangeMerger::Standing{.exact = false, .unique_keys_wait = !unique_keys};
  });
  merger.SetGraph(GraphOf(log));
  for (uint64_t n = from; n <= upto; ++n) {
    for (const Log::RowEvent& row : log.transaction(n).rows) {
      testing::Values before = row.before, after = row.after;
      if (images == Images::kPartial) LeaveOut(*row.table, random, before, after);
      model::ChangeEvent event;
      event.kind = row.kind;
      event.table = row.table.get();
      event.keys_act = row.keys_act;
      event.partial = before != row.before || after != row.after;
      if (!before.empty()) event.before = Keep(before, arena);
      if (!after.empty()) event.after = Keep(after, arena);
      GODWIT_RETURN_IF_ERROR(merger.Add(event, row.table));
    }
  }
  return merger.Take();
}

// kFailedPrecondition where the changes cannot be applied for want of columns.
base::StatusOr<uint64_t> ApplyMerged(const Log& log, uint64_t from, uint64_t upto, ApplyMode mode,
                                     Images images, Database& database, bool unique_keys = true) {
  base::Arena arena;
  GODWIT_ASSIGN_OR_RETURN(const std::vector<connector::ChangeSegment> segments,
                          Merge(log, from, upto, mode, images, arena, unique_keys));
  uint64_t drifted = 0;
  for (const connector::ChangeSegment& segment : segments) {
    GODWIT_ASSIGN_OR_RETURN(const connector::ApplyResult result,
                            testing::ApplySegment(database, segment, mode, unique_keys));
    drifted += result.drifted_rows;
  }
  return drifted;
}

class MergedHistoriesTest : public ::testing::TestWithParam<Images> {};

INSTANTIATE_TEST_SUITE_P(, MergedHistoriesTest, ::testing::Values(Images::kWhole, Images::kPartial),
                         [](const auto& images) {
                           return images.param == Images::kWhole ? "WholeRows" : "PartialRows";
                         });

// No part may be in another's way, whichever comes first.
TEST_P(MergedHistoriesTest, PartsOfGroupsInAnyOrderGiveTheStatesOfTheSource) {
  size_t most_used = 0;
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    std::mt19937_64 random(seed);
    Log log = testing::MakeShop(random, seed % 4 != 0);
    testing::AddHistory(log, random, 1 + random() % 12, 5);
    Database target = log.state(0);
    for (uint64_t done = 0; done < log.end();) {
      const uint64_t upto = std::min<uint64_t>(log.end(), done + 1 + random() % 5);
      base::Arena arena;
      const auto merged = Merge(log, done + 1, upto, ApplyMode::kStrict, GetParam(), arena);
      ASSERT_TRUE(merged.ok()) << merged.status();
      const auto parts = DivideByConflict(*merged, static_cast<int>(1 + random() % 4));
      std::vector<size_t> order(parts.size());
      std::iota(order.begin(), order.end(), 0);
      std::shuffle(order.begin(), order.end(), random);
      size_t used = 0;
      for (size_t part : order) {
        used += std::any_of(parts[part].begin(), parts[part].end(),
                            [](const auto& segment) { return !segment.tables.empty(); });
        ASSERT_EQ(Apply(parts[part], ApplyMode::kStrict, target), 0u)
            << testing::Story(log, done + 1, upto) << "seed " << seed;
      }
      ASSERT_EQ(ToText(target), ToText(log.state(upto)))
          << testing::Story(log, done + 1, upto) << "seed " << seed;
      most_used = std::max(most_used, used);
      done = upto;
    }
  }
  EXPECT_EQ(most_used, 4u);
}

TEST_P(MergedHistoriesTest, StrictGroupsOfAnySizeGiveTheStatesOfTheSource) {
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    std::mt19937_64 random(seed);
    Log log = testing::MakeShop(random, seed % 4 != 0);
    testing::AddHistory(log, random, 1 + random() % 12, 5);
    Database target = log.state(0);
    for (uint64_t done = 0; done < log.end();) {
      const uint64_t upto = std::min<uint64_t>(log.end(), done + 1 + random() % 5);
      const auto drifted = ApplyMerged(log, done + 1, upto, ApplyMode::kStrict, GetParam(), target);
      ASSERT_TRUE(drifted.ok()) << drifted.status() << testing::Story(log, done + 1, upto)
                                << "seed " << seed;
      ASSERT_EQ(*drifted, 0u) << testing::Story(log, done + 1, upto) << "seed " << seed;
      ASSERT_EQ(ToText(target), ToText(log.state(upto)))
          << testing::Story(log, done + 1, upto) << "seed " << seed;
      done = upto;
    }
  }
}

// Rows of keyed tables, each as it was at some moment of the history, become what they are at its
// end; or it is said that they cannot for want of columns, which a copy of one moment never needs.
TEST_P(MergedHistoriesTest, IdempotentGroupsEndWhereTheSourceIs) {
  int refused = 0;
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    std::mt19937_64 random(seed);
    Log log = testing::MakeShop(random, false);
    testing::AddHistory(log, random, 1 + random() % 12, 5);
    Database target;
    for (const auto& [name, statement] : log.definitions(0)) {
      const std::vector<int> identity = log.Table(statement)->RowIdentity();
      target[name];
      if (identity.empty()) continue;
      // Every key value read at a moment of its own, as by chunks of one row.
      for (int key = 0; key < 81; ++key) {
        const uint64_t moment = random() % (log.end() + 1);
        for (const testing::Values& row : log.state(moment).at(name)) {
          const bool composite = identity.size() == 2;
          if (std::stoi(*row[0]) * (composite ? 9 : 1) + (composite ? std::stoi(*row[1]) : 0) !=
              key)
            continue;
          testing::Rows& rows = target[name];
          if (testing::Find(rows, {0, 1}, row) == rows.end() || !composite) rows.insert(row);
        }
      }
    }
    const model::TableName keyless{"shop", "visit"};
    target[keyless] = log.state(0).at(keyless);
    base::Status status;
    // Where rows lack columns, unique keys are there only if that was not expected.
    const bool unique_keys = GetParam() == Images::kWhole || seed % 2 == 0;
    for (uint64_t done = 0; done < log.end() && status.ok();) {
      const uint64_t upto = std::min<uint64_t>(log.end(), done + 1 + random() % 5);
      status =
          ApplyMerged(log, done + 1, upto, ApplyMode::kIdempotent, GetParam(), target, unique_keys)
              .status();
      done = upto;
    }
    if (GetParam() == Images::kPartial && absl::IsFailedPrecondition(status)) {
      refused += unique_keys ? 0 : 1;
      continue;
    }
    ASSERT_TRUE(status.ok()) << status << "seed " << seed;
    ASSERT_EQ(ToText(target), ToText(log.now()))
        << testing::Story(log, 1, log.end()) << "seed " << seed;
  }
  EXPECT_LT(refused, 1000);
}

}  // namespace
}  // namespace godwit::pipeline
