#include "connectors/mysql/log/log_reader.h"

#include <gmock/gmock.h>

#include "log_sender.h"

namespace godwit::connectors::mysql {
namespace {

using ::testing::HasSubstr;
using wire::mysql::EventType;
using Kind = LogReader::Kind;

constexpr uint64_t kGiB = uint64_t{1} << 30;

class LogReaderTest : public ::testing::Test {
 protected:
  void Start(uint64_t offset, LogPlace::Asked asked = LogPlace::Asked::kByOffset) {
    reader_.StartAt(LogPlace("log.1", offset, asked), wire::mysql::Checksum::kNone);
  }
  // Of the next item; fails the test where there is none.
  Kind Next() {
    const auto item = reader_.Next();
    EXPECT_TRUE(item.ok()) << item.status();
    return item.ok() ? item->kind : Kind::kBeforeStart;
  }

  LogSender server_;
  LogReader reader_{server_.Channel(), "source: reading the log"};
};

TEST_F(LogReaderTest, SaysWhereEachEventStands) {
  Start(1000);
  server_.Rotate("log.1", 1000);
  server_.Send(EventType::kTableMap, 1500, "map");
  server_.Rotate("log.2", 4, 1600);
  server_.Send(EventType::kFormatDescription, 300, std::string(60, '\0'));
  EXPECT_EQ(Next(), Kind::kNewFile);
  EXPECT_EQ(Next(), Kind::kEvent);
  EXPECT_EQ(reader_.Where(), fmt::format("log.1:{}", 1500 - LogSender::SizeOf("map")));
  EXPECT_EQ(reader_.place().offset(), 1500u);
  EXPECT_EQ(Next(), Kind::kNewFile);
  EXPECT_EQ(Next(), Kind::kEvent);
  EXPECT_EQ(reader_.place().file(), "log.2");
  EXPECT_EQ(reader_.place().offset(), 300u);
}

TEST_F(LogReaderTest, AFarStartIsReachedFromTheBeginningOfItsFile) {
  const uint64_t start = 6 * kGiB + 17;
  Start(start);
  server_.Rotate("log.1", 4);
  for (const uint64_t end : {3 * kGiB, 5 * kGiB, start, start + 100})
    server_.Send(EventType::kGtid, end);
  EXPECT_EQ(Next(), Kind::kNewFile);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Next(), Kind::kBeforeStart);
  EXPECT_EQ(Next(), Kind::kEvent);
  EXPECT_EQ(reader_.place().offset(), start + 100);
}

TEST_F(LogReaderTest, AHeartbeatSaysHowFarTheLogGoes) {
  Start(1000);
  server_.Send(EventType::kHeartbeat, 2000, "log.1");
  server_.Send(EventType::kHeartbeat, 9000, "log.2");
  EXPECT_EQ(Next(), Kind::kHeartbeat);
  EXPECT_EQ(Next(), Kind::kHeartbeat);
  EXPECT_EQ(reader_.place().offset(), 2000u);
}

TEST_F(LogReaderTest, ErrorsSayWhatWasBeingDoneAndWhere) {
  Start(1000);
  server_.SendPacket("\xff" + LittleEndian(1236, 2) + "#HY000no such log");
  const base::Status refused = reader_.Next().status();
  EXPECT_THAT(refused.message(), HasSubstr("source: reading the log"));
  EXPECT_THAT(refused.message(), HasSubstr("no such log"));
  ASSERT_TRUE(reader_.server_error().has_value());
  EXPECT_EQ(reader_.server_error()->code, 1236);
  server_.Send(EventType::kTableMap, 1500);
  EXPECT_EQ(Next(), Kind::kEvent);
  server_.SendPacket(std::string_view("\0cut off", 8));
  const base::Status cut = reader_.Next().status();
  EXPECT_TRUE(absl::IsDataLoss(cut)) << cut;
  EXPECT_THAT(cut.message(), HasSubstr("log.1:1481"));
  EXPECT_FALSE(reader_.server_error().has_value());
  server_.SendPacket("\xfe");
  EXPECT_TRUE(absl::IsUnavailable(reader_.Next().status()));
}

TEST_F(LogReaderTest, WaitsForWhatIsYetToCome) {
  Start(1000);
  EXPECT_FALSE(reader_.Wait(std::chrono::milliseconds(5)).value());
  server_.Send(EventType::kTableMap, 1500);
  EXPECT_TRUE(reader_.Wait(std::chrono::milliseconds(5000)).value());
  EXPECT_EQ(Next(), Kind::kEvent);
  server_.Close();
  EXPECT_TRUE(absl::IsUnavailable(reader_.Next().status()));
}

}  // namespace
}  // namespace godwit::connectors::mysql
