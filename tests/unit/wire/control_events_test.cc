#include "wire/mysql/control_events.h"

#include <gtest/gtest.h>

#include "log_reading.h"

namespace godwit::wire::mysql {
namespace {

class ControlEvents : public ::testing::Test {
 protected:
  std::vector<Event> Of(EventType type) const {
    std::vector<Event> found;
    for (const Event& event : events_) {
      if (event.header.type == type) found.push_back(event);
    }
    return found;
  }
  // Every proper prefix of a body must be refused.
  template <typename Decode>
  static void ExpectTruncationsRefused(std::string_view body, Decode decode) {
    ASSERT_TRUE(decode(body).ok());
    for (size_t size = 0; size < body.size(); ++size) {
      EXPECT_EQ(decode(body.substr(0, size)).status().code(), base::StatusCode::kDataLoss) << size;
    }
  }

  const std::string bytes_ = ReadTestFile("control.binlog");
  const std::vector<Event> events_ = ReadEvents(bytes_);
};

TEST_F(ControlEvents, GtidsOfARealLog) {
  MariadbGtidSet position;
  std::vector<MariadbGtidEvent> decoded;
  for (const Event& event : Of(EventType::kMariadbGtid)) {
    auto gtid = DecodeMariadbGtid(event);
    ASSERT_TRUE(gtid.ok()) << gtid.status();
    decoded.push_back(*gtid);
    position.Update(gtid->gtid);
  }
  ASSERT_EQ(decoded.size(), 20u);
  EXPECT_EQ(position.ToString(), "0-7-19,3-9-1");

  EXPECT_TRUE(decoded[0].ddl());
  EXPECT_TRUE(decoded[0].standalone());
  EXPECT_EQ(decoded[3].gtid, (MariadbGtid{3, 9, 1}));
  EXPECT_FALSE(decoded[3].standalone());
  EXPECT_TRUE(decoded[3].flags & MariadbGtidEvent::kTransactional);
  EXPECT_FALSE(decoded[3].xa.has_value());

  EXPECT_TRUE(decoded[5].flags & MariadbGtidEvent::kPreparedXa);
  ASSERT_TRUE(decoded[5].xa.has_value());
  EXPECT_EQ(decoded[5].xa->format, 17u);
  EXPECT_EQ(decoded[5].xa->gtrid, "gtrid");
  EXPECT_EQ(decoded[5].xa->bqual, "bqual");
  EXPECT_TRUE(decoded[6].flags & MariadbGtidEvent::kCompletedXa);
  EXPECT_EQ(decoded[6].xa->bqual, "bqual");

  EXPECT_EQ(decoded[15].alter, MariadbGtidEvent::Alter::kStart);
  EXPECT_EQ(decoded[16].alter, MariadbGtidEvent::Alter::kCommit);
  EXPECT_EQ(decoded[16].alter_start_seq, decoded[15].gtid.seq);
  EXPECT_EQ(decoded[14].alter, MariadbGtidEvent::Alter::kNone);
}

TEST_F(ControlEvents, GtidWithCommitId) {
  Event event;
  event.header.server_id = 7;
  event.body = std::string_view("\5\0\0\0\0\0\0\0\1\0\0\0\6\x2a\0\0\0\0\0\0\0", 21);
  auto gtid = DecodeMariadbGtid(event);
  ASSERT_TRUE(gtid.ok());
  EXPECT_EQ(gtid->gtid, (MariadbGtid{1, 7, 5}));
  EXPECT_EQ(gtid->commit_id, 42u);
  EXPECT_TRUE(gtid->flags & MariadbGtidEvent::kGroupCommit);
  event.body = event.body.substr(0, 20);
  EXPECT_EQ(DecodeMariadbGtid(event).status().code(), base::StatusCode::kDataLoss);
}

TEST_F(ControlEvents, GtidListGivesThePosition) {
  auto empty = DecodeMariadbGtidList(Of(EventType::kMariadbGtidList)[0].body);
  ASSERT_TRUE(empty.ok());
  EXPECT_TRUE(empty->gtids.empty());
  // Two transactions of domain 0 by different servers: the last one counts.
  std::string body("\3\0\0\x10", 4);
  body.append("\0\0\0\0\1\0\0\0\x09\0\0\0\0\0\0\0", 16);
  body.append("\0\0\0\0\2\0\0\0\x0a\0\0\0\0\0\0\0", 16);
  body.append("\5\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0", 16);
  auto list = DecodeMariadbGtidList(body);
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(list->flags, 1);
  EXPECT_EQ(list->Position().ToString(), "0-2-10,5-1-1");
  ExpectTruncationsRefused(body, DecodeMariadbGtidList);
}

TEST_F(ControlEvents, RotateXidCheckpointAnnotate) {
  auto rotate = DecodeRotate(Of(EventType::kRotate)[0].body);
  ASSERT_TRUE(rotate.ok());
  EXPECT_EQ(rotate->position, 4u);
  EXPECT_EQ(rotate->file, "bin.000002");
  EXPECT_EQ(DecodeRotate(std::string_view("\4\0\0\0\0\0\0\0", 8)).status().code(),
            base::StatusCode::kDataLoss);

  std::vector<Event> xids = Of(EventType::kXid);
  ASSERT_FALSE(xids.empty());
  ExpectTruncationsRefused(xids[0].body, DecodeXid);
  EXPECT_EQ(*DecodeXid(std::string_view("\1\2\0\0\0\0\0\0", 8)), 0x201u);

  EXPECT_EQ(DecodeBinlogCheckpoint(Of(EventType::kMariadbBinlogCheckpoint)[0].body)->file,
            "bin.000001");
  ExpectTruncationsRefused(Of(EventType::kMariadbBinlogCheckpoint)[0].body, DecodeBinlogCheckpoint);
  EXPECT_EQ(DecodeAnnotateRows(Of(EventType::kMariadbAnnotateRows)[0].body)->sql,
            "INSERT INTO c(b) VALUES(1),(2)");
}

TEST_F(ControlEvents, XaPrepare) {
  std::vector<Event> prepares = Of(EventType::kXaPrepare);
  ASSERT_EQ(prepares.size(), 1u);
  auto prepare = DecodeXaPrepare(prepares[0].body);
  ASSERT_TRUE(prepare.ok());
  EXPECT_FALSE(prepare->one_phase);
  EXPECT_EQ(prepare->xa.format, 17u);
  EXPECT_EQ(prepare->xa.gtrid, "gtrid");
  EXPECT_EQ(prepare->xa.bqual, "bqual");
  ExpectTruncationsRefused(prepares[0].body, DecodeXaPrepare);
}

TEST_F(ControlEvents, IncidentAndHeartbeat) {
  std::string_view body("\1\0\4lost", 7);
  EXPECT_EQ(DecodeIncident(body)->number, 1);
  EXPECT_EQ(DecodeIncident(body)->message, "lost");
  ExpectTruncationsRefused(body, DecodeIncident);
  EXPECT_EQ(DecodeHeartbeat(std::string_view("bin.000007\0\0", 12))->file, "bin.000007");
  EXPECT_EQ(DecodeHeartbeat("").status().code(), base::StatusCode::kDataLoss);
}

TEST_F(ControlEvents, StatementEventsAreRecognised) {
  for (EventType type : {EventType::kIntvar, EventType::kRand, EventType::kUserVar}) {
    std::vector<Event> found = Of(type);
    ASSERT_FALSE(found.empty()) << EventTypeName(type);
    EXPECT_EQ(found[0].header.role(), EventRole::kStatement);
  }
}

}  // namespace
}  // namespace godwit::wire::mysql
