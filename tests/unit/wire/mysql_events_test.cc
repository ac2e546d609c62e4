#include "wire/mysql/mysql_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log_reading.h"
#include "wire/mysql/control_events.h"
#include "wire/mysql/query_event.h"

namespace godwit::wire::mysql {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view kServer = "3e11fa47-71ca-11e1-9e33-c80aa9429562";

class MysqlEvents : public ::testing::Test {
 protected:
  std::vector<Event> Of(EventType type) const {
    std::vector<Event> found;
    for (const Event& event : events_) {
      if (event.header.type == type) found.push_back(event);
    }
    return found;
  }

  const std::string bytes_ = ReadTestFile("mysql_control.binlog");
  const std::vector<Event> events_ = ReadEvents(bytes_);
};

TEST_F(MysqlEvents, EveryTypeHasANameAndARole) {
  for (const Event& event : events_) {
    EXPECT_NE(EventTypeName(event.header.type), "unknown");
    EXPECT_NE(event.header.role(), EventRole::kUnsupported) << EventTypeName(event.header.type);
  }
  EXPECT_EQ(RoleOf(EventType::kTransactionContext), EventRole::kPassOver);
  EXPECT_EQ(RoleOf(EventType::kViewChange), EventRole::kPassOver);
  EXPECT_EQ(RoleOf(EventType::kTransactionPayload), EventRole::kHandled);
  EXPECT_EQ(RoleOf(static_cast<EventType>(43)), EventRole::kUnsupported);
}

TEST_F(MysqlEvents, GtidsOfARealLog) {
  MysqlGtidSet set;
  std::vector<std::string> tagged;
  uint64_t place = 0;
  for (const Event& event : events_) {
    const EventType type = event.header.type;
    if (type != EventType::kGtid && type != EventType::kGtidTagged) continue;
    auto gtid = DecodeMysqlGtid(event);
    ASSERT_TRUE(gtid.ok()) << gtid.status();
    ASSERT_TRUE(gtid->gtid.has_value());
    set.Add(*gtid->gtid);
    if (!gtid->gtid->tag.empty()) tagged.push_back(gtid->gtid->ToString());
    EXPECT_EQ(gtid->immediate_server_version / 10000, 9u);
    EXPECT_EQ(gtid->original_server_version, gtid->immediate_server_version);
    EXPECT_EQ(gtid->original_commit_us, gtid->immediate_commit_us);
    EXPECT_NEAR(static_cast<double>(gtid->immediate_commit_us) / 1e6, event.header.timestamp, 2);
    EXPECT_LT(gtid->last_committed, gtid->sequence_number);
    // A transaction's length leads to the next one.
    const uint64_t start = event.header.next_position - event.header.event_size;
    EXPECT_TRUE(place == 0 || start == place) << start;
    place = start + gtid->transaction_length;
  }
  EXPECT_THAT(tagged, ElementsAre(fmt::format("{}:my_tag:1", kServer),
                                  "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa:other:7"));
  EXPECT_EQ(set.ToString(),
            fmt::format("{}:1-18:my_tag:1,aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa:other:7", kServer));

  const std::string second = ReadTestFile("mysql_second_file.binlog");
  int previous = 0;
  for (const Event& event : ReadEvents(second)) {
    if (event.header.type != EventType::kPreviousGtids) continue;
    auto decoded = DecodePreviousGtids(event.body);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, set);
    EXPECT_EQ(set.Encode(), event.body);
    ++previous;
  }
  EXPECT_EQ(previous, 1);
  EXPECT_TRUE(DecodePreviousGtids(Of(EventType::kPreviousGtids)[0].body)->empty());
}

TEST_F(MysqlEvents, GtidsInStatementFormatAreMarked) {
  const auto mark = [this](std::string_view sql) {
    bool marked = false;
    for (const Event& event : events_) {
      if (event.header.type == EventType::kGtid) {
        marked = DecodeMysqlGtid(event)->may_have_statements;
      } else if (event.header.type == EventType::kQuery) {
        std::string inflated;
        if (DecodeQuery(event, inflated)->sql.starts_with(sql)) return marked;
      }
    }
    ADD_FAILURE() << sql;
    return false;
  };
  EXPECT_TRUE(mark("CREATE TABLE"));
  EXPECT_FALSE(mark("BEGIN"));
}

TEST_F(MysqlEvents, StatusOfStatementsIsKnownToTheEnd) {
  int statements = 0;
  for (const Event& event : events_) {
    if (event.header.type != EventType::kQuery) continue;
    std::string inflated;
    auto query = DecodeQuery(event, inflated);
    ASSERT_TRUE(query.ok()) << query.status();
    EXPECT_FALSE(query->status.unknown_variable.has_value()) << query->sql;
    EXPECT_TRUE(query->status.sql_mode.has_value() && query->status.charset.has_value());
    ++statements;
  }
  EXPECT_GT(statements, 20);
}

TEST_F(MysqlEvents, GtidTruncations) {
  for (EventType type : {EventType::kGtid, EventType::kGtidTagged}) {
    Event event = Of(type)[0];
    const std::string_view body = event.body;
    const size_t whole = type == EventType::kGtid ? 1 + 16 + 8 : body.size();
    for (size_t size = 0; size < whole; ++size) {
      event.body = body.substr(0, size);
      EXPECT_EQ(DecodeMysqlGtid(event).status().code(), base::StatusCode::kDataLoss) << size;
    }
  }
}

