// What every store keeps, whatever it is made of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <thread>

#include "etcd_server.h"
#include "places.h"
#include "store/store.h"

namespace godwit::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Changes = std::vector<Watch::Change>;

constexpr std::chrono::seconds kTtl(1);
constexpr std::chrono::milliseconds kSoon(100), kLong(10'000);

class StoreContract : public testing::TestWithParam<std::unique_ptr<Place> (*)()> {
 protected:
  std::optional<std::string> ValueOf(const std::string& key) {
    auto entry = *store_.Get(key);
    return entry ? std::optional(entry->value) : std::nullopt;
  }
  std::vector<std::string> Keys(std::string_view prefix) {
    const Snapshot snapshot = *store_.Range(prefix);
    std::vector<std::string> keys;
    for (const Entry& entry : snapshot.entries) keys.push_back(entry.key);
    return keys;
  }
  Revision Now() { return store_.Range("none")->revision; }
  // The next `count` changes.
  static Changes Take(Watch& watch, size_t count) {
    Changes all;
    while (all.size() < count) {
      auto some = watch.Next(kLong);
      if (!some.ok() || some->empty()) {
        ADD_FAILURE() << "after " << all.size() << " changes: " << some.status();
        break;
      }
      all.insert(all.end(), some->begin(), some->end());
    }
    return all;
  }

  const std::unique_ptr<Place> place_ = GetParam()();
  Store& store_ = place_->store();
};

TEST_P(StoreContract, ValuesAreKeptByKey) {
  EXPECT_EQ(ValueOf("task/shop"), std::nullopt);
  ASSERT_TRUE(store_.Put("task/shop", "one").ok());
  ASSERT_TRUE(store_.Put("task/shop", "two").ok());
  EXPECT_EQ(ValueOf("task/shop"), "two");

  const std::string bytes("a\0b\xff", 4);
  ASSERT_TRUE(store_.Put("task/bytes", bytes).ok());
  EXPECT_EQ(ValueOf("task/bytes"), bytes);
  ASSERT_TRUE(store_.Put("task/empty", "").ok());
  EXPECT_EQ(ValueOf("task/empty"), "");

  ASSERT_TRUE(store_.Put("tasks", "not below task/").ok());
  ASSERT_TRUE(store_.Put("task", "not below task/").ok());
  ASSERT_TRUE(store_.Put("task/\xff\xff", "the last of its prefix").ok());
  EXPECT_THAT(Keys("task/"), ElementsAre("task/bytes", "task/empty", "task/shop", "task/\xff\xff"));
  EXPECT_THAT(Keys("task/\xff"), ElementsAre("task/\xff\xff"));
  EXPECT_THAT(Keys("no"), IsEmpty());
  EXPECT_THAT(Keys(""), SizeIs(6));

  ASSERT_TRUE(store_.Delete("task/shop").ok());
  ASSERT_TRUE(store_.Delete("task/shop").ok());
  EXPECT_EQ(ValueOf("task/shop"), std::nullopt);
}

TEST_P(StoreContract, ATransactionIsAllOrNothing) {
  const Revision before = Now();
  auto first = store_.Commit({{{"a", 0}, {"b", 0}}, {{"a", "1"}, {"b", "1"}}});
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_GT(*first, before);
  EXPECT_EQ((*store_.Get("a"))->changed, *first);
  EXPECT_EQ((*store_.Get("b"))->changed, *first);
  EXPECT_EQ(store_.Range("a")->revision, *first);

  ASSERT_TRUE(store_.Put("a", "1").ok());  // the same value is a change
  auto stale = store_.Commit({{{"b", *first}, {"a", *first}}, {{"a", "2"}, {"b", "2"}}});
  EXPECT_TRUE(absl::IsAborted(stale.status())) << stale.status();
  auto there = store_.Commit({{{"b", 0}}, {{"b", std::nullopt}}});
  EXPECT_TRUE(absl::IsAborted(there.status())) << there.status();
  EXPECT_EQ(ValueOf("a"), "1");
  EXPECT_EQ(ValueOf("b"), "1");

  auto second = store_.Commit({{{"b", *first}, {"c", 0}}, {{"a", "2"}, {"b", std::nullopt}}});
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_THAT(Keys(""), ElementsAre("a"));
  // A key that went and came back is another one.
  ASSERT_TRUE(store_.Put("b", "1").ok());
  EXPECT_TRUE(absl::IsAborted(store_.Commit({{{"b", *first}}, {{"b", "2"}}}).status()));

  const Revision last = Now();
  EXPECT_EQ(*store_.Commit({{}, {{"none", std::nullopt}}}), last);
  EXPECT_EQ(*store_.Commit({{{"none", 0}}, {}}), last);
  EXPECT_EQ(Now(), last);
}

TEST_P(StoreContract, ATransactionHasItsLimits) {
  Transaction transaction;
  for (size_t i = 0; i < kMostOperations; ++i) {
    transaction.conditions.push_back({"k/" + std::to_string(i), 0});
    transaction.writes.push_back({"k/" + std::to_string(i), "v"});
  }
  EXPECT_TRUE(store_.Commit(transaction).ok());
  transaction.conditions.clear();
  transaction.writes.push_back({"k/one more", "v"});
  EXPECT_TRUE(absl::IsInvalidArgument(store_.Commit(transaction).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      store_.Commit({{}, {{"twice", "1"}, {"once", "1"}, {"twice", std::nullopt}}}).status()));
  EXPECT_THAT(Keys(""), SizeIs(kMostOperations));
}

TEST_P(StoreContract, ARangeIsWholeAndOfOneMoment) {
  constexpr int kBatches = 20;
  std::map<std::string, std::string> expected;
  for (int batch = 0; batch < kBatches; ++batch) {
    Transaction transaction;
    for (size_t i = 0; i < kMostOperations; ++i) {
      const std::string key = fmt::format("k/{}/{}", i, batch);
      transaction.writes.push_back({key, std::string(i * 20, 'v')});
      expected[key] = std::string(i * 20, 'v');
    }
    ASSERT_TRUE(store_.Commit(transaction).ok());
  }
  std::map<std::string, std::string> found;
  const Snapshot snapshot = *store_.Range("k/");
  for (const Entry& entry : snapshot.entries) found[entry.key] = entry.value;
  EXPECT_EQ(snapshot.entries.size(), expected.size());
  EXPECT_EQ(found, expected);
  EXPECT_TRUE(std::is_sorted(snapshot.entries.begin(), snapshot.entries.end(),
                             [](const Entry& a, const Entry& b) { return a.key < b.key; }));

  // And of one moment, whatever is written meanwhile at both of its ends.
  std::jthread writer([&](std::stop_token stop) {
    for (int i = 0; !stop.stop_requested(); ++i) {
      const std::string value = std::to_string(i);
      ASSERT_TRUE(place_->other().Commit({{}, {{"k/", value}, {"k/~", value}}}).ok());
    }
  });
  std::set<std::string> values;
  while (values.size() < 5) {
    const Snapshot moving = *store_.Range("k/");
    const Entry &first = moving.entries.front(), &last = moving.entries.back();
    if (last.key != "k/~") continue;  // not yet
    EXPECT_EQ(first.value, last.value);
    EXPECT_EQ(first.changed, last.changed);
    EXPECT_LE(last.changed, moving.revision);
    values.insert(first.value);
  }
}

TEST_P(StoreContract, AWatchTellsEachChangeOnceAndInOrder) {
  std::mt19937 random(7);
  ASSERT_TRUE(store_.Put("k/0", "from before").ok());
  const Revision begin = Now();
  auto early = *store_.WatchFrom("k/", begin);
  std::map<Revision, size_t> sizes;  // of the transactions that the watch is to tell of
  Changes expected;
  std::map<std::string, bool> is_there{{"k/0", true}};
  for (int i = 0; i < 60; ++i) {
    Transaction transaction{{}, {{"other", std::to_string(i)}}};
    for (int key = 0; key < 5; ++key) {
      if (random() % 2 == 0) continue;
      const bool goes = random() % 3 == 0;
      transaction.writes.push_back(
          {"k/" + std::to_string(key), goes ? std::nullopt : std::optional(std::to_string(i))});
    }
    const Revision revision = *(i % 2 == 0 ? store_ : place_->other()).Commit(transaction);
    for (const Write& write : transaction.writes) {
      if (write.key == "other" || (!write.value && !is_there[write.key])) continue;
      is_there[write.key] = write.value.has_value();
      expected.push_back({{write.key, write.value.value_or(""), revision}, !write.value});
      ++sizes[revision];
    }
  }
  for (const Revision after : {begin, expected[expected.size() / 2].entry.changed}) {
    auto late = after == begin ? std::move(early) : *store_.WatchFrom("k/", after);
    Changes rest;
    for (const auto& change : expected) {
      if (change.entry.changed > after) rest.push_back(change);
    }
    Changes told;
    while (told.size() < rest.size()) {
      auto some = late->Next(kLong);
      ASSERT_TRUE(some.ok()) << some.status();
      ASSERT_FALSE(some->empty());
      std::map<Revision, size_t> parts;
      for (const auto& change : *some) ++parts[change.entry.changed];
      for (const auto& [revision, size] : parts) EXPECT_EQ(size, sizes[revision]) << revision;
      told.insert(told.end(), some->begin(), some->end());
      EXPECT_GE(late->revision(), told.back().entry.changed);
    }
    EXPECT_EQ(told, rest);
    auto none = late->Next(kSoon);
    ASSERT_TRUE(none.ok()) << none.status();
    EXPECT_THAT(*none, IsEmpty());
  }
}

TEST_P(StoreContract, AWatchWaitsForWhatAnotherWrites) {
  auto watch = *store_.WatchFrom("k/", Now());
  std::jthread writer([&] {
    std::this_thread::sleep_for(kSoon);
    EXPECT_TRUE(place_->other().Put("k/1", "v").ok());
  });
  const auto begin = std::chrono::steady_clock::now();
  const Changes told = Take(*watch, 1);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kLong);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].entry.value, "v");
}

