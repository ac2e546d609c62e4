#include "wire/postgres/snapshot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace godwit::wire::postgres {
namespace {

Snapshot Parse(std::string_view text) {
  const auto snapshot = ParseSnapshot(text);
  EXPECT_TRUE(snapshot) << text;
  return snapshot.value_or(Snapshot{});
}

// What SeesAllOf says, found by trying: up to a number after which none is seen.
bool SeesAllByTrying(const Snapshot& a, const Snapshot& b) {
  for (FullXid xid = 0; xid <= std::max(a.xmax, b.xmax); ++xid) {
    if (b.Sees(xid) && !a.Sees(xid)) return false;
  }
  return true;
}

TEST(Snapshot, Text) {
  for (const char* text : {"745:745:", "745:760:745", "745:760:745,750",
                           "745:760:", "1:1:", "4294967295:4294967299:4294967295,4294967297",
                           "18446744073709551614:18446744073709551615:18446744073709551614"})
    EXPECT_EQ(Parse(text).ToString(), text);
  EXPECT_EQ(Parse("745:760:745,750"), (Snapshot{745, 760, {745, 750}}));
}

TEST(Snapshot, OfASlotThatSawNoCommitsOfLate) {
  const Snapshot snapshot = Parse("1260:1259:");
  EXPECT_EQ(snapshot, (Snapshot{1260, 1260, {}}));
  EXPECT_TRUE(snapshot.Sees(1259));
  EXPECT_FALSE(snapshot.Sees(1260));
}

TEST(Snapshot, OtherTextIsNone) {
  for (const char* text : {"",       ":",      "::",     "1:2",      "1::",
                           ":1:",    "0:1:",   "1:0:",   "2:1:1",    "1:2:3:",
                           "1:5:0",  "2:5:1",  "1:5:5",  "1:5:3,2",  "1:5:2,2",
                           "1:5:2,", "1:5:,2", "1:5:,",  "1:5:2,,3", "1:5:2 ",
                           " 1:5:2", "-1:5:",  "1:5:-2", "1:5:a",    "1:18446744073709551616:",
                           "1:5:2;3"})
    EXPECT_EQ(ParseSnapshot(text), std::nullopt) << text;
}

TEST(Snapshot, Sees) {
  const Snapshot snapshot = Parse("745:760:745,750");
  EXPECT_TRUE(snapshot.Sees(3));
  EXPECT_TRUE(snapshot.Sees(744));
  EXPECT_FALSE(snapshot.Sees(745));
  EXPECT_TRUE(snapshot.Sees(746));
  EXPECT_FALSE(snapshot.Sees(750));
  EXPECT_TRUE(snapshot.Sees(759));
  EXPECT_FALSE(snapshot.Sees(760));
  EXPECT_FALSE(snapshot.Sees(UINT64_MAX));
}

TEST(Snapshot, SeesAllOf) {
  struct Case {
    const char *a, *b;
    bool all;
  };
  for (const Case& c : {Case{"5:9:5", "5:9:5", true},
                        {"5:9:5", "5:9:5,7", true},
                        {"5:9:5,7", "5:9:5", false},
                        {"9:9:", "5:9:5", true},
                        {"5:9:5", "9:9:", false},
                        {"5:9:5", "5:12:5,9,10,11", true},  // the same, written in another way
                        {"5:9:5", "5:12:5,9,11", false},
                        {"5:9:5", "5:12:5,6,9,10", false},
                        {"5:9:5", "12:12:", false},
                        {"5:9:5", "4:7:4,5", true},
                        {"5:9:5", "4:4:", true},
                        {"7:9:7", "4:8:5", false}}) {
    EXPECT_EQ(Parse(c.a).SeesAllOf(Parse(c.b)), c.all) << c.a << " of " << c.b;
    EXPECT_EQ(SeesAllByTrying(Parse(c.a), Parse(c.b)), c.all) << c.a << " of " << c.b;
  }
}

TEST(Snapshot, SeesAllOfIsWhatSeesSays) {
  std::mt19937 random(7);
  const auto any = [&] {
    Snapshot snapshot;
    snapshot.xmin = 1 + random() % 6;
    snapshot.xmax = snapshot.xmin + random() % 6;
    for (FullXid xid = snapshot.xmin; xid < snapshot.xmax; ++xid) {
      if (random() % 2 == 0) snapshot.running.push_back(xid);
    }
    return snapshot;
  };
  for (int i = 0; i < 20'000; ++i) {
    const Snapshot a = any(), b = any();
    ASSERT_EQ(a.SeesAllOf(b), SeesAllByTrying(a, b)) << a.ToString() << " of " << b.ToString();
    ASSERT_EQ(Parse(a.ToString()), a);
  }
}

// A server that starts and ends transactions, and takes snapshots as GetSnapshotData does.
class Server {
 public:
  void Start() { running_.insert(next_++); }
  void End(size_t which) {
    if (running_.empty()) return;
    const auto ended = std::next(running_.begin(), static_cast<ptrdiff_t>(which % running_.size()));
    last_ended_ = std::max(last_ended_, *ended);
    running_.erase(ended);
  }
  Snapshot Take() const {
    Snapshot snapshot{.xmin = last_ended_ + 1, .xmax = last_ended_ + 1};
    for (const FullXid xid : running_) {
      if (xid >= snapshot.xmax) break;
      snapshot.running.push_back(xid);
    }
    if (!snapshot.running.empty()) snapshot.xmin = snapshot.running.front();
    return snapshot;
  }
  bool Ended(FullXid xid) const { return xid < next_ && !running_.contains(xid); }
  FullXid next() const { return next_; }

