// What becomes of the store when etcd is killed, frozen, compacted or in part away.
#include "store/etcd_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "etcd_server.h"

namespace godwit::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::MatchesRegex;

std::unique_ptr<Store> Open(std::vector<std::string> endpoints, milliseconds timeout = seconds(3)) {
  return *EtcdStore::Open({std::move(endpoints), "/godwit/v1/", timeout});
}

// Expects that `call` finds nobody, and says so within the time.
template <typename Call>
void ExpectAway(milliseconds within, Call call) {
  const auto begin = steady_clock::now();
  const base::Status status = call();
  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_LE(took, within);
}

base::Status StatusOf(const base::Status& status) { return status; }
template <typename T>
base::Status StatusOf(const base::StatusOr<T>& result) {
  return result.status();
}

// Calls again while the store is away, for as long as an election may take.
template <typename Call>
auto AtLast(Call call) {
  const auto deadline = std::chrono::steady_clock::now() + seconds(30);
  auto result = call();
  while (absl::IsUnavailable(StatusOf(result)) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(milliseconds(50));
    result = call();
  }
  return result;
}

TEST(EtcdStore, AnEndpointIsAUrl) {
  for (const char* bad : {"", "http://", "http://host", "https://host", "host:port",
                          "http://host:2379/v3", "unix:///socket"}) {
    auto store = EtcdStore::Open({{bad}});
    EXPECT_TRUE(absl::IsInvalidArgument(store.status())) << bad;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(EtcdStore::Open({}).status()));
  EXPECT_TRUE(EtcdStore::Open({{"http://host:2379", "http://[::1]:2379/", "host:2379"}}).ok());
  EXPECT_TRUE(EtcdStore::Open({{"https://host:2379"}}).ok());
}

TEST(EtcdStore, NobodyThereIsUnavailable) {
  auto store = Open({"http://127.0.0.1:1", "http://127.0.0.1:2"}, milliseconds(300));
  ExpectAway(milliseconds(1500), [&] { return store->Get("k").status(); });
  const base::Status status = store->Put("k", "v");
  EXPECT_THAT(status.ToString(),
              MatchesRegex(".*127.0.0.1:1: .*refused.*; 127.0.0.1:2: .*refused"));
}

// Makes keys of its own, one after the other; what it has not been told of it asks again.
void WriteKeys(Store& store, int writer, const std::atomic<bool>& is_over,
               std::set<std::string>& written) {
  for (int i = 0; !is_over; ++i) {
    const std::string key = fmt::format("w/{}/{:06}", writer, i);
    bool is_unknown = false;
    while (true) {
      const base::Status status = store.Commit({{{key, 0}}, {{key, key}}}).status();
      if (status.ok()) break;
      if (absl::IsAborted(status)) {
        // It was there before: a write is made twice only by who has been told of neither.
        EXPECT_TRUE(is_unknown) << status;
        break;
      }
      ASSERT_TRUE(absl::IsUnavailable(status)) << status;
      is_unknown = true;
    }
    written.insert(key);
  }
}

TEST(EtcdStore, NothingIsLostWhenItIsKilled) {
  constexpr int kWriters = 4, kKills = 3;
  EtcdServer server;
  auto store = Open(server.endpoints());
  const Revision begin = store->Range("")->revision;
  std::atomic<bool> is_over = false;
  std::vector<std::set<std::string>> written(kWriters);
  std::vector<Watch::Change> told;
  int watches = 0;
  {
    std::vector<std::jthread> writers;
    writers.reserve(kWriters);
    for (int i = 0; i < kWriters; ++i) {
      writers.emplace_back([&, i] { WriteKeys(*store, i, is_over, written[i]); });
    }
    std::atomic<Revision> last = 0;  // that the watch has to see, once it is known
    std::jthread watcher([&] {
      Revision seen = begin;
      while (last == 0 || seen < last) {
        auto watch = store->WatchFrom("w/", seen);
        ++watches;
        while (watch.ok() && (last == 0 || seen < last)) {
          auto changes = (*watch)->Next(milliseconds(50));
          if (!changes.ok()) {
            EXPECT_TRUE(absl::IsUnavailable(changes.status())) << changes.status();
            break;
          }
          told.insert(told.end(), changes->begin(), changes->end());
          seen = (*watch)->revision();
        }
      }
    });
    for (int i = 0; i < kKills; ++i) {
      std::this_thread::sleep_for(milliseconds(300));
      server.Kill(0);
      server.Start(0);
      ASSERT_TRUE(AtLast([&] { return store->Get("k").status(); }).ok());
    }
    std::this_thread::sleep_for(milliseconds(300));
    is_over = true;
    writers.clear();
    auto range = store->Range("w/");
    ASSERT_TRUE(range.ok()) << range.status();
    last = range->revision;
  }
  EXPECT_GT(watches, kKills);
  std::set<std::string> all;
  for (auto& keys : written) all.merge(keys);
  EXPECT_GT(all.size(), 100u);
  std::set<std::string> there, told_keys;
  const Snapshot snapshot = *store->Range("w/");
  for (const Entry& entry : snapshot.entries) there.insert(entry.key);
  EXPECT_EQ(there, all);
  Revision before = begin;
  for (const auto& change : told) {
    EXPECT_GT(change.entry.changed, before);
    before = change.entry.changed;
    EXPECT_TRUE(told_keys.insert(change.entry.key).second) << change.entry.key;
  }
  EXPECT_EQ(told_keys, all);
}