TEST_P(StoreContract, AWatchIsCancelledFromAnotherThread) {
  auto watch = *store_.WatchFrom("k/", Now());
  std::jthread canceller([&] {
    std::this_thread::sleep_for(kSoon);
    watch->Cancel();
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(absl::IsCancelled(watch->Next(kLong).status()));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kLong);
  EXPECT_TRUE(absl::IsCancelled(watch->Next(kLong).status()));
}

TEST_P(StoreContract, AWatchOfWhatIsForgottenSaysSo) {
  const Revision begin = Now();
  ASSERT_TRUE(store_.Put("k/1", "v").ok());
  ASSERT_TRUE(store_.Put("k/2", "v").ok());
  place_->Forget();
  auto watch = *store_.WatchFrom("k/", begin);
  EXPECT_TRUE(absl::IsOutOfRange(watch->Next(kLong).status()));
  // What has been read anew goes on.
  watch = *store_.WatchFrom("k/", Now());
  ASSERT_TRUE(store_.Put("k/3", "v").ok());
  EXPECT_EQ(Take(*watch, 1)[0].entry.key, "k/3");
}

TEST_P(StoreContract, WhatIsWrittenWithALeaseGoesWhenItEnds) {
  const LeaseId lease = *store_.Grant(kTtl), lasting = *store_.Grant(kTtl * 100);
  ASSERT_NE(lease, kNoLease);
  ASSERT_TRUE(place_->other()
                  .Commit({{},
                           {{"k/1", "v", lease},
                            {"k/2", "v", lease},
                            {"k/3", "v", lease},
                            {"k/4", "v", lease},
                            {"k/5", "v", lasting}}})
                  .ok());
  EXPECT_EQ((*store_.Get("k/1"))->lease, lease);
  // What is written again holds to its new lease, or to none.
  ASSERT_TRUE(store_.Commit({{}, {{"k/3", "v", lasting}, {"k/4", "v"}}}).ok());
  auto watch = *store_.WatchFrom("k/", Now());

  for (int i = 0; i < 3; ++i) {
    place_->Pass(std::chrono::milliseconds(kTtl) / 2);
    ASSERT_TRUE(store_.KeepAlive(lease).ok()) << i;
  }
  EXPECT_THAT(Keys("k/"), SizeIs(5));
  EXPECT_THAT(*watch->Next(std::chrono::milliseconds(0)), IsEmpty());

  place_->Pass(kTtl);
  const Changes told = *watch->Next(kLong);
  ASSERT_THAT(told, SizeIs(2));
  EXPECT_EQ(told[0], (Watch::Change{{"k/1", "", Now()}, true}));
  EXPECT_EQ(told[1], (Watch::Change{{"k/2", "", Now()}, true}));
  EXPECT_THAT(Keys("k/"), ElementsAre("k/3", "k/4", "k/5"));
  EXPECT_TRUE(absl::IsNotFound(store_.KeepAlive(lease)));
  EXPECT_TRUE(absl::IsNotFound(place_->other().KeepAlive(lease)));
  EXPECT_TRUE(store_.Revoke(lease).ok());
  auto late = store_.Commit({{}, {{"k/4", "late"}, {"k/6", "late", lease}}});
  EXPECT_TRUE(absl::IsNotFound(late.status())) << late.status();
  EXPECT_EQ(ValueOf("k/4"), "v");
  EXPECT_TRUE(absl::IsAborted(store_.Commit({{{"k/4", 0}}, {{"k/6", "v", lease}}}).status()));
  EXPECT_TRUE(store_.KeepAlive(lasting).ok());
}

TEST_P(StoreContract, ALeaseIsRevoked) {
  const LeaseId lease = *store_.Grant(kTtl * 100);
  ASSERT_TRUE(store_.Commit({{}, {{"k/1", "v", lease}, {"k/2", "v", lease}}}).ok());
  auto watch = *place_->other().WatchFrom("k/", Now());
  ASSERT_TRUE(place_->other().Revoke(lease).ok());
  EXPECT_THAT(Keys("k/"), IsEmpty());
  EXPECT_THAT(*watch->Next(kLong), SizeIs(2));
  EXPECT_TRUE(absl::IsNotFound(store_.KeepAlive(lease)));
  EXPECT_TRUE(store_.Revoke(lease).ok());
  EXPECT_NE(*store_.Grant(kTtl), lease);
}

TEST_P(StoreContract, ComparingWritersLoseNothing) {
  constexpr int kThreads = 8, kEach = 15;
  auto watch = *store_.WatchFrom("counter", Now());
  {
    std::vector<std::jthread> threads;
    threads.reserve(kThreads);
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        Store& store = t % 2 == 0 ? store_ : place_->other();
        for (int done = 0; done < kEach;) {
          const auto entry = *store.Get("counter");
          const int next = entry ? std::stoi(entry->value) + 1 : 1;
          auto committed = store.Commit(
              {{{"counter", entry ? entry->changed : 0}}, {{"counter", std::to_string(next)}}});
          ASSERT_TRUE(committed.ok() || absl::IsAborted(committed.status())) << committed.status();
          done += committed.ok() ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(ValueOf("counter"), std::to_string(kThreads * kEach));
  int last = 0;
  for (const auto& change : Take(*watch, kThreads * kEach)) {
    EXPECT_EQ(change.entry.value, std::to_string(++last));
  }
}

INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, testing::Values(&MakeMemoryPlace));
INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract, testing::Values(&MakeSqlitePlace));
INSTANTIATE_TEST_SUITE_P(Etcd, StoreContract, testing::Values(&MakeEtcdPlace));

}  // namespace
}  // namespace godwit::store
