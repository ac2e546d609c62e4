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

// Transactions `from` to `upto` as one group. The rows live in `arena`.
std::vector<connector::ChangeSegment> Merge(const Log& log, uint64_t from, uint64_t upto,
                                            ApplyMode mode, base::Arena& arena) {
  ChangeMerger merger(mode);
  merger.SetGraph(GraphOf(log));
  for (uint64_t n = from; n <= upto; ++n) {
    for (const Log::RowEvent& row : log.transaction(n).rows) {
      model::ChangeEvent event;
      event.kind = row.kind;
      event.table = row.table.get();
      event.keys_act = row.keys_act;
      if (!row.before.empty()) event.before = Keep(row.before, arena);
      if (!row.after.empty()) event.after = Keep(row.after, arena);
      merger.Add(event, row.table);
    }
  }
  return merger.Take();
}

uint64_t ApplyMerged(const Log& log, uint64_t from, uint64_t upto, ApplyMode mode,
                     Database& database) {
  base::Arena arena;
  return Apply(Merge(log, from, upto, mode, arena), mode, database);
}

// No part may be in another's way, whichever comes first.
TEST(MergedHistoriesTest, PartsOfGroupsInAnyOrderGiveTheStatesOfTheSource) {
  size_t most_used = 0;
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    std::mt19937_64 random(seed);
    Log log = testing::MakeShop(random, seed % 4 != 0);
    testing::AddHistory(log, random, 1 + random() % 12, 5);
    Database target = log.state(0);
    for (uint64_t done = 0; done < log.end();) {
      const uint64_t upto = std::min<uint64_t>(log.end(), done + 1 + random() % 5);
      base::Arena arena;
      const auto parts = DivideByConflict(Merge(log, done + 1, upto, ApplyMode::kStrict, arena),
                                          static_cast<int>(1 + random() % 4));
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

TEST(MergedHistoriesTest, StrictGroupsOfAnySizeGiveTheStatesOfTheSource) {
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    std::mt19937_64 random(seed);
    Log log = testing::MakeShop(random, seed % 4 != 0);
    testing::AddHistory(log, random, 1 + random() % 12, 5);
    Database target = log.state(0);
    for (uint64_t done = 0; done < log.end();) {
      const uint64_t upto = std::min<uint64_t>(log.end(), done + 1 + random() % 5);
      const uint64_t drifted = ApplyMerged(log, done + 1, upto, ApplyMode::kStrict, target);
      ASSERT_EQ(drifted, 0u) << testing::Story(log, done + 1, upto) << "seed " << seed;
      ASSERT_EQ(ToText(target), ToText(log.state(upto)))
          << testing::Story(log, done + 1, upto) << "seed " << seed;
      done = upto;
    }
  }
}

// Rows of keyed tables, each as it was at some moment of the history, become what they are at its
// end.
TEST(MergedHistoriesTest, IdempotentGroupsEndWhereTheSourceIs) {
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
    for (uint64_t done = 0; done < log.end();) {
      const uint64_t upto = std::min<uint64_t>(log.end(), done + 1 + random() % 5);
      ApplyMerged(log, done + 1, upto, ApplyMode::kIdempotent, target);
      done = upto;
    }
    ASSERT_EQ(ToText(target), ToText(log.now())) << "seed " << seed;
  }
}

}  // namespace
}  // namespace godwit::pipeline