TEST(EtcdStore, CompactionPassesByWhatIsRead) {
  EtcdServer server;
  auto store = Open(server.endpoints());
  for (int batch = 0; batch < 20; ++batch) {
    Transaction transaction;
    for (size_t i = 0; i < kMostOperations; ++i) {
      transaction.writes.push_back({fmt::format("k/{}/{}", batch, i), "v"});
    }
    ASSERT_TRUE(store->Commit(transaction).ok());
  }
  auto live = *store->WatchFrom("w/", store->Range("none")->revision);
  auto late = *store->WatchFrom("w/", 1);
  std::atomic<bool> is_over = false;
  int writes = 0;
  {
    std::jthread compactor([&] {
      for (; !is_over; ++writes) {
        auto revision = store->Commit({{}, {{"w/" + std::to_string(writes), "v"}}});
        ASSERT_TRUE(revision.ok()) << revision.status();
        server.Compact(*revision);
      }
    });
    for (int i = 0; i < 10; ++i) {
      auto range = store->Range("k/");
      if (range.ok()) {
        EXPECT_EQ(range->entries.size(), 20 * kMostOperations);
      } else {
        EXPECT_TRUE(absl::IsUnavailable(range.status())) << range.status();
      }
    }
    is_over = true;
  }
  // A watch that keeps up loses nothing.
  for (int told = 0; told < writes;) {
    auto changes = live->Next(seconds(5));
    ASSERT_TRUE(changes.ok() && !changes->empty()) << changes.status() << " after " << told;
    told += static_cast<int>(changes->size());
  }
  // One that begins anew where nothing is kept any more says so.
  late = *store->WatchFrom("w/", 2);
  const base::Status status = late->Next(seconds(5)).status();
  EXPECT_TRUE(absl::IsOutOfRange(status)) << status;
  EXPECT_TRUE(absl::IsOutOfRange(late->Next(seconds(5)).status()));
}

TEST(EtcdStore, AFrozenOneIsAway) {
  EtcdServer server({1, {"--grpc-keepalive-min-time=500ms"}});
  const milliseconds timeout(200), within(1500);
  auto store = *EtcdStore::Open(
      {server.endpoints(), "/godwit/v1/", timeout, {}, "", "", milliseconds(1000)});
  ASSERT_TRUE(AtLast([&] { return store->Put("k", "v"); }).ok());
  const LeaseId lease = *store->Grant(seconds(100));
  auto watch = *store->WatchFrom("k", store->Range("none")->revision);
  server.Freeze(0);
  EXPECT_TRUE(watch->Next(milliseconds(50))->empty());
  ExpectAway(within, [&] { return store->Get("k").status(); });
  ExpectAway(within, [&] { return store->Range("").status(); });
  ExpectAway(within, [&] { return store->Commit({{}, {{"k", "late"}}}).status(); });
  ExpectAway(within, [&] { return store->WatchFrom("k", 1).status(); });
  ExpectAway(within, [&] { return store->Grant(seconds(100)).status(); });
  ExpectAway(within, [&] { return store->KeepAlive(lease); });
  ExpectAway(within, [&] { return store->Revoke(lease + 1); });
  // By gRPC's own asking whether the other side is there.
  ExpectAway(seconds(5), [&] { return watch->Next(seconds(20)).status(); });
  server.Thaw(0);
  EXPECT_TRUE(AtLast([&] { return store->KeepAlive(lease); }).ok());
  EXPECT_TRUE(AtLast([&] { return store->Put("k", "v"); }).ok());
}

// What ends the watch, which tells of nothing that was not there before.
base::Status EndOf(Watch& watch) {
  base::Status status;
  for (int i = 0; i < 20 && status.ok(); ++i) status = watch.Next(milliseconds(500)).status();
  return status;
}

TEST(EtcdStore, AnotherMemberIsAsked) {
  EtcdServer server(3);
  const auto urls = server.endpoints();
  auto store = Open(urls, seconds(1)), first = Open({urls[0]}), last = Open({urls[2]});
  ASSERT_TRUE(AtLast([&] { return store->Put("k", "0"); }).ok());
  const Revision start = AtLast([&] { return first->Range("none"); })->revision;
  auto watch = *AtLast([&] { return first->WatchFrom("k", start); });
  // Whichever is asked is frozen: another answers.
  for (size_t i = 0; i < urls.size(); ++i) {
    server.Freeze(i);
    EXPECT_TRUE(AtLast([&] { return store->Get("k").status(); }).ok()) << i;
    EXPECT_TRUE(AtLast([&] { return store->Put("k", "1"); }).ok()) << i;
    server.Thaw(i);
  }
  auto changes = watch->Next(seconds(5));
  if (absl::IsUnavailable(changes.status())) {  // the member was without a leader for long
    watch = *AtLast([&] { return first->WatchFrom("k", start); });
    changes = watch->Next(seconds(5));
  }
  ASSERT_TRUE(changes.ok() && !changes->empty()) << changes.status();

  // A member dies: a watch of it ends, and goes on at another.
  server.Kill(0);
  base::Status status = EndOf(*watch);
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  ASSERT_TRUE(AtLast([&] { return store->Put("k", "2"); }).ok());
  watch = *AtLast([&] { return last->WatchFrom("k", watch->revision()); });
  std::string value;
  while (value != "2") {
    changes = watch->Next(seconds(5));
    ASSERT_TRUE(changes.ok() && !changes->empty()) << changes.status();
    value = changes->back().entry.value;
  }

  // Without a majority nothing is written, and a watch knows that it may miss what others see.
  server.Kill(1);
  ExpectAway(seconds(2), [&] { return store->Put("k", "3"); });
  ExpectAway(seconds(2), [&] { return store->Get("k").status(); });
  status = EndOf(*watch);
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  server.Start(1);
  ASSERT_TRUE(AtLast([&] { return store->Put("k", "4"); }).ok());
  EXPECT_EQ((*AtLast([&] { return last->Get("k"); }))->value, "4");
}

}  // namespace
}  // namespace godwit::store
