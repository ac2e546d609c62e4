#include "wire/mysql/event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "log_reading.h"

namespace godwit::wire::mysql {
namespace {

using ::testing::HasSubstr;

TEST(BinlogFile, ReadsEveryEventOfRealFiles) {
  for (const char* name :
       {"plain.binlog", "full_metadata.binlog", "compressed.binlog", "control.binlog"}) {
    std::string bytes = ReadTestFile(name);
    std::vector<Event> events = ReadEvents(bytes);
    ASSERT_GT(events.size(), 20u) << name;
    EXPECT_EQ(events.front().header.type, EventType::kFormatDescription);
    EXPECT_EQ(events.back().header.type, EventType::kRotate);
    uint32_t position = 4;
    for (const Event& event : events) {
      position += event.header.event_size;
      EXPECT_EQ(event.header.next_position, position) << name;
    }
    EXPECT_EQ(position, bytes.size());
  }
}

TEST(BinlogFile, RefusesWhatIsNoBinlog) {
  EXPECT_EQ(BinlogFile::Open("").status().code(), base::StatusCode::kDataLoss);
  EXPECT_EQ(BinlogFile::Open("\xfe"
                             "bim")
                .status()
                .code(),
            base::StatusCode::kDataLoss);
}

TEST(BinlogFile, EveryTruncationIsFound) {
  std::string bytes = ReadTestFile("control.binlog").substr(0, 1000);
  std::set<size_t> whole;  // sizes that end with an event
  size_t position = 4;
  whole.insert(position);
  for (const Event& event : ReadEvents(ReadTestFile("control.binlog")))
    whole.insert(position += event.header.event_size);
  for (size_t size = 4; size < bytes.size(); ++size) {
    auto file = BinlogFile::Open(std::string_view(bytes).substr(0, size));
    ASSERT_TRUE(file.ok());
    auto event = file->Next();
    while (event.ok() && *event) event = file->Next();
    EXPECT_EQ(event.ok(), whole.contains(size)) << size;
    if (!event.ok()) {
      EXPECT_EQ(event.status().code(), base::StatusCode::kDataLoss);
      EXPECT_THAT(std::string(event.status().message()),
                  HasSubstr(fmt::format("offset {}", file->offset())));
    }
  }
}

TEST(BinlogFile, EveryFlippedByteBreaksTheChecksum) {
  std::string bytes = ReadTestFile("control.binlog").substr(0, 456);
  ASSERT_EQ(ReadEvents(bytes).size(), 5u);
  for (size_t i = 4; i < bytes.size(); ++i) {
    std::string broken = bytes;
    broken[i] = static_cast<char>(broken[i] ^ 0x10);
    auto file = BinlogFile::Open(broken);
    auto event = file->Next();
    while (event.ok() && *event) event = file->Next();
    EXPECT_FALSE(event.ok()) << i;
  }
}

TEST(BinlogFile, AcceptsAFileThatIsStillInUse) {
  std::string bytes = ReadTestFile("control.binlog");
  bytes[4 + 17] = 1;  // the flag that the server sets while it has the file open
  EXPECT_GT(ReadEvents(bytes).size(), 20u);
}

TEST(BinlogFile, RefusesAnEncryptedFile) {
  std::string bytes = ReadTestFile("full_metadata.binlog");  // without checksums
  size_t second = 4 + ReadEvents(bytes)[0].header.event_size;
  bytes[second + 4] = static_cast<char>(EventType::kMariadbStartEncryption);
  auto file = BinlogFile::Open(bytes);
  ASSERT_TRUE(file->Next().ok());
  EXPECT_EQ(file->Next().status().code(), base::StatusCode::kFailedPrecondition);
}

TEST(EventFramer, ChecksTheSize) {
  std::string bytes = ReadTestFile("control.binlog").substr(4);
  EventFramer framer(Checksum::kCrc32);
  EXPECT_EQ(framer.Frame(bytes).status().code(),
            base::StatusCode::kDataLoss);  // more than one event
  EXPECT_EQ(framer.Frame(bytes.substr(0, 18)).status().code(), base::StatusCode::kDataLoss);
  EXPECT_TRUE(framer.Frame(bytes.substr(0, 252)).ok());
}

TEST(EventFramer, UsesTheChecksumOfTheConnectionUntilAFormatDescription) {
  std::string file = ReadTestFile("control.binlog");
  std::vector<Event> events = ReadEvents(file);
  std::string_view rotate =
      std::string_view(file).substr(file.size() - events.back().header.event_size);
  EXPECT_EQ(EventFramer(Checksum::kCrc32).Frame(rotate)->body.size(), events.back().body.size());
  EXPECT_EQ(EventFramer(Checksum::kNone).Frame(rotate)->body.size(),
            events.back().body.size() + kChecksumSize);

  EventFramer framer(Checksum::kCrc32);
  std::string without = ReadTestFile("full_metadata.binlog");
  std::vector<Event> plain = ReadEvents(without);
  ASSERT_TRUE(framer.Frame(std::string_view(without).substr(4, plain[0].header.event_size)).ok());
  EXPECT_EQ(framer.checksum(), Checksum::kNone);
}

TEST(EventFramer, RefusesAChecksumThatItDoesNotKnow) {
  std::string bytes = ReadTestFile("full_metadata.binlog");
  size_t size = ReadEvents(bytes)[0].header.event_size;
  bytes[4 + size - 5] = 2;
  EXPECT_EQ(EventFramer().Frame(std::string_view(bytes).substr(4, size)).status().code(),
            base::StatusCode::kFailedPrecondition);
}

TEST(FormatDescription, OfARealServer) {
  std::string bytes = ReadTestFile("control.binlog");
  auto format = DecodeFormatDescription(ReadEvents(bytes)[0].body);
  ASSERT_TRUE(format.ok()) << format.status();
  EXPECT_EQ(format->binlog_version, 4);
  EXPECT_THAT(std::string(format->server_version), HasSubstr("MariaDB"));
  EXPECT_EQ(format->checksum, Checksum::kCrc32);
  ASSERT_EQ(format->post_header_lengths.size(), 171u);
  EXPECT_EQ(format->post_header_lengths[static_cast<size_t>(EventType::kTableMap) - 1], 8);
  std::string without = ReadTestFile("full_metadata.binlog");
  EXPECT_EQ(DecodeFormatDescription(ReadEvents(without)[0].body)->checksum, Checksum::kNone);
}

TEST(FormatDescription, RefusesOtherVersionsAndTruncation) {
  std::string bytes = ReadTestFile("control.binlog");
  std::string body(ReadEvents(bytes)[0].body);
  EXPECT_EQ(DecodeFormatDescription(body.substr(0, 57)).status().code(),
            base::StatusCode::kDataLoss);
  body[0] = 3;
  EXPECT_EQ(DecodeFormatDescription(body).status().code(), base::StatusCode::kFailedPrecondition);
}

TEST(EventRole, TellsWhatToDo) {
  EXPECT_EQ(RoleOf(EventType::kTableMap), EventRole::kHandled);
  EXPECT_EQ(RoleOf(EventType::kStop), EventRole::kPassOver);
  EXPECT_EQ(RoleOf(EventType::kUserVar), EventRole::kStatement);
  EXPECT_EQ(RoleOf(EventType::kWriteRowsV0), EventRole::kUnsupported);
  EventHeader header;
  header.type = static_cast<EventType>(250);
  EXPECT_EQ(header.role(), EventRole::kUnsupported);
  header.flags = kEventFlagIgnorable;
  EXPECT_EQ(header.role(), EventRole::kPassOver);
  header.type = EventType::kTableMap;
  EXPECT_EQ(header.role(), EventRole::kHandled);
}

}  // namespace
}  // namespace godwit::wire::mysql
