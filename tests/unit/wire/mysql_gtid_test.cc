#include "wire/mysql/mysql_gtid.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace godwit::wire::mysql {
namespace {

constexpr std::string_view kA = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa";
constexpr std::string_view kB = "bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb";

// "A" and "B" stand for two UUIDs.
std::string Full(std::string_view text) {
  std::string full;
  for (char c : text) {
    if (c == 'A') {
      full += kA;
    } else if (c == 'B') {
      full += kB;
    } else {
      full += c;
    }
  }
  return full;
}

MysqlGtidSet Set(std::string_view text) {
  auto set = MysqlGtidSet::Parse(Full(text));
  EXPECT_TRUE(set.ok()) << set.status();
  return set.ok() ? *set : MysqlGtidSet();
}

MysqlGtid Gtid(std::string_view text) {
  auto gtid = MysqlGtid::Parse(Full(text));
  EXPECT_TRUE(gtid.ok()) << gtid.status();
  return gtid.ok() ? *gtid : MysqlGtid();
}

TEST(MysqlGtid, ParsesAndPrints) {
  for (const char* text : {"A:1", "A:9223372036854775806", "A:tag_1:5"}) {
    EXPECT_EQ(Gtid(text).ToString(), Full(text));
  }
  EXPECT_EQ(Gtid(" {A} : Tag : 7 ").ToString(), Full("A:tag:7"));
}

// Each pair was asked of a 9.7 server with GTID_SUBTRACT(text, '').
TEST(MysqlGtidSet, PrintsWhatTheServerPrints) {
  struct Case {
    const char* text;
    const char* printed;
  };
  for (const Case& c : {
           Case{" A : 5-7 : 1 - 4:9 ,, B:3,A:Tag:1:3-5: a_b : 7:8:tag:9",
                "A:1-7:9:a_b:7-8:tag:1:3-5:9,B:3"},
           Case{"A:5-4", ""},
           Case{"A:3-0", ""},
           Case{"A", ""},
           Case{"{A}:1", "A:1"},
           Case{",,,", ""},
           Case{" , A:1", "A:1"},
           Case{"A:tag", ""},
           Case{"A:tag:tog:1", "A:tog:1"},
           Case{"A:tag,B:1", "B:1"},
           Case{"A:010", "A:10"},
           Case{"A:00000000000000000000000000000000000001", "A:1"},
           Case{"A:1-9223372036854775806", "A:1-9223372036854775806"},
           Case{"A:z:1:3-5: a_b : 7:8:tag:9:_x:1", "A:_x:1:a_b:7-8:tag:9:z:1:3-5"},
           Case{"A:abcdefghijklmnopqrstuvwxyz012345:1", "A:abcdefghijklmnopqrstuvwxyz012345:1"},
           Case{"A:1\n,\tB:2 ", "A:1,B:2"},
           Case{"A:1,B:1,A:x:1:y:1", "A:1:x:1:y:1,B:1"},
           Case{"A:9-3:a:1-2,A:a:3", "A:a:1-3"},
       }) {
    EXPECT_EQ(Set(c.text).ToString(), Full(c.printed)) << c.text;
  }
  auto bare = MysqlGtidSet::Parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA:1");
  ASSERT_TRUE(bare.ok());
  EXPECT_EQ(bare->ToString(), Full("A:1"));
}

// The server refuses each of these.
TEST(MysqlGtidSet, RefusesWhatTheServerRefuses) {
  for (const char* text : {"A:0",
                           "A:",
                           "A:1-9223372036854775807",
                           "A:9223372036854775807",
                           "A:abcdefghijklmnopqrstuvwxyz0123456:1",
                           "A:1tag:1",
                           "A:1-2-3",
                           "A:1 B:1",
                           "A:a-b:1",
                           "A:3-",
                           "A:a b:1",
                           "A:1:,B:1",
                           "A::1",
                           "A:1 2",
                           "A:-1",
                           "A:1x",
                           "A:0x10",
                           "A:+1",
                           "A:0-5",
                           "{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}:1",
                           "{A:1",
                           "aaaaaaaa-aaaaaaaaaaaaaaaaaaaaaaaa:1",
                           "aaaaaaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaa:1",
                           "x",
                           "ANONYMOUS",
                           "0-1-100"}) {
    EXPECT_EQ(MysqlGtidSet::Parse(Full(text)).status().code(), base::StatusCode::kInvalidArgument)
        << text;
  }
  for (const char* text : {"", "A", "A:1-2", "A:0", "A:t", "A:t:1:2", "A:1,B:1", "A:t:u:1"}) {
    EXPECT_EQ(MysqlGtid::Parse(Full(text)).status().code(), base::StatusCode::kInvalidArgument)
        << text;
  }
}

TEST(MysqlGtidSet, AddJoinsIntervals) {
  MysqlGtidSet set;
  for (uint64_t gno : {5, 7, 6, 1, 9, 2, 2, 8}) set.Add({Gtid("A:1").uuid, "", gno});
  EXPECT_EQ(set, Set("A:1-2:5-9"));
  set.Add(Gtid("A:3"));
  set.Add(Gtid("A:4"));
  set.Add(Gtid("A:t:4"));
  EXPECT_EQ(set.ToString(), Full("A:1-9:t:4"));
  EXPECT_EQ(set.Count(), 10u);
  set.Add({Gtid("A:1").uuid, "", 0});
  set.Add({Gtid("A:1").uuid, "", kMostGno + 1});
  EXPECT_EQ(set.Count(), 10u);
}

TEST(MysqlGtidSet, ComparesPartially) {
  EXPECT_EQ(Set("A:1-5").Compare(Set("A:1-5")), std::partial_ordering::equivalent);
  EXPECT_EQ(Set("A:1-5").Compare(Set("A:1-6")), std::partial_ordering::less);
  EXPECT_EQ(Set("A:1-5,B:1").Compare(Set("A:2-3")), std::partial_ordering::greater);
  EXPECT_EQ(Set("A:1-5").Compare(Set("A:t:1-5")), std::partial_ordering::unordered);
  EXPECT_EQ(Set("A:1-5:7").Compare(Set("A:1-6")), std::partial_ordering::unordered);
  EXPECT_EQ(Set("").Compare(Set("")), std::partial_ordering::equivalent);
  EXPECT_EQ(Set("A:1-9223372036854775806:t:1-9223372036854775806:u:1-9").Count(), UINT64_MAX);
}

TEST(MysqlGtidSet, BinaryForms) {
  const std::string plain = Set("A:1-3:7").Encode();
  EXPECT_EQ(plain.size(), 8u + 16 + 8 + 2 * 16);
  EXPECT_EQ(plain.substr(0, 8), std::string("\1\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(plain.substr(24), std::string("\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0"
                                          "\7\0\0\0\0\0\0\0\10\0\0\0\0\0\0\0",
                                          40));
  const std::string tagged = Set("A:1:tag:2").Encode();
  EXPECT_EQ(tagged.substr(0, 8), std::string("\1\2\0\0\0\0\0\1", 8));
  EXPECT_EQ(tagged.substr(8 + 16, 1), std::string(1, '\0'));
  EXPECT_EQ(tagged.substr(8 + 16 + 1 + 24 + 16, 4), "\6tag");
  for (const char* text : {"", "A:1", "A:1-3:7:t:5,B:x:9223372036854775806"}) {
    const std::string bytes = Set(text).Encode();
    auto decoded = MysqlGtidSet::Decode(bytes);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, Set(text));
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_EQ(MysqlGtidSet::Decode(bytes.substr(0, size)).status().code(),
                base::StatusCode::kDataLoss)
          << size;
    }
    EXPECT_EQ(MysqlGtidSet::Decode(bytes + "x").status().code(), base::StatusCode::kDataLoss);
  }
}