// What a 5.6 and a 5.7 server write, and a replica that knows of an older original.
TEST_F(MysqlEvents, GtidsOfOtherVersions) {
  Event event;
  event.header.type = EventType::kGtid;
  std::string body(1, '\1');
  body += std::string(16, '\xaa') + std::string("\7\0\0\0\0\0\0\0", 8);
  event.body = body;
  auto gtid = DecodeMysqlGtid(event);
  ASSERT_TRUE(gtid.ok());
  EXPECT_EQ(gtid->gtid->gno, 7u);
  EXPECT_EQ(gtid->immediate_commit_us, 0u);
  body += std::string("\2\5\0\0\0\0\0\0\0\6\0\0\0\0\0\0\0", 17);
  event.body = body;
  EXPECT_EQ(DecodeMysqlGtid(event)->last_committed, 5);
  EXPECT_EQ(DecodeMysqlGtid(event)->sequence_number, 6);
  body += std::string("\2\0\0\0\0\0\x80\1\0\0\0\0\0\0\xfc\x10\x20", 17);
  body += std::string("\x84\x38\x01\x80\x3f\x42\x0f\x00", 8) + std::string("\3\0\0\0\0\0\0\0", 8);
  event.body = body;
  gtid = DecodeMysqlGtid(event);
  ASSERT_TRUE(gtid.ok());
  EXPECT_EQ(gtid->immediate_commit_us, 2u);
  EXPECT_EQ(gtid->original_commit_us, 1u);
  EXPECT_EQ(gtid->transaction_length, 0x2010u);
  EXPECT_EQ(gtid->immediate_server_version, 80004u);
  EXPECT_EQ(gtid->original_server_version, 0u) << "999999 is not known";
  EXPECT_EQ(gtid->commit_group_ticket, 3u);
  event.header.type = EventType::kAnonymousGtid;
  EXPECT_FALSE(DecodeMysqlGtid(event)->gtid.has_value());
  event.header.type = EventType::kGtid;
  body.replace(17, 8, std::string(8, '\0'));
  event.body = body;
  EXPECT_EQ(DecodeMysqlGtid(event).status().code(), base::StatusCode::kDataLoss) << "number 0";
}

TEST_F(MysqlEvents, TaggedGtidsOfLaterVersions) {
  Event event = Of(EventType::kGtidTagged)[0];
  std::string body(event.body);
  const auto decode = [&] {
    event.body = body;
    return DecodeMysqlGtid(event);
  };
  ASSERT_TRUE(decode().ok());
  const char size = body[1];
  body[1] = static_cast<char>(size + 3 * 2);
  body += std::string("\x18\xff\xff", 3);  // field 12, of whatever size: may be passed over
  EXPECT_TRUE(decode().ok());
  body[2] = 12 << 1;  // must be known
  EXPECT_EQ(decode().status().code(), base::StatusCode::kFailedPrecondition);
  body[2] = 0;
  body[0] = 2 << 1;
  EXPECT_EQ(decode().status().code(), base::StatusCode::kFailedPrecondition);
  body[0] = 1 << 1;
  body[1] = size;
  EXPECT_EQ(decode().status().code(), base::StatusCode::kDataLoss);
}

TEST_F(MysqlEvents, RowsQueryAndXa) {
  std::vector<Event> queries = Of(EventType::kRowsQuery);
  ASSERT_EQ(queries.size(), 1u);
  EXPECT_EQ(DecodeRowsQuery(queries[0].body)->sql, "INSERT INTO c(b) VALUES(3)");
  EXPECT_EQ(DecodeRowsQuery("").status().code(), base::StatusCode::kDataLoss);

  std::vector<std::string> shown;
  for (const Event& event : Of(EventType::kXaPrepare)) {
    auto prepare = DecodeXaPrepare(event.body);
    ASSERT_TRUE(prepare.ok());
    shown.push_back(fmt::format("{} {} {} {}", prepare->one_phase, prepare->xa.format,
                                prepare->xa.gtrid, prepare->xa.bqual));
  }
  EXPECT_THAT(shown, ElementsAre("false 17 gtrid bqual", "true 1 g2 "));
}

TEST(HeartbeatV2, FileAndPosition) {
  // As a 9.7 server sent it.
  const std::string sent("\1\15binlog.000003\2\3\xfc\x3d\4\0", 21);
  EXPECT_EQ(DecodeHeartbeatV2(sent)->file, "binlog.000003");
  EXPECT_EQ(DecodeHeartbeatV2(sent)->position, 1085u);
  // Beyond 4 GiB.
  std::string body("\1\12bin.000007\2\11\xfe\0\0\0\0\1\0\0\0\0", 24);
  auto heartbeat = DecodeHeartbeatV2(body);
  ASSERT_TRUE(heartbeat.ok()) << heartbeat.status();
  EXPECT_EQ(heartbeat->file, "bin.000007");
  EXPECT_EQ(heartbeat->position, uint64_t{1} << 32);
  EXPECT_TRUE(DecodeHeartbeatV2(std::string("\7\3new", 5) + body).ok());
  for (size_t size : {0u, 1u, 5u, 13u, 14u, 20u}) {
    EXPECT_EQ(DecodeHeartbeatV2(body.substr(0, size)).status().code(), base::StatusCode::kDataLoss)
        << size;
  }
}

}  // namespace
}  // namespace godwit::wire::mysql
