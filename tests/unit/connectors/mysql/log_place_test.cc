#include "connectors/mysql/log/log_place.h"

#include <gtest/gtest.h>

namespace godwit::connectors::mysql {
namespace {

using wire::mysql::EventHeader;
using wire::mysql::EventType;
using Asked = LogPlace::Asked;

constexpr uint64_t kGiB = uint64_t{1} << 30;

// An event of `size` bytes that ends at `end`, as its header tells it.
EventHeader Event(uint64_t end, uint64_t size, EventType type = EventType::kWriteRowsV1) {
  EventHeader header;
  header.type = type;
  header.event_size = static_cast<uint32_t>(size);
  header.next_position = static_cast<uint32_t>(end);
  return header;
}

TEST(LogPlace, FollowsEventsPast4GiB) {
  LogPlace place("log.1", 4, Asked::kByOffset);
  for (uint64_t end = kGiB + 4; end <= 13 * kGiB; end += kGiB) {
    EXPECT_TRUE(place.Advance(Event(end, kGiB)));
    EXPECT_EQ(place.offset(), end);
    EXPECT_EQ(place.event_start(), end - kGiB);
  }
}

TEST(LogPlace, MadeUpEventsDoNotMoveIt) {
  LogPlace place("log.1", 5000, Asked::kByOffset);
  EventHeader made_up = Event(100, 90);
  made_up.flags = wire::mysql::kEventFlagArtificial;
  EXPECT_TRUE(place.Advance(made_up));
  EXPECT_TRUE(place.Advance(Event(0, 90)));
  EXPECT_EQ(place.offset(), 5000u);
  EXPECT_EQ(place.event_start(), 5000u);
}

TEST(LogPlace, AFarStartByOffsetIsReachedFromTheBeginning) {
  const uint64_t start = 9 * kGiB + 17;
  LogPlace place("log.1", start, Asked::kByOffset);
  place.Enter("log.1", 4);
  EXPECT_FALSE(place.Advance(Event(4 + 252, 252)));
  uint64_t before = 256;
  for (uint64_t end = kGiB; end <= 9 * kGiB; end += kGiB) {
    EXPECT_FALSE(place.Advance(Event(end, end - before))) << end;
    before = end;
  }
  EXPECT_FALSE(place.Advance(Event(start, 17)));
  EXPECT_TRUE(place.Advance(Event(start + 50, 50, EventType::kGtid)));
  EXPECT_EQ(place.event_start(), start);
  EXPECT_TRUE(place.Advance(Event(start + 90, 40)));
  EXPECT_EQ(place.offset(), start + 90);
}

TEST(LogPlace, AFarStartByGtidIsWhereTheFirstGroupIs) {
  const uint64_t start = 5 * kGiB;
  LogPlace place("log.1", start, Asked::kByGtid);
  place.Enter("log.1", 4);
  EXPECT_TRUE(place.Advance(Event(256, 252, EventType::kFormatDescription)));
  EXPECT_EQ(place.offset(), 256u);
  EXPECT_TRUE(place.Advance(Event(start + 350, 50, EventType::kMariadbGtid)));
  EXPECT_EQ(place.event_start(), start + 300);
  EXPECT_TRUE(place.Advance(Event(start + 400, 50)));
  EXPECT_EQ(place.offset(), start + 400);
}

// Between the start and the first group that the server has not passed over lies the end of 4 GiB.
TEST(LogPlace, TheFirstGroupMayLieBeyondARoundNumber) {
  LogPlace place("log.1", 4 * kGiB - 100, Asked::kByGtid);
  place.Enter("log.1", 4);
  EXPECT_TRUE(place.Advance(Event(256, 252, EventType::kFormatDescription)));
  EXPECT_TRUE(place.Advance(Event(4 * kGiB + 350, 50, EventType::kGtid)));
  EXPECT_EQ(place.event_start(), 4 * kGiB + 300);
}

TEST(LogPlace, ItMayLieALittleBeforeWhereTheStartSays) {
  for (const uint64_t start : {kGiB, 4 * kGiB + 100, 5 * kGiB}) {
    LogPlace place("log.1", start, Asked::kByGtid);
    place.Enter("log.1", 4);
    EXPECT_TRUE(place.Advance(Event(start - 300, 50, EventType::kGtid)));
    EXPECT_EQ(place.offset(), start - 300);
    EXPECT_TRUE(place.Advance(Event(start + kGiB, 50, EventType::kGtid)));
    EXPECT_EQ(place.offset(), start + kGiB);
  }
}

// The server says how far it is while it passes over groups.
TEST(LogPlace, TheFirstGroupIsNotBeforeWhatIsKnown) {
  LogPlace place("log.1", 5 * kGiB, Asked::kByGtid);
  place.Enter("log.1", 4);
  place.Reach(13 * kGiB);
  EXPECT_TRUE(place.Advance(Event(13 * kGiB + 350, 50, EventType::kGtidTagged)));
  EXPECT_EQ(place.event_start(), 13 * kGiB + 300);
}

TEST(LogPlace, TheServerMayBeginInAnEarlierFile) {
  LogPlace place("log.2", 5 * kGiB, Asked::kByGtid);
  place.Enter("log.1", 4);
  EXPECT_TRUE(place.Advance(Event(300, 50)));
  place.Enter("log.2", 4);
  EXPECT_TRUE(place.Advance(Event(5 * kGiB + 50, 50, EventType::kMariadbGtid)));
  EXPECT_EQ(place.offset(), 5 * kGiB + 50);
}

TEST(LogPlace, AStartMeansNothingInTheNextFile) {
  for (const Asked asked : {Asked::kByOffset, Asked::kByGtid}) {
    LogPlace place("log.1", 5 * kGiB, asked);
    place.Enter("log.1", 4);
    place.Enter("log.2", 4);
    EXPECT_TRUE(place.Advance(Event(300, 50, EventType::kMariadbGtid)));
    EXPECT_EQ(place.offset(), 300u);
  }
}

TEST(LogPlace, AnEventMayEndAtARoundNumber) {
  LogPlace place("log.1", 4 * kGiB - 60, Asked::kByOffset);
  EXPECT_TRUE(place.Advance(Event(4 * kGiB, 60)));
  EXPECT_EQ(place.offset(), 4 * kGiB);
  EXPECT_TRUE(place.Advance(Event(4 * kGiB + 10, 10)));
  EXPECT_EQ(place.offset(), 4 * kGiB + 10);
}

TEST(LogPlace, HeartbeatsOnlyMoveItOn) {
  LogPlace place("log.1", 300, Asked::kByOffset);
  place.Reach(200);
  EXPECT_EQ(place.offset(), 300u);
  place.Reach(5 * kGiB);
  EXPECT_EQ(place.offset(), 5 * kGiB);
}

}  // namespace
}  // namespace godwit::connectors::mysql