TEST(MysqlGtidSet, ImpossibleBinaryFormsAreRefused) {
  const std::string good = Set("A:5").Encode();
  const auto with = [&good](size_t at, std::string_view bytes) {
    std::string changed = good;
    return changed.replace(at, bytes.size(), bytes);
  };
  for (const std::string& bad : {
           with(0, "\xff\xff\xff\xff\xff"),               // sources that are not there
           with(7, "\x02"),                               // a form that is not known
           with(7, "\x01"),                               // the last byte alone
           with(24, "\xff\xff\xff\xff\xff\xff\xff\xff"),  // intervals that are not there
           with(32, std::string_view("\0", 1)),           // from 0
           with(40, "\x05"),                              // an empty one
           with(40, "\xff\xff\xff\xff\xff\xff\xff\xff"),  // beyond the last number
       }) {
    EXPECT_EQ(MysqlGtidSet::Decode(bad).status().code(), base::StatusCode::kDataLoss);
  }
  std::string tag = Set("A:tag:1").Encode();
  tag[tag.find("tag")] = '-';
  EXPECT_EQ(MysqlGtidSet::Decode(tag).status().code(), base::StatusCode::kDataLoss);
}

// Random sets against a plain set of (source, number).
class GtidAlgebra : public ::testing::Test {
 protected:
  using Model = std::set<std::pair<int, uint64_t>>;

