#include "wire/postgres/replication_message.h"

#include <gtest/gtest.h>

#include "message_bytes.h"

namespace godwit::wire::postgres {
namespace {

base::Status Parsed(std::string_view bytes) { return ParseReplicationMessage(bytes).status(); }

TEST(ReplicationMessage, Times) {
  EXPECT_EQ(UnixMicroseconds(0), 946684800000000);
  EXPECT_EQ(UnixMicroseconds(-946684800000000), 0);
  (void)UnixMicroseconds(INT64_MAX);  // nonsense, but no overflow
}

TEST(ReplicationMessage, LogData) {
  const std::string bytes =
      MessageBytes('w').U64(0x1600000028).U64(0x1600000030).U64(5).Bytes("data");
  const auto parsed = ParseReplicationMessage(bytes);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const auto& log = std::get<LogData>(*parsed);
  EXPECT_EQ(log.start, 0x1600000028u);
  EXPECT_EQ(log.end, 0x1600000030u);
  EXPECT_EQ(log.send_time_us, 946684800000005);
  EXPECT_EQ(log.data, "data");
  constexpr size_t kHeader = 25;
  ExpectWholeOnly(bytes, Parsed, kHeader, /*open=*/true);
  EXPECT_EQ(std::get<LogData>(*ParseReplicationMessage(bytes.substr(0, kHeader))).data, "");
}

TEST(ReplicationMessage, Keepalive) {
  const std::string bytes = MessageBytes('k').U64(0x1600000028).U64(5).U8(1);
  const auto parsed = ParseReplicationMessage(bytes);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const auto& keepalive = std::get<Keepalive>(*parsed);
  EXPECT_EQ(keepalive.end, 0x1600000028u);
  EXPECT_EQ(keepalive.send_time_us, 946684800000005);
  EXPECT_TRUE(keepalive.reply_requested);
  ExpectWholeOnly(bytes, Parsed);
  const std::string quiet = MessageBytes('k').U64(1).U64(5).U8(0);
  EXPECT_FALSE(std::get<Keepalive>(*ParseReplicationMessage(quiet)).reply_requested);
}

TEST(ReplicationMessage, OthersAreRefused) {
  EXPECT_EQ(Parsed("").message(), "replication message: empty");
  EXPECT_EQ(Parsed("x12").message(), "replication message of unknown type 0x78, 3 bytes");
  EXPECT_EQ(Parsed("k12").message(), "replication keepalive message: cut off at byte 3");
  EXPECT_EQ(Parsed("x").code(), base::StatusCode::kDataLoss);
}

TEST(ReplicationMessage, StandbyStatusUpdate) {
  EXPECT_EQ(
      StandbyStatusUpdate(0x1600000030, 0x1600000028, 946684800000005, true),
      std::string(
          MessageBytes('r').U64(0x1600000030).U64(0x1600000028).U64(0x1600000028).U64(5).U8(1)));
  const std::string quiet = StandbyStatusUpdate(1, 1, 0, false);
  EXPECT_EQ(quiet.size(), 34u);
  EXPECT_EQ(quiet.back(), '\0');
}

}  // namespace
}  // namespace godwit::wire::postgres