 private:
  FullXid next_ = 0xfffffff0;  // the epoch changes on the way
  FullXid last_ended_ = 0xffffffef;
  std::set<FullXid> running_;
};

TEST(Snapshot, OfOneServerFormAChain) {
  std::mt19937 random(11);
  Server server;
  std::vector<Snapshot> taken;
  for (int i = 0; i < 400; ++i) {
    if (random() % 2 == 0) {
      server.Start();
    } else {
      server.End(random());
    }
    taken.push_back(server.Take());
    for (FullXid xid = 0xffffffe0; xid < server.next() + 3; ++xid)
      ASSERT_EQ(taken.back().Sees(xid), server.Ended(xid)) << taken.back().ToString() << " " << xid;
  }
  for (size_t later = 0; later < taken.size(); ++later) {
    for (size_t earlier = 0; earlier <= later; ++earlier) {
      ASSERT_TRUE(taken[later].SeesAllOf(taken[earlier]))
          << taken[later].ToString() << " of " << taken[earlier].ToString();
      // Both ways only if nothing has ended between them.
      if (taken[earlier].SeesAllOf(taken[later])) {
        ASSERT_EQ(taken[earlier], taken[later]);
      }
    }
  }
}

TEST(FullXid, IsNear) {
  constexpr FullXid kEpoch = FullXid{1} << 32;
  EXPECT_EQ(FullXidNear(745, 745), 745u);
  EXPECT_EQ(FullXidNear(800, 745), 800u);
  EXPECT_EQ(FullXidNear(700, 745), 700u);
  EXPECT_EQ(FullXidNear(745, 3 * kEpoch + 800), 3 * kEpoch + 745);
  // Over the end of an epoch, both ways.
  EXPECT_EQ(FullXidNear(5, 3 * kEpoch - 5), 3 * kEpoch + 5);
  EXPECT_EQ(FullXidNear(0xfffffff0, 3 * kEpoch + 5), 3 * kEpoch - 16);
  // As far as it goes.
  EXPECT_EQ(FullXidNear(0x7fffffff, kEpoch), kEpoch + 0x7fffffff);
  EXPECT_EQ(FullXidNear(0x80000000, kEpoch), 0x80000000u);
  // There is nothing before the first epoch.
  EXPECT_EQ(FullXidNear(0xfffffff0, 5), 0xfffffff0u);
}

}  // namespace
}  // namespace godwit::wire::postgres