  struct Both {
    MysqlGtidSet set;
    Model model;
  };

  static MysqlGtid GtidOf(int source, uint64_t gno) {
    MysqlGtid gtid;
    gtid.uuid.bytes[0] = static_cast<uint8_t>(source / 2);
    if (source % 2 == 1) gtid.tag = "t";
    gtid.gno = gno;
    return gtid;
  }
  static MysqlGtidSet FromModel(const Model& model) {
    std::string text;
    for (const auto& [source, gno] : model) text += GtidOf(source, gno).ToString() + ",";
    auto set = MysqlGtidSet::Parse(text);
    EXPECT_TRUE(set.ok()) << set.status();
    return *set;
  }
  Both Random() {
    Both both;
    const uint64_t most = random_() % 3 == 0 ? 6 : 30;
    for (uint64_t count = random_() % 40; count > 0; --count) {
      const int source = static_cast<int>(random_() % 5);
      const uint64_t gno = 1 + random_() % most;
      both.set.Add(GtidOf(source, gno));
      both.model.insert({source, gno});
    }
    return both;
  }
  static bool Includes(const Model& all, const Model& some) {
    return std::includes(all.begin(), all.end(), some.begin(), some.end());
  }

  std::mt19937 random_{7};
};

TEST_F(GtidAlgebra, AgreesWithAPlainSet) {
  for (int round = 0; round < 3000; ++round) {
    const Both a = Random();
    const Both b = Random();
    ASSERT_EQ(a.set, FromModel(a.model));
    ASSERT_EQ(a.set.Count(), a.model.size());
    auto parsed = MysqlGtidSet::Parse(a.set.ToString());
    ASSERT_TRUE(parsed.ok() && *parsed == a.set);
    auto decoded = MysqlGtidSet::Decode(a.set.Encode());
    ASSERT_TRUE(decoded.ok() && *decoded == a.set);

    Model all = a.model, rest, common;
    all.insert(b.model.begin(), b.model.end());
    std::ranges::set_difference(a.model, b.model, std::inserter(rest, rest.end()));
    std::ranges::set_intersection(a.model, b.model, std::inserter(common, common.end()));
    MysqlGtidSet united = a.set, less = a.set, crossed = a.set;
    united.Union(b.set);
    less.Subtract(b.set);
    crossed.Intersect(b.set);
    ASSERT_EQ(united, FromModel(all)) << a.set.ToString() << " and " << b.set.ToString();
    ASSERT_EQ(less, FromModel(rest)) << a.set.ToString() << " and " << b.set.ToString();
    ASSERT_EQ(crossed, FromModel(common)) << a.set.ToString() << " and " << b.set.ToString();

    for (const MysqlGtidSet& part : {a.set, b.set, less, crossed})
      ASSERT_TRUE(united.Contains(part));
    ASSERT_EQ(a.set.Contains(b.set), Includes(a.model, b.model));
    for (int source = 0; source < 5; ++source) {
      for (uint64_t gno = 0; gno <= 31; ++gno)
        ASSERT_EQ(a.set.Contains(GtidOf(source, gno)), a.model.contains({source, gno}));
    }
  }
}

TEST_F(GtidAlgebra, WithItself) {
  MysqlGtidSet set = Set("A:1-5:t:3,B:9");
  const MysqlGtidSet same = set;
  set.Union(set);
  EXPECT_EQ(set, same);
  set.Intersect(set);
  EXPECT_EQ(set, same);
  set.Subtract(set);
  EXPECT_TRUE(set.empty());
}

}  // namespace
}  // namespace godwit::wire::mysql
